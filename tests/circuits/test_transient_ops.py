"""Nonlinear operations in time: against plain python and devices, their noise, their gradients."""

import numba
import numpy as np
import pytest
from scipy.constants import e as elementary_charge

from circuits import (
    CircuitError,
    Function,
    Line,
    Memoryless,
    Nonlinear,
    Op,
    transient_program,
)
from circuits.component_modes import low_pass
from circuits.components import Model
from circuits.transient_kernels import step_adjoint, step_forward
from circuits.transient_op_adjoint_kernels import adjoint_op
from circuits.transient_op_kernels import apply_op, function_of
from devices.amplifier import Amplifier
from devices.electrical_nonlinearity import ElectricalNonlinearity
from devices.photodetector import Photodetector
from tests import naive
from tests.circuits.test_circuit import circuit, part
from tests.circuits.test_transient import CARRIER, DT, guide, stepped

SEED = 7
TAU = 3e-12
PHOTON = 1.28e-19

NUMBERS = {
    "square": [0.8, 0.5, 0.1, 3e-14, 2e-14, TAU],
    "exponential": [0.3 - 0.8j, -0.2 + 0.5j],
    "product": [0.9 - 0.3j],
    "function": [1.2, 0.7, 0.3, 3.0],
    "amplifier": [2.0, 0.4, 3.0, 4e-12, 5.0, 1e-13, 1.5],
    "source": [2e-14, 0.3, -0.6, 1.1],
}
"""Of the size of the waves, so that noise and saturation show; densities are for dt = 1 ps."""


def model(op, **options):
    """A component whose settings are its numbers, real and imaginary parts."""
    real = [complex(it).real for it in NUMBERS[op]]
    imaginary = [complex(it).imag for it in NUMBERS[op]]
    is_complex = op in ("exponential", "product")
    defaults = {f"re{i}": x for i, x in enumerate(real)}
    if is_complex:
        defaults |= {f"im{i}": x for i, x in enumerate(imaginary)}
    eye = np.eye(len(real))
    slopes = {f"re{i}": row + 0j for i, row in enumerate(eye)}
    slopes |= {f"im{i}": 1j * row for i, row in enumerate(eye)} if is_complex else {}

    def build(**settings):
        held = defaults | settings
        numbers = [held[f"re{i}"] + 1j * held.get(f"im{i}", 0.0) for i in range(len(real))]
        return Nonlinear(
            op=Op[op.upper()], numbers=numbers, parameters=held, slopes=slopes, **options
        )

    return Model(build)


MODELS = {name: model(name) for name in NUMBERS if name not in ("source", "function")}
MODELS |= {
    "clock": model("source", slot=3 * DT, domain="electrical"),
    "laser": model("source", slot=2 * DT),
    "mixer": model("product", domain="electrical"),
    "cable": Model(lambda: Line(("in0", "out0"), 0.1, delay=3 * DT, domain="electrical")),
    "low_pass": Model(lambda: low_pass(4e-12)),
    "tee": Model(
        lambda: Memoryless(("in0", "out0", "out1"), _joint([(1, 0), (2, 0)]), domain="electrical")
    ),
    "plus": Model(
        lambda: Memoryless(("in0", "in1", "out0"), _joint([(2, 0), (2, 1)]), domain="electrical")
    ),
}
MODELS |= {f.name.lower(): model("function", function=f) for f in Function}


def _joint(ways):
    """Three electrical ports, one way only: (out, in) of what passes."""
    matrix = np.zeros((3, 3), dtype=complex)
    for way in ways:
        matrix[way] = 1.0
    return matrix


def alone(name, ports):
    return circuit({"it": part(name)}, {}, {port: f"it,{port}" for port in ports}, models=MODELS)


def run(built, light, **options):
    return built.transient(light, dt=DT, frequency=CARRIER, **options).outputs


def draw(stream, row=0):
    """The four normals of a part at a sample."""
    return lambda n: [naive.normal((SEED, stream, row, 0, n), lane) for lane in range(4)]


