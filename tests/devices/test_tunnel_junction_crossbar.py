import numpy as np
import pytest

from devices import TunnelJunctionCrossbar
from validation import closed_forms


def test_magnetoresistance_falls_with_the_voltage():
    device = TunnelJunctionCrossbar()
    volts = np.array([-0.5, 0.0, 0.1, 0.5, 2.0])
    expected = closed_forms.crossbar.tunnel_magnetoresistance(1.5, volts, 0.5)
    np.testing.assert_allclose(device.magnetoresistance_at(volts), expected, rtol=1e-14)
    np.testing.assert_allclose(device.antiparallel_conductance(volts), 1e-4 / (1 + expected))
    steady = TunnelJunctionCrossbar(half_voltage=np.inf)
    np.testing.assert_array_equal(steady.magnetoresistance_at(volts), 1.5)


def test_a_pair_of_conductances_is_the_weight():
    device = TunnelJunctionCrossbar()
    weight = np.linspace(-1, 1, 9)
    for volts in (0.0, 0.3):
        positive, negative = device.conductance_pair(weight, volts)
        got = (positive - negative) / device.weight_conductance(volts)
        np.testing.assert_allclose(got, weight, atol=1e-14)
        # The larger is at most n parallel junctions, the smaller n antiparallel ones.
        assert max(positive.max(), negative.max()) == pytest.approx(7e-4, rel=1e-13)
        low = 7 * device.antiparallel_conductance(volts)
        np.testing.assert_allclose(np.minimum(positive, negative), low, rtol=1e-14)


def test_storable_weights_are_counted_junctions():
    device = TunnelJunctionCrossbar(junctions=2)
    weight = np.array([-1.7, -0.8, -0.2, 0.0, 0.3, 0.74, 0.76, 1.0], dtype=np.float32)
    got = device.quantise(weight)
    np.testing.assert_array_equal(got, [-1, -1, 0, 0, 0.5, 0.5, 1, 1])
    assert got.dtype == device.passes(weight).dtype == np.float32
    np.testing.assert_array_equal(device.passes(weight), [0, 1, 1, 1, 1, 1, 1, 1])
    assert device.levels == len(np.unique(device.quantise(np.linspace(-1, 1, 1001)))) == 5


def test_column_is_the_sum_of_its_cells():
    device = TunnelJunctionCrossbar()
    rng = np.random.default_rng(0)
    weights, volts = rng.uniform(-1, 1, size=(3, 5)), rng.uniform(-0.3, 0.3, size=5)
    current, power = np.zeros(3), np.zeros(3)
    for i in range(3):
        for j in range(5):
            positive, negative = device.conductance_pair(weights[i, j], volts[j])
            current[i] += (positive - negative) * volts[j]
            power[i] += (positive + negative) * volts[j] ** 2
    np.testing.assert_allclose(device.column_current(weights, volts), current, rtol=1e-12)
    np.testing.assert_allclose(device.column_power(weights, volts), power, rtol=1e-12)
    batch = device.column_current(weights, rng.uniform(-0.1, 0.1, size=(4, 5)).reshape(4, 5))
    assert batch.shape == (4, 3)


def test_a_small_drive_is_linear_and_a_large_one_is_bent():
    device = TunnelJunctionCrossbar()
    small = device.drive_current(1e-4) / 1e-4
    assert small == pytest.approx(device.weight_conductance(), rel=1e-7)  # (V/V_h)² = 4e-8
    assert device.drive_current(0.5) / 0.5 < 0.8 * small
    assert device.drive_current(-0.5) == -device.drive_current(0.5)


def test_every_junction_of_a_column_is_noisy():
    device = TunnelJunctionCrossbar(temperature=290.0)
    weights = np.array([[0.0, 0.0, 0.0], [1.0, -1.0, 0.5]])
    conductance = device.column_conductance(weights)
    low, high = 7 * 1e-4 / 2.5, 7e-4
    expected = np.array([6 * low, 3 * low + 2 * high + 0.5 * (low + high)])
    np.testing.assert_allclose(conductance, expected, rtol=1e-13)
    variance = closed_forms.crossbar.johnson_variance(expected, 290.0, 1e9)
    np.testing.assert_allclose(device.noise_variance(weights, 1e9), variance, rtol=1e-13)


def test_fabricated_junctions_scatter_each_on_its_own():
    device = TunnelJunctionCrossbar(conductance_spread=0.1)
    n, rng = 20_000, np.random.default_rng(1)
    positive, negative = device.draw_conductances(np.full(n, 3 / 7), rng)
    junction = rng.normal(1.0, 0.1, size=(n, 7)) * np.array([1e-4] * 3 + [1e-4 / 2.5] * 4)
    summed = junction.sum(axis=1)
    # Means within 4σ, standard deviations within 4/√(2n).
    assert positive.mean() == pytest.approx(summed.mean(), abs=4 * 1.5 * summed.std() / n**0.5)
    assert positive.std() == pytest.approx(summed.std(), rel=4 / n**0.5)
    assert negative.std() == pytest.approx(0.1 * 4e-5 * 7**0.5, rel=4 / n**0.5)
    exact = TunnelJunctionCrossbar().draw_conductances(0.5, rng)
    np.testing.assert_allclose(exact, TunnelJunctionCrossbar().conductance_pair(0.5), rtol=1e-14)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: TunnelJunctionCrossbar(parallel_conductance=0.0), "parallel_conductance must be"),
        (lambda: TunnelJunctionCrossbar(magnetoresistance=-1.0), "150 % is 1.5"),
        (lambda: TunnelJunctionCrossbar(junctions=0), "junctions must be a whole number ≥ 1"),
        (lambda: TunnelJunctionCrossbar(junctions=True), "junctions must be a whole number"),
        (lambda: TunnelJunctionCrossbar(junctions=1.5), "junctions must be a whole number"),
        (
            lambda: TunnelJunctionCrossbar(switching_probability=0.0),
            "switching_probability must be above 0 and at most 1 .a probability for each pulse",
        ),
        (lambda: TunnelJunctionCrossbar(line_resistance=-1.0), "line_resistance must be ≥ 0"),
        (lambda: TunnelJunctionCrossbar().conductance_pair(1.1), "weight must be between -1 and 1"),
        (
            lambda: TunnelJunctionCrossbar().column_current([[2.0]], [0.1]),
            r"weights must be between -1 and 1 \(rescale a matrix",
        ),
        (lambda: TunnelJunctionCrossbar().noise_variance([[0.0]], 0.0), "bandwidth must be > 0"),
    ],
)
def test_what_makes_no_sense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
