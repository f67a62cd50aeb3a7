"""Tunnel-junction crossbars as weight banks, trained in their conductances."""

import torch
from torch import Tensor, nn

from circuits import CrossbarBank, CrossbarErrors
from photon_relax.banks.bank import Bank
from photon_relax.functional import crossbar_matrices
from photon_relax.hardware import Hardware


class JunctionBank(Bank):
    """Pairs of conductances: W = g·w, trained in w = (G⁺ − G⁻)/(n(G_P − G_AP)) and in one gain g.

    |w| ≤ 1; `ideal` knows every value between, a chip only the levels of its junctions.
    """

    def __init__(self, start: Tensor) -> None:
        super().__init__()
        self.n = start.shape[-1]
        gain = start.abs().max() / _FULL
        self.conductance = nn.Parameter(start / gain)
        self.log_gain = nn.Parameter(gain.log())

    def ideal(self, hardware: Hardware) -> Tensor:
        """Return the weights, (L_W, 1, N, N)."""
        return self.log_gain.exp() * self.conductance.clamp(-1.0, 1.0).unsqueeze(1)

    def fabricate(self, hardware: Hardware) -> tuple[CrossbarBank, CrossbarErrors | None]:
        """Return the crossbar and one chip's errors, None where its cells are what they should."""
        crossbar = hardware.crossbar
        if crossbar.exact:
            return crossbar, None
        return crossbar, crossbar.draw(len(self.conductance), self.n, hardware.seed)

    def realise(
        self, chip: tuple[CrossbarBank, CrossbarErrors | None], step: int
    ) -> tuple[Tensor, Tensor]:
        """Return what the wires make of the weights, and each output's conductance."""
        crossbar, errors = chip
        weights, conductance = crossbar_matrices(crossbar, self.conductance, errors)
        background = torch.stack([torch.zeros_like(conductance), conductance], dim=1)
        return self.log_gain.exp() * weights.unsqueeze(1), background

    @torch.no_grad()
    def write(self, matrices: Tensor, hardware: Hardware) -> None:
        """Set the conductances, the largest weight at the full range."""
        gain = torch.tensor(float(matrices.abs().max()) or 1.0)
        self.conductance.copy_(matrices[:, 0] / gain)
        self.log_gain.copy_(gain.log())

    def gain(self, step: int) -> Tensor:
        """Return g, the same in every step until the optimiser changes it."""
        return self.log_gain.exp()


_FULL = 0.9
"""Largest weight at the start."""
