"""Guides and couplers wired together: arms of unlike length, rings of a delay, loops, mirrors."""

from math import pi

import numpy as np

from devices import Amplifier, DirectionalCoupler, Fiber, Waveguide
from validation.case import Measurement, case, measured
from validation.cases.sample_rings import LENGTH, MADSEN, loss_for
from validation.closed_forms import light, ring
from validation.closed_forms.values import SPEED_OF_LIGHT

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


@case(
    name="loop-impulse",
    title="An impulse in a loop of fibre with gain, seven samples around: its spectra",
    formula="N ifft(h): |tap|² = κ²/(1 + g²t² − 2gt cosϕ), through (t − g e^{iϕ})/(1 − gt e^{iϕ}), "
    "ϕ = ψ + ΩD",
    source=MADSEN,
    model="devices.Fiber.delay, devices.Amplifier.gain, devices.DirectionalCoupler.transfer_matrix",
    tolerance=1e-12,
    why="585 round trips of gt = 0.9 leave 2e-27; rounding of 4096 samples and their transform",
)
def loop_impulse() -> Measurement:
    """The error is one of the powers of the tap and of the field past the loop."""
    samples, turns, dt, t = 4096, 7, 1e-10, 0.92
    fiber = Fiber(
        length=turns * dt * SPEED_OF_LIGHT / 1.4682, propagation_loss_db=20.0, carrier_phase=1.1
    )
    amplifier = Amplifier(small_signal_gain_db=2.6)
    coupler = DirectionalCoupler.from_power_ratio(1 - t**2).transfer_matrix()
    turn = np.sqrt(float(np.asarray(amplifier.gain(0.0)))) * complex(fiber.transfer())
    held = round(float(np.asarray(fiber.delay)) / dt)
    inside, past = np.zeros((2, samples), dtype=np.complex128)
    for n in range(samples):
        back = turn * inside[n - held] if n >= held else 0.0
        past[n], inside[n] = coupler @ np.array([float(n == 0), back])
    spectra = samples * np.fft.ifft([past, inside])
    offset = np.fft.fftfreq(samples, dt)
    loss_db = 20.0 * turns * dt * SPEED_OF_LIGHT / 1.4682
    gain = np.sqrt(light.power_transmission(loss_db - 2.6))
    phase = 1.1 + 2 * pi * offset * turns * dt
    field, tap = ring.recirculating_loop(phase, t, gain)
    error = max(
        float(np.max(np.abs(spectra[0] - field))),
        float(np.max(np.abs(np.abs(spectra[1]) ** 2 - tap)) / np.max(tap)),
    )
    shown = np.argsort(offset)[::16]
    return measured(
        offset[shown] / 1e9, tap[shown], np.abs(spectra[1][shown]) ** 2,
        x="offset / GHz", y="power behind the coupler", error=error,
    )  # fmt: skip


@case(
    name="loop-contrast",
    title="Contrast of a loop's comb over what a round trip leaves",
    formula="max |tap|²/min |tap|² = ((1+gt)/(1−gt))²",
    source=MADSEN,
    model="devices.Fiber.transfer, devices.DirectionalCoupler.transfer_matrix",
    tolerance=1e-11,
    why="rounding over 1 − gt ≥ 0.03; what 1024 round trips leave, 3e-13, cancels in the ratio",
)
def loop_contrast() -> Measurement:
    """Losses of 0.2 to 6 dB a round trip, each impulse response transformed; drawn in dB."""
    samples, held, t = 2048, 2, 0.995
    loss_db = np.linspace(0.2, 6.0, 41)
    turn = Fiber(length=1.0, propagation_loss_db=loss_db).transfer()
    coupler = DirectionalCoupler.from_power_ratio(1 - t**2).transfer_matrix()
    inside = np.zeros((samples, 41), dtype=np.complex128)
    inside[0] = coupler[1, 0]
    for n in range(held, samples):
        inside[n] = coupler[1, 1] * turn * inside[n - held]
    comb = np.abs(np.fft.ifft(inside, axis=0)) ** 2
    found = comb.max(axis=0) / comb.min(axis=0)
    exact = ring.recirculating_contrast(t, np.sqrt(light.power_transmission(loss_db)))
    return measured(
        loss_db, 10 * np.log10(exact), 10 * np.log10(found),
        x="loss of a round trip / dB", y="contrast / dB",
        error=float(np.max(np.abs(found / exact - 1))),
    )  # fmt: skip


# --------------------------------------------------------------------------------- arms and mirrors


@case(
    name="guide-fringes",
    title="Fringes of an interferometer whose arms differ in length and loss",
    formula="¼(T₁ + T₂ ∓ 2√(T₁T₂) cos Δ), Δ = ψ₁ − ψ₂ + 2πf n_g(L₁ − L₂)/c",
    source="Born, Wolf, Principles of Optics, ch. 7",
    model="devices.Waveguide.frequency_response, devices.DirectionalCoupler.transfer_matrix",
    tolerance=1e-13,
    why="rounding of phases of up to 90 rad in arms that cancel to 1 %",
)
def fringes() -> Measurement:
    """Bar and cross over two free spectral ranges, c/(n_g ΔL) = 35.7 GHz apart."""
    offset = np.linspace(-36e9, 36e9, 121)
    arms = [
        Waveguide(length=length, propagation_loss_db=150.0, carrier_phase=phase)
        for length, phase in ((4e-3, 0.9), (2e-3, -0.4))
    ]
    coupler = DirectionalCoupler().transfer_matrix()
    passed = np.array([arm.frequency_response(offset) for arm in arms])
    bar, cross = np.abs(coupler @ (passed * coupler[:, :1])) ** 2
    difference = 1.3 + 2 * pi * offset * light.guide_delay(2e-3, 4.2)
    transmissions = light.power_transmission([150.0 * 4e-3, 150.0 * 2e-3])
    exact = light.two_arm_powers(difference, *transmissions)
    return measured(
        np.tile(offset / 1e9, 2), np.concatenate(exact), np.concatenate([bar, cross]),
        x="offset / GHz", y="power: bar, cross",
    )  # fmt: skip


@case(
    name="mirror-sagnac",
    title="A looped coupler is a mirror",
    formula="R = 4κ²(1−κ²), T = (1−2κ²)²; the reflected field is i√R",
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
    # What comes back has crossed once, so it has gained i, either way round.
    turned = np.max(np.abs(whole[:, 0, 0] - 1j * np.sqrt(reflected)))
    powers = np.abs(np.concatenate([whole[:, 0, 0], whole[:, 1, 0]])) ** 2
    expected = np.concatenate([reflected, passed])
    return measured(
        np.tile(cross, 2), expected, powers, x="κ²", y="power: reflected, passed",
        error=float(max(turned, np.max(np.abs(powers - expected)))),
    )  # fmt: skip
