"""Modes in time: each way of taking samples against frequency, energy, exact solutions, slopes."""

import numpy as np
import pytest

from circuits import Memoryless, Modes, ModesSlope
from circuits.component_modes import low_pass
from circuits.components import CircuitError, Model
from circuits.s_parameters import SParameters
from circuits.transient_modes import _phi_slope, pulled_back, step_of
from devices.photodetector import Photodetector
from tests import naive
from tests.circuits.test_circuit import circuit, part
from tests.circuits.test_transient import CARRIER, DT, guide, impulse_response, stepped

READINGS = ["bilinear", "held", "settled"]


def coupled_ring(tau=2e-11, detuning=0.0, **options):
    """A lossless resonator of two guides: a ← (iδ − 1/τ) a + iμ s, each guide takes half."""
    mu = np.sqrt(1 / tau)
    return Modes(
        ports=("in", "through", "add", "drop"),
        poles=np.array([-1 / tau]),
        into=1j * mu * np.array([[1, 0, 1, 0]]),
        out=1j * mu * np.array([[0], [1], [0], [1]]),
        direct=np.array([[0, 0, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 1, 0]]),
        reference_frequency=CARRIER - detuning,
        **options,
    )


def with_model(build, instances=None, connections=None, ports=None):
    """A circuit of one component `it`, or of it among others."""
    ports = {name: f"it,{name}" for name in build().ports} if ports is None else ports
    return circuit(
        {"it": part("made"), **(instances or {})},
        connections or {},
        ports,
        models={"made": Model(build)},
    )


def test_bilinear_is_scattering_at_a_bent_frequency():
    built = with_model(lambda: coupled_ring(detuning=5e9))
    found, offsets = impulse_response(built, 4096)
    # Rung down: e^{−4096/20}. tan of half a turn is infinite: left out.
    inside = np.abs(offsets) < 0.49 / DT
    bent = np.tan(np.pi * offsets[inside] * DT) / (np.pi * DT)
    expected = built.scattering(frequency=CARRIER + bent)
    np.testing.assert_allclose(found[inside], expected, atol=1e-12)


@pytest.mark.parametrize(("reading", "order"), [("bilinear", 2), ("held", 1), ("settled", 1)])
def test_error_against_frequency_is_of_its_order(reading, order):
    built = with_model(lambda: coupled_ring(detuning=5e9, reading=reading))
    found, offsets = impulse_response(built, 4096)
    expected = built.scattering(frequency=CARRIER + offsets)
    error = np.abs(found - expected).max(axis=(1, 2))
    near = np.flatnonzero((offsets > 2e9) & (offsets < 6e9))
    # The same part with half the step has half the angle Ω dt.
    half = with_model(lambda: coupled_ring(tau=4e-11, detuning=2.5e9, reading=reading))
    finer, _ = impulse_response(half, 8192)
    refined = np.abs(finer - half.scattering(frequency=CARRIER + np.fft.fftfreq(8192, DT)))
    ratio = error[near].max() / refined.max(axis=(1, 2))[near].max()
    assert ratio == pytest.approx(2.0**order, rel=0.1)  # the next order is a tenth here


def test_bilinear_keeps_energy():
    built = with_model(coupled_ring)
    rng = np.random.default_rng(0)
    light = {"in": rng.normal(size=100_000) + 0j, "add": rng.normal(size=100_000) + 0j}
    for trace in light.values():
        trace[98_000:] = 0.0
    result = built.transient(light, dt=DT, frequency=CARRIER)
    entered = sum(np.sum(np.abs(trace) ** 2) for trace in light.values())
    left = sum(np.sum(result.power(name)) for name in built.ports)
    assert abs(left / entered - 1) <= 1e-10


def test_settled_is_the_detector_s_own_pole():
    detector = Photodetector(bandwidth=5e9)
    built = with_model(lambda: low_pass(detector.time_constant))
    current = np.random.default_rng(1).normal(size=50)
    found = built.transient({"in0": current}, dt=DT, frequency=CARRIER).outputs["out0"]
    assert found.dtype == np.float64
    output, expected = 0.0, []
    for it in current:
        output = detector.advance(output, it, DT)
        expected.append(output)
    np.testing.assert_allclose(found, expected, rtol=1e-11)


