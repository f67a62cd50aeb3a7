"""What a search of a specification found: its sentence, and the values that it tried."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
from scipy import stats

from photon_relax.reports.parameter_names import axis_label, short_name, value_text
from photon_relax.reports.study_figures import Curve, Reference, draw_search
from photon_relax.studies.answer import describe_value, figure_words, smaller_is_better
from photon_relax.studies.solve import Goal, Probe, Solution
from photon_relax.studies.specification import Specification
from photon_relax.studies.study import Study
from photon_relax.studies.study_folder import StudyRecord

__all__ = ["Search"]

_VERDICTS = {
    "good": ("enough", "series-1"),
    "bad": ("not enough", "series-2"),
    "undecided": ("not decided", "series-8"),
}


@dataclass(frozen=True)
class Search:
    """A search that came to its end."""

    specification: Specification
    """What was searched."""
    solution: Solution
    """What was found."""
    target: str
    """The figure that was searched by."""

    @classmethod
    def recall(cls, record: StudyRecord, study: Study, folder: Path) -> Search | None:
        """Return the search in a folder; None where it is none, or goes on."""
        goal = record.definition.get("solve")
        if goal is None:
            return None
        specification = Specification(study, Goal(**goal))
        found = specification.recall(folder)
        return None if found is None else cls(specification, *found)

    @property
    def sentence(self) -> str:
        """What was found: the interval that holds the loosest value."""
        solution, name = self.solution, self.specification.name
        side = "at most" if smaller_is_better(self.target) else "at least"
        wish = (
            f"{self.target.replace('_', ' ')} of {side} "
            f"{describe_value(self.target, solution.threshold)}"
        )
        if solution.good is None:
            return f"No {short_name(name)} of the range is surely enough for {wish}."
        good = value_text(name, solution.good)
        if solution.bad is None:
            return (
                f"{short_name(name)} = {good} is enough for {wish}; none of the range is surely "
                "too little."
            )
        estimate = solution.estimate
        crossing = f"about {value_text(name, estimate)}, surely " if estimate is not None else ""
        bad = value_text(name, solution.bad)
        return f"{short_name(name)} has to be {crossing}between {bad} and {good} (95 %) for {wish}."

    def draw(self) -> go.Figure:
        """Return all values that were tried with their intervals, by verdict."""
        solution, name = self.solution, self.specification.name
        left = None
        if solution.good is not None and solution.bad is not None:
            left = (float(solution.bad), float(solution.good))
        curves = [
            (
                _points(words, [p for p in solution.probes if p.verdict == verdict], self.target),
                role,
            )
            for verdict, (words, role) in _VERDICTS.items()
        ]
        return draw_search(
            [(curve, role) for curve, role in curves if len(curve.x)],
            axis_label(name),
            figure_words(self.target),
            Reference("threshold", solution.threshold),
            left,
            logarithmic=self.specification.scale.range.kind == "log",
            percent="accuracy" in self.target,
        )


def _points(name: str, probes: list[Probe], target: str) -> Curve:
    middle = np.array([np.mean(probe.figures) for probe in probes])
    half = np.array([_half_width(probe) for probe in probes])
    places = np.array([probe.value for probe in probes], dtype=np.float64)
    low, high = middle - half, middle + half
    if "accuracy" in target:
        low, high = low.clip(0, 1), high.clip(0, 1)
    return Curve(name, places, middle, low, high)


def _half_width(probe: Probe) -> float:
    """Half of Student's 95 % interval; NaN of a single figure."""
    n = len(probe.figures)
    if n < 2:
        return float("nan")
    return float(stats.t.ppf(0.975, n - 1) * stats.sem(probe.figures))
