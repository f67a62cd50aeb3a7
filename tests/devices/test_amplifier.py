import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.signal import lfilter

from devices import Amplifier, Photodetector, amplifier_kernels, friis_noise_factor
from devices.amplifier_kernels import follow_gain
from validation import closed_forms

# Gain


def test_steady_gain_solves_its_equation():
    amplifier = Amplifier(small_signal_gain_db=[10.0, 20.0, 30.0])
    full = amplifier.small_signal_gain
    for share in (0.999, 0.5, 0.11):
        power = closed_forms.amplifier.saturated_input_power(share * full, full, 10e-3)
        np.testing.assert_allclose(amplifier.gain(power), share * full, rtol=1e-13)
    np.testing.assert_allclose(amplifier.gain(0.0), full, rtol=1e-14)


def test_however_strong_the_light_some_of_it_passes():
    power = np.logspace(-9, 6, 40)
    gain = Amplifier(small_signal_gain_db=40.0).gain(power)
    assert np.all(np.diff(gain) <= 0)
    assert np.all(gain >= 1.0)
    # G → 1 + ln(G₀) P_sat/P: bleached, it adds a fixed power.
    added = np.log(1e4) * 10e-3 / power[-1]
    assert gain[-1] - 1 == pytest.approx(added, rel=1e-2)  # 1e-16 of 1 is 1e-3 of 1e-7


def test_output_power_at_half_the_gain():
    amplifier = Amplifier()
    power = closed_forms.amplifier.saturated_input_power(50.0, 100.0, 10e-3)
    assert amplifier.gain(power) == pytest.approx(50.0, rel=1e-13)
    assert amplifier.output_saturation_power == pytest.approx(50.0 * power, rel=1e-12)
    expected = closed_forms.amplifier.output_saturation_power(100.0, 10e-3)
    assert amplifier.output_saturation_power == pytest.approx(float(expected), rel=1e-13)
    assert Amplifier(small_signal_gain_db=3.0).output_saturation_power == np.inf


# Dynamics


def test_gain_settles_at_the_steady_state():
    amplifier = Amplifier()
    trace = amplifier.gain_trace(np.full(200, 2e-3), 5e-11)
    assert trace[-1] == pytest.approx(amplifier.gain(2e-3), rel=1e-12)


def test_gain_follows_the_rate_equation():
    amplifier = Amplifier(time_constant=3e-10)
    dt, samples = 2e-11, 40
    power = 1e-3 * (1.0 + np.sin(np.arange(samples)))
    h = np.log(100.0)
    expected = []
    for light in power:
        run = solve_ivp(
            lambda t, h, light=light: (
                (np.log(100.0) - h - light / 10e-3 * np.expm1(h)) / 3e-10
            ),
            (0.0, dt), [h], rtol=1e-11, atol=1e-12,
        )  # fmt: skip
        h = run.y[0, -1]
        expected.append(np.exp(h))
    got = amplifier.gain_trace(power, dt)
    # Fourth order at a tenth of the fastest relaxation a step: 0.1⁵/120 a step.
    np.testing.assert_allclose(got, expected, rtol=1e-6)


def test_a_short_pulse_depletes_as_its_energy_says():
    amplifier = Amplifier(time_constant=1e-9)
    energy = np.array([0.01, 0.3, 3.0]) * amplifier.saturation_energy
    dt = 1e-15  # a millionth of the lifetime: recovery is no more than that
    gain = amplifier.gain_trace((energy / dt)[:, None], dt)[:, 0]
    expected = closed_forms.amplifier.short_pulse_gain(energy, 100.0, amplifier.saturation_energy)
    np.testing.assert_allclose(gain, expected, rtol=1e-5)


def test_gain_recovers_exponentially():
    amplifier = Amplifier()
    dt = 1e-10
    gain = amplifier.gain_trace(np.zeros(10), dt, initial_gain=2.0)
    h = np.log(100.0) + (np.log(2.0) - np.log(100.0)) * np.exp(-dt * np.arange(1, 11) / 2e-10)
    np.testing.assert_allclose(np.log(gain), h, rtol=1e-6)


def test_an_erbium_amplifier_feels_only_the_average():
    amplifier = Amplifier.edfa()
    power = np.array([0.0, 4e-3, 0.0, 4e-3])
    trace = amplifier.gain_trace(power, 1e-9)
    np.testing.assert_array_equal(trace, np.full(4, amplifier.gain(2e-3)))


def test_signals_and_amplifiers_broadcast():
    amplifier = Amplifier(small_signal_gain_db=[10.0, 20.0])
    power = 1e-3 * np.random.default_rng(0).uniform(size=(3, 1, 8))
    trace = amplifier.gain_trace(power, 5e-11)
    assert trace.shape == (3, 2, 8)
    alone = Amplifier(small_signal_gain_db=20.0).gain_trace(power[2, 0], 5e-11)
    np.testing.assert_allclose(trace[2, 1], alone, rtol=1e-14)
    field = amplifier.amplify(np.sqrt(power), 5e-11, np.random.default_rng(1))
    assert field.shape == (3, 2, 8)


def test_kernel_runs_uncompiled_to_the_same_result(monkeypatch):
    monkeypatch.setattr(amplifier_kernels, "_slope", amplifier_kernels._slope.py_func)
    amplifier = Amplifier()
    power = np.array([[0.0, 5e-3, 1e-3]])
    trace, h = np.empty((1, 3)), np.array([np.log(100.0)])
    follow_gain.py_func(power / 10e-3, h.copy(), np.array([0.5]), h, trace)
    np.testing.assert_allclose(np.exp(trace), amplifier.gain_trace(power, 1e-10), rtol=1e-13)
    assert h[0] == trace[0, -1]


