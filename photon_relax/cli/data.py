"""``photon-relax data``: which data sets are here, and how to get the others."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from photon_relax.cli.options import DataDirectory

__all__ = ["data"]

data = typer.Typer(help="See which data sets are here, and download the others.")


@data.command("list")
def list_data(data_dir: DataDirectory = None) -> None:
    """Show every data set, what it is for, and whether its files are here."""
    from rich.table import Table

    from photon_relax.cli.output import result_console
    from photon_relax.datasets import DATASETS, DataError, default_data_dir, load_dataset

    folder = data_dir or default_data_dir()
    table = Table(title=f"Data sets in {folder}")
    for name in ("name", "task", "samples: training, validation, test", "files"):
        table.add_column(name, overflow="fold")
    for name in DATASETS:
        try:
            found = load_dataset(name, folder)
        except DataError as error:
            table.add_row(name, "", "", str(error))
            continue
        sizes = [len(found.train), len(found.validation), found.test and len(found.test)]
        table.add_row(
            name,
            found.task,
            ", ".join("none" if size is None else f"{size:,}" for size in sizes),
            found.source,
        )
    result_console().print(table)


@data.command("fetch")
def fetch_data(
    name: Annotated[
        Literal["svhn", "shakespeare"],
        typer.Argument(help="Data set to download: svhn (246 MB) or shakespeare (1 MB)."),
    ],
    extra: Annotated[
        bool, typer.Option("--extra", help="The extra training file of svhn (1.3 GB) as well.")
    ] = False,
    data_dir: DataDirectory = None,
) -> None:
    """Download a data set: what is here already is checked, what broke off is continued."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    from photon_relax.fetch import fetch

    bars = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        console=Console(stderr=True),
    )
    tasks = {}

    def show(file: str, there: int, size: int) -> None:
        if file not in tasks:
            tasks[file] = bars.add_task(file, total=size)
        bars.update(tasks[file], completed=there)

    with bars:
        paths = fetch(name, data_dir, extra=extra, progress=show)
    for path in paths:
        typer.echo(path)
