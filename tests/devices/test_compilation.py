"""The kernels' disk cache must be named by everything that a kernel is made of."""

import ast
import importlib.util
import shutil
from pathlib import Path

import numba
import pytest

import circuits
import devices

FLOORS = [Path(package.__file__).parent for package in (devices, circuits)]
KERNELS = sorted(source for floor in FLOORS for source in floor.glob("*_kernels.py"))
HOUSE = {"devices", "circuits", "photon_relax", "validation"}


def imported(source):
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module


@pytest.mark.parametrize("source", KERNELS, ids=lambda source: source.stem)
def test_a_kernel_module_is_made_of_kernel_modules_alone(source):
    house = [name for name in imported(source) if name.split(".")[0] in HOUSE]
    assert "devices.compilation" in house
    assert all(name == "devices.compilation" or name.endswith("_kernels") for name in house)


@pytest.mark.parametrize("floor", FLOORS, ids=lambda floor: floor.name)
def test_kernels_are_defined_in_kernel_modules_alone(floor):
    users = {source for source in floor.glob("*.py") if "devices.compilation" in imported(source)}
    assert users == {source for source in KERNELS if source.parent == floor}


def digest_of(tree, monkeypatch):
    """Import a copy of the module, whose cache folder then belongs to the copied kernels."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", numba.config.CACHE_DIR)
    spec = importlib.util.spec_from_file_location("copied", tree / "devices" / "compilation.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return Path(numba.config.CACHE_DIR).name


def test_a_change_of_any_kernel_on_either_floor_starts_an_empty_cache(tmp_path, monkeypatch):
    for floor in FLOORS:
        shutil.copytree(floor, tmp_path / floor.name, ignore=shutil.ignore_patterns("__pycache__"))
    first = digest_of(tmp_path, monkeypatch)
    assert first == digest_of(tmp_path, monkeypatch)
    seen = {first}
    for floor in FLOORS:
        kernel = tmp_path / floor.name / "new_kernels.py"
        kernel.write_text("x = 1\n")
        seen.add(digest_of(tmp_path, monkeypatch))
        kernel.write_text("x = 2\n")
        seen.add(digest_of(tmp_path, monkeypatch))
        (tmp_path / floor.name / "device.py").write_text("x = 1\n")
        assert digest_of(tmp_path, monkeypatch) in seen
    assert len(seen) == 5
