"""The report: one page that needs nothing but itself, every case with its formula and picture."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from datetime import datetime
from html import escape
from importlib.resources import files
from itertools import groupby
from math import log10
from pathlib import Path
from string import Template

import numpy as np

from photon_relax.atomic_file import write_atomically
from photon_relax.reports.html_page import figure_block, render_page
from photon_relax.reports.numbers import figures
from photon_relax.reports.typeset import typeset
from photon_relax.version import __version__
from validation.figure import draw_curve, tolerance_band
from validation.verdict import Verdict

__all__ = ["render_report", "write_report"]

_MARGIN_DECADES = 4.0
"""Span of the bar that shows how far below its tolerance an error is."""


def write_report(verdicts: Sequence[Verdict], path: str | Path) -> None:
    """Write the page in one step: the old one stays until the new one is complete.

    Raises
    ------
    OSError
        It cannot be written; the error names the file.
    """
    write_atomically(path, render_report(verdicts).encode())


def render_report(verdicts: Sequence[Verdict]) -> str:
    """Return the page as HTML."""
    topics = [(topic, list(cases)) for topic, cases in groupby(verdicts, key=_topic)]
    failed = sum(not verdict.passed for verdict in verdicts)
    main = Template(_part("cases.html")).substitute(
        summary="\n".join(_summary_of_topic(topic, cases) for topic, cases in topics),
        cases="\n".join(_section(topic, cases) for topic, cases in topics),
    )
    return render_page(
        title="photon_relax: models against closed forms",
        heading="Models against closed forms",
        verdict=_headline(len(verdicts), failed),
        machine=escape(_machine(verdicts)),
        main=main,
        css=_part("cases.css"),
        state="good" if failed == 0 else "bad",
    )


def _part(name: str) -> str:
    return files("validation").joinpath("page", name).read_text(encoding="utf-8")


def _topic(verdict: Verdict) -> str:
    """The module that the case stands in: ``ring`` of ``validation.cases.ring``."""
    return str(getattr(verdict.case.measure, "__module__", "cases")).rpartition(".")[2]


def _headline(total: int, failed: int) -> str:
    if failed:
        return f"{failed} of {total} {'case fails' if failed == 1 else 'cases fail'}"
    return "The one case passes" if total == 1 else f"All {total} cases pass"


def _machine(verdicts: Sequence[Verdict]) -> str:
    seconds = sum(verdict.seconds for verdict in verdicts)
    now = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z")
    return (
        f"photon_relax {__version__}, Python {platform.python_version()}, numpy {np.__version__}, "
        f"{platform.system()} {platform.machine()}; {now}; {seconds:.1f} s"
    )


def _summary_of_topic(topic: str, verdicts: Sequence[Verdict]) -> str:
    rows = "\n".join(_summary_row(verdict) for verdict in verdicts)
    title = escape(topic.replace("_", " "))
    return f'<tbody><tr><th colspan="5" scope="rowgroup">{title}</th></tr>\n{rows}</tbody>'


def _summary_row(verdict: Verdict) -> str:
    case = verdict.case
    return (
        f'<tr class="{_state(verdict)}"><td><a href="#{escape(case.name)}">{escape(case.name)}</a>'
        f"</td><td>{escape(case.title)}</td>"
        f'<td class="number">{_error(verdict)}</td><td class="number">{figures(case.tolerance, 3)}'
        f"</td><td>{_margin(verdict)}{_badge(verdict)}</td></tr>"
    )


def _section(topic: str, verdicts: Sequence[Verdict]) -> str:
    articles = "\n".join(_article(verdict) for verdict in verdicts)
    return f"<section><h2>{escape(topic.replace('_', ' '))}</h2>\n{articles}</section>"


def _article(verdict: Verdict) -> str:
    case = verdict.case
    facts = {
        "source": typeset(case.source),
        "model": f"<code>{_breakable(escape(case.model))}</code>",
        "error": f"<strong>{_error(verdict)}</strong>, allowed {figures(case.tolerance, 3)}",
        "why": typeset(case.why),
    }
    listed = "".join(f"<dt>{name}</dt><dd>{text}</dd>" for name, text in facts.items())
    return (
        f'<article id="{escape(case.name)}" class="{_state(verdict)}">\n'
        f"<h3>{escape(case.title)} {_badge(verdict)}</h3>\n"
        f'<p class="formula">{typeset(case.formula)}</p>\n'
        f"<dl>{listed}</dl>\n{_picture(verdict)}\n"
        f'<p class="name"><a href="#{escape(case.name)}">{escape(case.name)}</a> '
        f'<a href="#top">to the table</a></p>\n</article>'
    )


def _breakable(name: str) -> str:
    """A dotted name that a narrow column may break behind its dots and underscores."""
    return name.replace(".", ".<wbr>").replace("_", "_<wbr>")


def _picture(verdict: Verdict) -> str:
    if verdict.measurement is None:
        return f'<p class="reason">{escape(verdict.reason)}</p>'
    curve = verdict.measurement.curve
    band = tolerance_band(curve, verdict.error, verdict.case.tolerance)
    label = f"{curve.y_label} against {curve.x_label}: closed form, simulation, difference"
    return figure_block(draw_curve(curve, band), label)


def _state(verdict: Verdict) -> str:
    return "good" if verdict.passed else "bad"


def _badge(verdict: Verdict) -> str:
    word = "passed" if verdict.passed else ("broke" if verdict.reason else "failed")
    return f'<span class="badge {_state(verdict)}">{word}</span>'


def _error(verdict: Verdict) -> str:
    return "none" if verdict.reason else figures(verdict.error)


def _margin(verdict: Verdict) -> str:
    """A bar as long as the error on a logarithmic scale that ends at the tolerance."""
    error, tolerance = verdict.error, verdict.case.tolerance
    if not error >= 0:
        return ""
    below = log10(error / tolerance) if error > 0 and tolerance > 0 else -np.inf
    share = min(1.0, max(0.0, 1.0 + below / _MARGIN_DECADES))
    return f'<span class="margin"><span style="width:{100 * share:.0f}%"></span></span>'
