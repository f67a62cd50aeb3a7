import numpy as np
import pytest

from devices import Laser
from validation import closed_forms


def test_photon_energy_at_1550_nm_is_the_tabulated_value():
    # 1.2816e-19 J to the digits printed.
    assert Laser().photon_energy == pytest.approx(1.2816e-19, rel=1e-4)
    # The constants are exact on both sides: rounding of two products.
    np.testing.assert_allclose(
        Laser(wavelength=[1.31e-6, 1.55e-6]).photon_energy,
        closed_forms.light.photon_energy([1.31e-6, 1.55e-6]),
        rtol=1e-15,
    )


def test_frequency_times_wavelength_is_the_speed_of_light():
    laser = Laser(wavelength=[1.3e-6, 1.55e-6])
    np.testing.assert_allclose(laser.frequency * laser.wavelength, 299792458.0, rtol=1e-15)


def test_squared_field_is_the_power():
    laser = Laser(power=[1e-3, 0.1])
    np.testing.assert_allclose(np.abs(laser.field) ** 2, laser.power, rtol=1e-15)


@pytest.mark.parametrize("power", [0.0, -1e-3, np.inf])
def test_a_laser_without_light_is_refused(power):
    with pytest.raises(ValueError, match=r"power must be > 0 and finite \(an optical power in W\)"):
        Laser(power=power)


def test_a_wavelength_must_be_positive():
    with pytest.raises(ValueError, match="wavelength must be > 0 and finite"):
        Laser(wavelength=-1.55e-6)


# Phase


def test_a_laser_is_steady_and_quiet_unless_told_otherwise():
    laser = Laser()
    field = laser.draw_field(5, 1e-12, np.random.default_rng(0))
    np.testing.assert_array_equal(field, np.full(5, laser.field))
    assert laser.coherence_time == np.inf


def test_phase_walks_as_far_as_the_linewidth_says():
    n, samples, dt = 2000, 50, 1e-9
    laser = Laser(linewidth=np.full(n, 1e6))
    phase = laser.draw_phase(samples, dt, np.random.default_rng(1))
    np.testing.assert_array_equal(phase[:, 0], 0.0)
    time = (samples - 1) * dt
    variance = laser.phase_variance(time)[0]
    assert variance == pytest.approx(2 * np.pi * 1e6 * time, rel=1e-14)
    # A variance of n normals has relative standard deviation √(2/n); 4σ.
    assert phase[:, -1].var() == pytest.approx(variance, rel=4 * np.sqrt(2 / n))
    coherence = closed_forms.light.phase_walk_coherence(time, 1e6)
    got = np.exp(1j * phase[:, -1]).mean()
    assert abs(got - coherence) < 4 * np.sqrt((1 - coherence**2) / n)
    assert laser.coherence_time[0] == pytest.approx(1 / (np.pi * 1e6), rel=1e-14)


def test_walking_phase_makes_a_lorentzian_line():
    n, samples, dt, width = 400, 2048, 1e-9, 20e6
    laser = Laser(power=np.ones(n), linewidth=width)
    field = laser.draw_field(samples, dt, np.random.default_rng(2))
    spectrum = np.mean(np.abs(np.fft.ifft(field, axis=-1)) ** 2, axis=0) * samples * dt
    offset = np.fft.fftfreq(samples, dt)
    near = np.abs(offset) < 2 * width
    expected = closed_forms.light.laser_line(offset[near], width)
    # A periodogram bin is exponential: 1/√400 = 5 %, 4σ; a window of 41 coherence times blurs 3 %.
    np.testing.assert_allclose(spectrum[near], expected, rtol=0.25)
    band = np.sum(spectrum[near]) / np.sum(expected)
    assert band == pytest.approx(1.0, abs=0.03)


# Power


def test_intensity_noise_has_its_density():
    laser = Laser(power=0.01, rin_db=-140.0)
    dt, n = 1e-10, 100_000
    power = np.abs(laser.draw_field(n, dt, np.random.default_rng(3))) ** 2
    variance = laser.intensity_variance(1 / dt)
    assert variance == pytest.approx(1e-14 * 1e10 / 2, rel=1e-12)
    assert power.var() / 0.01**2 == pytest.approx(variance, rel=4 * np.sqrt(2 / n))
    assert power.mean() == pytest.approx(0.01, abs=4 * np.sqrt(variance / n) * 0.01)
    current = np.array([1e-3, 2e-3])
    expected = closed_forms.light.intensity_noise_density(current, -140.0)
    np.testing.assert_allclose(laser.current_noise_density(current), expected, rtol=1e-13)


def test_noise_cannot_take_more_than_all_the_power():
    field = Laser(rin_db=-90.0).draw_field(1000, 1e-12, np.random.default_rng(4))
    assert np.isfinite(field).all()
    assert np.abs(field).min() == 0.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Laser(linewidth=-1e6), "linewidth must be ≥ 0"),
        (lambda: Laser(rin_db=155.0), r"rin_db must be < 0 or -inf .*-155 is typical.*got 155"),
        (lambda: Laser().draw_phase(3, 0.0, np.random.default_rng(0)), "dt must be > 0"),
        (lambda: Laser().phase_variance(-1.0), "time must be ≥ 0"),
        (lambda: Laser().intensity_variance(0.0), "sample_rate must be > 0"),
    ],
)
def test_what_makes_no_sense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
