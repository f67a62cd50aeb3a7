"""Matrices as free parameters: any device that can be programmed to any matrix."""

import torch
from torch import Tensor, nn

from photon_relax.banks.bank import Bank, assembled, quadratures_of
from photon_relax.hardware import Hardware


class DenseBank(Bank):
    """Matrices whose elements are trained.

    Where fields add, the devices realise any matrix of norm ‖W‖₂ ≤ 1, so that g = max_k ‖W_k‖₂;
    where powers or currents do, any of elements |w| ≤ 1, so that g is the largest element.
    """

    def __init__(self, start: Tensor, machine: str) -> None:
        super().__init__()
        quadratures = 2 if machine == "square_law" else 1
        weight = torch.zeros(start.shape[0], quadratures, *start.shape[1:])
        weight[:, 0] = start
        self.machine = machine
        self.weight = nn.Parameter(weight)
        probe = torch.zeros(start.shape[0], quadratures, start.shape[-1])
        probe[:, 0] = 1.0
        self._refreshed: int | None = None
        self.probe: Tensor
        self.register_buffer("probe", probe)

    def ideal(self, hardware: Hardware) -> Tensor:
        """Return the trained matrices."""
        return self.weight

    def fabricate(self, hardware: Hardware) -> float:
        """Return the conductance of a cell of weight 0, per that of a weight of 1, see `realise`.

        Both conductances of such a cell are antiparallel: 2 G_AP/(G_P − G_AP) = 2/TMR.
        """
        return 2.0 / float(hardware.crossbar.junction.magnetoresistance)

    def realise(self, chip: float, step: int) -> tuple[Tensor, Tensor | None]:
        """Return the trained matrices: an abstract bank is what it is programmed to be.

        Powers: nothing is lost, so that a pair of detectors sees all the light, g·1. Currents: a
        cell conducts 2/TMR + |w| in units of a weight's G_P − G_AP.
        """
        if self.machine == "intensity":
            return torch.cat([self.weight, self.gain(step).expand_as(self.weight)], dim=1), None
        if self.machine == "electrical":
            cells = chip + self.weight[:, 0].abs() / self.gain(step)
            conductance = cells.sum(dim=-1)
            return self.weight, torch.stack([torch.zeros_like(conductance), conductance], dim=1)
        return self.weight, None

    @torch.no_grad()
    def write(self, matrices: Tensor, hardware: Hardware) -> None:
        """Set the matrices."""
        self.weight.copy_(matrices)

    @torch.no_grad()
    def gain(self, step: int) -> Tensor:
        """Return max_k ‖W_k‖₂, or the largest element, detached.

        The norm in training by a power iteration that goes on once for every optimiser step, else
        exactly.
        """
        if self.machine in ("intensity", "electrical"):
            largest: Tensor = self.weight.abs().max()
            return largest
        weight = assembled(self.weight)
        if not self.training:
            exact: Tensor = torch.linalg.matrix_norm(weight, ord=2).max()
            return exact
        probe = assembled(self.probe)
        if step != self._refreshed:
            for _ in range(2):
                probe = (weight.mH @ (weight @ probe.unsqueeze(-1))).squeeze(-1)
                probe = probe / torch.linalg.vector_norm(probe, dim=-1, keepdim=True)
            self.probe.copy_(quadratures_of(probe, self.probe.shape[1]))
            self._refreshed = step
        norms: Tensor = torch.linalg.vector_norm(weight @ probe.unsqueeze(-1), dim=(-2, -1))
        return norms.max()
