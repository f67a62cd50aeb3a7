"""Rings as they stand: response, linewidth, delay, heat."""

from math import pi

import numpy as np
from scipy.signal import hilbert

from devices import AddDropRing, AllPassRing
from validation.case import Measurement, case, measured
from validation.cases.sample_rings import (
    BOGAERTS,
    CARRIER,
    INDEX,
    LENGTH,
    MADSEN,
    TRIP,
    add_drop_ring,
    all_pass_ring,
    frequencies,
)
from validation.closed_forms import ring
from validation.closed_forms.values import SPEED_OF_LIGHT

YARIV = "Yariv, Electron. Lett. 36, 321 (2000)"

PHASE = np.linspace(-pi, 3 * pi, 401)


# ---------------------------------------------------------------------------------------- responses


@case(
    name="ring-all-pass",
    title="Power past an all-pass ring over two resonances",
    formula="|H|² = (a² − 2ra cosφ + r²)/(1 − 2ra cosφ + r²a²)",
    source=BOGAERTS,
    model="devices.AllPassRing.through",
    tolerance=1e-12,
    why="2e14 Hz less 2e14 Hz, good to 0.06 Hz: φ is good to 3e-13, on a slope of 4",
)
def all_pass() -> Measurement:
    """By frequency, so that the resonance is where it is said to be."""
    device = all_pass_ring(0.97, 0.9)
    phase = np.linspace(-pi, 3 * pi, 201)
    power = np.abs(device.through(frequencies(device, phase))) ** 2
    return measured(phase, ring.all_pass_power(phase, 0.97, 0.9), power, x="φ / rad", y="|H|²")


@case(
    name="ring-all-pass-field",
    title="Field past an all-pass ring: the sum over round trips, its phase too",
    formula="H = r − κ² a e^{iφ} Σ_n (r a e^{iφ})ⁿ",
    source=BOGAERTS,
    model="devices.AllPassRing.through_at_phase",
    tolerance=2e-14,
    why="rounding of a dozen operations on numbers of size 1",
)
def all_pass_field() -> Measurement:
    """Real and imaginary part one after the other."""
    device = all_pass_ring(0.97, 0.9)
    exact = ring.all_pass_field(PHASE, 0.97, 0.9)
    field = device.through_at_phase(PHASE)
    return measured(
        np.tile(PHASE, 2),
        np.concatenate([exact.real, exact.imag]),
        np.concatenate([field.real, field.imag]),
        x="φ / rad",
        y="H: real, imaginary",
    )


@case(
    name="ring-add-drop",
    title="Power past and across an add-drop ring with unlike couplers",
    formula="T_p = (r₂²a² − 2r₁r₂a cosφ + r₁²)/|D|², T_d = (1−r₁²)(1−r₂²)a/|D|²",
    source=BOGAERTS,
    model="devices.AddDropRing.through_at_phase, drop_at_phase",
    tolerance=1e-12,
    why="rounding, magnified by 1/(1 − r₁r₂a) on resonance",
)
def add_drop() -> Measurement:
    """Through and drop one after the other."""
    device = add_drop_ring(0.98, 0.95, 0.9)
    through, drop = ring.add_drop_powers(PHASE, 0.98, 0.95, 0.9)
    return measured(
        np.tile(PHASE, 2),
        np.concatenate([through, drop]),
        np.abs(np.concatenate([device.through_at_phase(PHASE), device.drop_at_phase(PHASE)])) ** 2,
        x="φ / rad",
        y="power: through, drop",
    )


@case(
    name="ring-add-drop-field",
    title="Fields past and across an add-drop ring: sums over round trips, their phases too",
    formula="r₁ − κ₁² r₂ e Σ_n (r₁r₂e)ⁿ, −κ₁κ₂ √a e^{iφ/2} Σ_n (r₁r₂e)ⁿ, e = a e^{iφ}",
    source=BOGAERTS,
    model="devices.AddDropRing.through_at_phase, drop_at_phase",
    tolerance=2e-14,
    why="rounding, magnified by 1/(1 − r₁r₂a) on resonance",
)
def add_drop_field() -> Measurement:
    """The error is one of fields, of both ports; drawn, the phase of the dropped light."""
    device = add_drop_ring(0.98, 0.95, 0.9)
    fields = device.through_at_phase(PHASE), device.drop_at_phase(PHASE)
    exact = ring.add_drop_fields(PHASE, 0.98, 0.95, 0.9)
    return measured(
        PHASE, np.unwrap(np.angle(exact[1])), np.unwrap(np.angle(fields[1])),
        x="φ / rad", y="phase of the dropped light / rad",
        error=float(np.max(np.abs(np.subtract(fields, exact)))),
    )  # fmt: skip


