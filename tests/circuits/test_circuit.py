"""Circuits in frequency: against closed forms, compositions by hand, and all waves at once."""

import dataclasses
from itertools import pairwise

import numpy as np
import pytest
from scipy.constants import c as speed_of_light

from circuits import (
    Circuit,
    CircuitError,
    Component,
    Composition,
    Memoryless,
    Netlist,
    circuit_system,
)
from circuits.components import Model, build_component
from circuits.netlist import Instance
from circuits.netlist_loading import load_netlist
from devices import AddDropRing, AllPassRing, Fiber, Waveguide
from tests import naive
from tests.circuits.random_netlists import ALL, LOSSLESS, random_netlist
from validation.closed_forms.interferometer import mach_zehnder_matrix
from validation.closed_forms.ring import fabry_perot_power, recirculating_loop, sagnac_powers

CARRIER = speed_of_light / 1.55e-6
LIGHT = CARRIER + np.linspace(-1e12, 1e12, 41)


def part(component, **settings):
    return Instance(component=component, settings=settings)


def place(text):
    instance, port = text.split(",")
    return instance, port


def circuit(instances, connections, ports, **options):
    netlist = Netlist(
        instances=instances,
        connections=tuple((place(a), place(b)) for a, b in connections.items()),
        ports={name: place(where) for name, where in ports.items()},
    )
    return Circuit(netlist, **options)


def ring_circuit(self_coupling=0.9, length=200e-6, **line):
    """A coupler whose second guide closes on itself through a waveguide."""
    return circuit(
        {
            "coupler": part("coupler", power_ratio=1 - self_coupling**2),
            "loop": part("straight", length=length, **line),
        },
        {"coupler,o3": "loop,o1", "loop,o2": "coupler,o2"},
        {"in": "coupler,o1", "out": "coupler,o4"},
    )


def unclosed(built):
    """Matrices of the instances at each frequency, connections and ports, all numbered."""
    first, count = {}, 0
    for name, component in built.components.items():
        first[name] = count
        count += len(component.ports)

    def number(where):
        return first[where[0]] + built.components[where[0]].ports.index(where[1])

    pairs = [(number(a), number(b)) for a, b in built.netlist.connections]
    return pairs, [number(where) for where in built.netlist.ports.values()]


def naive_scattering(built, light):
    pairs, ports = unclosed(built)
    blocks = [component.scattering(light) for component in built.components.values()]
    return np.array(
        [
            naive.circuit_scattering([block[f] for block in blocks], pairs, ports)
            for f in range(len(light))
        ]
    )


# Closed forms


def test_a_coupler_and_a_guide_are_the_all_pass_ring():
    fields = {"length": 200e-6, "group_index": 4.2, "propagation_loss_db": 3e3}
    expected = AllPassRing(self_coupling=0.9, resonance_wavelength=1.55e-6, **fields)
    scattering = ring_circuit(0.9, **fields).scattering(frequency=LIGHT)
    np.testing.assert_allclose(scattering[:, 1, 0], expected.through(LIGHT), rtol=1e-11)
    np.testing.assert_allclose(scattering[:, 0, 0], 0.0, atol=1e-15)


def test_two_couplers_and_two_guides_are_the_add_drop_ring():
    half = {"length": 100e-6, "group_index": 4.2, "propagation_loss_db": 3e3}
    built = circuit(
        {
            "near": part("coupler", power_ratio=1 - 0.9**2),
            "far": part("coupler", power_ratio=1 - 0.8**2),
            "up": part("waveguide", **half),
            "down": part("waveguide", **half),
        },
        {
            "near,out1": "up,in0",
            "up,out0": "far,in1",
            "far,out1": "down,in0",
            "down,out0": "near,in1",
        },
        {"in": "near,in0", "through": "near,out0", "add": "far,in0", "drop": "far,out0"},
    )
    device = AddDropRing(
        input_self_coupling=0.9,
        drop_self_coupling=0.8,
        resonance_wavelength=1.55e-6,
        **(half | {"length": 200e-6}),
    )
    scattering = built.scattering(frequency=LIGHT)
    np.testing.assert_allclose(scattering[:, 1, 0], device.through(LIGHT), rtol=1e-11)
    np.testing.assert_allclose(scattering[:, 3, 0], device.drop(LIGHT), rtol=1e-11)
    np.testing.assert_allclose(
        built.group_delay("drop", "in", frequency=LIGHT), device.group_delay(LIGHT), rtol=1e-10
    )


