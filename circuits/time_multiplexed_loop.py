"""The time-multiplexed loop: few weight banks, chosen by fast switches, visited slot after slot.

          ┌────────────────────────── f(G y + b_s), J slots later ──────────────────────┐
          ↓                                                                             │
    u ── modulators ── 1×L_W switches ──┬─ W_0 ─┬── L_W×1 switches ── detectors ── low-pass
         √(P/N) m(u)                    └─ W_1 ─┘      (+ c_s)        |E|² or Re(E·LO*)

A slot is simulated either settled (``slot``: one sample, steady state reached) or sample by sample
(``waveform``). Both run through the same compiled program: the drive is known when a slot starts,
so the banks act once per slot as a few effective matrices (``slot_program``) and everything that
happens between samples is done by kernels (``loop_kernels``). Normalised units: a perfect machine
gives exactly ``f(Re(W) h + b)`` (homodyne) or ``f(|W h + c|² + b)`` (square law), see DESIGN §4.
"""

from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from circuits.electronics import Electronics
from circuits.loop_engine import LoopGradients, Real, Tape, run_adjoint, run_forward
from circuits.slot_program import (
    Readout,
    SlotProgram,
    collapse_linear,
    compile_slots,
    variant_coefficients,
)
from circuits.switch_schedule import SwitchSchedule
from devices import (
    ElectricalNonlinearity,
    FiberSwitch,
    Laser,
    Modulator,
    Photodetector,
    Quantizer,
)

Machine = Literal["homodyne", "square_law"]
Fidelity = Literal["slot", "waveform"]
Engine = Literal["auto", "step"]
Drive = Literal["held", "waveform"]


