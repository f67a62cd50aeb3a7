"""Interferometer meshes as weight banks, trained in their phases.

Where the hardware says ``mesh.corrected``, what the phases say of perfect meshes is programmed
around the splitter errors of the chip. Gradients are then those of perfect meshes, which they are
wherever no split is beyond the floors of its interferometer. What heaters make of the phases,
rounded by their converters and warmed by one another, is passed straight through: gradients are
those at the phases that the chip has.
"""

import numpy as np
import torch
from torch import Tensor, nn

from circuits import (
    HeaterValues,
    MeshErrors,
    SvdProcessor,
    clements_decompose,
    correct_attenuators,
    correct_program,
)
from photon_relax.banks.bank import Bank, assembled, quadratures_of
from photon_relax.functional import mesh_matrices
from photon_relax.functional.arrays import to_numpy, to_tensor
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
        weight_sets, self.n, _ = start.shape
        cells = (weight_sets, 2, self.n, self.n // 2)
        self.theta, self.phi = nn.Parameter(torch.empty(cells)), nn.Parameter(torch.empty(cells))
        self.screen = nn.Parameter(torch.empty(weight_sets, 2, self.n))
        self.attenuator = nn.Parameter(torch.empty(weight_sets, self.n))
        self.log_gain = nn.Parameter(torch.empty(()))
        # A fully open attenuator has no slope: start below it, with a gain that makes up for it.
        self._write(start.double(), _OPEN)

    def write(self, matrices: Tensor, hardware: Hardware) -> None:
        """Set the phases by the singular value decompositions, the strongest value fully open."""
        self._write(assembled(matrices.double()), 1.0)

    @torch.no_grad()
    def _write(self, matrices: Tensor, opening: float) -> None:
        programs = [SvdProcessor.program(matrix) for matrix in matrices.cpu().numpy()]
        for name in ("theta", "phi", "screen"):
            phases = [[getattr(mesh, name) for mesh in (p.left, p.right)] for p in programs]
            getattr(self, name).copy_(torch.from_numpy(np.array(phases)))
        gain = (max(program.gain for program in programs) or 1.0) / opening
        transmission = np.array([p.attenuation * (p.gain / gain) for p in programs])
        self.attenuator.copy_(torch.from_numpy(2.0 * np.arcsin(transmission)))
        self.log_gain.copy_(torch.tensor(gain).log())

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
        theta, phi, screen = (p.flatten(0, 1) for p in (self.theta, self.phi, self.screen))
        programmed = (theta, phi, screen, self.attenuator, -self.attenuator / 2 - torch.pi / 2)
        if errors is None or errors.corrected:
            meshes, amplitude = mesh_matrices(theta, phi, screen), torch.sin(self.attenuator / 2)
        else:
            meshes, amplitude = _on_chip(programmed, errors)
        if errors is not None and errors.corrected:
            value = _on_chip(_corrected(*programmed[:4], errors), errors)
            meshes, amplitude = map(_straight_through, (meshes, amplitude), value)
        attenuated = meshes[::2] * (self.log_gain.exp() * amplitude).unsqueeze(1)
        return quadratures_of(attenuated @ meshes[1::2], 2)

    def gain(self, step: int) -> Tensor:
        """Return g, the same in every step until the optimiser changes it."""
        return self.log_gain.exp()


def _corrected(
    theta: Tensor, phi: Tensor, screen: Tensor, attenuator: Tensor, errors: MeshErrors
) -> tuple[Tensor, ...]:
    """Return the phases around a chip's splitter errors, those of the attenuators last, float64."""
    with torch.no_grad():
        wanted = to_numpy(mesh_matrices(theta.double(), phi.double(), screen.double()))
    programs = [
        correct_program(clements_decompose(unitary), alpha, beta)
        for unitary, alpha, beta in zip(wanted, errors.alpha, errors.beta, strict=True)
    ]
    opened = np.sin(to_numpy(attenuator.double()) / 2)
    phases = [
        np.array([getattr(program, name) for program in programs])
        for name in ("theta", "phi", "screen")
    ] + list(correct_attenuators(opened, *errors.attenuators[1::2, :2].swapaxes(0, 1)))
    return tuple(torch.from_numpy(phase) for phase in phases)


def _on_chip(programmed: tuple[Tensor, ...], errors: MeshErrors) -> tuple[Tensor, Tensor]:
    """Return the meshes (2 L_W, N, N) and attenuators (L_W, N) of a chip under these phases."""
    theta, phi, screen, attenuator, attenuator_phi = programmed
    if not errors.heaters.exact:
        wanted = HeaterValues.of_banks(*(to_numpy(phase.double()) for phase in programmed))
        real = errors.heaters.settle(wanted).phases
        theta, phi, screen, attenuator = (
            phase + to_tensor(found - asked, phase)
            for phase, found, asked in (
                (theta, real.theta, wanted.theta),
                (phi, real.phi, wanted.phi),
                (screen, real.screen, wanted.screen),
                (attenuator, real.attenuators[1::2], wanted.attenuators[1::2]),
            )
        )
    meshes = mesh_matrices(theta, phi, screen, errors)
    return meshes, _bar(attenuator, attenuator_phi, errors)


def _straight_through(perfect: Tensor, value: Tensor) -> Tensor:
    """Return a value with the gradient of another."""
    value = value.to(perfect.device, torch.promote_types(perfect.dtype, torch.complex64))
    return perfect + (value - perfect).detach()


def _bar(theta: Tensor, phi: Tensor, errors: MeshErrors) -> Tensor:
    """Return the bar elements of attenuators with (θ, φ) programmed, (L_W, N).

    i e^{i(φ + δφ + (θ + δθ)/2)} (s cos(α−β) + i c sin(α+β)), with s and c of (θ + δθ)/2: splitters
    that miss 50:50 leave a floor that no setting closes.
    """
    alpha, beta, theta_error, phi_error = (
        torch.from_numpy(np.ascontiguousarray(e)).to(theta)
        for e in errors.attenuators[1::2].swapaxes(0, 1)
    )
    half = (theta + theta_error) / 2
    bar = torch.complex(
        torch.sin(half) * torch.cos(alpha - beta), torch.cos(half) * torch.sin(alpha + beta)
    )
    return bar * torch.polar(torch.ones_like(half), phi + phi_error + half + torch.pi / 2)


_OPEN = 0.8
"""Amplitude of the attenuators at the start."""
