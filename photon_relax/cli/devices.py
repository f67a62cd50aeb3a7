"""``photon-relax devices``: hardware that has a name, and where its numbers come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from devices.library import LibraryEntry, SourcedValue

__all__ = ["devices"]


def devices(
    name: Annotated[
        str | None, typer.Argument(help="Entry to show in full; all entries where left out.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Write JSON instead of a table.")] = False,
) -> None:
    """Show the hardware library: weights and switches, each number with its source."""
    from devices.library import entries, load_entry

    if name is None:
        found = entries()
        _write([_summary(entry) for entry in found]) if json else _show_all(found)
    else:
        entry = load_entry(name)
        _write(_whole(entry)) if json else _show_entry(entry)


def _write(content: Any) -> None:
    from json import dumps

    typer.echo(dumps(content, indent=2, ensure_ascii=False))


def _summary(entry: LibraryEntry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "kind": entry.kind,
        "title": entry.title,
        "summary": entry.summary,
        "devices": {role: part.device_class for role, part in entry.parts.items()},
    }


def _whole(entry: LibraryEntry) -> dict[str, Any]:
    parts = {
        role: {
            "class": part.device_class,
            "fields": {key: vars(value) for key, value in part.fields.items()},
        }
        for role, part in entry.parts.items()
    }
    facts = {key: vars(value) for key, value in entry.facts.items()}
    return {**_summary(entry), "devices": parts, "facts": facts}


def _show_all(found: tuple[LibraryEntry, ...]) -> None:
    from rich.table import Table

    from photon_relax.cli.output import result_console

    table = Table(title="Hardware library", caption="photon-relax devices NAME shows every number")
    for column in ("name", "kind", "devices", "what to expect"):
        table.add_column(column, overflow="fold")
    for entry in found:
        parts = ", ".join(part.device_class for part in entry.parts.values())
        table.add_row(entry.name, entry.kind, parts, entry.summary)
    result_console().print(table)


def _show_entry(entry: LibraryEntry) -> None:
    from rich.table import Table

    from photon_relax.cli.output import result_console

    table = Table(title=f"{entry.title} ({entry.name}, {entry.kind})", caption=entry.summary)
    for column in ("what", "value", "unit", "", "source"):
        table.add_column(column, overflow="fold")
    for role, part in entry.parts.items():
        table.add_row(f"[bold]{role}[/bold]: {part.device_class}")
        for key, value in part.fields.items():
            _add(table, f"  {key}", value)
    if entry.facts:
        table.add_row("[bold]facts[/bold]")
        for key, value in entry.facts.items():
            _add(table, f"  {key}", value)
    result_console().print(table)


def _add(table: Any, key: str, entry: SourcedValue) -> None:
    value = f"{entry.value:g}" if isinstance(entry.value, float) else str(entry.value)
    table.add_row(key, value, entry.unit, "typical" if entry.typical else "", entry.source)
