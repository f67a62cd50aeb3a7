"""What enters a circuit in time, as samples: arrays, and functions of time taken at each sample."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from devices._fields import POSITIVE, checked_real

Signal: TypeAlias = ArrayLike | Callable[[NDArray[np.float64]], ArrayLike]
"""(samples,) or (batch, samples), or a function of times (samples,) in s that returns them."""

_MOST = 10**9
"""Samples of a run."""


def sampled(
    inputs: Mapping[str, Signal], *, dt: float, duration: float | None
) -> dict[str, ArrayLike]:
    """Return what enters each port as samples.

    Parameters
    ----------
    inputs : mapping of str to array or callable
        By port. Arrays say themselves how many samples there are.
    dt : float (s)
        Length of a sample.
    duration : float (s), optional
        Of all inputs, to the nearest sample; functions need it.

    Raises
    ------
    ValueError
        Where a function comes without a duration, an array has another one, or there would be more
        samples than memory holds.
    """
    if duration is None:
        for name, it in inputs.items():
            if callable(it):
                raise ValueError(
                    f"duration must say in s how long to run, since the input of port {name!r} is "
                    f"a function of time. For 1 ns write duration=1e-9."
                )
        return {name: it for name, it in inputs.items() if not callable(it)}
    checked_real(duration, "duration", POSITIVE, "how long to run, in s")
    if not duration / dt < _MOST:
        raise ValueError(
            f"duration={duration:.6g} s is more than {_MOST:,} samples of dt={dt:.6g} s (a limit "
            f"against runaway memory). Use a longer dt or several runs."
        )
    time = dt * np.arange(max(1, round(duration / dt)), dtype=np.float64)
    given = {name: np.asarray(it(time) if callable(it) else it) for name, it in inputs.items()}
    for name, it in given.items():
        if it.shape[-1:] != time.shape:
            raise ValueError(
                f"the input of port {name!r} must have {len(time)} samples in its last axis "
                f"(duration={duration:.6g} s of dt={dt:.6g} s); got the shape {it.shape}."
            )
    return dict(given)
