"""Receivers: photodiodes, alone and in pairs, their amplifiers and their noise."""

from math import pi

import numpy as np

from devices import BalancedPhotodetector, Photodetector, TransimpedanceAmplifier
from validation.case import Measurement, Reals, case, measured
from validation.closed_forms import receiver
from validation.deviation import FOUR_SIGMA, standard_errors

AGRAWAL = "Agrawal, Fiber-Optic Communication Systems, ch. 4"


@case(
    name="receiver-step",
    title="Step of a receiver, stepped sample by sample",
    formula="y(t) = 1 − e^(−t/τ), τ = 1/(2π f_3dB)",
    source=AGRAWAL,
    model="devices.Photodetector.advance",
    tolerance=1e-14,
    why="rounding of 60 steps",
)
def step() -> Measurement:
    """A held current builds up; the closed step must say the same."""
    diode, dt = Photodetector(bandwidth=4e9), 5e-12
    time = dt * np.arange(1, 61)
    output, stepped = 0.0, []
    for _ in time:
        output = float(diode.advance(output, 1.0, dt))
        stepped.append(output)
    reference = receiver.low_pass_step(time, 1 / (2 * pi * 4e9))
    closed = np.max(np.abs(diode.step_response(time) - reference))
    error = max(float(closed), float(np.max(np.abs(stepped - reference))))
    return measured(time * 1e12, reference, stepped, x="time / ps", y="output", error=error)


@case(
    name="receiver-response",
    title="Frequency response of a receiver, magnitude and phase",
    formula="H(f) = 1/(1 − i f/f_3dB), for fields e^(−iωt)",
    source=AGRAWAL,
    model="devices.Photodetector.frequency_response",
    tolerance=1e-14,
    why="rounding of a division",
)
def response() -> Measurement:
    """Half the power is left at the bandwidth, and a delay is a positive phase."""
    frequency = np.logspace(7, 11, 41)
    response = Photodetector(bandwidth=2e9).frequency_response(frequency)
    reference = receiver.low_pass_response(frequency, 2e9)
    return measured(
        np.log10(frequency), 20 * np.log10(np.abs(reference)), 20 * np.log10(np.abs(response)),
        x="log₁₀(f / Hz)", y="power response / dB",
        error=float(np.max(np.abs(response - reference))),
    )  # fmt: skip


@case(
    name="receiver-noise-bandwidth",
    title="White noise behind a receiver, the area under its response",
    formula="B = ∫|H|² df = (π/2) f_3dB",
    source=AGRAWAL,
    model="devices.Photodetector.variance_behind_pole",
    tolerance=1e-13,
    why="rounding: the midpoint rule in arctan(f/f_3dB) is exact for this integrand",
)
def noise_bandwidth() -> Measurement:
    """The variance that a receiver lets through is the one that its response integrates to."""
    bandwidth = np.logspace(6, 11, 31)
    diode = Photodetector(bandwidth=bandwidth)
    angle = (np.arange(200)[:, None] + 0.5) / 200 * pi / 2
    power = np.abs(diode.frequency_response(bandwidth * np.tan(angle))) ** 2
    area = np.mean(power / np.cos(angle) ** 2, axis=0) * pi / 2 * bandwidth
    passed = diode.variance_behind_pole(1e-20) / 1e-20
    expected = receiver.noise_bandwidth(bandwidth)
    error = max(float(np.max(np.abs(got / expected - 1))) for got in (area, passed))
    return measured(
        np.log10(bandwidth), np.log10(expected), np.log10(passed),
        x="log₁₀(f_3dB / Hz)", y="log₁₀(B / Hz)", error=error,
    )  # fmt: skip


def _filtered_variance(diode: Photodetector, variance: Reals, dt: float, seed: int) -> Reals:
    """Variance behind the receiver of white samples, (points, 40 runs) for (points,) given."""
    rng = np.random.default_rng(seed)
    shape = (len(variance), 40, 25)
    spread = np.sqrt(variance)[:, None, None]
    settled = int(np.ceil(20 * np.max(diode.time_constant) / dt)) + 1
    output, total = np.zeros(shape), np.zeros(shape)
    for sample in range(settled + 60):
        output = np.asarray(diode.advance(output, spread * rng.normal(size=shape), dt))
        if sample >= settled:
            total += output**2 / 60
    return np.asarray(total.mean(axis=2))


