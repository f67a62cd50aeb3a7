from dataclasses import dataclass

import numpy as np
import pytest

from devices import MirrorArray
from devices.library import load_entry
from photon_relax.hardware import Hardware
from photon_relax.reports.field_notes import FieldNote, field_notes
from photon_relax.reports.hardware_rows import hardware_rows


@dataclass
class Base:
    width: float = 1.0
    """Width in m. 1 m: a typical width."""
    plain: int = 2


@dataclass
class Derived(Base):
    loss_db: float = 3.0
    """Loss, dB.
    From 0.1 W on it is less; typical."""
    plain: int = 3
    """A plain
    number"""


def test_notes_are_the_docstrings_of_the_fields_and_of_their_bases():
    assert field_notes(Derived) == {
        "width": FieldNote("Width in m.", "1 m: a typical width.", "m"),
        "plain": FieldNote("A plain number", "", ""),
        "loss_db": FieldNote("Loss, dB.", "From 0.1 W on it is less; typical.", "dB"),
    }
    assert field_notes(Base)["plain"] == FieldNote("", "", "")


def _rows(hardware, machine="homodyne", bank="mzi"):
    return {row.name: row for row in hardware_rows(hardware, machine, bank)}


def test_every_value_says_what_it_is_and_where_it_comes_from():
    rows = _rows(Hardware().with_values({"laser.power": 0.02, "order": [0, 1]}))
    assert rows["laser.power"].value == "20 mW"
    assert (rows["laser.power"].origin, rows["laser.power"].source) == ("set", "for this machine")
    bandwidth = rows["modulator.half_wave_voltage"]
    assert (bandwidth.value, bandwidth.origin) == ("3 V", "default")
    assert bandwidth.source == "3 V: lithium niobate, typical."
    assert rows["noise"].value == "yes"
    assert rows["order"].value == "0, 1"
    assert rows["detector.saturation_power"].value == "∞ W"
    assert all(row.meaning for row in rows.values())


def test_hardware_of_the_library_is_recognised_with_its_sources():
    hardware = Hardware().with_values(
        {"switch": {"library": "silicon-mems", "isolation_db": 33.0}, "adc": {"bits": 6}}
    )
    rows = _rows(hardware)
    assert rows["switch.time_constant"].group == "switch: FiberSwitch, silicon-mems of the library"
    sourced = load_entry("silicon-mems").parts["switch"].fields["time_constant"]
    assert rows["switch.time_constant"].source.startswith(sourced.source)
    assert rows["switch.isolation_db"].origin == "set"
    # One value that agrees by chance is no sign of the library.
    lone = Hardware().with_values({"switch.insertion_loss_db": 3.7})
    assert _rows(lone)["switch.insertion_loss_db"].origin == "set"
    assert rows["adc.bits"].value == "6"


def test_an_isolation_of_each_port_is_listed():
    hardware = Hardware().with_values({"switch.isolation_db": [20.0, 25.0]})
    assert _rows(hardware)["switch.isolation_db"].value == "20, 25 dB"
    mirrors = Hardware(switch=MirrorArray(), slot_duration=1e-3)
    assert _rows(mirrors)["switch.load_time"].group == "switch: MirrorArray"


@pytest.mark.parametrize(
    ("machine", "bank", "there", "absent"),
    [
        ("homodyne", "mzi", "mesh.phase_error local_oscillator_power", "rings. crossbar. current_"),
        ("square_law", "dense", "laser.power", "mesh. local_oscillator_power rings."),
        ("intensity", "ring", "rings.ring.length rings.tuning_error", "mesh. local_ crossbar."),
        ("electrical", "crossbar", "crossbar.junction.junctions current_switch.injected_charge",
         "laser. modulator. switch. mesh."),
    ],
)  # fmt: skip
def test_only_what_the_machine_has_is_listed(machine, bank, there, absent):
    rows = _rows(Hardware(), machine, bank)
    assert set(there.split()) <= rows.keys()
    assert not [name for name in rows if name.startswith(tuple(absent.split()))]
    assert np.all([row.value for row in rows.values()])
