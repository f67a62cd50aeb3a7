"""Rings, stage by stage: heaters set blindly, after a calibration, with feedback.

'naive' sets heaters as if all rings were fabricated as designed, 'calibrated' finds their
resonances by sweeps and solves for their neighbours, 'feedback' trims by the weights that are read
(`circuits.program_rings`).
"""

from __future__ import annotations

import copy
from dataclasses import replace

import torch

from circuits import program_rings
from circuits.ring_programming import RingMethod
from photon_relax.banks import RingBank
from photon_relax.hardware import Hardware
from photon_relax.network import ReLaXNet
from photon_relax.programming.stages import Elements
from photon_relax.programming.technique import Programmed, Technique, largest_weight

__all__ = ["RingTechnique"]

_METHODS: dict[str, RingMethod] = {
    "naive": "naive",
    "calibrated": "calibrated",
    "feedback": "feedback",
}


class RingTechnique(Technique):
    """Micro-rings, see the module."""

    stages = tuple(_METHODS)

    def without_errors(self, hardware: Hardware) -> Hardware:
        """Return the hardware with rings that settle where they are told, among neighbours."""
        return replace(hardware, rings=replace(hardware.rings, tuning_error=0.0, heater_bits=None))

    def blind(self, hardware: Hardware) -> Programmed:
        """Return the trained settings: a chip is calibrated, what that leaves is not known."""
        return Programmed(network=self.settings, hardware=hardware)

    def program(self, stage: str, hardware: Hardware) -> Programmed:
        """Set the heaters of every ring."""
        network = copy.deepcopy(self.perfect)
        bank = _ring_bank(network)
        wanted = self.wanted[:, 0].numpy()
        made = program_rings(hardware.rings, wanted, hardware.seed, _METHODS[stage])
        with torch.no_grad():
            bank.detuning.copy_(torch.from_numpy(made.detuning))
            bank.log_gain.copy_(torch.tensor(made.gain).log())
        return Programmed(network=network, hardware=hardware)

    @property
    def reference_gain(self) -> float:
        """Largest weight: the gain of a bank that reaches −1 … 1."""
        return largest_weight(self.wanted)

    def elements(self, network: ReLaXNet) -> list[tuple[Elements, ...]]:
        """Return how far each ring is tuned from its channel in Hz, and its heater's power."""
        rings = network.hardware.rings
        x = _ring_bank(network).detuning.detach().double().numpy()
        chip = rings.draw(len(x), x.shape[-1], network.hardware.seed)
        powers = rings.heater_powers(x, chip)
        return [
            (
                Elements(
                    mesh="",
                    element="detuning",
                    unit="Hz",
                    dimensions=("row", "column"),
                    values=settings * rings.half_linewidth,
                    power=power,
                ),
            )
            for settings, power in zip(x, powers, strict=True)
        ]


def _ring_bank(network: ReLaXNet) -> RingBank:
    assert isinstance(network.bank, RingBank)
    return network.bank
