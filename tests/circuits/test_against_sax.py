"""Circuits against SAX: random netlists with feedback, and the examples of its documentation."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import sax
from scipy.constants import c as speed_of_light

from circuits import Circuit, Composition, Line, Memoryless
from circuits.component_lines import waveguide
from circuits.components import Model
from circuits.lumerical_file import read_lumerical, write_lumerical
from circuits.netlist_loading import load_netlist
from circuits.s_parameters import SParameters
from tests.circuits import sax_models
from tests.circuits.random_netlists import ALL, random_netlist
from tests.circuits.sax_models import constant

jax.config.update("jax_enable_x64", True)

WAVELENGTHS = np.array([1.5412, 1.5483, 1.55, 1.5507, 1.5593])  # µm, as SAX has them
ATOL = 1e-9  # the phases of some hundred rad are rounded differently: 1e-12 is seen


def assert_agrees(built, theirs, wavelengths=WAVELENGTHS):
    """Hold all of S against a dictionary by (in, out), which leaves out what is zero."""
    ours = built.scattering(wavelengths * 1e-6)
    assert {port for pair in theirs for port in pair} <= set(built.ports)
    for o, output in enumerate(built.ports):
        for i, into in enumerate(built.ports):
            expected = np.broadcast_to(theirs.get((into, output), 0.0), len(wavelengths))
            np.testing.assert_allclose(ours[:, o, i], expected, rtol=0, atol=ATOL)
    assert np.max(np.abs(ours)) > 1e-3


def by_sax(netlist, models, wavelengths=WAVELENGTHS):
    """Scattering by the backend that takes every netlist, and compiles little for each.

    The other one, KLU, lists a place of the diagonal of I − C S twice where a component is joined
    to itself, and then fails.
    """
    whole = {name: sax_models.complete(model) for name, model in models.items()}
    circuit, _ = sax.circuit(netlist, whole, backend="filipsson_gunnar")
    return circuit(wl=wavelengths)


# Random netlists, every one with feedback


def random_circuit(seed):
    netlist = random_netlist(seed, 4 + seed, ALL, open_share=0.1 * (seed % 2))
    built = Circuit(netlist)
    assert np.any(built._system.elimination.pivots >= 0)  # somewhere light comes back
    return built


@pytest.mark.parametrize("seed", range(24))
def test_random_netlists(seed):
    built = random_circuit(seed)
    assert_agrees(built, by_sax(built.to_netlist(), sax_models.MODELS))


def test_a_random_netlist_by_sparse_matrices():
    built = random_circuit(20)
    circuit, _ = sax.circuit(built.to_netlist(), sax_models.MODELS, backend="klu")
    assert_agrees(built, circuit(wl=WAVELENGTHS))


def test_the_random_netlists_have_every_component():
    netlists = [random_netlist(seed, 4 + seed, ALL) for seed in range(24)]
    assert {it.component for net in netlists for it in net.instances.values()} == set(ALL)


# The examples of SAX's documentation, on SAX's own models


def ours(netlist):
    """A netlist with the settings of SAX's models written as ours, in all of its cells."""
    if "instances" not in netlist:
        return {cell: ours(it) for cell, it in netlist.items()}
    written = {}
    for name, instance in netlist["instances"].items():
        given = {"component": instance} if isinstance(instance, str) else instance
        settings = TRANSLATED.get(given["component"], dict)(**given.get("settings", {}))
        written[name] = {"component": given["component"], "settings": settings}
    return netlist | {"instances": written}


def coupler_settings(coupling=0.5):
    return {"power_ratio": coupling}


def straight_settings(length=10.0, neff=2.34, ng=3.4, loss_dB_cm=0.0, wl0=1.55):
    """µm and dB/cm become m and dB/m; both say n L/λ₀ of phase and n_g L/c of delay."""
    return {
        "length": length * 1e-6,
        "effective_index": neff,
        "group_index": ng,
        "propagation_loss_db": 100 * loss_dB_cm,
        "wavelength": wl0 * 1e-6,
    }


TRANSLATED = {"coupler": coupler_settings, "straight": straight_settings}
THEIRS = {
    "coupler": sax.models.coupler_ideal,
    "straight": sax.models.straight,
    "mmi1x2": sax.models.mmi1x2_ideal,
}

MZI = {
    "instances": {
        "lft": {"component": "coupler", "settings": {"coupling": 0.3}},
        "top": {"component": "straight", "settings": {"length": 25.0}},
        "btm": {"component": "straight", "settings": {"length": 15.0}},
        "rgt": "coupler",
    },
    "connections": {
        "lft,out0": "btm,in0",
        "btm,out0": "rgt,in0",
        "lft,out1": "top,in0",
        "top,out0": "rgt,in1",
    },
    "ports": {
        "in0": "lft,in0",
        "in1": "lft,in1",
        "out0": "rgt,out0",
        "out1": "rgt,out1",
    },
}