def test_mirrors_make_a_fabry_perot():
    built = circuit(
        {
            "front": part("mirror", reflectivity=0.8),
            "gap": part("waveguide", length=50e-6, group_index=1.0, propagation_loss_db=0.0),
            "back": part("mirror", reflectivity=0.8),
        },
        {"front,out0": "gap,in0", "gap,out0": "back,in0"},
        {"in": "front,in0", "out": "back,out0"},
    )
    phase = 2 * 2 * np.pi * (LIGHT - CARRIER) * 50e-6 / speed_of_light
    power = np.abs(built.scattering(frequency=LIGHT)[:, :, 0]) ** 2
    np.testing.assert_allclose(power[:, 1], fabry_perot_power(phase, 0.8), rtol=1e-11)
    np.testing.assert_allclose(power.sum(axis=1), 1.0, rtol=1e-13)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.8])
def test_a_looped_coupler_is_a_sagnac_mirror(share):
    built = circuit(
        {"coupler": part("coupler", power_ratio=share), "loop": part("fiber", length=1e-3)},
        {"coupler,out0": "loop,in0", "loop,out0": "coupler,out1"},
        {"in": "coupler,in0", "out": "coupler,in1"},
    )
    loss = Fiber(length=1e-3).transmission ** 2
    power = np.abs(built.scattering(frequency=LIGHT)[:, :, 0]) ** 2 / loss
    reflected, transmitted = sagnac_powers(share)
    np.testing.assert_allclose(power[:, 0], reflected, rtol=1e-12)
    np.testing.assert_allclose(power[:, 1], transmitted, rtol=1e-12, atol=1e-15)


def test_a_loop_with_gain_recirculates():
    # 1 dB of gain against 1.5 dB in the loop, read by a tap of 1 %.
    built = circuit(
        {
            "coupler": part("coupler", power_ratio=0.2),
            "tap": part("coupler", power_ratio=0.01),
            "gain": part("amplifier", kind="edfa", small_signal_gain_db=1.0),
            "loss": part("attenuator", loss_db=1.5),
            "fibre": part("fiber", length=10.0, propagation_loss_db=0.0),
        },
        {
            "coupler,out1": "tap,in0",
            "tap,out0": "gain,in0",
            "gain,out0": "loss,in0",
            "loss,out0": "fibre,in0",
            "fibre,out0": "coupler,in1",
        },
        {"in": "coupler,in0", "out": "coupler,out0", "tap": "tap,out1"},
    )
    light = CARRIER + np.linspace(-1e7, 1e7, 201)
    delay = Fiber(length=10.0).delay
    bend = Fiber().group_velocity_dispersion * 10.0
    omega = 2 * np.pi * (light - CARRIER)
    amplitude = 10 ** (-0.5 / 20) * np.sqrt(0.99)
    through, inside = recirculating_loop(
        omega * delay + bend * omega**2 / 2, np.sqrt(0.8), amplitude
    )
    scattering = built.scattering(frequency=light)
    # 2e14 Hz round to 0.03 Hz, which turns 50 ns by 1e-8 rad.
    np.testing.assert_allclose(scattering[:, 1, 0], through, rtol=1e-8)
    np.testing.assert_allclose(np.abs(scattering[:, 2, 0]) ** 2, 0.01 * inside, rtol=1e-8)