@case(
    name="ring-lossless",
    title="A lossless ring keeps all light",
    formula="T_p + T_d = 1",
    source=BOGAERTS,
    model="devices.AddDropRing.through_at_phase, drop_at_phase",
    tolerance=1e-13,
    why="rounding, magnified by 1/(1 − r₁r₂) on resonance",
)
def lossless() -> Measurement:
    """Over two resonances."""
    device = add_drop_ring(1.0, 0.97, 0.93)
    total = np.abs(device.through_at_phase(PHASE)) ** 2 + np.abs(device.drop_at_phase(PHASE)) ** 2
    return measured(PHASE, np.ones_like(PHASE), total, x="φ / rad", y="T_p + T_d")


@case(
    name="ring-critical-coupling",
    title="Floor of the dip: dark where what is lost is what couples in, r = a",
    formula="|H(0)|² = ((a − r)/(1 − ra))², 0 at r = a",
    source=YARIV,
    model="devices.AllPassRing.through_at_phase",
    tolerance=1e-14,
    why="rounding of r − a, squared, on a scale of 1",
)
def critical_coupling() -> Measurement:
    """Coupling through the critical one, a = 0.9."""
    coupling = np.linspace(0.5, 0.99, 50)
    coupling[40] = 0.9
    devices = [all_pass_ring(0.9, r) for r in coupling]
    floor = [float(np.abs(device.through_at_phase(0.0)) ** 2) for device in devices]
    return measured(
        coupling, ring.all_pass_resonance_power(0.9, coupling), floor, x="r", y="|H(0)|²"
    )


@case(
    name="ring-extinction",
    title="Extinction of an all-pass ring",
    formula="ER = 10 log₁₀ |H(π)|²/|H(0)|²",
    source=BOGAERTS,
    model="devices.AllPassRing.extinction_db",
    tolerance=1e-12,
    why="rounding of a − r, 9e-5 at least: 1e-12 of the ratio, in dB over 66 dB",
)
def extinction() -> Measurement:
    """On both sides of critical coupling, r = a = 0.9."""
    distance = np.geomspace(1e-3, 1.0, 30)
    coupling = np.concatenate([0.9 - 0.4 * distance[::-1], 0.9 + 0.09 * distance])
    told = [float(all_pass_ring(0.9, r).extinction_db) for r in coupling]
    return measured(
        coupling, ring.all_pass_extinction_db(0.9, coupling), told, x="r", y="extinction / dB"
    )


@case(
    name="ring-fabry-perot",
    title="An add-drop ring is a Fabry-Perot whose mirrors reflect what stays",
    formula="T = (1−R)²/((1−R)² + 4R sin²(φ/2)), R = r²",
    source="Airy (1833)",
    model="devices.AddDropRing.drop_at_phase",
    tolerance=1e-12,
    why="rounding, magnified by 1/(1 − R) on resonance",
)
def fabry_perot() -> Measurement:
    """Lossless, equal couplers."""
    power = np.abs(add_drop_ring(1.0, 0.95, 0.95).drop_at_phase(PHASE)) ** 2
    return measured(PHASE, ring.fabry_perot_power(PHASE, 0.95**2), power, x="φ / rad", y="drop")


# --------------------------------------------------------------------------------------- resonances


@case(
    name="ring-linewidth",
    title="Width of a resonance at half its peak, searched on the response",
    formula="FWHM_φ = 4 asin((1 − R)/(2√R)), finesse 2π/FWHM_φ, Q = ν T_R 2π/FWHM_φ",
    source=BOGAERTS,
    model="devices.AddDropRing.linewidth, finesse, quality_factor, drop_at_phase",
    tolerance=1e-14,
    why="rounding of the power over its slope at half height, some 1 per rad",
)
def linewidth() -> Measurement:
    """What the response shows, and what the device tells as width, finesse and Q, as widths."""
    coupling = np.linspace(0.6, 0.95, 40)
    device = add_drop_ring(0.99, coupling, coupling)
    half = np.abs(device.drop_at_phase(0.0)) ** 2 / 2
    below, above = np.zeros(40), np.full(40, pi)
    for _ in range(53):  # bisection, to the last bit
        middle = (below + above) / 2
        high = np.abs(device.drop_at_phase(middle)) ** 2 > half
        below, above = np.where(high, middle, below), np.where(high, above, middle)
    told = [
        np.asarray(device.linewidth) * 2 * pi * TRIP,
        2 * pi / np.asarray(device.finesse),
        CARRIER * TRIP * 2 * pi / np.asarray(device.quality_factor),
    ]
    exact = ring.ring_linewidth_phase(coupling**2 * 0.99)
    return measured(
        np.tile(coupling, 4), np.tile(exact, 4), np.concatenate([2 * above, *told]),
        x="r", y="FWHM / rad",
    )  # fmt: skip


