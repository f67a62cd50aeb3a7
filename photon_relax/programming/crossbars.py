"""Crossbars, stage by stage: written once, verified, and around the resistance of their wires.

'naive' gives a pulse to every junction of the nearest level, 'verified' reads junctions and writes
the combination nearest to each weight, 'compensated' does so for weights that make up for the wires
(`circuits.program_crossbar`).
"""

from __future__ import annotations

import copy
from dataclasses import replace

import torch

from circuits import program_crossbar
from circuits.crossbar_programming import CrossbarMethod
from photon_relax.banks import JunctionBank
from photon_relax.hardware import Hardware
from photon_relax.network import ReLaXNet
from photon_relax.programming.stages import Elements
from photon_relax.programming.technique import Programmed, Technique, largest_weight

__all__ = ["CrossbarTechnique"]

_METHODS: dict[str, CrossbarMethod] = {
    "naive": "naive",
    "verified": "verified",
    "compensated": "compensated",
}


class CrossbarTechnique(Technique):
    """Tunnel-junction crossbars, see the module."""

    stages = tuple(_METHODS)

    def without_errors(self, hardware: Hardware) -> Hardware:
        """Return the hardware with junctions that are alike; levels and wires stay."""
        crossbar = hardware.crossbar
        alike = replace(crossbar.junction, conductance_spread=0.0)
        exact = replace(crossbar, junction=alike, write_error=0.0, verified=False)
        return replace(hardware, crossbar=exact)

    def blind(self, hardware: Hardware) -> Programmed:
        """Return the trained settings, written without a look back."""
        written = replace(hardware.crossbar, verified=False)
        return Programmed(network=self.settings, hardware=replace(hardware, crossbar=written))

    def program(self, stage: str, hardware: Hardware) -> Programmed:
        """Write the junctions of every cell."""
        network = copy.deepcopy(self.perfect)
        bank = _junction_bank(network)
        wanted = self.wanted[:, 0].numpy()
        made = program_crossbar(hardware.crossbar, wanted, hardware.seed, _METHODS[stage])
        with torch.no_grad():
            bank.conductance.copy_(torch.from_numpy(made.conductance))
            bank.log_gain.copy_(torch.tensor(made.gain).log())
        return Programmed(network=network, hardware=replace(hardware, crossbar=made.crossbar))

    @property
    def reference_gain(self) -> float:
        """Largest weight: the gain of a bank that reaches −1 … 1."""
        return largest_weight(self.wanted)

    def elements(self, network: ReLaXNet) -> list[tuple[Elements, ...]]:
        """Return the conductances of every cell in S."""
        crossbar, errors = network.chip
        weights = _junction_bank(network).conductance.detach().double().numpy()
        scale = float(crossbar.junction.weight_conductance())
        cells = scale * crossbar.realise(weights, errors).cells
        return [
            tuple(
                Elements(
                    mesh="",
                    element=name,
                    unit="S",
                    dimensions=("row", "column"),
                    values=conductances[k],
                )
                for name, conductances in zip(("positive", "negative"), cells, strict=True)
            )
            for k in range(len(weights))
        ]


def _junction_bank(network: ReLaXNet) -> JunctionBank:
    assert isinstance(network.bank, JunctionBank)
    return network.bank
