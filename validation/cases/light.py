"""Lasers and guides: photons, phase and intensity noise, loss, delay, dispersion."""

from math import pi

import numpy as np

from devices import Fiber, Laser, Waveguide
from validation.case import Measurement, case, measured
from validation.closed_forms import light
from validation.closed_forms.values import SPEED_OF_LIGHT
from validation.deviation import FOUR_SIGMA, standard_errors

AGRAWAL = "Agrawal, Fiber-Optic Communication Systems"
HENRY = "Henry, IEEE J. Quantum Electron. 18, 259 (1982)"


@case(
    name="laser-photon",
    title="Energy of a photon",
    formula="hν = hc/λ",
    source="2019 SI",
    model="devices.Laser.photon_energy",
    tolerance=2e-15,
    why="rounding of two products",
)
def photon() -> Measurement:
    """From the visible to the mid infrared."""
    wavelength = np.linspace(0.4e-6, 4e-6, 37)
    told = np.asarray(Laser(wavelength=wavelength).photon_energy)
    return measured(
        wavelength * 1e6, light.photon_energy(wavelength) * 1e19, told * 1e19,
        x="λ / µm", y="hν / 10⁻¹⁹ J",
    )  # fmt: skip


@case(
    name="laser-field",
    title="Field of a steady laser, and the power that it carries",
    formula="|A|² = P, arg A = 0",
    source="definition of the envelope",
    model="devices.Laser.field, draw_field",
    tolerance=1e-14,
    why="rounding of a root and a square",
)
def field() -> Measurement:
    """From a microwatt to a watt; the field as told, and the first sample of a steady draw."""
    power = np.geomspace(1e-6, 1.0, 31)
    laser = Laser(power=power)
    drawn = laser.draw_field(1, 1e-9, np.random.default_rng(0))[:, 0]
    pairs = [np.abs(np.asarray(laser.field)) ** 2, np.abs(drawn) ** 2, np.real(drawn**2)]
    return measured(
        np.log10(power), np.log10(power), np.log10(pairs[0]), x="log₁₀ P/W", y="log₁₀ |A|²/W",
        error=max(float(np.max(np.abs(found / power - 1))) for found in pairs),
    )  # fmt: skip


@case(
    name="laser-coherence",
    title="Coherence of a laser whose phase walks",
    formula="⟨e^{iΔφ}⟩ = e^{−πΔν t}",
    source=HENRY,
    model="devices.Laser.draw_phase",
    tolerance=4.0,
    why=FOUR_SIGMA,
)
def coherence() -> Measurement:
    """A linewidth of 1 MHz over up to 1 µs: 40 runs of 100 walks of five steps, all independent."""
    laser, rng = Laser(linewidth=np.full(100, 1e6)), np.random.default_rng(11)
    time = 20e-9 * np.arange(1, 51)
    moments = np.array(
        [[np.mean(np.cos(laser.draw_phase(6, t / 5, rng)[:, -1])) for _ in range(40)] for t in time]
    )
    exact = light.phase_walk_coherence(time, 1e6)
    return measured(
        time * 1e6, exact, moments.mean(axis=1), x="time / µs", y="⟨cos Δφ⟩",
        error=standard_errors(moments, exact),
    )  # fmt: skip


@case(
    name="laser-coherence-time",
    title="Time in which a laser forgets its phase, and the walk of the phase in it",
    formula="τ_c = 1/(πΔν), variance 2πΔν t",
    source=HENRY,
    model="devices.Laser.coherence_time, phase_variance",
    tolerance=1e-14,
    why="rounding of two products",
)
def coherence_time() -> Measurement:
    """e^{−πΔν τ_c} = 1/e; and the variance at 1 ns, relative to its formula."""
    linewidth = np.geomspace(1e3, 1e8, 40)
    laser = Laser(linewidth=linewidth)
    faded = light.phase_walk_coherence(np.asarray(laser.coherence_time), linewidth)
    ratio = np.asarray(laser.phase_variance(1e-9)) / light.phase_walk_variance(1e-9, linewidth)
    return measured(
        np.tile(np.log10(linewidth), 2),
        np.concatenate([np.full(40, np.exp(-1.0)), np.ones(40)]),
        np.concatenate([faded, ratio]),
        x="log₁₀ Δν/Hz",
        y="coherence at τ_c, variance over 2πΔν t",
    )


