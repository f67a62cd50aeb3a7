import json

import pytest

from devices.library import entries, load_entry
from photon_relax.cli import main

NAMES = [entry.name for entry in entries()]


@pytest.fixture
def command(capsys):
    """Return a function that runs the command line: status, output, error."""

    def run(*words):
        status = main(["devices", *words])
        return status, *capsys.readouterr()

    return run


def test_the_table_names_every_entry(command):
    status, out, err = command()
    assert status == 0
    assert err == ""
    for name in NAMES:
        assert name in out


@pytest.mark.parametrize("name", NAMES)
def test_an_entry_is_shown_with_every_number_and_source(command, name):
    status, out, _ = command(name)
    assert status == 0
    words = "".join(out.split()).replace("│", "")
    entry = load_entry(name)
    for part in entry.parts.values():
        assert part.device_class in out
        for key, number in part.fields.items():
            assert key in out
            # The first word of a source: long ones are folded over lines.
            assert number.source.split()[0] in words
    for key in entry.facts:
        assert key in out


def test_json_lists_all_and_is_one_document(command):
    status, out, _ = command("--json")
    assert status == 0
    assert [entry["name"] for entry in json.loads(out)] == NAMES


def test_json_of_one_entry_is_complete(command):
    status, out, _ = command("dmd", "--json")
    assert status == 0
    shown = json.loads(out)
    switch = load_entry("dmd").parts["switch"]
    assert shown["devices"]["switch"]["class"] == "MirrorArray"
    assert shown["devices"]["switch"]["fields"]["load_time"] == vars(switch.fields["load_time"])
    assert shown["facts"]["mirrors"]["value"] == 1024 * 768


def test_a_wrong_name_is_one_line_with_the_nearest(command):
    status, out, err = command("dmdd")
    assert status == 2
    assert out == ""
    assert err.count("\n") == 1
    assert "Did you mean dmd?" in err
