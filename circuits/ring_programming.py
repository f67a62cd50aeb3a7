"""Matrices onto the rings of one chip: heaters set blindly, after a calibration, with feedback."""

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np

from circuits.ring_bench import RingBench
from circuits.ring_calibration import (
    detunings_at,
    find_resonances,
    reach,
    solve_detunings,
    trim_detunings,
    turns_for,
)
from circuits.ring_weight import Reals
from circuits.ring_weight_bank import RingErrors, RingWeightBank
from circuits.weight_range import RescaledWeights, rescale_weights

RingMethod: TypeAlias = Literal["naive", "calibrated", "feedback"]


@dataclass(frozen=True, kw_only=True)
class ProgrammedRings:
    """One chip's rings as their heaters leave them."""

    detuning: Reals
    """Settings x of every ring in half-linewidths, (K, N, N), with which ``rings.matrices(x,
    errors)`` is what this chip does: the parameter of a network that runs on it."""

    gain: float
    """g of the receiver, for all banks."""

    matrices: Reals
    """g (T_d − T_p): the weights that the chip has, (K, N, N)."""

    wanted: RescaledWeights
    """What they were to be, and what the range of the rings costs."""

    heater_powers: Reals
    """Power of every heater in W, (K, N, N)."""

    errors: RingErrors
    """The chip."""

    readings: int
    """Currents that were read on the bench."""

    @property
    def weight_error(self) -> float:
        """Root mean square of a ring's weight off its aim, of a range of −1 … w_max."""
        off = (self.matrices - self.wanted.matrices) / self.gain
        return float(np.sqrt(np.mean(off**2)))


def program_rings(
    rings: RingWeightBank,
    matrices: Reals,
    seed: int,
    method: RingMethod = "calibrated",
    *,
    reading_noise: float = 1e-3,
    clip_share: float = 0.0,
) -> ProgrammedRings:
    """Program K matrices onto the chip that ``rings.draw(K, N, seed)`` is.

    The methods are

    - ``naive``: heaters as if all rings were fabricated as designed, and were alone;
    - ``calibrated``: resonances found on the bench by sweeps, neighbours computed; what the chip's
      `RingErrors.detuning` says has moved since (``tuning_error``), and the drift, stay;
    - ``feedback``: calibrated, then trimmed by the weights that are read in operation.

    Parameters
    ----------
    rings
        The design and its tolerances.
    matrices
        W, (K, N, N) real.
    seed
        Of the chip.
    reading_noise
        Standard deviation of one reading of the bench, of the light of a colour. 1e-3: ten bits
        of a laboratory's converter, typical.
    clip_share
        Share of the weights that is clipped instead of rescaling all, see `rescale_weights`.

    Raises
    ------
    ValueError
        Where the method is none of these, the matrices are not (K, N, N), real and finite, or a
        resonance cannot be found.
    """
    if method not in get_args(RingMethod):
        raise ValueError(f"method must be one of {get_args(RingMethod)}; got {method!r}.")
    given = np.asarray(matrices, dtype=np.float64)
    wanted = rescale_weights(given, *rings.weight_limits, clip_share=clip_share)
    errors = rings.draw(len(given), given.shape[-1], seed)
    off = errors.detuning * rings.half_linewidth + rings.drift
    bench = RingBench(rings, errors.offset, reading_noise=reading_noise, seed=seed)
    if method == "naive":
        offset: Reals = np.zeros_like(given)
        x = rings.detuning_for(wanted.matrices / wanted.gain)
    else:
        offset = find_resonances(bench)
        wanted, x = _reached(bench.design, given, clip_share)
    readings = bench.readings
    if method == "feedback":
        moved = RingBench(rings, errors.offset + off, reading_noise=reading_noise, seed=seed + 1)
        x = trim_detunings(moved, wanted.matrices / wanted.gain, x, offset)
        readings += moved.readings
    turns = turns_for(bench, x, offset)
    # The chip's settings count from where its rings were fabricated.
    settings = detunings_at(bench, turns, errors.offset)
    return ProgrammedRings(
        detuning=settings,
        gain=wanted.gain,
        matrices=wanted.gain * rings.matrices(settings, errors)[:, 0],
        wanted=wanted,
        heater_powers=turns * float(rings.ring.free_spectral_range_power),
        errors=errors,
        readings=readings,
    )


def _reached(
    rings: RingWeightBank, matrices: Reals, clip_share: float
) -> tuple[RescaledWeights, Reals]:
    """Return weights that rings with neighbours reach, and the detunings.

    Neighbours take light from a colour on its way, and so from its largest weight: where that is
    missing the range shrinks by a little more than what is, until nothing is.
    """
    low, high = reach(rings, matrices.shape[-1])
    for _ in range(12):
        if not low < 0 < high:
            raise ValueError(
                f"channel_spacing leaves no weights of both signs to {matrices.shape[-1]} rings in "
                f"a row (they take one another's colours): {low:.3g} to {high:.3g}. Take narrower "
                f"lines, or fewer channels that are further apart."
            )
        wanted = rescale_weights(matrices, low, high, clip_share=clip_share)
        x = solve_detunings(rings, wanted.matrices / wanted.gain)
        missing = wanted.matrices / wanted.gain - rings.matrices(x)[:, 0]
        short = float(np.max(missing)), float(np.max(-missing))
        if max(short) < 1e-9:
            break
        high, low = high - 1.01 * max(short[0], 0.0), low + 1.01 * max(short[1], 0.0)
    return wanted, x
