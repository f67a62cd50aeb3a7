"""Ports joined to ports: what closing the connections of scattering matrices makes of them.

    b = S a,      a_i = C b_i   (joined ports hand their waves over)     a_e from outside

Every port has a wave a that enters the component and a wave b that leaves it. Eliminating the
joined ports i leaves the external ones e (Filipsson, "A new general computer algorithm for
S-matrix calculation of interconnected multiports", Eur. Microwave Conf. (1981)):

    S_total = S_ee + S_ei (I − C S_ii)⁻¹ C S_ie

A port that is neither joined nor external is matched: nothing enters, what leaves is gone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Wiring:
    """Which of numbered ports are joined to which, and which lead outside."""

    n_ports: int
    """Number of ports of all components together."""

    partner: NDArray[np.int64]
    """Shape (n_ports,): the port that each is joined to, −1 where it is not."""

    external: NDArray[np.int64]
    """Shape (n_external,): the ports that lead outside, in their order outside."""

    @classmethod
    def of(
        cls, n_ports: int, pairs: Sequence[tuple[int, int]], external: Sequence[int]
    ) -> "Wiring":
        """Return the wiring of pairs of port numbers and of the external ports in order."""
        partner = np.full(n_ports, -1, dtype=np.int64)
        for first, second in pairs:
            partner[first], partner[second] = second, first
        return cls(n_ports, partner, np.array(external, dtype=np.int64))


class Closed(NamedTuple):
    """What is left of components after closing their connections."""

    total: NDArray[np.complex128]
    """(F, E, E): S[out, in] between the external ports."""

    entering: NDArray[np.complex128]
    """(F, n_ports, E): the wave that enters each port per unit of wave from outside."""

    leaving: NDArray[np.complex128]
    """(F, E, n_ports): the wave that gets outside per unit of wave that leaves each port."""


def close(scattering: NDArray[np.complex128], wiring: Wiring) -> Closed:
    """Close the connections of a block-diagonal S of all ports, (F, n_ports, n_ports), densely.

    A change of the components changes the whole by ``leaving @ dS @ entering``: differentiate
    S_total and use d(A⁻¹) = −A⁻¹ dA A⁻¹.
    """
    inner = np.flatnonzero(wiring.partner >= 0)
    outer = wiring.external
    # C moves the wave that leaves the partner into the port: rows of the partners.
    handed = scattering[:, wiring.partner[inner], :]
    system = np.eye(len(inner)) - handed[:, :, inner]
    shape = (len(scattering), wiring.n_ports, len(outer))
    entering = np.zeros(shape, dtype=np.complex128)
    leaving = np.zeros((shape[0], shape[2], shape[1]), dtype=np.complex128)
    entering[:, outer, np.arange(len(outer))] = 1.0
    leaving[:, np.arange(len(outer)), outer] = 1.0
    entering[:, inner] = np.linalg.solve(system, handed[:, :, outer])
    out = scattering[:, outer, :]
    transposed = np.linalg.solve(system.swapaxes(1, 2), out[:, :, inner].swapaxes(1, 2))
    leaving[:, :, wiring.partner[inner]] = transposed.swapaxes(1, 2)
    total = out[:, :, outer] + out[:, :, inner] @ entering[:, inner]
    return Closed(total, entering, leaving)
