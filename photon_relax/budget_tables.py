"""A budget as tables for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf, sqrt

from rich.table import Table

from circuits import Budget
from circuits.budget_figures import Share
from photon_relax.reports.numbers import with_unit

__all__ = ["tables"]


def tables(budget: Budget) -> Iterator[Table]:
    """Yield link, noise, time, power, area and checks, a table each."""
    yield _link(budget)
    yield _noise(budget)
    yield _time(budget)
    yield _shares(
        "Electrical power",
        budget.power,
        "W",
        f"{with_unit(budget.total_power, 'W')} together, {with_unit(budget.static_power, 'W')} of "
        f"it static; {with_unit(budget.energy_per_inference, 'J')} an inference, "
        f"{with_unit(budget.energy_per_mac, 'J')} for each of its {budget.macs:,} "
        "multiply-accumulates",
    )
    if budget.digital_power:
        power = sum(part.total for part in budget.digital_power)
        apart = f"{with_unit(power / budget.throughput, 'J')} an inference, not counted above"
        yield _shares("Digital layers, apart", budget.digital_power, "W", apart)
    if budget.area:
        area = f"{_square(budget.total_area)} together; electronics and bulk optics not counted"
        yield _shares("Footprint", budget.area, "m²", area)
    yield _checks(budget)


def _table(title: str, columns: Sequence[str], caption: str = "") -> Table:
    table = Table(title=title, caption=caption or None, title_justify="left",
                  caption_justify="left")  # fmt: skip
    for column in columns:
        text = column in ("", "step", "noise", "part", "source", "condition", "else")
        table.add_column(column, justify="left" if text else "right", overflow="fold")
    return table


def _link(budget: Budget) -> Table:
    unit = "dB(1 µA)" if budget.electrical else "dBm"
    caption = f"a signal of one is a current of {with_unit(budget.signal_current, 'A')}"
    table = _table("Link of one lane", ("step", "dB", unit, "level", "source"), caption)
    for step in budget.link:
        table.add_row(
            step.name,
            f"{step.change_db + 0.0:+.2f}",
            f"{step.level_db:.2f}",
            with_unit(step.level, step.unit),
            step.source,
        )
    return table


def _noise(budget: Budget) -> Table:
    caption = (
        f"{budget.snr_db:.1f} dB and {budget.effective_bits:.2f} effective bits of a range of "
        f"{budget.full_scale:g}; unselected banks add {100 * budget.crosstalk:.2g} %, fixed"
        if budget.variance
        else "no noise"
    )
    table = _table("Noise of a signal of one", ("noise", "rms", "share", "source"), caption)
    for noise in budget.noise:
        share = noise.variance / (budget.variance or inf)
        table.add_row(noise.name, f"{sqrt(noise.variance):.3g}", f"{share:.1%}", noise.source)
    return table


def _time(budget: Budget) -> Table:
    schedule = budget.loop.schedule
    table = _table("Time", ("part", "value", "source"))
    table.add_row(
        "latency of an inference",
        with_unit(budget.latency, "s"),
        f"{schedule.n_slots} slots of {with_unit(budget.loop.slot_duration, 's')}, and the digital "
        f"layers' {with_unit(budget.assumptions.layer_time, 's')}",
    )
    table.add_row(
        "throughput",
        f"{budget.throughput:.4g} /s",
        f"{schedule.interleaved} interleaved in each latency",
    )
    table.add_row("loop, J slots", with_unit(budget.loop_delay, "s"), "when the state must be back")
    for delay in budget.delays:
        table.add_row(
            f"  {delay.name}", with_unit(delay.time, "s"), _told(delay.origin, delay.source)
        )
    return table


def _shares(title: str, parts: Sequence[Share], unit: str, caption: str) -> Table:
    table = _table(title, ("part", "count", "each", "total", "share", "source"), caption)
    whole = sum(part.total for part in parts)
    for part in parts:
        each, total = (
            _square(value) if unit == "m²" else with_unit(value, unit)
            for value in (part.each, part.total)
        )
        table.add_row(
            part.name,
            f"{part.count:,}",
            each,
            total,
            f"{part.total / whole:.1%}",
            _told(part.origin, part.source),
        )
    return table


def _checks(budget: Budget) -> Table:
    table = _table("Does it fit together?", ("", "condition", "is", "has to be", "else"))
    for check in budget.checks:
        verdict = "[green]pass[/green]" if check.passed else "[bold red]warn[/bold red]"
        value, limit = (
            with_unit(v, check.unit) if check.unit != "1" else f"{v:.3g}"
            for v in (check.value, check.limit)
        )
        table.add_row(
            verdict, check.name, value, f"{check.relation} {limit}",
            "" if check.passed else check.advice,
        )  # fmt: skip
    return table


def _told(origin: str, source: str) -> str:
    return f"[yellow]assumed[/yellow] {source}" if origin == "assumed" else source


def _square(area: float) -> str:
    """Return an area in mm², or µm² where it is small."""
    return f"{area * 1e6:.4g} mm²" if area >= 1e-9 else f"{area * 1e12:.4g} µm²"
