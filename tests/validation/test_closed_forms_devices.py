"""The references of switches, receivers, amplifiers and crossbars against printed numbers."""

from math import erfc

import numpy as np
import pytest

from validation.closed_forms import amplifier, crossbar, modulator, receiver, switch


@pytest.mark.parametrize(
    ("got", "printed", "digits"),
    [
        # Half the power at the cutoff, 45° late.
        (np.angle(receiver.low_pass_response(1e9, 1e9)), np.pi / 4, 1e-14),
        (receiver.saturated_current(1e-2, 0.8, 1e-2, 1e-6), 4.001e-3, 1e-12),
        (receiver.saturated_current(1e9, 1.0, 1e-2), 1e-2, 1e-9),
        (receiver.uniform_dither_variance(0.0, 1.0), 0.25, 1e-14),  # midway: a toss of a coin
        (receiver.uniform_dither_variance(1.5, 1.0) + 1.0, 1.0, 1e-14),  # on a level: none
        (np.mean(receiver.uniform_dither_variance(np.arange(1000) / 1e3, 1.0)), 1 / 6, 1e-5),
        (receiver.triangular_dither_variance(2.0), 1.0, 1e-14),
        (modulator.push_pull_field(3.0, 3.0), 1.0, 1e-14),
        (modulator.push_pull_field(-1.0, 3.0), -0.5, 1e-14),
        (modulator.absorption_power(1.5, 1.5, 2.0), 0.36788, 1e-5),
        (modulator.chirp_frequency(4 * np.pi * 1e9, 3.0), 3e9, 1e-14),
        (switch.single_crosstalk_penalty_db(1e-3, 6.0), 0.182, 3e-3),
        (switch.single_crosstalk_penalty_db(3e-3, 6.0), 0.383, 1.3e-3),
        (switch.single_crosstalk_penalty_db(1e-2, 6.0), 0.825, 6e-4),
        (switch.single_crosstalk_penalty_db(3e-2, 6.0), 1.679, 3e-4),
        (switch.many_crosstalk_penalty_db(1e-2 / 7.2, 6.0), 0.4576, 1e-4),
        (switch.many_crosstalk_middle_penalty_db(9e-2 / 28.8, 6.0), 5.0, 1e-12),
        (switch.interferometer_power(0.5), 0.5, 1e-14),
        (switch.raised_cosine(0.25, 1.0), 0.14645, 1e-4),
        (switch.raised_cosine(3.0, 1.0), 1.0, 1e-14),
        (switch.shaped_rise_time(1.0), 0.4020, 2e-4),
        (switch.turned_rise_time(1.0), 1.356, 4e-4),
        (switch.interferometer_guard_time(1.0, 1e-6), np.log(np.pi / 2e-6), 1e-9),
        (switch.slot_efficiency(1e-8, 1e-9, np.exp(-3.0)), 0.7, 1e-14),
        (switch.injected_charge(1.0, 1e-15, 1.0), 0.63212e-15, 1e-5),
        (switch.pattern_rate(768), 32552.0, 3e-6),  # as the data sheet prints it
        (amplifier.recovering_gain(np.log(2.0), 1.0, 100.0, 1.0), 10.0, 1e-12),  # half the dB
        (amplifier.friis_factor([4.0, 10.0], [100.0, 1.0]), 4.09, 1e-14),
        (amplifier.friis_factor([4.0, 10.0, 2.0], [100.0, 10.0, 1.0]), 4.091, 1e-14),
        (crossbar.bent_current(0.5, 1e-4, 1.5, 0.5), 1e-4 * 0.5 * 0.75 / 1.75, 1e-14),
        (crossbar.nearest_level(0.3, 2), 0.5, 1e-14),
        (crossbar.nearest_level(-7.0, 2), -1.0, 1e-14),
        (crossbar.parallel_spread(0.1, 4.0, 3.0, 1, 2), 0.5, 1e-14),
        # 1 pF at room temperature: 64 µV, the number on every designer's wall.
        (crossbar.capacitor_variance(1e-12, 300.0) ** 0.5, 64e-6, 6e-3),
    ],
)
def test_printed_numbers(got, printed, digits):
    assert float(got) == pytest.approx(printed, rel=digits)


def test_arcsine_tail_is_the_average_over_the_phase():
    margin, swing = np.meshgrid([-1.0, 3.0, 6.0, 9.0, 12.0], [0.0, 0.5, 3.0, 5.0])
    phase = (np.arange(200) + 0.5) / 200 * np.pi
    normal = np.vectorize(lambda x: erfc(x / 2**0.5) / 2)
    expected = np.mean(normal(margin[..., None] - swing[..., None] * np.cos(phase)), axis=-1)
    # Terms of e^(b²/2 − m²/4), 1e5 at worst, cancel to the tail: 1e-11 of probabilities near 1.
    np.testing.assert_allclose(switch.arcsine_tail(margin, swing), expected, rtol=1e-10, atol=1e-18)


def test_a_sine_averages_the_quantiser_s_error():
    """The Fourier series against the error itself, sampled finely."""
    amplitude = np.array([3.3, 8.0, 17.4, 128.0])
    sine = amplitude[:, None] * np.sin((np.arange(200_000) + 0.5) / 200_000 * 2 * np.pi)
    error = np.floor(sine) + 0.5 - sine
    expected = np.mean(error**2, axis=1)
    # Jumps fall between phases: a/200 000 of a step each.
    np.testing.assert_allclose(
        receiver.sine_quantisation_variance(amplitude, 1.0), expected, rtol=3e-4
    )


def test_saturated_gain_solves_its_equation():
    gain = amplifier.saturated_gain(np.array([0.0, 1e-3, 1e-1]), 100.0, 1e-2)
    assert gain[0] == pytest.approx(100.0, rel=1e-14)
    power = amplifier.saturated_input_power(gain[1:], 100.0, 1e-2)
    np.testing.assert_allclose(power, [1e-3, 1e-1], rtol=1e-12)


def test_one_cell_between_two_segments_and_a_line_of_them():
    assert crossbar.receiver_currents([[0.5]], 1.0) == pytest.approx(1 / (1 + 2 + 1), rel=1e-14)
    # One word line: each cell and the segment of its bit line are the shunt of the ladder.
    shunt = 1 / (1 / 0.02 + 3.0)
    np.testing.assert_allclose(
        crossbar.receiver_currents(np.full((1, 9), 0.02), 3.0)[:, 0],
        shunt * crossbar.ladder_voltages(9, shunt, 3.0),
        rtol=1e-12,
    )
    # Wires that hardly resist leave the cells alone.
    cells = np.random.default_rng(0).uniform(1e-3, 1e-2, size=(4, 3))
    np.testing.assert_allclose(crossbar.receiver_currents(cells, 1e-6), cells.T, rtol=1e-6)
