import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices import Quantizer
from validation import closed_forms


def test_two_bits_have_four_levels_symmetric_about_zero():
    got = Quantizer(bits=2, full_scale=2.0).quantise([-3.0, -0.6, -0.1, 0.0, 0.1, 0.6, 3.0])
    np.testing.assert_array_equal(got, [-0.75, -0.75, -0.25, 0.25, 0.25, 0.75, 0.75])


def test_one_bit_is_the_sign():
    np.testing.assert_array_equal(Quantizer(bits=1).quantise([-0.2, 0.9]), [-0.5, 0.5])


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.integers(1, 32), st.floats(0.1, 10.0), st.floats(-1.0, 1.0))
def test_no_input_within_the_range_errs_by_more_than_half_a_step(bits, full_scale, share):
    converter = Quantizer(bits=bits, full_scale=full_scale)
    x = share * full_scale / 2
    level = converter.quantise(x)
    # The level is a multiple of the step to rounding of the full scale.
    assert abs(level - x) <= converter.step / 2 + 1e-15 * full_scale
    assert converter.quantise(level) == pytest.approx(level, abs=1e-15 * full_scale)
    code = level / converter.step - 0.5
    assert code == pytest.approx(np.round(code), abs=1e-5)
    assert -(2 ** (bits - 1)) <= np.round(code) < 2 ** (bits - 1)


def test_every_code_is_used():
    levels = np.unique(Quantizer(bits=6).quantise(np.linspace(-2, 2, 10_001)))
    assert levels.size == 64
    np.testing.assert_allclose(np.diff(levels), 2 / 64, rtol=1e-12)


def test_full_scale_sine_has_the_textbook_ratio():
    bits = 8
    converter = Quantizer(bits=bits)
    # An irrational frequency visits all codes; 2¹⁷ samples average the error power to 1 %.
    sine = np.sin(2 * np.pi * np.sqrt(2) / 37 * np.arange(1 << 17))
    error = converter.quantise(sine) - sine
    measured = 10 * np.log10(np.mean(sine**2) / np.mean(error**2))
    assert measured == pytest.approx(float(closed_forms.receiver.sine_sqnr_db(bits)), abs=0.3)
    assert converter.sqnr_db == pytest.approx(
        float(closed_forms.receiver.sine_sqnr_db(bits)), abs=1e-3
    )


def test_error_of_a_busy_signal_is_uniform():
    converter, n = Quantizer(bits=5), 100_000
    signal = np.random.default_rng(3).uniform(-1, 1, n)
    error = converter.quantise(signal) - signal
    expected = closed_forms.receiver.quantisation_variance(5, 2.0)
    assert converter.noise_variance == pytest.approx(float(expected), rel=1e-15)
    # Fourth moment of a uniform variable 9/5 σ⁴: relative standard deviation √(0.8/n); 4σ.
    assert abs(error.var() / expected - 1) < 4 * np.sqrt(0.8 / n)
    assert abs(error.mean()) < 4 * np.sqrt(expected / n)


def test_gradient_passes_within_the_range_and_stops_beyond():
    got = Quantizer().passes([-1.01, -1.0, 0.3, 1.0, 1.01])
    np.testing.assert_array_equal(got, [0, 1, 1, 1, 0])
    inside = np.linspace(-1, 1, 11)
    converter = Quantizer(bits=16)
    shift = 0.01
    mean_slope = (
        converter.quantise(inside * 0.9 + shift) - converter.quantise(inside * 0.9)
    ) / shift
    np.testing.assert_allclose(mean_slope, converter.passes(inside * 0.9), atol=2 / 2**16 / shift)


def test_single_precision_stays_single_and_agrees():
    signal = np.random.default_rng(0).uniform(-1.2, 1.2, 1000)
    single = signal.astype(np.float32)
    for bits in (1, 8, 16):
        converter = Quantizer(bits=bits)
        got = converter.quantise(single)
        assert got.dtype == converter.passes(single).dtype == np.float32
        np.testing.assert_array_equal(
            got, converter.quantise(single.astype(float)).astype(np.float32)
        )
    assert Quantizer().quantise([1, 0]).dtype == np.float64


def test_many_bits_vanish():
    signal = np.linspace(-1, 1, 101)
    np.testing.assert_allclose(Quantizer(bits=32).quantise(signal), signal, atol=2.0**-32)


def test_bits_of_a_configuration_file():
    assert Quantizer(bits=8.0).bits == 8
    assert type(Quantizer(bits=8.0).bits) is int
    np.testing.assert_allclose(Quantizer(bits=[4, 8]).step, [2 / 16, 2 / 256])


@pytest.mark.parametrize("bits", [0, 33, 7.5, -1, np.inf])
def test_bits_that_no_converter_has_are_refused(bits):
    with pytest.raises(ValueError, match=r"bits must be a whole number from 1 to 32"):
        Quantizer(bits=bits)


def test_an_empty_range_is_refused():
    with pytest.raises(ValueError, match="full_scale must be > 0 and finite"):
        Quantizer(full_scale=0)
