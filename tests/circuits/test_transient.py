"""Circuits in time: against frequency, closed forms, all waves at once, energy and differences."""

from types import MappingProxyType

import numpy as np
import pytest
from scipy.constants import c as speed_of_light

from circuits import Circuit, CircuitError, Line
from circuits.circuit_layout import lay_out
from circuits.component import Component
from circuits.component_nonlinear import Nonlinear
from circuits.components import Model
from circuits.transient import SteppedCircuit
from circuits.transient_delays import taps_of
from circuits.transient_kernels import COLUMNS, step_adjoint, step_forward
from circuits.transient_op_kernels import COLUMNS as OP_COLUMNS
from circuits.transient_op_kernels import Op
from tests import naive
from tests.circuits.random_netlists import ALL, LOSSLESS, random_netlist
from tests.circuits.test_circuit import circuit, part

CARRIER = speed_of_light / 1.55e-6
DT = 1e-12
SAMPLE = DT * speed_of_light / 4.2
"""Length in m of a guide that delays by one sample."""


def guide(samples, **settings):
    return {"length": samples * SAMPLE, "group_index": 4.2, "effective_index": 2.4} | settings


def ring(samples, r=0.9, loss_db=300.0):
    return circuit(
        {
            "coupler": part("coupler", power_ratio=1 - r**2),
            "loop": part("waveguide", **guide(samples, propagation_loss_db=loss_db)),
        },
        {"coupler,out1": "loop,in0", "loop,out0": "coupler,in1"},
        {"in": "coupler,in0", "out": "coupler,out0"},
    )


def alone(component, ports=("in0", "out0"), **settings):
    return circuit({"it": part(component, **settings)}, {}, {name: f"it,{name}" for name in ports})


def kinds_of(kinds, samples, loss_db):
    """The random netlists' components with lengths that delay by `samples(rng)`."""
    resonator = {"group_index": 4.2, "propagation_loss_db": loss_db}

    def lengths(rng, times=1):
        return {**resonator, "length": times * samples(rng) * SAMPLE}

    changed = {
        "waveguide": lambda rng: {**lengths(rng), "effective_index": rng.uniform(2.0, 3.0)},
        "all_pass_ring": lambda rng: {**lengths(rng), "self_coupling": rng.uniform(0.5, 0.8)},
        "add_drop_ring": lambda rng: {
            **lengths(rng, 2),
            "input_self_coupling": rng.uniform(0.5, 0.8),
            "drop_self_coupling": rng.uniform(0.5, 0.8),
            "tuning": rng.normal() * 1e11,
        },
        "fabry_perot": lambda rng: {**lengths(rng), "reflectivity": rng.uniform(0.2, 0.6)},
    }
    return {name: of for name, of in (kinds | changed).items() if name != "fiber"}


def impulse_response(built, n, **options):
    """S[f, out, in] of the impulse responses, and their offsets from the carrier in Hz."""
    offsets = np.fft.fftfreq(n, DT)
    found = np.empty((n, len(built.ports), len(built.ports)), dtype=complex)
    pulse = np.zeros(n, dtype=complex)
    pulse[0] = 1.0
    for j, name in enumerate(built.ports):
        result = built.transient({name: pulse}, dt=DT, frequency=CARRIER, **options)
        for i, out in enumerate(built.ports):
            found[:, i, j] = n * np.fft.ifft(result.outputs[out])
    return found, offsets


# Time against frequency


@pytest.mark.parametrize(
    "built",
    [
        ring(10),
        alone("fabry_perot", **guide(7, reflectivity=0.5, propagation_loss_db=100.0)),
        alone(
            "add_drop_ring",
            ports=("in", "through", "add", "drop"),
            length=12 * SAMPLE,
            group_index=4.2,
            input_self_coupling=0.8,
            drop_self_coupling=0.85,
            tuning=3e9,
        ),
        # A line of no delay is memoryless and needs no samples.
        circuit(
            {
                "mirror": part("mirror", reflectivity=0.3),
                "short": part("waveguide", length=0.0),
                "end": part("terminator", reflectivity=0.4, phase=0.3),
            },
            {"mirror,out0": "short,in0", "short,out0": "end,in0"},
            {"in": "mirror,in0"},
        ),
    ],
    ids=["ring", "fabry_perot", "add_drop_ring", "no delay"],
)
def test_impulse_response_is_scattering(built):
    found, offsets = impulse_response(built, 4096)
    # The response has rung down to 1e-13; 2e14 Hz round to 0.03 Hz, 1e-12 rad over 10 ps.
    expected = built.scattering(frequency=CARRIER + offsets)
    np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize("seed", range(8))