@case(
    name="laser-phase-to-intensity",
    title="Phase noise that an unbalanced interferometer turns into intensity",
    formula="var(I/I₀) = (1 − e^{−2v})/8, v = 2πΔν Δτ",
    source="Moslehi, J. Lightwave Technol. 4, 1334 (1986)",
    model="devices.Laser.draw_field",
    tolerance=4.0,
    why=FOUR_SIGMA,
)
def phase_to_intensity() -> Measurement:
    """Light and its delayed copy on a coupler at quadrature; 40 runs, fresh for every delay."""
    laser, dt = Laser(power=1.0, linewidth=np.full(40, 5e6)), 1e-9
    rng = np.random.default_rng(5)
    delays = np.arange(1, 32)
    variances = np.empty((len(delays), 40))
    for row, steps in enumerate(delays):
        field = laser.draw_field(1000, dt, rng)
        both = (field[:, steps:] * 1j + field[:, :-steps]) / 2
        # About the known mean of one half: no bias from a mean that is estimated.
        variances[row] = np.mean((np.abs(both) ** 2 - 0.5) ** 2, axis=1)
    exact = light.quadrature_intensity_variance(delays * dt, 5e6)
    return measured(
        delays, exact, variances.mean(axis=1), x="Δτ / ns", y="variance of I/I₀",
        error=standard_errors(variances, exact),
    )  # fmt: skip


@case(
    name="laser-intensity-noise",
    title="Relative intensity noise in samples, over their rate",
    formula="var(δP/P) = RIN · f_s/2",
    source=AGRAWAL,
    model="devices.Laser.draw_field, intensity_variance",
    tolerance=4.0,
    why=FOUR_SIGMA,
)
def intensity_noise() -> Measurement:
    """−140 dB/Hz from 1 to 100 GHz, 40 runs of 800 samples."""
    rates = np.geomspace(1e9, 1e11, 31)
    laser = Laser(power=np.full(40, 2e-3), rin_db=-140.0)
    rng = np.random.default_rng(7)
    variances = np.array(
        [
            np.mean((np.abs(laser.draw_field(800, 1 / rate, rng)) ** 2 / 2e-3 - 1) ** 2, axis=1)
            for rate in rates
        ]
    )
    exact = light.intensity_noise_density(1.0, -140.0) * rates / 2
    told = np.array([float(np.asarray(laser.intensity_variance(rate))) for rate in rates])
    # What the device tells is no statistic: it must be the formula itself.
    error = max(
        standard_errors(variances / exact[:, None], np.ones(len(rates))),
        float(np.max(np.abs(told / exact - 1))) * 1e12,
    )
    return measured(
        np.log10(rates), exact, variances.mean(axis=1), x="log₁₀ f_s/Hz", y="var(δP/P)", error=error
    )


@case(
    name="laser-intensity-current",
    title="Noise density of a photocurrent by the laser's intensity noise",
    formula="S = RIN · I²",
    source=AGRAWAL,
    model="devices.Laser.current_noise_density",
    tolerance=1e-13,
    why="rounding of a power of ten and two products",
)
def intensity_current() -> Measurement:
    """1 mA over the noise in dB per Hz."""
    rin = np.linspace(-165, -120, 46)
    told = np.asarray(Laser(rin_db=rin).current_noise_density(1e-3))
    exact = light.intensity_noise_density(1e-3, rin)
    return measured(
        rin, np.log10(exact), np.log10(told), x="RIN / dB/Hz", y="log₁₀ S/(A²/Hz)",
        error=float(np.max(np.abs(told / exact - 1))),
    )  # fmt: skip


@case(
    name="guide-loss",
    title="Power behind a waveguide over its length",
    formula="P = P₀ 10^(−αL/10)",
    source=AGRAWAL,
    model="devices.Waveguide.transfer, transmission",
    tolerance=1e-14,
    why="rounding of a power of ten",
)
def guide_loss() -> Measurement:
    """2.5 dB/cm over up to 4 cm; the carrier's phase turns meanwhile."""
    length = np.linspace(0, 0.04, 41)
    guide = Waveguide(length=length, propagation_loss_db=250.0, carrier_phase=length * 1e3)
    power = np.abs(guide.transfer()) ** 2
    exact = light.power_transmission(250.0 * length)
    told = np.asarray(guide.transmission) ** 2
    return measured(
        np.tile(length * 100, 2),
        np.tile(exact, 2),
        np.concatenate([power, told]),
        x="length / cm",
        y="power",
    )


