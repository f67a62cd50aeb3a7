"""Meshes whose splitters nobody knows: as they come, corrected where known, self-configured.

Random unitaries on random chips; the error ‖ΔU‖_F/√N of each is held against the closed forms
σ√(2(N−1)) of a mesh as it comes and √(2/3)Nσ² of one that is corrected (Hamerly, Bandyopadhyay,
Englund, Phys. Rev. Applied 18, 024018 (2022)). Self-configuration reads powers only.
"""

import sys
from time import perf_counter

import numpy as np
from scipy.stats import unitary_group

from circuits import (
    MachZehnderMesh,
    MeshFabrication,
    SimulatedBench,
    clements_decompose,
    correct_program,
    self_configure,
)
from validation.closed_forms.interferometer import corrected_error_of_mesh, splitter_error_of_mesh

CHIPS = {16: 60, 64: 4}


def errors(n: int, sigma: float, seed: int) -> tuple[list[float], float]:
    """Return ‖ΔU‖_F/√N as it comes, corrected and self-configured, and the seconds of the last."""
    unitary = unitary_group.rvs(n, random_state=seed)
    chip = MeshFabrication(splitter_error=sigma).draw(1, n, n, seed)
    mesh = MachZehnderMesh(n=n, alpha=chip.alpha[0], beta=chip.beta[0])
    program = clements_decompose(unitary)
    start = perf_counter()
    own = self_configure(unitary, SimulatedBench.of_mesh(chip, 0))
    took = perf_counter() - start
    programs = program, correct_program(program, mesh.alpha, mesh.beta), own
    made = [mesh.realise(each) for each in programs]
    return [float(np.linalg.norm(u - unitary) / np.sqrt(n)) for u in made], took


def rows(chips: dict[int, int], scatter: tuple[float, ...]) -> list[list[str]]:
    """Return the table: root mean square over chips, closed forms beside."""
    table = []
    for n, count in chips.items():
        for sigma in scatter:
            found, times = zip(*(errors(n, sigma, seed) for seed in range(count)), strict=True)
            naive, corrected, own = np.sqrt(np.mean(np.square(found), axis=0))
            laws = splitter_error_of_mesh(n, sigma), corrected_error_of_mesh(n, sigma)
            numbers = naive, laws[0], corrected, own, laws[1]
            table.append(
                [f"{n}", f"{sigma:g}", *(f"{x:.3g}" for x in numbers), f"{np.mean(times):.2f} s"]
            )
    return table


def main() -> None:
    """Print the table; some 40 seconds."""
    heads = ["N", "σ / rad", "as it comes", "law", "corrected", "self", "law", "a mesh takes"]
    for row in [heads, *rows(CHIPS, (0.01, 0.02, 0.05))]:
        sys.stdout.write("".join(f"{entry:>13}" for entry in row) + "\n")


if __name__ == "__main__":
    main()