@case(
    name="receiver-noise-variance",
    title="Shot and thermal noise behind the receiver, from light in the dark to 10 mA",
    formula="σ² = (2qI + 4kTF/R_L)·(π/2) f_3dB, whatever the time step",
    source=AGRAWAL,
    model="devices.Photodetector.injected_variance",
    tolerance=4.0,
    why=FOUR_SIGMA,
)
def noise_variance() -> Measurement:
    """Samples of the variance to inject, filtered by the receiver itself."""
    diode = Photodetector(
        bandwidth=1e9, load_resistance=1e4, noise_figure_db=2.0, temperature=290.0
    )
    current, dt = np.logspace(-8, -2, 31), 1.5e-10
    runs = _filtered_variance(diode, np.asarray(diode.injected_variance(current, dt)), dt, 26)
    density = receiver.shot_noise_density(current) + receiver.thermal_noise_density(1e4, 290.0, 2.0)
    expected = density * receiver.noise_bandwidth(1e9)
    return measured(
        np.log10(current), 5 * np.log10(expected), 5 * np.log10(runs.mean(axis=1)),
        x="log₁₀(I / A)", y="10 log₁₀(σ / A)", error=standard_errors(runs, expected),
    )  # fmt: skip


@case(
    name="receiver-discrete-bandwidth",
    title="White samples behind the receiver's pole at every sample rate",
    formula="σ² = S·B, B = (f_s/2)(1−p)/(1+p), p = e^(−2π f_3dB/f_s)",
    source="variance of a first-order autoregression: Box, Jenkins, Time Series Analysis, ch. 3",
    model="devices.Photodetector.advance",
    tolerance=4.0,
    why=FOUR_SIGMA,
)
def discrete_bandwidth() -> Measurement:
    """Noise of one density S·f_s/2 a sample; near f_s = f_3dB most of it passes."""
    diode, rates = Photodetector(bandwidth=5e9), 5e9 * np.logspace(0, 1.2, 30)
    rows = [
        _filtered_variance(diode, np.array([rate / 2]), 1 / rate, seed)
        for seed, rate in enumerate(rates)
    ]
    runs = np.concatenate(rows)
    expected = receiver.discrete_noise_bandwidth(5e9, rates)
    return measured(
        rates / 5e9, expected / 1e9, runs.mean(axis=1) / 1e9,
        x="f_s / f_3dB", y="B / GHz", error=standard_errors(runs, expected),
    )  # fmt: skip


@case(
    name="receiver-saturation",
    title="Photocurrent of a diode that saturates",
    formula="I = R·P·P_sat/(P + P_sat) + I_d",
    source="Williams, Esman, J. Lightwave Technol. 17, 1443 (1999): compression",
    model="devices.Photodetector.photocurrent",
    tolerance=1e-14,
    why="rounding of three operations",
)
def saturation() -> Measurement:
    """The current halves at the saturation power and tends to R·P_sat."""
    power = np.concatenate([[0.0], np.logspace(-4, 0, 40)])
    diode = Photodetector(responsivity=0.8, saturation_power=1e-2, dark_current=1e-6)
    reference = receiver.saturated_current(power, 0.8, 1e-2, 1e-6)
    return measured(
        np.log10(power[1:]), reference[1:] * 1e3, diode.photocurrent(power[1:]) * 1e3,
        x="log₁₀(P / W)", y="I / mA",
        error=float(np.max(np.abs(diode.photocurrent(power) / reference - 1))),
    )  # fmt: skip


