"""One cell as SAX and gdsfactory write it, and the mistakes that people make in it."""

import pytest

from circuits import netlist_cell
from circuits.netlist import Instance
from circuits.netlist_cell import MAX_INSTANCES, read_cell

TWO = {"a": "straight", "b": {"component": "straight", "settings": {"length": 2.0}}}


def cell(**sections):
    return read_cell({"instances": TWO, **sections}, "mzi.yml: cell 'mzi': ")


def test_connections_nets_and_routes_say_the_same():
    joined = ((("a", "o2"), ("b", "o1")),)
    assert cell(connections={"a,o2": "b,o1"}).connections == joined
    assert cell(nets=[{"p1": "a,o2", "p2": "b,o1", "name": "x"}]).connections == joined
    assert cell(routes={"r": {"links": {"a, o2": " b,o1"}, "settings": {}}}).connections == joined


def test_they_stand_together_in_that_order():
    read = cell(
        routes={"r": {"links": {"a,x": "b,x"}}},
        nets=[{"p1": "a,y", "p2": "b,y"}],
        connections={"a,z": "b,z"},
    )
    assert [a[1] for a, _ in read.connections] == ["z", "y", "x"]


@pytest.mark.parametrize(
    ("a", "b", "pairs"),
    [
        ("a,o:1:3", "b,o:1:3", [("o1", "o1"), ("o2", "o2"), ("o3", "o3")]),
        ("a,o:3:1", "b,o:1:3", [("o3", "o1"), ("o2", "o2"), ("o1", "o3")]),
        ("a,o:4:4", "b,in", [("o4", "in")]),
        ("a,o:x", "b,in", [("o:x", "in")]),
    ],
)
def test_links_of_several_ports(a, b, pairs):
    read = cell(routes={"r": {"links": {a: b}}})
    assert read.connections == tuple((("a", start), ("b", end)) for start, end in pairs)


def test_instances_in_their_forms():
    read = cell(
        instances={
            "bare": "coupler",
            "full": {"component": "x", "settings": {"l": 1.0}, "info": {"wg": 1}},
            "empty": {"component": "x", "settings": None},
        },
        ports=None,
    )
    assert read.instances == {
        "bare": Instance(component="coupler"),
        "full": Instance(component="x", settings={"l": 1.0}, info={"wg": 1}),
        "empty": Instance(component="x"),
    }


@pytest.mark.parametrize(
    "array",
    [
        {"array": {"columns": 2, "rows": 1, "column_pitch": 10.0}},
        {"array": {"num_a": 2, "num_b": 1}},
        {"array": {"columns": 2}},
        {"na": 2, "nb": 1, "dax": 5.0},
    ],
)
def test_arrays_in_their_forms(array):
    read = cell(instances={"w": {"component": "x", **array}}, connections={"w<0.0>,a": "w<1.0>,b"})
    assert read.instances == {"w<0.0>": Instance(component="x"), "w<1.0>": Instance(component="x")}
    assert list(cell(instances={"w": {"component": "x", "na": 1, "nb": 1}}).instances) == ["w"]


def test_rows_run_fastest():
    read = cell(instances={"w": {"component": "x", "array": {"columns": 2, "rows": 2}}})
    assert list(read.instances) == ["w<0.0>", "w<0.1>", "w<1.0>", "w<1.1>"]


