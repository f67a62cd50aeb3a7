"""The report of a training run: what was asked, what came out, on which hardware, how to repeat."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path

import numpy as np
import torch

from circuits import BudgetAssumptions, LoopTrace
from photon_relax.assembly import load_data
from photon_relax.config import TrainingConfig
from photon_relax.design_budget import network_budget
from photon_relax.evaluation_file import ConditionRecord, EvaluationRecord
from photon_relax.network import ReLaXNet
from photon_relax.reports import blocks
from photon_relax.reports.budget_section import budget_section
from photon_relax.reports.figures import draw_confusion, draw_intervals, draw_learning
from photon_relax.reports.hardware_rows import hardware_rows
from photon_relax.reports.html_page import page_part, render_page, section
from photon_relax.reports.inference import SHOWN_SLOTS, draw_inference
from photon_relax.reports.numbers import percent, with_unit
from photon_relax.run_file import RunFile, run_file_path
from photon_relax.version import __version__

__all__ = ["RunMaterial", "render_run_report"]

_BANKS = {
    "dense": "ideal matrices",
    "mzi": "interferometer meshes",
    "ring": "micro-rings",
    "crossbar": "tunnel junctions",
}
_QUESTIONS = {
    "digits": "read digits",
    "svhn": "read house numbers",
    "shakespeare": "guess the next character of Shakespeare",
}
_SAMPLES = {"digits": "digits", "svhn": "house numbers", "shakespeare": "characters"}
_TRACED_LANES = 3


@dataclass(frozen=True, kw_only=True)
class RunMaterial:
    """Everything that the report of a run shows."""

    name: str
    """Of its folder."""
    run: RunFile
    """The run."""
    network: ReLaXNet
    """Its network, at the fidelity that it was trained with."""
    evaluation: EvaluationRecord | None
    """Its last evaluation, where there is one of the same parameters."""
    trace: LoopTrace | None
    """One inference of it at fidelity waveform."""
    without_trace: str
    """Why there is no trace, or empty."""

    @classmethod
    def gather(cls, path: Path, data_dir: Path | None = None) -> RunMaterial:
        """Read a run and its last evaluation, and send one sample through its loop.

        Raises
        ------
        ValueError
            There is no run, it has not come to its first validation, or a file is damaged.
        OSError
            A file cannot be read.
        """
        run = RunFile.read(path)
        run.demand_trained()
        network = run.build_network()
        evaluation = EvaluationRecord.read(run_file_path(path).parent)
        if evaluation is not None and evaluation.step != run.progress["best_step"]:
            evaluation = None
        name, trace, reason = run_file_path(path).resolve().parent.name, None, ""
        try:
            trace = _trace(run, network, data_dir)
        except (ValueError, FileNotFoundError) as error:
            # Data that are not here, slots that the hardware cannot keep, rings that remember.
            reason = str(error)
        return cls(
            name=name, run=run, network=network, evaluation=evaluation, trace=trace,
            without_trace=reason,
        )  # fmt: skip


def _trace(run: RunFile, network: ReLaXNet, data_dir: Path | None) -> LoopTrace:
    """Send the first samples that are not trained on through the loop, those that share it."""
    deep = network.at("waveform")
    dataset = load_data(TrainingConfig.create(run.configuration), data_dir)
    split = dataset.test or dataset.validation
    count = min(deep.hardware.interleaved_inferences, len(split))
    x, _ = split.batch(np.arange(count))
    lanes = np.linspace(0, network.n_hidden - 1, min(_TRACED_LANES, network.n_hidden))
    return deep.trace(torch.from_numpy(x), np.unique(lanes.astype(int)).tolist())


def render_run_report(material: RunMaterial) -> str:
    """Return the page."""
    sections = [
        _facts(material),
        _training(material.run),
        _conditions(material),
        _confusion(material.run),
        _inference(material),
        budget_section(network_budget(material.network, BudgetAssumptions())),
        _hardware(material),
        _reproduction(material),
    ]
    environment = material.run.environment
    told = [material.name, f"photon_relax {environment.get('photon_relax', 'unknown')}"]
    now = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z")
    told.append(f"reported {now} by {__version__}")
    return render_page(
        title=f"photon_relax: {material.name}",
        heading=escape(_question(material)),
        verdict=_answer(material),
        machine=escape("; ".join(told)),
        main="\n".join(filter(None, sections)),
        css=page_part("report.css"),
    )


def _question(material: RunMaterial) -> str:
    told = material.run.configuration
    bank, dataset = material.run.network["bank"], told["dataset"]
    return f"How well does a network of {_BANKS[bank]} {_QUESTIONS[dataset]}?"


def _answer(material: RunMaterial) -> str:
    """One sentence, with the interval; what the last evaluation changed stands behind it."""
    run, told = material.run, material.run.configuration
    results = run.results
    if not run.finished:
        told_steps = f"after {run.progress['step']} of {told['steps']} steps"
        return f"Not known yet {told_steps}: best validation loss {run.progress['best_loss']:.4f}."
    split, name = ("val", "validation") if results.get("test_loss") is None else ("test", "test")
    count = run.environment["samples"].get(f"{name}_samples")
    many = f"{count:,} {name}" if count else name
    right = (
        f"{percent(results[f'{split}_accuracy'])} of {many} {_SAMPLES[told['dataset']]} right "
        f"({_interval(results[f'{split}_accuracy_low'], results[f'{split}_accuracy_high'])}), "
        f"with the physics of <em>{material.network.fidelity}</em>"
    )
    if told["dataset"] == "shakespeare":
        right += f", at {results[f'{split}_loss']:.3f} nats a character"
    return f"It gets {right}{_change(material.evaluation)}."


def _change(evaluation: EvaluationRecord | None) -> str:
    if evaluation is None or len(evaluation.conditions) < 2:
        return ""
    last = evaluation.conditions[-1]
    low, high = last.accuracy_low, last.accuracy_high
    where = escape(last.condition)
    return f"; with <em>{where}</em> it is {percent(last.accuracy)} ({_interval(low, high)})"


def _interval(low: float, high: float) -> str:
    return f"95 % interval {100 * low:.1f} … {percent(high)}"


def _facts(material: RunMaterial) -> str:
    run, net = material.run, material.network
    told = {
        "weights": escape(_BANKS[net.bank_name]),
        "machine": escape(net.machine.replace("_", " ")),
        "lanes": f"{net.n_hidden}",
        "weight sets, layers": f"{net.weight_sets}, {net.repetitions}",
        "trained with": net.fidelity,
        "slot": with_unit(net.hardware.slot_duration, "s"),
        "parameters": f"{sum(net.parameter_report().values()):,}",
        "best step": f"{run.progress['best_step']:,} of {run.configuration['steps']:,}",
    }
    return blocks.facts(told)


def _training(run: RunFile) -> str:
    training, validation = run.metrics["training"], run.metrics["validation"]
    unit = "nats a character" if run.configuration["dataset"] == "shakespeare" else "nats"
    curves = [
        blocks.panel(
            title,
            draw_learning(
                (training["step"], training[quantity]),
                (validation["step"], validation[quantity]),
                run.progress["best_step"],
                label,
                percent=quantity == "accuracy",
            ),
        )
        for title, quantity, label in (
            ("Loss", "loss", f"cross-entropy / {unit}"),
            ("Accuracy", "accuracy", "answered right"),
        )
    ]
    return section("How it learnt", blocks.pair(*curves))


def _conditions(material: RunMaterial) -> str:
    evaluation = material.evaluation
    if evaluation is None:
        return ""
    rows = evaluation.conditions
    labels = [row.condition for row in rows]
    accuracy = draw_intervals(
        labels,
        [row.accuracy for row in rows],
        [(row.accuracy_low, row.accuracy_high) for row in rows],
        "answered right",
        percent=True,
    )
    loss = draw_intervals(
        labels,
        [row.loss for row in rows],
        [(row.loss_low, row.loss_high) for row in rows],
        "cross-entropy / nats",
    )
    return section(
        "Under other conditions",
        blocks.note(
            f"The same parameters on {evaluation.samples:,} {evaluation.split} samples. Bars are "
            "95 % intervals, the line is the condition of the training. Changes are of pairs: what "
            "makes a sample hard under both conditions cancels."
        ),
        blocks.pair(blocks.panel("Accuracy", accuracy), blocks.panel("Loss", loss)),
        _condition_table(rows),
    )


def _condition_table(rows: Sequence[ConditionRecord]) -> str:
    cells: list[list[blocks.Cell]] = [
        [
            escape(row.condition),
            ("number", percent(row.accuracy, 2)),
            ("number", _signed(row, "accuracy_change", 100, 2, " points") if i else ""),
            ("number", f"{row.loss:.4f}"),
            ("number", _signed(row, "loss_change", 1, 4, "") if i else ""),
        ]
        for i, row in enumerate(rows)
    ]
    head = ["condition", "accuracy", "change", "loss", "change of loss"]
    return blocks.table(head, {"": cells})


def _signed(row: ConditionRecord, name: str, scale: float, digits: int, unit: str) -> str:
    ends = (getattr(row, name + end) for end in ("", "_low", "_high"))
    value, low, high = (f"{scale * end:+.{digits}f}".replace("-", "−") for end in ends)
    return f"{value}{unit} ({low} … {high})"


def _confusion(run: RunFile) -> str:
    if run.confusion is None:
        return ""
    split = "validation" if run.results.get("test_loss") is None else "test"
    total, right = int(run.confusion.sum()), int(np.trace(run.confusion))
    figure = draw_confusion(run.confusion)
    told = f"{right:,} of {total:,} {split} samples lie on the diagonal."
    return section("What it confuses", blocks.panel("Classes named", figure, told))


def _inference(material: RunMaterial) -> str:
    title = "One inference, sample by sample"
    trace = material.trace
    if trace is None:
        return section(title, blocks.note(f"Not drawn: {escape(material.without_trace)}"))
    slots = len(trace.bank)
    some = f"the first {SHOWN_SLOTS} of {slots} slots" if slots > SHOWN_SLOTS else f"{slots} slots"
    noise = "with" if material.network.hardware.noise else "without"
    told = (
        f"Lanes {', '.join(map(str, trace.lanes))} of {material.network.n_hidden} at fidelity "
        f"waveform, {some}, {noise} noise; dotted lines part the slots. Switches are shown on lane "
        f"{trace.lanes[0]}, relative to a selected and settled path. What the receiver holds at "
        "the end of a slot drives the next one."
    )
    if (sharing := material.network.hardware.interleaved_inferences) > 1:
        told = told.removesuffix("the next one.") + "the next one of the same inference; "
        told += f"{sharing} inferences share the loop and take turns."
    figure = draw_inference(trace, currents=material.network.machine == "electrical")
    return section(title, blocks.panel("Switches, detectors, receivers", figure, told))


def _hardware(material: RunMaterial) -> str:
    net = material.network
    rows = hardware_rows(net.hardware, net.machine, net.bank_name)
    told = (
        "The training was ideal: none of this mattered to it."
        if net.fidelity == "ideal"
        else "What the machine is made of, and where each value comes from."
    )
    return section("Hardware", blocks.note(told), blocks.hardware_table(rows))


def _reproduction(material: RunMaterial) -> str:
    run, told = material.run, material.run.configuration
    dataset = told["dataset"]
    commands = [
        *([] if dataset == "digits" else [f"photon-relax data fetch {dataset}"]),
        f"photon-relax train {dataset} --config settings.toml --hardware hardware.toml --out again",
    ]
    if material.evaluation is not None:
        commands.append(
            shlex.join(["photon-relax", "evaluate", "again", *material.evaluation.options])
        )
    commands.append("photon-relax report again")
    samples = ", ".join(
        f"{count:,} {name.removesuffix('_samples')}"
        for name, count in run.environment["samples"].items()
    )
    return section(
        "How to reproduce it",
        blocks.note(
            "With these two files and the versions below the same numbers come out, to rounding "
            f"of the processor. Seeds: {told['seed']} of weights and batches, "
            f"{material.network.hardware.seed} of the hardware. Data: {escape(dataset)}, {samples} "
            "samples."
        ),
        blocks.code_block("\n".join(commands)),
        blocks.folded("settings.toml", blocks.code_block(blocks.settings_text(told))),
        blocks.folded("hardware.toml", blocks.code_block(run.hardware)),
        blocks.folded("Versions", blocks.versions_table(run.environment)),
    )
