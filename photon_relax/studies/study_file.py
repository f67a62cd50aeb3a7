"""A study as a TOML file: the question, the base, what is measured, and what varies.

    question = "How much isolation do the switches need?"
    replicates = 5

    [measure]
    kind = "evaluate"                 # a trained run on other hardware; or fine-tune, retrain
    run = "runs/digits-001"           # or several: a parameter in which they differ chooses

    [base]                            # settings and hardware at every point
    fidelity = "waveform"
    hardware.detector.bandwidth = 2e9

    [parameters]                      # see photon_relax.studies.ranges
    hardware.switch.isolation_db = {log = [3, 60, 9]}

Unless ``baseline = false``, the base itself is measured too. With a table ``[solve]`` the loosest
value of the one parameter is searched that is still good enough::

    [solve]
    within = 0.01                     # or at_least, at_most: of the figure
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from photon_relax.config import read_toml, split_settings
from photon_relax.studies.design import DesignName, Wafers
from photon_relax.studies.ranges import KINDS
from photon_relax.studies.solve import Goal
from photon_relax.studies.specification import Specification
from photon_relax.studies.study import Study
from photon_relax.studies.study_folder import StudyRecord

__all__ = ["MeasureTable", "StudyFile", "build_study", "read_study_file", "study_of_record"]

_STRICT = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class MeasureTable(BaseModel):
    """What is measured at each point."""

    model_config = _STRICT

    kind: Literal["evaluate", "retrain", "fine-tune", "start"] = Field(
        description="evaluate a trained run, fine-tune it first, or retrain from scratch; start: "
        "the gradients of the untrained network."
    )
    run: str | list[str] | None = Field(
        None,
        description="The trained run, its folder or file; or several, among which parameters such "
        "as width or weight_sets choose, and replicates where only their training differs.",
    )
    steps: int | None = Field(None, ge=1, description="Steps of a fine-tuning.")
    split: Literal["test", "validation", "both"] | None = Field(
        None, description="Samples to answer; by default test, where there is one."
    )
    chip: Literal["same", "new"] | None = Field(
        None,
        description="same: the hardware keeps its seed; new: each replicate is another chip, its "
        "fabrication, crosstalk phases and noise; by default new where there are replicates, or "
        "where the network is trained.",
    )
    gradients: bool = Field(
        False, description="Whether training also measures the gradients of the layers."
    )


class WafersTable(BaseModel):
    """How the points of a Monte Carlo design resemble each other."""

    model_config = _STRICT

    chips: int = Field(description="Chips of the same wafer, one a point.")
    share: float = Field(description="Part of the variance they have in common, 0 to 1.")


class SolveTable(BaseModel):
    """What is good enough, where the loosest such value of the parameter is searched."""

    model_config = _STRICT

    within: float | None = Field(None, description="So much worse than at the better end.")
    at_least: float | None = Field(None, description="At least this.")
    at_most: float | None = Field(None, description="At most this.")
    tolerance: float | None = Field(None, description="How closely the value is wanted.")
    most_replicates: int = Field(32, ge=1, le=100_000, description="Replicates a value may take.")


class StudyFile(BaseModel):
    """The keys of a study file."""

    model_config = _STRICT

    question: str = Field("", description="What the study is to answer.")
    measure: MeasureTable
    base: dict[str, Any] = Field({}, description="Settings, hardware, and hardware_file.")
    parameters: dict[str, Any] = Field(description="What varies, by dotted name.")
    design: DesignName = Field("grid", description="Where the points lie.")
    points: int | None = Field(None, description="Points of a sampled design.")
    wafers: WafersTable | None = None
    replicates: int = Field(1, description="Times each point is measured.")
    seed: int = Field(0, description="Of points and replicates.")
    paired: bool = Field(False, description="Whether a replicate has one seed at all points.")
    baseline: bool = Field(True, description="Whether the base is measured too.")
    target: str | None = Field(None, description="The figure that answers the question.")
    solve: SolveTable | None = None


def read_study_file(path: str | Path, data_dir: str | Path | None = None) -> Study | Specification:
    """Make the study of a file, or the search, where it has a table ``[solve]``.

    Its paths are taken from the working directory.

    Raises
    ------
    ValueError
        A key is unknown, a value is out of range, or parts contradict each other; the message
        names the file.
    OSError
        A file cannot be read.
    """
    content = read_toml(path)
    try:
        file = StudyFile(**content)
        study = build_study(file, data_dir)
        if file.solve is None:
            return study
        return Specification(study, Goal(**file.solve.model_dump()))
    except ValidationError as error:
        raise ValueError(f"{path}: {'; '.join(_sentence(d) for d in error.errors())}") from None
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def study_of_record(record: StudyRecord, folder: str | Path) -> Study | Specification:
    """Make the study, or the search, of a folder again.

    Raises
    ------
    ValueError
        It was begun in Python, with a function that only its own program has; or the run that it
        evaluates has changed.
    """
    from photon_relax.studies.measures import NetworkMeasure

    measure = record.definition["measure"]
    if "kind" not in measure:
        raise ValueError(
            f"{folder} was begun in Python with the function {measure['function']}; go on there, "
            "by run(folder, resume=True) of the same Study"
        )
    study = Study.from_record(record, NetworkMeasure(**measure))
    goal = record.definition.get("solve")
    return study if goal is None else Specification(study, Goal(**goal))


def build_study(file: StudyFile, data_dir: str | Path | None) -> Study:
    """Make the study that the keys of a file describe.

    Raises
    ------
    ValueError
        A value is out of range, or parts contradict each other.
    OSError
        The file of its hardware cannot be read.
    """
    from photon_relax.studies.measures import NetworkMeasure

    told = file.measure
    settings, changes = split_settings(file.base)
    hardware_file = settings.pop("hardware_file", None)
    if told.kind == "fine-tune":
        if told.steps is None:
            raise ValueError("fine-tune needs steps, such as steps = 100, in [measure]")
        settings["steps"] = told.steps
    elif told.steps is not None:
        raise ValueError(f"steps in [measure] are of fine-tune, not of {told.kind}")
    chip = told.chip or ("new" if file.replicates > 1 or told.kind != "evaluate" else "same")
    if chip == "same" and told.kind == "evaluate" and file.replicates > 1:
        raise ValueError(
            "the same chip answers the same every time, so replicates must be 1; write "
            'chip = "new" in [measure] for other chips'
        )
    measure = NetworkMeasure(
        kind=told.kind,
        run=_resolved(told.run),
        settings=settings,
        hardware=None if hardware_file is None else _hardware_text(hardware_file),
        changes=changes,
        split=told.split,
        chip=chip,
        gradients=told.gradients,
        data_dir=None if data_dir is None else str(Path(data_dir).resolve()),
    )
    return Study(
        measure,
        flatten_parameters(file.parameters),
        question=file.question,
        design=file.design,
        points=file.points,
        wafers=None if file.wafers is None else Wafers(**file.wafers.model_dump()),
        replicates=file.replicates,
        seed=file.seed,
        paired=file.paired,
        # Between networks there is no base.
        baseline={} if file.baseline and file.solve is None and not measure.chosen else None,
        target=file.target,
    )


def _resolved(run: str | list[str] | None) -> str | list[str] | None:
    if run is None or isinstance(run, str):
        return None if run is None else str(Path(run).resolve())
    return [str(Path(path).resolve()) for path in run]


def _hardware_text(file: Any) -> str:
    from photon_relax.hardware import Hardware

    if not isinstance(file, str):
        raise ValueError(f"hardware_file must be the name of a file; got {file!r}")
    return Hardware.from_toml(file).to_toml()


def flatten_parameters(table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Give parameters their dotted names, for TOML reads a dot as a table in a table."""
    flat: dict[str, Any] = {}
    for key, value in table.items():
        if isinstance(value, Mapping) and not _is_range(value):
            inner = flatten_parameters(value, f"{prefix}{key}.")
        else:
            inner = {f"{prefix}{key}": value}
        if twice := inner.keys() & flat.keys():
            raise ValueError(f"{min(twice)} is there twice, with and without quotes")
        flat.update(inner)
    return flat


def _is_range(table: Mapping[str, Any]) -> bool:
    """Say whether a table is the values of a parameter, if perhaps misspelt, or holds others."""
    return not table or any(
        not isinstance(value, Mapping) and get_close_matches(key, KINDS, n=1, cutoff=0.75)
        for key, value in table.items()
    )


def _sentence(detail: Any) -> str:
    name = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "extra_forbidden":
        tables: dict[str, type[BaseModel]] = {
            "measure": MeasureTable,
            "wafers": WafersTable,
            "solve": SolveTable,
        }
        model = tables.get(name.split(".")[0], StudyFile)
        near = get_close_matches(name.split(".")[-1], model.model_fields, n=1)
        keys = ", ".join(model.model_fields)
        return f"unknown key {name}; " + (f"did you mean {near[0]}?" if near else f"known: {keys}")
    if detail["type"] == "missing":
        return f"{name} is missing"
    return f"{name}: {detail['msg'].removeprefix('Value error, ')}; got {detail['input']!r}"
