"""Resonators: responses, linewidths, coupled modes, delay loops, mirrors, rings as weights."""

from math import pi
from typing import Any

import numpy as np
from scipy.signal import hilbert

from circuits import RingWeightBank
from devices import (
    AddDropRing,
    AllPassRing,
    DirectionalCoupler,
    RingDynamics,
    RingNonlinearity,
    Waveguide,
)
from validation.case import Measurement, Reals, case, measured
from validation.closed_forms import ring
from validation.closed_forms.values import SPEED_OF_LIGHT

BOGAERTS = "Bogaerts et al., Laser Photon. Rev. 6, 47 (2012)"
YARIV = "Yariv, Electron. Lett. 36, 321 (2000)"
LITTLE = "Little et al., J. Lightwave Technol. 15, 998 (1997)"
HAUS = "Haus, Waves and Fields in Optoelectronics (1984)"
TAIT = "Tait et al., J. Lightwave Technol. 32, 4029 (2014)"
MADSEN = "Madsen, Zhao, Optical Filter Design and Analysis (1999)"
DE_CEA = "de Cea, Atabaki, Ram, Opt. Express 27, 24274 (2019)"

LENGTH, INDEX = 60e-6, 4.0
TRIP = INDEX * LENGTH / SPEED_OF_LIGHT
PHASE = np.linspace(-pi, 3 * pi, 401)


def _loss_for(transmission: float) -> float:
    """Loss in dB/m that leaves the amplitude `transmission` of a round trip."""
    return float(-20 * np.log10(transmission) / LENGTH)


def _all_pass(transmission: float, coupling: float) -> AllPassRing:
    return AllPassRing(
        length=LENGTH,
        group_index=INDEX,
        propagation_loss_db=_loss_for(transmission),
        self_coupling=coupling,
    )


def _add_drop(transmission: float, first: float, second: float, **fields: Any) -> AddDropRing:
    return AddDropRing(
        length=LENGTH,
        group_index=INDEX,
        propagation_loss_db=_loss_for(transmission),
        input_self_coupling=first,
        drop_self_coupling=second,
        **fields,
    )


def _frequencies(device: AllPassRing | AddDropRing, phase: Reals) -> Reals:
    """Optical frequencies at which a round trip has these phases."""
    return np.asarray(device.resonance_frequency + phase / (2 * pi * TRIP))


# ------------------------------------------------------------------------------------- responses


@case(
    name="ring-all-pass",
    title="Power past an all-pass ring over two resonances",
    formula="|H|² = (a² − 2ra cosφ + r²)/(1 − 2ra cosφ + r²a²)",
    source=BOGAERTS,
    model="devices.AllPassRing.through",
    tolerance=1e-12,
    why="2e14 Hz less 2e14 Hz: φ is good to 1e-13 of 2π·1000 round trips",
)
def all_pass() -> Measurement:
    """By frequency, so that the resonance is where it is said to be."""
    device = _all_pass(0.97, 0.9)
    phase = np.linspace(-pi, pi, 201)
    power = np.abs(device.through_at_phase(phase)) ** 2
    return measured(phase, ring.all_pass_power(phase, 0.97, 0.9), power, x="φ / rad", y="|H|²")


@case(
    name="ring-all-pass-field",
    title="Field past an all-pass ring: the sum over round trips, its phase too",
    formula="H = r − κ² a e^{iφ} Σ_n (r a e^{iφ})ⁿ",
    source=BOGAERTS,
    model="devices.AllPassRing.through_at_phase",
    tolerance=1e-13,
    why="rounding of a dozen operations on numbers of size 1",
)
def all_pass_field() -> Measurement:
    """Real and imaginary part one after the other."""
    device = _all_pass(0.97, 0.9)
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
    device = _add_drop(0.98, 0.95, 0.9)
    through, drop = ring.add_drop_powers(PHASE, 0.98, 0.95, 0.9)
    return measured(
        np.tile(PHASE, 2),
        np.concatenate([through, drop]),
        np.abs(np.concatenate([device.through_at_phase(PHASE), device.drop_at_phase(PHASE)])) ** 2,
        x="φ / rad",
        y="power: through, drop",
    )


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
    device = _add_drop(1.0, 0.97, 0.93)
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
    devices = [_all_pass(0.9, r) for r in coupling]
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
    why="rounding of 1 − ra and a − r, some 1e-14 of the ratio, in dB",
)
def extinction() -> Measurement:
    """On both sides of critical coupling."""
    coupling = np.concatenate([np.linspace(0.5, 0.88, 20), np.linspace(0.92, 0.99, 20)])
    told = [float(_all_pass(0.9, r).extinction_db) for r in coupling]
    return measured(
        coupling, ring.all_pass_extinction_db(0.9, coupling), told, x="r", y="extinction / dB"
    )


