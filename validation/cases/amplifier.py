"""Optical amplifiers: gain that tires and recovers, emission, and what a chain makes of it."""

from math import pi

import numpy as np
from scipy.signal import lfilter

from devices import Amplifier, Photodetector, friis_noise_factor
from validation.case import Measurement, Reals, case, measured
from validation.closed_forms import amplifier, light
from validation.deviation import FOUR_SIGMA, standard_errors

AGRAWAL_OLSSON = "Agrawal, Olsson, IEEE J. Quantum Electron. 25, 2297 (1989)"
AGRAWAL = "Agrawal, Fiber-Optic Communication Systems, ch. 7"
FRIIS = "Friis, Proc. IRE 32, 419 (1944)"


@case(
    name="amplifier-steady-gain",
    title="Gain of a saturated semiconductor amplifier in steady light",
    formula="P_in = P_sat ln(G₀/G)/(G − 1)",
    source=AGRAWAL_OLSSON,
    model="devices.Amplifier.gain",
    tolerance=1e-12,
    why="rounding; the power at which G is 99.9 % of G₀ knows the difference to 1e-13",
)
def steady_gain() -> Measurement:
    """Newton's root, and what the rate equation settles at."""
    full, gain = 300.0, 300.0 ** np.linspace(0.02, 0.98, 41)
    power = amplifier.saturated_input_power(gain, full, 4e-3)
    device = Amplifier(small_signal_gain_db=10 * np.log10(full), saturation_power=4e-3)
    found = np.asarray(device.gain(power))
    settled = device.gain_trace(np.tile(power[:, None], 70), 1e-10)[:, -1]
    error = max(np.max(np.abs(found / gain - 1)), np.max(np.abs(settled / gain - 1)))
    return measured(
        10 * np.log10(power * 1e3), 10 * np.log10(gain), 10 * np.log10(found),
        x="P_in / dBm", y="G / dB", error=float(error),
    )  # fmt: skip


@case(
    name="amplifier-saturation-power",
    title="Output power at which half the gain is left",
    formula="P_out = P_sat G₀ ln2/(G₀ − 2)",
    source=AGRAWAL_OLSSON,
    model="devices.Amplifier.output_saturation_power",
    tolerance=1e-12,
    why="rounding of Newton's root",
)
def saturation_power() -> Measurement:
    """The stated power; the gain there has halved."""
    gain_db = np.linspace(4, 40, 37)
    device = Amplifier(small_signal_gain_db=gain_db, saturation_power=5e-3)
    full = 10 ** (gain_db / 10)
    expected = amplifier.output_saturation_power(full, 5e-3)
    halved = np.asarray(device.gain(expected / (full / 2))) / (full / 2)
    stated = np.asarray(device.output_saturation_power)
    error = max(np.max(np.abs(stated / expected - 1)), np.max(np.abs(halved - 1)))
    return measured(
        gain_db, expected * 1e3, stated * 1e3,
        x="G₀ / dB", y="P_out / mW", error=float(error),
    )  # fmt: skip


@case(
    name="amplifier-short-pulse",
    title="Gain while a pulse far shorter than the carriers' lifetime passes",
    formula="G(t) = 1/(1 − (1 − 1/G₀) e^(−U(t)/E_sat)), U the energy so far",
    source=AGRAWAL_OLSSON,
    model="devices.Amplifier.gain_trace",
    tolerance=3e-5,
    why="recovery during the pulse: its length over the lifetime, 6 ps of 1 µs, times ln G₀",
)
def short_pulse() -> Measurement:
    """A Gaussian of three saturation energies; only the energy counts, not the shape."""
    dt, lifetime = 1e-13, 1e-6
    time = dt * (np.arange(60) - 29.5)
    device = Amplifier(time_constant=lifetime, saturation_power=1e-12 / lifetime)
    shape = np.exp(-((time / 1e-12) ** 2))
    power = 3e-12 * shape / (shape.sum() * dt)
    energy = np.cumsum(power) * dt
    expected = amplifier.short_pulse_gain(energy, 100.0, 1e-12)
    gain = device.gain_trace(power, dt)
    return measured(
        time * 1e12, 10 * np.log10(expected), 10 * np.log10(gain), x="t / ps", y="G / dB",
        error=max(
            float(np.max(np.abs(gain / expected - 1))),
            abs(float(np.asarray(device.saturation_energy)) / 1e-12 - 1),
        ),
    )  # fmt: skip


