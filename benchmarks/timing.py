"""Timing side by side: all candidates in turn, round after round, and the median of each."""

import time
from collections.abc import Callable, Mapping

import numba
import numpy as np
import torch
from rich.console import Console
from rich.table import Table
from threadpoolctl import threadpool_info


def interleaved(candidates: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Return the median seconds of each candidate over `rounds` rounds, after one to warm up."""
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for round_number in range(rounds + 1):
        for name, run in candidates.items():
            start = time.perf_counter()
            run()
            if round_number:
                times[name].append(time.perf_counter() - start)
    return {name: float(np.median(values)) for name, values in times.items()}


def threads() -> dict[str, int]:
    """Return the thread counts of everything that computes."""
    blas = [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]
    return {
        "torch": torch.get_num_threads(),
        "numba": numba.get_num_threads(),
        "numpy BLAS": max(blas, default=1),
    }


def show(title: str, rows: list[dict[str, object]]) -> None:
    """Print rows of (name, ours, reference, ratio, bound), and their rates if there are any."""
    table = Table(title=title, title_justify="left")
    rated = ["rate"] if any("rate" in row for row in rows) else []
    for column in ("name", "ours", "reference", "ratio", "bound", "holds", *rated):
        table.add_column(column, justify="left" if column == "name" else "right")
    for row in rows:
        unit, scale = ("MB", 1.0) if row.get("unit") == "MB" else ("ms", 1e3)
        holds = row.get("holds")
        table.add_row(
            str(row["name"]),
            f"{float(str(row['ours'])) * scale:.2f} {unit}",
            f"{float(str(row['reference'])) * scale:.2f} {unit}",
            _shown(float(str(row["ratio"]))),
            str(row.get("bound") or "reported"),
            "" if holds is None else "yes" if holds else "NO",
            *(str(row[key]) for key in rated),
        )
    Console().print(table)


def _shown(ratio: float) -> str:
    return f"{ratio:.2f}×" if ratio >= 0.1 else f"1/{1 / ratio:.0f}"
