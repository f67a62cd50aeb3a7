"""Rings as designed, tuned and measured: geometry, heaters, drop ports, dips, lifetimes."""

from math import pi
from typing import Literal

import numpy as np

from devices import AddDropRing, AllPassRing, RingDynamics
from validation.case import Measurement, case, measured
from validation.cases.sample_rings import (
    BOGAERTS,
    CARRIER,
    HAUS,
    INDEX,
    LENGTH,
    MADSEN,
    TRIP,
    WAVELENGTH,
    add_drop_ring,
    all_pass_ring,
    frequencies,
)
from validation.closed_forms import ring
from validation.closed_forms.values import SPEED_OF_LIGHT

# ---------------------------------------------------------------------------- where resonances lie


@case(
    name="ring-geometry",
    title="Where a ring of a given index is resonant: the whole number of waves next to the design",
    formula="n_eff L/λ₀ + (ν_res − c/λ₀) n_g L/c = round(n_eff L/λ₀)",
    source=BOGAERTS,
    model="devices.AllPassRing.from_geometry",
    tolerance=1e-14,
    why="of 150 turns; rounding of ν in turns, 2e14 Hz · 1e-16 · n_g L/c",
)
def geometry() -> Measurement:
    """Circumferences that differ by up to seven waves: whole turns at each ring's resonance."""
    length, effective, group = np.linspace(60e-6, 64e-6, 81), 2.7, 4.2
    made = AllPassRing.from_geometry(
        effective_index=effective, length=length, group_index=group, design_wavelength=WAVELENGTH
    )
    frequency = np.asarray(made.resonance_frequency)
    turns = ring.ring_turns(frequency, length, effective, group, WAVELENGTH)
    whole = np.round(effective * length / WAVELENGTH)
    return measured(length * 1e6, whole, turns, x="L / µm", y="waves around the ring")


@case(
    name="ring-tuned",
    title="Power past a ring that its heater tunes, over the vacuum wavelength",
    formula="φ = 2π(c/λ − c/λ_res + FSR·P/P_FSR) T_R",
    source=BOGAERTS,
    model="devices.AllPassRing.tuning_at_power, through",
    tolerance=1e-12,
    why="2e14 Hz less 2e14 Hz: φ is good to 2e-13, on a slope of 4",
)
def tuned() -> Measurement:
    """Heat makes red: three powers, two nanometres on either side of the cold resonance."""
    wavelength = WAVELENGTH + np.linspace(-2e-9, 2e-9, 81)
    exact, found = [], []
    for power in (0.0, 1e-3, 2.5e-3):
        cold = all_pass_ring(0.97, 0.9, free_spectral_range_power=20e-3)
        warm = all_pass_ring(0.97, 0.9, tuning=cold.tuning_at_power(power))
        offset = SPEED_OF_LIGHT / wavelength - CARRIER + power / 20e-3 / TRIP
        exact.append(ring.all_pass_power(2 * pi * offset * TRIP, 0.97, 0.9))
        found.append(np.abs(warm.through(wavelength=wavelength)) ** 2)
    return measured(
        np.tile((wavelength - WAVELENGTH) * 1e9, 3),
        np.concatenate(exact),
        np.concatenate(found),
        x="λ − λ_res / nm",
        y="|H|² at 0, 1 and 2.5 mW",
    )


# ----------------------------------------------------------------------------------- the drop port


@case(
    name="ring-drop-delay",
    title="Group delay of dropped light: half a round trip on average, (1+R)/(1−R) times on peak",
    formula="τ_g = (T_R/2)(1 − R²)/(1 − 2R cosφ + R²)",
    source=MADSEN,
    model="devices.AddDropRing.group_delay",
    tolerance=2e-12,
    why="φ from 2e14 Hz less 2e14 Hz is good to 2e-13, on a slope of 10 of a peak of 4",
)
def drop_delay() -> Measurement:
    """Unlike couplers and loss."""
    phase = np.linspace(-pi, pi, 161)
    device = add_drop_ring(0.98, 0.95, 0.85)
    told = np.asarray(device.group_delay(frequencies(device, phase))) / TRIP
    return measured(
        phase, ring.drop_delay(phase, 0.98 * 0.95 * 0.85), told, x="φ / rad", y="τ_g / T_R"
    )


@case(
    name="ring-drop-contrast",
    title="Extinction of both ports of an add-drop ring and its loss on resonance, over a coupler",
    formula="10 log₁₀ T_p(π)/T_p(0), 10 log₁₀ T_d(0)/T_d(π), −10 log₁₀ T_d(0)",
    source=BOGAERTS,
    model="devices.AddDropRing.extinction_db, drop_extinction_db, drop_loss_db",
    tolerance=1e-13,
    why="of 40 dB; rounding of r₁ − r₂a, at least 1e-3, in dB",
)
def drop_contrast() -> Measurement:
    """Through r₂ a = 0.9114, the critical coupling, where the through port would be dark."""
    first = np.linspace(0.7, 0.99, 61)
    _, peak = ring.add_drop_powers(0.0, 0.98, first, 0.93)
    passed, valley = ring.add_drop_powers(pi, 0.98, first, 0.93)
    # On resonance the drop waveguide is one more loss, without cancelling squares.
    floor = ring.all_pass_resonance_power(0.98 * 0.93, first)
    exact = 10 * np.log10([passed / floor, peak / valley, 1 / peak])
    device = add_drop_ring(0.98, first, 0.93)
    told = np.array([device.extinction_db, device.drop_extinction_db, device.drop_loss_db])
    return measured(
        np.tile(first, 3), exact.ravel(), told.ravel(), x="r₁",
        y="through extinction, drop extinction, drop loss / dB",
    )  # fmt: skip