@case(
    name="receiver-homodyne",
    title="Current of a balanced pair over the signal's phase",
    formula="I = 2R|A||LO| cos(arg A − arg LO)",
    source="Yuen, Chan, Opt. Lett. 8, 177 (1983)",
    model="devices.BalancedPhotodetector.photocurrent",
    tolerance=1e-14,
    why="rounding, also of the difference of two currents where diodes may saturate, out of sight",
)
def homodyne() -> Measurement:
    """Signed and linear in the field; a diode that could saturate takes another way there."""
    phase = np.linspace(-pi, pi, 61)
    signal, oscillator = 0.02 * np.exp(1j * phase), 0.03 * np.exp(0.4j)
    linear = BalancedPhotodetector(photodiode=Photodetector(responsivity=0.9))
    bending = BalancedPhotodetector(
        photodiode=Photodetector(responsivity=0.9, saturation_power=1e20)
    )
    reference = receiver.homodyne_current(signal, oscillator, 0.9)
    current = linear.photocurrent(signal, oscillator)
    error = max(
        float(np.max(np.abs(pair.photocurrent(signal, oscillator) - reference)))
        for pair in (linear, bending)
    ) / float(np.max(reference))
    return measured(phase, reference * 1e3, current * 1e3, x="φ / rad", y="I / mA", error=error)


@case(
    name="receiver-homodyne-noise",
    title="Noise density of a balanced pair: shot noise adds, thermal noise enters once",
    formula="S = 2q(R(|A|² + |LO|²) + 2I_d) + 4kTF/R_L",
    source="Yuen, Chan, Opt. Lett. 8, 177 (1983)",
    model="devices.BalancedPhotodetector.noise_density",
    tolerance=1e-13,
    why="rounding, and the constants to their digits",
)
def homodyne_noise() -> Measurement:
    """What the difference removes from the current stays in its noise."""
    amplitude = np.linspace(0, 0.1, 41)
    diode = Photodetector(responsivity=0.9, dark_current=2e-5, load_resistance=2e3)
    pair = BalancedPhotodetector(photodiode=diode, local_oscillator_power=1e-3)
    shot = receiver.homodyne_shot_current(1j * amplitude, np.sqrt(1e-3), 0.9) + 4e-5
    expected = receiver.shot_noise_density(shot) + receiver.thermal_noise_density(2e3, 300.0, 3.0)
    density = np.asarray(pair.noise_density(1j * amplitude))
    # And what of it passes the pole, and what has to be injected for that.
    behind = expected * receiver.noise_bandwidth(1e9)
    passing = receiver.discrete_noise_bandwidth(1e9, 1e10) / (1e10 / 2)
    pairs = [
        (density, expected),
        (pair.noise_variance(1j * amplitude), behind),
        (pair.injected_variance(1j * amplitude, 1e-10), behind / passing),
        (diode.noise_variance(shot), behind),
    ]
    return measured(
        amplitude, np.sqrt(expected) * 1e12, np.sqrt(density) * 1e12,
        x="|A| / √W", y="√S / (pA/√Hz)",
        error=max(float(np.max(np.abs(np.asarray(got) / want - 1))) for got, want in pairs),
    )  # fmt: skip


@case(
    name="receiver-counting",
    title="Shot noise of a balanced pair, by counting electrons",
    formula="var I = S·1/(2T) = q²(⟨N₊⟩ + ⟨N₋⟩)/T², N Poisson",
    source="Schottky, Ann. Phys. 57, 541 (1918)",
    model="devices.BalancedPhotodetector.noise_density",
    tolerance=4.0,
    why=FOUR_SIGMA,
)
def counting() -> Measurement:
    """The line is the density in B = 1/(2T), the points the electrons' own statistics."""
    from scipy.constants import e

    amplitude, duration = np.linspace(0, 3e-3, 31), 1e-9
    oscillator = np.sqrt(1e-5)
    light = 0.5 * np.abs(np.stack([amplitude + oscillator, amplitude - oscillator])) ** 2
    counts = np.random.default_rng(1918).poisson(
        np.broadcast_to(0.9 * light[..., None, None] * duration / e, (2, 31, 40, 100))
    )
    runs = np.var((counts[0] - counts[1]) * e / duration, axis=-1, ddof=1)
    quiet = Photodetector(responsivity=0.9, dark_current=0.0, thermal_noise=False)
    pair = BalancedPhotodetector(photodiode=quiet, local_oscillator_power=oscillator**2)
    density = np.asarray(pair.noise_density(amplitude)) / (2 * duration)
    return measured(
        amplitude * 1e3, np.sqrt(density) * 1e9, np.sqrt(runs.mean(axis=1)) * 1e9,
        x="|A| / 10^{−3} √W", y="σ / nA", error=standard_errors(runs, density),
    )  # fmt: skip