# Field


def test_amplified_field_has_the_gain_and_its_phase():
    amplifier = Amplifier(linewidth_enhancement=4.0)
    field = 0.02 * np.exp(0.3j) * np.ones(20)
    got = amplifier.amplify(field, 1e-10)
    gain = amplifier.gain_trace(np.abs(field) ** 2, 1e-10)
    np.testing.assert_allclose(np.abs(got) ** 2, gain * 4e-4, rtol=1e-13)
    turn = np.unwrap(np.angle(got / field))
    np.testing.assert_allclose(np.diff(turn), -2.0 * np.diff(np.log(gain)), atol=1e-12)


def test_a_leading_edge_is_red():
    """Depletion raises index and phase; e^{-iωt} counts frequency as −dφ/dt: a red front."""
    amplifier = Amplifier()
    got = amplifier.amplify(np.full(5, 0.1), 2e-12)
    shift = -np.diff(np.unwrap(np.angle(got)))
    assert np.all(shift < 0)


# Noise


def test_noise_figure_and_emission():
    amplifier = Amplifier(noise_figure_db=6.0)
    inversion = amplifier.inversion_factor(100.0)
    factor = closed_forms.amplifier.amplifier_noise_factor(inversion, 100.0)
    assert amplifier.noise_factor == pytest.approx(float(factor), rel=1e-13)
    density = closed_forms.amplifier.spontaneous_emission_density(inversion, 100.0, 1.55e-6)
    assert amplifier.emission_density(100.0) == pytest.approx(float(density), rel=1e-13)
    assert amplifier.emission_density(0.01) == 0.0


def test_emission_is_circular_and_has_its_density():
    amplifier, dt, n = Amplifier(), 1e-11, 200_000
    noise = amplifier.amplify(np.zeros(n), dt, np.random.default_rng(0))
    variance = amplifier.emission_density(100.0) / dt
    for part in (noise.real, noise.imag):
        # A variance of n normals has relative standard deviation √(2/n); 4σ.
        assert part.var() == pytest.approx(variance / 2, rel=4 * np.sqrt(2 / n))
    assert abs(np.mean(noise.real * noise.imag)) < 4 * variance / 2 / np.sqrt(n)


def test_beats_of_signal_and_emission_behind_a_receiver():
    amplifier, rate, n = Amplifier(noise_figure_db=9.0), 64e9, 1_000_000
    detector = Photodetector(bandwidth=5e9, dark_current=0.0)
    power, signal = amplifier.gain(1e-6) * 1e-6, np.full(n, 1e-3)
    light = Amplifier.edfa(noise_figure_db=9.0).amplify(signal, 1 / rate, np.random.default_rng(2))
    p = float(detector.pole(1 / rate))
    current = lfilter([1 - p], [1, -p], detector.photocurrent(np.abs(light) ** 2))[1000:]
    density = amplifier.emission_density(power / 1e-6)
    expected = closed_forms.amplifier.emission_beat_variance(1.0, power, density, 5e9, rate)
    # Correlated over 1/(1−p) samples: n(1−p)/(1+p) = 2.4e5 independent ones, √(2/2.4e5) = 0.3 %.
    assert current.var() == pytest.approx(float(expected), rel=0.012)
    assert current.mean() == pytest.approx(power + density * rate, rel=1e-3)


def test_friis_chain():
    assert friis_noise_factor([4.0, 10.0], [100.0]) == pytest.approx(4.09, rel=1e-14)
    assert friis_noise_factor([4.0, 10.0], [100.0, 7.0]) == pytest.approx(4.09, rel=1e-14)
    assert friis_noise_factor([8.0], [1 / 8]) == 8.0  # a passive loss
    # Loss L in front of an amplifier multiplies its factor.
    assert friis_noise_factor([8.0, 5.0], [1 / 8]) == pytest.approx(40.0, rel=1e-14)
    chains = friis_noise_factor([[4.0, 10.0, 2.0], [2.0, 2.0, 2.0]], [[100.0, 10.0], [10.0, 10.0]])
    np.testing.assert_allclose(chains, [4 + 0.09 + 0.001, 2.11], rtol=1e-14)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Amplifier(kind="raman"), "kind must be one of 'soa', 'edfa'"),
        (lambda: Amplifier(small_signal_gain_db=-3.0), "an amplifier amplifies"),
        (lambda: Amplifier(saturation_power=0.0), "saturation_power must be > 0"),
        (lambda: Amplifier(time_constant=0.0), "time_constant must be > 0"),
        (lambda: Amplifier(noise_figure_db=2.9), r"at least 10 log10\(2 - 1/G\) = 2\.99 dB"),
        (lambda: Amplifier().gain(-1.0), "power must be ≥ 0"),
        (lambda: Amplifier().gain_trace([-1.0], 1e-12), "each ≥ 0"),
        (lambda: Amplifier().gain_trace(1.0, 1e-12), "samples in time"),
        (lambda: Amplifier().gain_trace([1.0], 0.0), "dt must be > 0"),
        (lambda: Amplifier().gain_trace([1.0], 1e-12, 0.0), "initial_gain must be > 0"),
        (lambda: friis_noise_factor([0.5], [1.0]), "noise_factors must be ≥ 1"),
        (lambda: friis_noise_factor([4.0], [-20.0]), "gains must be > 0"),
        (lambda: friis_noise_factor([4.0, 4.0, 4.0], [2.0]), "one a stage, or one fewer; got 1"),
    ],
)
def test_what_makes_no_sense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
