import tomllib
from pathlib import Path

import pytest

import devices.library
from devices import CurrentSwitch, MirrorArray, Switch
from devices._fields import Device
from devices.library import entries, load_entry, parse_entry

NAMES = [entry.name for entry in entries()]
SWITCHES = [entry.name for entry in entries("switch")]
UNITS = {"", "1", "1/K", "A", "C", "Hz", "J", "K", "S", "V", "W", "bit", "dB", "dB/m", "m", "m²",
         "m³", "m/W", "rad", "s", "Ω"}  # fmt: skip


def test_the_library_has_what_the_machine_is_built_of():
    weights = {entry.name for entry in entries("weights")}
    assert weights >= {"thermo-optic-mesh", "micro-ring-bank", "mtj-crossbar"}
    assert set(SWITCHES) >= {
        "lithium-niobate", "soa-gate", "silicon-mzi", "silicon-mems", "fiber-mems", "dmd",
        "cmos-current",
    }  # fmt: skip
    assert len(NAMES) == len(weights) + len(SWITCHES)


@pytest.mark.parametrize("name", NAMES)
def test_every_number_has_a_unit_and_a_source(name):
    entry = load_entry(name)
    numbers = [*entry.facts.values(), *(v for p in entry.parts.values() for v in p.fields.values())]
    assert numbers
    for number in numbers:
        assert number.unit in UNITS
        assert len(number.source) > 10
        # What a source gives is a citation: a year, a vendor, or the model's own definition.
        cited = any(c.isdigit() for c in number.source) or "Texas" in number.source
        assert number.typical or cited or isinstance(number.value, str)
        if isinstance(number.value, (bool, str)):
            assert number.unit == ""
        else:
            assert number.unit != ""


@pytest.mark.parametrize("name", NAMES)
def test_every_part_is_a_device_with_the_numbers_of_the_file(name):
    entry = load_entry(name)
    text = (Path(devices.library.__file__).parent / f"{name}.toml").read_text(encoding="utf-8")
    for role, table in tomllib.loads(text)["devices"].items():
        device = entry.build(role)
        assert isinstance(device, Device)
        assert type(device).__name__ == table.pop("class")
        for field, number in table.items():
            assert getattr(device, field) == number["value"]


@pytest.mark.parametrize("name", SWITCHES)
def test_every_switch_can_stand_in_a_loop(name):
    switch = load_entry(name).build("switch")
    assert isinstance(switch, Switch)
    assert switch.leakage_amplitudes(4).shape == (4, 4)
    assert switch.guard_time_for(0.01) > 0


def test_switches_are_as_fast_as_their_kind():
    order = ["cmos-current", "lithium-niobate", "soa-gate", "silicon-mzi", "silicon-mems", "dmd",
             "fiber-mems"]  # fmt: skip
    times = [load_entry(name).build("switch").guard_time_for(0.01) for name in order]
    assert times == sorted(times)
    assert isinstance(load_entry("dmd").build(), MirrorArray)
    assert isinstance(load_entry("cmos-current").build(), CurrentSwitch)
    rise = load_entry("silicon-mems").build().rise_time()
    assert rise == pytest.approx(0.91e-6, rel=0.01)  # Seok et al. (2016), τ to two digits


def test_changes_replace_single_fields():
    switch = load_entry("dmd").build(isolation_db=40.0)
    assert switch.isolation_db == 40.0
    assert switch.settling_time == 13e-6


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("dmdd", "no hardware named 'dmdd' in the library. Did you mean dmd?"),
        ("fibre-mems", "Did you mean fiber-mems?"),
        ("zzzzz", "Known: cmos-current, dmd, "),
        ("../__init__", "no hardware named '../__init__'"),
    ],
)
def test_a_wrong_name_is_answered_with_the_nearest(name, message):
    with pytest.raises(ValueError, match=message):
        load_entry(name)


def test_a_part_has_to_be_named_where_there_are_more():
    entry = load_entry("soa-gate")
    with pytest.raises(ValueError, match="has the parts switch, amplifier; name one, got None"):
        entry.build()
    with pytest.raises(ValueError, match="name one, got 'ring'"):
        entry.build("ring")


GOOD = """
title = "t"
kind = "switch"
summary = "s"
[devices.switch]
class = "FiberSwitch"
[devices.switch.isolation_db]
value = 20.0
unit = "dB"
source = "somebody (1999)"
typical = false
"""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('title = "t"', "title = ", "library entry mine: "),
        ('title = "t"', "", "the entry lacks title"),
        ('title = "t"', 'title = "t"\nprice = 3', "has the unknown price"),
        ('kind = "switch"', 'kind = "toaster"', "kind must be one of weights, switch"),
        ('"FiberSwitch"', '"Kettle"', "devices.switch: class must name a device; got 'Kettle'"),
        ('"FiberSwitch"', '"friis_noise_factor"', "class must name a device"),
        ("switch.isolation_db", "switch.isolation", "FiberSwitch has no field isolation; known"),
        ("value = 20.0", "value = -20.0", "For 20 dB of isolation write isolation_db=20"),
        ('source = "somebody (1999)"', "", "devices.switch.isolation_db lacks source"),
        ('source = "somebody (1999)"', 'source = " "', "source must say where"),
        ("typical = false", "typical = 0", "typical must be true or false; got 0"),
    ],
)
def test_an_entry_that_is_not_complete_is_refused(old, new, message):
    assert parse_entry("mine", GOOD).build().isolation_db == 20.0
    with pytest.raises(ValueError, match=message):
        parse_entry("mine", GOOD.replace(old, new))


def test_a_bare_number_is_no_sourced_value():
    text = GOOD + "[facts]\npower = 3.0\n"
    with pytest.raises(ValueError, match="power must be a table of source, typical, unit, value"):
        parse_entry("mine", text)
