"""The report of an experiment: the question, what the claims have come to, figure and tables."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime
from html import escape
from pathlib import Path

from photon_relax.environment import describe_installation
from photon_relax.experiments.experiment import Experiment
from photon_relax.experiments.findings import Family, Finding
from photon_relax.experiments.tables import against_text, family_rows, point_rows
from photon_relax.experiments.words import figure_name
from photon_relax.reports import blocks
from photon_relax.reports.html_page import page_part, render_page, section
from photon_relax.reports.typeset import typeset
from photon_relax.version import __version__

__all__ = ["render_experiment_report"]

_METHOD = (
    "Every network is trained {seeds}, the same seeds at every point. Means come with Student's "
    "95 % interval over the seeds; differences are paired by seed, with Student's test and Holm's "
    "adjustment over the comparisons of a table. The intervals tell how much training varies, not "
    "how much another test set would: all networks answer the same samples."
)


def render_experiment_report(
    experiment: Experiment, findings: Sequence[Finding], picture: Path
) -> str:
    """Return the page, with the picture in it.

    Raises
    ------
    OSError
        The picture cannot be read.
    """
    now = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z")
    verdicts = [
        family.verdict.sentence
        for finding in findings
        for family in finding.families
        if family.verdict is not None
    ]
    sections = [
        section("What was found", _picture(picture, experiment.file.question)),
        *(_finding(finding) for finding in findings),
        _method(experiment),
        _reproduction(experiment),
    ]
    return render_page(
        title=f"photon_relax: {experiment.name}",
        heading=escape(experiment.file.question),
        verdict="<br>".join(typeset(verdict) for verdict in dict.fromkeys(verdicts)),
        machine=escape(
            f"{experiment.name} at scale {experiment.scale}; arXiv 2511.00044; "
            f"reported {now} by photon_relax {__version__}"
        ),
        main="\n".join(sections),
        css=page_part("report.css"),
        interactive=False,
    )


def _picture(path: Path, words: str) -> str:
    image = base64.b64encode(path.read_bytes()).decode()
    return (
        f'<figure class="panel"><img src="data:image/png;base64,{image}" alt="{escape(words)}" '
        'style="width: 100%; height: auto"></figure>'
    )


def _finding(finding: Finding) -> str:
    head = ["", "hidden parameters", "seeds", f"{figure_name(finding.view.figure)}, 95 % interval"]
    rows: list[list[blocks.Cell]] = [
        [typeset(place), ("number", hidden), ("number", seeds), ("number", figure)]
        for place, hidden, seeds, figure in point_rows(finding)
    ]
    points = blocks.table(head, {"": rows})
    parts = [points if len(rows) <= _LISTED else blocks.folded(f"All {len(rows)} points", points)]
    parts += [_family(finding, family) for family in finding.families]
    told = f"{finding.best_text[0].upper()}{finding.best_text[1:]}. {finding.view.note}"
    note = [blocks.note(typeset(told.strip()))]
    return section(finding.view.title, *note, *parts)


_LISTED = 16


def _family(finding: Finding, family: Family) -> str:
    head = [
        f"against {against_text(finding, family)}",
        f"change of {figure_name(finding.view.figure)}, 95 % interval",
        *("pairs", "p (Holm)", ""),
    ]
    rows: list[list[blocks.Cell]] = [
        [typeset(place), ("number", change), ("number", pairs), ("number", p), escape(words)]
        for place, change, pairs, p, words in family_rows(finding, family)
    ]
    verdict = blocks.note(typeset(family.verdict.sentence)) if family.verdict else ""
    return verdict + blocks.table(head, {"": rows})


def _method(experiment: Experiment) -> str:
    count = experiment.replicates
    seeds = f"{count} times" if count > 1 else "once"
    note = [blocks.note(escape(experiment.file.note))] if experiment.file.note else []
    return section("How it was measured", blocks.note(_METHOD.format(seeds=seeds)), *note)


def _reproduction(experiment: Experiment) -> str:
    settings = [
        blocks.folded(
            planned.table.name,
            blocks.code_block(blocks.settings_text(dict(planned.measure.settings))),
        )
        for planned in experiment.studies
    ]
    return section(
        "How to reproduce it",
        blocks.code_block(experiment.command),
        blocks.note("The settings of each study, beside what it varies:"),
        *settings,
        blocks.folded("Versions", blocks.versions_table(describe_installation())),
    )
