"""Lines, compositions and the closing of wirings, against formulas written out."""

import numpy as np
import pytest

from circuits import Composition, Line, Memoryless
from circuits.component import LineSlope
from circuits.component_wiring import Wiring, close
from tests import naive

LIGHT = np.linspace(193.0e12, 193.4e12, 7)


def line(**changes):
    numbers = {
        "attenuation": 0.3,
        "phase": 0.7,
        "delay": 2e-12,
        "bend": 3e-25,
        "reference_frequency": 193.2e12,
    }
    slopes = {name: LineSlope(**{name: 1.0}) for name in numbers}
    return Line(ports=("a", "b"), **(numbers | changes), parameters=numbers, slopes=slopes)


def test_a_line_is_loss_phase_delay_and_bend():
    omega = 2 * np.pi * (LIGHT - 193.2e12)
    expected = np.exp(-0.3 + 0.7j + 1j * omega * 2e-12 + 1j * omega**2 * 3e-25 / 2)
    scattering = line().scattering(LIGHT)
    # Phases of some rad, so a few roundings of 2e-16.
    np.testing.assert_allclose(scattering[:, 1, 0], expected, rtol=1e-14)
    np.testing.assert_array_equal(scattering[:, 0, 1], scattering[:, 1, 0])
    np.testing.assert_array_equal(scattering[:, [0, 1], [0, 1]], 0.0)
    assert np.array_equal(line().structure, [[False, True], [True, False]])


@pytest.mark.parametrize("name", list(line().parameters))
def test_slopes_of_a_line(name):
    value = getattr(line(), name)
    step = {"bend": 1e-29, "reference_frequency": 2.0**16}.get(name, 1e-5 * value)
    upper, lower = (line(**{name: value + s}).scattering(LIGHT) for s in (step, -step))
    expected = (upper - lower) / (2 * step)
    # Second-order differences: (1e-5)² of the third derivative, and 1e-16/1e-5 of rounding.
    slope = line().derivatives(LIGHT)[name]
    np.testing.assert_allclose(slope, expected, rtol=1e-6, atol=1e-8 * np.max(np.abs(slope)))


def test_dispersion_of_a_line_is_its_slope_in_frequency():
    step = 2.0**16
    upper, lower = (line().scattering(LIGHT + s) for s in (step, -step))
    np.testing.assert_allclose(
        line().dispersion(LIGHT)[:, 1, 0], (upper - lower)[:, 1, 0] / (2 * step), rtol=1e-7
    )


def test_a_line_about_another_carrier_is_the_same_line():
    moved = line().referred_to(193.05e12)
    assert moved.reference_frequency == 193.05e12
    np.testing.assert_allclose(moved.scattering(LIGHT), line().scattering(LIGHT), atol=1e-14)
    before, after = line().derivatives(LIGHT), moved.derivatives(LIGHT)
    for name, slope in before.items():
        np.testing.assert_allclose(after[name], slope, atol=1e-13 * np.max(np.abs(slope)))


def test_closing_is_the_solution_of_all_waves():
    rng = np.random.default_rng(0)
    blocks = [0.3 * rng.normal(size=(2, n, n)) for n in (3, 2, 4)]
    blocks = [block + 0.2j * rng.normal(size=block.shape) for block in blocks]
    whole = np.zeros((2, 9, 9), dtype=complex)
    first = 0
    for block in blocks:
        span = slice(first, first + block.shape[1])
        whole[:, span, span] = block
        first += block.shape[1]
    pairs, external = [(0, 3), (4, 6), (1, 2)], [8, 5]  # 7 stays open
    closed = close(whole, Wiring.of(9, pairs, external))
    for f in range(2):
        expected = naive.circuit_scattering([block[f] for block in blocks], pairs, external)
        np.testing.assert_allclose(closed.total[f], expected, rtol=1e-12)
    change = np.zeros_like(whole)
    change[:, 3:5, 3:5] = 1e-6 * rng.normal(size=(2, 2, 2))
    upper, lower = (close(whole + s * change, Wiring.of(9, pairs, external)) for s in (1, -1))
    np.testing.assert_allclose(
        closed.leaving @ change @ closed.entering, (upper.total - lower.total) / 2, atol=1e-14
    )


def test_memoryless_is_the_same_at_every_frequency():
    matrix = np.array([[0.1, 0.9j], [0.0, 0.2]])
    slope = np.array([[0.0, 0.0], [1.0, 0.0]])
    part = Memoryless(("a", "b"), matrix, {"x": 1.0}, {"x": slope + 0j})
    np.testing.assert_array_equal(part.scattering(LIGHT), [matrix] * 7)
    np.testing.assert_array_equal(part.derivatives(LIGHT)["x"], [slope] * 7)
    np.testing.assert_array_equal(part.dispersion(LIGHT), np.zeros((7, 2, 2)))
    # The zero entry counts: a slope may lift it.
    assert part.structure.all()


def test_composition_in_a_row_multiplies():
    first, second = line(), line(phase=-0.2, attenuation=0.0)
    chain = Composition(
        ports=("in0", "out0"),
        parts={"first": first, "second": second},
        connections=(("first,b", "second,a"),),
        exposed=("first,a", "second,b"),
        parameters=first.parameters,
    )
    product = first.transfer(LIGHT) * second.transfer(LIGHT)
    np.testing.assert_allclose(chain.scattering(LIGHT)[:, 1, 0], product, rtol=1e-14)
    both = first.derivatives(LIGHT)["delay"][:, 1, 0] * second.transfer(LIGHT)
    # The parameter acts on both parts.
    np.testing.assert_allclose(chain.derivatives(LIGHT)["delay"][:, 1, 0], 2 * both, rtol=1e-13)
    slope = 2j * np.pi * (4e-12 + 2 * 3e-25 * 2 * np.pi * (LIGHT - 193.2e12))
    np.testing.assert_allclose(chain.dispersion(LIGHT)[:, 1, 0], product * slope, rtol=1e-12)