def test_layout_is_passed_over():
    assert cell(placements={"a": {"x": "b,o1"}}, pdk="generic", warnings={}) == cell()


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        ({"conections": {}}, "mzi.yml: cell 'mzi': section 'conections' is not known. Near: 'conn"),
        ({"instances": {}}, "cell 'mzi': has no instances"),
        ({"instances": ["a"]}, "instances must be a mapping .*; got a list"),
        ({"ports": "a,o1"}, "ports must be a mapping .*; got 'a,o1'"),
        ({"nets": {"a": "b"}}, "nets must be a list of p1 and p2; got a mapping"),
        ({"nets": [{"p1": "a,o1"}]}, r"nets\[0\] must have p1 and p2"),
        ({"nets": [{"p1": "a,o1", "p2": "b"}]}, r'nets\[0\].p2: must be written "instance,port"'),
        ({"connections": {"a.o1": "b,o1"}}, 'connection: must be written "instance,port"; got \'a'),
        ({"connections": {"a,o1": "b,o1,x"}}, "connection from 'a,o1': must be written"),
        ({"connections": {"a,o1": ["b,o1"]}}, "from 'a,o1': must be written .*; got a list"),
        ({"connections": {"a,": "b,o1"}}, "must be written"),
        ({"ports": {"in": 1}}, "port 'in': must be written"),
        ({"ports": {"in": "x" * 500}}, "port 'in': must be written .*x…"),
        ({"routes": {"r": {"settings": {}}}}, "route 'r' must have links"),
        ({"routes": {"r": ["a,o1"]}}, "route 'r' must have links; got a list"),
        ({"routes": {"r": {"links": ["a,o1"]}}}, "route 'r': links must be a mapping"),
        ({"routes": {"r": {"links": {"a": "b,o1"}}}}, "route 'r': link: must be written"),
        ({"routes": {"r": {"links": {"a,o1": "b"}}}}, "route 'r': link 'a,o1': must be written"),
        (
            {"routes": {"r": {"links": {"a,o:1:3": "b,o:1:2"}}}},
            "route 'r': link 'a,o:1:3' has 3 ports and 'b,o:1:2' has 2",
        ),
        ({"connections": {"a,o1": "c,o1"}}, "there is no instance 'c' that could have port 'o1'"),
        (
            {"connections": {"a,o1": "b,o1"}, "nets": [{"p1": "b,o1", "p2": "b,o2"}]},
            "port 'b,o1' is connected twice, to 'a,o1' and to 'b,o2'",
        ),
        (
            {"connections": {"a,o1": "b,o1"}, "ports": {"in": "a,o1"}},
            "mzi.yml: cell 'mzi': port 'a,o1' is connected and exported",
        ),
        ({"ports": {"in": "a,o1", "out": "a,o1"}}, "port 'a,o1' is exported twice"),
        ({"connections": {"a,o1": "a,o1"}}, "port 'a,o1' is connected to itself"),
        ({"settings": [1]}, "settings must be a mapping"),
    ],
)
def test_mistakes_are_named(sections, message):
    with pytest.raises(ValueError, match=message):
        cell(**sections)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (1, "mzi.yml: cell 'mzi': instance 'w' must be the name of a component, or a mapping"),
        ({"settings": {}}, "instance 'w': component must be the name of a component; got None"),
        ({"component": {"component": "x"}}, "component must be the name of a comp.*got a mapping"),
        ({"component": " "}, "instance 'w': component must be the name of a component; got ' '"),
        ({"component": "x", "setings": {}}, "'w': entry 'setings' is not known. Near: 'settings'"),
        ({"component": "x", "settings": 3}, "instance 'w': settings must be a mapping"),
        ({"component": "x", "array": 3}, "instance 'w': array must be a mapping"),
        ({"component": "x", "array": {"colums": 3}}, "array: entry 'colums' is not known. Near"),
        ({"component": "x", "array": {"rows": 0}}, "'w': array: rows must be one whole number"),
        ({"component": "x", "array": {"rows": 1.5}}, "rows must be one whole number.*got 1.5"),
        ({"component": "x", "array": {"rows": True}}, "rows must be one whole number.*got True"),
        ({"component": "x", "array": {"rows": 1, "num_b": 2}}, "rows must be one .*got 1, 2"),
        (
            {"component": "x", "array": {"columns": 10**9, "rows": 10**9}},
            "instance 'w': more than 100,000 instances",
        ),
    ],
)
def test_mistakes_in_instances_are_named(written, message):
    with pytest.raises(ValueError, match=message):
        cell(instances={"w": written})


def test_names_are_bounded():
    with pytest.raises(ValueError, match="instance 'wwww.* has more than 200 letters"):
        cell(instances={"w" * 201: "x"})
    with pytest.raises(ValueError, match="instance names must be text without commas"):
        cell(instances={"a,b": "x"})


def test_arrays_together_are_bounded():
    half = {"component": "x", "array": {"columns": MAX_INSTANCES // 2 + 1}}
    with pytest.raises(ValueError, match="cell 'mzi': more than 100,000 instances"):
        cell(instances={"v": half, "w": half})


def test_an_array_does_not_hide_an_instance():
    with pytest.raises(ValueError, match="instance 'w<0.0>' is there twice"):
        cell(instances={"w<0.0>": "x", "w": {"component": "x", "array": {"columns": 1}}})
    with pytest.raises(ValueError, match="'w' is an array.*Write 'w<0.0>,o1'"):
        cell(instances={"w": {"component": "x", "array": {"rows": 2}}}, ports={"in": "w,o1"})


def test_connections_are_bounded(monkeypatch):
    monkeypatch.setattr(netlist_cell, "MAX_CONNECTIONS", 10)
    read = cell(routes={"r": {"links": {"a,o:1:10": "b,o:1:10"}}})
    assert len(read.connections) == 10
    with pytest.raises(ValueError, match="cell 'mzi': has more than 10 connections"):
        cell(routes={"r": {"links": {"a,o:1:9999": "b,o:1:9999"}}})
