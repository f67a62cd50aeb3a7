"""One training step's hidden layers with ring and crossbar banks against the dense bank.

Batch 256, L_W = 4, L_T = 12, forward and backward, single precision, noise on, default hardware;
the dense bank runs on the same machine at the same fidelity.
"""

from collections.abc import Callable

import torch

from benchmarks.timing import interleaved, show
from photon_relax.hardware import Hardware
from photon_relax.network import ReLaXNet

BATCH, WEIGHT_SETS, REPETITIONS = 256, 4, 12
MACHINES = {"ring": "intensity", "crossbar": "electrical"}
BOUNDS = {64: 4.0}


def step_of(n: int, bank: str, machine: str, fidelity: str) -> Callable[[], None]:
    """The hidden layers of a network, without its digital input and output layers."""
    net = ReLaXNet(
        n, n, 1, weight_sets=WEIGHT_SETS, repetitions=REPETITIONS, bank=bank, machine=machine,
        fidelity=fidelity, hardware=Hardware(),
    )  # fmt: skip
    start = torch.rand(BATCH, n).requires_grad_()

    def step() -> None:
        net.hidden(start).sum().backward()

    return step


def run(rounds: int = 15) -> list[dict[str, object]]:
    """Return one row a candidate: name, ours and reference in seconds, ratio, bound."""
    torch.manual_seed(0)
    rows: list[dict[str, object]] = []
    for n in (64, 256):
        for bank, machine in MACHINES.items():
            for fidelity in ("slot", "waveform"):
                seconds = interleaved(
                    {name: step_of(n, name, machine, fidelity) for name in ("dense", bank)},
                    rounds if n == 64 else rounds // 3,
                )
                ratio = seconds[bank] / seconds["dense"]
                bound = BOUNDS.get(n)
                rows.append(
                    {
                        "name": f"{bank} {fidelity}, N = {n}",
                        "ours": seconds[bank],
                        "reference": seconds["dense"],
                        "ratio": ratio,
                        "bound": f"≤ {bound:g}×" if bound else None,
                        "holds": ratio <= bound if bound else None,
                    }
                )
    return rows


if __name__ == "__main__":
    show("hidden layers of one step, against the dense bank", run())