def test_impulse_response_of_random_feedback_is_scattering(seed):
    # 30 % of open ports let the light ring down within the samples; amplifiers would not.
    kinds = kinds_of(ALL, lambda rng: rng.integers(1, 9), 2e3)
    del kinds["amplifier"]
    built = Circuit(random_netlist(seed, 25, kinds, open_share=0.3))
    found, offsets = impulse_response(built, 4096)
    expected = built.scattering(frequency=CARRIER + offsets)
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_order_of_fractional_delays():
    angles = np.array([0.05, 0.1, 0.2, 0.4])
    for order, half_way in ((1, 0.125), (3, 0.0234375), (5, 0.0048828125)):
        taps = taps_of(20.5, order)
        error = np.abs(taps.response(angles) - np.exp(20.5j * angles))
        assert taps.constant == pytest.approx(half_way)
        assert np.all(error <= taps.constant * angles ** (order + 1) + 1e-15)
        slope = np.polyfit(np.log(angles[2:]), np.log(error[2:]), 1)[0]
        assert slope == pytest.approx(order + 1, abs=0.06)  # the next term is (Ω dt)² smaller


@pytest.mark.parametrize("order", [1, 3, 5, 7, 9])
def test_fractional_delays_amplify_nothing(order):
    angles = np.linspace(0, np.pi, 301)
    for samples in np.linspace(10.01, 10.99, 25):
        assert np.abs(taps_of(samples, order).response(angles)).max() <= 1 + 1e-14


@pytest.mark.parametrize("order", [1, 3, 5])
def test_a_ring_of_fractional_delay_errs_as_stated(order):
    r, samples = 0.9, 10.3
    built = ring(samples, r)
    found, offsets = impulse_response(built, 4096, order=order)
    angle = 2 * np.pi * np.abs(offsets) * DT
    a = np.exp(-built.components["loop"].attenuation)
    # H = (r − aw)/(1 − raw) has |dH/dw| ≤ a κ²/(1 − ra)² for |w| ≤ 1.
    bound = taps_of(samples, order).constant * angle ** (order + 1) * a * (1 - r**2)
    bound /= (1 - r * a) ** 2
    error = np.abs(found - built.scattering(frequency=CARRIER + offsets))[:, 1, 0]
    assert np.all(error <= bound + 1e-12)
    narrow = angle < 0.5
    assert error[narrow].max() > 0.1 * bound[narrow].max()  # the bound says something


def test_pulse_through_many_samples_of_delay_keeps_its_phase():
    """10⁵ + 1/4 samples: the carrier's phase is the line's, not that of a rounded delay."""
    built = alone("waveguide", **guide(100_000.25, propagation_loss_db=0.0, effective_index=2.0))
    n = np.arange(100_600)
    pulse = np.exp(-(((n - 250) / 40.0) ** 2)).astype(complex)
    out = built.transient({"in0": pulse}, dt=DT, frequency=CARRIER).outputs["out0"]
    line = built.components["it"].referred_to(CARRIER)
    expected = np.exp(1j * line.phase - (((n - 100_250.25) / 40.0) ** 2))
    # C_5 max|d⁶ envelope| = 0.0049 · 120/40⁶ = 1.4e-10.
    np.testing.assert_allclose(out, expected, atol=3e-10)


# Closed forms and energy


