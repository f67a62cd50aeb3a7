"""Netlists from files and dictionaries: hierarchy, settings, and what is refused."""

import json

import numpy as np
import pytest

from circuits import Netlist, load_netlist, netlist_loading
from circuits.netlist import Instance
from circuits.plain_data import Budget

COUPLER = Instance(component="coupler", settings={"coupling": 0.5})

MZI = {
    "instances": {
        "lft": {"component": "coupler", "settings": {"coupling": 0.5}},
        "top": {"component": "straight", "settings": {"length": 25.0}},
        "btm": {"component": "straight", "settings": {"length": 15.0}},
        "rgt": {"component": "coupler", "settings": {"coupling": 0.5}},
    },
    "connections": {
        "lft,out0": "btm,in0",
        "btm,out0": "rgt,in0",
        "lft,out1": "top,in0",
        "top,out0": "rgt,in1",
    },
    "ports": {"in0": "lft,in0", "in1": "lft,in1", "out0": "rgt,out0", "out1": "rgt,out1"},
}

PIC = """
name: add_drop
settings:
  radius: 10e-6
  gap: {left: 0.1, right: 0.2}
info: {wavelength: 1.55e-6}
instances:
  ring:
    component: ring
    settings: {radius: "${settings.radius}", coupling: "${settings.gap.right}"}
  on: straight
  mon: {component: straight, array: {columns: 2, rows: 1, column_pitch: 20}}
placements:
  on: {x: ring,o1, dy: 10, mirror: True}
routes:
  optical:
    settings: {layer: [1, 0]}
    links:
      on,o2: ring,o1
      ring,o:2:3: mon<0.0>,o:1:2
ports:
  in: on,o1
  out: ring,o4
"""


@pytest.fixture
def small_budget(monkeypatch):
    """A hundredth of the values, so that what runs away is stopped in milliseconds."""
    monkeypatch.setattr(netlist_loading, "Budget", lambda: Budget(20_000))


@pytest.fixture
def save(tmp_path):
    def write(content, name="ring.pic.yml"):
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return write


def test_a_gdsfactory_file(save):
    assert load_netlist(save(PIC)) == Netlist(
        instances={
            "ring": Instance(component="ring", settings={"radius": 10e-6, "coupling": 0.2}),
            "on": Instance(component="straight"),
            "mon<0.0>": Instance(component="straight"),
            "mon<1.0>": Instance(component="straight"),
        },
        connections=(
            (("on", "o2"), ("ring", "o1")),
            (("ring", "o2"), ("mon<0.0>", "o1")),
            (("ring", "o3"), ("mon<0.0>", "o2")),
        ),
        ports={"in": ("on", "o1"), "out": ("ring", "o4")},
        name="add_drop",
        settings={"radius": 10e-6, "gap": {"left": 0.1, "right": 0.2}},
        info={"wavelength": 1.55e-6},
    )


def test_files_and_dictionaries_are_the_same_netlist(save):
    netlist = load_netlist({"name": "mzi", **MZI})
    assert load_netlist(save(MZI, "mzi.json")) == netlist
    assert load_netlist(str(save(MZI, "mzi.pic.yml"))) == netlist
    assert load_netlist(save({"mzi": MZI}, "x.yaml")) == netlist
    assert load_netlist(MZI).name == ""
    assert netlist.instances["lft"] == COUPLER


def test_a_file_comes_back_through_a_file(save):
    netlist = load_netlist(save(PIC))
    assert load_netlist(save(netlist.to_netlist(), "again.yml")) == netlist
    assert load_netlist(save(netlist.to_netlist(), "again.json")) == netlist


def lattice(**more):
    """Two interferometers in a row, and one in an array inside another cell."""
    return {
        "pair": {
            "instances": {"a": "mzi", "b": {"component": "mzi", **more}},
            "connections": {"a,out0": "b,in0", "b,in1": "a,out1"},
            "ports": {"in": "a,in0", "out": "b,out1"},
        },
        "mzi": MZI,
    }


def test_hierarchy_is_joined_by_dots():
    netlist = load_netlist(lattice())
    names = [f"{cell}.{part}" for cell in "ab" for part in MZI["instances"]]
    assert list(netlist.instances) == names
    assert netlist.ports == {"in": ("a.lft", "in0"), "out": ("b.rgt", "out1")}
    assert netlist.name == "pair"
    assert len(netlist.connections) == 4 + 4 + 2
    assert netlist.connections[-2:] == (
        (("a.rgt", "out0"), ("b.lft", "in0")),
        (("b.lft", "in1"), ("a.rgt", "out1")),
    )


def test_cells_within_arrays_of_cells():
    cells = {
        "all": {
            "instances": {"w": {"component": "pair", "array": {"columns": 1, "rows": 2}}},
            "connections": {"w<0.0>,out": "w<0.1>,in"},
            "ports": {"in": "w<0.0>,in"},
        },
        **lattice(),
    }
    netlist = load_netlist(cells)
    assert len(netlist.instances) == 16
    assert netlist.ports == {"in": ("w<0.0>.a.lft", "in0")}
    assert netlist.connections[-1] == (("w<0.0>.b.rgt", "out1"), ("w<0.1>.a.lft", "in0"))
    assert load_netlist(netlist.to_netlist()) == netlist