def test_parts_of_an_interferometer():
    built = circuit(
        {
            "phi": part("phase_shifter", phase=0.4),
            "first": part("coupler", error_angle=0.05),
            "theta": part("phase_shifter", phase=1.1),
            "second": part("coupler", error_angle=-0.02),
        },
        {
            "phi,out0": "first,in0",
            "first,out0": "theta,in0",
            "theta,out0": "second,in0",
            "first,out1": "second,in1",
        },
        {"in0": "phi,in0", "in1": "first,in1", "out0": "second,out0", "out1": "second,out1"},
    )
    scattering = built.scattering(1.55e-6)[0]
    expected = mach_zehnder_matrix(1.1, 0.4, 0.05, -0.02)
    np.testing.assert_allclose(scattering[2:, :2], expected, rtol=1e-13)
    np.testing.assert_allclose(scattering[:2, 2:], expected.T, rtol=1e-13)


def chain_of_rings(n):
    couplings = 0.95 - 0.4 * np.random.default_rng(0).random(n + 1)
    half = {"length": 50e-6, "propagation_loss_db": 500.0}
    instances, connections = {}, {}
    for i, r in enumerate(couplings.tolist()):
        instances[f"c{i}"] = part("coupler", power_ratio=1 - r**2)
    for i in range(n):
        instances |= {f"{side}{i}": part("waveguide", **half) for side in ("up", "down")}
        connections |= {
            f"c{i},out1": f"up{i},in0",
            f"up{i},out0": f"c{i + 1},in0",
            f"c{i + 1},out0": f"down{i},in0",
            f"down{i},out0": f"c{i},in1",
        }
    ports = {"in": "c0,in0", "through": "c0,out0", "drop": f"c{n},out1", "add": f"c{n},in1"}
    return circuit(instances, connections, ports), couplings


def test_a_thousand_components_in_a_chain_of_rings():
    built, couplings = chain_of_rings(333)
    guide = Waveguide(length=100e-6, propagation_loss_db=500.0)
    phase = 2 * np.pi * (LIGHT - CARRIER) * guide.delay
    expected = [
        naive.coupled_rings_through(turn, guide.transmission, couplings.tolist()) for turn in phase
    ]
    assert len(built.components) == 1000
    scattering = built.scattering(frequency=LIGHT)
    # Each ring adds its rounding; resonances within the band amplify it by their finesse.
    np.testing.assert_allclose(scattering[:, 1, 0], expected, atol=1e-11)
    # Without feedback among many, nothing but the paths is stored.
    assert built._system.elimination.n_operations < 20_000


# By hand


def test_a_row_multiplies():
    settings = [{"phase": 0.3}, {"phase": -1.0, "insertion_loss_db": 0.5}, {"phase": 2.0}]
    built = circuit(
        {f"s{i}": part("phase_shifter", **it) for i, it in enumerate(settings)},
        {"s0,out0": "s1,in0", "s1,out0": "s2,in0"},
        {"a": "s0,in0", "b": "s2,out0"},
    )
    expected = np.exp(1.3j) * 10 ** (-0.5 / 20)
    np.testing.assert_allclose(built.scattering(1.55e-6)[0, 1, 0], expected, rtol=1e-14)


def test_two_reflecting_parts_make_redheffers_star_product():
    first, second = {"reflectivity": 0.3, "loss_db": 0.2}, {"reflectivity": 0.6}
    built = circuit(
        {"a": part("mirror", **first), "b": part("mirror", **second)},
        {"a,out0": "b,in0"},
        {"in": "a,in0", "out": "b,out0"},
    )
    a, b = (built.components[name].scattering(LIGHT[:1])[0] for name in "ab")
    bounce = 1 / (1 - a[1, 1] * b[0, 0])
    expected = [
        [a[0, 0] + a[0, 1] * b[0, 0] * bounce * a[1, 0], a[0, 1] * bounce * b[0, 1]],
        [b[1, 0] * bounce * a[1, 0], b[1, 1] + b[1, 0] * a[1, 1] * bounce * b[0, 1]],
    ]
    np.testing.assert_allclose(built.scattering(frequency=LIGHT[:1])[0], expected, rtol=1e-14)