def test_ring_down():
    r, samples, on = 0.9, 10, 4000
    built = ring(samples, r, loss_db=50.0)
    light = np.zeros(on + 60 * samples, dtype=complex)
    light[:on] = 1.0
    out = built.transient({"in": light}, dt=DT, frequency=CARRIER).outputs["out"]
    line = built.components["loop"].referred_to(CARRIER)
    gain = np.exp(-line.attenuation + 1j * line.phase)
    kappa = np.sqrt(1 - r**2)
    trips = np.arange(60).repeat(samples)
    # Steady light iκ/(1 − r g) enters the loop; each trip leaves r g of it.
    expected = (1j * kappa) ** 2 * gain * (r * gain) ** trips / (1 - r * gain)
    np.testing.assert_allclose(out[on:], expected, rtol=1e-10)


@pytest.mark.parametrize("seed", range(3))
def test_energy_of_lossless_feedback(seed):
    """All that went in over 10⁵ steps has come out when the circuit is dark again."""
    kinds = kinds_of(LOSSLESS, lambda rng: rng.integers(1, 20), 0.0)
    built = Circuit(random_netlist(seed, 8, kinds, open_share=0.0, n_external=6))
    rng = np.random.default_rng(seed)
    light = {name: rng.normal(size=100_000) + 0j for name in built.ports}
    for trace in light.values():
        trace[40_000:] = 0.0
    result = built.transient(light, dt=DT, frequency=CARRIER)
    entered = sum(np.sum(np.abs(trace) ** 2) for trace in light.values())
    left = sum(np.sum(result.power(name)) for name in built.ports)
    assert abs(left / entered - 1) <= 1e-10


def test_energy_never_grows_at_fractional_delays():
    kinds = kinds_of(LOSSLESS, lambda rng: rng.uniform(3, 20), 0.0)
    built = Circuit(random_netlist(5, 12, kinds, open_share=0.0))
    rng = np.random.default_rng(5)
    light = {name: rng.normal(size=5000) + 0j for name in built.ports}
    result = built.transient(light, dt=DT, frequency=CARRIER)
    entered = sum(np.cumsum(np.abs(trace) ** 2) for trace in light.values())
    left = sum(np.cumsum(result.power(name)) for name in built.ports)
    assert np.all(left <= entered * (1 + 1e-12))


# All waves at once


def naive_transient(built, light, order):
    first, count, parts = {}, 0, []
    for it in built.layout.parts:
        component = it.component
        if isinstance(component, Line):
            line = component.referred_to(CARRIER)
            gain = np.exp(-line.attenuation + 1j * line.phase)
            parts.append((gain, naive.lagrange_weights(line.delay / DT, order)))
        else:
            parts.append(component.matrix.tolist())
        first[it.instance, it.name] = count
        count += len(component.ports)
    partner = built.layout.wiring.partner.tolist()
    pairs = [(a, b) for a, b in enumerate(partner) if a < b]
    external = built.layout.wiring.external.tolist()
    return naive.circuit_transient(parts, pairs, external, light, built.layout.places.values())


def everywhere(built):
    """Every port of every instance as a probe: joined, open, or a port of the circuit."""
    return [f"{instance},{port}" for instance, port in built.layout.places]


@pytest.mark.parametrize(("seed", "order"), [(0, 1), (1, 3), (2, 5), (3, 3), (4, 5)])
def test_steps_equal_all_waves_at_once(seed, order):
    kinds = kinds_of(ALL, lambda rng: rng.uniform((order + 1) / 2, 9), 300.0)
    built = Circuit(random_netlist(seed, 12, kinds))
    rng = np.random.default_rng(seed)
    light = rng.normal(size=(4, 40)) + 1j * rng.normal(size=(4, 40))
    given = dict(zip(built.ports, light, strict=True))
    probes = everywhere(built)
    result = built.transient(given, dt=DT, frequency=CARRIER, order=order, probes=probes)
    found = np.array([*result.outputs.values(), *result.probes.values()])
    assert list(result.outputs) == list(built.ports)
    assert list(result.probes) == probes
    expected = naive_transient(built, light, order)
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-11)


