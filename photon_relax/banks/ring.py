"""Micro-ring weight banks, trained in the detunings of their rings."""

import numpy as np
import torch
from torch import Tensor, nn

from circuits import RingErrors, RingWeightBank
from circuits.ring_memory import RingMemory
from circuits.ring_slot_kernels import KEEP_RE
from photon_relax.banks.bank import Bank
from photon_relax.functional import ring_matrices, ring_slots, ring_weights
from photon_relax.hardware import Hardware


class RingBank(Bank):
    """Rings, one an element: W = g·w(x), trained in the detuning x of each and in one gain g.

    x counts half linewidths from the ring's own channel; w(x) = T_d − T_p falls from w_max at 0 to
    w_min between the resonances (PHYSICS §3). `ideal` is that of a ring alone, a chip adds the
    neighbours on the same waveguides.
    """

    def __init__(self, start: Tensor, hardware: Hardware) -> None:
        super().__init__()
        self.n = start.shape[-1]
        matrices = start.double().numpy()
        # On resonance a ring has no slope: start below it, with a gain that makes up for it.
        gain = hardware.rings.program(matrices).gain / _OPEN
        detuning = hardware.rings.detuning_for(matrices / gain)
        self.detuning = nn.Parameter(torch.from_numpy(detuning.astype(np.float32)))
        self.log_gain = nn.Parameter(torch.tensor(gain, dtype=torch.float32).log())

    def transmission(self, hardware: Hardware) -> float:
        """Return the amplitude that each of N rows gets of a bus that is split for all of them."""
        return float(self.n**-0.5)

    def ideal(self, hardware: Hardware) -> Tensor:
        """Return the weights of rings without neighbours, (L_W, 1, N, N)."""
        return self.log_gain.exp() * ring_weights(hardware.rings, self.detuning).unsqueeze(1)

    def fabricate(self, hardware: Hardware) -> tuple[RingWeightBank, RingErrors | None]:
        """Return the rings and one chip's errors, None where all of them are where they should."""
        rings = hardware.rings
        rings.spacing(self.n)  # refuses more channels than fit
        if rings.exact:
            return rings, None
        return rings, rings.draw(len(self.detuning), self.n, hardware.seed)

    def realise(
        self, chip: tuple[RingWeightBank, RingErrors | None], step: int
    ) -> tuple[Tensor, None]:
        """Return what a pair of detectors reads, as (difference, sum), (L_W, 2, N, N)."""
        rings, errors = chip
        return self.log_gain.exp() * ring_matrices(rings, self.detuning, errors), None

    def remember(
        self, memory: RingMemory, chip: tuple[RingWeightBank, RingErrors | None]
    ) -> tuple[Tensor, Tensor]:
        """Return what slots of rings that remember do: of their own light, and of what was stored.

        All that is read is in units of the network's weights, g times that of the rings; how the
        rings fill and empty is not.
        """
        matrices, stored = ring_slots(memory, self.detuning, chip[1])
        gain = self.log_gain.exp()
        read = torch.arange(stored.shape[-2], device=stored.device) < KEEP_RE
        return gain * matrices, stored * torch.where(read, gain, 1.0).unsqueeze(-1)

    @torch.no_grad()
    def write(self, matrices: Tensor, hardware: Hardware) -> None:
        """Set the detunings, the largest weight at the end of the rings' range."""
        program = hardware.rings.program(matrices[:, 0].double().numpy())
        self.detuning.copy_(torch.from_numpy(program.detuning))
        self.log_gain.copy_(torch.tensor(program.gain).log())

    def gain(self, step: int) -> Tensor:
        """Return g, the same in every step until the optimiser changes it."""
        return self.log_gain.exp()


_OPEN = 0.9
"""Largest share of the range of weights that is used at the start."""