def test_ports_straight_through_and_open_ports():
    built = circuit(
        {"a": part("coupler"), "b": part("terminator")},
        {"a,out1": "b,in0"},
        {"in": "a,in0", "out": "a,out0"},
    )
    # in1 is open: matched, so half of what comes in at `out` is gone.
    matrix = built.scattering(1.55e-6)[0]
    np.testing.assert_allclose(matrix, [[0, np.sqrt(0.5)], [np.sqrt(0.5), 0]], atol=1e-15)
    np.testing.assert_allclose(built.power_balance(1.55e-6), [[0.5, 0.5]], rtol=1e-14)


# All waves at once


@pytest.mark.parametrize("seed", range(25))
def test_random_wirings_against_all_waves(seed):
    built = Circuit(random_netlist(seed, n=4 + seed))
    light = LIGHT[::8]
    expected = naive_scattering(built, light)
    # Resonances amplify rounding by their finesse, some hundreds.
    np.testing.assert_allclose(
        built.scattering(frequency=light), expected, atol=1e-11 * max(1, np.max(np.abs(expected)))
    )


@pytest.mark.parametrize("seed", range(8))
def test_lossless_wirings_keep_the_power(seed):
    built = Circuit(random_netlist(seed, 12, LOSSLESS, open_share=0.0))
    scattering = built.scattering(frequency=LIGHT)
    product = scattering.conj().swapaxes(1, 2) @ scattering
    np.testing.assert_allclose(product, [np.eye(len(built.ports))] * 41, atol=1e-10)
    np.testing.assert_allclose(built.power_balance(frequency=LIGHT), 0.0, atol=1e-10)


@pytest.mark.parametrize("seed", range(5))
def test_wirings_without_a_direction_are_reciprocal(seed):
    kinds = {name: it for name, it in ALL.items() if name not in ("circulator", "isolator")}
    scattering = Circuit(random_netlist(seed, 12, kinds)).scattering(frequency=LIGHT)
    np.testing.assert_allclose(scattering, scattering.swapaxes(1, 2), atol=1e-11)


def test_wavelengths_or_frequencies():
    built = ring_circuit()
    wavelengths = np.array([1.5501e-6, 1.5499e-6])
    np.testing.assert_array_equal(
        built.scattering(wavelengths), built.scattering(frequency=speed_of_light / wavelengths)
    )
    assert built.scattering(1.55e-6).shape == (1, 2, 2)


def test_chunks_change_nothing(monkeypatch):
    built = ring_circuit(propagation_loss_db=3e3)
    whole = built.scattering(frequency=LIGHT)
    weights = np.exp(1j * np.arange(whole.size)).reshape(whole.shape)
    gradients = built.gradients(weights, frequency=LIGHT)
    monkeypatch.setattr(circuit_system, "_CHUNK_ENTRIES", 10)
    np.testing.assert_array_equal(built.scattering(frequency=LIGHT), whole)
    pieces = built.gradients(weights, frequency=LIGHT)
    for instance, of in gradients.items():
        for name, value in of.items():
            assert pieces[instance][name] == pytest.approx(value, rel=1e-10)


# Gradients


def loss_and_cotangent(scattering):
    """A real loss that weighs every entry, real and imaginary parts apart, and its ∂L/∂S."""
    rng = np.random.default_rng(5)
    u, v = rng.normal(size=(2, *scattering.shape))
    loss = np.sum(u * scattering.real**2 + v * scattering.imag * scattering.real)
    x, y = scattering.real, scattering.imag
    return loss, 2 * u * x + v * y + 1j * v * x


@pytest.mark.parametrize("seed", range(6))
def test_gradients_by_differences(seed):
    built = Circuit(random_netlist(seed, 8))
    light = LIGHT[::10]
    gradients = built.gradients(
        loss_and_cotangent(built.scattering(frequency=light))[1], frequency=light
    )
    scale = {}
    for instance, component in built.components.items():
        for name, slope in component.derivatives(light).items():
            scale[instance, name] = np.max(np.abs(slope))
    assert {(i, n) for i, of in gradients.items() for n in of} == set(scale)
    for (instance, name), size in scale.items():
        value = built.parameters[instance][name]
        if size == 0 or not np.isfinite(value) or value in (0, 1):
            continue  # zero slopes and ends of ranges are held component by component
        step = min(2e-6 / size, abs(value) / 2)
        above, below = value + step, value - step
        upper, lower = (
            loss_and_cotangent(
                built.with_parameters({instance: {name: v}}).scattering(frequency=light)
            )[0]
            for v in (above, below)
        )
        expected = (upper - lower) / (above - below)
        # Rounding of the loss, some 1e-14, in a step of 1e-6 and amplified by the resonances.
        assert gradients[instance][name] == pytest.approx(expected, rel=1e-5, abs=1e-6 * size)


