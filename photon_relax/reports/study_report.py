"""The report of a study: the question, its answer, the figures, the hardware, how to repeat it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from photon_relax.hardware import Hardware
from photon_relax.network import machine_of
from photon_relax.reports import blocks
from photon_relax.reports.hardware_rows import HardwareRow, hardware_rows
from photon_relax.reports.html_page import page_part, render_page, section
from photon_relax.reports.numbers import with_unit
from photon_relax.reports.parameter_names import place, short_name
from photon_relax.reports.search_panel import Search
from photon_relax.reports.study_panels import response_panels
from photon_relax.reports.study_text import study_text
from photon_relax.reports.tolerance_table import tolerance_table
from photon_relax.studies.answer import Answer, Estimate, describe_value, estimates, figure_words
from photon_relax.studies.measures import NetworkMeasure
from photon_relax.studies.results import BASELINE, collect
from photon_relax.studies.study import Study
from photon_relax.studies.study_folder import StudyRecord
from photon_relax.studies.tasks import DONE, FAILED
from photon_relax.version import __version__

__all__ = ["StudyMaterial", "render_study_report"]

_FAILED_SHOWN = 50
_REASONS_SHOWN = 10
_TOLD_PARAMETERS = 2
_MEASURES = {
    "evaluate": "a trained network, evaluated",
    "fine-tune": "a trained network, fine-tuned",
    "retrain": "a network, trained anew",
    "start": "the gradients of a network, untrained",
}


@dataclass(frozen=True, kw_only=True)
class StudyMaterial:
    """Everything that the report of a study shows."""

    name: str
    """Of its folder."""
    record: StudyRecord
    """What was asked."""
    study: Study
    """Its points, around a function that is not called."""
    results: xr.Dataset
    """What was measured until now, from the journal."""
    answer: Answer | None
    """What that says; None where nothing was measured."""
    search: Search | None = None
    """The search of a specification, where that is what the study is, and it is done."""

    @classmethod
    def gather(cls, folder: Path) -> StudyMaterial:
        """Read a study, which may be going on.

        Raises
        ------
        ValueError
            There is no study, or it is damaged.
        OSError
            A file cannot be read.
        """
        record = StudyRecord.read(folder)
        study = Study.from_record(record)
        told: dict[str, Any] = {"record": record, "study": study}
        name = folder.resolve().name
        if "solve" in record.definition:
            search = Search.recall(record, study, folder)
            return cls(name=name, results=xr.Dataset(), answer=None, search=search, **told)
        results = collect(study.tasks, StudyRecord.journal(folder))
        return cls(name=name, results=results, answer=study.answer(results), **told)

    @property
    def measure(self) -> Mapping[str, Any]:
        """What was measured: a network, where it has a kind, or a function."""
        told: Mapping[str, Any] = self.record.definition["measure"]
        return told


def render_study_report(material: StudyMaterial) -> str:
    """Return the page."""
    environment = material.record.environment
    now = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z")
    told = (
        f"{material.name}; photon_relax {environment.get('photon_relax', 'unknown')}; "
        f"reported {now} by {__version__}"
    )
    parts = (_facts, _found, _response, _figures, _failures, _hardware, _reproduction)
    sections = [part(material) for part in parts]
    return render_page(
        title=f"photon_relax: {material.name}",
        heading=escape(_question(material)),
        verdict=escape(_verdict(material)),
        machine=escape(told),
        main="\n".join(filter(None, sections)),
        css=page_part("report.css"),
    )


def _question(material: StudyMaterial) -> str:
    names = [short_name(name) for name in material.study.parameters]
    ask = "What does" if len(names) == 1 else "What do"
    target = figure_words(material.answer.target) if material.answer else "the network"
    return material.record.question or f"{ask} {' and '.join(names)} do to {target}?"


def _verdict(material: StudyMaterial) -> str:
    if material.search is not None:
        return material.search.sentence
    if "solve" in material.record.definition:
        return "Not known yet: the search goes on."
    return _sentence(material.answer) if material.answer else "Not known yet: nothing was measured."


def _sentence(answer: Answer) -> str:
    """The answer in one sentence, with its intervals; where it is, as far as that is short."""
    parts = [f"{figure_words(answer.target).capitalize()} is {_told(answer, answer.best)} at best"]
    short = len(answer.best_at) <= _TOLD_PARAMETERS
    if short:
        parts[0] += f", where {place(answer.best_at)}"
    parts.append(f"{_told(answer, answer.worst)} at worst")
    if short:
        parts[1] += f", where {place(answer.worst_at)}"
    sentence = ", and ".join(parts)
    if answer.baseline is not None:
        sentence += f"; the base gives {_told(answer, answer.baseline)}"
    if len(answer.effects) > 1:
        sentence += f"; {short_name(answer.effects[0].name)} matters most"
    return f"{sentence}."


def _told(answer: Answer, found: Estimate) -> str:
    interval = _interval(answer.target, found)
    value = describe_value(answer.target, found.value)
    return f"{value} (95 % interval {interval})" if interval else value


def _states(material: StudyMaterial) -> np.ndarray[Any, Any]:
    """Return the states of all tasks, those of the base too."""
    kept = [material.results[name] for name in ("status", f"status{BASELINE}")
            if name in material.results]  # fmt: skip
    return np.concatenate([states.values.ravel() for states in kept])


def _facts(material: StudyMaterial) -> str:
    kind = escape(_MEASURES.get(material.measure.get("kind", ""), "a function"))
    if "solve" in material.record.definition:
        probes = () if material.search is None else material.search.solution.probes
        calls = sum(len(probe.figures) for probe in probes)
        told = {"measured": kind, "values tried": f"{len(probes)}", "calls": f"{calls:,}"}
        return blocks.facts(told)
    tasks, states = material.study.tasks, _states(material)
    seconds = material.results["seconds"].values
    known = seconds[np.isfinite(seconds)]
    told = {
        "measured": kind,
        "design": f"{escape(tasks.design.kind)}, {len(tasks.design):,} points",
        "replicates": f"{tasks.replicates}",
        "done": f"{int((states == DONE).sum()):,} of {len(states):,}",
    }
    if failed := int((states == FAILED).sum()):
        told["failed"] = f"{failed:,}"
    if known.size:
        told["time each"] = with_unit(float(np.median(known)), "s")
    return blocks.facts(told)


def _found(material: StudyMaterial) -> str:
    """The values that a search tried."""
    if material.search is None:
        return ""
    explanation = (
        "Bars are 95 % intervals of the means. The verdicts compare equal seeds where that can be, "
        "so they know more. Shaded: where the loosest value lies."
    )
    panel = blocks.panel("Values tried", material.search.draw(), explanation)
    return section("What was found", panel)


def _response(material: StudyMaterial) -> str:
    if material.answer is None:
        return ""
    design, target = material.study.tasks.design, material.answer.target
    table = tolerance_table(estimates(material.results, target)[0], target, design)
    return section(
        "What was found", table, response_panels(material.results, material.answer, design)
    )


def _figures(material: StudyMaterial) -> str:
    """The best, the worst and the base, as they are written in the answer."""
    answer = material.answer
    if answer is None:
        return ""
    head = ["", figure_words(answer.target), "95 % interval", "at"]
    listed = [("best", answer.best, answer.best_at), ("worst", answer.worst, answer.worst_at)]
    if answer.baseline is not None:
        listed.append(("base", answer.baseline, {}))
    rows: list[list[blocks.Cell]] = [
        [
            name,
            ("number", describe_value(answer.target, found.value)),
            ("number", _interval(answer.target, found)),
            escape(place(where)),
        ]
        for name, found, where in listed
    ]
    return blocks.table(head, {"": rows})


def _interval(target: str, found: Estimate) -> str:
    if not np.isfinite([found.low, found.high]).all():
        return ""
    low, high = (describe_value(target, end) for end in (found.low, found.high))
    return f"{low.removesuffix(' %')} … {high}"


def _failures(material: StudyMaterial) -> str:
    """Why points failed, and which; the first of many."""
    if "error" not in material.results:
        return ""
    tasks = material.study.tasks
    errors = material.results["error"].values.reshape(-1, tasks.replicates)
    failed = [(int(point), int(replicate)) for point, replicate in np.argwhere(errors != "")]
    if not failed:
        return ""
    rows: list[list[blocks.Cell]] = [
        [
            escape(place(tasks.design.point(point))),
            f"{replicate}",
            escape(str(errors[point, replicate])),
        ]
        for point, replicate in failed[:_FAILED_SHOWN]
    ]
    reasons = Counter(errors[errors != ""].tolist()).most_common(_REASONS_SHOWN)
    counted: list[list[blocks.Cell]] = [
        [("number", f"{count:,} ×"), escape(reason)] for reason, count in reasons
    ]
    which = "Which" if len(failed) <= _FAILED_SHOWN else f"The first {_FAILED_SHOWN}"
    return section(
        "What failed",
        blocks.note(f"{len(failed):,} calls failed; the figures are without them."),
        blocks.table(["", "why"], {"": counted}),
        blocks.folded(which, blocks.table(["at", "replicate", "error"], {"": rows})),
    )


def _hardware(material: StudyMaterial) -> str:
    if "kind" not in material.measure:
        return ""
    rows = _base_rows(material.measure)
    if rows is None:
        told = "The run that was measured is not here any more, and its hardware with it."
        return section("Hardware of the base", blocks.note(told))
    told = "What every point starts from, and where each value comes from; the parameters vary."
    return section("Hardware of the base", blocks.note(told), blocks.hardware_table(rows))


def _base_rows(measure: Mapping[str, Any]) -> list[HardwareRow] | None:
    """Return the hardware at which a parameter says nothing, or None where it is lost."""
    try:
        config, hardware = NetworkMeasure(**measure).base
    except (ValueError, OSError):
        if measure["hardware"] is None:
            return None
        hardware = Hardware.from_toml_text(measure["hardware"]).with_values(measure["changes"])
        told = measure["settings"]
        bank = told.get("bank", "dense")
        return hardware_rows(hardware, machine_of(bank, told.get("machine")), bank)
    return hardware_rows(hardware, machine_of(config.bank, config.machine), config.bank)


def _reproduction(material: StudyMaterial) -> str:
    environment = blocks.folded("Versions", blocks.versions_table(material.record.environment))
    seed = material.record.definition["seed"]
    if "kind" not in material.measure:
        told = (
            f"It was begun in Python with the function <code>"
            f"{escape(str(material.measure.get('function', 'unknown')))}</code> and the seed "
            f"{seed}; the same <code>Study</code> on the versions below gives the same figures."
        )
        definition = blocks.code_block(study_text(material.record))
        return section(
            "How to reproduce it", blocks.note(told), blocks.folded("Definition", definition),
            environment,
        )  # fmt: skip
    told = (
        "With this file and the versions below the same figures come out, for any number of "
        f"workers. Seed of points and replicates: {seed}."
    )
    files = [blocks.folded("study.toml", blocks.code_block(study_text(material.record)))]
    if material.measure["hardware"] is not None:
        files.append(
            blocks.folded("hardware.toml", blocks.code_block(material.measure["hardware"]))
        )
    act = "solve" if "solve" in material.record.definition else "run"
    commands = f"photon-relax study {act} study.toml --out again\nphoton-relax report again"
    return section(
        "How to reproduce it", blocks.note(told), blocks.code_block(commands), *files, environment
    )