@case(
    name="amplifier-chirp",
    title="Phase that a depleted amplifier leaves on a pulse",
    formula="φ = −(α/2) ln G, G = 1/(1 − (1 − 1/G₀) e^(−U/E_sat))",
    source=AGRAWAL_OLSSON,
    model="devices.Amplifier.amplify",
    tolerance=3e-5,
    why="recovery during the pulse: its length over the lifetime, 6 ps of 1 µs, times ln G₀",
)
def chirp() -> Measurement:
    """Less gain, more index, more phase: in e^(−iωt) the pulse's front is red."""
    dt, lifetime, alpha = 1e-13, 1e-6, 5.0
    device = Amplifier(
        time_constant=lifetime, saturation_power=1e-12 / lifetime, linewidth_enhancement=alpha
    )
    field = np.full(60, np.sqrt(1e-12 / (60 * dt)))
    energy = np.cumsum(field**2) * dt
    expected = -alpha / 2 * np.log(amplifier.short_pulse_gain(energy, 100.0, 1e-12))
    phase = np.unwrap(np.angle(device.amplify(field, dt)))
    phase += 2 * pi * np.round((expected[0] - phase[0]) / (2 * pi))
    return measured(energy * 1e12, expected, phase, x="U / E_sat", y="φ / rad")


@case(
    name="amplifier-recovery",
    title="Gain of a depleted amplifier coming back in the dark",
    formula="G(t) = G₀ (G_i/G₀)^(e^(−t/τ)): decibels relax exponentially",
    source=AGRAWAL_OLSSON,
    model="devices.Amplifier.gain_trace",
    tolerance=1e-7,
    why="fourth order at steps of τ/20: (1/20)⁵/120 a step, over 20 steps, times ln G₀",
)
def recovery() -> Measurement:
    """Half of the decibels are back after τ ln 2."""
    device, dt = Amplifier(time_constant=2e-10), 1e-11
    gain = device.gain_trace(np.zeros(80), dt, initial_gain=2.0)
    time = dt * np.arange(1, 81)
    expected = amplifier.recovering_gain(time, 2.0, 100.0, 2e-10)
    return measured(
        time * 1e12, 10 * np.log10(expected), 10 * np.log10(gain), x="t / ps", y="G / dB"
    )


@case(
    name="amplifier-erbium-average",
    title="Gain of an erbium amplifier over the duty cycle of nanosecond pulses",
    formula="G = G₀ exp(−(G − 1)⟨P⟩/P_sat)",
    source="millisecond lifetime: " + AGRAWAL,
    model="devices.Amplifier.gain_trace",
    tolerance=1e-13,
    why="rounding of a root",
)
def erbium() -> Measurement:
    """Peaks of 20 mW, of which the fibre only feels the average; all samples see one gain."""
    slots = np.arange(1, 41)
    power = np.where(np.arange(40) < slots[:, None], 20e-3, 0.0)
    trace = Amplifier.edfa(saturation_power=5e-3).gain_trace(power, 1e-9)
    expected = amplifier.saturated_gain(20e-3 * slots / 40, 100.0, 5e-3)
    return measured(
        slots / 40, 10 * np.log10(expected), 10 * np.log10(trace[:, 0]),
        x="duty cycle", y="G / dB",
        error=float(np.max(np.abs(trace / expected[:, None] - 1))),
    )  # fmt: skip


