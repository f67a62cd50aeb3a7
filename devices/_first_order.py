"""First-order relaxation τ dy/dt = x − y, the dynamics that heaters, switches and receivers share.

An instant device (τ = 0) and times before the step are part of the definition, so that every
device has its ideal limit without a division by zero.
"""

from math import pi

import numpy as np

from devices._fields import POSITIVE, Real, checked_real


def remaining(time: Real, time_constant: Real) -> Real:
    """Share of a step at time 0 that is still to come: 1 before it, e^(−t/τ) after it.

    Parameters
    ----------
    time : float or array (s)
        Time since the step.
    time_constant : float or array (s)
        τ, broadcast against `time`; 0 settles at once, at time 0 itself.
    """
    t, tau = np.asarray(time, dtype=np.float64), np.asarray(time_constant, dtype=np.float64)
    decay = np.where(tau > 0, np.exp(-np.maximum(t, 0.0) / np.where(tau > 0, tau, 1.0)), 0.0)
    share: Real = np.where(t < 0, 1.0, decay)[()]
    return share


def pole(step: Real, time_constant: Real) -> Real:
    """Pole p = e^(−dt/τ) of the exact update y ← p y + (1 − p) x for an input held over dt."""
    return remaining(checked_real(step, "dt", POSITIVE, "a time step in s"), time_constant)


def cutoff(time_constant: Real) -> Real:
    """3-dB frequency 1/(2πτ) in Hz; inf for an instant device."""
    tau = np.asarray(time_constant, dtype=np.float64)
    frequency: Real = np.where(tau > 0, 1.0 / (2 * pi * np.where(tau > 0, tau, 1.0)), np.inf)[()]
    return frequency
