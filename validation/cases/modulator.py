"""Modulators and heaters: what a voltage or a current does to light, and how fast."""

from math import pi

import numpy as np

from devices import ElectroAbsorptionModulator, Modulator, PhaseShifter
from validation.case import Measurement, case, measured
from validation.closed_forms import light, modulator, receiver

WOOTEN = "Wooten et al., IEEE J. Sel. Top. Quantum Electron. 6, 69 (2000)"
KOYAMA = "Koyama, Iga, J. Lightwave Technol. 6, 87 (1988)"
HARRIS = "Harris et al., Opt. Express 22, 10487 (2014)"


@case(
    name="modulator-raw",
    title="Field of a push-pull interferometer over the voltage",
    formula="A/A₀ = sin(πV/2V_π)",
    source=WOOTEN,
    model="devices.Modulator.field",
    tolerance=1e-14,
    why="rounding of a sine",
)
def raw() -> Measurement:
    """Signed about the null, all light at V_π, and folding back beyond."""
    device = Modulator(linearised=False, half_wave_voltage=4.2)
    drive = np.linspace(-1.5, 1.5, 61)
    voltage = np.asarray(device.voltage(drive))
    reference = modulator.push_pull_field(voltage, 4.2)
    return measured(voltage, reference, device.field(drive), x="V / V", y="A / A₀")


@case(
    name="modulator-linearised",
    title="Field of an interferometer behind its arcsine look-up",
    formula="V = (2V_π/π) asin u ⇒ sin(πV/2V_π) = u",
    source=WOOTEN,
    model="devices.Modulator.voltage",
    tolerance=1e-14,
    why="rounding of a sine of an arcsine",
)
def linearised() -> Measurement:
    """The voltage that the look-up writes, through an interferometer, is the drive; it clips."""
    device = Modulator(linearised=True, half_wave_voltage=4.2)
    drive = np.linspace(-1.3, 1.3, 53)
    light = modulator.push_pull_field(device.voltage(drive), 4.2)
    field = np.asarray(device.field(drive))
    error = max(
        float(np.max(np.abs(field - light))),
        float(np.max(np.abs(light - np.clip(drive, -1, 1)))),
    )
    return measured(drive, light, field, x="u", y="A / A₀", error=error)


@case(
    name="modulator-intensity",
    title="Power of an interferometer behind its look-up for powers, and without it",
    formula="V = (2V_π/π) asin √u ⇒ sin²(πV/2V_π) = u; raw, sin²(πu/2) = ½(1 − cos πu)",
    source=WOOTEN,
    model="devices.Modulator.intensity",
    tolerance=1e-14,
    why="rounding of a sine squared",
)
def intensity() -> Measurement:
    """Powers know no sign: what is below zero is dark where it is looked up."""
    drive = np.linspace(-0.3, 1.3, 49)
    looked_up = Modulator(linearised=True).intensity(drive)
    voltage = 2 * 4.2 / pi * np.arcsin(np.sqrt(np.clip(drive, 0, 1)))
    light = modulator.push_pull_field(voltage, 4.2) ** 2
    raw_light = modulator.push_pull_field(4.2 * drive, 4.2) ** 2
    error = max(
        float(np.max(np.abs(looked_up - light))),
        float(np.max(np.abs(Modulator(linearised=False).intensity(drive) - raw_light))),
    )
    return measured(drive, light, looked_up, x="u", y="P / P₀", error=error)


@case(
    name="modulator-slope",
    title="Slope of a push-pull interferometer's field and power",
    formula="d sin(πu/2)/du, d sin²(πu/2)/du; behind a look-up 1, and 0 where it clips",
    source=WOOTEN,
    model="devices.Modulator.slope, intensity_slope",
    tolerance=1e-9,
    why="central differences of the closed form: second order in 2·10⁻⁵, rounding over 2·10⁻⁵",
)
def slope() -> Measurement:
    """What a gradient sees of the modulator, at voltages that are no edge of a clip."""
    drive, h = np.linspace(-1.49, 1.51, 61), 1e-5
    raw_device, looked_up = Modulator(linearised=False), Modulator()
    ends = [modulator.push_pull_field(drive + step, 1.0) for step in (-h, h)]
    field, power = (ends[1] - ends[0]) / (2 * h), (ends[1] ** 2 - ends[0] ** 2) / (2 * h)
    error = max(
        np.max(np.abs(raw_device.slope(drive) - field)),
        np.max(np.abs(raw_device.intensity_slope(drive) - power)),
        np.max(np.abs(looked_up.slope(drive) - (np.abs(drive) < 1))),
        np.max(np.abs(looked_up.intensity_slope(drive) - ((drive > 0) & (drive < 1)))),
    )
    return measured(
        drive, field, raw_device.slope(drive), x="u", y="d(A/A₀)/du", error=float(error)
    )


@case(
    name="modulator-loss",
    title="Insertion loss of an interferometer and of an absorber",
    formula="|A/A_in|² = 10^(−IL/10)",
    source="definition of the decibel: 10 log₁₀ of a ratio of powers",
    model="devices.Modulator.transmission",
    tolerance=1e-14,
    why="rounding of a power of ten",
)
def loss() -> Measurement:
    """Amplitudes, squared."""
    loss_db = np.linspace(0, 10, 41)
    reference = light.power_transmission(loss_db)
    field, other = (
        np.asarray(device.transmission)
        for device in (
            Modulator(insertion_loss_db=loss_db),
            ElectroAbsorptionModulator(insertion_loss_db=loss_db),
        )
    )
    error = max(np.max(np.abs(field**2 - reference)), np.max(np.abs(other**2 - reference)))
    return measured(loss_db, reference, field**2, x="IL / dB", y="P / P_in", error=float(error))


