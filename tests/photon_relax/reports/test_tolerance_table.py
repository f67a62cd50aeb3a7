import numpy as np
import pytest
import xarray as xr

from photon_relax.reports.tolerance_table import nearly_best, tolerance_table
from photon_relax.studies.design import Design
from photon_relax.studies.ranges import Range


@pytest.mark.parametrize(
    ("target", "curve", "kept"),
    [
        ("accuracy", [0.5, 0.945, 0.95, 0.94, 0.93], [1, 2, 3]),
        # Behind a gap it is not sure that values between are good enough.
        ("accuracy", [0.95, 0.9, 0.95, 0.96], [2, 3]),
        ("loss", [2.0, 2.019, 2.03, 2.0], [0, 1]),
        ("loss", [np.nan, 2.0, np.nan], [1]),
    ],
)
def test_what_is_nearly_best_is_one_stretch(target, curve, kept):
    assert np.flatnonzero(nearly_best(np.array(curve), target)).tolist() == kept


def test_a_row_a_curve():
    name = "hardware.switch.isolation_db"
    ranges = {name: Range("list", (0.0, 5.0, 10.0)), "weight_sets": Range("list", (1, 2))}
    table = [[0.95, 0.5], [0.95, 0.945], [0.95, 0.95]]
    middle = xr.DataArray(table, {name: [0.0, 5.0, 10.0], "weight_sets": [1, 2]}, dims=ranges)
    html = tolerance_table(middle, "test_accuracy", Design(parameters=ranges))
    assert "switch.isolation_db that loses at most 1 point" in html
    assert "every value" in html
    assert "5 dB … 10 dB" in html
    words = {"bank": Range("list", ("mzi", "ring"))}
    assert tolerance_table(middle, "loss", Design(parameters=words)) == ""
