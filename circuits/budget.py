"""What a time-multiplexed machine needs, how well it hears, and whether its times fit together.

>>> from circuits import Budget, SwitchSchedule, TimeMultiplexedLoop
>>> loop = TimeMultiplexedLoop(schedule=SwitchSchedule(weight_sets=4, repetitions=12))
>>> budget = Budget(loop=loop, lanes=16, bank="mzi")
>>> heaters = [s for s in budget.power if s.name in ("heaters, mesh", "heaters, attenuators")]
>>> round(sum(share.total for share in heaters), 2)  # W, PHYSICS §8
49.14

Every figure follows from a field of the loop's devices, from what its banks are programmed to, or
from one of the `BudgetAssumptions`, and says from which.
"""

from dataclasses import dataclass, field
from functools import cached_property
from math import exp, inf, log2
from typing import Literal

import numpy as np

from circuits.budget_assumptions import BudgetAssumptions
from circuits.budget_banks import ProgrammedBanks
from circuits.budget_feasibility import checks, delays
from circuits.budget_figures import Check, Delay, LinkStep, Noise, Share
from circuits.budget_link import link_steps, signal_current
from circuits.budget_noise import noises
from circuits.budget_power import areas, digital_layers, powers, weight_counts
from circuits.time_multiplexed_loop import Machine, TimeMultiplexedLoop

__all__ = ["Budget"]

BankKind = Literal["dense", "mzi", "ring", "crossbar"]

MACHINES: dict[BankKind, tuple[Machine, ...]] = {
    "dense": ("homodyne", "square_law", "intensity", "electrical"),
    "mzi": ("homodyne", "square_law"),
    "ring": ("intensity",),
    "crossbar": ("electrical",),
}


