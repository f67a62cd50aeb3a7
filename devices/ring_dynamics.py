"""The ring in time: one mode that fills and empties.

              ╭─ a ─╮              ȧ      = (iδ − 1/τ) a + iμ₁ s
    s ════════╧═════╧════ s_thru   s_thru = s + iμ₁ a
                                   s_drop = iμ₂ a,      μ_k = √(2/τ_k)

|a|² is the stored energy in J, |s|² a power in W, δ = ω_laser − ω_res. The rates of a real ring are
1/τ_k = −ln r_k/T_R and 1/τ₀ = −ln a/T_R, which meets the exact response to 1/F² of the peak; the
usual κ²/(2T_R) misses by 0.7/F (Haus, *Waves and Fields in Optoelectronics* (1984); Little et al.,
J. Lightwave Technol. 15, 998 (1997)). For an input held over a step the update is exact,

    a ← E a + (E − 1)/λ · iμ₁ s,      λ = iδ − 1/τ,  E = e^{λ dt}

and strong light changes the rates as it goes (`RingNonlinearity`). A ring needs this only where a
slot is no longer than about 10 τ; otherwise its static response will do.
"""

from dataclasses import dataclass
from dataclasses import field as dataclass_field
from math import ceil, pi
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from devices._fields import POSITIVE, Complex, Device, Real, checked_real
from devices.add_drop_ring import AddDropRing
from devices.all_pass_ring import AllPassRing
from devices.ring_nonlinearity import RingNonlinearity

_STEPS_PER_LIFETIME = 20
"""Steps that resolve the fastest reservoir, the free carriers."""


class RingState(NamedTuple):
    """What a ring remembers; one entry a ring, in the broadcast shape of the rings' fields."""

    amplitude: NDArray[np.complex128]
    """Mode amplitude a in √J."""

    carriers: NDArray[np.float64]
    """Electron-hole pairs per volume in 1/m³."""

    warmth: NDArray[np.float64]
    """Temperature above the surroundings in K."""


class RingTrace(NamedTuple):
    """What came out, (recorded samples, *rings), and the state after the last sample."""

    through: NDArray[np.complex128]
    drop: NDArray[np.complex128]
    state: RingState