@case(
    name="ring-linewidth",
    title="Width of a resonance at half its peak, searched on the response",
    formula="FWHM_φ = 4 asin((1 − R)/(2√R))",
    source=BOGAERTS,
    model="devices.AddDropRing.linewidth, finesse, drop_at_phase",
    tolerance=1e-5,
    why="half the step of the search, 2π/400,000, against widths from 0.2 rad",
)
def linewidth() -> Measurement:
    """What the response shows and what the device tells, both against the arcsine."""
    coupling = np.linspace(0.6, 0.95, 40)
    phase = np.linspace(0, pi, 400_001)
    widths, told = [], []
    for r in coupling:
        device = _add_drop(0.99, r, r)
        power = np.abs(device.drop_at_phase(phase)) ** 2
        widths.append(2 * phase[np.argmin(np.abs(power - power[0] / 2))])
        told.append(float(device.linewidth) * 2 * pi * TRIP)
    exact = ring.ring_linewidth_phase(coupling**2 * 0.99)
    return measured(np.tile(coupling, 2), np.tile(exact, 2), widths + told, x="r", y="FWHM / rad")


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
    told = [float(_add_drop(1.0, np.sqrt(r), np.sqrt(r)).quality_factor) for r in loop]
    exact = ring.ring_quality_factor(loop, LENGTH, INDEX, 1.55e-6)
    error = float(np.max(np.abs(np.array(told) / exact - 1)))
    return measured(loop, exact, told, x="R", y="Q", error=error)


@case(
    name="ring-spectral-range",
    title="Spacing of the resonances",
    formula="FSR = c/(n_g L)",
    source=BOGAERTS,
    model="devices.AllPassRing.free_spectral_range, finesse",
    tolerance=1e-13,
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


# ----------------------------------------------------------------------------------------- delay


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
        device = _all_pass(0.9, coupling)
        exact.append(ring.all_pass_delay(phase, 0.9, coupling))
        told.append(device.group_delay(_frequencies(device, phase)) / TRIP)
    return measured(
        np.tile(phase, 2), np.concatenate(exact), np.concatenate(told), x="φ / rad", y="τ_g / T_R"
    )


@case(
    name="ring-delay-peak",
    title="Group delay of a lossless ring: on resonance, and on average over a spectral range",
    formula="τ_g(0) = T_R (1+r)/(1−r), ⟨τ_g⟩ = T_R",
    source=f"{BOGAERTS}; {MADSEN}",
    model="devices.AllPassRing.group_delay",
    tolerance=1e-11,
    why="mean over 4,096 points: exact for a periodic function; φ good to 1e-13 on peaks of 100",
)
def delay_peak() -> Measurement:
    """Peaks over r, then means, each relative to its own formula."""
    coupling = np.linspace(0.5, 0.98, 30)
    phase = 2 * pi * np.arange(4096) / 4096
    peak, mean = [], []
    for r in coupling:
        device = _all_pass(1.0, r)
        peak.append(float(device.group_delay(device.resonance_frequency)) / TRIP)
        mean.append(float(np.mean(device.group_delay(_frequencies(device, phase)))) / TRIP)
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
    why="the transform of a periodic function of 4,096 points is exact to a^4096 and rounding",
)
def kramers_kronig() -> Measurement:
    """One period; a minimum-phase response: its zero lies inside of the unit circle."""
    phase = 2 * pi * np.arange(4096) / 4096
    field = _all_pass(0.9, 0.95).through_at_phase(phase)
    expected = np.imag(hilbert(np.log(np.abs(field))))
    return measured(
        phase[::32], expected[::32], np.angle(field)[::32], x="φ / rad", y="arg H / rad"
    )


# ---------------------------------------------------------------------------------- coupled modes


