"""How good must the splitters of a mesh be, for how many lanes, with correction and without?

A network is trained on digits with perfect matrices. Each of its weight sets is then programmed
into two interferometer meshes and a column of attenuators, U t V†, whose splitters are off by
random angles: as if they were perfect, or around the errors, which are then known (Bandyopadhyay,
Hamerly, Englund, Optica 8, 1247 (2021)). The accuracy is that of the network with what they give.

    python -m examples.studies.splitter_error        # studies/splitter_error
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from circuits import MachZehnderMesh, MeshProgram, SvdProcessor
from photon_relax import ReLaXNet, Study, load_dataset
from photon_relax.evaluation import evaluate

STEPS, BATCH = 400, 64


def main() -> None:
    """Run the study on all cores, print the answer and draw it."""
    # By its name, so that the workers import it and keep what they trained.
    from examples.studies import splitter_error

    study = Study(
        splitter_error.measure,
        {
            "splitter_error": {"log": [0.01, 0.16, 5]},
            "lanes": [16, 32, 64],
            "corrected": [0, 1],
        },
        question="How good must the splitters of a mesh be?",
        replicates=3,
        paired=True,
        target="accuracy",
    )
    folder = Path("studies/splitter_error")
    results = study.run(folder, resume=(folder / "study.json").exists())
    answer = study.answer(results)
    if answer is not None:
        print(answer.sentence)
    study.draw(results, folder / "response.png")
    print(results["accuracy"].mean("replicate").to_series().unstack("splitter_error"))


def measure(values: Mapping[str, Any], seed: int) -> dict[str, float]:
    """Program a trained network into meshes of one chip, and answer the test digits."""
    network = copy.deepcopy(trained(values["lanes"]))
    rng = np.random.default_rng(seed)
    error = 0.0
    with torch.no_grad():
        for weight in network.bank.weight[:, 0]:
            wanted = weight.double().numpy()
            made = programmed(wanted, values["splitter_error"], bool(values["corrected"]), rng)
            error += float(np.linalg.norm(made - wanted) / np.linalg.norm(wanted))
            weight.copy_(torch.from_numpy(made))
    result = evaluate(network, load_dataset("digits").test)
    return {
        "accuracy": result.accuracy,
        "loss": result.loss,
        "matrix_error": error / network.weight_sets,
    }


@lru_cache(maxsize=4)
def trained(lanes: int) -> ReLaXNet:
    """Train a network with perfect matrices; the same in every process."""
    digits = load_dataset("digits")
    network = ReLaXNet(digits.n_in, lanes, digits.n_classes, weight_sets=2, repetitions=4, seed=1)
    optimiser = torch.optim.Adam(network.parameters(), lr=5e-3)
    rng = np.random.default_rng(1)
    for step in range(STEPS):
        x, y = digits.train.batch(rng.integers(len(digits.train), size=BATCH))
        loss = torch.nn.functional.cross_entropy(
            network(torch.from_numpy(x), step=step), torch.from_numpy(y)
        )
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return network


def programmed(
    matrix: np.ndarray, splitter_error: float, corrected: bool, rng: np.random.Generator
) -> np.ndarray:
    """Return the real part of g U t V† as two meshes of one chip make it."""
    processor = SvdProcessor.program(matrix)

    def make(program: MeshProgram) -> np.ndarray:
        alpha, beta = splitter_error * rng.standard_normal((2, program.depth, program.n // 2))
        mesh = MachZehnderMesh(n=program.n, alpha=alpha, beta=beta)
        return mesh.realise(mesh.correct(program) if corrected else program)

    left = make(processor.left)
    return np.real(processor.gain * (left * processor.attenuation) @ make(processor.right))


if __name__ == "__main__":
    main()