def test_batches_are_rows_and_time_counts_samples():
    built = ring(7.4)
    rng = np.random.default_rng(1)
    light = rng.normal(size=(3, 50)) + 1j * rng.normal(size=(3, 50))
    together = built.transient({"in": light, "out": light[0]}, dt=DT, frequency=CARRIER)
    np.testing.assert_allclose(together.time, DT * np.arange(50))
    for row, trace in zip(light, together.outputs["out"], strict=True):
        one = built.transient({"in": row, "out": light[0]}, dt=DT, frequency=CARRIER)
        np.testing.assert_array_equal(one.outputs["out"], trace)


def test_single_precision_stays():
    built = ring(7.4)
    light = np.random.default_rng(1).normal(size=200)
    double = built.transient({"in": light}, dt=DT, frequency=CARRIER).outputs["out"]
    single = built.transient({"in": light.astype(np.float32)}, dt=DT, frequency=CARRIER)
    assert single.outputs["out"].dtype == np.complex64
    np.testing.assert_allclose(single.outputs["out"], double, atol=1e-5)  # 24 bits, some 30 trips


# Gradients


def loss_of(stepped, light, weights):
    """L = Re Σ conj(G) A of all that leaves."""
    run = stepped.run(light)
    outputs = {**run.outputs, **run.probes}
    return sum(np.sum((np.conj(weights[name]) * outputs[name]).real) for name in weights)


def stepped(built, order=3):
    return built.stepped(
        built.ports, dt=DT, frequency=CARRIER, order=order, probes=everywhere(built)
    )


@pytest.mark.usefixtures("short_stretches")
@pytest.mark.parametrize("seed", range(5))
def test_gradients_are_differences(seed):
    kinds = kinds_of(ALL, lambda rng: rng.integers(3, 9) + rng.uniform(0.2, 0.8), 300.0)
    built = Circuit(random_netlist(seed, 9, kinds))
    rng = np.random.default_rng(seed)

    def traces(names):
        return {name: rng.normal(size=(2, 150)) + 1j * rng.normal(size=(2, 150)) for name in names}

    light, change = traces(built.ports), traces(built.ports)
    weights = traces([*built.ports, *everywhere(built)])
    gradients = stepped(built).gradients(light, weights)
    # L is linear in what enters.
    found = sum(
        np.sum((np.conj(gradients.inputs[name]) * change[name]).real) for name in built.ports
    )
    expected = loss_of(stepped(built), change, weights)
    assert found == pytest.approx(expected, rel=1e-10)
    for instance, of in built.parameters.items():
        for name, value in of.items():
            if name in ("group_velocity_dispersion", "wavelength"):
                continue
            step = 1e-6 * (value if name == "length" else _SCALES.get(name, max(abs(value), 0.1)))
            # Losses end at 0 and shares at 1: one side is enough there, curvature being 1e-6.
            low = max(value - step, 0.0) if name.endswith("_db") else value - step
            high = min(value + step, 1.0) if name == "arm_transmission" else value + step
            ends = [
                loss_of(stepped(built.with_parameters({instance: {name: x}})), light, weights)
                for x in (low, high)
            ]
            # Differences leave 1e-16 · |L| / 1e-6 of rounding and h² of curvature.
            assert gradients.parameters[instance][name] * (high - low) == pytest.approx(
                ends[1] - ends[0], rel=1e-5, abs=1e-9
            ), (instance, name)


_SCALES = {"tuning": 1e11, "resonance_offset": 1e11, "resonance_wavelength": 1e-9}
"""Changes in Hz and m that matter to a ring."""


def test_gradients_are_those_of_any_stretches(request):
    built = ring(7.4)
    rng = np.random.default_rng(3)
    light = {name: rng.normal(size=200) + 0j for name in built.ports}
    whole = stepped(built).gradients(light, light)
    request.getfixturevalue("short_stretches")
    parts = stepped(built).gradients(light, light)
    for name in light:
        np.testing.assert_allclose(parts.inputs[name], whole.inputs[name], rtol=1e-13)
    for name, value in whole.parameters["loop"].items():
        assert parts.parameters["loop"][name] == pytest.approx(value, rel=1e-11)


