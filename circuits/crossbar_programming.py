"""Matrices onto the crossbars of one chip: written blindly, with verification, around its wires.

A pulse switches a junction with a probability p. Blindly written, a share 1 − p of the junctions is
missing; verified, each is pulsed until it has switched, 1/p times on average.
"""

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from circuits.crossbar_bank import CrossbarBank, CrossbarErrors, Real
from circuits.crossbar_writing import level_pattern, nearest_pattern
from circuits.weight_range import RescaledWeights, lost_snr_db, rescale_weights

CrossbarMethod: TypeAlias = Literal["naive", "verified", "compensated"]


@dataclass(frozen=True, kw_only=True)
class ProgrammedCrossbar:
    """One chip's crossbars as pulses left them."""

    conductance: Real
    """Programmed weights w, (K, N, N), with which ``crossbar.realise(w, errors)`` is what this chip
    does: the parameter of a network that runs on it."""

    crossbar: CrossbarBank
    """The design, ``verified`` or not as the method says."""

    errors: CrossbarErrors
    """The chip, ``crossbar.draw(K, N, seed)``."""

    gain: float
    """g of the receiver, for all banks."""

    matrices: Real
    """g times the effective weights of the chip, (K, N, N)."""

    wanted: RescaledWeights
    """What they were to be, and what the range of the cells (and the wires) costs."""

    pulses: int
    """Pulses spent on junctions, all of which begin antiparallel; 0 for cells without levels."""

    readings: int
    """Readings of junctions: of each once, and after each pulse."""

    @property
    def weight_error(self) -> float:
        """Root mean square of a weight off its aim, of a range of ±1."""
        off = (self.matrices - self.wanted.matrices) / self.gain
        return float(np.sqrt(np.mean(off**2)))


def program_crossbar(
    crossbar: CrossbarBank,
    matrices: Real,
    seed: int,
    method: CrossbarMethod = "verified",
    *,
    clip_share: float = 0.0,
) -> ProgrammedCrossbar:
    """Program K matrices onto the chip that ``crossbar.draw(K, N, seed)`` is.

    The methods are

    - ``naive``: a pulse to every junction of the nearest level, and no look back;
    - ``verified``: junctions read one by one, and the combination nearest to each weight written,
      pulse after pulse until it is;
    - ``compensated``: verified, for the weights that make up for the wires' resistance, which is
      known; the gain rises with what the farthest cells lack.

    Where the bank is not ``quantised`` (cells of any conductance), verified ones are exact.

    Parameters
    ----------
    crossbar
        The design and its tolerances.
    matrices
        W, (K, N, N) real.
    seed
        Of the chip, and of its pulses.
    clip_share
        Share of the weights that is clipped instead of rescaling all, see `rescale_weights`.

    Raises
    ------
    ValueError
        Where the method is none of these, or the matrices are not (K, N, N), real and finite.
    """
    if method not in get_args(CrossbarMethod):
        raise ValueError(f"method must be one of {get_args(CrossbarMethod)}; got {method!r}.")
    wanted = rescale_weights(np.asarray(matrices, dtype=np.float64), clip_share=clip_share)
    aims = wanted.matrices / wanted.gain
    if method == "compensated":
        wanted, aims = compensate_wires(crossbar, wanted)
    # As a network holds them: other last digits could choose another combination.
    aims = aims.astype(np.float32).astype(np.float64)
    crossbar = replace(crossbar, verified=method != "naive")
    errors = crossbar.draw(len(aims), aims.shape[-1], seed)
    pulses = readings = 0
    if crossbar.quantised:
        aims, pulses, readings = _write(crossbar, aims, errors, seed)
    return ProgrammedCrossbar(
        conductance=aims,
        crossbar=crossbar,
        errors=errors,
        gain=wanted.gain,
        matrices=wanted.gain * crossbar.realise(aims, errors).matrix(),
        wanted=wanted,
        pulses=pulses,
        readings=readings,
    )


def compensate_wires(
    crossbar: CrossbarBank, wanted: RescaledWeights
) -> tuple[RescaledWeights, NDArray[np.float64]]:
    """Return what is wanted with the gain that wires take, and the weights w behind them.

    The weights, (K, N, N) within ±1, are for cells that are what they should be.
    What is missing of a weight is added over the share of its cell that the wires leave, until
    nothing is; where a weight would be beyond ±1, all of them shrink and the gain rises.
    """
    plain = replace(crossbar, quantised=False, verified=True)
    gain, w = wanted.gain, wanted.matrices / wanted.gain
    for _ in range(100):
        array = plain.realise(w)
        missing = wanted.matrices / gain - array.matrix()
        w = w + missing / array.transmission()
        beyond = max(1.0, float(np.max(np.abs(w))))
        w, gain = w / beyond, gain * beyond
        if max(float(np.max(np.abs(missing))), beyond - 1.0) < 1e-10:
            break
    lost = wanted.lost_snr_db + lost_snr_db(gain, wanted.gain)
    return replace(wanted, gain=gain, lost_snr_db=lost), w


def _write(
    crossbar: CrossbarBank, aims: NDArray[np.float64], errors: CrossbarErrors, seed: int
) -> tuple[NDArray[np.float64], int, int]:
    """Return the weights that pulses leave, and how many pulses and readings that took."""
    rng = np.random.default_rng([seed, *aims.shape])
    probability = float(crossbar.junction.switching_probability)
    if errors.read is not None:
        pattern = nearest_pattern(crossbar.junction, aims, errors.read)
        pulses = int(np.sum(rng.geometric(probability, size=int(np.sum(pattern)))))
        return aims, pulses, pattern.size + pulses
    pattern = level_pattern(crossbar.junction, aims)
    share = np.mean(pattern & (rng.random(pattern.shape) < probability), axis=-1)
    return share[0] - share[1], int(np.sum(pattern)), 0