@case(
    name="ring-coupled-mode",
    title="Coupled modes against the exact ring, drop and through",
    formula="1/τ_k = −ln r_k/T_R; power error < 2/F² of the peak",
    source=f"{LITTLE}; {HAUS}",
    model="devices.RingDynamics.steady_amplitude, outputs",
    tolerance=1.0,
    why="error in units of 2/F², what the expansion about a resonance leaves of the peak",
)
def coupled_mode() -> Measurement:
    """Within two linewidths, over the finesse; the worst point of both ports."""
    coupling = np.linspace(0.75, 0.97, 30)
    errors, finesse = [], []
    for r in coupling:
        device = _add_drop(0.995, r, r)
        dynamics = RingDynamics(ring=device)
        phase = np.linspace(-1, 1, 101) * float(device.linewidth_phase)
        detuning = phase / TRIP
        fields = dynamics.outputs(dynamics.steady_amplitude(1.0, detuning), 1.0)
        exact = ring.add_drop_powers(phase, 0.995, r, r)
        worst = max(
            float(np.max(np.abs(np.abs(field) ** 2 - power)))
            for field, power in zip(fields, exact, strict=True)
        )
        errors.append(worst)
        finesse.append(2 * pi / float(ring.ring_linewidth_phase(0.995 * r**2)))
    bound = 2 / np.array(finesse) ** 2
    ratio = float(np.max(np.array(errors) / bound))
    return measured(
        finesse, bound, errors, x="finesse", y="power error, and its bound", error=ratio
    )


@case(
    name="ring-coupled-powers",
    title="Coupled modes in steady light, over the detuning",
    formula="T_d = (4/τ₁τ₂)/(δ² + 1/τ²), T_p = (δ² + (1/τ − 2/τ₁)²)/(δ² + 1/τ²)",
    source=LITTLE,
    model="devices.RingDynamics.propagate",
    tolerance=1e-12,
    why="rounding; after 40 lifetimes e^{−40} = 4e-18 is left of the start",
)
def coupled_powers() -> Measurement:
    """Settled from the dark, one step of 40 lifetimes."""
    rates = [-np.log(x) / TRIP for x in (0.98, 0.95, 0.9)]
    total = sum(rates)
    detuning = np.linspace(-4, 4, 81) * total
    device = _add_drop(0.98, 0.95, 0.9, resonance_offset=-detuning / (2 * pi))
    cold = SPEED_OF_LIGHT / 1.55e-6
    trace = RingDynamics(ring=device).propagate(np.ones(1), cold, 40 / total)
    through, drop = ring.coupled_mode_powers(detuning, *rates)
    error = np.abs(np.concatenate([trace.through[0], trace.drop[0]])) ** 2
    return measured(
        np.tile(detuning / total, 2),
        np.concatenate([through, drop]),
        error,
        x="δτ",
        y="power: through, drop",
    )


@case(
    name="ring-coupled-phase",
    title="Phase of the light that coupled modes drop: later, the higher its frequency",
    formula="s_drop/s = −√T_d e^{i arctan δτ}",
    source=HAUS,
    model="devices.RingDynamics.steady_amplitude, outputs",
    tolerance=1e-12,
    why="rounding",
)
def coupled_phase() -> Measurement:
    """The error is one of fields, relative to that on resonance; drawn, their phase."""
    rates = [-np.log(x) / TRIP for x in (0.98, 0.95, 0.9)]
    detuning = np.linspace(-6, 6, 81) * sum(rates)
    device = RingDynamics(ring=_add_drop(0.98, 0.95, 0.9))
    _, drop = device.outputs(device.steady_amplitude(0.3, detuning), 0.3)
    phase = ring.coupled_mode_phase(detuning, *rates)
    _, power = ring.coupled_mode_powers(detuning, *rates)
    expected = -0.3 * np.sqrt(power) * np.exp(1j * phase)
    return measured(
        detuning / sum(rates),
        phase,
        np.angle(-drop),
        x="δτ",
        y="phase / rad",
        error=float(np.max(np.abs(drop - expected)) / np.max(np.abs(expected))),
    )


