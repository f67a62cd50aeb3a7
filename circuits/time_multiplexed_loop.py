"""The time-multiplexed loop: few weight banks, chosen by fast switches, visited slot after slot.

          ┌────────────────────────── f(G y + b_s), J slots later ──────────────────────┐
          ↓                                                                             │
    u ── modulators ── 1×L_W switches ──┬─ W_0 ─┬── L_W×1 switches ── detectors ── low-pass
         √(P/N) m(u)                    └─ W_1 ─┘      (+ c_s)        |E|² or Re(E·LO*)

Four machines share this loop. ``homodyne`` and ``square_law`` add fields, as drawn. ``intensity``
drives powers, one colour a lane, into ring banks behind one switch of the bus; every bank has its
own balanced detectors. ``electrical`` drives voltages into crossbars; one switch steers the
currents of the selected bank to the receivers.

A slot is simulated either settled (``slot``: one sample, steady state reached) or sample by sample
(``waveform``). Both run through the same compiled program: the drive is known when a slot starts,
so the banks act once per slot as a few effective matrices (``slot_program``) and everything that
happens between samples is done by kernels (``loop_kernels``). Normalised units: a perfect machine
gives exactly ``f(Re(W) h + b)``, or ``f(|W h + c|² + b)`` (square law), see DESIGN §4.
"""

from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from circuits.crossbar_bank import CrossbarBank
from circuits.electronics import Electronics, Real, check_electronics
from circuits.link_levels import link_levels
from circuits.loop_engine import LoopGradients, Tape, run_adjoint, run_forward
from circuits.ring_engine import RingTape, run_adjoint_remembering, run_forward_remembering
from circuits.ring_memory import RingMemory, RingSlots, slot_classes
from circuits.ring_weight_bank import RingWeightBank
from circuits.slot_program import (
    Readout,
    SlotProgram,
    collapse_linear,
    compile_slots,
    current_coefficients,
    power_coefficients,
    variant_coefficients,
)
from circuits.switch_schedule import SwitchSchedule, lane_coefficients
from devices import (
    CurrentSwitch,
    ElectricalNonlinearity,
    FiberSwitch,
    Laser,
    MirrorArray,
    Modulator,
    Photodetector,
    Quantizer,
    Switch,
)

Machine = Literal["homodyne", "square_law", "intensity", "electrical"]
Fidelity = Literal["slot", "waveform"]
Engine = Literal["auto", "step"]
Drive = Literal["held", "waveform"]


_SETTLED = 10.0
"""Lifetimes of the stored field after which a ring is as good as settled."""

_UNSETTLED = 1e-3
"""Share of a slot's read-out that may come from light which is not there yet."""


