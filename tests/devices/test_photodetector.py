from math import pi

import numpy as np
import pytest
from scipy.signal import lfilter

from devices import Laser, Photodetector
from validation import closed_forms

QUIET = {"shot_noise": False, "thermal_noise": False}


def filtered(samples, p):
    """The receiver's pole over a record, its start dropped."""
    return lfilter([1 - p], [1, -p], samples)[200:]


def four_sigma(n, p):
    """Relative 4σ of the sample variance of n samples with correlation p from one to the next."""
    return 4 * np.sqrt(2 / n * (1 + p * p) / (1 - p * p))


# Response


def test_square_law_with_dark_current():
    field = np.array([0.0, 1e-2, 1e-2j, -2e-2])
    got = Photodetector(responsivity=0.8, dark_current=1e-8).photocurrent(np.abs(field) ** 2)
    np.testing.assert_allclose(got, [1e-8, 8.001e-5, 8.001e-5, 3.2001e-4], rtol=1e-15)


def test_saturation_halves_the_current_at_its_power():
    diode = Photodetector(dark_current=0.0, saturation_power=1e-2)
    np.testing.assert_allclose(diode.photocurrent([1e-2, 1e-6]), [0.5e-2, 1e-6], rtol=2e-4)
    assert diode.photocurrent(10.0) < diode.responsivity * diode.saturation_power


def test_no_diode_of_the_default_beats_the_photon_limit():
    limit = closed_forms.receiver.ideal_responsivity(Laser().wavelength)
    assert limit == pytest.approx(1.25, rel=1e-3)
    assert Photodetector().responsivity < limit


def test_single_precision_stays_single():
    power = np.linspace(0, 1e-2, 11, dtype=np.float32)
    got = Photodetector(saturation_power=1e-2).photocurrent(power)
    assert got.dtype == np.float32
    np.testing.assert_allclose(
        got, Photodetector(saturation_power=1e-2).photocurrent(power.astype(float)), rtol=1e-6
    )


def test_a_negative_power_is_refused():
    with pytest.raises(ValueError, match=r"power must be ≥ 0 \(an optical power .*got -0\.001"):
        Photodetector().photocurrent([1.0, -1e-3])


# Dynamics


def test_discrete_step_is_the_exact_exponential():
    diode, dt, output = Photodetector(bandwidth=2e9), 1e-11, 0.0
    tau = 1 / (2 * pi * 2e9)
    for n in range(1, 101):
        output = diode.advance(output, 1.0, dt)
        # A hundred steps of two roundings each.
        assert output == pytest.approx(
            float(closed_forms.receiver.low_pass_step(n * dt, tau)), abs=1e-14
        )
        assert diode.step_response(n * dt) == pytest.approx(output, abs=1e-14)
    assert diode.step_response(-dt) == 0.0


def test_infinite_bandwidth_follows_at_once():
    diode = Photodetector(bandwidth=np.inf)
    assert diode.time_constant == 0.0
    assert diode.pole(1e-12) == 0.0
    assert diode.advance(5.0, 1.0, 1e-12) == 1.0
    np.testing.assert_array_equal(diode.step_response(np.array([-1.0, 0.0, 1.0])), [0, 1, 1])
    np.testing.assert_array_equal(diode.frequency_response(np.array([0.0, 1e12])), [1, 1])


def test_frequency_response_power_and_its_half_at_the_cutoff():
    diode, frequency = Photodetector(bandwidth=3e9), np.logspace(7, 11, 20)
    np.testing.assert_allclose(
        np.abs(diode.frequency_response(frequency)) ** 2,
        closed_forms.receiver.low_pass_power(frequency, 3e9),
        rtol=1e-14,
    )
    assert np.abs(diode.frequency_response(3e9)) ** 2 == pytest.approx(0.5, rel=1e-14)


def test_frequency_response_has_the_sign_of_the_house_convention():
    # e^{-iωt}: the spectrum of samples is N·ifft; a delay turns the phase forwards.
    diode, dt, n = Photodetector(bandwidth=1e9), 1e-13, 1 << 16
    tau = diode.time_constant
    impulse = np.exp(-np.arange(n) * dt / tau) * dt / tau
    spectrum, frequency = n * np.fft.ifft(impulse), np.fft.fftfreq(n, dt)
    near = np.abs(frequency) < 5e9
    # A sum for an integral: error dt/(2τ) = 3e-4 of the direct term.
    np.testing.assert_allclose(
        spectrum[near], diode.frequency_response(frequency[near]), atol=dt / tau
    )
    assert diode.frequency_response(1e9).imag > 0


# Noise


def test_textbook_densities():
    quiet = Photodetector(noise_figure_db=0.0, shot_noise=False)
    assert np.sqrt(quiet.noise_density(0.0)) == pytest.approx(18.2e-12, rel=2e-3)
    assert np.sqrt(Photodetector(thermal_noise=False).noise_density(1e-3)) == pytest.approx(
        17.9e-12, rel=2e-3
    )
    current = np.array([0.0, 1e-5, 1e-3])
    diode = Photodetector(load_resistance=1e3, temperature=290.0, noise_figure_db=5.0)
    expected = closed_forms.receiver.shot_noise_density(
        current
    ) + closed_forms.receiver.thermal_noise_density(1e3, 290.0, 5.0)
    np.testing.assert_allclose(diode.noise_density(current), expected, rtol=1e-14)