@pytest.mark.parametrize("seed", [1, 4])
def test_pivoted_solutions_are_the_same(seed, monkeypatch):
    built = Circuit(random_netlist(seed, 10))
    scattering = built.scattering(frequency=LIGHT)
    cotangent = loss_and_cotangent(scattering)[1]
    gradients = built.gradients(cotangent, frequency=LIGHT)
    doubtful = [np.arange(41), np.arange(0, 41, 3)]
    for some in doubtful:
        monkeypatch.setattr(circuit_system._Health, "doubtful", lambda self, some=some: some)
        np.testing.assert_allclose(built.scattering(frequency=LIGHT), scattering, atol=1e-12)
        again = built.gradients(cotangent, frequency=LIGHT)
        for instance, of in gradients.items():
            for name, value in of.items():
                size = max(abs(it) for it in gradients[instance].values()) if of else 0.0
                assert again[instance][name] == pytest.approx(value, rel=1e-8, abs=1e-9 * size)


def test_gradients_of_a_memoryless_circuit_add_up_over_wavelengths():
    built = circuit({"c": part("coupler", power_ratio=0.3)}, {}, {"in": "c,in0", "out": "c,out1"})
    g = np.zeros((3, 2, 2), dtype=complex)
    g[:, 1, 0] = [1j, 2j, -0.5j]
    gradients = built.gradients(g, [1.5e-6, 1.55e-6, 1.6e-6])["c"]
    # S = i √x: dL = Re(conj(2.5i) · i/(2√x)) dx.
    assert gradients["power_ratio"] == pytest.approx(2.5 / (2 * np.sqrt(0.3)))
    assert gradients["insertion_loss_db"] == pytest.approx(-2.5 * np.sqrt(0.3) * np.log(10) / 20)


def test_other_parameters_keep_the_plan():
    built = ring_circuit()
    other = built.with_parameters({"loop": {"length": 210e-6}, "coupler": {"power_ratio": 0.1}})
    assert other._system.elimination is built._system.elimination
    expected = ring_circuit(np.sqrt(0.9), 210e-6).scattering(frequency=LIGHT)
    np.testing.assert_allclose(other.scattering(frequency=LIGHT), expected, atol=1e-14)
    assert built.parameters["loop"]["length"] == 200e-6
    assert other.netlist.instances["loop"].settings["length"] == 210e-6


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_parameters_may_take_entries_away(share):
    # A coupler that is a crossing, or two guides, has fewer entries.
    changed = ring_circuit().with_parameters({"coupler": {"power_ratio": share}})
    expected = naive_scattering(crossing_of(changed), LIGHT)
    np.testing.assert_allclose(changed.scattering(frequency=LIGHT), expected, atol=1e-13)


def crossing_of(built):
    """The same circuit with the house's names of ports, as the oracle takes them."""
    aliases = {"o1": "in0", "o2": "in1", "o3": "out1", "o4": "out0"}
    two = {"o1": "in0", "o2": "out0"}

    def house(where):
        return where[0], (two if where[0] == "loop" else aliases)[where[1]]

    connections = tuple((house(a), house(b)) for a, b in built.netlist.connections)
    ports = {name: house(where) for name, where in built.netlist.ports.items()}
    return Circuit(dataclasses.replace(built.netlist, connections=connections, ports=ports))


# Delay