@case(
    name="ring-filling",
    title="Stored amplitude while a ring fills, in steps of any length",
    formula="a = iμ₁ s (e^{λt} − 1)/λ, λ = iδ − 1/τ, μ₁ = √(2/τ₁)",
    source=HAUS,
    model="devices.RingDynamics.advance",
    tolerance=1e-12,
    why="rounding of 60 exact steps",
)
def filling() -> Measurement:
    """Detuned by a linewidth, so that it rings; steps from a hundredth of a lifetime to one."""
    device = _add_drop(0.98, 0.95, 0.9)
    dynamics = RingDynamics(ring=device)
    rates = [-np.log(x) / TRIP for x in (0.98, 0.95, 0.9)]
    detuning = 2 * sum(rates)
    time, amplitude, state = [], [], 0j
    now = 0.0
    for dt in np.geomspace(0.01, 1.0, 60) / sum(rates) * 0.5:
        state = complex(dynamics.advance(state, np.sqrt(2e-3), detuning, dt))
        now += dt
        time.append(now)
        amplitude.append(state)
    exact = ring.filling_mode(np.array(time), detuning, sum(rates), rates[1], 2e-3)
    seen = np.array(amplitude)
    scale = np.max(np.abs(exact))
    return measured(
        np.tile(np.array(time) * 1e12, 2),
        np.concatenate([exact.real, exact.imag]) / scale,
        np.concatenate([seen.real, seen.imag]) / scale,
        x="time / ps",
        y="a over its peak: real, imaginary",
    )


@case(
    name="ring-settled",
    title="Amplitude that a ring settles to, over the detuning of the light",
    formula="a = iμ₁ s/(1/τ − iδ)",
    source=HAUS,
    model="devices.RingDynamics.steady_amplitude",
    tolerance=1e-13,
    why="rounding; a mode filled for 60 lifetimes lacks e^{−60}",
)
def settled() -> Measurement:
    """Real and imaginary part: light above the resonance leads it, below it lags."""
    dynamics = RingDynamics(ring=_add_drop(0.98, 0.95, 0.9))
    rates = [-np.log(x) / TRIP for x in (0.98, 0.95, 0.9)]
    detuning = np.linspace(-4, 4, 81) * sum(rates)
    exact = ring.filling_mode(60 / sum(rates), detuning, sum(rates), rates[1], 2e-3)
    told = dynamics.steady_amplitude(np.sqrt(2e-3), detuning)
    scale = np.max(np.abs(exact))
    return measured(
        np.tile(detuning / sum(rates), 2),
        np.concatenate([exact.real, exact.imag]) / scale,
        np.concatenate([told.real, told.imag]) / scale,
        x="δτ",
        y="a over its peak: real, imaginary",
    )


@case(
    name="ring-down",
    title="Energy of a ring in the dark",
    formula="|a|² = |a₀|² e^{−2t/τ}: lifetime τ/2 = −T_R/(2 ln R)",
    source=HAUS,
    model="devices.RingDynamics.propagate, photon_lifetime",
    tolerance=1e-10,
    why="200 exact steps, each to 1e-16",
)
def ring_down() -> Measurement:
    """Filled, then dark; and what the device tells of its lifetime."""
    device = _add_drop(0.99, 0.95, 0.93)
    dynamics = RingDynamics(ring=device)
    lifetime = float(ring.photon_lifetime(0.99 * 0.95 * 0.93, TRIP))
    filled = dynamics.propagate(np.ones(1), device.resonance_frequency, 50 * lifetime).state
    dt = lifetime / 20
    drop = dynamics.propagate(np.zeros(60), device.resonance_frequency, dt, filled).drop
    power = np.abs(drop) ** 2
    power = power / power[0]
    time = np.arange(60) * dt
    told = np.exp(-time / float(np.asarray(dynamics.photon_lifetime)))
    return measured(
        np.tile(time / lifetime, 2),
        np.tile(np.exp(-time / lifetime), 2),
        np.concatenate([power, told]),
        x="time over the photon lifetime",
        y="energy over that at the start",
    )


@case(
    name="ring-energy-balance",
    title="Energy balance of a ring that fills",
    formula="d|a|²/dt = |s|² − |s_thru|² − |s_drop|² − (2/τ₀)|a|²",
    source=HAUS,
    model="devices.RingDynamics.outputs",
    tolerance=1e-12,
    why="rounding; ȧ is that of the filling mode, differentiated by hand",
)
def energy_balance() -> Measurement:
    """The state of a filling ring and its slope in closed form, the outputs of the device."""
    device = _add_drop(0.98, 0.95, 0.9)
    rates = [-np.log(x) / TRIP for x in (0.98, 0.95, 0.9)]
    detuning, total = 1.5 * sum(rates), sum(rates)
    time = np.linspace(0.02, 6, 60) / total
    a = ring.filling_mode(time, detuning, total, rates[1], 1.0)
    slope = 1j * np.sqrt(2 * rates[1]) * np.exp((1j * detuning - total) * time)
    through, drop = RingDynamics(ring=device).outputs(a, 1.0)
    budget = 1.0 - np.abs(through) ** 2 - np.abs(drop) ** 2 - 2 * rates[0] * np.abs(a) ** 2
    return measured(
        time * total, 2 * np.real(a.conj() * slope), budget, x="time / τ", y="d|a|²/dt / W"
    )