@case(
    name="amplifier-noise-factor",
    title="Emission density and inversion that a noise figure stands for",
    formula="F = 2n_sp(G−1)/G + 1/G, S = n_sp hν (G−1)",
    source=AGRAWAL,
    model="devices.Amplifier.emission_density",
    tolerance=1e-12,
    why="rounding; F·G − 1 of the order of G − 1 at the smallest gain, 2",
)
def noise_factor() -> Measurement:
    """The textbook counts inverted atoms, the data sheet decibels."""
    gain_db, inversion = np.linspace(3, 40, 38), 1.6
    gain = 10 ** (gain_db / 10)
    factor = amplifier.amplifier_noise_factor(inversion, gain)
    device = Amplifier(small_signal_gain_db=gain_db, noise_figure_db=10 * np.log10(factor))
    expected = amplifier.spontaneous_emission_density(inversion, gain, 1.55e-6)
    density = np.asarray(device.emission_density(gain))
    error = max(
        np.max(np.abs(density / expected - 1)),
        np.max(np.abs(np.asarray(device.inversion_factor(gain)) / inversion - 1)),
    )
    return measured(
        gain_db, 10 * np.log10(expected * 1e3), 10 * np.log10(density * 1e3),
        x="G / dB", y="S / (dBm/Hz)", error=float(error),
    )  # fmt: skip


@case(
    name="amplifier-emission",
    title="Sampled spontaneous emission, both quadratures",
    formula="⟨|A|²⟩ = n_sp hν (G−1) f_s, half of it in each quadrature",
    source=AGRAWAL,
    model="devices.Amplifier.amplify",
    tolerance=4.0,
    why=FOUR_SIGMA,
)
def emission() -> Measurement:
    """In the dark only the amplifier's own light is left."""
    gain_db, rate = np.linspace(3, 33, 31), 5e10
    gain = 10 ** (gain_db / 10)
    factor = amplifier.amplifier_noise_factor(2.0, gain)
    device = Amplifier.edfa(small_signal_gain_db=gain_db, noise_figure_db=10 * np.log10(factor))
    noise = device.amplify(np.zeros((31, 16_000)), 1 / rate, np.random.default_rng(7))
    expected = amplifier.spontaneous_emission_density(2.0, gain, 1.55e-6) * rate
    parts = [(part**2).reshape(31, 40, 400).mean(axis=-1) for part in (noise.real, noise.imag)]
    error = max(standard_errors(part, expected / 2) for part in parts)
    return measured(
        gain_db, 10 * np.log10(expected * 1e3),
        10 * np.log10((parts[0] + parts[1]).mean(axis=1) * 1e3),
        x="G / dB", y="emission at 50 GS/s / dBm", error=error,
    )  # fmt: skip


def _beat_runs(device: Amplifier, power: Reals, rate: float) -> Reals:
    """Variance of the detected current in 40 runs of each input power, (points, 40)."""
    rng = np.random.default_rng(27)
    detector = Photodetector(bandwidth=5e9, dark_current=0.0, responsivity=0.8)
    p = float(np.asarray(detector.pole(1 / rate)))
    rows = []
    for p_in in power:
        light_in = np.full((40, 3100), np.sqrt(p_in))
        current = detector.photocurrent(np.abs(device.amplify(light_in, 1 / rate, rng)) ** 2)
        # Settled for 100 samples; a run's variance about the mean that all runs share.
        kept = lfilter([1 - p], [1, -p], current, axis=-1)[:, 100:]
        rows.append(np.mean((kept - kept.mean()) ** 2, axis=-1))
    return np.stack(rows)