@case(
    name="modulator-absorption",
    title="Light through an electro-absorption modulator over the voltage",
    formula="P = e^(−(V/V₀)^k)",
    source=KOYAMA,
    model="devices.ElectroAbsorptionModulator.field",
    tolerance=1e-14,
    why="rounding of a power and an exponential",
)
def absorption() -> Measurement:
    """The power of the field, and the voltage that gives it back."""
    device = ElectroAbsorptionModulator(absorption_voltage=1.2, exponent=1.7)
    voltage = np.linspace(0, 3, 41)
    reference = modulator.absorption_power(voltage, 1.2, 1.7)
    power = np.abs(device.field(voltage)) ** 2
    decibels = -10 * np.log10(reference)
    error = max(
        float(np.max(np.abs(power - reference))),
        float(np.max(np.abs(device.voltage(reference) - voltage)) / 3),
        float(np.max(np.abs(device.extinction_db(voltage) - decibels)) / np.max(decibels)),
    )
    return measured(voltage, reference, power, x="V / V", y="P / P₀", error=error)


@case(
    name="modulator-chirp",
    title="Chirp of an electro-absorption modulator on a sine of voltage",
    formula="δf = (α_H/4π) d ln P/dt",
    source=KOYAMA,
    model="devices.ElectroAbsorptionModulator.field",
    tolerance=5e-7,
    why="second order of central differences, (2π·10⁻⁴)²/6 of the slope, four times that of its "
    "second harmonic",
)
def chirp() -> Measurement:
    """A rising edge is blue; e^(−iωt) counts the frequency as −dφ/dt."""
    rate, step = 1e10, 1e-14
    device = ElectroAbsorptionModulator(absorption_voltage=1.5, exponent=2.0, chirp=0.8)
    time = np.linspace(0, 1 / rate, 61)

    def voltage(t: np.ndarray) -> np.ndarray:
        return 1.0 + 0.8 * np.sin(2 * pi * rate * t)

    turn = device.field(voltage(time + step)) / device.field(voltage(time - step))
    shift = -np.angle(turn) / (2 * step) / (2 * pi)
    slope = 0.8 * 2 * pi * rate * np.cos(2 * pi * rate * time)
    expected = modulator.chirp_frequency(-2 * voltage(time) * slope / 1.5**2, 0.8)
    return measured(time * 1e12, expected / 1e9, shift / 1e9, x="t / ps", y="δf / GHz")


@case(
    name="heater-step",
    title="Phase of a heater after its power is switched on",
    formula="φ(t) = π(P/P_π)(1 − e^(−t/τ))",
    source=HARRIS,
    model="devices.PhaseShifter.pole",
    tolerance=1e-13,
    why="rounding of 60 steps",
)
def heater_step() -> Measurement:
    """Stepped with the exact pole, and in closed form."""
    device, dt = PhaseShifter(half_wave_power=20e-3, time_constant=1.2e-6), 1e-7
    settled, pole = float(device.phase_at_power(15e-3)), float(device.pole(dt))
    phase, stepped = 0.0, []
    for _ in range(60):
        phase = pole * phase + (1 - pole) * settled
        stepped.append(phase)
    time = dt * np.arange(1, 61)
    reference = 0.75 * pi * receiver.low_pass_step(time, 1.2e-6)
    closed = np.max(np.abs(settled * np.asarray(device.step_response(time)) - reference))
    error = max(float(closed), float(np.max(np.abs(stepped - reference)))) / (0.75 * pi)
    return measured(time * 1e6, reference, stepped, x="t / µs", y="φ / rad", error=error)


@case(
    name="heater-bandwidth",
    title="Spectrum of a heater's step: 130 kHz",
    formula="|H(f)|² = 1/(1 + (f/f_3dB)²), f_3dB = 1/(2πτ) = 133 kHz at τ = 1.2 µs",
    source=HARRIS,
    model="devices.PhaseShifter.bandwidth",
    tolerance=4e-6,
    why="the step is summed in intervals of τ/200: (2π f τ/200)²/24 at 10 f_3dB, 1e-4 of an "
    "amplitude squared that is 1/100 there",
)
def heater_bandwidth() -> Measurement:
    """The increments of the step response are the impulse response."""
    device = PhaseShifter(time_constant=1.2e-6)
    edges = 1.2e-6 / 200 * np.arange(8001)
    impulse = np.diff(np.asarray(device.step_response(edges)))
    frequency = np.logspace(4, 6.1, 43)
    middle = (edges[1:] + edges[:-1]) / 2
    response = np.abs(np.exp(2j * pi * frequency[:, None] * middle) @ impulse) ** 2
    reference = receiver.low_pass_power(frequency, device.bandwidth)
    return measured(
        np.log10(frequency), reference, response, x="log₁₀(f / Hz)", y="|H|²",
        error=max(
            float(np.max(np.abs(response - reference))),
            abs(float(device.bandwidth) * 2 * pi * 1.2e-6 - 1),
        ),
    )  # fmt: skip