def test_group_delay_of_a_fibre_and_of_a_ring():
    fibre = circuit({"f": part("fiber", length=2.0)}, {}, {"in": "f,in0", "out": "f,out0"})
    np.testing.assert_allclose(
        fibre.group_delay("out", "in", 1.55e-6), 2.0 * 1.4682 / speed_of_light, rtol=1e-10
    )
    fields = {"length": 200e-6, "group_index": 4.2, "propagation_loss_db": 3e3}
    device = AllPassRing(self_coupling=0.9, resonance_wavelength=1.55e-6, **fields)
    delay = ring_circuit(0.9, **fields).group_delay("out", "in", frequency=LIGHT)
    np.testing.assert_allclose(delay, device.group_delay(LIGHT), rtol=1e-9)


def test_no_delay_where_nothing_passes():
    built = circuit(
        {"i": part("isolator"), "w": part("waveguide")},
        {"i,out0": "w,in0"},
        {"in": "i,in0", "out": "w,out0"},
    )
    assert np.isnan(built.group_delay("in", "out", 1.55e-6)).all()


# Light that is caught


def caught(loss):
    guide = {"propagation_loss_db": loss, "length": 100e-6}
    return circuit(
        {
            "a": part("waveguide", **guide),
            "b": part("waveguide", **guide),
            "c": part("waveguide"),
        },
        {"a,out0": "b,in0", "b,out0": "a,in0"},
        {"in": "c,in0", "out": "c,out0"},
    )


def test_a_closed_loop_without_loss_has_no_steady_state_on_resonance():
    with pytest.raises(
        CircuitError, match=r"resonance without loss at 1.93414489e\+14 Hz .* '[ab]'"
    ):
        caught(0.0).scattering(1.55e-6)
    off = caught(0.0).scattering(1.5503e-6)
    np.testing.assert_allclose(np.abs(off[0, 1, 0]), Waveguide().transmission, rtol=1e-13)
    lossy = caught(1.0).scattering(1.55e-6)
    np.testing.assert_allclose(np.abs(lossy[0, 1, 0]), Waveguide().transmission, rtol=1e-13)


def test_a_coupler_that_couples_nothing_catches_light_too():
    built = circuit(
        {"c": part("coupler", power_ratio=0.0)},
        {"c,out1": "c,in1"},
        {"in": "c,in0", "out": "c,out0"},
    )
    with pytest.raises(CircuitError, match=r"resonance without loss .* instance 'c'"):
        built.scattering(1.55e-6)


def test_gain_that_makes_up_for_the_loss_is_a_laser():
    def loop(gain_db):
        return circuit(
            {
                "c": part("coupler", power_ratio=0.5),
                "g": part("amplifier", kind="edfa", small_signal_gain_db=gain_db),
            },
            {"c,out1": "g,in0", "g,out0": "c,in1"},
            {"in": "c,in0", "out": "c,out0"},
        )

    threshold = 10 * np.log10(2.0)
    with pytest.raises(CircuitError, match="resonance without loss"):
        loop(threshold).scattering(1.55e-6)
    with pytest.raises(CircuitError, match="resonance without loss"):
        loop(threshold).gradients(np.ones((1, 2, 2)), 1.55e-6)
    r, g = np.sqrt(0.5), 10 ** (2.9 / 20)
    np.testing.assert_allclose(
        loop(2.9).scattering(1.55e-6)[0, 1, 0], (r - g) / (1 - r * g), rtol=1e-11
    )


def test_a_part_at_its_threshold_inside_a_circuit_that_is_not():
    # Two mirrors with gain between them stand at threshold, 1 − r² g² = 0, but for the path
    # through the outer coupler: only pivoting solves that for every order.
    gain_db = 10 * np.log10(2.0)
    built = circuit(
        {
            "left": part("mirror", reflectivity=0.5),
            "gain": part("amplifier", small_signal_gain_db=gain_db, linewidth_enhancement=0.0),
            "right": part("mirror", reflectivity=0.5),
            "back": part("phase_shifter", phase=0.7, insertion_loss_db=1.0),
            "out": part("coupler", power_ratio=0.3),
        },
        {
            "left,out0": "gain,in0",
            "gain,out0": "right,in0",
            "right,out0": "out,in0",
            "out,out1": "back,in0",
            "back,out0": "left,in0",
        },
        {"in": "out,in1", "out": "out,out0"},
    )
    expected = naive_scattering(built, LIGHT[:1])
    np.testing.assert_allclose(built.scattering(frequency=LIGHT[:1]), expected, rtol=1e-11)


