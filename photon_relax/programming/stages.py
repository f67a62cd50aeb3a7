"""What a programming leaves of a network, stage by stage: settings, matrices, answers.

A stage is one way of setting the devices of one chip: as perfect parts would be set ('naive'),
around what is known of the chip ('corrected'), by what is measured of it ('self-configured'), or
trained on it ('fine-tuned'). In front of them stand the trained network ('trained') and the
machine with perfect banks ('perfect banks'), which tells what all the rest of the hardware costs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from photon_relax.evaluation import Evaluation
from photon_relax.hardware import Hardware
from photon_relax.network import ReLaXNet

__all__ = ["BankRecord", "Elements", "StageResult", "Summary", "mean_interval", "overlap"]

Array = NDArray[np.float64]


class Summary(NamedTuple):
    """A mean and the ends of its 95 % interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Elements:
    """The settings of one kind of element of one bank."""

    mesh: str
    """Mesh of the bank, 'right', 'attenuators' or 'left' in the order of the light; empty where a
    bank has none."""

    element: str
    """What is set, such as 'theta'."""

    unit: str
    """Of the settings."""

    dimensions: tuple[str, ...]
    """Names of the axes: (column, cell) of a mesh, (lane,), or (row, column) of a matrix."""

    values: Array
    """The settings; NaN where there is no element."""

    power: Array | None = None
    """Power of each heater in W, of the same shape; None where nothing is heated."""


@dataclass(frozen=True, kw_only=True)
class BankRecord:
    """One bank as it was programmed: what was wanted, what came of it, and how it was set."""

    wanted: NDArray[Any]
    """The trained matrix W, (N, N), complex where the machine reads both quadratures."""

    realised: NDArray[Any]
    """What the chip makes of it, in the same units."""

    elements: tuple[Elements, ...]
    """The settings."""

    mesh_errors: tuple[float, ...] = ()
    """‖ΔU‖_F/√N of each unitary mesh, in the order of the light; () where there are none, or where
    fine-tuning has left what was wanted of each."""

    expected_errors: tuple[float, ...] = ()
    """What splitter errors alone let expect of these, root mean squares over chips; () where no
    form is known."""

    @property
    def fidelity(self) -> float:
        """|tr W†R|²/(tr W†W · tr R†R), 1 where the bank is right up to a factor."""
        return overlap(self.wanted, self.realised)

    @property
    def error(self) -> float:
        """‖R − W‖_F/‖W‖_F."""
        return float(np.linalg.norm(self.realised - self.wanted) / np.linalg.norm(self.wanted))

    @property
    def heater_power(self) -> float:
        """Power in W of all its heaters."""
        return float(sum(np.nansum(e.power) for e in self.elements if e.power is not None))

    @property
    def heaters(self) -> int:
        """Number of its heaters."""
        powers = [e.power for e in self.elements if e.power is not None]
        return int(sum(np.isfinite(power).sum() for power in powers))


@dataclass(frozen=True, kw_only=True)
class StageResult:
    """One stage on one chip."""

    stage: str
    """Its name."""

    chip: int | None
    """Seed of the chip; None where no chip has a part in it."""

    network: ReLaXNet
    """The network as it is programmed, on that chip."""

    evaluation: Evaluation
    """Its answers."""

    banks: tuple[BankRecord, ...] = ()
    """Its banks, where they were programmed."""

    snr_lost_db: float = 0.0
    """What the range of the banks costs at the receiver, see `Technique.snr_lost_db`."""

    @property
    def hardware(self) -> Hardware:
        """The hardware of that chip, as the stage sets it."""
        return self.network.hardware

    @property
    def heater_power(self) -> float:
        """Power in W of the heaters of all banks."""
        return sum(bank.heater_power for bank in self.banks)


def overlap(wanted: NDArray[Any], realised: NDArray[Any]) -> float:
    """Return |tr W†R|²/(tr W†W · tr R†R).

    Source: Clements et al., Optica 3, 1460 (2016), Eq. 6, for W that need not be unitary.
    """
    cross = abs(np.vdot(wanted, realised)) ** 2
    return float(cross / (np.linalg.norm(wanted) ** 2 * np.linalg.norm(realised) ** 2))


def mean_interval(
    values: Sequence[NDArray[Any]], block: int = 1, reference: Sequence[NDArray[Any]] = ()
) -> Summary:
    """Return the mean of samples over chips with its 95 % interval.

    Bootstrapped over chips and samples at once (Efron, Annals of Statistics 7, 1 (1979)), so that
    of a few chips it knows no more than they show.

    Parameters
    ----------
    values
        A number a sample, in the same order on every chip.
    block
        Neighbours that are drawn together, see `bootstrap_interval`.
    reference
        Taken off, sample by sample: as many chips, or one for all.
    """
    table = np.array(values, dtype=np.float64)
    if reference:
        table = table - np.array(reference, dtype=np.float64)
    starts = np.arange(0, table.shape[1], block)
    sums = np.add.reduceat(table, starts, axis=1)
    sizes = np.diff(np.append(starts, table.shape[1]))
    generator = np.random.default_rng(0)
    means = np.empty(_RESAMPLES)
    for i in range(_RESAMPLES):
        chips = generator.integers(len(sums), size=len(sums))
        drawn = generator.integers(len(starts), size=len(starts))
        means[i] = sums[chips][:, drawn].sum() / (len(chips) * sizes[drawn].sum())
    low, high = np.percentile(means, [2.5, 97.5])
    return Summary(float(table.mean()), float(low), float(high))


_RESAMPLES = 2000
