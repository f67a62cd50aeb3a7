import numpy as np
import pytest
from matplotlib.collections import LineCollection

from photon_relax.reports.search_panel import Search
from photon_relax.studies import Study
from photon_relax.studies.ranges import read_range
from photon_relax.studies.solve import Goal, Probe, Scale, Solution
from photon_relax.studies.solve_picture import draw_solution
from photon_relax.studies.specification import Specification

SOLUTION = Solution(
    good=2.0,
    bad=1.0,
    estimate=1.5,
    threshold=0.9,
    probes=(Probe(1.0, (0.0, 0.1, 0.2), "bad"), Probe(2.0, (0.9, 1.0, 1.0), "good")),
)
RANGE = {"linear": [1.0, 2.0]}


# Student's intervals reach from −0.15 to 1.11; 1e-15 is rounding of mean and width.
@pytest.mark.parametrize(("target", "within"), [("accuracy", True), ("score", False)])
def test_intervals_of_a_share_stay_within_it(target, within, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        "photon_relax.studies.solve_picture.save_figure", lambda figure, path: drawn.append(figure)
    )
    draw_solution(SOLUTION, Scale(read_range("x", RANGE)), "x", target, "why?", "p.png")
    (axes,) = drawn[0].axes
    bars = [part for part in axes.collections if isinstance(part, LineCollection)]
    ends = np.concatenate([segment[:, 1] for part in bars for segment in part.get_segments()])
    assert bool(ends.min() >= -1e-15 and ends.max() <= 1 + 1e-15) is within

    study = Study(lambda values, seed: values["x"], {"x": RANGE})
    search = Search(
        specification=Specification(study, Goal(at_least=0.9)), solution=SOLUTION, target=target
    )
    bars = [trace for trace in search.draw().data if trace.error_y.array is not None]
    assert bars
    highest = max(float(np.max(trace.y + trace.error_y.array)) for trace in bars)
    lowest = min(float(np.min(trace.y - trace.error_y.arrayminus)) for trace in bars)
    assert bool(lowest >= -1e-15 and highest <= 1 + 1e-15) is within