ALL_PASS = {
    "instances": {
        "dc": {"component": "coupler", "settings": {"coupling": 0.5}},
        "top": {"component": "straight", "settings": {"length": 10.0, "loss_dB_cm": 1000.0}},
    },
    "connections": {"dc,out1": "top,in0", "top,out0": "dc,in1"},
    "ports": {"in0": "dc,in0", "out0": "dc,out0"},
}

ADD_DROP = {
    "instances": {
        "near": {"component": "coupler", "settings": {"coupling": 0.2}},
        "far": {"component": "coupler", "settings": {"coupling": 0.1}},
        "up": {"component": "straight", "settings": {"length": 30.0, "loss_dB_cm": 20.0}},
        "down": {"component": "straight", "settings": {"length": 40.0, "wl0": 1.545}},
    },
    "connections": {
        "near,out1": "up,in0",
        "up,out0": "far,in1",
        "far,out1": "down,in0",
        "down,out0": "near,in1",
    },
    "ports": {"in": "near,in0", "through": "near,out0", "add": "far,in0", "drop": "far,out0"},
}

HIERARCHY = {
    "top_level": {
        "instances": {"top_lft": "top_lft", "btm_rgt": "btm_rgt"},
        "connections": {"top_lft,out0": "btm_rgt,in0", "top_lft,out1": "btm_rgt,in1"},
        "ports": {
            "in0": "top_lft,in0",
            "in1": "top_lft,in1",
            "out0": "btm_rgt,out0",
            "out1": "btm_rgt,out1",
        },
    },
    "top_lft": {
        "instances": {
            "lft": "coupler",
            "top": {"component": "straight", "settings": {"length": 20.0}},
        },
        "connections": {"lft,out1": "top,in0"},
        "ports": {"in0": "lft,in0", "in1": "lft,in1", "out0": "lft,out0", "out1": "top,out0"},
    },
    "btm_rgt": {
        "instances": {"btm": "straight", "rgt": "coupler"},
        "connections": {"btm,out0": "rgt,in0"},
        "ports": {"in0": "btm,in0", "in1": "rgt,in1", "out0": "rgt,out0", "out1": "rgt,out1"},
    },
}

SPLITTERS = {
    "instances": {
        "left": "mmi1x2",
        "right": "mmi1x2",
        "long": {"component": "straight", "settings": {"length": 30.0}},
        "short": "straight",
    },
    "connections": {
        "left,out0": "short,in0",
        "left,out1": "long,in0",
        "short,out0": "right,out0",
        "long,out0": "right,out1",
    },
    "ports": {"in": "left,in0", "out": "right,in0"},
}


@pytest.mark.parametrize(
    "netlist",
    [MZI, SPLITTERS, ALL_PASS, ADD_DROP, HIERARCHY],
    ids=["mzi", "splitters", "all_pass", "add_drop", "cells"],
)
def test_examples(netlist):
    assert_agrees(Circuit(load_netlist(ours(netlist))), by_sax(netlist, THEIRS))


def test_gradients_are_those_of_its_tracing():
    """Of the power that crosses the interferometer, by every setting of both."""
    built = Circuit(load_netlist(ours(MZI)))
    scattering = built.scattering(WAVELENGTHS * 1e-6)
    cotangent = np.zeros_like(scattering)
    cotangent[:, 3, 0] = 2 * scattering[:, 3, 0]
    found = built.gradients(cotangent, WAVELENGTHS * 1e-6)
    circuit, _ = sax.circuit(MZI, THEIRS, backend="klu")

    def crossing(settings):
        return jnp.sum(jnp.abs(circuit(wl=WAVELENGTHS, **settings)["in0", "out1"]) ** 2)

    arm = {"neff": 2.34, "ng": 3.4, "loss_dB_cm": 0.0}
    expected = jax.jit(jax.grad(crossing))(
        {
            "lft": {"coupling": 0.3},
            "rgt": {"coupling": 0.5},
            "top": arm | {"length": 25.0},
            "btm": arm | {"length": 15.0},
        }
    )
    units = {
        "coupling": ("power_ratio", 1.0),
        "neff": ("effective_index", 1.0),
        "ng": ("group_index", 1.0),
        "loss_dB_cm": ("propagation_loss_db", 100.0),
        "length": ("length", 1e-6),
    }
    for instance, slopes in expected.items():
        for name, slope in slopes.items():
            name, unit = units[name]
            np.testing.assert_allclose(found[instance][name] * unit, slope, rtol=1e-9, atol=1e-12)


# Examples with components of the user's own


