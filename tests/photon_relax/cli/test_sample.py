import io
import json
import sys

import pytest

from photon_relax.cli import main
from photon_relax.text_sampling import sample_text


@pytest.fixture
def command(tmp_path, monkeypatch, capsys):
    """Return a function that samples from a run of two steps on a small text."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PHOTON_RELAX_DATA", str(tmp_path))
    (tmp_path / "input.txt").write_text("a cab, a bad cab\n" * 20)
    words = "train shakespeare --width 4 --steps 2 --set window=4 --set batch_size=8 --out here"
    assert main(words.split()) == 0
    capsys.readouterr()

    def run(*words):
        status = main(["sample", *map(str, words)])
        return status, *capsys.readouterr()

    return run


def test_a_text_alone_is_all_there_is(command):
    wishes = {"length": 30, "temperature": 0.7, "top_k": 5, "seed": 4}
    options = [f"--{k.replace('_', '-')}={v}" for k, v in wishes.items()]
    expected = sample_text("here", "a bad ", **wishes)[0]
    assert command("here", "--prompt", "a bad ", *options) == (0, f"a bad {expected}\n", "")


def test_the_prompt_may_come_from_standard_input(command, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("cab\n"))
    expected = sample_text("here", "cab\n", length=9)[0]
    assert command("here", "--prompt", "-", "--length", 9) == (0, f"cab\n{expected}\n", "")


def test_several_texts_have_headings(command):
    first, second = sample_text("here", length=9, count=2)
    status, out, _ = command(
        *("here", "--length", 9, "--count", 2, "--set", "hardware.switch.isolation_db=1")
    )
    assert status == 0
    assert out.startswith(
        f"── slot (as trained), 1 of 2 ──\n{first}\n── slot (as trained), 2 of 2 ──\n{second}\n"
        "── slot, switch.isolation_db = 1, 1 of 2 ──\n"
    )


def test_json_has_the_texts_of_every_condition(command):
    status, out, _ = command("here", "--json", "--fidelity", "ideal", "--length", 9, "--count", 2)
    assert status == 0
    record = json.loads(out)
    assert (record["run"], record["prompt"], record["length"], record["top_k"]) == (
        *("here", ""),
        *(9, None),
    )
    assert [entry["condition"] for entry in record["conditions"]] == ["slot (as trained)", "ideal"]
    assert record["conditions"][1]["texts"] == sample_text(
        "here", length=9, count=2, fidelity="ideal"
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("here", "--prompt", "xa"), "the prompt has characters that the network has never seen"),
        (("here", "--set", "width=3"), "only the hardware can change here"),
        (("here", "--fidelity", "x"), "'x' is not one of 'ideal', 'slot', 'waveform'"),
        (("there",), "there is not a run: no such file or folder"),
    ],
)
def test_errors_are_one_line(command, words, message):
    status, out, err = command(*words)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert message in err
