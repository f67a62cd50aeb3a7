"""What the closed forms share: digits of the 2019 SI, and arrays of double precision."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Reals: TypeAlias = NDArray[np.float64]
Complexes: TypeAlias = NDArray[np.complex128]

SPEED_OF_LIGHT = 299792458.0  # m/s, exact
PLANCK = 6.62607015e-34  # J s, exact
ELEMENTARY_CHARGE = 1.602176634e-19  # C, exact
BOLTZMANN = 1.380649e-23  # J/K, exact


def real(value: ArrayLike) -> Reals:
    """Return double precision."""
    return np.asarray(value, dtype=np.float64)


def power(field: Any) -> Reals:
    """Return |A|² in W of a field in √W."""
    return real(np.abs(field) ** 2)