def test_gradient_of_a_whole_delay_is_that_of_the_light():
    """Where the taps have a kink the slope is still that of the delayed light, to its order."""
    built = alone("waveguide", **guide(2, effective_index=2.0))
    n = np.arange(200)
    pulse = np.exp(-(((n - 80) / 20.0) ** 2)).astype(complex)
    line = built.components["it"].referred_to(CARRIER)
    later = n - 82
    gain = np.exp(-line.attenuation + 1j * line.phase)
    slope = gain * np.exp(-((later / 20.0) ** 2)) * 2 * later / 20.0**2  # d/d(delay in samples)
    given = {"in0": pulse, "out0": 0 * pulse}
    gradients = stepped(built, order=5).gradients(given, {"out0": slope}).parameters["it"]
    # The group index delays by L/c; referred to the carrier it turns no phase.
    expected = np.sum(np.abs(slope) ** 2) * line.delay / 4.2 / DT
    assert gradients["group_index"] == pytest.approx(expected, rel=1e-4)
    assert "group_velocity_dispersion" not in gradients


def test_gradients_of_solved_loops_without_delay():
    """Mirrors and a coupler in no time: one algebraic loop through several parts."""
    built = circuit(
        {
            "coupler": part("coupler", power_ratio=0.3),
            "shifter": part("phase_shifter", phase=0.7, insertion_loss_db=0.5),
            "mirror": part("mirror", reflectivity=0.6),
        },
        {
            "coupler,out1": "shifter,in0",
            "shifter,out0": "mirror,in0",
            "mirror,out0": "coupler,in1",
        },
        {"in": "coupler,in0", "out": "coupler,out0"},
    )
    weights = np.array([[1.0 + 2j, -0.5j], [0.3, 2.0 - 1j]])
    expected = built.gradients(weights[None], frequency=CARRIER)
    eye = np.eye(2, dtype=complex)  # one sample per port, a batch of both
    found = stepped(built).gradients(
        {"in": eye[:, :1], "out": eye[:, 1:]},
        {"in": weights[0][:, None], "out": weights[1][:, None]},
    )
    for instance, of in expected.items():
        for name, value in of.items():
            assert found.parameters[instance][name] == pytest.approx(value, rel=1e-12), name


# Probes and progress


def test_a_probe_sees_what_circulates():
    """Steady light iκ/(1 − r g) leaves a ring's coupler, and g times as much the loop."""
    r = 0.9
    built = ring(10, r, loss_db=50.0)
    probes = ["coupler,out1", "loop,out0"]
    result = built.transient({"in": np.ones(4000)}, dt=DT, frequency=CARRIER, probes=probes)
    line = built.components["loop"].referred_to(CARRIER)
    gain = np.exp(-line.attenuation + 1j * line.phase)
    inside = 1j * np.sqrt(1 - r**2) / (1 - r * gain)
    assert result.probes["coupler,out1"][-1] == pytest.approx(inside, rel=1e-10)
    assert result.power("loop,out0")[-1] == pytest.approx(abs(inside * gain) ** 2, rel=1e-10)
    # Other names of ports are known as the netlist knows them.
    other = built.transient({"in": np.ones(40)}, dt=DT, frequency=CARRIER, probes=["loop,o2"])
    np.testing.assert_array_equal(other.probes["loop,o2"], result.probes["loop,out0"][:40])


@pytest.mark.parametrize(
    ("probe", "message"),
    [
        ("lop,in0", r"no instance 'lop', which probe 'lop,in0' names. Near: 'loop'"),
        ("loop,inn0", r"'loop' has no port 'inn0', which probe .* names. Near: 'in0'"),
        ("out", r"a port of an instance, INSTANCE,PORT .* got 'out'"),
    ],
)
def test_refuses_probes(probe, message):
    with pytest.raises(CircuitError, match=message):
        try_transient(ring(10), probes=[probe])


