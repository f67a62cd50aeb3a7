"""A study of an experiment, and results of it that are made up."""

import numpy as np
import pytest
import xarray as xr

from photon_relax.experiments.experiment import PlannedStudy
from photon_relax.experiments.experiment_file import StudyTable
from photon_relax.studies.study_file import StudyFile, build_study


@pytest.fixture
def planned():
    """Return a function that plans a study of digits, with changes to its table."""

    def make(views, parameters, design="grid", replicates=5):
        told = {
            "name": "own",
            "base": {"dataset": "digits", "repetitions": 4, "width": 6, "fidelity": "ideal"},
            "parameters": parameters,
            "design": design,
            "views": views,
        }
        table = StudyTable.model_validate(told)
        keys = ("base", "parameters", "design")
        file = {key: told[key] for key in keys} | {"measure": table.measure, "baseline": False}
        study = build_study(StudyFile.model_validate(file | {"replicates": replicates}), None)
        return PlannedStudy(table, study)

    return make


@pytest.fixture
def measured():
    """Return a function that lays values, (points, seeds), into the shape of a study's results."""

    def make(planned, **figures):
        design = planned.study.tasks.design
        dims = (*design.names, "replicate") if design.kind == "grid" else ("point", "replicate")
        shape = (*design.shape, planned.study.replicates)
        arrays = {name: (dims, np.reshape(values, shape)) for name, values in figures.items()}
        known = np.isfinite(next(iter(arrays.values()))[1])
        return xr.Dataset({**arrays, "status": (dims, np.where(known, 1, 0))})

    return make
