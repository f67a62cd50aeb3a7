"""Which weight bank works with which switch?

Digits are trained in ``slot`` once with every bank, on default hardware, then answered in
``waveform`` with every switch of the hardware library: at one fixed slot length, and at a slot that
gives each switch the guard time it needs. A table and a picture of accuracies come out::

    python -m examples.banks_and_switches --out runs/banks-and-switches

Light is not switched by transistors, nor are currents by mirrors: such pairs stay empty. Where a
switch cannot even be asked to (a mirror array that has no new pattern yet), a cross says so.
"""

import argparse
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from photon_relax.threads import wait_quietly

BANKS = {
    "dense": "any matrix (homodyne)",
    "mzi": "MZI mesh (homodyne)",
    "ring": "micro-rings (powers)",
    "crossbar": "MTJ crossbar (currents)",
}
RESIDUE = 0.01
"""Amplitude of the old path that is left when the read-out begins."""

READ_TIME = 1e-9
"""Time in s that the detector, of 1 GHz, has after the guard time."""


@dataclass(frozen=True)
class Cell:
    """What one bank does with one switch at one slot length."""

    bank: str
    switch: str
    slot_duration: float
    guard_time: float
    accuracy: float | None
    """None where the hardware refuses."""
    low: float
    high: float
    throughput: float
    """Inferences a second."""


def timing_of(switch: object) -> tuple[float, float]:
    """Return the slot and the guard time in s that a switch asks for."""
    guard = float(switch.guard_time_for(RESIDUE))
    # A mirror array must load and settle before its next pattern.
    least = float(getattr(switch, "shortest_period", 0.0))
    slot = max(guard + READ_TIME, least)
    return slot, slot - READ_TIME


def run(out: Path, steps: int, seed: int) -> list[Cell]:
    """Train every bank, try every switch, and return all cells."""
    from devices import CurrentSwitch
    from devices.library import entries
    from photon_relax import Hardware, ReLaXNet, Trainer, TrainingConfig, load_dataset
    from photon_relax.assembly import build_network
    from photon_relax.evaluation import evaluate

    dataset = load_dataset("digits")
    cells: list[Cell] = []
    for bank in BANKS:
        config = TrainingConfig.create(
            {"dataset": "digits", "bank": bank, "steps": steps, "seed": seed}
        )
        network: ReLaXNet = build_network(config, dataset, Hardware())
        run_file = Trainer(network, dataset, config).run(out / bank)
        network = run_file.build_network().eval()
        trained = evaluate(network, dataset.test)
        print(f"{bank}: {trained.accuracy:.1%} in slot, as trained", flush=True)
        for entry in entries("switch"):
            switch = entry.build("switch")
            electrical = network.machine == "electrical"
            if isinstance(switch, CurrentSwitch) != electrical:
                continue
            key = "current_switch" if electrical else "switch"
            fixed = network.hardware.slot_duration
            for slot, guard in ((fixed, 0.0), timing_of(switch)):
                hardware = network.hardware.with_values(
                    {
                        f"{key}.library": entry.name,
                        f"{key}.guard_time": guard,
                        "slot_duration": slot,
                    }
                )
                try:
                    result = evaluate(network.at("waveform", hardware), dataset.test)
                    accuracy, (low, high) = result.accuracy, result.accuracy_interval
                except ValueError as refusal:
                    print(f"  {entry.name:16s} {refusal}", flush=True)
                    accuracy, low, high = None, 0.0, 0.0
                cell = Cell(
                    bank=bank,
                    switch=entry.name,
                    slot_duration=slot,
                    guard_time=guard,
                    accuracy=accuracy,
                    low=low,
                    high=high,
                    throughput=1.0 / (network.repetitions * slot),
                )
                cells.append(cell)
                if accuracy is not None:
                    print(
                        f"  {entry.name:16s} slot {slot:8.2e} s  accuracy {accuracy:6.1%} "
                        f"({low:.1%} … {high:.1%})  {cell.throughput:9.3g} inferences/s",
                        flush=True,
                    )
    return cells


def draw(cells: list[Cell], path: Path) -> None:
    """Draw both matrices, banks by switches, fastest switch first."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    own = {cell.switch: cell for cell in cells[1::2]}
    switches = sorted(own, key=lambda name: own[name].slot_duration)
    figure = Figure(figsize=(11, 7.2), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(2, 1)
    fixed = cells[0].slot_duration
    for panel, start in zip(axes, (0, 1), strict=True):
        chosen = {(cell.bank, cell.switch): cell for cell in cells[start::2]}
        table = np.full((len(BANKS), len(switches)), np.nan)
        for i, bank in enumerate(BANKS):
            for j, switch in enumerate(switches):
                cell = chosen.get((bank, switch))
                if cell is None or cell.accuracy is None:
                    mark = "—" if cell is None else "×"
                    panel.text(j, i, mark, ha="center", va="center", color="0.6")
                    continue
                table[i, j] = cell.accuracy
                panel.text(
                    j, i, f"{cell.accuracy:.1%}", ha="center", va="center",
                    color="white" if cell.accuracy < 0.55 else "black",
                )  # fmt: skip
        panel.imshow(table, vmin=0.1, vmax=1.0, cmap="viridis", aspect="auto")
        labels = switches
        if start:
            labels = [
                f"{name}\n{_time(own[name].slot_duration)} a slot\n{_rate(own[name].throughput)}"
                for name in switches
            ]
        panel.set_xticks(range(len(switches)), labels, fontsize=9)
        panel.set_yticks(range(len(BANKS)), BANKS.values())
        panel.set_title(
            f"slots of {_time(fixed)}, no guard time"
            if not start
            else f"guard time to {RESIDUE:.0%} of the old path, then {_time(READ_TIME)} of read-out"
        )
    figure.suptitle(
        "Digits answered right in waveform, trained in slot; — light or current alone, × refused"
    )
    figure.savefig(path, dpi=150)


def _time(seconds: float) -> str:
    for unit, size in (("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def _rate(inferences: float) -> str:
    for unit, size in (("M", 1e6), ("k", 1e3)):
        if inferences >= size:
            return f"{inferences / size:.3g} {unit} digits/s"
    return f"{inferences:.3g} digits/s"


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m examples.banks_and_switches", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--out", type=Path, default=Path("runs/banks-and-switches"))
    parser.add_argument("--steps", type=int, default=1000, help="training steps of each bank")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    if arguments.out.exists():
        parser.error(f"{arguments.out} exists; name a new folder by --out")
    wait_quietly()
    arguments.out.mkdir(parents=True)
    cells = run(arguments.out, arguments.steps, arguments.seed)
    rows = [asdict(cell) for cell in cells]
    (arguments.out / "cells.json").write_text(json.dumps(rows, indent=1), encoding="utf-8")
    draw(cells, arguments.out / "banks_and_switches.png")
    print(arguments.out / "banks_and_switches.png")


if __name__ == "__main__":
    main()
