"""One page of HTML that needs nothing but itself, laptop or phone, light or dark.

plotly draws in the browser; its program is written into the page once, the figures as data. The
page draws a figure when it comes into view, in the colours of the reader's theme: a trace names
its colour in ``meta``, a shape in ``name``, both among the variables of ``page.css``.
"""

from __future__ import annotations

from html import escape
from importlib.resources import files
from string import Template

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

__all__ = ["figure_block", "page_part", "render_page", "section"]


def render_page(
    *, title: str, heading: str, verdict: str, machine: str, main: str, css: str = "",
    state: str = "", interactive: bool = True,
) -> str:  # fmt: skip
    """Return the whole page.

    Parameters
    ----------
    title
        Plain text, for the browser's tab.
    heading, verdict, machine
        HTML of the page's head: what is asked, what the answer is, what it was computed with.
    main
        HTML of everything below.
    css
        Rules beside those that every page has.
    state
        "good" or "bad" colours the verdict; left out, it is plain.
    interactive
        Whether there are figures that plotly draws, whose program makes a page 4.9 MB long.
    """
    return Template(page_part("page.html")).substitute(
        title=escape(title),
        css="\n".join([page_part("page.css"), css]),
        notice=_NOTICE if interactive else "",
        program=_script(get_plotlyjs()) + _script(page_part("page.js")) if interactive else "",
        heading=heading,
        verdict=verdict,
        machine=machine,
        main=main,
        state=state,
    )


_NOTICE = (
    '<noscript><p class="reason">The pictures are drawn by a program inside this page; without '
    "JavaScript\nonly the figures are shown.</p></noscript>"
)


def _script(text: str) -> str:
    return f"<script>\n{text}\n</script>\n"


def figure_block(figure: go.Figure, label: str) -> str:
    """Return the place of a figure and its data; `label` says in words what is drawn."""
    # No tag can end inside the data.
    data = figure.to_json().replace("<", "\\u003c").replace(">", "\\u003e")
    return (
        f'<div class="figure" role="img" aria-label="{escape(label)}"></div>'
        f'<script type="application/json">{data}</script>'
    )


def section(title: str, *blocks: str) -> str:
    """Return a section with its heading; the blocks are HTML."""
    return "\n".join([f"<section><h2>{escape(title)}</h2>", *blocks, "</section>"])


def page_part(name: str) -> str:
    """Return a file of the folder ``page``: rules, program or skeleton."""
    return files("photon_relax.reports").joinpath("page", name).read_text(encoding="utf-8")
