"""Tables as components: a circuit with a measured ring is the circuit with the ring."""

import json

import numpy as np
import pytest

from circuits import Circuit, SParameters, load_netlist, read_s_parameters, write_lumerical
from circuits.component_compositions import add_drop_ring
from circuits.components import CircuitError
from circuits.measured_model import measured_model
from circuits.touchstone_file import write_touchstone

LIGHT = np.linspace(193.2e12, 193.6e12, 101)


def netlist(component, settings=None):
    """A ring in a loop: what it drops comes back into it."""
    return load_netlist(
        {
            "instances": {
                "ring": {"component": component, "settings": settings or {}},
                "wire": {"component": "waveguide", "settings": {"length": 1e-4}},
            },
            "connections": {"ring,drop": "wire,in0", "wire,out0": "ring,add"},
            "ports": {"in": "ring,in", "out": "ring,through"},
        }
    )


def ring_table():
    ring = add_drop_ring()
    return SParameters(frequency=LIGHT, matrix=ring.scattering(LIGHT), ports=ring.ports)


def test_a_measured_ring_in_feedback_is_the_ring():
    table = ring_table()
    measured = Circuit(netlist("mine"), models={"mine": measured_model(table)})
    modelled = Circuit(netlist("add_drop_ring"))
    np.testing.assert_allclose(
        measured.scattering(frequency=LIGHT), modelled.scattering(frequency=LIGHT), atol=1e-12
    )
    # The same slope of the parameters beside it; none of its own.
    pick = np.zeros((101, 2, 2), dtype=complex)
    pick[:, 1, 0] = 1.0 - 0.5j
    got, expected = (it.gradients(pick, frequency=LIGHT) for it in (measured, modelled))
    assert got["ring"] == {}
    for name, slope in expected["wire"].items():
        assert got["wire"][name] == pytest.approx(slope, rel=1e-9)


@pytest.mark.parametrize(
    ("name", "write"), [("r.dat", write_lumerical), ("r.s4p", write_touchstone)]
)
def test_a_netlist_names_a_file(tmp_path, name, write):
    write(ring_table(), tmp_path / name)
    assert read_s_parameters(tmp_path / name).ports == add_drop_ring().ports
    circuit = Circuit(netlist("s_parameters", {"file": str(tmp_path / name)}))
    expected = Circuit(netlist("add_drop_ring")).scattering(frequency=LIGHT)
    np.testing.assert_allclose(circuit.scattering(frequency=LIGHT), expected, atol=1e-12)


def test_a_file_may_lie_beside_its_netlist(tmp_path):
    write_lumerical(ring_table(), tmp_path / "r.dat")
    path = tmp_path / "ring.yml"
    settings = {"file": "r.dat"}
    path.write_text(json.dumps(netlist("s_parameters", settings).to_netlist()), encoding="utf-8")
    loaded = load_netlist(path)
    circuit = Circuit(loaded)
    assert circuit.netlist.instances["ring"].settings == settings
    expected = Circuit(netlist("add_drop_ring")).scattering(frequency=LIGHT)
    np.testing.assert_allclose(circuit.scattering(frequency=LIGHT), expected, atol=1e-12)
    (tmp_path / "r.dat").unlink()
    with pytest.raises(
        CircuitError, match=r"instance 'ring' \(s_parameters\): r.dat: No such file"
    ):
        Circuit(loaded)


def test_refused(tmp_path):
    models = {"mine": measured_model(ring_table())}
    with pytest.raises(CircuitError, match="measured S-parameters have no settings; got length"):
        Circuit(netlist("mine", {"length": 1.0}), models=models)
    with pytest.raises(CircuitError, match="S-parameters are read from .dat .*; got .txt"):
        Circuit(netlist("s_parameters", {"file": "a.txt"}))
    with pytest.raises(CircuitError, match="file must be the name of a file"):
        Circuit(netlist("s_parameters", {"file": 3}))
    with pytest.raises(CircuitError, match="file must be the name of a file .*; got ''."):
        Circuit(netlist("s_parameters"))
    with pytest.raises(ValueError, match="known from 1.932e\\+14 Hz"):
        Circuit(netlist("mine"), models=models).scattering(frequency=[190e12])
    assert measured_model(ring_table()).port_aliases["o4"] == "drop"
