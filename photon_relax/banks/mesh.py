"""Interferometer meshes as weight banks, trained in their phases."""

import numpy as np
import torch
from torch import Tensor, nn

from circuits import MeshErrors, SvdProcessor
from photon_relax.banks.bank import Bank, quadratures_of
from photon_relax.functional import mesh_matrices
from photon_relax.hardware import Hardware


class MeshBank(Bank):
    """Interferometer meshes: bank k is g·U_k Σ_k V_k†, trained in its phases (PHYSICS §2).

    Σ are attenuators, t = sin(θ/2) ≤ 1, and g is one trained gain for all banks.
    """

    def __init__(self, start: Tensor) -> None:
        super().__init__()
        if start.shape[-1] < 2:
            raise ValueError(
                f"n_hidden, the width, must be at least 2 for the bank 'mzi' (an interferometer "
                f"joins two lanes); got {start.shape[-1]}."
            )
        programs = [SvdProcessor.program(matrix) for matrix in start.double().numpy()]
        self.n = start.shape[-1]

        def stacked(name: str) -> nn.Parameter:
            phases = [
                [getattr(mesh, name) for mesh in (program.left, program.right)]
                for program in programs
            ]
            return nn.Parameter(torch.from_numpy(np.array(phases, dtype=np.float32)))

        self.theta, self.phi, self.screen = stacked("theta"), stacked("phi"), stacked("screen")
        # A fully open attenuator has no slope: start below it, with a gain that makes up for it.
        gain = max(program.gain for program in programs) / _OPEN
        transmission = np.array([p.attenuation * (p.gain / gain) for p in programs])
        self.attenuator = nn.Parameter(
            torch.from_numpy(2.0 * np.arcsin(transmission).astype(np.float32))
        )
        self.log_gain = nn.Parameter(torch.tensor(gain, dtype=torch.float32).log())

    def transmission(self, hardware: Hardware) -> float:
        """Return the amplitude behind the 2N + 1 columns of two meshes and the attenuators."""
        return hardware.mesh.processor_transmission(self.n)

    def fabricate(self, hardware: Hardware) -> MeshErrors | None:
        """Return one chip's errors, or None where its meshes come out as programmed."""
        if hardware.mesh.exact:
            return None
        weight_sets, _, columns, _ = self.theta.shape
        return hardware.mesh.draw(2 * weight_sets, columns, self.n, hardware.seed)

    def ideal(self, hardware: Hardware) -> Tensor:
        """Return the banks as programmed, (L_W, 2, N, N)."""
        return self._matrices(None)

    def realise(self, chip: MeshErrors | None, step: int) -> tuple[Tensor, None]:
        """Return the banks of a chip, (L_W, 2, N, N)."""
        return self._matrices(chip), None

    def _matrices(self, errors: MeshErrors | None) -> Tensor:
        meshes = mesh_matrices(
            self.theta.flatten(0, 1), self.phi.flatten(0, 1), self.screen.flatten(0, 1), errors
        )
        amplitude = self.log_gain.exp() * self._attenuation(errors)
        return quadratures_of((meshes[::2] * amplitude.unsqueeze(1)) @ meshes[1::2], 2)

    def _attenuation(self, errors: MeshErrors | None) -> Tensor:
        """Return the amplitudes of the attenuators, (L_W, N).

        The bar element of an interferometer (PHYSICS §2) with θ and φ = −θ/2 − π/2 programmed: t =
        sin(θ/2) where it is perfect, else e^{i(δθ/2 + δφ)} (s cos(α−β) + i c sin(α+β)), with s and
        c of θ + δθ: splitters that miss 50:50 leave a floor that no setting closes.
        """
        if errors is None:
            return torch.sin(self.attenuator / 2)
        alpha, beta, theta, phi = (
            torch.from_numpy(np.ascontiguousarray(e)).to(self.attenuator)
            for e in errors.attenuators[1::2].swapaxes(0, 1)
        )
        half = (self.attenuator + theta) / 2
        bar = torch.complex(
            torch.sin(half) * torch.cos(alpha - beta), torch.cos(half) * torch.sin(alpha + beta)
        )
        return bar * torch.polar(torch.ones_like(half), theta / 2 + phi)

    def gain(self, step: int) -> Tensor:
        """Return g, the same in every step until the optimiser changes it."""
        return self.log_gain.exp()


_OPEN = 0.8
"""Amplitude of the attenuators at the start."""
