"""Text into plain data: what YAML's core schema says, and nothing that harms."""

import json
import math

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from circuits.netlist_text import MAX_BYTES, parse_json, parse_yaml, read_document

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text("aé~ \t\"'\\#:,-<>[]{}&*!|%@`019eE.+yn", max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text("ab<>:,. 1~", max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(json_values)
def test_json_reads_the_same_as_yaml(value):
    # YAML 1.2 contains JSON, so the standard library's reader is an independent reference.
    text = json.dumps(value)
    assert parse_yaml(text, "x") == value
    assert parse_json(text, "x") == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10e-6", 10e-6),  # text to YAML 1.1 as PyYAML reads it, and a trap in every netlist
        ("1.55e-6", 1.55e-6),
        ("-.5", -0.5),
        ("3.", 3.0),
        ("+12", 12),
        ("010", 10),  # octal to YAML 1.1
        ("0x1F", 31),
        ("0o17", 15),
        ("1:30", "1:30"),  # ninety to YAML 1.1
        ("2026-01-01", "2026-01-01"),
        ("yes", "yes"),
        ("on", "on"),
        ("True", True),
        ("false", False),
        ("null", None),
        ("", None),
        (".inf", math.inf),
        ("-.inf", -math.inf),
        ("'1.5'", "1.5"),
        ('"true"', "true"),
        ("1e400", math.inf),
        ("o1", "o1"),
        ("1_000", "1_000"),
    ],
)
def test_scalars_of_the_core_schema(text, value):
    read = parse_yaml(f"key: {text}", "x")["key"]
    assert read == value
    assert type(read) is type(value)


def test_nan_is_a_number():
    assert math.isnan(parse_yaml("a: .nan", "x")["a"])


def test_keys_are_names_whatever_they_look_like():
    assert parse_yaml("{on: 1, 1: 2, null: 3, 1.0: 4}", "x") == {
        "on": 1,
        "1": 2,
        "null": 3,
        "1.0": 4,
    }


def test_aliases_are_the_value_itself():
    read = parse_yaml("a: &wg {length: 1.0, list: &l [1, *]}".replace("*", "2") + "\nb: *wg", "x")
    assert read["b"] == {"length": 1.0, "list": [1, 2]}
    assert read["a"] is read["b"]


def test_an_alias_bomb_stays_small_as_read():
    lines = ["a0: &a0 [x, x]"] + [f"a{k}: &a{k} [*a{k - 1}, *a{k - 1}]" for k in range(1, 60)]
    assert len(parse_yaml("\n".join(lines), "x")) == 60


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3", "ring.yml, line 3: 'a' is there twice"),
        ("c:\n  'a,o1': b\n  a,o1: c", "line 3: 'a,o1' is there twice"),
        ("a: !!python/object/apply:os.system [ls]", "line 1: the tag .*os.system' is not read"),
        ("a: !!python/name:os.system x", "the tag .* is not read"),
        ("a: !!str 1", "the tag .* is not read"),
        ("!x {a: 1}", "the tag '!x' is not read"),
        ("a: &a {b: 1}\nc:\n  <<: *a", r"line 3: merge keys \(<<\) are not read"),
        ("a: &a [*a]", r"the alias \*a names nothing that is complete above it"),
        ("a: *b", r"the alias \*b names nothing"),
        ("a: &a x\n*a : 1", "a key must be text"),
        ("a: {{ length }}", r"a key must be text.*\$\{settings.name\}"),
        ("? [1, 2]\n: 3", "a key must be text"),
        ("a: 1\n---\nb: 2", "line 2: begins a second document"),
        ("[" * 100, "is nested more than 64 levels deep"),
        ("{a: " * 100, "is nested more than 64 levels deep"),
        ("a: [1, 2", r"ring.yml, line \d: is not YAML: did not find expected"),
        ("a: b: c", "is not YAML: mapping values are not allowed"),
        ("a: \x00", "is not YAML"),
    ],
)
def test_what_is_not_plain_data_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        parse_yaml(text, "ring.yml")


def test_very_deep_nesting_does_not_reach_the_stack():
    with pytest.raises(ValueError, match="nested more than 64|maximum nesting depth"):
        parse_yaml("[" * 200_000, "x")
    with pytest.raises(ValueError, match="nested too deep"):
        parse_json("[" * 200_000, "x")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1, "a": 2}', "ring.json: is not a JSON netlist: 'a' is there twice"),
        ("{a: 1}", "is not a JSON netlist: Expecting property name.*line 1"),
        ("1" * 5000, "is not a JSON netlist"),
    ],
)
def test_what_is_not_json_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        parse_json(text, "ring.json")


def test_without_the_parser_in_c_the_same_is_read(monkeypatch):
    text = "a: &a [1e-6, {b: 'x'}]\nc: *a\n? d\n: |\n  two\n  lines\n"
    fast = parse_yaml(text, "x")
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    assert parse_yaml(text, "x") == fast
    assert fast == {"a": [1e-6, {"b": "x"}], "c": [1e-6, {"b": "x"}], "d": "two\nlines\n"}
    with pytest.raises(ValueError, match="x, line 1: is not YAML: mapping values are not allowed"):
        parse_yaml("a: b: c", "x")
    with pytest.raises(ValueError, match="x: is not YAML: unacceptable character #x0000"):
        parse_yaml("a: \x00", "x")


def test_files_are_read_by_their_names(tmp_path):
    (tmp_path / "a.json").write_text('{"a": 1}')
    (tmp_path / "a.pic.yml").write_text("\ufeffa: ü", encoding="utf-8")
    assert read_document(tmp_path / "a.json") == {"a": 1}
    assert read_document(tmp_path / "a.pic.yml") == {"a": "ü"}
    with pytest.raises(FileNotFoundError):
        read_document(tmp_path / "b.yml")


def test_files_that_are_no_text_or_too_large_are_refused(tmp_path):
    path = tmp_path / "a.yml"
    path.write_bytes(b"a: \xff")
    with pytest.raises(ValueError, match=r"a.yml: is not text in UTF-8 \(byte 3\)"):
        read_document(path)
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(ValueError, match="a.yml: is larger than 32 MiB"):
        read_document(path)
