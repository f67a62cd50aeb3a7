"""What every device promises: checked, frozen, comparable, documented fields."""

import ast
import copy
import dataclasses
import inspect
import itertools
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import devices

NAMES = sorted(name for name in devices.__all__ if dataclasses.is_dataclass(getattr(devices, name)))
REQUIRED = {"MachZehnder": {"theta": 1.0}}
# Fields whose range excludes 1 have no integers to convert.
NO_INTEGERS = {
    ("AddDropRing", "input_self_coupling"),
    ("AddDropRing", "drop_self_coupling"),
    ("AllPassRing", "self_coupling"),
    ("Amplifier", "noise_figure_db"),
    ("Laser", "rin_db"),
}


def build(name, **fields):
    return getattr(devices, name)(**{**REQUIRED.get(name, {}), **fields})


def real_fields():
    """Every (device, field) that holds a real number."""
    for name in NAMES:
        device = build(name)
        for field in dataclasses.fields(device):
            if isinstance(getattr(device, field.name), float):
                yield name, field.name


@pytest.mark.parametrize("name", NAMES)
def test_a_device_is_frozen_and_built_by_keyword(name):
    device = build(name)
    first = dataclasses.fields(device)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(device, first, 1.0)
    with pytest.raises(TypeError, match="positional"):
        getattr(devices, name)(1.0)


@pytest.mark.parametrize("name", NAMES)
def test_every_field_carries_its_unit_and_source_in_a_docstring(name):
    family = [part for part in getattr(devices, name).__mro__ if dataclasses.is_dataclass(part)]
    bodies = [ast.parse(inspect.getsource(part)).body[0].body for part in family]
    documented = {
        line.target.id
        for body in bodies
        for line, after in itertools.pairwise(body)
        if isinstance(line, ast.AnnAssign)
        and isinstance(after, ast.Expr)
        and isinstance(after.value, ast.Constant)
        and len(after.value.value) > 20
    }
    assert documented == {field.name for field in dataclasses.fields(build(name))}


@pytest.mark.parametrize(("name", "field"), list(real_fields()))
def test_nan_words_flags_and_nothing_are_refused_by_name(name, field):
    with pytest.raises(ValueError, match=rf"^{field} must be .*\(.+\); got nan"):
        build(name, **{field: float("nan")})
    for wrong in ("0.1", True, None, 1j, [], [1.0, "2"], [1.0, [2.0]]):
        with pytest.raises(ValueError, match=rf"^{field} must be a real number or an array"):
            build(name, **{field: wrong})


@pytest.mark.parametrize(
    ("name", "field"), [pair for pair in real_fields() if pair not in NO_INTEGERS]
)
def test_integers_and_lists_of_a_configuration_file_become_floats(name, field):
    assert type(getattr(build(name, **{field: 1}), field)) is float
    swept = getattr(build(name, **{field: [1, 1, 1]}), field)
    assert swept.dtype == np.float64
    np.testing.assert_array_equal(swept, np.ones(3))
    assert not swept.flags.writeable


def test_the_users_array_is_copied_so_that_a_frozen_device_cannot_change():
    mine = np.array([0.1, 0.2])
    laser = devices.Laser(power=mine)
    mine[0] = 5.0
    assert laser.power[0] == 0.1
    with pytest.raises(ValueError, match="read-only"):
        laser.power[0] = 5.0


def test_the_index_of_the_bad_element_is_named():
    with pytest.raises(ValueError, match=r"got -2 at index \(0, 1\)"):
        devices.Laser(power=[[1.0, -2.0]])


@pytest.mark.parametrize("name", NAMES)
def test_equality_hash_and_copies_agree(name):
    device = build(name)
    assert device == build(name)
    assert hash(device) == hash(build(name))
    for twin in (copy.deepcopy(device), pickle.loads(pickle.dumps(device))):
        assert twin == device
    assert dataclasses.replace(device) == device


def test_array_fields_compare_element_by_element_and_by_shape():
    one = devices.FiberSwitch(isolation_db=[20, 30, np.inf])
    assert one == devices.FiberSwitch(isolation_db=np.array([20.0, 30.0, np.inf]))
    assert hash(one) == hash(devices.FiberSwitch(isolation_db=(20, 30, np.inf)))
    assert one != devices.FiberSwitch(isolation_db=[20, 30, 40])
    assert devices.Laser(power=[1.0]) != devices.Laser(power=1.0)
    assert devices.Laser(power=[[1.0]]) != devices.Laser(power=[1.0])
    assert devices.Laser() != devices.Quantizer()
    assert devices.Laser() != 0.1


def test_nested_devices_compare_by_value():
    pair = devices.BalancedPhotodetector(photodiode=devices.Photodetector(bandwidth=[1e9, 2e9]))
    same = devices.BalancedPhotodetector(photodiode=devices.Photodetector(bandwidth=[1e9, 2e9]))
    assert pair == same
    assert pair != devices.BalancedPhotodetector()


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("Laser", {"power": [1, 2], "wavelength": [1e-6, 1e-6, 1e-6]}),
        ("MachZehnder", {"theta": [0, 1], "beta": [0, 0, 0]}),
        ("Photodetector", {"bandwidth": [1e9, 2e9], "load_resistance": [50, 60, 70]}),
        ("Quantizer", {"bits": [4, 8], "full_scale": [1, 2, 3]}),
    ],
)
def test_sweeps_that_contradict_each_other_are_refused(name, fields):
    with pytest.raises(ValueError, match=rf"fields of {name} must broadcast .*\(2,\).*\(3,\)"):
        build(name, **fields)


def test_importing_devices_needs_neither_torch_nor_numba():
    heavy = ("torch", "numba", "scipy.linalg")
    code = f"import devices, sys; print([name for name in {heavy} if name in sys.modules])"
    root = Path(devices.__file__).parent.parent
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True
    )
    assert run.stdout.strip() == "[]"