def test_functions_of_time_are_inputs():
    built = ring(7.4)

    def wave(time):
        return np.exp(1e10j * time)

    found = built.transient({"in": wave}, dt=DT, frequency=CARRIER, duration=50 * DT)
    expected = built.transient({"in": wave(DT * np.arange(50))}, dt=DT, frequency=CARRIER)
    np.testing.assert_array_equal(found.outputs["out"], expected.outputs["out"])


def test_sources_inside_need_no_inputs():
    lamp = Nonlinear(op=Op.SOURCE, numbers=np.array([0.0, 2.0 - 1j]))
    built = circuit(
        {"lamp": part("lamp"), "guide": part("waveguide", **guide(10, propagation_loss_db=0.0))},
        {"lamp,out": "guide,in0"},
        {"out": "guide,out0"},
        models={"lamp": Model(lambda: lamp)},
    )
    assert built.has_sources
    out = built.transient({}, dt=DT, frequency=CARRIER, duration=20 * DT).outputs["out"]
    np.testing.assert_allclose(np.abs(out) ** 2, 5.0 * (np.arange(20) >= 10), rtol=1e-12)
    with pytest.raises(ValueError, match="inputs must name a port"):
        ring(10).transient({}, dt=DT, frequency=CARRIER, duration=20 * DT)


@pytest.mark.parametrize(("kind", "trips"), [(np.complex128, 78), (np.complex64, 10)])
def test_what_grows_without_bound_stops_with_the_time_of_it(kind, trips):
    # Half of the power stays in the loop and 43 dB come to it: 99.88 times the field a trip. What
    # leaves after k trips is 0.5 · 141.25 · 99.88^(k − 1), and its power a number up to 1.8e308,
    # 3.4e38 of 32 bits, a quarter of that left for sums.
    built = circuit(
        {
            "coupler": part("coupler", power_ratio=0.5),
            "gain": part("amplifier", small_signal_gain_db=43.0, linewidth_enhancement=0.0),
            "loop": part("waveguide", **guide(10, propagation_loss_db=0.0)),
        },
        {"coupler,out1": "gain,in0", "gain,out0": "loop,in0", "loop,out0": "coupler,in1"},
        {"in": "coupler,in0", "out": "coupler,out0"},
    )
    light = np.zeros((2, 1000), kind)
    light[1, 5] = 1.0
    fine = 10 * trips + 5
    grown = built.transient({"in": light[:, :fine]}, dt=DT, frequency=CARRIER).outputs["out"]
    bound = np.sqrt(np.finfo(kind).max) / 2
    assert bound / 100 < np.abs(grown).max() < bound
    said = (
        rf"leaves 'out' is beyond all numbers in row 1 of the batch from t = {fine * DT:.6g} s on"
    )
    with pytest.raises(CircuitError, match=said):
        built.transient({"in": light}, dt=DT, frequency=CARRIER)
    with pytest.raises(CircuitError, match=r"beyond all numbers from t"):
        built.transient({"in": light[1]}, dt=DT, frequency=CARRIER)


def test_a_line_longer_than_memory_is_refused():
    with pytest.raises(CircuitError, match=r"'loop' delays by .* more than 100,000,000"):
        ring(1e9).transient({"in": np.ones(3)}, dt=DT, frequency=CARRIER)


def test_progress_is_told_and_changes_nothing():
    built = ring(7.4)
    light = np.random.default_rng(1).normal(size=(100, 40_000))
    compiled = built.stepped(["in"], ["out"], dt=DT, frequency=CARRIER)
    told = []
    result = compiled.run({"in": light}, progress=told.append)
    assert len(told) > 1
    assert sorted(set(told)) == told
    assert told[-1] == 40_000
    again = compiled.run({"in": light[:1]}).outputs["out"]
    np.testing.assert_array_equal(result.outputs["out"][:1], again)

    class Stop(Exception):
        pass

    def stop(done):
        raise Stop

    with pytest.raises(Stop):
        compiled.run({"in": light}, progress=stop)


# Kernels, uncompiled