@case(
    name="ring-quality-factor",
    title="Quality factor of a narrow ring",
    formula="Q ≈ π n_g L √R/(λ (1 − R))",
    source=BOGAERTS,
    model="devices.AddDropRing.quality_factor",
    tolerance=2e-4,
    why="the narrow-line form misses the arcsine by (1 − R)²/24: 1.1e-4 at R = 0.95",
)
def quality_factor() -> Measurement:
    """Towards narrow lines."""
    loop = np.linspace(0.95, 0.998, 40)
    told = [float(add_drop_ring(1.0, np.sqrt(r), np.sqrt(r)).quality_factor) for r in loop]
    exact = ring.ring_quality_factor(loop, LENGTH, INDEX, 1.55e-6)
    error = float(np.max(np.abs(np.array(told) / exact - 1)))
    return measured(loop, exact, told, x="R", y="Q", error=error)


@case(
    name="ring-spectral-range",
    title="Spacing of the resonances",
    formula="FSR = c/(n_g L)",
    source=BOGAERTS,
    model="devices.AllPassRing.free_spectral_range, finesse",
    tolerance=1e-14,
    why="rounding of three products",
)
def spectral_range() -> Measurement:
    """Told, and as finesse times linewidth."""
    length = np.linspace(20e-6, 400e-6, 40)
    device = AllPassRing(length=length, group_index=INDEX, self_coupling=0.9)
    exact = ring.ring_spectral_range(length, INDEX)
    shown = np.asarray(device.finesse) * np.asarray(device.linewidth)
    return measured(
        np.tile(length * 1e6, 2),
        np.tile(exact / 1e12, 2),
        np.concatenate([np.asarray(device.free_spectral_range), shown]) / 1e12,
        x="L / µm",
        y="FSR / THz",
    )


@case(
    name="ring-measured",
    title="Rings made from a measured linewidth and quality factor",
    formula="sin(FWHM_φ/4) = (1 − R)/(2√R), inverted",
    source=BOGAERTS,
    model="devices.AddDropRing.from_linewidth, from_quality_factor",
    tolerance=1e-12,
    why="1 − R of 2e-2 from a sine, and back: rounding magnified by 1/(1 − R) twice",
)
def from_measurement() -> Measurement:
    """Width and loss on the response of the ring that was made of them."""
    linewidth = np.linspace(5e9, 200e9, 40)
    made = [AddDropRing.from_linewidth(w, 0.7, length=LENGTH, group_index=INDEX) for w in linewidth]
    frequency = SPEED_OF_LIGHT / 1.55e-6
    by_quality = [
        AddDropRing.from_quality_factor(frequency / w, 0.7, length=LENGTH, group_index=INDEX)
        for w in linewidth
    ]
    half = [
        float(np.abs(device.drop_at_phase(pi * w * TRIP) / device.drop_at_phase(0.0)) ** 2)
        for device, w in zip(made + by_quality, np.tile(linewidth, 2), strict=True)
    ]
    peak = [float(np.abs(device.drop_at_phase(0.0)) ** 2) for device in made]
    return measured(
        np.tile(linewidth / 1e9, 3),
        np.concatenate([np.full(80, 0.5), np.full(40, 10**-0.07)]),
        half + peak,
        x="FWHM / GHz",
        y="drop: at half width of the peak, at the peak",
    )


# -------------------------------------------------------------------------------------------- delay


@case(
    name="ring-delay",
    title="Group delay past a lossy ring, over- and undercoupled",
    formula="τ_g/T_R = a(a − r cosφ)/|r − e|² + ra(cosφ − ra)/|1 − re|², e = a e^{iφ}",
    source=BOGAERTS,
    model="devices.AllPassRing.group_delay",
    tolerance=1e-11,
    why="φ from 2e14 Hz less 2e14 Hz is good to 1e-13, on a slope of 10 of a delay of 10",
)
def group_delay() -> Measurement:
    """Over one resonance, r below and above a."""
    phase = np.linspace(-pi / 2, pi / 2, 101)
    exact, told = [], []
    for coupling in (0.8, 0.97):
        device = all_pass_ring(0.9, coupling)
        exact.append(ring.all_pass_delay(phase, 0.9, coupling))
        told.append(device.group_delay(frequencies(device, phase)) / TRIP)
    return measured(
        np.tile(phase, 2), np.concatenate(exact), np.concatenate(told), x="φ / rad", y="τ_g / T_R"
    )