@case(
    name="receiver-rail",
    title="Rail of a transimpedance amplifier",
    formula="v = v_sat tanh(Z I/v_sat)",
    source="Säckinger, Broadband Circuits for Optical Fiber Communication, ch. 5",
    model="devices.TransimpedanceAmplifier.voltage",
    tolerance=1e-14,
    why="rounding of the exponentials in the reference",
)
def rail() -> Measurement:
    """Z at small currents, a soft rail at large ones."""
    current = np.linspace(-2e-3, 2e-3, 61)
    device = TransimpedanceAmplifier(transimpedance=800.0, saturation_voltage=0.4)
    reference = receiver.tanh_rail(current, 800.0, 0.4)
    return measured(current * 1e3, reference, device.voltage(current), x="I / mA", y="v / V")


@case(
    name="receiver-rail-slope",
    title="Differential transimpedance of an amplifier that runs into its rail",
    formula="dv/dI = d(v_sat tanh(Z I/v_sat))/dI",
    source="Säckinger, Broadband Circuits for Optical Fiber Communication, ch. 5",
    model="devices.TransimpedanceAmplifier.slope",
    tolerance=1e-8,
    why="central differences of the closed form: second order in 2·10⁻⁵, rounding over 2·10⁻⁵",
)
def rail_slope() -> Measurement:
    """Z in the middle; at the overload current tanh has lost 58 % of its slope."""
    current, h = np.linspace(-2e-3, 2e-3, 61), 1e-8
    device = TransimpedanceAmplifier(transimpedance=800.0, saturation_voltage=0.4)
    ends = [receiver.tanh_rail(current + step, 800.0, 0.4) for step in (-h, h)]
    reference, found = (ends[1] - ends[0]) / (2 * h), device.slope(current)
    lost = float(device.slope(device.overload_current)) / 800.0 - 1 / np.cosh(1.0) ** 2
    error = max(float(np.max(np.abs(found - reference))) / 800.0, abs(lost))
    return measured(current * 1e3, reference, found, x="I / mA", y="dv/dI / Ω", error=error)


@case(
    name="receiver-amplifier-step",
    title="Step of a transimpedance amplifier, stepped sample by sample",
    formula="v(t) = 1 − e^(−t/τ), τ = 1/(2π f_3dB)",
    source="Säckinger, Broadband Circuits for Optical Fiber Communication, ch. 5",
    model="devices.TransimpedanceAmplifier.pole",
    tolerance=1e-14,
    why="rounding of 60 steps",
)
def amplifier_step() -> Measurement:
    """One pole as a photodiode's, with a bandwidth of its own."""
    device, dt = TransimpedanceAmplifier(bandwidth=1e10), 2e-12
    time, pole = dt * np.arange(1, 61), float(np.asarray(device.pole(dt)))
    output, stepped = 0.0, []
    for _ in time:
        output = pole * output + (1 - pole)
        stepped.append(output)
    reference = receiver.low_pass_step(time, 1 / (2 * pi * 1e10))
    closed = np.max(np.abs(np.asarray(device.step_response(time)) - reference))
    error = max(float(closed), float(np.max(np.abs(stepped - reference))))
    return measured(time * 1e12, reference, stepped, x="time / ps", y="output", error=error)


@case(
    name="receiver-amplifier-noise",
    title="Input noise of a transimpedance amplifier behind its pole",
    formula="σ = i_n √((π/2) f_3dB)",
    source="Säckinger, Broadband Circuits for Optical Fiber Communication, ch. 4",
    model="devices.TransimpedanceAmplifier.noise_variance",
    tolerance=1e-13,
    why="rounding",
)
def amplifier_noise() -> Measurement:
    """Over four decades of bandwidth."""
    bandwidth = np.logspace(7, 11, 41)
    device = TransimpedanceAmplifier(bandwidth=bandwidth, input_noise=12e-12)
    expected = 12e-12 * np.sqrt(receiver.noise_bandwidth(bandwidth))
    return measured(
        np.log10(bandwidth), np.log10(expected),
        np.log10(np.asarray(device.noise_variance)) / 2,
        x="log₁₀(f_3dB / Hz)", y="log₁₀(σ / A)",
        error=float(np.max(np.abs(np.sqrt(np.asarray(device.noise_variance)) / expected - 1))),
    )  # fmt: skip