@case(
    name="guide-delay",
    title="Delay of a pulse, and the way its frequencies turn",
    formula="τ = n_g L/c; H(Ω) = e^{i(ψ + Ωτ)}",
    source=AGRAWAL,
    model="devices.Waveguide.delay, frequency_response",
    tolerance=2e-14,
    why="rounding of Ωτ of up to 9 rad",
)
def guide_delay() -> Measurement:
    """Of the response around the carrier; the error also looks at the delay that is told."""
    guide = Waveguide(length=5e-3, propagation_loss_db=0.0, group_index=4.2, carrier_phase=0.7)
    offset = np.linspace(-2e10, 2e10, 81)
    exact = np.exp(1j * (0.7 + 2 * pi * offset * light.guide_delay(5e-3, 4.2)))
    seen = guide.frequency_response(offset)
    told = float(np.asarray(guide.delay)) / float(light.guide_delay(5e-3, 4.2))
    return measured(
        np.tile(offset / 1e9, 2),
        np.concatenate([exact.real, exact.imag]),
        np.concatenate([seen.real, seen.imag]),
        x="offset / GHz",
        y="H: real, imaginary",
        error=max(float(np.max(np.abs(seen - exact))), abs(told - 1)),
    )


@case(
    name="guide-pulse",
    title="A pulse behind a waveguide, one delay later",
    formula="A(t) = t_L e^{iψ} A₀(t − τ)",
    source=AGRAWAL,
    model="devices.Waveguide.propagate",
    tolerance=1e-13,
    why="the spectrum of a Gaussian of 8 samples is 1e-100 at the edge of the band; rounding",
)
def guide_pulse() -> Measurement:
    """A Gaussian behind a delay that ends between two samples."""
    dt, width = 1e-12, 8e-12
    time = (np.arange(256) - 64) * dt
    delay = 40.4e-12
    length = delay * SPEED_OF_LIGHT / 4.2
    guide = Waveguide(length=length, propagation_loss_db=0.0, carrier_phase=2.2)
    seen = guide.propagate(np.exp(-(time**2) / (2 * width**2)), dt)
    exact = np.exp(-((time - delay) ** 2) / (2 * width**2)) * np.exp(2.2j)
    return measured(
        np.tile(time * 1e12, 2),
        np.concatenate([exact.real, exact.imag]),
        np.concatenate([seen.real, seen.imag]),
        x="time / ps",
        y="field: real, imaginary",
    )


@case(
    name="fiber-dispersion",
    title="Dispersion parameter of a fibre",
    formula="D = −2πc β₂/λ²; 17 ps/(nm km)",
    source=AGRAWAL,
    model="devices.Fiber.dispersion, from_dispersion",
    tolerance=1e-14,
    why="rounding of five products",
)
def dispersion() -> Measurement:
    """Of a curvature, and the curvature of that."""
    curvature = np.linspace(-40e-27, 20e-27, 41)
    told = np.asarray(Fiber(group_velocity_dispersion=curvature).dispersion())
    exact = light.dispersion_of(curvature, 1.55e-6)
    back = Fiber.from_dispersion(dispersion=exact).group_velocity_dispersion
    return measured(
        np.tile(curvature * 1e27, 2),
        np.concatenate([exact * 1e6, curvature * 1e27]),
        np.concatenate([told * 1e6, np.asarray(back) * 1e27]),
        x="β₂ / (ps²/km)",
        y="D / (ps/(nm km)), β₂ / (ps²/km)",
    )


@case(
    name="fiber-pulse",
    title="A Gaussian pulse behind 20 km of fibre",
    formula="A = T₀/√(T₀² − iβ₂L) e^{−t²/(2(T₀² − iβ₂L))}",
    source=AGRAWAL,
    model="devices.Fiber.propagate",
    tolerance=2e-14,
    why="the window's edges see less than rounding of pulse and spectrum",
)
def fiber_pulse() -> Measurement:
    """Chirped and twice as wide; time runs along."""
    dt, width, length = 1e-12, 15e-12, 20e3
    time = (np.arange(512) - 256) * dt
    fiber = Fiber(length=length, propagation_loss_db=0.0)
    seen = fiber.propagate(np.exp(-(time**2) / (2 * width**2)), dt, delayed=False)
    exact = light.dispersed_gaussian(time, length, -21.7e-27, width)
    part = slice(128, 384, 2)
    return measured(
        np.tile(time[part] * 1e12, 2),
        np.concatenate([exact.real[part], exact.imag[part]]),
        np.concatenate([seen.real[part], seen.imag[part]]),
        x="time / ps",
        y="field: real, imaginary",
    )