@case(
    name="amplifier-beats",
    title="Beats of amplified light with the emission and of the emission with itself",
    formula="σ² = 4R²P S B + R²(S f_s)²(1−p)/(1+p), B = (f_s/2)(1−p)/(1+p)",
    source=AGRAWAL,
    model="devices.Amplifier.amplify",
    tolerance=4.0,
    why=FOUR_SIGMA,
)
def beats() -> Measurement:
    """From emission alone to a signal that outshines it a thousandfold."""
    power, rate = np.logspace(-10, -4.5, 30), 64e9
    device = Amplifier.edfa(noise_figure_db=9.0, saturation_power=1e3)
    runs = _beat_runs(device, power, rate)
    inversion = (10**0.9 * 100 - 1) / (2 * 99)
    density = amplifier.spontaneous_emission_density(inversion, 100.0, 1.55e-6)
    expected = 0.8**2 * amplifier.emission_beat_variance(1.0, 100 * power, density, 5e9, rate)
    return measured(
        10 * np.log10(100 * power * 1e3), 5 * np.log10(expected * 1e12),
        5 * np.log10(runs.mean(axis=1) * 1e12),
        x="P_out / dBm", y="10 log₁₀(σ / µA)", error=standard_errors(runs, expected),
    )  # fmt: skip


@case(
    name="amplifier-friis",
    title="Noise factor of a loss between two amplifiers",
    formula="F = F₁ + (F₂−1)/G₁ + (F₃−1)/(G₁G₂); a loss L has F = L and G = 1/L",
    source=FRIIS,
    model="devices.friis_noise_factor",
    tolerance=1e-12,
    why="rounding",
)
def friis() -> Measurement:
    """And the textbook's F = 4, G = 100, F₂ = 10: 4.09."""
    loss_db = np.linspace(0, 40, 41)
    loss = 1 / light.power_transmission(loss_db)
    factors = np.stack(np.broadcast_arrays(4.0, loss, 5.0), axis=-1)
    gains = np.stack(np.broadcast_arrays(100.0, 1 / loss, 50.0), axis=-1)
    expected = amplifier.friis_factor(factors.T, gains.T)
    found = np.asarray(friis_noise_factor(factors, gains))
    error = max(
        float(np.max(np.abs(found / expected - 1))),
        abs(float(friis_noise_factor([4.0, 10.0], [100.0])) / 4.09 - 1),
    )
    return measured(
        loss_db, 10 * np.log10(expected), 10 * np.log10(found),
        x="L / dB", y="F / dB", error=error,
    )  # fmt: skip


@case(
    name="amplifier-chain",
    title="Emission at the end of a chain, as Friis counts it",
    formula="S = (F·G − 1) hν/2 of the whole chain = Σ S_k G_(k+1) … G_n",
    source=FRIIS,
    model="devices.friis_noise_factor",
    tolerance=1e-12,
    why="rounding; a loss adds no light, its factor L is the vacuum's",
)
def chain() -> Measurement:
    """Two amplifiers and a loss between them: each emits, the later ones amplify what comes."""
    loss_db = np.linspace(0, 30, 31)
    loss = 1 / light.power_transmission(loss_db)
    first = Amplifier(small_signal_gain_db=15.0, noise_figure_db=6.0)
    second = Amplifier(small_signal_gain_db=20.0, noise_figure_db=8.0)
    gains = 10**1.5, 10**2.0
    arriving = np.asarray(first.emission_density(gains[0])) / loss * gains[1]
    emitted = arriving + np.asarray(second.emission_density(gains[1]))
    factors = np.stack(np.broadcast_arrays(first.noise_factor, loss, second.noise_factor), axis=-1)
    stages = np.stack(np.broadcast_arrays(gains[0], 1 / loss, gains[1]), axis=-1)
    whole = np.asarray(friis_noise_factor(factors, stages)) * gains[0] / loss * gains[1]
    photon = light.photon_energy(1.55e-6)
    return measured(
        loss_db, emitted / photon, (whole - 1) / 2, x="L / dB", y="S / hν",
        error=float(np.max(np.abs((whole - 1) / 2 * photon / emitted - 1))),
    )  # fmt: skip