def test_noise_bandwidth_is_wider_than_the_cutoff_and_the_integral_of_the_response():
    diode = Photodetector(bandwidth=1e9)
    assert diode.noise_bandwidth == pytest.approx(1.5708e9, rel=1e-5)
    assert diode.noise_bandwidth == pytest.approx(1 / (4 * diode.time_constant), rel=1e-15)
    edge = np.linspace(0, 1000e9, 1_000_001)
    power = np.abs(diode.frequency_response(edge)) ** 2
    # The tail beyond 1000 cutoffs holds 1/1000 of a cutoff.
    assert np.trapezoid(power, edge) == pytest.approx(diode.noise_bandwidth, rel=1e-3)


@pytest.mark.parametrize(
    ("current", "fields"), [(1e-3, {}), (0.0, {}), (2e-3, {"thermal_noise": False})]
)
@pytest.mark.parametrize("samples_per_time_constant", [0.3, 2.0, 20.0])
def test_injected_noise_leaves_the_same_variance_for_every_time_step(
    current, fields, samples_per_time_constant
):
    diode, n = Photodetector(**fields), 200_000
    dt = diode.time_constant / samples_per_time_constant
    p = diode.pole(dt)
    sigma = np.sqrt(diode.injected_variance(current, dt))
    record = filtered(np.random.default_rng(11).normal(0, sigma, n), p)
    density = closed_forms.receiver.shot_noise_density(current) * diode.shot_noise
    density = (
        density + closed_forms.receiver.thermal_noise_density(50, 300, 3.0) * diode.thermal_noise
    )
    expected = density * closed_forms.receiver.noise_bandwidth(1e9)
    assert diode.noise_variance(current) == pytest.approx(float(expected), rel=1e-14)
    assert abs(record.var() / expected - 1) < four_sigma(n, p)


def test_white_samples_of_half_the_sample_rate_leave_the_discrete_bandwidth():
    # The other bookkeeping: S·f_s/2 before the filter, S·B behind it with B of the stepped pole.
    diode, rate, n = Photodetector(bandwidth=5e9), 64e9, 400_000
    density, p = diode.noise_density(1e-3), diode.pole(1 / rate)
    record = filtered(np.random.default_rng(5).normal(0, np.sqrt(density * rate / 2), n), p)
    bandwidth = float(closed_forms.receiver.discrete_noise_bandwidth(5e9, rate))
    assert bandwidth == pytest.approx(7.70e9, rel=1e-3)  # against 7.85 GHz in continuous time
    assert abs(record.var() / (density * bandwidth) - 1) < four_sigma(n, p)
    # Both agree where the step is short: (1+p)/(1−p)·1/4τ → f_s/2, with error (dt/τ)²/12.
    assert diode.injected_variance(1e-3, 1e-14) == pytest.approx(density / 2e-14, rel=1e-6)


def test_shot_noise_is_that_of_counted_electrons():
    # Poisson counts know nothing of densities: variance of q·N/dt, through the pole.
    current, dt, n = 1e-6, 5e-12, 400_000
    diode = Photodetector(thermal_noise=False)
    charge = closed_forms.values.ELEMENTARY_CHARGE
    electrons = np.random.default_rng(2).poisson(current * dt / charge, n)
    record = filtered(electrons * charge / dt, diode.pole(dt))
    assert record.mean() == pytest.approx(current, rel=0.01)
    # The discrete pole passes (dt/τ)²/12 = 8e-5 less than the continuous one.
    assert abs(record.var() / diode.noise_variance(current) - 1) < four_sigma(n, diode.pole(dt))


def test_noise_switched_off_is_zero_even_at_infinite_bandwidth():
    diode = Photodetector(bandwidth=np.inf, **QUIET)
    current = np.array([0.0, 1e-3])
    for variance in (diode.noise_variance(current), diode.injected_variance(current, 1e-9)):
        np.testing.assert_array_equal(variance, [0, 0])


@pytest.mark.parametrize("fields", [{}, {"shot_noise": False}, {"thermal_noise": False}])
def test_infinite_bandwidth_with_noise_on_is_an_error(fields):
    diode = Photodetector(bandwidth=np.inf, **fields)
    with pytest.raises(ValueError, match="infinite bandwidth with noise on"):
        diode.noise_variance(1e-3)
    with pytest.raises(ValueError, match="infinite bandwidth with noise on"):
        diode.injected_variance(1e-3, 1e-9)


def test_noise_of_a_negative_current_is_refused():
    with pytest.raises(ValueError, match=r"current must be ≥ 0 and finite .*dark included"):
        Photodetector().noise_density(-1e-3)


def test_a_time_step_of_zero_is_refused():
    with pytest.raises(ValueError, match="dt must be > 0"):
        Photodetector().injected_variance(1e-3, 0.0)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("responsivity", 0.0, "responsivity must be > 0 and finite"),
        ("dark_current", -1e-9, "dark_current must be ≥ 0 and finite"),
        ("bandwidth", 0.0, "bandwidth must be > 0 or inf"),
        ("load_resistance", np.inf, "load_resistance must be > 0 and finite"),
        ("temperature", -1.0, "temperature must be ≥ 0 and finite"),
        ("noise_figure_db", -3.0, "no amplifier removes noise.*write noise_figure_db=3"),
        ("saturation_power", -1.0, "saturation_power must be > 0 or inf"),
        ("shot_noise", "yes", "shot_noise must be true or false .*got 'yes'"),
        ("thermal_noise", 0, "thermal_noise must be true or false"),
    ],
)
def test_bad_fields_are_refused(field, value, message):
    with pytest.raises(ValueError, match=message):
        Photodetector(**{field: value})


def test_a_sweep_of_bandwidths_gives_a_sweep_of_variances():
    bandwidth = np.array([1e8, 1e9, 1e10])
    swept = Photodetector(bandwidth=bandwidth).noise_variance(1e-3)
    single = [Photodetector(bandwidth=b).noise_variance(1e-3) for b in bandwidth]
    np.testing.assert_array_equal(swept, single)