@case(
    name="fiber-broadening",
    title="Width of a Gaussian pulse over the length of fibre",
    formula="T = T₀ √(1 + (β₂L/T₀²)²)",
    source=AGRAWAL,
    model="devices.Fiber.propagate",
    tolerance=2e-14,
    why="second moment of a pulse whose tails at the window's edges are below rounding",
)
def broadening() -> Measurement:
    """From the second moment of the power, up to 30 km."""
    dt, width = 1e-12, 15e-12
    time = (np.arange(1024) - 512) * dt
    pulse = np.exp(-(time**2) / (2 * width**2))
    lengths = np.linspace(0, 30e3, 31)
    seen = []
    for length in lengths:
        fiber = Fiber(length=length, propagation_loss_db=0.0)
        power = np.abs(fiber.propagate(pulse, dt, delayed=False)) ** 2
        seen.append(np.sqrt(2 * np.sum(power * time**2) / np.sum(power)))
    exact = width * light.gaussian_broadening(lengths, -21.7e-27, width)
    return measured(lengths / 1e3, exact * 1e12, np.array(seen) * 1e12, x="length / km", y="T / ps")


@case(
    name="fiber-colours",
    title="Delay of pulses of other colours behind 20 km of fibre",
    formula="Δτ = D L Δλ, Δλ = −λ² Δν/c",
    source=AGRAWAL,
    model="devices.Fiber.from_dispersion, propagate",
    tolerance=2e-14,
    why="first moments of pulses whose tails at the window's edges are below rounding",
)
def colours() -> Measurement:
    """Gaussian pulses up to 100 GHz off the carrier, D = 17 ps/(nm km); time runs along."""
    dt, width, length = 1e-12, 15e-12, 20e3
    time = (np.arange(2048) - 1024) * dt
    fiber = Fiber.from_dispersion(dispersion=17e-6, length=length, propagation_loss_db=0.0)
    offsets = np.linspace(-100e9, 100e9, 41)
    pulses = np.exp(-(time**2) / (2 * width**2) - 2j * pi * offsets[:, None] * time)
    power = np.abs(fiber.propagate(pulses, dt, delayed=False)) ** 2
    seen = np.sum(power * time, axis=1) / np.sum(power, axis=1)
    exact = light.colour_delay(offsets, length, 17e-6, 1.55e-6)
    return measured(offsets / 1e9, exact * 1e12, seen * 1e12, x="Δν / GHz", y="Δτ / ps")


@case(
    name="guide-index",
    title="Phase of the carrier behind a guide of a given index",
    formula="ψ = 2π n_eff L/λ, H = e^{iψ}",
    source=AGRAWAL,
    model="devices.Waveguide.from_index",
    tolerance=1e-12,
    why="rounding of up to 146 turns, 2π · 146 · 1e-16, twice",
)
def guide_index() -> Measurement:
    """Real and imaginary part over three micrometres, a hundred and forty waves from the start."""
    length = 90e-6 + np.linspace(0, 3e-6, 121)
    guide = Waveguide.from_index(effective_index=2.44, length=length, propagation_loss_db=0.0)
    exact = np.exp(2j * pi * light.guide_turns(length, 2.44, 1.55e-6))
    seen = guide.transfer()
    return measured(
        np.tile(length * 1e6, 2), np.concatenate([exact.real, exact.imag]),
        np.concatenate([seen.real, seen.imag]), x="length / µm", y="H: real, imaginary",
    )  # fmt: skip


@case(
    name="laser-line",
    title="Line of a laser whose phase walks: the Lorentzian of its periodograms",
    formula="S = Re{(1+z)/(1−z) − 2z(1−z^N)/(N(1−z)²)} dt, z = e^{(2πif − πΔν)dt}; "
    "(2/πΔν)/(1 + (2f/Δν)²)",
    source=HENRY,
    model="devices.Laser.draw_phase",
    tolerance=4.0,
    why=FOUR_SIGMA,
)
def line() -> Measurement:
    """1 MHz wide, four widths to either side: 40 runs of 32 records of 1,024 samples of 20 ns."""
    width, dt, n, runs, records = 1e6, 20e-9, 1024, 40, 32
    laser, rng = Laser(linewidth=np.full(records, width)), np.random.default_rng(17)
    offset = np.fft.fftfreq(n, dt)
    near = np.flatnonzero(np.abs(offset) < 4 * width)[::3]
    near = near[np.argsort(offset[near])]
    density = np.empty((len(near), runs))
    for run in range(runs):
        spectrum = n * np.fft.ifft(np.exp(1j * laser.draw_phase(n, dt, rng)))[:, near]
        density[:, run] = np.mean(np.abs(spectrum) ** 2, axis=0) * dt / n
    exact = light.sampled_laser_line(offset[near], width, dt, n)
    return measured(
        offset[near] / 1e6, 10 * np.log10(exact * width),
        10 * np.log10(density.mean(axis=1) * width),
        x="f / MHz", y="S·Δν / dB", error=standard_errors(density, exact),
    )  # fmt: skip