# ---------------------------------------------------------------------- circuits of other devices


@case(
    name="ring-of-delay",
    title="Coupler and delay in a loop: its impulse response is a ring's spectrum",
    formula="N ifft(h) = (r − a e^{iφ})/(1 − ra e^{iφ}), φ = ψ + ΩT",
    source=MADSEN,
    model="devices.DirectionalCoupler, devices.Waveguide",
    tolerance=1e-12,
    why="512 round trips of 0.9 leave 4e-24; rounding of the transform",
)
def ring_of_delay() -> Measurement:
    """Sample by sample: one coupler, one waveguide that is one sample long."""
    coupler = DirectionalCoupler.from_power_ratio(1 - 0.9**2).transfer_matrix()
    guide = Waveguide(length=LENGTH, propagation_loss_db=_loss_for(0.95), carrier_phase=0.4)
    turn, circulating, impulse = complex(guide.transfer()), 0j, []
    for sample in range(512):
        entering = 1.0 if sample == 0 else 0.0
        leaving, inside = coupler @ np.array([entering, circulating])
        impulse.append(leaving)
        circulating = turn * inside
    spectrum = len(impulse) * np.fft.ifft(impulse)
    offset = np.fft.fftfreq(len(impulse))
    exact = ring.all_pass_field(0.4 + 2 * pi * offset, 0.95, 0.9)
    order = np.argsort(offset)[::4]
    return measured(
        np.tile(offset[order], 2),
        np.concatenate([exact.real[order], exact.imag[order]]),
        np.concatenate([spectrum.real[order], spectrum.imag[order]]),
        x="ΩT / 2π",
        y="H: real, imaginary",
    )