def test_the_thin_film():
    """A film of index 2 in air, 0.5 µm thick, in visible light."""
    visible = np.array([0.38, 0.45, 0.5, 0.61, 0.75])
    air, film = 1.0, 2.0
    back, total = (air - film) / (air + film), air + film
    # Fields, not normalised to power: what passes differs with the direction.
    into = {("in", "in"): back, ("in", "out"): 2 * air / total}
    into |= {("out", "in"): 2 * film / total, ("out", "out"): -back}
    swapped = {"in": "out", "out": "in"}
    out_of = {(swapped[a], swapped[b]): value for (a, b), value in into.items()}
    netlist = {
        "instances": {"front": "front", "film": "film", "back": "back"},
        "connections": {"front,out": "film,in", "film,out": "back,in"},
        "ports": {"in": "front,in", "out": "back,out"},
    }

    def layer(wl=0.5):
        return sax.reciprocal({("in", "out"): np.exp(2j * np.pi * film * 0.5 / wl)})

    theirs = {
        "front": lambda wl=0.5: constant(wl, into),
        "film": layer,
        "back": lambda wl=0.5: constant(wl, out_of),
    }
    phase, delay = 2 * np.pi * film * 0.5e-6 / 0.5e-6, film * 0.5e-6 / speed_of_light
    line = Line(("in", "out"), 0.0, phase, delay, 0.0, speed_of_light / 0.5e-6)
    built = Circuit(
        load_netlist(netlist),
        models={
            "front": Model(lambda: memoryless(into)),
            "film": Model(lambda: line),
            "back": Model(lambda: memoryless(out_of)),
        },
    )
    assert_agrees(built, by_sax(netlist, theirs, visible), visible)


def test_the_interferometer_of_two_modes():
    """What is joined for SAX by ports is joined here mode by mode."""
    modes = ("TE", "TM")
    coupled = {(a, b): 0.45 if a == b else 0.01 for a in modes for b in modes}
    coupling = {
        (f"in{i}@{a}", f"out{o}@{b}"): share**0.5 * (1 if i == o else 1j)
        for (a, b), share in coupled.items()
        for i in range(2)
        for o in range(2)
    }
    mixed = {(a, b): 0.05 for a in modes for b in modes} | {("TE", "TE"): 0.95, ("TM", "TM"): 0.85}
    mixing = {(f"in0@{a}", f"out0@{b}"): value for (a, b), value in mixed.items()}

    def coupler(wl=1.55):
        return sax.reciprocal(constant(wl, coupling))

    def guide(wl=1.55, length=10.0):
        single = sax.models.straight(wl=wl, length=length)["in0", "out0"]
        return sax.reciprocal({pair: value * single for pair, value in mixing.items()})

    theirs = by_sax(MZI, {"coupler": coupler, "straight": guide})

    def own_guide(*, length=10.0):
        parts = {"mix": memoryless(sax.reciprocal(mixing))}
        parts |= {mode: waveguide(**straight_settings(length)) for mode in modes}
        joints = tuple((f"mix,out0@{mode}", f"{mode},in0") for mode in modes)
        exposed = {f"in0@{mode}": f"mix,in0@{mode}" for mode in modes}
        exposed |= {f"out0@{mode}": f"{mode},out0" for mode in modes}
        return Composition(tuple(exposed), parts, joints, tuple(exposed.values()))

    own = {
        "coupler": Model(lambda **_: memoryless(sax.reciprocal(coupling))),
        "straight": Model(own_guide),
    }

    def doubled(pairs):
        return {f"{a}@{mode}": f"{b}@{mode}" for a, b in pairs.items() for mode in modes}

    by_mode = {name: doubled(MZI[name]) for name in ("connections", "ports")}
    assert_agrees(Circuit(load_netlist(MZI | by_mode), models=own), theirs)


def memoryless(entries):
    """A component of constant S from a dictionary by (in, out)."""
    ports = tuple(dict.fromkeys(port for pair in entries for port in pair))
    matrix = np.zeros((len(ports), len(ports)), dtype=complex)
    for (into, out), value in entries.items():
        matrix[ports.index(out), ports.index(into)] = value
    return Memoryless(ports, matrix)


def test_a_file_of_lumerical_reads_alike(tmp_path):
    """One that is neither reciprocal nor lossless: each place, its direction and its sign count."""
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(5, 3, 3)) + 1j * rng.normal(size=(5, 3, 3))
    table = SParameters(
        frequency=np.linspace(193.2e12, 193.6e12, 5), matrix=matrix, ports=("a", "b", "c")
    )
    write_lumerical(table, tmp_path / "part.dat")
    with pytest.warns(sax.ExperimentalWarning):
        theirs = sax.parsers.parse_lumerical_dat(tmp_path / "part.dat")
    ours = read_lumerical(tmp_path / "part.dat")
    for (into, out), rows in theirs.groupby(["port_in", "port_out"]):
        entry = ours.matrix[:, ours.ports.index(out), ours.ports.index(into)]
        np.testing.assert_array_equal(rows["f"], ours.frequency)
        np.testing.assert_allclose(rows["amp"] * np.exp(1j * rows["phi"]), entry, rtol=1e-13)
        np.testing.assert_allclose(entry, matrix[:, "abc".index(out), "abc".index(into)])
    assert len(theirs) == matrix.size
