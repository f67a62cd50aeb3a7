"""An experiment as a TOML file: studies, how they are looked at, and what the paper claims.

    summary = "SVHN error over the weight sets"     # a line in the list of experiments
    question = "Do more weight sets at the same depth help?"

    [scales.smoke]                    # seeds, and settings of all studies at this scale
    replicates = 1
    base = {steps = 10}

    [[studies]]                       # the keys of a study file, and
    name = "svhn"                     # the folder it is measured in
    base = {dataset = "svhn"}
    parameters = {weight_sets = [1, 2, 4]}
    at.smoke.parameters = {weight_sets = [1, 2]}    # what else is different at a scale

    [[studies.views]]                 # a figure of the study, as table and picture
    title = "Test error"
    figure = "test_error"
    picture = "curve"
    along = "weight_sets"

    [[studies.views.comparisons]]     # every point against the one that is the same but for this
    against = {weight_sets = 1}
    claim = "More weight sets make fewer errors."
    expect = "lower"
    at = "every"

In ``against`` a word that is a parameter stands for its value at the point:
``{repetitions = "weight_sets"}`` is the network without repetition.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from photon_relax.experiments.catalogue import read_shipped
from photon_relax.studies.design import DesignName
from photon_relax.studies.study_file import MeasureTable

__all__ = [
    "ComparisonTable",
    "ExperimentFile",
    "ScaleName",
    "StudyTable",
    "ViewTable",
    "parse_experiment",
    "read_experiment",
]

ScaleName = Literal["smoke", "subset", "full"]

_STRICT = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class ComparisonTable(BaseModel):
    """Which points are compared with which, and what the paper says about it."""

    model_config = _STRICT

    against: dict[str, Any] = Field(description="In what the point of reference differs.")
    where: dict[str, list[Any]] = Field({}, description="Values that compared points have.")
    claim: str = Field("", description="What the paper says, in a sentence.")
    expect: Literal["lower", "higher", "same"] = Field(
        "lower", description="What the claim says of the figure."
    )
    at: Literal["every", "some"] = Field(
        "every", description="At how many of the compared points it says so."
    )
    within: float | None = Field(
        None, gt=0, description="Change up to which the figure is the same."
    )


class ViewTable(BaseModel):
    """One figure of a study."""

    model_config = _STRICT

    title: str = Field(description="Above picture and table.")
    figure: str = Field(description="Which, such as val_loss; test_error is 1 − test_accuracy.")
    picture: Literal["curve", "map", "points", "layers"] = Field(
        description="How it is drawn; layers: of NAME_decades, NAME_0, NAME_1 … over the layers."
    )
    along: str | None = Field(None, description="Parameter of the horizontal axis.")
    series: str | None = Field(None, description="Parameter that gives the colour.")
    footprint: bool = Field(False, description="Whether a second axis shows the parameters.")
    note: str = Field("", description="What else a reader should know.")
    comparisons: list[ComparisonTable] = []


class _Changes(BaseModel):
    """What a study does otherwise at one scale."""

    model_config = _STRICT

    base: dict[str, Any] = {}
    parameters: dict[str, Any] = {}


class StudyTable(BaseModel):
    """A study: what varies, and the views of it."""

    model_config = _STRICT

    name: str = Field(description="Of its folder.")
    measure: MeasureTable = MeasureTable.model_validate({"kind": "retrain"})
    base: dict[str, Any] = {}
    parameters: dict[str, Any]
    design: DesignName = "grid"
    at: dict[ScaleName, _Changes] = {}
    views: list[ViewTable] = Field(min_length=1)


class ScaleTable(BaseModel):
    """How large an experiment is."""

    model_config = _STRICT

    replicates: int = Field(ge=1, description="Seeds, where --seeds does not say otherwise.")
    base: dict[str, Any] = {}
    samples: dict[str, int] = Field({}, description="Training samples that a data set must have.")


class ExperimentFile(BaseModel):
    """The keys of an experiment's file."""

    model_config = _STRICT

    summary: str
    question: str
    note: str = ""
    scales: dict[ScaleName, ScaleTable]
    studies: list[StudyTable] = Field(min_length=1)


def read_experiment(name: str) -> ExperimentFile:
    """Read an experiment that ships, by its name.

    Raises
    ------
    ValueError
        There is none of this name; the message lists those that are there.
    """
    return parse_experiment(name, read_shipped(name))


def parse_experiment(name: str, content: Mapping[str, Any]) -> ExperimentFile:
    """Check the content of an experiment's file.

    Raises
    ------
    ValueError
        A key is unknown or missing, or a value is out of range.
    """
    try:
        return ExperimentFile(**content)
    except ValidationError as error:
        faults = (f"{'.'.join(map(str, d['loc']))}: {d['msg']}" for d in error.errors())
        raise ValueError(f"experiment {name}: {'; '.join(faults)}") from None