def test_the_top_cell_is_named_or_saxs_or_the_first():
    assert load_netlist(lattice(), top="mzi") == load_netlist({"name": "mzi", **MZI})
    assert load_netlist({"mzi": MZI, "top_level": {"instances": {"x": "mzi"}}}).name == "top_level"
    assert load_netlist({"name": "mzi", **MZI}, top="mzi").name == "mzi"


def test_cells_may_stay_components():
    netlist = load_netlist(lattice(), components=["mzi"])
    assert netlist.instances == {
        "a": Instance(component="mzi"),
        "b": Instance(component="mzi"),
    }
    cells = {"top": {"instances": {"a": "wg"}}, "wg": {"instances": {}, "ports": {}}}
    assert load_netlist(cells).instances == {"a": Instance(component="wg")}


def test_settings_of_a_cell_reach_its_instances_as_in_sax():
    netlist = load_netlist(lattice(settings={"top": {"length": 99.0, "loss": 1.0}, "lft": {}}))
    assert netlist.instances["a.top"].settings == {"length": 25.0}
    assert netlist.instances["b.top"].settings == {"length": 99.0, "loss": 1.0}
    assert netlist.instances["b.btm"].settings == {"length": 15.0}


def test_they_reach_down_several_levels():
    cells = {
        "top": {"instances": {"x": {"component": "pair", "settings": {"a": {"top": {"l": 7}}}}}},
        **lattice(settings={"top": {"loss": 1.0}}),
    }
    netlist = load_netlist(cells)
    assert netlist.instances["x.a.top"].settings == {"length": 25.0, "l": 7}
    assert netlist.instances["x.b.top"].settings == {"length": 25.0, "loss": 1.0}


def test_nested_settings_are_replaced_part_by_part():
    cells = {
        "top": {
            "instances": {"x": {"component": "c", "settings": {"w": {"fit": {"b": 3}}}}},
        },
        "c": {"instances": {"w": {"component": "s", "settings": {"fit": {"a": 1, "b": 2}}}}},
    }
    assert load_netlist(cells).instances["x.w"].settings == {"fit": {"a": 1, "b": 3}}


def parametric(**more):
    return {
        "top": {
            "instances": {
                "a": "delay",
                "b": {"component": "delay", "settings": {"length": 20.0}},
                **more,
            }
        },
        "delay": {
            "settings": {"length": 10.0, "twice": "${settings.length}"},
            "instances": {
                "w": {"component": "straight", "settings": {"length": "${settings.twice}"}},
                "v": "straight",
            },
        },
    }


def test_settings_of_a_cell_are_put_in_as_in_gdsfactory():
    instances = load_netlist(parametric()).instances
    assert instances["a.w"].settings == {"length": 10.0}
    assert instances["b.w"].settings == {"length": 20.0}
    named = {"component": "delay", "settings": {"v": {"length": 1.0}, "length": 3.0}}
    instances = load_netlist(parametric(c=named)).instances
    assert instances["c.v"].settings == {"length": 1.0}
    assert instances["c.w"].settings == {"length": 3.0}


def test_settings_of_a_cell_that_uses_none_are_passed_over():
    # As gdsfactory exports cells: drawn with those settings already.
    fixed = load_netlist(lattice(settings={"delta_length": 10.0, "radius": 5}))
    assert fixed == load_netlist(lattice())


def test_settings_may_be_arrays():
    netlist = load_netlist(
        {"instances": {"w": {"component": "s", "settings": {"l": np.array([1.0, 2.0])}}}}
    )
    assert netlist.instances["w"].settings == {"l": [1.0, 2.0]}


def chain(levels, width=1):
    """A hierarchy in which every cell holds ``width`` of the next."""
    cells = {
        f"c{k}": {"instances": {f"x{j}": f"c{k + 1}" for j in range(width)}} for k in range(levels)
    }
    return cells | {f"c{levels}": {"instances": {"w": "straight"}}}


