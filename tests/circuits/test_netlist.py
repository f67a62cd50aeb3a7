"""The flat netlist: what it refuses, what it writes, and that reading that gives it back."""

import copy
import pickle
from enum import Enum

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from circuits import Netlist, load_netlist
from circuits.netlist import Instance, near
from circuits.netlist_arrays import element_names, gathered

WG = Instance(component="straight", settings={"length": 1e-5})


def pair(connections=((("a", "o2"), ("b", "o1")),), ports=None, **more):
    return Netlist(
        instances={"a": WG, "b": WG},
        connections=connections,
        ports={"in": ("a", "o1")} if ports is None else ports,
        **more,
    )


def test_what_is_written_is_saxs_form():
    netlist = Netlist(
        instances={"c.x": Instance(component="coupler"), "w<0.0>": WG, "w<0.1>": WG},
        connections=((("c.x", "o3"), ("w<0.0>", "o1")), (("w<0.1>", "o1"), ("c.x", "o4"))),
        ports={"out": ("w<0.0>", "o2"), "in": ("c.x", "o1")},
        name="tree",
    )
    assert netlist.to_netlist() == {
        "name": "tree",
        "instances": {
            "c.x": {"component": "coupler"},
            "w": {
                "component": "straight",
                "settings": {"length": 1e-5},
                "array": {"columns": 1, "rows": 2},
            },
        },
        "connections": {"c.x,o3": "w<0.0>,o1", "w<0.1>,o1": "c.x,o4"},
        "ports": {"out": "w<0.0>,o2", "in": "c.x,o1"},
    }
    assert list(netlist.to_netlist()["ports"]) == ["out", "in"]


def test_written_netlists_share_nothing_with_the_netlist():
    netlist = Netlist(instances={"a": Instance(component="x", settings={"list": [1, 2]})})
    netlist.to_netlist()["instances"]["a"]["settings"]["list"].append(3)
    assert netlist.instances["a"].settings == {"list": [1, 2]}


def test_settings_are_owned_plain_data():
    given_list = [1.0, 2.0]
    instance = Instance(
        component="x",
        settings={"list": given_list, "array": np.arange(3.0), "one": np.float64(0.5), "n": (1,)},
    )
    given_list.append(3.0)
    assert instance.settings == {
        "list": [1.0, 2.0],
        "array": [0.0, 1.0, 2.0],
        "one": 0.5,
        "n": [1],
    }
    assert type(instance.settings["one"]) is float


def test_netlists_travel_to_other_processes():
    netlist = pair(source="ring.yml", info={"note": "x"})
    assert pickle.loads(pickle.dumps(netlist)) == netlist
    assert copy.deepcopy(netlist) == netlist


def test_where_it_was_read_is_no_part_of_what_it_is():
    assert pair(source="a.yml") == pair(source="b.yml")
    assert pair(name="a") != pair(name="b")


class Colour(Enum):
    RED = 1


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Instance(component=""), "component must be the name of a component; got ''"),
        (lambda: Instance(component="x", settings=[1]), r"settings must map names to values"),
        (
            lambda: Instance(component="x", settings={"a": {"b": [Colour.RED]}}),
            r"settings\.a\.b\[0\] must be plain data.*got Colour",
        ),
        (lambda: Instance(component="x", settings={1: 2}), "settings: a key must be text.*got 1"),
        (lambda: Netlist(instances=[WG]), "netlist: instances must be a mapping"),
        (lambda: Netlist(instances={"a": "straight"}), "instance 'a' must be an Instance; got str"),
        (lambda: Netlist(instances={"a,b": WG}), "instance names must be text without commas"),
        (lambda: Netlist(instances={" a": WG}), "without blanks at the ends.*got ' a'"),
        (lambda: pair(ports={"": ("a", "o1")}), "port names must be text"),
        (lambda: pair(ports={"in": "a,o1"}), r"must be a pair \(instance, port\); got 'a,o1'"),
        (lambda: pair(ports={"in": ("a", "o1", "o2")}), r"must be a pair \(instance, port\)"),
        (
            lambda: pair([(("a", "o2"), ("a", "o2"))], source="ring.yml"),
            "ring.yml: port 'a,o2' is connected to itself",
        ),
        (
            lambda: pair([(("a", "o2"), ("b", "o1")), (("b", "o2"), ("a", "o2"))], name="ring"),
            "ring: port 'a,o2' is connected twice, to 'b,o1' and to 'b,o2'",
        ),
        (
            lambda: pair([(("a", "o2"), ("b", "o1")), (("b", "o1"), ("a", "o2"))]),
            "port 'b,o1' is connected twice",
        ),
        (
            lambda: pair(ports={"in": ("a", "o2")}),
            "port 'a,o2' is connected and exported: to 'b,o1' and as 'in'",
        ),
        (
            lambda: pair(ports={"in": ("a", "o1"), "out": ("a", "o1")}),
            "port 'a,o1' is exported twice: as 'in' and as 'out'",
        ),
        (
            lambda: pair([(("a", "o2"), ("ab", "o1"))]),
            "connection 'a,o2' to 'ab,o1': there is no instance 'ab'.*port 'o1'. Near: 'b', 'a'",
        ),
        (
            lambda: pair(ports={"in": ("ring", "o1")}),
            "port 'in': there is no instance 'ring'.*There are 'a', 'b'",
        ),
        (
            lambda: Netlist(instances={"w<0.0>": WG}, ports={"in": ("w", "o1")}),
            "'w' is an array.*Write 'w<0.0>,o1'",
        ),
    ],
)
def test_what_makes_no_circuit_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_a_ring_may_join_two_ports_of_one_instance():
    ring = Netlist(instances={"c": WG}, connections=((("c", "o3"), ("c", "o4")),))
    assert ring.connections == ((("c", "o3"), ("c", "o4")),)


