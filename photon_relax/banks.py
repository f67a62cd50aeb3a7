"""Trainable weight banks: what is programmed slowly, once per optimiser step.

A bank module gives its L_W matrices as quadratures (L_W, Q, N, N), Q = 1 for real matrices and 2
for (real, imaginary), and the one gain g that serves them all (DESIGN §4): the optics realise W/g,
the receiver multiplies by g.
"""

import numpy as np
import torch
from torch import Tensor, nn

from circuits import MeshErrors, MeshFabrication, SvdProcessor
from photon_relax.functional import mesh_matrices


def orthogonal_start(weight_sets: int, n: int, scale: float, generator: torch.Generator) -> Tensor:
    """Return scaled random orthogonal matrices, (L_W, N, N), float32.

    Orthogonal banks keep the norm of state and gradient over any depth (Saxe, McClelland, Ganguli,
    arXiv 1312.6120).
    """
    gauss = torch.randn(weight_sets, n, n, generator=generator, dtype=torch.float64)
    q, r = torch.linalg.qr(gauss)
    # With R's diagonal made positive, Q is uniform over the group (Mezzadri, math-ph/0609050).
    q = q * torch.sign(torch.diagonal(r, dim1=-2, dim2=-1)).unsqueeze(-2)
    start: Tensor = (scale * q).to(torch.float32)
    return start


class DenseBank(nn.Module):
    """Matrices as free parameters: any device that can be programmed to any matrix."""

    def __init__(self, start: Tensor, quadratures: int) -> None:
        super().__init__()
        weight = torch.zeros(start.shape[0], quadratures, *start.shape[1:])
        weight[:, 0] = start
        self.weight = nn.Parameter(weight)
        probe = torch.zeros(start.shape[0], quadratures, start.shape[-1])
        probe[:, 0] = 1.0
        self._refreshed: int | None = None
        self.probe: Tensor
        self.register_buffer("probe", probe)

    columns = 0
    """Mesh columns on the path of the light."""

    def fabricate(self, fabrication: MeshFabrication, seed: int) -> None:
        """Return no errors: an abstract matrix is what it is programmed to be."""

    def matrices(self, errors: MeshErrors | None = None) -> Tensor:
        """Return the banks, (L_W, Q, N, N)."""
        return self.weight

    @torch.no_grad()
    def gain(self, step: int) -> Tensor:
        """Return max_k ‖W_k‖₂, detached.

        In training a power iteration that goes on once for every optimiser step, else exactly.
        """
        weight = _assembled(self.weight)
        if not self.training:
            exact: Tensor = torch.linalg.matrix_norm(weight, ord=2).max()
            return exact
        probe = _assembled(self.probe)
        if step != self._refreshed:
            for _ in range(2):
                probe = (weight.mH @ (weight @ probe.unsqueeze(-1))).squeeze(-1)
                probe = probe / torch.linalg.vector_norm(probe, dim=-1, keepdim=True)
            self.probe.copy_(quadratures_of(probe, self.probe.shape[1]))
            self._refreshed = step
        norms: Tensor = torch.linalg.vector_norm(weight @ probe.unsqueeze(-1), dim=(-2, -1))
        return norms.max()


class MeshBank(nn.Module):
    """Interferometer meshes: bank k is g·U_k Σ_k V_k†, trained in its phases (PHYSICS §2).

    Σ are attenuators, t = sin(θ/2) ≤ 1, and g is one trained gain for all banks.
    """

    def __init__(self, start: Tensor) -> None:
        super().__init__()
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

    @property
    def columns(self) -> int:
        """Mesh columns on the path of the light: two meshes and the attenuators, 2N + 1."""
        return 2 * self.n + 1

    def fabricate(self, fabrication: MeshFabrication, seed: int) -> MeshErrors | None:
        """Return one chip's errors, or None where its meshes come out as programmed."""
        if fabrication.exact:
            return None
        weight_sets, _, columns, _ = self.theta.shape
        return fabrication.draw(2 * weight_sets, columns, self.n, seed)

    def matrices(self, errors: MeshErrors | None = None) -> Tensor:
        """Return the banks, (L_W, 2, N, N)."""
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


def _assembled(quadratures: Tensor) -> Tensor:
    """Return (L_W, Q, …) quadratures as a real or complex tensor (L_W, …)."""
    if quadratures.shape[1] == 1:
        return quadratures[:, 0]
    return torch.complex(quadratures[:, 0], quadratures[:, 1])


def quadratures_of(values: Tensor, quadratures: int) -> Tensor:
    """Return real or complex (L_W, …) as quadratures (L_W, Q, …)."""
    if quadratures == 1:
        return values.unsqueeze(1)
    return torch.stack([values.real, values.imag], dim=1)
