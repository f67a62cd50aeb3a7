"""The package refuses to start on a foreign 'devices', and loads its public names lazily."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import photon_relax
from photon_relax import house

ROOT = Path(photon_relax.__file__).resolve().parent.parent

# What the installed script does, with the name that pip gives it.
SCRIPT = "import sys; sys.argv[0] = '/anywhere/bin/photon-relax'; import photon_relax"


def run(*arguments, path):
    """Python in a fresh process and a neutral folder, with ``path`` first on its module path."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(path), str(ROOT)])}
    return subprocess.run(
        [sys.executable, *arguments],
        env=environment,
        cwd=path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def foreign(tmp_path):
    """A folder with another distribution's package 'devices'."""
    package = tmp_path / "devices"
    package.mkdir()
    (package / "__init__.py").write_text("raise SystemExit('the stranger was imported')\n")
    return tmp_path


def test_the_real_house_is_in_order():
    house.refuse_strangers()
    for name in house.SIBLINGS:
        assert house._place(name) == ROOT / name


def test_an_import_is_refused_with_what_was_found_where(foreign):
    outcome = run("-c", "import photon_relax", path=foreign)
    assert outcome.returncode == 1
    last = outcome.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: photon_relax cannot start: 'devices' was found at")
    assert str(foreign.resolve() / "devices") in last
    assert "clean virtual environment" in last
    assert "circuits" not in last.split("but it must")[0]


@pytest.mark.parametrize("arguments", [("-m", "photon_relax", "--version"), ("-c", SCRIPT)])
def test_the_command_ends_with_one_line_and_status_2(foreign, arguments):
    outcome = run(*arguments, path=foreign)
    assert outcome.returncode == 2
    assert outcome.stdout == ""
    assert len(outcome.stderr.strip().splitlines()) == 1
    assert outcome.stderr.startswith("photon_relax cannot start: 'devices' was found at")


def test_a_plain_module_of_the_same_name_is_a_stranger_too(tmp_path):
    (tmp_path / "circuits.py").write_text("")
    outcome = run("-c", "import photon_relax", path=tmp_path)
    assert outcome.returncode == 1
    assert "'circuits' was found at" in outcome.stderr
    assert "circuits.py" in outcome.stderr


def test_a_missing_package_is_named(monkeypatch):
    with pytest.raises(ImportError, match="'no_such_floor' was found nowhere, but it must lie"):
        house.refuse_strangers(("no_such_floor",))


def test_a_module_that_hides_its_origin_is_a_stranger(monkeypatch):
    hidden = type(sys)("hidden_floor")
    monkeypatch.setitem(sys.modules, "hidden_floor", hidden)
    hidden.__spec__ = None
    with pytest.raises(ImportError, match="'hidden_floor' was found nowhere"):
        house.refuse_strangers(("hidden_floor",))


def test_importing_the_package_does_not_load_torch(tmp_path):
    code = "import sys, photon_relax; print('torch' in sys.modules, photon_relax.__version__)"
    outcome = run("-c", code, path=tmp_path)
    assert outcome.stdout.split() == ["False", photon_relax.__version__]


def test_public_names_resolve_lazily_to_their_modules():
    from photon_relax.datasets import load_dataset

    assert photon_relax.load_dataset is load_dataset
    assert set(photon_relax.__all__) <= set(dir(photon_relax))
    assert set(photon_relax._HOMES) == set(photon_relax.__all__) - {"__version__"}


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'no_such_thing'"):
        _ = photon_relax.no_such_thing