def test_kernels_in_python():
    """A loop of 2 samples with gain 1/2: y = u, u[n] = (x + y/2)[n − 2], and its transpose."""
    lines = np.zeros((1, COLUMNS), dtype=np.int64)
    lines[0] = (0, 3, 2, 1, 1, 2)
    taps, slope_taps = np.ones((1, 1)), np.array([[0.5, 0.0]])
    row_start, sources = np.array([0, 2]), np.array([0, 1])
    coefficients, exits = np.array([0.5 + 0j, 1.0]), np.array([0])
    light = np.zeros((1, 1, 7), dtype=complex)
    light[0, 0, 0] = 1.0
    buffers, places = np.zeros((1, 3), complex), np.zeros((1, 1), np.int64)
    values, slopes = np.zeros((1, 7, 3), complex), np.zeros((1, 7, 1), complex)
    out, states, normals = np.zeros((1, 1, 7), complex), np.zeros((1, 0), complex), np.zeros((1, 4))
    whole = np.zeros(0, dtype=np.int64)
    program = (
        row_start, sources, coefficients[None], states, whole, np.zeros(1, np.int64),
        np.zeros((0, OP_COLUMNS), np.int64), np.zeros(0, complex), np.zeros(0), exits,
        1.0, False, 0,
    )  # fmt: skip
    step_forward.py_func(
        lines, taps, slope_taps, *program, True, 0, 7, light, buffers, states, places, normals,
        values, slopes, out,
    )  # fmt: skip
    np.testing.assert_allclose(out[0, 0], [0, 0, 1, 0, 0.5, 0, 0.25])
    np.testing.assert_allclose(slopes[0, :, 0], [0, 0.5, 0, 0.25, 0, 0.125, 0])
    bar = np.zeros((1, 1, 7), complex)
    bar[0, 0, 6] = 1.0
    entering, by_coefficient = np.zeros((1, 1, 7), complex), np.zeros((1, 2), complex)
    by_delay = np.zeros((1, 1), complex)
    step_adjoint.py_func(
        lines, taps, *program, 0, 7, values, slopes, bar, np.zeros((1, 3), complex), states,
        places, normals, np.zeros((1, 3), complex), entering, by_coefficient, by_delay, states,
        np.zeros((1, 0), complex),
    )  # fmt: skip
    np.testing.assert_allclose(entering[0, 0], [0.25, 0, 0.5, 0, 1, 0, 0])
    # y[6] = c₀² c₁ x[0], the slope at samples 2, 4 and 6 is dark.
    np.testing.assert_allclose(by_coefficient[0], [1.0, 0.25])
    np.testing.assert_allclose(by_delay[0], [0.0])


# What is refused


class Measured(Component):
    """A component that only has a spectrum."""

    ports = ("in0", "out0")
    parameters = MappingProxyType({})

    def scattering(self, frequency):
        return np.zeros((len(frequency), 2, 2), dtype=complex)

    def derivatives(self, frequency):
        return {}

    def dispersion(self, frequency):
        return self.scattering(frequency)


def try_transient(built, light=None, **options):
    light = {built.ports[0]: np.ones(4)} if light is None else light
    return built.transient(light, **({"dt": DT, "frequency": CARRIER} | options))


def test_refuses_what_exists_in_frequency_only():
    fibre = alone("fiber", length=1.0, group_velocity_dispersion=-2e-26)
    with pytest.raises(CircuitError, match="'it' is dispersive .* in frequency only"):
        try_transient(fibre)
    measured = circuit(
        {"it": part("measured")},
        {},
        {"in": "it,in0"},
        models={"measured": Model(Measured)},
    )
    with pytest.raises(CircuitError, match="'it' is a Measured, which exists in frequency only"):
        try_transient(measured)


def test_refuses_delays_that_are_too_short():
    built = alone("waveguide", **guide(2.5))
    with pytest.raises(CircuitError, match=r"2.5 samples .*needs 3\). Use dt ≤ 8.333.*e-13, or or"):
        try_transient(built)
    assert try_transient(built, order=3).outputs["out0"][3] != 0
    with pytest.raises(CircuitError, match=r"0.4 samples .*needs 1\). Use dt ≤ 4e-13\."):
        try_transient(alone("waveguide", **guide(0.4)), order=1)
    backwards = lay_out({"it": Line(("in0", "out0"), delay=-1e-12)}, [], [("in", ("it", "in0"))])
    with pytest.raises(CircuitError, match="negative delay of -1e-12 s"):
        SteppedCircuit(backwards, ["in"], ["in"], dt=DT, frequency=CARRIER)


