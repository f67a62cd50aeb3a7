"""The very start of the command, before anything heavy is loaded."""

import subprocess
import sys
import tomllib

import pytest

from photon_relax import __main__, __version__

# A Ctrl-C at the import of the module named first, then the command as its script starts it.
INTERRUPTED = """
import builtins, os, signal, sys
word, load = sys.argv.pop(1), builtins.__import__
def interrupt(name, *rest, **more):
    if name == word:
        builtins.__import__ = load
        os.kill(os.getpid(), signal.SIGINT)
    return load(name, *rest, **more)
builtins.__import__ = interrupt
from photon_relax.__main__ import main
sys.exit(main())
"""


@pytest.mark.parametrize("module", ["photon_relax.cli", "typer", "torch"])
def test_ctrl_c_during_the_imports_is_one_line(pytestconfig, tmp_path, module):
    out = str(tmp_path / "run")
    answer = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, module, "train", "digits", "--out", out],
        cwd=pytestconfig.rootpath,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (answer.returncode, answer.stdout) == (130, "")
    assert answer.stderr == "photon-relax: interrupted\n"
    assert not (tmp_path / "run").exists()


def test_importing_the_start_loads_no_command_line(pytestconfig):
    code = "import sys, photon_relax.__main__; print({'typer', 'pydantic'} & set(sys.modules))"
    answer = subprocess.run(
        [sys.executable, "-c", code],
        cwd=pytestconfig.rootpath,
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout == "set()\n"


def test_the_script_of_the_package_starts_here(pytestconfig, monkeypatch, capsys):
    project = tomllib.loads((pytestconfig.rootpath / "pyproject.toml").read_text())["project"]
    assert project["scripts"] == {"photon-relax": "photon_relax.__main__:main"}
    monkeypatch.setattr(sys, "argv", ["photon-relax", "--version"])
    assert __main__.main() == 0
    assert capsys.readouterr().out == f"photon-relax {__version__}\n"
