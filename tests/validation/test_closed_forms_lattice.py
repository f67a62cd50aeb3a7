"""Closed forms of chains: one another, matrices multiplied out by hand, limits."""

import numpy as np
import pytest

from validation.closed_forms import lattice, ring

PHASE = np.linspace(-3, 3, 101)


def test_one_ring_between_two_guides():
    found = lattice.coupled_rings(PHASE, 0.97, [0.9, 0.8])
    expected = ring.add_drop_fields(PHASE, 0.97, 0.9, 0.8)
    np.testing.assert_allclose(found, expected, atol=1e-14)


def test_a_row_of_rings_is_a_continued_fraction():
    """What a ring sends back through its coupler has met all rings behind it."""
    couplings = [0.6, 0.98, 0.99, 0.95, 0.7]
    behind = np.full(len(PHASE), couplings[-1], dtype=complex)
    for r in couplings[-2::-1]:
        turn = 0.99 * np.exp(1j * PHASE) * behind
        behind = (r - turn) / (1 - r * turn)
    through, _ = lattice.coupled_rings(PHASE, 0.99, couplings)
    np.testing.assert_allclose(through, behind, atol=1e-12)
    kept, passed = lattice.coupled_rings(PHASE, 1.0, couplings)
    np.testing.assert_allclose(np.abs(kept) ** 2 + np.abs(passed) ** 2, 1.0, atol=1e-12)


def test_a_chain_passes_light_in_its_band_only():
    kappa = 0.3
    stay = [np.sqrt(1 - kappa**2)] * 41
    edge = 2 * np.arcsin(kappa)
    inside, outside = (
        np.abs(lattice.coupled_rings(np.array([at * edge]), 1.0, stay)[1][0]) ** 2
        for at in (0.5, 1.2)
    )
    assert inside > 0.01  # ends that do not match send some back
    assert outside < 1e-20  # e^{−2·40·acosh(1.2)}
    assert abs(lattice.crow_bloch_cosine(edge, kappa)) == pytest.approx(1.0, rel=1e-14)


def test_the_delay_of_a_chain_is_the_slope_of_its_dispersion():
    phase, step = np.linspace(-0.4, 0.4, 9), 1e-5
    up, down = (np.arccos(lattice.crow_bloch_cosine(phase + s, 0.3)) for s in (step, -step))
    np.testing.assert_allclose(lattice.crow_delay(phase, 0.3), (up - down) / (2 * step), rtol=1e-7)
    assert lattice.crow_delay(0.0, 0.3) == pytest.approx(1 / 0.6)


def test_a_flat_band_is_flat_and_half_at_its_edges():
    couplings = np.sqrt(1 - lattice.flat_ring_couplings(5, 0.01))
    drop = lattice.coupled_rings(2 * np.pi * np.array([0, 0.002, 0.005]), 1.0, couplings)[1]
    # 1/(1 + (2f/B)^10), for narrow bands: 1 % of the range errs by its square.
    expected = 1 / (1 + np.array([0, 0.4, 1.0]) ** 10)
    np.testing.assert_allclose(np.abs(drop) ** 2, expected, atol=3e-3)


@pytest.mark.parametrize(("angle", "stages"), [(np.pi / 10, 4), (0.2, 3), (0.9, 5)])
def test_a_lattice_is_its_matrices_multiplied(angle, stages):
    coupler = np.array([[np.cos(angle), 1j * np.sin(angle)], [1j * np.sin(angle), np.cos(angle)]])
    expected = []
    for phase in PHASE:
        matrix = coupler
        for _ in range(stages):
            matrix = coupler @ np.diag(np.exp([0.5j * phase, -0.5j * phase])) @ matrix
        expected.append(matrix[1, 0])
    found = lattice.equal_lattice_cross(PHASE, angle, stages)
    np.testing.assert_allclose(found, expected, atol=1e-13)
    taps = lattice.equal_lattice_taps(angle, stages)
    orders = np.arange(stages + 1) - stages / 2
    np.testing.assert_allclose(np.exp(1j * np.outer(PHASE, orders)) @ taps, expected, atol=1e-13)
    zeros = lattice.equal_lattice_zeros(angle, stages)
    dark = lattice.equal_lattice_cross(zeros, angle, stages)
    np.testing.assert_allclose(dark, 0.0, atol=1e-14)
    on_circle = np.abs(np.abs(np.roots(taps)) - 1) < 1e-9
    assert np.sum(on_circle) == len(zeros)


def test_a_third_makes_the_ring_interferometer_flat():
    np.testing.assert_allclose(
        lattice.ring_interferometer_power(PHASE, 1 / 3),
        lattice.flat_interferometer_power(PHASE),
        atol=1e-14,
    )
    # Without a ring it is a bare interferometer, whose other arm is the longer one twice.
    np.testing.assert_allclose(
        lattice.ring_interferometer_power(PHASE, 0.0), np.sin(PHASE / 2) ** 2, atol=1e-15
    )


def test_two_mirrors_are_a_ring_of_as_much_coupling():
    back, passed = ring.mirror_pair_fields(PHASE, 0.8, 1.0)
    np.testing.assert_allclose(np.abs(passed) ** 2, ring.fabry_perot_power(PHASE, 0.8), atol=1e-14)
    np.testing.assert_allclose(np.abs(back) ** 2 + np.abs(passed) ** 2, 1.0, atol=1e-14)
    _, dropped = ring.add_drop_fields(PHASE, 0.9, np.sqrt(0.8), np.sqrt(0.8))
    np.testing.assert_allclose(ring.mirror_pair_fields(PHASE, 0.8, 0.9)[1], dropped, atol=1e-14)