# Errors


def test_a_users_own_model():
    def one_way(*, share):
        return Memoryless(("a", "b"), np.array([[0, 0], [np.sqrt(share), 0]], dtype=complex))

    model = Model(one_way)
    built = circuit(
        {"mine": part("mine", share=0.25), "w": part("waveguide")},
        {"mine,b": "w,in0"},
        {"in": "mine,a", "out": "w,out0"},
        models={"mine": model},
    )
    power = np.abs(built.scattering(1.55e-6)[0, 1, 0]) ** 2
    assert power == pytest.approx(0.25 * Waveguide().transmission ** 2)
    with pytest.raises(CircuitError, match="there is no component 'mine'"):
        Circuit(built.netlist)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"ports": {}}, r"netlist: the circuit has no ports \(no light"),
        ({"ports": {"in": "c,left"}}, r"instance 'c' has no port 'left', which the circuit's port"),
        (
            {"connections": {"c,o9": "w,in0"}},
            r"instance 'c' has no port 'o9', which the connection of 'c,o9' and 'w,in0' names",
        ),
        (
            {"connections": {"c,o1": "w,in0"}},
            r"port 'in0' of instance 'c' is used twice, by the connection of 'c,in0' and 'w,in0'",
        ),
    ],
)
def test_errors_of_wiring(change, match):
    given = {
        "instances": {"c": part("coupler"), "w": part("waveguide")},
        "connections": {},
        "ports": {"in": "c,in0"},
    }
    with pytest.raises(CircuitError, match=match):
        circuit(**(given | change))


@pytest.mark.parametrize(
    ("first", "second", "match"),
    [
        ("photodetector,out0", "photodetector,out0", "'a,out0' and 'b,out0' joins two outputs"),
        ("laser,out0", "laser,out0", "joins two outputs"),
        ("mixer,out0", "electrical_source,out0", "joins two outputs"),
        ("modulator,drive", "switch,control", "'a,drive' and 'b,control' joins two inputs"),
        ("isolator,in0", "photodetector,in0", "joins two inputs"),
        ("low_pass,in0", "nonlinearity,in0", "joins two inputs"),
        # What goes both ways, or ends the light, may lie on either side.
        ("coupler,in0", "semiconductor_amplifier,in0", None),
        ("isolator,in0", "terminator,in0", None),
        ("laser,out0", "terminator,in0", None),
        ("modulator,in0", "modulator,in0", None),
        ("cable,out0", "adder,in0", None),
    ],
)
def test_two_inputs_or_two_outputs_are_not_joined(first, second, match):
    (a, port_a), (b, port_b) = place(first), place(second)
    given = (
        {"a": part(a), "b": part(b), "w": part("waveguide")},
        {f"a,{port_a}": f"b,{port_b}"},
        {"in": "w,in0", "out": "w,out0"},
    )
    if match is None:
        assert circuit(*given).ports == ("in", "out")
        return
    with pytest.raises(CircuitError, match=match):
        circuit(*given)


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda it: it.scattering(), "give either wavelength"),
        (lambda it: it.scattering(1.55e-6, frequency=CARRIER), "give either wavelength"),
        (lambda it: it.scattering(-1.0), "wavelength must be > 0"),
        (lambda it: it.scattering([1.5e-6, 1.55]), r"< 0.001 m \(light\); got 1.55\. For 1.55 µm"),
        (
            lambda it: it.scattering(np.full((2, 2), 1e-6)),
            r"one list; got an array of shape \(2, 2\)",
        ),
        (lambda it: it.gradients(np.ones((2, 2)), 1.55e-6), r"shape \(1, 2, 2\) of the scattering"),
        (lambda it: it.group_delay("ot", "in", 1.55e-6), "no port 'ot'. Near: 'out'"),
        (lambda it: it.with_parameters({"lop": {}}), "there is no instance 'lop'. Near: 'loop'"),
        (
            lambda it: it.with_parameters({"loop": {"lenght": 1.0}}),
            "instance 'loop' has no parameter 'lenght'. Near: 'length'",
        ),
        (lambda it: it.with_parameters({"loop": {"length": -1.0}}), r"'loop' \(straight\): length"),
    ],
)
def test_errors_of_calls(call, match):
    with pytest.raises(ValueError, match=match):
        call(ring_circuit())