@dataclass(frozen=True, kw_only=True)
class TimeMultiplexedLoop:
    """The hardware and the timing of one loop. Arrays go in and out; nothing is trained here."""

    schedule: SwitchSchedule
    """Which bank is selected when."""

    machine: Machine = "homodyne"
    """'homodyne' reads Re(E) against a local oscillator, 'square_law' reads |E|²; 'intensity':
    powers, weighted by ring banks with balanced detectors; 'electrical': voltages on crossbars."""

    fidelity: Fidelity = "slot"
    """'slot': settled switches, one sample; 'waveform': transients, samples_per_slot samples."""

    laser: Laser = field(default_factory=Laser)
    """Source; its power is shared by the N lanes."""

    modulator: Modulator = field(default_factory=Modulator)
    """Electro-optic converter of every lane."""

    input_switch: Switch = field(default_factory=FiberSwitch)
    """1×L_W switch of every lane in front of the banks; the only one of an intensity machine, and
    of an electrical one, where it is a `CurrentSwitch`."""

    output_switch: Switch = field(default_factory=FiberSwitch)
    """L_W×1 switch of every lane behind the banks, where fields add."""

    detector: Photodetector = field(default_factory=Photodetector)
    """Photodiode with its receiver (two of them for homodyne)."""

    local_oscillator_power: float = 1e-3
    """W per lane, homodyne only."""

    crossbar: CrossbarBank = field(default_factory=CrossbarBank)
    """Cells of an electrical machine: its full-scale current, its noise, its TMR(V)."""

    rings: RingWeightBank | None = None
    """Rings of an intensity machine: in 'waveform' their light takes time to build up, see
    `remembers`. None: banks that settle at once."""

    bank_transmission: float = 1.0
    """Amplitude transmission of a lossy but otherwise perfect bank, known to the receiver."""

    nonlinearity: ElectricalNonlinearity = field(default_factory=ElectricalNonlinearity)
    """f."""

    adc: Quantizer | None = None
    """Quantiser of z in front of f."""

    dac: Quantizer | None = None
    """Quantiser of h in front of the modulator."""

    skip: float = 0.0
    """s, share of the state before that an electrical delay line brings into the new one:
    h[t+1] = (1 − s) f(z) + s h[t]."""

    level: float = 0.0
    """Rms over the lanes at which automatic gain control holds what the receivers give; 0: no such
    control. See `Electronics.amplify`."""

    slot_duration: float = 1e-9
    """T_s in seconds."""

    samples_per_slot: int = 16
    """S, used by 'waveform'."""

    drive: Drive = "held"
    """'held': h is sampled at the end of a slot; 'waveform': z(s) itself, delayed by the loop."""

    noise: bool = True
    """Whether the detectors make noise."""

    engine: Engine = "auto"
    """'auto' uses the closed sums over a slot where they are exact, 'step' never does."""

    seed: int = 0
    """Of the crosstalk phases and the noise."""

    def __post_init__(self) -> None:
        self._check_choices()
        self._check_devices()
        self._check_timing()

    def _check_choices(self) -> None:
        choices = {
            "machine": ("homodyne", "square_law", "intensity", "electrical"),
            "fidelity": ("slot", "waveform"),
            "engine": ("auto", "step"),
            "drive": ("held", "waveform"),
        }
        for name, allowed in choices.items():
            if getattr(self, name) not in allowed:
                raise ValueError(
                    f"{name} must be one of {', '.join(allowed)}; got {getattr(self, name)!r}."
                )
        check_electronics(self.skip, self.level)
        low, high = self.nonlinearity.output_range
        least = 0.0 if self.machine == "intensity" else -1.0
        if low < least or high > 1.0:
            raise ValueError(
                f"the {self.machine} machine needs a nonlinearity that stays within its "
                f"modulator's range [{least:g}, 1]; got {self.nonlinearity.function!r}. Write "
                f"{'clipped_relu' if least == 0 else 'tanh'}, or use fidelity 'ideal'."
            )

    def _check_devices(self) -> None:
        devices: tuple[Any, ...] = (
            self.laser, self.modulator, self.input_switch, self.output_switch, self.detector,
            self.adc, self.dac, self.crossbar.junction,
        )  # fmt: skip
        for device in devices:
            for entry in () if device is None else fields(device):
                # An isolation per port or per pair of ports is one value.
                if entry.name != "isolation_db" and isinstance(
                    getattr(device, entry.name), np.ndarray
                ):
                    raise ValueError(
                        f"{entry.name} must be one number in a loop (an array in a field is a "
                        f"sweep); got {getattr(device, entry.name)}. Build one loop per value."
                    )
        if (self.machine == "electrical") != isinstance(self.input_switch, CurrentSwitch):
            raise ValueError(
                f"input_switch must be a CurrentSwitch in an electrical machine and one of light "
                f"in the others; got a {type(self.input_switch).__name__} for {self.machine!r}."
            )
        if self.machine == "homodyne" and not self.local_oscillator_power > 0:
            raise ValueError(
                f"local_oscillator_power must be > 0 W for homodyne detection; "
                f"got {self.local_oscillator_power}."
            )
        if self.laser.linewidth != 0 or self.laser.rin_db != -np.inf:
            raise ValueError(
                "laser.linewidth and laser.rin_db are not simulated in a loop (its light is "
                "steady). Leave them out, or write linewidth=0 and rin_db=-inf."
            )
        noisy = self.detector.shot_noise or self.detector.thermal_noise
        if self.noise and noisy and self.detector.time_constant == 0:
            raise ValueError(
                "a detector of infinite bandwidth with noise on has infinite noise power. "
                "Give detector.bandwidth in Hz, or write noise=False."
            )

    def _check_timing(self) -> None:
        if not self.slot_duration > 0:
            raise ValueError(f"slot_duration must be > 0 s; got {self.slot_duration}.")
        if int(self.samples_per_slot) != self.samples_per_slot or self.samples_per_slot < 1:
            raise ValueError(
                f"samples_per_slot must be a whole number of at least 1; "
                f"got {self.samples_per_slot}."
            )
        if not self.guard_time < self.slot_duration:
            raise ValueError(
                f"guard_time must be shorter than a slot (nothing would be read otherwise); got "
                f"guard_time={self.guard_time:g} s and slot_duration={self.slot_duration:g} s."
            )
        period = max(
            float(switch.shortest_period) if isinstance(switch, MirrorArray) else 0.0
            for switch in self.switches
        )
        changes = self.schedule.weight_sets > 1 and self.fidelity == "waveform"
        if changes and self.slot_duration * self.schedule.interleaved < period:
            raise ValueError(
                f"slot_duration must be at least the {period:g} s that a mirror array needs from "
                f"one pattern to the next (load_time, settling_time), or that over interleaved; "
                f"got {self.slot_duration:g} s."
            )
        if self.remembers and (self.stepped or self.drive == "waveform"):
            raise ValueError(
                "rings that remember (slots of few lifetimes of the stored field, or a slow "
                "detector) need a held drive and photodiodes that do not saturate. Write "
                "drive='held', engine='auto' and saturation_power=inf, or longer slots."
            )

    @property
    def electronics(self) -> Electronics:
        """What stands between the receiver and the drive of the next slot."""
        modulator, crossbar = self.modulator, self.crossbar
        transmit, slope = {
            "intensity": (modulator.intensity, modulator.intensity_slope),
            "electrical": (crossbar.drive, crossbar.drive_slope),
        }.get(self.machine, (modulator.field, modulator.slope))
        return Electronics(
            nonlinearity=self.nonlinearity,
            adc=self.adc,
            dac=self.dac,
            level=self.level,
            skip=self.skip,
            transmit=transmit,
            transmit_slope=slope,
        )

    @property
    def switches(self) -> tuple[Switch, ...]:
        """The switches that the machine has: at both ends of the banks, or one."""
        return (self.input_switch, self.output_switch) if self.adds_fields else (self.input_switch,)

    @property
    def guard_time(self) -> float:
        """Time at the start of every slot whose current is not counted, seconds.

        The read-out is gated by the slot clock: it pauses in every slot, switching or not.
        """
        return max(float(switch.guard_time) for switch in self.switches)

    @property
    def samples(self) -> int:
        """Samples per slot that are simulated."""
        return self.samples_per_slot if self.fidelity == "waveform" else 1

    @property
    def saturates(self) -> bool:
        """Whether the photodiodes saturate, which needs every sample."""
        finite = bool(np.isfinite(self.detector.saturation_power))
        return finite and self.machine != "electrical"

    @property
    def fed(self) -> bool:
        """Whether the drive follows the receiver's waveform within a slot."""
        return self.drive == "waveform" and self.fidelity == "waveform"

    @property
    def stepped(self) -> bool:
        """Whether the slots are stepped sample by sample."""
        return self.engine == "step" or self.fed or self.saturates

    @property
    def remembers(self) -> bool:
        """Whether slots are short enough for what the rings have stored to matter.

        Up to ten lifetimes of the stored field (PHYSICS §3), and further where the detector is so
        slow that it still reads how the rings fill.
        """
        if self.rings is None or self.machine != "intensity" or self.fidelity == "slot":
            return False
        lifetime = self.rings.lifetime
        weights = self.readout.weights
        elapsed = (np.arange(self.samples) + 1) * (self.slot_duration / self.samples)
        unsettled = float(weights @ np.exp(-elapsed / lifetime) / weights.sum())
        return self.slot_duration <= _SETTLED * lifetime or unsettled > _UNSETTLED

    @property
    def adds_fields(self) -> bool:
        """Whether fields add, with their phases; else powers or currents do."""
        return self.machine in ("homodyne", "square_law")

    @property
    def real_only(self) -> bool:
        """Whether only the in-phase field, or the signal without what makes it noisy, matters."""
        return self.machine != "square_law" and not self.noise and not self.saturates

    @cached_property
    def readout(self) -> Readout:
        """The detector's low-pass over one slot."""
        return Readout.sampled(
            self.slot_duration,
            self.samples,
            float(self.detector.time_constant),
            self.guard_time,
        )

    @cached_property
    def path_coefficients(self) -> list[NDArray[np.float64]]:
        """(α, λ) of the paths through each of the `switches`, (U, S, L_W, 2)."""
        if self.fidelity == "slot":
            return [self.schedule.slot_coefficients(switch) for switch in self.switches]
        timing = (self.slot_duration, self.samples)
        return [self.schedule.sampled_coefficients(switch, *timing) for switch in self.switches]

    @cached_property
    def program(self) -> SlotProgram:
        """The compiled slots of one group of J inferences."""
        weights = self.readout.weights
        program = compile_slots(
            np.repeat(self.schedule.banks, self.schedule.interleaved),
            self.coefficients(),
            np.ones_like(weights) if self.stepped else weights,
        )
        if self.real_only and not self.stepped:
            return collapse_linear(program, weights)
        return program

    @cached_property
    def injected(self) -> NDArray[np.float64] | None:
        """Current in A that switching adds to the detector's output after each sample, (U, S)."""
        switch = self.input_switch
        if self.fidelity == "slot" or not isinstance(switch, CurrentSwitch):
            return None
        if switch.injected_charge == 0:
            return None
        current = self.schedule.injected_currents(switch, self.slot_duration, self.samples)
        return self.readout.filtered(current)

    def coefficients(self) -> NDArray[np.float64]:
        """Return the coefficients C of the variants of each bank, (U, S, L_W, 4)."""
        compiled = {"intensity": power_coefficients, "electrical": current_coefficients}
        return compiled.get(self.machine, variant_coefficients)(*self.path_coefficients)

    def ring_memory(self, n_lanes: int) -> tuple[RingMemory, NDArray[np.int64]]:
        """Return what the rings of N lanes remember, and the class of every slot, (U,)."""
        assert self.rings is not None
        first, _ = self.leakage_phases(n_lanes)
        paths, kinds = slot_classes(
            lane_coefficients(self.path_coefficients[0], first).swapaxes(1, 2)
        )
        memory = RingMemory(
            bank=self.rings,
            dt=self.slot_duration / self.samples,
            paths=paths,
            weights=np.stack([self.readout.weights, self.readout.noise_weights]),
        )
        return memory, kinds

    def leakage_phases(self, n_lanes: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the crosstalk phases of the input and of the output switches, (L_W, N) each."""
        rng = np.random.default_rng([self.seed, n_lanes])
        ends = (self.input_switch, self.output_switch)
        first, last = (
            end.draw_leakage_phases(self.schedule.weight_sets, n_lanes, rng) for end in ends
        )
        return first, last

    def link_levels(self, n_lanes: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the link levels ρ, ℓ, v₀, v₁ as ``constant·g**exponent``, see `link_levels`."""
        return link_levels(self, n_lanes)

    def forward(
        self,
        state: Real,
        matrices: Real,
        bias: Real,
        levels: Real,
        background: Real | None = None,
        stored: Real | None = None,
        slot_gain: Real | None = None,
        *,
        step: int = 0,
        first_sample: int = 0,
        record: bool = False,
    ) -> tuple[Real, Tape | RingTape]:
        """Circulate a batch of states L_T times.

        Parameters
        ----------
        state
            h[0], (B, N), of single or double precision; all arrays share its dtype.
        matrices
            Banks in units of the network's weights, as planes (L_W, Q, N, N). Fields: Q = 1 for
            real matrices, 2 for (real, imaginary). Powers: Q = 2 for what a pair of detectors
            reads as (difference, sum). Currents: Q = 1.
        bias
            Electrical bias b of every bank, (L_W, N).
        levels
            Link levels at the present gain, (4,), see `link_levels`.
        background
            What the selected bank adds by itself, (L_W, 2, N): its coherent bias c as quadratures
            (square law, or None), or zero and the conductance of each output (electrical, read
            only where there is noise).
        stored
            Where the loop `remembers`: ``rings`` of `RingSlots`, with ``matrices`` being those of
            its classes of slots, both from `ring_memory` in units of the network's weights.
        slot_gain
            γ, an electronic gain of each layer, (L_T,); None: 1.
        step, first_sample
            Keys of the noise: optimiser step, and index of the batch's first inference.
        record
            Whether to keep y after every sample (on the stepping engine, whatever `engine` says).

        Returns
        -------
        h[L_T], (B, N), and the tape for `adjoint`.
        """
        if self.machine == "electrical" and not self.noise:
            background = None
        self._check_slot_gain(slot_gain, state)
        if self.remembers:
            return self._forward_remembering(
                state, matrices, bias, levels, stored, slot_gain, step, first_sample, record
            )
        self._check_inputs(state, matrices, bias, levels, background)
        loop = replace(self, engine="step") if record else self
        return run_forward(
            loop, state, matrices, bias, levels, background, step, first_sample, record, slot_gain
        )

    def _forward_remembering(
        self, state: Real, matrices: Real, bias: Real, levels: Real, stored: Real | None,
        slot_gain: Real | None, step: int, first_sample: int, record: bool,
    ) -> tuple[Real, RingTape]:  # fmt: skip
        if record or stored is None:
            raise ValueError(
                "slots of rings that remember are not stepped, and need `stored`: take matrices "
                "and stored from `ring_memory`, and leave out record."
            )
        slots = RingSlots(matrices, stored)
        tape = RingTape(
            state=state, slots=slots, bias=bias, levels=levels, slot_gain=slot_gain,
            step=step, first_sample=first_sample,
        )  # fmt: skip
        return run_forward_remembering(self, tape), tape

    def _check_slot_gain(self, slot_gain: Real | None, state: Real) -> None:
        if slot_gain is None:
            return
        shape = (self.schedule.repetitions,)
        if slot_gain.shape != shape or slot_gain.dtype != state.dtype:
            raise ValueError(
                f"slot_gain must be {state.dtype} of shape (L_T,) = {shape}; "
                f"got {slot_gain.dtype} of shape {slot_gain.shape}."
            )

    def _check_inputs(
        self, state: Real, matrices: Real, bias: Real, levels: Real, background: Real | None
    ) -> None:
        """Refuse what the kernels, which check nothing, would read wrong."""
        if state.ndim != 2 or 0 in state.shape:
            raise ValueError(f"state must have shape (batch, N), not empty; got {state.shape}.")
        banks, n = self.schedule.weight_sets, state.shape[1]
        planes = {"intensity": (2,), "electrical": (1,)}.get(self.machine, (1, 2))
        if matrices.shape not in [(banks, q, n, n) for q in planes]:
            wanted = " or ".join(map(str, planes))
            raise ValueError(
                f"matrices must have shape (L_W, Q, N, N) = ({banks}, {wanted}, {n}, {n}); "
                f"got {matrices.shape}."
            )
        expected = {"bias": (bias, (banks, n)), "levels": (levels, (4,))}
        if background is not None:
            if self.machine not in ("square_law", "electrical"):
                raise ValueError(
                    f"background must be None for machine {self.machine!r}: only the square law "
                    "has a coherent bias, and only crossbars are noisy by themselves."
                )
            expected["background"] = (background, (banks, 2, n))
        elif self.machine == "electrical" and self.noise:
            raise ValueError(
                "background must hold the conductances of a noisy electrical machine; got None."
            )
        for name, (array, shape) in expected.items():
            if array.shape != shape:
                raise ValueError(f"{name} must have shape {shape}; got {array.shape}.")
        arrays = {"matrices": matrices} | {name: array for name, (array, _) in expected.items()}
        for name, array in arrays.items():
            if array.dtype != state.dtype or state.dtype not in (np.float32, np.float64):
                raise ValueError(
                    f"state and {name} must be both float32 or both float64; "
                    f"got {state.dtype} and {array.dtype}."
                )

    def adjoint(
        self, tape: Tape | RingTape, gradient: Real, *, layers: bool = False
    ) -> LoopGradients:
        """Return the gradients that belong to ``gradient``, ∂L/∂h[L_T] of shape (B, N).

        With ``layers``, those of the states on the way as well.
        """
        if gradient.shape != tape.state.shape or gradient.dtype != tape.state.dtype:
            raise ValueError(
                f"gradient must be {tape.state.dtype} of shape {tape.state.shape}; "
                f"got {gradient.dtype} of shape {gradient.shape}."
            )
        if isinstance(tape, RingTape):
            return run_adjoint_remembering(self, tape, gradient, layers)
        return run_adjoint(self, tape, gradient, layers)