def oracle(name, stream=0, noisy=False):
    numbers = NUMBERS.get(name)
    drawn = draw(stream) if noisy else None
    if name == "square":
        return naive.NaiveDetector(0.8, 1 / 0.5, *numbers[2:], drawn)
    if name == "exponential":
        return naive.NaiveGate(lambda u: np.exp(numbers[0] * u + numbers[1]))
    if name == "product":
        return naive.NaiveGate(lambda u: numbers[0] * u)
    if name == "amplifier":
        return naive.NaiveAmplifier(2.0, 1 / 0.4, *numbers[2:], drawn)
    if name == "clock":
        return naive.NaiveSource([0.3, -0.6, 1.1], 3, 2e-14, drawn)
    assert name == "laser"
    return naive.NaiveSource([0.3, -0.6, 1.1], 2, 2e-14, drawn, optical=True)


def waves(rng, ports, domains, *shape):
    """Random samples, real where a port is electrical."""
    return {
        port: rng.normal(size=shape)
        + (0.0 if kind == "electrical" else 1j * rng.normal(size=shape))
        for port, kind in zip(ports, domains, strict=True)
    }


def entering(rng, ports, domains, *shape):
    """Return waves for every port, none for an electrical output, which takes nothing in."""
    return {
        port: 0.0 * wave if (port, kind) == ("out", "electrical") else wave
        for (port, wave), kind in zip(
            waves(rng, ports, domains, *shape).items(), domains, strict=True
        )
    }


OPERATIONS = {
    "square": ("in", "out"),
    "exponential": ("in", "out", "drive"),
    "product": ("in", "out", "drive"),
    "amplifier": ("in", "out"),
    "clock": ("out",),
    "laser": ("out",),
}


@pytest.mark.parametrize("noisy", [False, True])
@pytest.mark.parametrize("name", OPERATIONS)
def test_operations_are_their_equations(name, noisy):
    built = alone(name, OPERATIONS[name])
    domains = built.components["it"].domains
    light = entering(np.random.default_rng(1), built.ports, domains, 20)
    found = run(built, light, seed=SEED if noisy else None)
    expected = naive.circuit_transient(
        [oracle(name, noisy=noisy)], [], range(len(built.ports)), list(light.values()), dt=DT
    )
    # An amplifier's step errs by some 1e-7 by its own account.
    tolerance = 1e-6 if name == "amplifier" else 1e-12
    for port, row in zip(built.ports, expected, strict=True):
        np.testing.assert_allclose(found[port], row, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("function", list(Function))
def test_functions_are_theirs(function):
    f = {
        Function.TANH: np.tanh,
        Function.SINE: np.sin,
        Function.SINE_SQUARED: lambda x: np.sin(x) ** 2,
        Function.MACKEY_GLASS: lambda x: x / (1 + np.abs(x) ** 3),
        Function.POWER: lambda x: np.maximum(x, 0) ** 3,
        Function.ARCSINE: lambda x: 2 / np.pi * np.arcsin(np.clip(x, -1, 1)),
    }.get(function) or ElectricalNonlinearity(function=function.name.lower()).apply
    built = alone(function.name.lower(), ("in", "out"))
    x = np.linspace(-3, 3, 25)
    x[3] = -0.3 / 0.7  # f's zero
    found = run(built, {"in": x})["out"]
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, 1.2 * f(0.7 * x + 0.3), rtol=1e-12, atol=1e-15)


def test_an_amplifier_is_the_device():
    device = Amplifier(small_signal_gain_db=15.0, saturation_power=2e-3, time_constant=2e-11)
    numbers = [
        np.log(device.small_signal_gain), 500.0, 5.0, 2e-11, 0.0, 0.0,
        np.log(device.small_signal_gain),
    ]  # fmt: skip
    built = circuit(
        {"it": part("soa")},
        {},
        {"in": "it,in", "out": "it,out"},
        models={"soa": Model(lambda: Nonlinear(op=Op.AMPLIFIER, numbers=numbers))},
    )
    rng = np.random.default_rng(0)
    light = 0.03 * (rng.normal(size=100) + 1j * rng.normal(size=100))
    np.testing.assert_allclose(
        run(built, {"in": light})["out"], device.amplify(light, DT), rtol=1e-12
    )


