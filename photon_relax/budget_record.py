"""A budget as plain data: what ``photon-relax budget --json`` prints, row by row."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from circuits import Budget

__all__ = ["budget_record"]


def budget_record(budget: Budget) -> dict[str, Any]:
    """Return every figure of a budget under its name, in SI units; what is not finite is None."""
    schedule = budget.loop.schedule
    content = {
        "design": {
            "bank": budget.bank,
            "machine": budget.loop.machine,
            "width": budget.lanes,
            "weight_sets": schedule.weight_sets,
            "repetitions": schedule.repetitions,
            "interleaved": schedule.interleaved,
            "slot_duration": budget.loop.slot_duration,
            "parameters": budget.parameters,
            "programmed": budget.programmed,
        },
        "link": [{**asdict(step), "level_db": step.level_db} for step in budget.link],
        "signal_current": budget.signal_current,
        "noise": {
            "sources": [asdict(noise) for noise in budget.noise],
            "variance": budget.variance,
            "receiver_variance": budget.receiver_variance,
            "full_scale": budget.full_scale,
            "snr_db": budget.snr_db,
            "effective_bits": budget.effective_bits,
            "crosstalk": budget.crosstalk,
        },
        "time": {
            "latency": budget.latency,
            "throughput": budget.throughput,
            "slots": schedule.n_slots,
            "loop_delay": budget.loop_delay,
            "path_delay": budget.path_delay,
            "delays": [asdict(delay) for delay in budget.delays],
        },
        "power": {
            "components": [{**asdict(part), "total": part.total} for part in budget.power],
            "total": budget.total_power,
            "static": budget.static_power,
            "digital_layers": [
                {**asdict(part), "total": part.total} for part in budget.digital_power
            ],
        },
        "energy": {
            "per_inference": budget.energy_per_inference,
            "per_mac": budget.energy_per_mac,
            "static_per_mac": budget.energy_per_mac * budget.static_power / budget.total_power,
            "macs": budget.macs,
        },
        "area": {
            "components": [{**asdict(part), "total": part.total} for part in budget.area],
            "total": budget.total_area,
        },
        "checks": [asdict(check) for check in budget.checks],
        "assumptions": {
            name: {
                "value": value,
                "unit": budget.assumptions.unit(name),
                "origin": budget.assumptions.origin(name),
                "source": budget.assumptions.source(name),
            }
            for name, value in asdict(budget.assumptions).items()
        },
    }
    finite: dict[str, Any] = _finite(content)
    return finite


def _finite(content: Any) -> Any:
    """JSON has no infinity."""
    if isinstance(content, dict):
        return {key: _finite(value) for key, value in content.items()}
    if isinstance(content, list):
        return [_finite(value) for value in content]
    return None if isinstance(content, float) and not math.isfinite(content) else content