def test_check_holds_ports_against_components():
    netlist = pair(ports={"in": ("a", "o1"), "out": ("b", "out1")}, source="ring.yml")
    netlist.check(lambda instance: ("o1", "o2", "out1"))
    with pytest.raises(
        ValueError, match="ring.yml: instance 'b' \\(straight\\) has no port 'out1'. Near: 'out'"
    ):
        netlist.check(lambda instance: ("o1", "o2", "out"))
    with pytest.raises(ValueError, match="'a' .straight. has no port 'o2'. There are 'x', 'y'"):
        netlist.check(lambda instance: ("x", "y"))


def test_check_names_the_instance_of_an_unknown_component():
    def ports_of(instance):
        raise ValueError(f"unknown component {instance.component!r}.")

    with pytest.raises(ValueError, match="instance 'a': unknown component 'straight'"):
        pair().check(ports_of)


def test_near_names_are_few():
    assert near("x", []) == " There are none."
    assert near("zzz", [f"name{k}" for k in range(20)]).endswith("'name11' and 8 more.")


def test_arrays_are_named_column_by_column():
    assert list(element_names("w", 2, 2)) == ["w<0.0>", "w<0.1>", "w<1.0>", "w<1.1>"]


@pytest.mark.parametrize(
    ("elements", "arrays"),
    [
        # A whole array; its elements out of order; a row short; not all equal; the name taken.
        ({"w<0.0>": 1, "w<0.1>": 1, "w<1.0>": 1, "w<1.1>": 1}, {"w": (1, (2, 2))}),
        ({"w<0.1>": 1, "w<0.0>": 1}, {"w<0.1>": (1, None), "w": (1, (1, 1))}),
        (
            {"w<0.0>": 1, "w<0.1>": 1, "w<1.0>": 1},
            {"w": (1, (1, 2)), "w<1.0>": (1, None)},
        ),
        ({"w<0.0>": 1, "w<1.0>": 2}, {"w": (1, (1, 1)), "w<1.0>": (2, None)}),
        ({"w<0.0>": 1, "w": 1}, {"w<0.0>": (1, None), "w": (1, None)}),
        ({"a<0.0>.w<0.0>": 1, "a<0.0>.w<1.0>": 1}, {"a<0.0>.w": (1, (2, 1))}),
    ],
)
def test_only_complete_arrays_are_gathered(elements, arrays):
    assert gathered(elements) == arrays


names = st.text("ab<>.0 é_$", min_size=1, max_size=6).filter(lambda t: t == t.strip())
numbers = (
    st.floats(allow_nan=False)
    | st.integers()
    | st.booleans()
    | st.none()
    | st.complex_numbers(allow_nan=False)
)
values = st.recursive(
    numbers | st.text("abc1e-6 ", max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)
mappings = st.dictionaries(names, values, max_size=3)


@st.composite
def netlists(draw):
    """Netlists of any names, arrays complete and broken, and any feedback."""
    instances = {}
    for name in draw(st.lists(names, min_size=1, max_size=6, unique=True)):
        instance = Instance(component=draw(names), settings=draw(mappings), info=draw(mappings))
        shape = draw(st.none() | st.tuples(st.integers(1, 3), st.integers(1, 3)))
        for element in [name] if shape is None else element_names(name, *shape):
            instances.setdefault(element, instance)
    ends = [(name, port) for name in instances for port in ("o1", "o2", "in")]
    used = draw(st.lists(st.sampled_from(ends), unique=True))
    joined = 2 * draw(st.integers(0, len(used) // 2))
    outside = used[joined:]
    ports = draw(st.lists(names, unique=True, min_size=len(outside), max_size=len(outside)))
    return Netlist(
        instances=instances,
        connections=tuple(zip(used[0:joined:2], used[1:joined:2], strict=True)),
        ports=dict(zip(ports, outside, strict=True)),
        name=draw(names | st.just("")),
        settings=draw(mappings),
        info=draw(mappings),
    )


@settings(deadline=None)
@given(netlists())
def test_reading_what_was_written_gives_it_back(netlist):
    again = load_netlist(netlist.to_netlist())
    assert again == netlist
    assert list(again.instances) == list(netlist.instances)
    assert list(again.ports) == list(netlist.ports)
    assert again.to_netlist() == netlist.to_netlist()