@case(
    name="loop-recirculating",
    title="Recirculating loop with loss: comb behind the coupler, and past it",
    formula="|tap|² = κ²/(1 + g²t² − 2gt cosϕ), through (t − g e^{iϕ})/(1 − gt e^{iϕ})",
    source=MADSEN,
    model="devices.DirectionalCoupler, devices.Waveguide",
    tolerance=1e-12,
    why="rounding of a 2×2 system of condition 20",
)
def recirculating() -> Measurement:
    """Steady state of coupler and guide, solved as a linear system at every phase."""
    t, g = 0.9, 0.97
    coupler = DirectionalCoupler.from_power_ratio(1 - t**2).transfer_matrix()
    phase = np.linspace(-pi, 3 * pi, 161)
    guide = Waveguide(length=LENGTH, propagation_loss_db=_loss_for(g), carrier_phase=phase)
    turn = guide.transfer()
    # x circulates behind the coupler: x = S₂₁ + S₂₂ turn x.
    inside = coupler[1, 0] / (1 - coupler[1, 1] * turn)
    through = coupler[0, 0] + coupler[0, 1] * turn * inside
    field, tap = ring.recirculating_loop(phase, t, g)
    return measured(
        np.tile(phase, 2),
        np.concatenate([tap, np.abs(field) ** 2]),
        np.abs(np.concatenate([inside, through])) ** 2,
        x="ϕ / rad",
        y="power: tap, through",
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
    power = np.abs(_add_drop(1.0, 0.95, 0.95).drop_at_phase(PHASE)) ** 2
    return measured(PHASE, ring.fabry_perot_power(PHASE, 0.95**2), power, x="φ / rad", y="drop")


@case(
    name="mirror-sagnac",
    title="A looped coupler is a mirror",
    formula="R = 4κ²(1−κ²), T = (1−2κ²)²",
    source="Mortimore, J. Lightwave Technol. 6, 1217 (1988)",
    model="devices.DirectionalCoupler.transfer_matrix",
    tolerance=1e-14,
    why="rounding of two products of numbers of size 1",
)
def sagnac() -> Measurement:
    """Both outputs joined: light runs the loop both ways and meets itself."""
    cross = np.linspace(0, 1, 51)
    coupler = DirectionalCoupler.from_power_ratio(cross).transfer_matrix()
    swapped = np.array([[0.0, 1.0], [1.0, 0.0]])
    # Reciprocal: backwards through the coupler is its transpose.
    whole = coupler.swapaxes(-1, -2) @ swapped @ coupler
    reflected, passed = ring.sagnac_powers(cross)
    return measured(
        np.tile(cross, 2),
        np.concatenate([reflected, passed]),
        np.abs(np.concatenate([whole[:, 0, 0], whole[:, 1, 0]])) ** 2,
        x="κ²",
        y="power: reflected, passed",
    )


# ---------------------------------------------------------------------------------------- weights


@case(
    name="ring-weight-extremes",
    title="Largest weight of a ring between two waveguides, over its loss",
    formula="w_max = (κ⁴a − r²(1−a)²)/(1 − r²a)²; 0.8843 and 0.6031 at a = 0.995 and 0.98",
    source=TAIT,
    model="devices.AddDropRing.weight_limits, circuits.RingWeightBank.weight_limits",
    tolerance=1e-12,
    why="rounding, magnified by 1/(1 − r²a)² = 500",
)
def weight_extremes() -> Measurement:
    """R = 0.96; the device and the bank."""
    transmission = np.sort(np.append(np.linspace(0.9, 0.999, 38), [0.98, 0.995]))
    made = [_add_drop(a, 0.96, 0.96) for a in transmission]
    told = [float(np.asarray(device.weight_limits[1])) for device in made]
    bank = [RingWeightBank(ring=device).weight_limits[1] for device in made]
    exact = ring.symmetric_ring_weight_limit(transmission, 0.96)
    return measured(np.tile(transmission, 2), np.tile(exact, 2), told + bank, x="a", y="w_max")


@case(
    name="ring-weight",
    title="Weight of a ring over its detuning, lossy",
    formula="w = T_d − T_p",
    source=TAIT,
    model="devices.AddDropRing.weight, circuits.RingWeightBank.weights",
    tolerance=1e-11,
    why="the device's φ from 2e14 Hz less 2e14 Hz is good to 1e-13, on a slope of 25",
)
def weight() -> Measurement:
    """Device by frequency, bank by its setting in half-linewidths."""
    device = _add_drop(0.99, 0.96, 0.96)
    half = float(ring.ring_linewidth_phase(0.99 * 0.96**2)) / 2
    x = np.linspace(-8, 8, 101)
    exact = ring.ring_weight(x * half, 0.99, 0.96, 0.96)
    told = device.weight(_frequencies(device, x * half))
    bank = RingWeightBank(ring=device).weights(x)
    limits = np.array([float(np.asarray(limit)) for limit in device.weight_limits])
    ends = ring.ring_weight(np.array([pi, 0.0]), 0.99, 0.96, 0.96)
    return measured(
        np.concatenate([x, x, [8.0, 0.0]]),
        np.concatenate([exact, exact, ends]),
        np.concatenate([told, bank, limits]),
        x="detuning / half linewidths",
        y="w",
    )


@case(
    name="ring-weight-tuning",
    title="Tuning that makes a weight, and back",
    formula="cosφ = (1 + r⁴ − 2κ⁴/(1+w))/(2r²), lossless",
    source=TAIT,
    model="devices.AddDropRing.phase_for_weight, circuits.RingWeightBank.detuning_for",
    tolerance=1e-12,
    why="rounding of a cosine near 1, an arccosine from it: half the digits at small φ",
)
def weight_tuning() -> Measurement:
    """Cosines of the phases of device and bank."""
    w = np.linspace(-0.99, 0.9, 64)
    device = _add_drop(1.0, 0.96, 0.96)
    half = float(ring.ring_linewidth_phase(0.96**2)) / 2
    told = np.cos(device.phase_for_weight(w))
    bank = np.cos(RingWeightBank(ring=device).detuning_for(w) * half)
    exact = ring.lossless_weight_cosine(w, 0.96)
    return measured(
        np.tile(w, 2), np.tile(exact, 2), np.concatenate([told, bank]), x="w", y="cos φ"
    )


@case(
    name="ring-bank-crosstalk",
    title="Weights of a row of rings, every channel past every ring",
    formula="T_p = ∏_k T_{p,k}, T_d = Σ_k (∏_{l<k} T_{p,l}) T_{d,k}",
    source=TAIT,
    model="circuits.RingWeightBank.matrices",
    tolerance=1e-11,
    why="rounding of products of 16 ratios, magnified by 1/(1 − R)² = 1e4 on resonance",
)
def bank_crosstalk() -> Measurement:
    """Sixteen channels, random settings; difference and sum of the two detectors."""
    n, count = 16, 4
    device = AddDropRing(
        length=LENGTH,
        group_index=INDEX,
        propagation_loss_db=_loss_for(0.998),
        input_self_coupling=0.99,
        drop_self_coupling=0.99,
    )
    bank = RingWeightBank(ring=device, tuning_error=0.0)
    x = np.random.default_rng(3).uniform(-6, 6, size=(1, n, n))
    half = float(ring.ring_linewidth_phase(0.998 * 0.99**2)) / 2
    channel = np.arange(n)
    grid = 2 * pi * (channel[:, None] - channel[None, :]) / n
    exact = []
    for row in x[0, :count]:
        dropped, passed = ring.weight_row(grid - row[None, :] * half, 0.998, 0.99)
        exact.append([dropped - passed, dropped + passed])
    told = bank.matrices(x)[0, :, :count].swapaxes(0, 1)
    return measured(
        np.arange(2 * n * count),
        np.ravel(exact),
        told.ravel(),
        x="channel, row by row",
        y="T_d ∓ T_p",
    )


@case(
    name="ring-bank-drift",
    title="Weights of a bank whose rings have all moved since they were calibrated",
    formula="w(φ − 2π Δν T_R): a resonance Δν higher is a channel that lies lower",
    source=TAIT,
    model="circuits.RingWeightBank.settled, half_linewidth",
    tolerance=1e-9,
    why="the drift is 2e14 Hz less 2e14 Hz, good to 0.03 Hz of 5 GHz, on a slope of 1",
)
def bank_drift() -> Measurement:
    """Programmed to zero detuning, then moved by up to two linewidths."""
    width = float(ring.ring_linewidth_phase(0.99 * 0.96**2))
    moved = np.linspace(-2, 2, 41) * width / (2 * pi * TRIP)
    told = []
    for offset in moved:
        device = _add_drop(0.99, 0.96, 0.96, resonance_offset=offset)
        bank = RingWeightBank(ring=device, crosstalk=False, tuning_error=0.0)
        told.append(bank.matrices(np.full((1, 1, 1), 0.5))[0, 0, 0, 0])
    exact = ring.ring_weight(-0.25 * width - 2 * pi * moved * TRIP, 0.99, 0.96, 0.96)
    return measured(moved / 1e9, exact, told, x="Δν / GHz", y="w")


@case(
    name="ring-neighbour",
    title="Light that a ring takes from a neighbouring channel",
    formula="T_d(Δf)/T_d(0) ≈ 1/(1 + (2Δf/FWHM)²)",
    source=TAIT,
    model="devices.AddDropRing.drop_at_phase",
    tolerance=2e-5,
    why="the Lorentzian misses sin²(φ/2) by φ²/12 of itself: 1e-5 of the peak ten widths away",
)
def neighbour() -> Measurement:
    """Up to ten linewidths away, relative to the peak."""
    device = RingWeightBank().ring
    width = float(np.asarray(device.linewidth_phase))
    distance = np.linspace(0, 10, 101)
    drop = np.abs(device.drop_at_phase(distance * width)) ** 2
    peak = float(np.abs(device.drop_at_phase(0.0)) ** 2)
    return measured(
        distance, 1 / (1 + (2 * distance) ** 2), drop / peak, x="Δf / FWHM", y="drop over its peak"
    )


# ------------------------------------------------------------------------------------------- heat


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
    tolerance=1e-13,
    why="rounding of a quotient, modulo 1",
)
def heater() -> Measurement:
    """Power for a shift, and the shift at that power."""
    spectral_range = float(ring.ring_spectral_range(LENGTH, INDEX))
    share = np.linspace(-1.4, 0.9, 47)
    device = _add_drop(0.99, 0.96, 0.96, tuning=share * spectral_range)
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


