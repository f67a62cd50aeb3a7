"""Tables of S-parameters: what lies between the samples, and what is refused."""

import numpy as np
import pytest

from circuits import Line
from circuits.component_compositions import add_drop_ring
from circuits.s_parameters import SParameters

LIGHT = np.linspace(193.2e12, 193.6e12, 401)
BETWEEN = LIGHT[:-1] + 0.37 * np.diff(LIGHT)


def ring_table(light=LIGHT, **more):
    ring = add_drop_ring()
    table = {"frequency": light, "matrix": ring.scattering(light), "ports": ring.ports}
    return SParameters(**(table | more))


def delay_line(delay):
    return Line(ports=("a", "b"), attenuation=0.2, phase=0.4, delay=delay,
                reference_frequency=193.4e12)  # fmt: skip


def test_samples_are_kept_and_between_them_the_ring_is_met():
    table = ring_table()
    # A spline passes through its samples up to rounding.
    np.testing.assert_allclose(table.scattering(LIGHT), table.matrix, atol=1e-14)
    error = np.max(np.abs(table.scattering(BETWEEN) - add_drop_ring().scattering(BETWEEN)))
    # Cubic: 1/2⁴ of the error at twice the step, where the estimate is taken.
    assert error < table.interpolation_error / 8
    assert table.interpolation_error < 1e-4


def test_cubic_order():
    errors = []
    for n in (201, 401):
        table = ring_table(np.linspace(193.2e12, 193.6e12, n))
        between = np.linspace(193.2e12, 193.6e12, 2 * n - 1)[1::2]
        exact = add_drop_ring().scattering(between)
        errors.append(np.max(np.abs(table.scattering(between) - exact)))
    # Order 4, measured from one halving of the step.
    assert np.log2(errors[0] / errors[1]) > 3.6


@pytest.mark.parametrize("delay", [4.5e-10, -4.5e-10])
def test_a_phase_that_turns_fast_is_not_aliased(delay):
    # 0.9 π a sample: a spline through real and imaginary parts is lost.
    line = delay_line(delay)
    table = SParameters(frequency=LIGHT, matrix=line.scattering(LIGHT), ports=line.ports)
    # The delay is found to 1e-16 of the phase over the band, 1e3 rad.
    np.testing.assert_allclose(
        table.scattering(BETWEEN), line.scattering(BETWEEN), rtol=1e-9, atol=1e-12
    )


def test_a_stated_delay_tells_more_than_a_turn_a_sample():
    line = delay_line(2.3e-9)  # 2.3 turns a sample
    table = SParameters(
        frequency=LIGHT,
        matrix=line.scattering(LIGHT),
        ports=line.ports,
        group_delay=np.full((2, 2), 2.1e-9),
    )
    np.testing.assert_allclose(
        table.scattering(BETWEEN), line.scattering(BETWEEN), rtol=1e-9, atol=1e-12
    )


def test_samples_that_differ_in_their_steps():
    light = 299792458.0 / np.linspace(1552e-9, 1548e-9, 301)
    between = (light[1:] + light[:-1]) / 2
    line = delay_line(1e-10)
    table = SParameters(frequency=light, matrix=line.scattering(light), ports=line.ports)
    np.testing.assert_allclose(table.scattering(between), line.scattering(between), atol=1e-9)


def test_dispersion_is_the_slope_of_the_interpolation():
    table, step = ring_table(), 2.0**16
    slope = (table.scattering(BETWEEN + step) - table.scattering(BETWEEN - step)) / (2 * step)
    got = table.dispersion(BETWEEN)
    # Rounding of the phase, 1e-12, over the step; slopes are 1e-11.
    np.testing.assert_allclose(got, slope, atol=1e-5 * np.max(np.abs(slope)))
    assert table.derivatives(BETWEEN) == {}
    assert table.parameters == {}
    np.testing.assert_array_equal(table.structure, np.any(table.matrix != 0, axis=0))


def test_one_two_and_three_samples():
    for n in (1, 2, 3):
        light = np.linspace(193.2e12, 193.6e12, 401)[:n]
        table = ring_table(light)
        np.testing.assert_allclose(table.scattering(light), table.matrix, atol=1e-14)
        assert np.isnan(table.interpolation_error)


def test_passivity_and_reciprocity():
    table = ring_table()
    gains = [np.linalg.svd(it, compute_uv=False)[0] for it in table.matrix]
    assert table.worst_gain.gain == pytest.approx(max(gains), rel=1e-14)
    assert table.worst_gain.frequency == LIGHT[int(np.argmax(gains))]
    assert table.is_passive()
    assert table.reciprocity_error < 1e-14
    one_way = table.matrix.copy()
    one_way[7, 0, 1] = 1.5
    other = ring_table(matrix=one_way)
    assert not other.is_passive()
    assert other.worst_gain.frequency == LIGHT[7]
    assert other.reciprocity_error == pytest.approx(abs(1.5 - one_way[7, 1, 0]))


@pytest.mark.parametrize("light", [193.1e12, 193.7e12])
def test_nothing_is_known_beyond_the_samples(light):
    with pytest.raises(ValueError, match="known from 1.932e\\+14 Hz to 1.936e\\+14 Hz"):
        ring_table().scattering([light])


def test_rounding_at_the_ends_is_no_extrapolation():
    table = ring_table()
    ends = LIGHT[[0, -1]] * (1 + np.array([-2e-16, 2e-16]))
    np.testing.assert_allclose(table.scattering(ends), table.matrix[[0, -1]], atol=1e-14)


def test_samples_that_say_nothing_about_each_other():
    rng = np.random.default_rng(3)
    noise = np.exp(2j * np.pi * rng.random((401, 1, 1)))
    table = SParameters(frequency=LIGHT, matrix=noise, ports=("a",))
    np.testing.assert_allclose(table.scattering(LIGHT), noise, atol=1e-13)
    with pytest.raises(ValueError, match="S\\['a', 'a'\\] turns too fast for its samples"):
        table.scattering(BETWEEN)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"frequency": LIGHT[::-1]}, "frequency must be one ascending list"),
        ({"frequency": -LIGHT}, "frequency must be > 0 and finite"),
        ({"matrix": np.ones((401, 4, 3))}, "matrix must have the shape \\(401, 4, 4\\)"),
        ({"matrix": np.full((401, 4, 4), np.nan)}, "matrix must be finite; S\\['in', 'in'\\]"),
        ({"ports": ("a", "a", "b", "c")}, "ports must be names that differ"),
        ({"ports": ("a,", "d", "b", "c")}, "port names must be text without commas"),
        ({"modes": (("TE", 1),)}, "modes must be one for each of the 4 ports"),
        ({"group_delay": np.ones(4)}, "group_delay must have the shape \\(4, 4\\)"),
        ({"group_delay": np.full((4, 4), np.inf)}, "group_delay must be finite"),
        ({"matrix": np.ones(3), "source": "x.dat"}, "^x.dat: matrix must have the shape"),
    ],
)
def test_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        ring_table(**changes)
