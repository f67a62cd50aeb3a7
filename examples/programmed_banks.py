"""What is left of a matrix on one chip of rings, and on one of tunnel junctions?

Random matrices of N × N weights are programmed onto chips with typical tolerances: heaters set
blindly, after a calibration and with feedback; junctions written blindly, read and written again,
and around the resistance of the wires. A row a way, the mean over the chips::

    python -m examples.programmed_banks

Errors are root mean squares of a bank's weights, of a range of about ±1, and bits the logarithm of
the range over the error, as experiments report them (W. Zhang et al., Optica (2022)). What the
range costs is the noise that the receiver's gain adds.
"""

import argparse
from dataclasses import dataclass, replace
from math import log2, sqrt
from typing import get_args

import numpy as np

from circuits import (
    CrossbarBank,
    ProgrammedCrossbar,
    ProgrammedRings,
    RingWeightBank,
    program_crossbar,
    program_rings,
)
from circuits.crossbar_programming import CrossbarMethod
from circuits.ring_programming import RingMethod
from devices.library import load_entry


@dataclass(frozen=True)
class Row:
    """One way to program one kind of bank, over all chips."""

    bank: str
    method: str
    error: float
    """Root mean square of a weight."""
    lost_snr_db: float
    """What range, neighbours and wires cost."""
    effort: str

    @property
    def bits(self) -> float:
        """log₂ of the range of 2 over the error."""
        return log2(2 / self.error)


def run(n: int, banks: int, chips: int) -> list[Row]:
    """Program chips of every kind in every way."""
    wanted = np.random.default_rng(0).normal(size=(banks, n, n)) / sqrt(n)
    rows = []
    for name, rings in {
        "rings": RingWeightBank(),
        "rings, 12 bit heaters": RingWeightBank(heater_bits=12),
    }.items():
        for method in get_args(RingMethod):
            done = [program_rings(rings, wanted, seed, method) for seed in range(chips)]
            power = np.mean([one.heater_powers for one in done])
            effort = f"{power * 1e3:.1f} mW a ring, {done[0].readings / wanted.size:.0f} readings"
            rows.append(_row(name, method, done, effort))
    junction = load_entry("mtj-crossbar").build("crossbar")
    gentle = replace(junction, switching_probability=0.9)
    for name, device in {"junctions": junction, "junctions, p = 0.9": gentle}.items():
        crossbar = CrossbarBank(junction=device)
        for way in get_args(CrossbarMethod):
            written = [program_crossbar(crossbar, wanted, seed, way) for seed in range(chips)]
            effort = f"{np.mean([one.pulses for one in written]) / wanted.size:.1f} pulses a weight"
            rows.append(_row(name, way, written, effort))
    return rows


def _row(
    bank: str, method: str, done: list[ProgrammedRings] | list[ProgrammedCrossbar], effort: str
) -> Row:
    error = sqrt(np.mean([one.weight_error**2 for one in done]))
    lost = float(np.mean([one.wanted.lost_snr_db for one in done]))
    return Row(bank=bank, method=method, error=error, lost_snr_db=lost, effort=effort)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=16, help="inputs and outputs of a bank")
    parser.add_argument("--banks", type=int, default=4, help="weight sets")
    parser.add_argument("--chips", type=int, default=5, help="chips of each kind")
    given = parser.parse_args()
    print(f"{'bank':24}{'method':14}{'error':>8}{'bits':>6}{'SNR lost':>10}  effort")
    for row in run(given.n, given.banks, given.chips):
        print(
            f"{row.bank:24}{row.method:14}{row.error:8.4f}{row.bits:6.1f}"
            f"{row.lost_snr_db:7.2f} dB  {row.effort}"
        )


if __name__ == "__main__":
    main()