@case(
    name="ring-delay-peak",
    title="Group delay of a lossless ring: on resonance, and on average over a spectral range",
    formula="τ_g(0) = T_R (1+r)/(1−r), ⟨τ_g⟩ = T_R",
    source=f"{BOGAERTS}; {MADSEN}",
    model="devices.AllPassRing.group_delay",
    tolerance=1e-12,
    why="mean over 4,096 points: exact for a periodic function; φ good to 3e-13, the peaks flat",
)
def delay_peak() -> Measurement:
    """Peaks over r, then means, each relative to its own formula."""
    coupling = np.linspace(0.5, 0.98, 30)
    phase = 2 * pi * np.arange(4096) / 4096
    peak, mean = [], []
    for r in coupling:
        device = all_pass_ring(1.0, r)
        peak.append(float(device.group_delay(device.resonance_frequency)) / TRIP)
        mean.append(float(np.mean(device.group_delay(frequencies(device, phase)))) / TRIP)
    exact = ring.lossless_ring_delay(coupling)
    ratio = np.concatenate([np.array(peak) / exact, np.array(mean)])
    return measured(
        np.tile(coupling, 2),
        np.ones(60),
        ratio,
        x="r",
        y="τ_g: peak over T_R(1+r)/(1−r), mean over T_R",
    )


@case(
    name="ring-kramers-kronig",
    title="Phase of an undercoupled ring from its loss alone",
    formula="arg H = Im hilbert(ln|H|) over a spectral range, r > a",
    source=MADSEN,
    model="devices.AllPassRing.through_at_phase",
    tolerance=1e-10,
    why="the transform of a periodic function of 4,096 points is exact to (a/r)^4096 and rounding",
)
def kramers_kronig() -> Measurement:
    """One period; H has neither zero nor pole in |e^{iφ}| ≤ 1: the least phase for its power."""
    phase = 2 * pi * np.arange(4096) / 4096
    field = all_pass_ring(0.9, 0.95).through_at_phase(phase)
    expected = np.imag(hilbert(0.5 * np.log(ring.all_pass_power(phase, 0.9, 0.95))))
    return measured(
        phase[::32], expected[::32], np.angle(field)[::32], x="φ / rad", y="arg H / rad"
    )


# --------------------------------------------------------------------------------------------- heat


@case(
    name="ring-thermal-drift",
    title="Drift of a resonance with the chip's temperature",
    formula="dλ/dT = λ (dn/dT)/n_g; 69 pm/K for silicon",
    source=BOGAERTS,
    model="devices.AllPassRing.resonance_frequency, wavelength_per_kelvin",
    tolerance=1e-4,
    why="wavelength against frequency, second order: 2 K · 69 pm/K over 1.55 µm, 9e-5 of it",
)
def thermal_drift() -> Measurement:
    """Where the response of a warm ring is darkest, and what the device tells per kelvin."""
    warmth = np.linspace(0.1, 2, 40)
    device = AllPassRing(temperature_change=warmth)
    moved = SPEED_OF_LIGHT / np.asarray(device.resonance_frequency) - 1.55e-6
    exact = ring.ring_thermal_drift(1.55e-6, 4.2, 1.86e-4)
    told = float(np.asarray(AllPassRing().wavelength_per_kelvin)) * warmth
    return measured(
        np.tile(warmth, 2),
        np.tile(exact * warmth, 2) * 1e12,
        np.concatenate([moved, told]) * 1e12,
        x="ΔT / K",
        y="drift / pm",
    )


@case(
    name="ring-heater",
    title="Heater power for a shift, either way round the spectral range",
    formula="P = P_FSR (−Δν/FSR mod 1)",
    source=BOGAERTS,
    model="devices.AddDropRing.heater_power, tuning_at_power",
    tolerance=1e-14,
    why="rounding of a quotient, modulo 1",
)
def heater() -> Measurement:
    """Power for a shift, and the shift at that power."""
    spectral_range = float(ring.ring_spectral_range(LENGTH, INDEX))
    share = np.linspace(-1.4, 0.9, 47)
    device = add_drop_ring(0.99, 0.96, 0.96, tuning=share * spectral_range)
    power = np.asarray(device.heater_power())
    back = np.asarray(device.tuning_at_power(power)) / spectral_range
    exact = ring.ring_tuning_power(share, 1.0, 20e-3)
    return measured(
        np.tile(share, 2),
        np.concatenate([exact * 1e3, -exact * 50]),
        np.concatenate([power * 1e3, back]),
        x="shift / FSR",
        y="power / mW, shift that it makes / FSR",
    )