def test_refuses_a_loop_that_returns_all_its_light():
    # Half of the light stays in the loop, whose gain makes up for the other half.
    built = circuit(
        {
            "coupler": part("coupler"),
            "gain": part(
                "amplifier", small_signal_gain_db=10 * np.log10(2.0), linewidth_enhancement=0.0
            ),
        },
        {"coupler,out1": "gain,in0", "gain,out0": "coupler,in1"},
        {"in": "coupler,in0", "out": "coupler,out0"},
    )
    with pytest.raises(CircuitError, match="a loop without delay through .* all of its light"):
        try_transient(built)


@pytest.mark.parametrize(
    ("light", "options", "message"),
    [
        ({}, {}, "inputs must name a port with light"),
        ({"input": np.ones(3)}, {}, "no port 'input'"),
        (
            {"in": np.ones((2, 3, 4))},
            {},
            r"'in' must be numbers of .* got float64 .*2, 3",
        ),
        ({"in": np.array(["a"])}, {}, "'in' must be numbers"),
        ({"in": np.array([1.0, np.nan])}, {}, "'in' must be finite"),
        ({"in": np.array([1.0, 1j * np.inf])}, {}, "'in' must be finite"),
        (None, {"seed": 1.5}, "seed must be a whole number .* got 1.5"),
        (None, {"seed": True}, "seed must be a whole number"),
        (None, {"seed": -1}, "seed must be a whole number"),
        ({"in": np.ones(3), "out": np.ones(4)}, {}, "one number of samples and batch; got"),
        ({"in": np.ones(3), "out": np.ones(1)}, {}, "one number of samples and batch; got"),
        (None, {"dt": 0.0}, "dt must be"),
        (None, {"dt": np.array([1e-12, 2e-12])}, "dt must be one number"),
        (None, {"frequency": -1.0}, "frequency must be"),
        (None, {"order": 2}, "order must be one of"),
    ],
)
def test_refuses_inputs(light, options, message):
    with pytest.raises(ValueError, match=message):
        try_transient(ring(10), light, **options)


def test_refuses_what_enters_an_output():
    diode = alone("photodetector")
    with pytest.raises(CircuitError, match="port 'out0' takes nothing in .*an output"):
        diode.transient({"in0": np.ones(3), "out0": np.ones(3)}, dt=DT, frequency=CARRIER)
    seen = diode.transient({"in0": np.ones(3), "out0": np.zeros(3)}, dt=DT, frequency=CARRIER)
    assert seen.outputs["out0"][-1] > 0


def test_refuses_other_inputs_and_cotangents_than_compiled_for():
    built = ring(10)
    compiled = SteppedCircuit(built.layout, built.ports, ["in"], ["out"], dt=DT, frequency=CARRIER)
    with pytest.raises(ValueError, match=r"ports \['in'\] .* got \['in', 'out'\]"):
        compiled.run({"in": np.ones(3), "out": np.ones(3)})
    with pytest.raises(ValueError, match=r"cotangent of port 'out' must have the shape \(3,\)"):
        compiled.gradients({"in": np.ones(3)}, {"out": np.ones(4)})


def test_unlit_ways_are_left_out_and_read_dark():
    built = ring(10)
    compiled = SteppedCircuit(built.layout, built.ports, ["in"], dt=DT, frequency=CARRIER)
    assert len(compiled.networks[0].delays) == 1  # of both directions
    light = np.ones((2, 5))
    np.testing.assert_array_equal(compiled.run({"in": light}).outputs["in"], np.zeros((2, 5)))
    found = compiled.gradients({"in": light}, {"in": light})
    np.testing.assert_array_equal(found.inputs["in"], np.zeros((2, 5)))
    assert set(found.parameters["coupler"].values()) == {0.0}
