"""``photon-relax validate``: every model held against its closed form, on the user's machine.

The command line finds this module through the entry-point group ``photon_relax.commands``, the one
upward road of the house. It is light: everything heavy is imported when the command runs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["validate"]


def validate(
    case: Annotated[
        str,
        typer.Option(
            "--case",
            metavar="GLOB",
            help="Shell pattern of the cases to run, such as 'ring-*'.",
        ),
    ] = "*",
    json: Annotated[
        bool,
        typer.Option(
            "--json",
            metavar="",
            help="Print one JSON object on standard output, and nothing else there.",
        ),
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report",
            metavar="DIR",
            help="Also write DIR/validation.html: every case with its formula and its picture, "
            "one page that needs no network.",
        ),
    ] = None,
) -> None:
    """Hold every model against its closed form; status 1 when one is off by more than it may be."""
    from validation.session import ValidationSession

    if not ValidationSession(pattern=case, as_json=json, report=report).execute():
        raise typer.Exit(1)