# Noise


def test_noise_of_a_detector_behind_its_pole():
    device = Photodetector(bandwidth=2e10, responsivity=0.9)
    tau, bandwidth = device.time_constant, device.bandwidth
    numbers = [
        0.9, 0.0, device.dark_current, 2 * elementary_charge, device.thermal_noise_density, tau
    ]  # fmt: skip
    built = circuit(
        {"diode": part("diode"), "pole": part("pole")},
        {"diode,out": "pole,in0"},
        {"in": "diode,in", "out": "pole,out0"},
        models={
            "diode": Model(lambda: Nonlinear(op=Op.SQUARE, numbers=numbers)),
            "pole": Model(lambda: low_pass(tau)),
        },
    )
    power = 5e-3
    light = np.full((8, 20_000), np.sqrt(power))
    found = run(built, {"in": light}, seed=3)["out"][:, 200:]
    expected = device.noise_variance(device.photocurrent(power))
    # 8 · 20,000 samples of which one in τ/dt = 8 is new: 4σ = 4 √(2/20,000).
    assert bandwidth * DT < 0.1
    assert np.var(found) == pytest.approx(expected, rel=0.04)
    assert np.mean(found) == pytest.approx(device.photocurrent(power), rel=1e-3)


def test_noise_is_a_function_of_the_seed_and_the_row():
    built = alone("amplifier", ("in", "out"))
    light = {"in": np.ones((3, 40), dtype=complex)}
    first, again = (run(built, light, seed=1)["out"] for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert np.all(first[0] != first[1])
    assert np.all(run(built, light, seed=2)["out"] != first)
    alone_ = run(built, {"in": light["in"][0]}, seed=1)["out"]
    np.testing.assert_array_equal(alone_, first[0])
    # A part's noise does not hang on which of the others are seen.
    two = circuit(
        {"first": part("amplifier"), "it": part("amplifier")},
        {},
        {"a": "first,in", "b": "first,out", "in": "it,in", "out": "it,out"},
        models=MODELS,
    )
    both = run(two, {"a": np.ones(40), "in": np.ones(40)}, seed=1)["out"]
    np.testing.assert_array_equal(run(two, {"in": np.ones(40)}, seed=1)["out"], both)


def test_nothing_hangs_on_the_number_of_threads():
    built = stepped(optoelectronic_loop())
    rng = np.random.default_rng(4)
    light = entering(rng, ["in", "out", "tap"], ["optical"] * 3, 3, 80)
    found = []
    before = numba.get_num_threads()
    try:
        for threads in (1, before):
            numba.set_num_threads(threads)
            outputs = built.run(light, seed=SEED).outputs
            gradients = built.gradients(light, light, seed=SEED)
            found.append((outputs["out"], gradients.inputs["in"], gradients.parameters["soa"]))
    finally:
        numba.set_num_threads(before)
    for one, other in zip(*found, strict=True):
        np.testing.assert_equal(one, other)


# Circuits that mix them


def optoelectronic_loop():
    """Light through a gate, an amplifier and a guide back into a coupler; what is detected drives
    the gate by cable and low-pass, beside a clock: feedback in light and by voltage."""
    return circuit(
        {
            "coupler": part("coupler", power_ratio=0.4),
            "gate": part("exponential"),
            "soa": part("amplifier"),
            "guide": part("waveguide", **guide(3.4, propagation_loss_db=2e4)),
            "lead": part("waveguide", **guide(2.6)),
            "diode": part("square"),
            "pole": part("low_pass"),
            "bend": part("tanh"),
            "cable": part("cable"),
            "plus": part("plus"),
            "clock": part("clock"),
            "tap": part("coupler", power_ratio=0.3),
            "mirror": part("mirror", reflectivity=0.2),
        },
        {
            "coupler,out1": "gate,in",
            "gate,out": "mirror,in0",
            "mirror,out0": "lead,in0",
            "lead,out0": "soa,in",
            "soa,out": "guide,in0",
            "guide,out0": "tap,in0",
            "tap,out0": "coupler,in1",
            "tap,out1": "diode,in",
            "diode,out": "pole,in0",
            "pole,out0": "bend,in",
            "bend,out": "cable,in0",
            "cable,out0": "plus,in0",
            "clock,out": "plus,in1",
            "plus,out0": "gate,drive",
        },
        {"in": "coupler,in0", "out": "coupler,out0", "tap": "tap,in1"},
        models=MODELS,
    )


def as_naive(built, order, noisy):
    parts = []
    for number, it in enumerate(built.layout.parts):
        component = it.component
        if isinstance(component, Line):
            carrier = 0.0 if component.domain == "electrical" else CARRIER
            line = component.referred_to(carrier)
            gain = np.exp(-line.attenuation + 1j * line.phase)
            samples = line.delay / DT
            whole = abs(samples - round(samples)) < 1e-9
            weights = {round(samples): 1.0} if whole else naive.lagrange_weights(samples, order)
            parts.append((gain, weights))
        elif isinstance(component, Memoryless):
            parts.append(component.matrix.tolist())
        elif it.instance == "pole":
            tau = 4e-12
            parts.append(
                naive.NaiveModes(
                    [-1 / tau], [[1 / tau, 0]], [[0], [1]], [[0, 0], [0, 0]], "settled"
                )
            )
        elif it.instance == "bend":
            parts.append(naive.NaiveFunction(lambda x: 1.2 * np.tanh(0.7 * x + 0.3)))
        else:
            name = {"soa": "amplifier", "gate": "exponential", "diode": "square"}
            parts.append(oracle(name.get(it.instance, it.instance), number, noisy))
    return parts


@pytest.mark.parametrize("noisy", [False, True])
def test_feedback_through_all_equals_plain_python(noisy):
    built = optoelectronic_loop()
    rng = np.random.default_rng(2)
    light = {name: rng.normal(size=30) + 1j * rng.normal(size=30) for name in built.ports}
    found = run(built, light, order=3, seed=SEED if noisy else None)
    wiring = built.layout.wiring
    pairs = [(a, b) for a, b in enumerate(wiring.partner.tolist()) if a < b]
    expected = naive.circuit_transient(
        as_naive(built, 3, noisy), pairs, wiring.external.tolist(), list(light.values()), dt=DT
    )
    # The amplifier's step errs by 1e-7, a few times round.
    for port, row in zip(built.ports, expected, strict=True):
        np.testing.assert_allclose(found[port], row, rtol=2e-6, atol=2e-6)


# Gradients


def loss_of(built, light, weights, seed):
    outputs = stepped(built).run(light, seed=seed).outputs
    return sum(np.sum((np.conj(weights[name]) * outputs[name]).real) for name in weights)


def check_gradients(built, samples, seed, skip=()):
    rng = np.random.default_rng(3)
    domains = [built.layout.domains[port] for port in built.layout.wiring.external]
    light = entering(rng, built.ports, domains, 2, samples)
    weights = waves(rng, built.ports, domains, 2, samples)
    found = stepped(built).gradients(light, weights, seed=seed)
    for instance, of in built.parameters.items():
        for name, value in of.items():
            if name in skip or name == "group_velocity_dispersion":
                continue
            # A thousand radians hang on an index.
            step = (1e-8 if name == "effective_index" else 1e-6) * (abs(value) or 0.1)
            # A loss ends at 0: one side is enough there.
            low = max(value - step, 0.0) if name.endswith("_db") else value - step
            ends = [
                loss_of(built.with_parameters({instance: {name: x}}), light, weights, seed)
                for x in (value + step, low)
            ]
            # Rounding of 1e-15 of a loss of some hundreds, and 1e-6 of curvature.
            slope = found.parameters[instance][name]
            assert slope * (value + step - low) == pytest.approx(
                ends[0] - ends[1], rel=2e-5, abs=1e-11
            ), (instance, name)
    change = entering(rng, built.ports, domains, 2, samples)
    ends = [
        loss_of(built, {port: light[port] + s * change[port] for port in light}, weights, seed)
        for s in (1e-6, -1e-6)
    ]
    # The variational equation of the amplifier's steps errs as they do, by some 1e-6.
    along = sum(np.sum((np.conj(found.inputs[port]) * change[port]).real) for port in light)
    assert along == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-5)