def test_compositions_fall_apart_into_parts():
    built = circuit({"r": part("add_drop_ring")}, {}, {"in": "r,in", "out": "r,through"})
    assert isinstance(built.components["r"], Composition)
    assert [it.name for it in built.layout.parts] == ["near", "far", "up", "down"]
    assert {it.instance for it in built.layout.parts} == {"r"}


@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_composition_may_change_its_parts_with_a_parameter(n):
    def line_of_shifters(*, count):
        shifter = build_component("s", "phase_shifter", {"phase": 0.5})
        if count == 1:
            return dataclasses.replace(shifter, ports=("a", "b"))
        names = [f"s{i}" for i in range(int(count))]
        return Composition(
            ports=("a", "b"),
            parts=dict.fromkeys(names, shifter),
            connections=tuple((f"{a},out0", f"{b},in0") for a, b in pairwise(names)),
            exposed=(f"{names[0]},in0", f"{names[-1]},out0"),
            parameters={"count": float(count)},
        )

    built = circuit(
        {"row": part("row", count=2)},
        {},
        {"in": "row,a", "out": "row,b"},
        models={"row": Model(line_of_shifters)},
    )
    changed = built.with_parameters({"row": {"count": n}})
    np.testing.assert_allclose(changed.scattering(1.55e-6)[0, 1, 0], np.exp(0.5j * n), rtol=1e-14)
    assert len(changed.layout.parts) == n


class Closed(Component):
    """A component that hides what it is made of, as measured S-parameters do."""

    def __init__(self, inside):
        self.inside, self.ports, self.parameters = inside, inside.ports, inside.parameters

    def scattering(self, frequency):
        return self.inside.scattering(frequency)

    def derivatives(self, frequency):
        return self.inside.derivatives(frequency)

    def dispersion(self, frequency):
        return self.inside.dispersion(frequency)


def test_components_of_a_users_own_kind():
    def hidden(**settings):
        return Closed(build_component("r", "add_drop_ring", settings))

    def with_ring(name):
        return circuit(
            {
                "ring": part(name, input_self_coupling=0.9),
                "loop": part("waveguide", length=1e-4, effective_index=2.4),
            },
            {"ring,drop": "loop,in0", "loop,out0": "ring,add"},
            {"in": "ring,in", "out": "ring,through"},
            models={"hidden": Model(hidden)},
        )

    opened, closed = with_ring("add_drop_ring"), with_ring("hidden")
    scattering = closed.scattering(frequency=LIGHT)
    np.testing.assert_allclose(scattering, opened.scattering(frequency=LIGHT), atol=1e-13)
    np.testing.assert_allclose(
        closed.group_delay("out", "in", frequency=LIGHT),
        opened.group_delay("out", "in", frequency=LIGHT),
        rtol=1e-9,
    )
    cotangent = loss_and_cotangent(scattering)[1]
    expected = opened.gradients(cotangent, frequency=LIGHT)
    for instance, of in closed.gradients(cotangent, frequency=LIGHT).items():
        for name, value in of.items():
            assert value == pytest.approx(expected[instance][name], rel=1e-9, abs=1e-30)
    retuned = {"ring": {"tuning": 1e10}}
    np.testing.assert_allclose(
        closed.with_parameters(retuned).scattering(frequency=LIGHT),
        opened.with_parameters(retuned).scattering(frequency=LIGHT),
        atol=1e-13,
    )


def test_sax_form_gives_the_same_circuit():
    built = ring_circuit().with_parameters({"loop": {"length": 150e-6}})
    again = Circuit(load_netlist(built.to_netlist()))
    np.testing.assert_array_equal(
        again.scattering(frequency=LIGHT), built.scattering(frequency=LIGHT)
    )
