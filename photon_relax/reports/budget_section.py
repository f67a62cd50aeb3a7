"""The budget of a machine as a section of a report: link, noise, power, and what does not fit."""

from __future__ import annotations

from html import escape

from circuits import Budget
from circuits.budget_figures import Check
from photon_relax.reports import blocks
from photon_relax.reports.figures import draw_bars, draw_steps
from photon_relax.reports.html_page import section
from photon_relax.reports.numbers import figures, with_unit
from photon_relax.reports.typeset import typeset

__all__ = ["budget_section"]


def budget_section(budget: Budget) -> str:
    """Return the section as HTML."""
    return section(
        "What the machine needs",
        _facts(budget),
        blocks.pair(_link(budget), _power(budget)),
        _checks(budget),
    )


def _facts(budget: Budget) -> str:
    told = {
        "signal of one": with_unit(budget.signal_current, "A"),
        "signal to noise": f"{budget.snr_db:.1f} dB" if budget.variance else "no noise",
        "effective bits": f"{budget.effective_bits:.1f}" if budget.variance else "no noise",
        "an inference takes": with_unit(budget.latency, "s"),
        "inferences a second": figures(budget.throughput, 3),
        "power": with_unit(budget.total_power, "W"),
        "energy an inference": with_unit(budget.energy_per_inference, "J"),
        "energy a multiply": with_unit(budget.energy_per_mac, "J"),
    }
    if budget.area:
        told["footprint"] = f"{figures(budget.total_area * 1e6, 3)} mm²"
    return blocks.facts(told)


def _link(budget: Budget) -> str:
    unit = "dB over 1 µA" if budget.electrical else "dBm"
    notes = [
        f"{step.name}, {step.change_db + 0.0:+.2f} dB, {with_unit(step.level, step.unit)} left"
        for step in budget.link
    ]
    figure = draw_steps(
        [step.name for step in budget.link],
        [step.level_db for step in budget.link],
        notes,
        f"level / {unit}",
    )
    return blocks.panel("Link of one lane", figure, "What is left of the signal behind each step.")


def _power(budget: Budget) -> str:
    parts = sorted(budget.power, key=lambda part: part.total, reverse=True)
    static = with_unit(budget.static_power, "W")
    figure = draw_bars(
        [part.name for part in parts],
        [part.total for part in parts],
        [with_unit(part.total, "W") for part in parts],
        "electrical power / W",
    )
    told = f"{with_unit(budget.total_power, 'W')} together, {static} of it static."
    return blocks.panel("Power by component", figure, told)


def _checks(budget: Budget) -> str:
    rows: list[list[blocks.Cell]] = [
        [
            f'<span class="badge{"" if check.passed else " bad"}">'
            f"{'fits' if check.passed else 'does not fit'}</span>",
            typeset(check.name),
            ("number", _quantity(check, check.value)),
            ("number", f"{check.relation} {_quantity(check, check.limit)}"),
            "" if check.passed else escape(check.advice),
        ]
        for check in budget.checks
    ]
    return blocks.table(["", "condition", "is", "has to be", "else"], {"": rows}) if rows else ""


def _quantity(check: Check, value: float) -> str:
    return figures(value, 3) if check.unit == "1" else with_unit(value, check.unit)