@pytest.mark.parametrize("seed", [None, SEED])
@pytest.mark.parametrize("name", OPERATIONS)
def test_gradients_of_operations_are_differences(name, seed):
    check_gradients(alone(name, OPERATIONS[name]), 9, seed)


@pytest.mark.parametrize("function", list(Function))
def test_gradients_of_functions_are_differences(function):
    check_gradients(alone(function.name.lower(), ("in", "out")), 9, None)


def test_gradients_of_an_electrical_mixer_are_differences():
    check_gradients(alone("mixer", ("in", "out", "drive")), 9, None, skip=("im0",))


@pytest.mark.usefixtures("short_stretches")
@pytest.mark.parametrize("seed", [None, SEED])
def test_gradients_through_feedback_and_checkpoints_are_differences(seed):
    """150 samples: three stretches between which delays, poles and gains are remembered."""
    built = optoelectronic_loop()
    check_gradients(built, 150, seed, skip=("length", "wavelength"))


# Kernels, uncompiled


@pytest.mark.parametrize("op", list(Op))
def test_kernels_in_python(op):
    """One sample compiled and not; its transpose against a difference in one direction."""
    numbers = np.array(NUMBERS[op.name.lower()], dtype=complex)
    rng = np.random.default_rng(int(op))
    v = rng.normal(size=9) + 1j * rng.normal(size=9)
    row = np.array([op, 1, 0, len(numbers), 0, 1, 2, 3, 4, 0, 5, 11, 0], dtype=np.int64)
    fixed = (row, numbers, 0.4, DT, 5, True, SEED, 1)
    states, normals = np.zeros(1, complex), np.zeros(4)
    mine, compiled = v.copy(), v.copy()
    apply_op.py_func(*fixed, normals, mine, states)
    apply_op(*fixed, normals, compiled, np.zeros(1, complex))
    np.testing.assert_allclose(mine, compiled, rtol=1e-13)
    bars = [(np.zeros(9, complex), np.zeros_like(numbers)) for _ in range(2)]
    for function, (bar, of_numbers) in zip((adjoint_op.py_func, adjoint_op), bars, strict=True):
        bar[3:5] = 0.3 - 0.2j, 1.0 + 0.5j
        function(*fixed, normals, mine, np.full(1, 0.7 + 0j), bar, of_numbers)
    for own, other in zip(*bars, strict=True):
        np.testing.assert_allclose(own, other, rtol=1e-13, atol=1e-15)
    assert np.any(bars[0][1] != 0)