@dataclass(frozen=True, kw_only=True)
class TimeMultiplexedLoop:
    """The hardware and the timing of one loop. Arrays go in and out; nothing is trained here."""

    schedule: SwitchSchedule
    """Which bank is selected when."""

    machine: Machine = "homodyne"
    """Detection: 'homodyne' reads Re(E) against a local oscillator, 'square_law' reads |E|²."""

    fidelity: Fidelity = "slot"
    """'slot': settled switches, one sample; 'waveform': transients, samples_per_slot samples."""

    laser: Laser = field(default_factory=Laser)
    """Source; its power is shared by the N lanes."""

    modulator: Modulator = field(default_factory=Modulator)
    """Electro-optic converter of every lane."""

    input_switch: FiberSwitch = field(default_factory=FiberSwitch)
    """1×L_W switch of every lane in front of the banks."""

    output_switch: FiberSwitch = field(default_factory=FiberSwitch)
    """L_W×1 switch of every lane behind the banks."""

    detector: Photodetector = field(default_factory=Photodetector)
    """Photodiode with its receiver (two of them for homodyne)."""

    local_oscillator_power: float = 1e-3
    """W per lane, homodyne only."""

    bank_transmission: float = 1.0
    """Amplitude transmission of a lossy but otherwise perfect bank, known to the receiver."""

    nonlinearity: ElectricalNonlinearity = field(default_factory=ElectricalNonlinearity)
    """f."""

    adc: Quantizer | None = None
    """Quantiser of z in front of f."""

    dac: Quantizer | None = None
    """Quantiser of h in front of the modulator."""

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
        choices = {
            "machine": ("homodyne", "square_law"),
            "fidelity": ("slot", "waveform"),
            "engine": ("auto", "step"),
            "drive": ("held", "waveform"),
        }
        for name, allowed in choices.items():
            if getattr(self, name) not in allowed:
                raise ValueError(
                    f"{name} must be one of {', '.join(allowed)}; got {getattr(self, name)!r}."
                )
        devices = (
            self.laser, self.modulator, self.input_switch, self.output_switch, self.detector,
            self.adc, self.dac,
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
        if not self.nonlinearity.bounded:
            raise ValueError(
                f"the loop needs a nonlinearity that stays within the modulator's range [−1, 1]; "
                f"got {self.nonlinearity.function!r}. Write tanh, or use fidelity 'ideal'."
            )
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

    @property
    def electronics(self) -> Electronics:
        """What stands between the receiver and the light of the next slot."""
        return Electronics(
            nonlinearity=self.nonlinearity, adc=self.adc, dac=self.dac, modulator=self.modulator
        )

    @property
    def guard_time(self) -> float:
        """Time at the start of every slot whose current is not counted, seconds.

        The read-out is gated by the slot clock: it pauses in every slot, switching or not.
        """
        return max(float(self.input_switch.guard_time), float(self.output_switch.guard_time))

    @property
    def samples(self) -> int:
        """Samples per slot that are simulated."""
        return self.samples_per_slot if self.fidelity == "waveform" else 1

    @property
    def saturates(self) -> bool:
        """Whether the photodiodes saturate, which needs every sample."""
        return bool(np.isfinite(self.detector.saturation_power))

    @property
    def fed(self) -> bool:
        """Whether the drive follows the receiver's waveform within a slot."""
        return self.drive == "waveform" and self.fidelity == "waveform"

    @property
    def stepped(self) -> bool:
        """Whether the slots are stepped sample by sample."""
        return self.engine == "step" or self.fed or self.saturates

    @property
    def real_only(self) -> bool:
        """Whether only the in-phase field matters."""
        return self.machine == "homodyne" and not self.noise and not self.saturates

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
    def path_coefficients(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(α, λ) of the paths before and behind the banks, (U, S, L_W, 2) each."""
        ends = (self.input_switch, self.output_switch)
        if self.fidelity == "slot":
            first, last = (self.schedule.slot_coefficients(end) for end in ends)
        else:
            first, last = (
                self.schedule.sampled_coefficients(end, self.slot_duration, self.samples)
                for end in ends
            )
        return first, last

    @cached_property
    def program(self) -> SlotProgram:
        """The compiled slots of one group of J inferences."""
        weights = self.readout.weights
        program = compile_slots(
            np.repeat(self.schedule.banks, self.schedule.interleaved),
            variant_coefficients(*self.path_coefficients),
            np.ones_like(weights) if self.stepped else weights,
        )
        if self.real_only and not self.stepped:
            return collapse_linear(program, weights)
        return program

    def leakage_phases(self, n_lanes: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the crosstalk phases of the input and of the output switches, (L_W, N) each."""
        rng = np.random.default_rng([self.seed, n_lanes])
        ends = (self.input_switch, self.output_switch)
        first, last = (
            end.draw_leakage_phases(self.schedule.weight_sets, n_lanes, rng) for end in ends
        )
        return first, last

    def link_levels(self, n_lanes: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the four link levels of the receiver as functions of the bank's gain g.

        Level j is ``constant[j]·g**exponent[j]``: ρ, the inverse saturation power; ℓ, the local
        oscillator's amplitude; v₀, the output variance without light; v₁, its increase per
        detected power; all in units of the field W h. The field in √W is ``s = √(P/N) t_L / g``
        times that, the receiver's gain G = 1/(2R|LO|s) or 1/(R s²) (PHYSICS §6).
        """
        amplitude = np.sqrt(self.laser.power / n_lanes) * (
            self.modulator.transmission
            * self.input_switch.transmission
            * self.bank_transmission
            * self.output_switch.transmission
        )
        power, responsivity = amplitude**2, self.detector.responsivity
        if self.machine == "homodyne":
            oscillator = np.sqrt(self.local_oscillator_power)
            receiver = 1.0 / (2.0 * responsivity * oscillator * amplitude)
            exponents = np.array([-2.0, 1.0, 2.0, 0.0])
            level = oscillator / amplitude
        else:
            receiver = 1.0 / (responsivity * power)
            exponents = np.array([-2.0, 0.0, 4.0, 2.0])
            level = 0.0
        floor, slope = self._output_variance()
        constants = [
            power / self.detector.saturation_power,
            level,
            floor * receiver**2,
            slope * responsivity * power * receiver**2,
        ]
        return np.array(constants, dtype=np.float64), exponents

    def _output_variance(self) -> tuple[float, float]:
        """Return the receiver's output noise S/4τ without light (A²) and per ampere of light."""
        if not self.noise or self.detector.time_constant == 0:
            return 0.0, 0.0
        band = 1.0 / (4.0 * self.detector.time_constant)
        diodes = 2 if self.machine == "homodyne" else 1
        dark = self.detector.noise_density(diodes * self.detector.dark_current)
        per_ampere = self.detector.noise_density(1.0) - self.detector.noise_density(0.0)
        return float(band * dark), float(band * per_ampere)

    def forward(
        self,
        state: Real,
        matrices: Real,
        bias: Real,
        levels: Real,
        coherent: Real | None = None,
        *,
        step: int = 0,
        first_sample: int = 0,
        record: bool = False,
    ) -> tuple[Real, Tape]:
        """Circulate a batch of states L_T times.

        Parameters
        ----------
        state
            h[0], (B, N), of single or double precision; all arrays share its dtype.
        matrices
            Banks in units of the network's weights, as quadratures (L_W, Q, N, N): Q = 1 for real
            matrices, 2 for (real, imaginary).
        bias
            Electrical bias b of every bank, (L_W, N).
        levels
            Link levels at the present gain, (4,), see `link_levels`.
        coherent
            Coherent bias c of every bank as quadratures (L_W, 2, N), square law only.
        step, first_sample
            Keys of the noise: optimiser step, and index of the batch's first inference.
        record
            Whether to keep y after every sample (on the stepping engine, whatever `engine` says).

        Returns
        -------
        h[L_T], (B, N), and the tape for `adjoint`.
        """
        self._check_inputs(state, matrices, bias, levels, coherent)
        loop = replace(self, engine="step") if record else self
        return run_forward(
            loop, state, matrices, bias, levels, coherent, step, first_sample, record
        )

    def _check_inputs(
        self, state: Real, matrices: Real, bias: Real, levels: Real, coherent: Real | None
    ) -> None:
        """Refuse what the kernels, which check nothing, would read wrong."""
        if state.ndim != 2 or 0 in state.shape:
            raise ValueError(f"state must have shape (batch, N), not empty; got {state.shape}.")
        banks, n = self.schedule.weight_sets, state.shape[1]
        if matrices.shape not in ((banks, 1, n, n), (banks, 2, n, n)):
            raise ValueError(
                f"matrices must have shape (L_W, Q, N, N) = ({banks}, 1 or 2, {n}, {n}); "
                f"got {matrices.shape}."
            )
        expected = {"bias": (bias, (banks, n)), "levels": (levels, (4,))}
        if coherent is not None:
            if self.machine != "square_law":
                raise ValueError(
                    "coherent must be None for a homodyne machine: only the square law has a "
                    "coherent bias."
                )
            expected["coherent"] = (coherent, (banks, 2, n))
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

    def adjoint(self, tape: Tape, gradient: Real) -> LoopGradients:
        """Return the gradients that belong to ``gradient``, ∂L/∂h[L_T] of shape (B, N)."""
        if gradient.shape != tape.state.shape or gradient.dtype != tape.state.dtype:
            raise ValueError(
                f"gradient must be {tape.state.dtype} of shape {tape.state.shape}; "
                f"got {gradient.dtype} of shape {gradient.shape}."
            )
        return run_adjoint(self, tape, gradient)
