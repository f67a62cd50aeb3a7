"""Every comparison in one run: a table each, and all figures as JSON.

python -m benchmarks [--json FILE] [mesh] [network] [banks] [rings] [memory]
    [throughput] [circuits]
"""

import argparse
import json
from pathlib import Path

from photon_relax.threads import wait_quietly

TITLES = {
    "mesh": "mesh, batch 256, forward + backward, against torch column by column",
    "network": "hidden layers of one step, forward + backward, against torch",
    "banks": "hidden layers of one step, forward + backward, against the dense bank",
    "rings": "coupled-mode stepping, against solve_ivp at an error of 1e-6",
    "memory": "peak memory of one training step, against torch",
    "throughput": "whole training steps, against a loop in plain torch",
    "circuits": "circuits, against SAX, torch, and themselves at another size",
}


def main() -> None:
    """Run the chosen suites."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=f"{', '.join(TITLES)} (all)")
    parser.add_argument("--json", type=Path, default=Path("runs/benchmarks.json"))
    arguments = parser.parse_args()
    strangers = set(arguments.suites) - set(TITLES)
    if strangers:
        parser.error(f"unknown suite {', '.join(sorted(strangers))}; known: {', '.join(TITLES)}")
    wait_quietly()
    from benchmarks import banks, circuits, memory, mesh, network, rings, throughput
    from benchmarks.timing import show, threads

    suites = {
        "mesh": mesh.run, "network": network.run, "banks": banks.run, "rings": rings.run,
        "memory": memory.run, "circuits": circuits.run,
        "throughput": throughput.run,
    }  # fmt: skip
    report: dict[str, object] = {"threads": threads()}
    print("threads:", ", ".join(f"{name} {count}" for name, count in threads().items()))
    for name in arguments.suites or TITLES:
        rows = suites[name]()
        show(TITLES[name], rows)
        report[name] = rows
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    arguments.json.write_text(json.dumps(report, indent=1), encoding="utf-8")
    print(f"figures: {arguments.json}")


if __name__ == "__main__":
    main()
