"""``photon-relax validate`` as it is called."""

import json
import os
import re
import subprocess
import sys
import time
from importlib.metadata import entry_points

import pytest

from devices import MachZehnder
from photon_relax.cli import main
from validation.command import validate


@pytest.fixture
def command(tmp_path, monkeypatch, capsys):
    """Return a function that runs the command in an empty folder: status, output, error."""
    monkeypatch.chdir(tmp_path)

    def run(*words):
        status = main(["validate", *(str(word) for word in words)])
        return status, *capsys.readouterr()

    return run


def test_the_command_enters_from_above():
    entries = entry_points(group="photon_relax.commands")
    assert {entry.name: entry.load() for entry in entries}["validate"] is validate


def test_a_table_and_a_summary(command, tmp_path):
    status, out, err = command("--case", "mzi-*")
    assert status == 0
    for part in ("mzi-powers", "bar and cross power", "1e-14", "yes"):
        assert part in out
    assert "NO" not in out
    assert re.search(r"^6 cases passed in \d+\.\d s$", out.splitlines()[-1])
    assert err.startswith("holding models against 6 closed forms …")
    assert list(tmp_path.iterdir()) == []


def test_json_is_one_object_and_alone_on_stdout(command):
    status, out, err = command("--json", "--case", "mzi-[ps]*")
    assert status == 0
    assert out.count("\n") == 1
    record = json.loads(out)
    assert record.keys() == {"cases"}
    assert [case["name"] for case in record["cases"]] == ["mzi-splitter", "mzi-powers"]
    for case in record["cases"]:
        assert case.keys() == {"name", "passed", "error", "tolerance"}
        assert case["passed"] is True
        assert 0 <= case["error"] <= case["tolerance"] == 1e-14
    assert "closed forms" in err


@pytest.mark.parametrize("as_json", [False, True])
def test_a_wrong_model_is_status_1(command, monkeypatch, as_json):
    right = MachZehnder.cross_power.fget
    monkeypatch.setattr(MachZehnder, "cross_power", property(lambda self: 1.1 * right(self)))
    status, out, err = command("--case", "mzi-p*", *(["--json"] if as_json else []))
    assert status == 1
    assert "mzi-powers: error 0.1 is above the tolerance 1e-14" in err
    if as_json:
        (case,) = json.loads(out)["cases"]
        assert case["passed"] is False
        assert case["error"] == pytest.approx(0.1)
    else:
        assert "NO" in out
        assert out.splitlines()[-1].endswith("mzi-powers")
        assert out.splitlines()[-1].startswith("1 of 1 case failed in ")


def test_a_case_that_breaks_does_not_stop_the_others(command, own_cases):
    own_cases("a-first", raises=ZeroDivisionError("no [red]light"))
    own_cases("a-second")
    own_cases("a-third", error=float("nan"))
    status, out, err = command("--json")
    assert status == 1
    cases = json.loads(out)["cases"]
    assert [(case["passed"], case["error"]) for case in cases] == [
        (False, None), (True, 0.0), (False, None)
    ]  # fmt: skip
    assert "a-first: broke with ZeroDivisionError: no [red]light" in err
    assert "a-third: error nan is above the tolerance 0.001" in err
    status, out, err = command()
    assert status == 1
    assert "2 of 3 cases failed" in out
    assert "a-first, a-third" in out


@pytest.mark.parametrize("as_json", [False, True])
def test_the_report_is_written_and_named(command, tmp_path, own_cases, as_json):
    own_cases("a-first", error=1.0)
    words = ["--json"] if as_json else []
    status, out, _ = command("--report", "here/deep", *words)
    assert status == 1  # a failed case is in the report too
    assert out.count("\n") == 1 if as_json else out.endswith("here/deep/validation.html\n")
    page = (tmp_path / "here/deep/validation.html").read_text(encoding="utf-8")
    assert '<article id="a-first"' in page
    assert [file.name for file in (tmp_path / "here/deep").iterdir()] == ["validation.html"]


def _error(answer):
    """The one line of an error, and nothing else anywhere."""
    status, out, err = answer
    assert status == 2
    assert out == ""
    assert err.startswith("photon-relax: error: ")
    assert err.count("\n") == 1
    return err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--case ring", "no validation case is named 'ring'. Give a pattern such as 'ring-*'"),
        ("--case ''", "no validation case is named"),
        ("--report file", "file is a file; --report needs a folder"),
        ("--report file/deep", "file/deep: Not a directory"),
        ("--frobnicate", "No such option: --frobnicate"),
        ("ring-*", "Got unexpected extra argument(s) (ring-*)"),
        ("--case", "Option '--case' requires an argument"),
    ],
)
def test_errors_are_one_line_and_leave_nothing(command, tmp_path, words, message):
    (tmp_path / "file").write_text("")
    assert message in _error(command(*words.split()))
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


def test_a_report_that_cannot_be_written_does_not_take_the_table_along(
    command, tmp_path, own_cases
):
    own_cases("a-first")
    (tmp_path / "here" / "validation.html").mkdir(parents=True)
    status, out, err = command("--report", "here")
    assert status == 2
    assert "1 case passed" in out
    assert err.splitlines()[-1] == "photon-relax: error: here/validation.html: Is a directory"


def test_progress_is_told_in_lines_where_there_is_no_terminal(command, own_cases, monkeypatch):
    for number in range(3):
        own_cases(f"a-{number}")
    clock = iter(range(0, 1000, 4))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(clock)))
    _, _, err = command()
    # A line at most every five seconds: the clock goes on by four at each look.
    assert err.splitlines() == ["holding models against 3 closed forms …", "1 of 3 done; now a-1"]


def test_nothing_heavy_is_loaded_for_a_mistake_in_the_words(pytestconfig):
    code = (
        "import sys; from photon_relax.cli import main; status = main(['validate', '--cse', 'x']);"
        "assert not {'numpy', 'numba', 'torch', 'plotly'} & set(sys.modules); sys.exit(status)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=pytestconfig.rootpath, env=os.environ,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert answer.returncode == 2
    assert "No such option: --cse" in answer.stderr