def test_a_deep_hierarchy_is_read():
    assert list(load_netlist(chain(31)).instances) == [f"{'x0.' * 31}w"]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({}, "netlist: must be a netlist.*got nothing"),
        ({"a": 1}, "netlist: must have instances, or be cells .* the keys 'a'"),
        ({"name": 1, **MZI}, "netlist: name must be text; got 1"),
        ({**MZI, "x": print}, r"netlist\.x must be plain data"),
        ({"instances": {"a": print}}, r"netlist\.instances\.a must be plain data.*got builtin"),
        ({"version": 1, "mzi": MZI}, "cell 'version': must be a netlist, a mapping"),
        ({"top": {"instances": {"a": "a"}}, "a": {"instances": {"b": "top"}}}, "top → a → top"),
        ({"a": {"instances": {"b": "a"}}}, "instance 'b': a cell contains itself: a → a"),
        (chain(32), "instance 'x0.*: cells are more than 32 deep"),
        (
            {"t": {"instances": {"a.w": "x", "a": "c"}}, "c": {"instances": {"w": "x"}}},
            "instance 'a.w' is there twice, by itself and in a cell",
        ),
        (
            {
                "top": {"instances": {"a": "mzi", "w": "x"}, "connections": {"a,out": "w,o1"}},
                "mzi": MZI,
            },
            "cell 'top': instance 'a': its cell 'mzi' has no port 'out'. Near: 'out1', 'out0'",
        ),
        (
            {"top": {"instances": {"a": "mzi"}, "ports": {"in": "a,x"}}, "mzi": MZI},
            "instance 'a': its cell 'mzi' has no port 'x'. There are 'in0', 'in1'",
        ),
        (
            parametric(c={"component": "delay", "settings": {"lenght": 1.0}}),
            "cell 'delay': there is no setting 'lenght' to replace. Near: 'length'",
        ),
        (
            {"top": {"instances": {"a": "c"}}, "c": {"instances": {"w": "s", "v": 3}}},
            "cell 'c': instance 'v' must be the name of a component",
        ),
        (
            {
                "top": {"instances": {"a": {"component": "c", "settings": {"v": {"l": 1}}}}},
                "c": {"instances": {"w": "s", "v": {"component": "s", "settings": 3}}},
            },
            "cell 'c': instance 'v': settings must be a mapping",
        ),
        ({"instances": {"w": "${settings.x}"}}, r"netlist: \$\{settings.x\} names no setting"),
    ],
)
def test_what_makes_no_circuit_is_refused(source, message):
    with pytest.raises(ValueError, match=message):
        load_netlist(source)


def test_errors_name_the_file(save):
    path = save({"top": {"instances": {"a": "s"}, "ports": {"in": "b,o1"}}}, "chip.json")
    with pytest.raises(
        ValueError, match="chip.json: cell 'top': port 'in': there is no instance 'b' .*'o1'"
    ):
        load_netlist(path)
    netlist = load_netlist(save(MZI, "chip.json"))
    with pytest.raises(ValueError, match="chip.json: instance 'lft' .* has no port 'out0'"):
        netlist.check(lambda instance: ())
    with pytest.raises(ValueError, match="chip.yml: must be a netlist.*got nothing"):
        load_netlist(save("", "chip.yml"))
    with pytest.raises(ValueError, match="chip.yml: must be a netlist.*got str"):
        load_netlist(save("just text", "chip.yml"))
    with pytest.raises(ValueError, match="chip.yml, line 4: 'a,o1' is there twice"):
        load_netlist(save("instances: {}\nconnections:\n  a,o1: b\n  a,o1: c\n", "chip.yml"))
    with pytest.raises(FileNotFoundError):
        load_netlist("no_such_file.yml")


def test_a_cell_must_be_there():
    with pytest.raises(ValueError, match="netlist: there is no cell 'mzo'. Near: 'mzi'"):
        load_netlist(lattice(), top="mzo")
    with pytest.raises(ValueError, match="there is no cell 'x', only one netlist without cells"):
        load_netlist(MZI, top="x")


def test_the_source_is_a_file_or_a_dictionary():
    with pytest.raises(ValueError, match="got a text of several lines"):
        load_netlist("instances:\n  a: b")
    with pytest.raises(ValueError, match="source must be a file or a dictionary; got list"):
        load_netlist([MZI])


def test_work_on_repeated_cells_is_bounded(small_budget):
    # One instance with many ports, many times over: few instances, much to wire.
    ports = {f"p{k}": f"w,o{k}" for k in range(200)}
    cells = {
        "top": {"instances": {"a": {"component": "c", "array": {"columns": 200, "rows": 1}}}},
        "c": {"instances": {"w": "s"}, "ports": ports},
    }
    with pytest.raises(ValueError, match="netlist holds more than 20,000 values once"):
        load_netlist(cells)
    changed = {"component": "c", "settings": {"w": {"l": 1}}}
    cells["top"] = {"instances": {f"a{k}": changed for k in range(200)}}
    with pytest.raises(ValueError, match="cell 'c' holds more than 20,000 values once"):
        load_netlist(cells)


def test_instances_are_bounded(monkeypatch):
    monkeypatch.setattr(netlist_loading, "MAX_INSTANCES", 1000)
    assert len(load_netlist(chain(9, width=2)).instances) == 512
    with pytest.raises(ValueError, match="netlist: more than 1,000 instances once the hierarchy"):
        load_netlist(chain(31, width=2))  # 2³¹ instances, were they written out


def test_an_alias_bomb_is_refused(save, small_budget):
    lines = ["a0: &a0 [x, x]"] + [f"a{k}: &a{k} [*a{k - 1}, *a{k - 1}]" for k in range(1, 40)]
    with pytest.raises(ValueError, match="bomb.yml: netlist holds more than 20,000 values"):
        load_netlist(save("\n".join(lines), "bomb.yml"))