@dataclass(frozen=True, kw_only=True)
class Budget:
    """The budget of one loop.

    Raises
    ------
    ValueError
        The bank does not fit the machine, there are no lanes, or no signal arrives.
    """

    loop: TimeMultiplexedLoop
    """Devices, timing and schedule; its `bank_transmission` is that of the bank."""

    lanes: int
    """N."""

    bank: BankKind
    """What holds the weights; 'dense' is any matrix, and no device."""

    banks: ProgrammedBanks = field(default_factory=ProgrammedBanks)
    """Settings of the banks, as far as they are known."""

    programmed: bool = False
    """Whether `banks` are those of a trained network."""

    assumptions: BudgetAssumptions = field(default_factory=BudgetAssumptions)
    """What no device says."""

    inputs: int = 0
    """Numbers that the digital input layer takes; 0: not counted."""

    outputs: int = 0
    """Numbers that the digital output layer gives; 0: not counted."""

    def __post_init__(self) -> None:
        if self.bank not in MACHINES or self.loop.machine not in MACHINES[self.bank]:
            fitting = [kind for kind, machines in MACHINES.items() if self.loop.machine in machines]
            raise ValueError(
                f"bank must be {' or '.join(fitting)} in the machine {self.loop.machine!r}; "
                f"got {self.bank!r}."
            )
        for name, least in (("lanes", 1), ("inputs", 0), ("outputs", 0)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise ValueError(f"{name} must be a whole number ≥ {least}; got {value!r}.")
        if self.bank == "ring" and self.loop.rings is None:
            raise ValueError("bank 'ring' needs a loop with rings; got rings=None.")
        self.loop.link_levels(self.lanes)  # refuses a signal too weak for numbers to hold

    @property
    def electrical(self) -> bool:
        """Whether there is no light."""
        return self.loop.machine == "electrical"

    # Link

    @cached_property
    def link(self) -> tuple[LinkStep, ...]:
        """From the source to what stands for a signal of one at the receiver."""
        return link_steps(self)

    @cached_property
    def signal_current(self) -> float:
        """Current in A that a signal of one makes."""
        return signal_current(self)

    @property
    def detected(self) -> float:
        """What makes noise at a signal of one: its power over that of the link's end, or ΣG."""
        told, n = self.assumptions, self.lanes
        if self.loop.machine == "intensity":
            light = n * self.banks.gain if self.banks.light is None else self.banks.light
            return light * told.mean_drive
        if not self.electrical:
            return 1.0
        if self.banks.conductance is not None:
            return self.banks.conductance
        return n * (2.0 / float(self.loop.crossbar.junction.magnetoresistance) + told.mean_weight)

    @property
    def row_norm(self) -> float:
        """Mean Σ_j |W_ij|² of a row: of an isometry where fields add, else of uniform weights."""
        if self.banks.row_norm is not None:
            return self.banks.row_norm
        return self.banks.gain**2 * (1.0 if self.loop.adds_fields else self.lanes / 3)

    # Noise

    @property
    def noise_bandwidth(self) -> float:
        """1/(4τ) in Hz; 0 where the loop is noiseless."""
        tau = float(self.loop.detector.time_constant)
        return 1.0 / (4.0 * tau) if self.loop.noise and tau else 0.0

    @cached_property
    def noise(self) -> tuple[Noise, ...]:
        """Everything that disturbs a signal of one."""
        return noises(self)

    @property
    def receiver_variance(self) -> float:
        """Variance of what the simulated receivers add to z."""
        return sum(noise.variance for noise in self.noise if noise.simulated)

    @property
    def variance(self) -> float:
        """Variance of z with everything that is counted, quantisers too."""
        return sum(noise.variance for noise in self.noise)

    @property
    def full_scale(self) -> float:
        """Range of z: 2 for ±1, 1 where it is a power or f needs 0 … 1."""
        return 2.0 if self.loop.machine in ("homodyne", "electrical") else 1.0

    @property
    def snr_db(self) -> float:
        """Signal to noise of a sine of full scale, (FS²/8)/σ², in dB; inf without noise."""
        if self.variance == 0:
            return inf
        return float(10 * np.log10(self.full_scale**2 / 8 / self.variance))

    @property
    def effective_bits(self) -> float:
        """log₂(FS/(σ√12)), at least 0: the bits of a quantiser that alone would be as noisy."""
        if self.variance == 0:
            return inf
        return max(0.0, log2(self.full_scale**2 / 12 / self.variance) / 2)

    @property
    def crosstalk(self) -> float:
        """Root mean square of what unselected banks add, relative to the selected one.

        √(L_W − 1) 10^(−ΣX/20) for banks alike (PHYSICS §4), or the same of each pair of ports where
        isolations differ. It is fixed and can be trained around, so it is no noise.
        """
        banks = self.loop.schedule.weight_sets
        pairs = np.ones((banks, banks))
        for switch in self.loop.switches:
            pairs = pairs * switch.leakage_amplitudes(banks) ** 2
        unselected = pairs.sum(axis=1) - np.diag(pairs)
        if self.loop.machine == "intensity":
            # Powers of unlike banks add with either sign of their weights.
            unselected = (pairs**2).sum(axis=1) - np.diag(pairs) ** 2
        return float(np.sqrt(np.mean(unselected)))

    # Time

    @property
    def loop_delay(self) -> float:
        """J·T_s in s: when the state must be back."""
        return self.loop.slot_duration * self.loop.schedule.interleaved

    @cached_property
    def delays(self) -> tuple[Delay, ...]:
        """How long the signal takes around the loop, part by part."""
        return delays(self)

    @property
    def path_delay(self) -> float:
        """All `delays` together in s."""
        return sum(part.time for part in self.delays)

    @property
    def latency(self) -> float:
        """L_T·J·T_s and the digital layers, in s, of an inference and of the J beside it."""
        slots = self.loop.schedule.n_slots
        return slots * self.loop.slot_duration + self.assumptions.layer_time

    @property
    def throughput(self) -> float:
        """J/latency, inferences a second."""
        return self.loop.schedule.interleaved / self.latency

    @property
    def slot_memory(self) -> float:
        """μ = e^{−T_s/τ}: share of a slot in what is read of the next."""
        tau = float(self.loop.detector.time_constant)
        return exp(-self.loop.slot_duration / tau) if tau else 0.0

    @property
    def switching_rate(self) -> float:
        """Changes of the selected bank a second, the return to the first bank among them."""
        banks = self.loop.schedule.banks
        changes = np.count_nonzero(banks != np.roll(banks, 1))
        return float(changes / self.latency)

    # Power, energy, area

    @cached_property
    def power(self) -> tuple[Share, ...]:
        """Electrical power of every component, W."""
        return powers(self)

    @cached_property
    def digital_power(self) -> tuple[Share, ...]:
        """Power of the digital layers, W; nowhere else counted (DESIGN §4)."""
        return digital_layers(self)

    @property
    def total_power(self) -> float:
        """In W."""
        return sum(share.total for share in self.power)

    @property
    def static_power(self) -> float:
        """In W: what is needed also while nothing is computed."""
        return sum(share.total for share in self.power if share.static)

    @property
    def macs(self) -> int:
        """Multiply-accumulates N²·L_T of the banks in an inference."""
        return self.lanes**2 * self.loop.schedule.repetitions

    @property
    def energy_per_inference(self) -> float:
        """In J."""
        return self.total_power / self.throughput

    @property
    def energy_per_mac(self) -> float:
        """T_inf P/(J N² L_T) in J, all power on the banks' multiply-accumulates."""
        return self.energy_per_inference / self.macs

    @cached_property
    def area(self) -> tuple[Share, ...]:
        """Footprint of every component, m²."""
        return areas(self)

    @property
    def total_area(self) -> float:
        """In m²."""
        return sum(share.total for share in self.area)

    @property
    def parameters(self) -> int:
        """Settings that the banks hold: phases, detunings, weights."""
        return sum(weight_counts(self).values())

    # Feasibility

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        """The conditions that the machine has to meet."""
        return checks(self)
