"""In which order the joined ports of a circuit are eliminated: decided once, for all frequencies.

The unknowns are the waves that enter the joined ports, x = M_ii x + M_ie a, and the waves that
get outside are M_ei x + M_ee a. Eliminating unknown k replaces, for every wave r that needs it
and every wave c that it needs,

    M[r, c] ← M[r, c] + M[r, k] M[k, c]/(1 − M[k, k])

until only the external waves are left: then M_ee is the scattering matrix. That is Gaussian
elimination of I − M, and in each step the intermediate M is the scattering matrix of the circuit
with fewer connections closed (Filipsson, Eur. Microwave Conf. (1981)). Hence no pivoting: without
gain no entry ever exceeds one, and a pivot vanishes only where light is caught without loss.

Which entries occur depends on the wiring alone. The order takes the cheapest unknown first, by
Markowitz's product of rows and columns (Management Science 3, 255 (1957)), which for a circuit
without feedback creates nothing but the paths themselves.
"""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int32]


@dataclass(frozen=True)
class Elimination:
    """Steps of the elimination on numbered places of entries of M."""

    n_places: int
    """Number of entries that occur; those given at the start come first, in their order."""

    pivots: Indices
    """(n,): place of M[k, k] of each step, −1 where it is zero."""

    unknowns: Indices
    """(n,): the unknown k that each step eliminates."""

    left_start: Indices
    """(n + 1,): where the places of a step begin in `left`."""

    left: Indices
    """Places M[r, k]."""

    right_start: Indices
    """(n + 1,): where the places of a step begin in `right`."""

    right: Indices
    """Places M[k, c]."""

    target_start: NDArray[np.int64]
    """(n + 1,): where the places of a step begin in `target`."""

    target: Indices
    """Places M[r, c], all c of the first r, then those of the next."""

    result: Indices
    """(n_external²,): places of M_ee row by row, −1 where nothing arrives."""

    @property
    def n_operations(self) -> int:
        """Number of complex multiplications and additions."""
        return len(self.target)


def eliminate(rows: Indices, columns: Indices, n_unknowns: int, n_external: int) -> Elimination:
    """Plan the elimination of M with entries at (rows, columns), externals numbered last."""
    size = n_unknowns + n_external
    places: dict[int, int] = {}
    needs: list[set[int]] = [set() for _ in range(size)]  # needs[r]: columns of row r
    needed: list[set[int]] = [set() for _ in range(size)]  # needed[c]: rows of column c
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        places[row * size + column] = len(places)
        needs[row].add(column)
        needed[column].add(row)

    pivots, order, lefts, rights, targets = [], [], [], [], []
    for k in _cheapest_first(needs, needed, n_unknowns):
        pivots.append(places.get(k * size + k, -1))
        order.append(k)
        into, out_of = sorted(needed[k] - {k}), sorted(needs[k] - {k})
        lefts.append([places[row * size + k] for row in into])
        rights.append([places[k * size + column] for column in out_of])
        targets.append(
            [
                places.setdefault(row * size + column, len(places))
                for row in into
                for column in out_of
            ]
        )
        for row in into:
            needs[row].discard(k)
            needs[row].update(out_of)
        for column in out_of:
            needed[column].discard(k)
            needed[column].update(into)

    external = range(n_unknowns, size)
    result = [places.get(row * size + column, -1) for row in external for column in external]
    return Elimination(
        n_places=len(places),
        pivots=np.array(pivots, dtype=np.int32),
        unknowns=np.array(order, dtype=np.int32),
        left_start=_starts(lefts).astype(np.int32),
        left=_joined(lefts),
        right_start=_starts(rights).astype(np.int32),
        right=_joined(rights),
        target_start=_starts(targets),
        target=_joined(targets),
        result=np.array(result, dtype=np.int32),
    )


def _cheapest_first(
    needs: list[set[int]], needed: list[set[int]], n_unknowns: int
) -> Iterable[int]:
    """Yield the unknowns, each time the one of least product; the caller updates the sets.

    Stale costs stay in the heap and are put back with the present cost when they come up.
    """

    def cost(k: int) -> int:
        return len(needs[k]) * len(needed[k])

    heap = [(cost(k), k) for k in range(n_unknowns)]
    heapq.heapify(heap)
    while heap:
        expected, k = heapq.heappop(heap)
        present = cost(k)
        if present > expected:
            heapq.heappush(heap, (present, k))
        else:
            yield k


def _starts(groups: list[list[int]]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum([len(group) for group in groups], dtype=np.int64)])


def _joined(groups: list[list[int]]) -> Indices:
    return np.array([place for group in groups for place in group], dtype=np.int32)