def test_steps_in_python(monkeypatch):
    """All kinds of memories and operations, stepped forwards and back uncompiled."""
    built = stepped(optoelectronic_loop())
    rng = np.random.default_rng(6)
    light = entering(rng, ["in", "out", "tap"], ["optical"] * 3, 2, 12)
    results = []
    for _ in range(2):
        found = built.gradients(light, light, seed=SEED)
        results.append((built.run(light, seed=SEED).outputs, found.inputs, found.parameters))
        monkeypatch.setattr(transient_program, "step_forward", step_forward.py_func)
        monkeypatch.setattr(transient_program, "step_adjoint", step_adjoint.py_func)
    compiled, mine = results
    for one, other in zip(compiled[:2], mine[:2], strict=True):
        for name, trace in one.items():
            np.testing.assert_allclose(other[name], trace, rtol=1e-9, atol=1e-12)
    for instance, of in compiled[2].items():
        for name, value in of.items():
            assert mine[2][instance][name] == pytest.approx(value, rel=1e-8, abs=1e-12)


def test_functions_in_python():
    for function in Function:
        for x in (-1.5, -0.2, 0.0, 0.4, 1.5):
            np.testing.assert_allclose(
                function_of.py_func(function, x, 2.5), function_of(int(function), x, 2.5)
            )


