"""``${settings.…}``: values put in, and the ways in which that can go wrong."""

import pytest

from circuits.netlist_settings import filled, uses_settings
from circuits.plain_data import Budget

SETTINGS = {
    "length": 1e-5,
    "n": 3,
    "on": True,
    "deep": {"er": {"x": [10, {"y": 7}]}},
    "double": "${settings.deep.er}",
    "name": "ring${settings.n}",
    "chain": "${settings.double.x.0}",
}


def fill(value, settings=None, budget=None):
    return filled(
        value, SETTINGS if settings is None else settings, "ring.yml: ", budget or Budget()
    )


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ("${settings.length}", 1e-5),
        ("${ settings.n }", 3),
        ("${settings.deep.er.x.1.y}", 7),
        ("${settings.double.x}", [10, {"y": 7}]),
        ("${settings.chain}", 10),
        ("a${settings.n}_${settings.on}_${settings.name}", "a3_true_ring3"),
        ({"a": ["${settings.n}", "plain"], "b": 1.5}, {"a": [3, "plain"], "b": 1.5}),
    ],
)
def test_values_are_put_in(value, result):
    assert uses_settings(value)
    assert fill(value) == result
    assert type(fill(value)) is type(result)


def test_data_without_expressions_is_left():
    value = {"a": [1, "$x", "{settings.n}"]}
    assert not uses_settings(value)
    assert fill(value) == value


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            "${settings.lenght}",
            r"ring.yml: \$\{settings.lenght\} names no setting.*there: 'length'",
        ),
        ("${settings.deep.er.x.2}", "there is no '2'; there: none"),
        ("${settings.n.x}", "there is no 'x'; there: none"),
        ("${info.x}", r"\$\{info.x\} is not known.*Write \$\{settings.name\}"),
        ("${settings}", "is not known"),
        ("${oc.env:HOME}", r"\$\{oc.env:HOME\} is not known"),
        ("a ${settings.deep} b", "is a list or a mapping and has no place within a text"),
        ("a ${settings.n", "cannot be read"),
        ("${settings.${settings.n}}", "cannot be read"),
    ],
)
def test_what_cannot_be_put_in_is_refused(value, message):
    with pytest.raises(ValueError, match=message):
        fill(value)


@pytest.mark.parametrize(
    ("settings", "circle"),
    [
        ({"a": "${settings.a}"}, "settings.a → settings.a"),
        ({"a": "x${settings.b}", "b": "${settings.a}"}, "settings.a → settings.b → settings.a"),
        ({"a": {"b": ["${settings.a}"]}}, "settings.a → settings.a"),
        ({"a": "${settings.a.b}"}, r"settings.a.b → settings.a.b"),
    ],
)
def test_circles_are_refused(settings, circle):
    with pytest.raises(ValueError, match=f"use each other in a circle: {circle}"):
        fill("${settings.a}", settings)


def test_long_chains_are_refused_before_the_stack_ends():
    chain = {f"s{k}": f"${{settings.s{k + 1}}}" for k in range(5000)}
    with pytest.raises(ValueError, match="settings use settings more than 64 deep"):
        fill("${settings.s0}", chain)


@pytest.mark.parametrize("doubled", ["${{{0}}}${{{0}}}", ["${{{0}}}", "${{{0}}}"]])
def test_doubling_is_counted(doubled):
    def use(name):
        one = isinstance(doubled, str)
        return doubled.format(name) if one else [item.format(name) for item in doubled]

    bomb = {f"s{k}": use(f"settings.s{k + 1}") for k in range(30)} | {"s30": "x"}
    with pytest.raises(ValueError, match="ring.yml holds more than 10,000 values"):
        fill("${settings.s0}", bomb, Budget(10_000))