@case(
    name="ring-bank-heaters",
    title="Heater power of a bank's ring over the weight that it holds",
    formula="P = P_FSR (1 − φ/2π), cosφ = (1 + r⁴ − 2κ⁴/(1+w))/(2r²)",
    source=f"{TAIT}; heat only lowers a resonance: it comes from the next one above",
    model="circuits.RingWeightBank.detuning_for, heater_powers",
    tolerance=1e-11,
    why="rounding of an arccos, whose slope is 1/φ; φ down to 2e-3",
)
def bank_heaters() -> Measurement:
    """A lossless ring, as it was fabricated on its channel."""
    bank = RingWeightBank(ring=_add_drop(1.0, 0.96, 0.96), tuning_error=0.0, resonance_scatter=0.0)
    low, high = ring.ring_weight(np.array([pi, 0.0]), 1.0, 0.96, 0.96)
    share = np.sin(np.linspace(0.03, pi / 2 - 0.03, 81)) ** 2  # dense at both ends
    weight = low + (high - low) * share
    power = bank.heater_powers(bank.detuning_for(weight.reshape(1, 9, 9)))
    phase = np.arccos(ring.lossless_weight_cosine(weight, 0.96))
    exact = ring.ring_tuning_power(phase / (2 * pi), 1.0, 20e-3)
    return measured(
        weight, exact * 1e3, power.ravel() * 1e3, x="weight", y="power of the heater / mW"
    )


