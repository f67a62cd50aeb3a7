"""What happens in no time: linear relations between waves, reduced to the fewest products.

    w_r = Σ_c M[r, c] w_c     waves w, targets (what enters delays, what leaves the circuit)
                              of sources (what leaves delays, what enters the circuit)

A wave with f terms and g users, that does not use itself, is put into its users where
f g ≤ f + g, so that a step costs least. Waves that then still depend on one another in no time
(an algebraic loop) are solved together,

    w_K = (I − M_KK)⁻¹ M_Kc w_c,

and what is left has an order. Every change is on record, so that ∂L/∂(what is left) goes back to
∂L/∂M.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Rows = dict[int, dict[int, complex]]
"""Coefficients by row and, within it, by source."""

_SINGULAR = 1e-10
"""Least singular value of I − M_KK, relative to the greatest, that still gives six digits."""


class SingularLoopError(ValueError):
    """An algebraic loop that has no solution, or any."""

    def __init__(self, members: list[int]) -> None:
        super().__init__("a loop without delay returns all of its light")
        self.members = members


class _Solved(NamedTuple):
    members: list[int]
    sources: list[int]
    inverse: NDArray[np.complex128]
    response: NDArray[np.complex128]


class _Replaced(NamedTuple):
    node: int
    row: dict[int, complex]
    users: dict[int, complex]


@dataclass(frozen=True)
class InstantMap:
    """Relations that can be evaluated one after the other."""

    rows: Rows
    """What is left, in order of evaluation; a row may use earlier ones."""

    steps: tuple[_Solved | _Replaced, ...]
    """How it came about."""

    def pulled_back(self, bars: Rows) -> Rows:
        """Return ∂L/∂M where M had entries, from ∂L/∂rows; other entries mean nothing.

        Bilinear: dL = Re Σ bar · d entry.
        """
        bars = {row: dict(of) for row, of in bars.items()}
        for step in reversed(self.steps):
            if isinstance(step, _Solved):
                _unsolve(bars, step)
            else:
                _unreplace(bars, step)
        return bars


def reduce_rows(rows: Rows, waves: Iterable[int]) -> InstantMap:
    """Solve the loops among `waves` and put waves into their users where that saves products.

    Raises
    ------
    SingularLoopError
        Where a loop has a round trip of 1.
    """
    rows = {row: dict(of) for row, of in rows.items()}
    waves = [wave for wave in waves if wave in rows]
    steps: list[_Solved | _Replaced] = []
    _replace_cheap(rows, waves, steps)  # no division: what is left to solve is smaller
    waves = [wave for wave in waves if wave in rows]
    steps += [_solve(rows, it) for it in _loops(rows, waves)]
    _replace_cheap(rows, waves, steps)
    order = TopologicalSorter({row: [it for it in of if it in rows] for row, of in rows.items()})
    return InstantMap({row: rows[row] for row in order.static_order()}, tuple(steps))


def _loops(rows: Rows, waves: list[int]) -> list[list[int]]:
    """Sets of waves that depend on one another, in any order."""
    number = {wave: i for i, wave in enumerate(waves)}
    pairs = [(number[row], number[it]) for row in waves for it in rows[row] if it in number]
    if not pairs:
        return []
    down, up = np.array(pairs).T
    graph = coo_array((np.ones(len(pairs)), (down, up)), shape=(len(waves), len(waves)))
    _, labels = connected_components(graph.tocsr(), connection="strong")
    groups: dict[int, list[int]] = {}
    for wave, label in zip(waves, labels.tolist(), strict=True):
        groups.setdefault(label, []).append(wave)
    return [group for group in groups.values() if len(group) > 1 or group[0] in rows[group[0]]]


def _solve(rows: Rows, members: list[int]) -> _Solved:
    inside = {it: i for i, it in enumerate(members)}
    found = dict.fromkeys(c for k in members for c in rows[k] if c not in inside)
    outside = {it: i for i, it in enumerate(found)}
    system = np.eye(len(members), dtype=np.complex128)
    drive = np.zeros((len(members), len(outside)), dtype=np.complex128)
    for k, i in inside.items():
        for c, value in rows[k].items():
            if c in inside:
                system[i, inside[c]] -= value
            else:
                drive[i, outside[c]] = value
    sizes = np.linalg.svd(system, compute_uv=False)
    if sizes[-1] <= _SINGULAR * max(1.0, sizes[0]):
        raise SingularLoopError(members)
    inverse: NDArray[np.complex128] = np.asarray(np.linalg.inv(system), dtype=np.complex128)
    response: NDArray[np.complex128] = np.asarray(
        np.linalg.solve(system, drive), dtype=np.complex128
    )
    for k, i in inside.items():
        rows[k] = dict(zip(outside, response[i].tolist(), strict=True))
    return _Solved(members, list(outside), inverse, response)


def _replace_cheap(rows: Rows, waves: list[int], steps: list[_Solved | _Replaced]) -> None:
    users: dict[int, set[int]] = {wave: set() for wave in waves}
    for row, of in rows.items():
        for source in of:
            if source in users:
                users[source].add(row)
    waiting = dict.fromkeys(waves)
    while waiting:
        wave = next(iter(waiting))
        del waiting[wave]
        terms, uses = len(rows[wave]), len(users[wave])
        if terms * uses > terms + uses or wave in rows[wave]:
            continue
        own = rows.pop(wave)
        held = {user: rows[user].pop(wave) for user in users.pop(wave)}
        for user, factor in held.items():
            for source, value in own.items():
                rows[user][source] = rows[user].get(source, 0.0) + factor * value
        for source in own:
            if source in users:
                users[source].discard(wave)
                users[source].update(held)
                waiting[source] = None
        waiting.update((user, None) for user in held if user in users)
        steps.append(_Replaced(wave, own, held))


def _unsolve(bars: Rows, step: _Solved) -> None:
    """Of dW = A⁻¹ (dM_Kc + dM_KK W) with A = I − M_KK: M̄_Kc = A⁻ᵀ W̄ and M̄_KK = M̄_Kc Wᵀ."""
    bar = np.array(
        [[bars.get(k, {}).get(c, 0.0) for c in step.sources] for k in step.members],
        dtype=np.complex128,
    )
    of_drive = step.inverse.T @ bar.reshape(len(step.members), len(step.sources))
    of_loop = of_drive @ step.response.T
    for k, drive, loop in zip(step.members, of_drive.tolist(), of_loop.tolist(), strict=True):
        bars[k] = dict(zip(step.sources, drive, strict=True))
        bars[k].update(zip(step.members, loop, strict=True))


def _unreplace(bars: Rows, step: _Replaced) -> None:
    """M[r, c] += M[r, k] M[k, c]: both factors get the other times the bar of the sum."""
    own = dict.fromkeys(step.row, 0.0 + 0.0j)
    for user, factor in step.users.items():
        of_user = bars.setdefault(user, {})
        of_user[step.node] = sum(of_user.get(c, 0.0) * value for c, value in step.row.items())
        for c in own:
            own[c] += of_user.get(c, 0.0) * factor
    bars[step.node] = own