# What is refused


def test_refuses_a_loop_without_delay_through_an_operation():
    loop = {"bend": part("tanh"), "tee": part("tee"), "plus": part("plus"), "wire": part("cable")}
    connections = {"plus,out0": "bend,in", "bend,out": "tee,in0"}
    ports = {"in": "plus,in0", "out": "tee,out0"}
    built = circuit(loop, {**connections, "tee,out1": "plus,in1"}, ports, models=MODELS)
    with pytest.raises(CircuitError, match="without delay leads through 'bend' .*reading='held'"):
        run(built, {"in": np.ones(4)})
    delayed = {**connections, "tee,out1": "wire,in0", "wire,out0": "plus,in1"}
    assert run(circuit(loop, delayed, ports, models=MODELS), {"in": np.ones(4)})["out"].shape == (
        4,
    )
    held = MODELS | {"cable": Model(lambda: low_pass(4e-12, reading="held"))}
    found = run(circuit(loop, delayed, ports, models=held), {"in": np.ones(4)})["out"]
    expected, y = [], 0.0
    for _ in range(4):
        expected.append(1.2 * np.tanh(0.7 * (1.0 + y) + 0.3))
        y = y * np.exp(-0.25) + (1 - np.exp(-0.25)) * expected[-1]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_refuses_seeds_noise_without_bandwidth_and_complex_voltages():
    built = alone("square", ("in", "out"))
    with pytest.raises(ValueError, match="seed must be a whole number from 0"):
        run(built, {"in": np.ones(3)}, seed=-1)
    sudden = built.with_parameters({"it": {"re5": 0.0}})
    assert run(sudden, {"in": np.ones(3)})["out"].shape == (3,)
    with pytest.raises(CircuitError, match="'it' must have a finite bandwidth where noise is on"):
        run(sudden, {"in": np.ones(3)}, seed=1)
    with pytest.raises(ValueError, match="'drive' must be real"):
        run(alone("product", ("in", "out", "drive")), {"drive": 1j * np.ones(3)})


def test_single_precision_stays_with_operations():
    built = optoelectronic_loop()
    light = np.random.default_rng(1).normal(size=60)
    single = run(built, {"in": light.astype(np.float32)}, order=3)["out"]
    assert single.dtype == np.complex64
    np.testing.assert_allclose(single, run(built, {"in": light}, order=3)["out"], atol=1e-4)


# Carriers of rows


def test_each_row_has_its_carrier():
    built = optoelectronic_loop()
    carriers = CARRIER + np.array([0.0, 4e10, 0.0, -3e10])
    rng = np.random.default_rng(5)
    light, weights = (waves(rng, ["in"], ["optical"], 80)["in"] for _ in range(2))
    together = built.stepped(("in",), ("out",), dt=DT, frequency=carriers, order=3)
    found = together.run({"in": light})
    assert found.outputs["out"].shape == (4, 80)
    gradients = together.gradients({"in": light}, {"out": np.tile(weights, (4, 1))})
    total = 0.0
    for row, carrier in enumerate(carriers):
        one = built.stepped(("in",), ("out",), dt=DT, frequency=carrier, order=3)
        np.testing.assert_array_equal(
            one.run({"in": light}).outputs["out"], found.outputs["out"][row]
        )
        own = one.gradients({"in": light}, {"out": weights})
        np.testing.assert_allclose(own.inputs["in"], gradients.inputs["in"][row], rtol=1e-12)
        total += own.parameters["guide"]["length"]
    assert gradients.parameters["guide"]["length"] == pytest.approx(total, rel=1e-9)
    with pytest.raises(ValueError, match="one for each row of the batch; got 4 for 3 rows"):
        together.run({"in": np.ones((3, 80))})
    with pytest.raises(ValueError, match=r"frequency must be one number, or .* shape \(1, 2\)"):
        built.stepped(("in",), dt=DT, frequency=np.full((1, 2), CARRIER))
