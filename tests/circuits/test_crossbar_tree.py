"""The halves of an array: every cell once, every port where its neighbour has one."""

import numpy as np
import pytest

from circuits.crossbar_tree import crossbar_tree

SHAPES = [(1, 1), (4, 4), (5, 4), (1, 9), (9, 1), (16, 13), (33, 6)]


@pytest.mark.parametrize(("words", "bits"), SHAPES)
def test_small_blocks_cover_every_cell_once(words, bits):
    tree = crossbar_tree(words, bits)
    covered = np.zeros((words, bits), dtype=int)
    for (j, o, m, n), halves in zip(tree.cells, tree.halves, strict=True):
        if halves[0] < 0:
            assert max(m, n) <= 4
            covered[j : j + m, o : o + n] += 1
    assert np.all(covered == 1)
    assert tuple(tree.cells[-1]) == (0, 0, words, bits)


@pytest.mark.parametrize(("words", "bits"), SHAPES)
def test_only_drivers_and_receivers_are_left(words, bits):
    tree = crossbar_tree(words, bits)
    assert tuple(tree.sides[-1]) == (words, 0, 0, bits)
    # Every node of every cell is eliminated in one block.
    assert tree.seams[:, 2].sum() == 2 * words * bits


@pytest.mark.parametrize(("words", "bits"), SHAPES)
def test_ports_stay_or_meet(words, bits):
    tree = crossbar_tree(words, bits)
    ports = tree.sides.sum(axis=1)
    for block, halves in enumerate(tree.halves):
        if halves[0] < 0:
            continue
        whole = []
        for half, part in enumerate(halves):
            assert part < block  # halves come first
            seam = np.arange(
                tree.seams[block, half], tree.seams[block, half] + tree.seams[block, 2]
            )
            stay = [np.arange(first, first + length) for first, _, length in tree.runs[block, half]]
            whole += [np.arange(at, at + length) for _, at, length in tree.runs[block, half]]
            here = np.concatenate([seam, *stay])
            assert sorted(here) == list(range(ports[part]))
        assert sorted(np.concatenate(whole)) == list(range(ports[block]))


def test_numbers_of_blocks_do_not_overlap():
    tree = crossbar_tree(16, 13)
    ports, hidden = tree.sides.sum(axis=1), tree.seams[:, 2]
    np.testing.assert_array_equal(np.diff(tree.place), ports**2)
    np.testing.assert_array_equal(np.diff(tree.tape), hidden * (hidden + ports))
