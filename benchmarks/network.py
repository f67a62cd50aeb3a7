"""The hidden layers of one training step against the ideal network written in plain torch.

N = 256, batch 256, L_W = 4, L_T = 12, forward and backward, single precision. The reference is the
real network h ← tanh(W h + b) as one would write it by hand; both machines are held against it,
although the square law's complex banks alone are twice its arithmetic.
"""

from collections.abc import Callable

import torch

from benchmarks.timing import interleaved, show
from devices import FiberSwitch
from photon_relax.hardware import Hardware
from photon_relax.network import ReLaXNet

N = BATCH = 256
WEIGHT_SETS, REPETITIONS = 4, 12

BOUNDS = {
    "homodyne slot": 3.0,
    "square_law slot": 3.0,
    "homodyne waveform": 1.5,
    "square_law waveform": 10.0,
    "homodyne waveform, stepped": 40.0,
    "square_law waveform, stepped": 40.0,
}


def torch_reference() -> Callable[[], None]:
    """The ideal network by hand."""
    banks = (torch.randn(WEIGHT_SETS, N, N) / N**0.5).requires_grad_()
    bias = torch.zeros(WEIGHT_SETS, N, requires_grad=True)
    start = torch.tanh(torch.randn(BATCH, N)).requires_grad_()

    def step() -> None:
        state = start
        for t in range(REPETITIONS):
            k = t % WEIGHT_SETS
            state = torch.tanh(torch.addmm(bias[k], state, banks[k].T))
        state.sum().backward()

    return step


def ours(
    machine: str, fidelity: str, bank: str = "dense", **settings: object
) -> Callable[[], None]:
    """The hidden layers of our network, without its digital input and output layers."""
    hardware = Hardware(switch=FiberSwitch(transient="gate"), **settings)
    net = ReLaXNet(
        N, N, 1, weight_sets=WEIGHT_SETS, repetitions=REPETITIONS, bank=bank, machine=machine,
        fidelity=fidelity, hardware=hardware,
    )  # fmt: skip
    start = torch.tanh(torch.randn(BATCH, N)).requires_grad_()

    def step() -> None:
        net.hidden(start).sum().backward()

    return step


def run(rounds: int = 15) -> list[dict[str, object]]:
    """Return one row a candidate: name, ours and reference in seconds, ratio, bound."""
    torch.manual_seed(0)
    candidates = {"reference": torch_reference()}
    for machine in ("homodyne", "square_law"):
        candidates[f"{machine} ideal"] = ours(machine, "ideal")
        for fidelity in ("slot", "waveform"):
            candidates[f"{machine} {fidelity}"] = ours(machine, fidelity, noise=False)
            candidates[f"{machine} {fidelity}, noise"] = ours(machine, fidelity)
            candidates[f"{machine} {fidelity}, MZI bank, noise"] = ours(machine, fidelity, "mzi")
        candidates[f"{machine} waveform, stepped"] = ours(
            machine, "waveform", noise=False, engine="step"
        )
    seconds = interleaved(candidates, rounds)
    reference = seconds.pop("reference")
    return [
        {
            "name": name,
            "ours": value,
            "reference": reference,
            "ratio": value / reference,
            "bound": f"≤ {BOUNDS[name]:g}×" if name in BOUNDS else None,
            "holds": value / reference <= BOUNDS[name] if name in BOUNDS else None,
        }
        for name, value in seconds.items()
    ]


if __name__ == "__main__":
    show("hidden layers, forward + backward", run())
