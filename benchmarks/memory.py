"""Peak memory of one `waveform` training step against the ideal network, and its growth with S.

Each measurement is a process of its own: the peak resident size during the step, over the resident
size before it, after a step of a small network has loaded and compiled everything (Linux: the peak
is reset through /proc/self/clear_refs).
"""

import subprocess
import sys
from pathlib import Path

from benchmarks.timing import show

BOUND = 8.0

_MEASURE = """
import sys
from pathlib import Path
import torch
from benchmarks import network
from photon_relax.hardware import Hardware

def resident(field):
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) / 1024

def candidate():
    if sys.argv[1] == "reference":
        return network.torch_reference()
    return network.ours(sys.argv[1], "waveform", noise=False, samples_per_slot=int(sys.argv[2]))

full = network.N, network.BATCH
network.N = network.BATCH = 32
candidate()()
network.N, network.BATCH = full
step = candidate()
before = resident("VmRSS")
Path("/proc/self/clear_refs").write_text("5")
step()
print(resident("VmHWM") - before)
"""


def peak(machine: str, samples: int = 16) -> float:
    """Return the peak in MB of one step."""
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, machine, str(samples)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return float(done.stdout)


def run() -> list[dict[str, object]]:
    """Return one row a machine and S: name, peaks in MB, ratio, bound."""
    if not Path("/proc/self/clear_refs").exists():
        return []
    reference = peak("reference")
    rows: list[dict[str, object]] = []
    for machine in ("homodyne", "square_law"):
        for samples in (4, 16, 64):
            ours = peak(machine, samples)
            rows.append(
                {
                    "name": f"{machine} waveform, S = {samples}",
                    "ours": ours,
                    "reference": reference,
                    "ratio": ours / reference,
                    "unit": "MB",
                    "bound": f"≤ {BOUND:g}×",
                    "holds": ours / reference <= BOUND,
                }
            )
    return rows


if __name__ == "__main__":
    show("peak memory of one training step", run())
