"""The validation notices mistakes: every planted one makes some case fail.

The table of who is killed by what: ``pytest tests/validation/test_mutants.py -rP``, or
``python -m tests.validation.mutants``.
"""

from dataclasses import is_dataclass

import numpy as np
import pytest

import devices
from circuits import ThermalCrosstalk, mesh_correction
from devices import AddDropRing, Laser, MachZehnder
from tests.validation.mutants import MUTANTS, NEGATED, Mutant, killer, planted, table
from validation.case import CASES
from validation.cases import mesh


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_is_noticed(mutant):
    by = killer(mutant)
    assert by is not None, "no case of its topics has an error above its tolerance"


def test_every_device_has_a_mutant_and_the_table_tells_all():
    touched = {part for mutant in MUTANTS for part in mutant.place.split(".")}
    shared = {"Switch": {"FiberSwitch", "MirrorArray"}, "MicroRing": set()}
    for base, heirs in shared.items():
        touched |= heirs if base in touched else set()
    named = {name for name in devices.__all__ if is_dataclass(getattr(devices, name))}
    assert named - touched == set()
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 24
    shown = table({mutant: killer(mutant) for mutant in MUTANTS})
    print(shown)
    assert shown.splitlines()[-1] == f"{len(MUTANTS)} of {len(MUTANTS)} mutants killed"


def test_a_harmless_change_survives():
    harmless = Mutant("devices.MachZehnder.bar_power", "none", lambda right: right, ("mesh",))
    assert killer(harmless) is None
    assert "none  SURVIVES" in table({harmless: None})


def test_a_model_that_breaks_down_is_no_kill():
    def broken(right):
        def wrong(*_):
            raise ZeroDivisionError

        return wrong

    crash = Mutant("devices.PhaseShifter.transfer", "crash", broken, ("mesh",))
    assert killer(crash) is None


@pytest.mark.parametrize(
    ("place", "seen"),
    [
        ("devices.MachZehnder.bar_power", lambda: MachZehnder(theta=1.0).bar_power),
        ("devices.Laser.phase_variance", lambda: Laser(linewidth=1e3).phase_variance(1.0)),
        ("devices.AddDropRing.finesse", lambda: AddDropRing().finesse),  # of its base
        (
            "circuits.ThermalCrosstalk.matrix",
            lambda: ThermalCrosstalk(positions=np.zeros((2, 1)), strength=0.1).matrix[0, 1],
        ),
        (
            "circuits.unreachable_splits",
            lambda: float(mesh.unreachable_splits is mesh_correction.unreachable_splits),
        ),
    ],
)
def test_planting_is_undone(place, seen):
    before = seen()
    with planted(Mutant(place, "sign", NEGATED, ())):
        # A function is replaced wherever it was imported to: both names still are one.
        assert seen() == (before if place.endswith("splits") else -before)
    assert seen() == before
    assert "finesse" not in AddDropRing.__dict__


def test_the_suspects_are_there():
    topics = {topic for mutant in MUTANTS for topic in mutant.topics}
    assert topics <= {case.measure.__module__.split(".")[-1] for case in CASES.values()}