# --------------------------------------------------------------------------------- what is measured


@case(
    name="ring-dip-measured",
    title="Rings made from a measured dip: its width, its depth, and on which side of critical",
    formula="(1−|H|²) at FWHM/2 is half of that on resonance; H(0)/H(π) = ±10^(−ER/20)",
    source=BOGAERTS,
    model="devices.AllPassRing.from_linewidth, from_quality_factor",
    tolerance=2e-13,
    why="1 − |H|² down to 0.4 of powers near 1, their R and a made of a sine: 1e-16 over 5e-2",
)
def dip_measured() -> Measurement:
    """Lost power at half width over that on resonance, and the field on resonance, signed."""
    extinction = np.linspace(2.0, 30.0, 40)
    width, frequency = 20e9, CARRIER
    found, exact = [], []
    sides: tuple[tuple[Literal["under", "over"], float], ...] = (("under", 1.0), ("over", -1.0))
    for side, sign in sides:
        for made in (
            AllPassRing.from_linewidth(width, extinction, side, length=LENGTH, group_index=INDEX),
            AllPassRing.from_quality_factor(
                frequency / width, extinction, side, length=LENGTH, group_index=INDEX
            ),
        ):
            peak, half, between = (made.through_at_phase(p) for p in (0.0, pi * width * TRIP, pi))
            found += [(1 - np.abs(half) ** 2) / (1 - np.abs(peak) ** 2), np.real(peak / between)]
            exact += [np.full(40, 0.5), sign * 10 ** (-extinction / 20)]
    return measured(
        np.tile(extinction, 8), np.concatenate(exact), np.concatenate(found),
        x="extinction / dB", y="loss at half width over that on peak; field on peak",
    )  # fmt: skip


@case(
    name="ring-narrow-width",
    title="Width of a line in the limit of narrow lines",
    formula="FWHM = FSR (1 − R)/(π√R)",
    source=BOGAERTS,
    model="devices.AllPassRing.approximate_linewidth",
    tolerance=2e-14,
    why="rounding of 1 − R from 0.03 on, R a power of ten of the loss",
)
def narrow_width() -> Measurement:
    """FSR over the finesse, relative; the arcsine is 0.4 % wider at R = 0.73, the widest."""
    coupling = np.linspace(0.75, 0.999, 60)
    device = all_pass_ring(0.97, coupling)
    told = np.asarray(device.approximate_linewidth)
    exact = ring.ring_spectral_range(LENGTH, INDEX) / ring.ring_finesse(0.97 * coupling)
    return measured(coupling, exact / 1e9, told / 1e9, x="r", y="FWHM / GHz")


@case(
    name="ring-lifetime",
    title="Quality factor of a ring in time: how long it stores, counted in turns of the light",
    formula="Q = ω τ/2 = −π ν T_R/ln R",
    source=HAUS,
    model="devices.RingDynamics.quality_factor",
    tolerance=1e-13,
    why="ln R of 8e-3, R a product of roots and a power of ten: 1e-15 over 8e-3",
)
def lifetime() -> Measurement:
    """Add-drop and all-pass rings of the same loop."""
    coupling = np.linspace(0.8, 0.998, 50)
    both = add_drop_ring(0.995, coupling, np.sqrt(coupling))
    single = all_pass_ring(0.995, coupling**1.5)
    told = [np.asarray(RingDynamics(ring=each).quality_factor) for each in (both, single)]
    exact = 2 * pi * CARRIER * ring.photon_lifetime(0.995 * coupling**1.5, TRIP)
    return measured(np.tile(coupling, 2), np.tile(exact, 2), np.concatenate(told), x="r", y="Q")


@case(
    name="ring-detuning",
    title="Detuning of light from the resonance next to it, over two spectral ranges",
    formula="δ = 2π(ν − ν_m), ν_m = ν_res + m·FSR with the nearest m",
    source=HAUS,
    model="devices.RingDynamics.detuning",
    tolerance=5e-13,
    why="2e14 Hz less 2e14 Hz is good to 0.06 Hz of half a spectral range of 1.2 THz",
)
def detuning() -> Measurement:
    """A saw tooth; by frequency and by wavelength."""
    share = np.linspace(-0.99, 0.99, 80)
    share = share[np.abs(np.abs(share) - 0.5) > 1e-3]
    frequency = CARRIER + share / TRIP
    dynamics = RingDynamics(ring=AddDropRing(length=LENGTH, group_index=INDEX))
    nearest = CARRIER + np.array([[-1.0], [0.0], [1.0]]) / TRIP
    distance = frequency - nearest
    offset = np.take_along_axis(distance, np.argmin(np.abs(distance), axis=0)[None], axis=0)[0]
    told = [
        dynamics.detuning(frequency),
        dynamics.detuning(wavelength=SPEED_OF_LIGHT / frequency),
    ]
    return measured(
        np.tile(share, 2), np.tile(2 * pi * offset, 2) / 1e12, np.concatenate(told) / 1e12,
        x="(ν − ν_res)/FSR", y="δ / (Trad/s)",
    )  # fmt: skip
