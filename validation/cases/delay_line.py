"""Guides and couplers wired together: rings of a delay, loops, mirrors."""

from math import pi

import numpy as np

from devices import DirectionalCoupler, Waveguide
from validation.case import Measurement, case, measured
from validation.cases.sample_rings import LENGTH, MADSEN, loss_for
from validation.closed_forms import ring

# -------------------------------------------------------------------------------------------- loops


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
    guide = Waveguide(length=LENGTH, propagation_loss_db=loss_for(0.95), carrier_phase=0.4)
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
    guide = Waveguide(length=LENGTH, propagation_loss_db=loss_for(g), carrier_phase=phase)
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


# ------------------------------------------------------------------------------------------ mirrors


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
