"""How an array of cells is halved until its parts are small, and put together again.

    ┌─────────┬─────────┐        a block of cells has ports at the ends of its lines:
    │         │         │            left    where its word lines are fed
    │  upper  │         │            right   the last cells of its word lines
    ├─────────┤   …     │            top     the first cells of its bit lines
    │  lower  │         │            bottom  where its bit lines end
    └─────────┴─────────┘
      left half  right half      open ends have no port

Blocks are numbered so that halves precede what they make; the whole comes last (nested dissection:
George, SIAM J. Numer. Anal. 10, 345 (1973)).
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_SMALL = 4
"""Most lines of a block that is not halved."""

_LEFT, _RIGHT, _TOP, _BOTTOM = range(4)
_MEET = {True: (_RIGHT, _LEFT), False: (_BOTTOM, _TOP)}
"""The side of the first and of the second half that meet, side by side or not."""

Sides = tuple[int, int, int, int]
Indices = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class CrossbarTree:
    """The blocks of an array, and where their numbers are kept."""

    cells: Indices
    """First word line, first bit line, word lines and bit lines, (blocks, 4)."""

    sides: Indices
    """Ports at left, right, top and bottom, (blocks, 4)."""

    halves: Indices
    """The two blocks that make a block, (blocks, 2); −1 where it is not halved."""

    runs: Indices
    """Ports that stay when halves meet, (blocks, 2, 3, 3): three runs of each half's, by first
    port, first port in the whole and length."""

    seams: Indices
    """First port of each half that meets one of the other, and the nodes to be eliminated,
    (blocks, 3)."""

    place: Indices
    """Where each block's conductances start, and where the last ones end, (blocks + 1,)."""

    tape: Indices
    """The same of what its elimination leaves for the way back, (blocks + 1,)."""


class _Block(NamedTuple):
    cells: tuple[int, int, int, int]
    sides: Sides
    halves: tuple[int, int]
    runs: list[list[tuple[int, int, int]]]
    seam: tuple[int, int, int]


@lru_cache(maxsize=16)
def crossbar_tree(words: int, bits: int) -> CrossbarTree:
    """Return the tree of an array of word and bit lines."""
    blocks: list[_Block] = []

    def grow(j: int, o: int, m: int, n: int) -> int:
        """Add a block and all its parts; return its number."""
        if max(m, n) <= _SMALL:
            blocks.append(_leaf((j, o, m, n), j == 0, o + n == bits))
        else:
            beside = n >= m
            left, top = (0, n // 2) if beside else (m // 2, 0)
            first = grow(j, o, left or m, top or n)
            second = grow(j + left, o + top, m - left, n - top)
            joint = _joint(blocks[first].sides, blocks[second].sides, beside)
            blocks.append(_Block((j, o, m, n), joint[0], (first, second), *joint[1:]))
        return len(blocks) - 1

    grow(0, 0, words, bits)
    cells, sides, halves, runs, seams = (np.array(part) for part in zip(*blocks, strict=True))
    ports, hidden = sides.sum(axis=1), seams[:, 2]
    place, tape = (np.cumsum([0, *sizes]) for sizes in (ports**2, hidden * (hidden + ports)))
    return CrossbarTree(
        cells=cells, sides=sides, halves=halves, runs=runs, seams=seams, place=place, tape=tape
    )


def _leaf(cells: tuple[int, int, int, int], first: bool, last: bool) -> _Block:
    """Return a block that is not halved, with open ends where its lines begin and end."""
    _, _, m, n = cells
    right, top = (0 if last else m), (0 if first else n)
    return _Block(
        cells, (m, right, top, n), (-1, -1), [[(0, 0, 0)] * 3] * 2, (0, 0, 2 * m * n - right - top)
    )


def _joint(
    a: Sides, b: Sides, beside: bool
) -> tuple[Sides, list[list[tuple[int, int, int]]], tuple[int, int, int]]:
    """Return the sides of two halves together, the runs of ports that stay, and the seam.

    On each side come the first half's ports, then the second's.
    """
    runs: list[list[tuple[int, int, int]]] = [[], []]
    whole, meet = [0, 0, 0, 0], _MEET[beside]
    for side in (_LEFT, _RIGHT, _TOP, _BOTTOM):
        for half, sides in enumerate((a, b)):
            if side != meet[half]:
                runs[half].append((sum(sides[:side]), sum(whole), sides[side]))
                whole[side] += sides[side]
    left, right, top, bottom = whole
    seam = sum(a[: meet[0]]), sum(b[: meet[1]]), a[meet[0]]
    return (left, right, top, bottom), runs, seam