def test_held_is_exact_for_held_inputs_and_breaks_a_loop():
    """Feedback −g around a low-pass: held samples of y' = (x − y)/τ, x = in − g y."""
    tau, gain = 5e-12, 3.0
    built = circuit(
        {"it": part("made"), "loop": part("sum")},
        {"loop,out0": "it,in0", "it,out0": "loop,in1"},
        {"in": "loop,in0", "out": "loop,out1"},
        models={
            "made": Model(lambda: low_pass(tau, reading="held")),
            "sum": Model(lambda: electrical_sum(gain)),
        },
    )
    ones = np.ones(60)
    found = built.transient({"in": ones}, dt=DT, frequency=CARRIER).outputs["out"]
    pole, y, expected = np.exp(-DT / tau), 0.0, []
    for _ in ones:
        expected.append(y)
        y = pole * y + (1 - pole) * (1.0 - gain * y)
    np.testing.assert_allclose(found, expected, rtol=1e-11)


def electrical_sum(gain):
    """out0 = in0 − gain in1, out1 = in1."""
    matrix = np.zeros((4, 4), dtype=complex)
    matrix[2, 0], matrix[2, 1], matrix[3, 1] = 1.0, -gain, 1.0
    return Memoryless(("in0", "in1", "out0", "out1"), matrix, domain="electrical")


@pytest.mark.parametrize("reading", READINGS)
def test_steps_equal_matrix_exponentials(reading):
    """Two coupled states in a ring with a guide: feedback through what acts at once."""
    rng = np.random.default_rng(5)

    def draw(*shape):
        return rng.normal(size=shape) + 1j * rng.normal(size=shape)

    poles = np.array([-3e10 + 4e10j, -8e10])
    into, out = 1e5 * draw(2, 2), 1e5 * draw(2, 2)
    direct = 0.3 * draw(2, 2)
    numbers = {"poles": poles, "into": into, "out": out, "direct": direct}
    built = with_model(
        lambda: Modes(ports=("a", "b"), **numbers, reference_frequency=CARRIER, reading=reading),
        {
            "coupler": part("coupler"),
            "guide": part("waveguide", **guide(3, propagation_loss_db=9e3)),
            "mirror": part("mirror", reflectivity=0.3),
        },
        {
            "coupler,out1": "it,a",
            "it,b": "mirror,in0",
            "mirror,out0": "guide,in0",
            "guide,out0": "coupler,in1",
        },
        {"in": "coupler,in0", "out": "coupler,out0"},
    )
    light = draw(2, 40)
    result = built.transient(dict(zip(built.ports, light, strict=True)), dt=DT, frequency=CARRIER)
    line = built.components["guide"].referred_to(CARRIER)
    gain = np.exp(-line.attenuation + 1j * line.phase)
    parts = [
        naive.NaiveModes(poles, into, out, direct, reading),
        built.components["coupler"].matrix.tolist(),
        (gain, {3: 1.0}),
        built.components["mirror"].matrix.tolist(),
    ]
    wiring = built.layout.wiring
    pairs = [(a, b) for a, b in enumerate(wiring.partner.tolist()) if a < b]
    expected = naive.circuit_transient(parts, pairs, wiring.external.tolist(), light, dt=DT)
    found = np.array([result.outputs[name] for name in built.ports])
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-11)


# Gradients


@pytest.mark.parametrize("reading", READINGS)
def test_step_pulled_back_is_its_slope(reading):
    rng = np.random.default_rng(2)

    def draw(*shape):
        return rng.normal(size=shape) + 1j * rng.normal(size=shape)

    numbers = {
        "poles": np.array([0.0, -0.02, -2.0 + 1j]),
        "into": draw(3, 2),
        "out": draw(2, 3),
        "direct": draw(2, 2),
    }

    def step(**changed):
        return step_of(Modes(ports=("a", "b"), **(numbers | changed), reading=reading), 1.0)

    bars = type(step())(*(draw(*it.shape) for it in step()))
    found = pulled_back(Modes(ports=("a", "b"), **numbers, reading=reading), 1.0, bars)
    for name, value in numbers.items():
        change = draw(*value.shape)
        change = -np.abs(change) if name == "poles" else change
        ends = [step(**{name: value + s * 1e-6 * change}) for s in (1, 0)]
        # One-sided, a pole at 0 may not grow: 1e-6 of the second derivative.
        expected = sum(np.sum(bar * (b - a)) for bar, b, a in zip(bars, *ends, strict=True)) / 1e-6
        assert np.sum(getattr(found, name) * change) == pytest.approx(expected, rel=1e-4), name