@dataclass(frozen=True, kw_only=True, eq=False)
class RingDynamics(Device):
    """Coupled-mode dynamics of one ring, or of as many as its fields hold.

    Raises
    ------
    ValueError
        Where `ring` is no ring or `nonlinearity` no nonlinearity.
    """

    ring: AllPassRing | AddDropRing = dataclass_field(default_factory=AddDropRing)
    """The ring whose resonance, loss and couplings are meant."""

    nonlinearity: RingNonlinearity | None = None
    """Two-photon absorption, carriers and heating; none by default: a linear ring."""

    def __post_init__(self) -> None:
        if not isinstance(self.ring, (AllPassRing, AddDropRing)):
            raise ValueError(
                f"ring must be an AllPassRing or an AddDropRing (whose light is followed); got "
                f"{self.ring!r}."
            )
        if self.nonlinearity is not None and not isinstance(self.nonlinearity, RingNonlinearity):
            raise ValueError(
                f"nonlinearity must be a RingNonlinearity or None (a linear ring); got "
                f"{self.nonlinearity!r}."
            )

    # Rates

    @property
    def input_rate(self) -> Real:
        """Amplitude rate 1/τ₁ = −ln r₁/T_R in 1/s into the input waveguide."""
        ring = self.ring
        r = ring.self_coupling if isinstance(ring, AllPassRing) else ring.input_self_coupling
        return self._rate_of(r)

    @property
    def drop_rate(self) -> Real:
        """Amplitude rate 1/τ₂ in 1/s into the drop waveguide; 0 for an all-pass ring."""
        return (
            0.0
            if isinstance(self.ring, AllPassRing)
            else self._rate_of(self.ring.drop_self_coupling)
        )

    @property
    def intrinsic_rate(self) -> Real:
        """Amplitude rate 1/τ₀ = −ln a/T_R in 1/s lost in the loop."""
        return self._rate_of(self.ring.round_trip_transmission)

    @property
    def decay_rate(self) -> Real:
        """Amplitude rate 1/τ in 1/s, the sum of the three."""
        return self.input_rate + self.drop_rate + self.intrinsic_rate

    @property
    def photon_lifetime(self) -> Real:
        """Time τ/2 in s in which the stored energy falls by e."""
        return 0.5 / self.decay_rate

    @property
    def quality_factor(self) -> Real:
        """Loaded Q = ω_res τ/2."""
        return 2 * pi * self.ring.resonance_frequency * self.photon_lifetime

    def detuning(
        self, frequency: Real | None = None, *, wavelength: Real | None = None
    ) -> NDArray[np.float64]:
        """Return δ = ω_laser − ω_res in rad/s from the nearest resonance."""
        phase = np.asarray(self.ring.round_trip_phase(frequency, wavelength=wavelength))
        nearest = phase - 2 * pi * np.round(phase / (2 * pi))
        return np.asarray(nearest / self.ring.round_trip_time)

    # Linear response

    def steady_amplitude(self, field: Complex, detuning: Real) -> NDArray[np.complex128]:
        """Return a = iμ₁ s/(1/τ − iδ) in √J at the steady input s (√W)."""
        rate = self.decay_rate - 1j * np.asarray(detuning)
        return np.asarray(1j * self._coupling(self.input_rate) * np.asarray(field) / rate)

    def outputs(
        self, amplitude: Complex, field: Complex
    ) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
        """Return the fields (through, drop) in √W while the ring holds a (√J) and s enters (√W)."""
        a = np.asarray(amplitude)
        through = np.asarray(field) + 1j * self._coupling(self.input_rate) * a
        return np.asarray(through), np.asarray(1j * self._coupling(self.drop_rate) * a)

    def advance(self, amplitude: Complex, field: Complex, detuning: Real, dt: Real) -> Complex:
        """Return a linear ring's amplitude dt (s) later, for an input s (√W) held meanwhile."""
        keep, take = self._update(detuning, dt)
        return keep * np.asarray(amplitude) + take * np.asarray(field)

    # Many rings, many samples

    def propagate(
        self,
        field: ArrayLike,
        frequency: Real,
        dt: float,
        state: RingState | None = None,
        *,
        every: int = 1,
        substeps: int | None = None,
    ) -> RingTrace:
        """Step the rings through a sampled input.

        Parameters
        ----------
        field : array of complex (√W)
            Input, (samples,) for all rings alike or (samples, *rings); each sample is held over
            [n dt, (n+1) dt).
        frequency : float or array (Hz)
            Laser frequency, one or one a ring.
        dt : float (s)
            Length of a sample.
        state : RingState, optional
            Where the rings start; empty, without carriers and cold where left out.
        every : int
            Record the outputs at the end of every so-many-th sample; 1 records each.
        substeps : int, optional
            Steps to a sample of nonlinear rings; 20 to a carrier lifetime where left out. The
            error falls with the square of the step.

        Raises
        ------
        ValueError
            Where shapes do not fit, or dt, every or substeps is not positive.
        """
        step = checked_real(dt, "dt", POSITIVE, "the length of a sample in s")
        if isinstance(step, np.ndarray):
            raise ValueError("dt must be one number (all rings share the samples); got an array.")
        for name, count in (("every", every), ("substeps", 1 if substeps is None else substeps)):
            if count < 1:
                raise ValueError(f"{name} must be at least 1 (a number of steps); got {count}.")
        shape = self._shape(frequency)
        inputs = _samples(field, shape)
        start = self._start(state, shape)
        recorded = (2, inputs.shape[0] // every, start.amplitude.size)
        outputs = np.empty(recorded, dtype=np.complex128)
        if self.nonlinearity is None:
            self._step_linear(inputs, frequency, step, every, start, outputs)
        else:
            self._step_nonlinear(inputs, frequency, step, every, substeps, start, outputs)
        through, drop = outputs.reshape(2, recorded[1], *shape)
        end = RingState(
            start.amplitude.reshape(shape),
            start.carriers.reshape(shape),
            start.warmth.reshape(shape),
        )
        return RingTrace(through, drop, end)

    def _step_linear(
        self,
        inputs: NDArray[np.complex128],
        frequency: Real,
        dt: float,
        every: int,
        state: RingState,
        outputs: NDArray[np.complex128],
    ) -> None:
        from devices.ring_kernels import step_linear  # compiles; `import devices` stays light

        size = self._shape(frequency)
        keep, take = (
            _planes(_flat(part, size)) for part in self._update(self.detuning(frequency), dt)
        )
        mu = [_flat(self._coupling(r), size).real for r in (self.input_rate, self.drop_rate)]
        amplitude = _planes(state.amplitude)
        step_linear(inputs, keep, take, np.array(mu), every, amplitude, outputs)
        state.amplitude.real, state.amplitude.imag = amplitude

    def _step_nonlinear(
        self,
        inputs: NDArray[np.complex128],
        frequency: Real,
        dt: float,
        every: int,
        substeps: int | None,
        state: RingState,
        outputs: NDArray[np.complex128],
    ) -> None:
        from devices.ring_kernels import step_nonlinear  # compiles; `import devices` stays light

        assert self.nonlinearity is not None
        shape = self._shape(frequency)
        if substeps is None:
            substeps = ceil(_STEPS_PER_LIFETIME * dt / np.min(self.nonlinearity.carrier_lifetime))
        drop = np.real(_flat(self._coupling(self.drop_rate), shape))
        table = self._coefficients(frequency)
        step_nonlinear(inputs, table, drop.copy(), dt, substeps, every, *state, outputs)

    def _coefficients(self, frequency: Real) -> NDArray[np.float64]:
        """Coefficients of the nonlinear kernel, (ROWS, rings)."""
        from devices import ring_kernels as rows

        material, index, shape = self.nonlinearity, self.ring.group_index, self._shape(frequency)
        assert material is not None
        electrons, holes = material.carrier_shift_factors(frequency)
        values = {
            rows.DETUNING: self.detuning(frequency),
            rows.DECAY: self.decay_rate,
            rows.COUPLING: self._coupling(self.input_rate),
            rows.ABSORPTION: 2 * self.intrinsic_rate * material.absorbed_share,
            rows.TWO_PHOTON: material.two_photon_rate_per_energy(index),
            rows.CARRIER: material.carrier_rate_per_density(index),
            rows.ELECTRON_SHIFT: electrons,
            rows.HOLE_SHIFT: holes,
            rows.THERMAL_SHIFT: material.thermal_shift(1.0, frequency),
            rows.GENERATION: material.generation_per_energy_squared(index, frequency),
            rows.RECOMBINATION: 1.0 / material.carrier_lifetime,
            rows.HEATING: material.heating_per_power,
            rows.COOLING: 1.0 / material.thermal_lifetime,
        }
        table = np.empty((rows.ROWS, *shape))
        for row, value in values.items():
            table[row] = value
        return table.reshape(rows.ROWS, -1)

    def _rate_of(self, amplitude: Real) -> Real:
        rate: Real = -np.log(amplitude) / self.ring.round_trip_time + 0.0
        return rate

    @staticmethod
    def _coupling(rate: Real) -> Real:
        """μ = √(2/τ) in √(1/s)."""
        mu: Real = np.sqrt(2.0 * rate)
        return mu

    def _update(self, detuning: Real, dt: Real) -> tuple[Complex, Complex]:
        """(E, K) of a ← E a + K s over dt."""
        pole = 1j * np.asarray(detuning) - self.decay_rate
        step = checked_real(dt, "dt", POSITIVE, "a time step in s")
        # expm1 keeps K exact where the step is short.
        take = np.expm1(pole * step) / pole * 1j * self._coupling(self.input_rate)
        return np.exp(pole * step), take

    def _shape(self, frequency: Real) -> tuple[int, ...]:
        """Broadcast shape of the rings."""
        parts = [self.decay_rate, self.detuning(frequency)]
        if self.nonlinearity is not None:
            parts += [self.nonlinearity.carrier_lifetime, self.nonlinearity.heating_per_power]
            parts += [self.nonlinearity.two_photon_rate_per_energy(1.0)]
        return np.broadcast_shapes(*(np.shape(part) for part in parts))

    @staticmethod
    def _start(state: RingState | None, shape: tuple[int, ...]) -> RingState:
        """A flat copy of the state that the kernels may overwrite."""
        if state is None:
            state = RingState(
                np.zeros(shape, dtype=np.complex128), np.zeros(shape), np.zeros(shape)
            )
        for name, part in state._asdict().items():
            if np.shape(part) != shape:
                raise ValueError(
                    f"state.{name} must have the shape {shape} of the rings; got {np.shape(part)}."
                )
        return RingState(
            np.array(state.amplitude, dtype=np.complex128).reshape(-1),
            np.array(state.carriers, dtype=np.float64).reshape(-1),
            np.array(state.warmth, dtype=np.float64).reshape(-1),
        )


def _flat(value: Complex | Real, shape: tuple[int, ...]) -> NDArray[np.complex128]:
    """One contiguous complex number a ring."""
    spread = np.broadcast_to(np.asarray(value, dtype=np.complex128), shape)
    return np.ascontiguousarray(spread).reshape(-1)


def _planes(value: NDArray[np.complex128]) -> NDArray[np.float64]:
    """Real and imaginary parts as rows, (2, rings)."""
    return np.stack([value.real, value.imag])


def _samples(field: ArrayLike, shape: tuple[int, ...]) -> NDArray[np.complex128]:
    """Input as (samples, rings), or (samples, 1) where it is shared."""
    inputs = np.asarray(field, dtype=np.complex128)
    if inputs.ndim != 1 and inputs.shape[1:] != shape:
        raise ValueError(
            f"field must have the shape (samples,), shared by all rings, or (samples, "
            f"{', '.join(map(str, shape))}); got {inputs.shape}."
        )
    if inputs.ndim == 0 or inputs.shape[0] == 0:
        raise ValueError("field must have at least one sample; got none.")
    return np.ascontiguousarray(inputs).reshape(inputs.shape[0], -1)
