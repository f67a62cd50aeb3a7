"""What two processes do together, for tests/photon_relax/test_parallel.py to look at.

Started by torchrun with a folder to write to; imported for the data and the settings alone.
"""

import contextlib
import json
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from photon_relax.assembly import build_network
from photon_relax.cli import main
from photon_relax.config import TrainingConfig
from photon_relax.datasets import ArraySplit, Dataset
from photon_relax.hardware import Hardware
from photon_relax.parallel import ALONE, joined
from photon_relax.training import Trainer, TrainingDiverged, TrainingInterrupted

# Neither 15 samples nor 40 to validate on, 16 at a time, can be halved; three inferences that
# share a loop stay together; the hardware is noisy.
HARDWARE = Hardware().with_values({"interleaved_inferences": 3})
CASES = {
    "ideal": {"fidelity": "ideal", "weight_decay": 0.1},
    "ideal-mesh": {"fidelity": "ideal", "bank": "mzi"},
    "slot": {"fidelity": "slot", "gradient_clip": 0.5},
    "waveform": {"fidelity": "waveform", "machine": "square_law"},
}
STOPPED = "slot"
DIGITS = [
    *("train", "digits", "--width", "8", "--steps", "6"),
    *("--set", "validate_every=2", "--set", "batch_size=33", "--json"),
]


def clouds():
    """Three overlapping clouds of points."""
    rng = np.random.default_rng(5)
    centres = rng.standard_normal((3, 5))

    def split(samples):
        targets = rng.integers(3, size=samples)
        inputs = centres[targets] + 0.7 * rng.standard_normal((samples, 5))
        return ArraySplit(inputs, targets)

    return Dataset(
        name="clouds", task="classification", train=split(97), validation=split(40), test=split(49),
        n_in=5, n_classes=3,
    )  # fmt: skip


def train(folder, case, *, processes=ALONE, dataset=None, resume=False, **changes):
    """Run one of the cases."""
    config = TrainingConfig.create(
        {
            "dataset": "digits", "bank": "dense", "width": 6, "weight_sets": 2, "repetitions": 3,
            "steps": 18, "batch_size": 15, "learning_rate": 0.02, "validate_every": 6,
            "evaluation_batch": 16, **CASES[case], **changes,
        }
    )  # fmt: skip
    dataset = dataset or clouds()
    network = build_network(config, dataset, HARDWARE)
    return Trainer(network, dataset, config, processes=processes).run(folder, resume=resume)


class Interfering(ArraySplit):
    """A split that does something to this process when its tenth batch is taken."""

    def __init__(self, split, act):
        super().__init__(split.inputs, split.targets)
        object.__setattr__(self, "act", act)
        object.__setattr__(self, "taken", [])

    def batch(self, indices):
        x, y = super().batch(indices)
        self.taken.append(len(indices))
        if len(self.taken) == 10:
            self.act(x)
        return x, y


def _spoil(inputs):
    inputs[0] = np.nan


def _all(folder, processes):
    told = {"parts": []}
    for case in CASES:
        train(folder / case, case, processes=processes)
    second = processes.rank == 1
    for name, act, expected in (
        ("stopped", lambda x: os.kill(os.getpid(), signal.SIGTERM), TrainingInterrupted),
        ("spoilt", _spoil, TrainingDiverged),
    ):
        dataset = clouds()
        split = Interfering(dataset.train, act if second else lambda x: None)
        try:
            train(folder / name, STOPPED, processes=processes,
                  dataset=replace(dataset, train=split))  # fmt: skip
        except expected as error:
            told[name] = str(error)
        told["parts"].append(split.taken[0])
    processes.wait()
    if processes.first:
        (folder / "copied").mkdir()
        (folder / "copied/run.h5").write_bytes((folder / "stopped/run.h5").read_bytes())
    processes.wait()
    train(folder / "stopped", STOPPED, processes=processes, resume=True)
    try:
        train(folder / "small", "ideal", processes=processes, batch_size=3)
    except ValueError as error:
        told["small"] = str(error)
    with (
        (folder / f"digits-{processes.rank}.json").open("w") as out,
        contextlib.redirect_stdout(out),
    ):
        told["status"] = main([*DIGITS, "--out", str(folder / "digits")])
    (folder / f"told-{processes.rank}.json").write_text(json.dumps(told))


if __name__ == "__main__":
    with joined() as together:
        _all(Path(sys.argv[1]), together)