def test_slope_of_phi_is_smooth_where_its_form_changes():
    z = np.array([0.0, 1e-3j, -0.0999, -0.1001, -3.0 + 2j]) + 0j
    ends = [np.expm1(z + s) / (z + s) for s in (1e-5, -1e-5)]
    # (1e-5)²/6 of the third derivative and 1e-16/1e-5 of rounding, which expm1(z)/z multiplies.
    np.testing.assert_allclose(_phi_slope(z), (ends[0] - ends[1]) / 2e-5, rtol=1e-9)


def parametric(reading):
    """A ring whose linewidth, detuning and amplitude are settings."""

    def build(*, rate=5e10, detuning=0.2, scale=0.9, leak=0.1):
        mu = np.sqrt(rate)
        return Modes(
            ports=("in0", "out0"),
            poles=np.array([-rate]),
            into=np.array([[1j * mu, 0]]),
            out=np.array([[0], [1j * mu * scale]]),
            direct=np.array([[leak, 0], [scale, 0]]),
            reference_frequency=CARRIER - 1e9 * detuning,
            reading=reading,
            parameters={"rate": rate, "detuning": detuning, "scale": scale, "leak": leak},
            slopes={
                "rate": ModesSlope(
                    poles=-1.0,
                    into=np.array([[0.5j / mu, 0]]),
                    out=np.array([[0], [0.5j / mu * scale]]),
                ),
                "detuning": ModesSlope(reference_frequency=-1e9),
                "scale": ModesSlope(
                    out=np.array([[0], [1j * mu]]), direct=np.array([[0, 0], [1.0, 0]])
                ),
                "leak": ModesSlope(direct=np.array([[1.0, 0], [0, 0]])),
            },
        )

    return build


@pytest.mark.usefixtures("short_stretches")
@pytest.mark.parametrize("reading", READINGS)
def test_gradients_of_modes_in_feedback_are_differences(reading):
    built = with_model(
        parametric(reading),
        {"coupler": part("coupler"), "guide": part("waveguide", **guide(3.5))},
        {"coupler,out1": "it,in0", "it,out0": "guide,in0", "guide,out0": "coupler,in1"},
        {"in": "coupler,in0", "out": "coupler,out0"},
    )
    rng = np.random.default_rng(0)
    light, weights = (
        {name: rng.normal(size=(2, 150)) + 1j * rng.normal(size=(2, 150)) for name in built.ports}
        for _ in range(2)
    )

    def loss(of):
        outputs = stepped(of).run(light).outputs
        return sum(np.sum((np.conj(weights[name]) * outputs[name]).real) for name in weights)

    found = stepped(built).gradients(light, weights).parameters["it"]
    for name, value in built.parameters["it"].items():
        step = 1e-6 * value
        ends = [
            loss(built.with_parameters({"it": {name: x}})) for x in (value + step, value - step)
        ]
        # The carrier of 2e14 Hz is spaced by 1/32 Hz, of 1 kHz.
        tolerance = 1e-4 if name == "detuning" else 1e-6
        assert found[name] * step * 2 == pytest.approx(
            ends[0] - ends[1], rel=tolerance, abs=1e-9
        ), name


# Measured parts


def test_measured_parts_are_their_poles_in_time():
    light = CARRIER + np.linspace(-100e9, 100e9, 101)
    ring = coupled_ring()
    table = SParameters(frequency=light, matrix=ring.scattering(light), ports=ring.ports)
    built = with_model(lambda: table)
    found, offsets = impulse_response(built, 2048)
    inside = np.abs(offsets) < 90e9
    bent = np.tan(np.pi * offsets[inside] * DT) / (np.pi * DT)
    expected = with_model(coupled_ring).scattering(frequency=CARRIER + bent)
    np.testing.assert_allclose(found[inside], expected, atol=1e-3)  # the fit's tolerance


def test_refuses_carriers_outside_what_was_measured():
    light = CARRIER + np.linspace(-100e9, 100e9, 101)
    ring = coupled_ring()
    table = SParameters(frequency=light, matrix=ring.scattering(light), ports=ring.ports)
    with pytest.raises(CircuitError, match="'it' has S-parameters from .* the carrier is"):
        with_model(lambda: table).transient({"in": np.ones(4)}, dt=DT, frequency=CARRIER + 2e11)


def test_refuses_measured_parts_that_no_poles_describe():
    light = CARRIER + np.array([-1e9, 0.0, 1e9])
    table = SParameters(frequency=light, matrix=np.ones((3, 1, 1)), ports=("in0",))
    built = with_model(lambda: table)
    with pytest.raises(
        CircuitError, match="'it' has S-parameters that exist in frequency only: .*4"
    ):
        built.transient({"in0": np.ones(4)}, dt=DT, frequency=CARRIER)