@case(
    name="ring-warm-core",
    title="Shift of a ring that its own light warms",
    formula="Δω = −(ω/n_Si)·1.86e-4·ΔT",
    source=DE_CEA,
    model="devices.RingNonlinearity.thermal_shift",
    tolerance=1e-13,
    why="rounding of three products",
)
def warm_core() -> Measurement:
    """Red with heat."""
    warmth = np.linspace(0, 30, 31)
    shift = RingNonlinearity().thermal_shift(warmth, 1.934e14)
    exact = ring.heated_ring_shift(warmth, 1.934e14, 3.485)
    return measured(warmth, exact / 1e9, np.asarray(shift) / 1e9, x="ΔT / K", y="Δω / (Grad/s)")


# --------------------------------------------------------------------------------------- carriers


@case(
    name="ring-carrier-shift",
    title="Shift of a ring by free carriers",
    formula="Δω = (ω/n_Si)(8.8e-22 N + 8.5e-18 N^0.8), N per cm³",
    source="Soref, Bennett, IEEE J. Quantum Electron. 23, 123 (1987)",
    model="devices.RingNonlinearity.carrier_shift",
    tolerance=1e-13,
    why="rounding of a power and three products",
)
def carrier_shift() -> Measurement:
    """Blue with carriers, from 10¹⁴ to 10¹⁹ pairs per cm³."""
    count = np.geomspace(1e14, 1e19, 41)
    shift = RingNonlinearity().carrier_shift(count * 1e6, 1.934e14)
    index = ring.soref_bennett_index(count)
    exact = -2 * pi * 1.934e14 / 3.485 * index
    return measured(
        np.log10(count), exact / 1e9, np.asarray(shift) / 1e9, x="log₁₀ N·cm³", y="Δω / (Grad/s)",
        error=float(np.max(np.abs(shift / exact - 1))),
    )  # fmt: skip


@case(
    name="ring-two-photon",
    title="Two-photon absorption: every pair of photons lost is a pair of carriers",
    formula="P_TPA = 2hν · V · dN/dt (Γ = 1, one volume)",
    source="Johnson et al., Opt. Express 14, 817 (2006)",
    model="devices.RingNonlinearity.two_photon_rate, carrier_generation",
    tolerance=1e-12,
    why="rounding of a dozen products",
)
def two_photon() -> Measurement:
    """From the energy that is lost to the carriers that are made."""
    material = RingNonlinearity(
        two_photon_confinement=1.0,
        carrier_confinement=1.0,
        two_photon_volume=5e-18,
        carrier_volume=5e-18,
    )
    energy = np.linspace(1e-15, 5e-14, 40)
    lost = np.asarray(material.two_photon_rate(energy, 4.2)) * energy
    exact = ring.two_photon_carrier_generation(lost, 5e-18, 1.55e-6)
    made = material.carrier_generation(energy, 4.2, SPEED_OF_LIGHT / 1.55e-6)
    return measured(
        energy * 1e15, exact, np.asarray(made), x="stored energy / fJ", y="pairs / (m³ s)"
    )
