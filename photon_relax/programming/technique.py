"""What the kinds of banks have in common when they are programmed."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import torch
from numpy.typing import NDArray

from circuits.weight_range import lost_snr_db
from photon_relax.banks.bank import assembled
from photon_relax.hardware import Hardware
from photon_relax.network import ReLaXNet
from photon_relax.programming.carrying import carry_over, trained_matrices
from photon_relax.programming.stages import BankRecord, Elements

__all__ = ["Programmed", "Technique", "largest_weight", "read_matrices"]


@dataclass(frozen=True, kw_only=True)
class Programmed:
    """A network as one stage sets it, and the hardware of the chip under that stage."""

    network: ReLaXNet
    """At fidelity ideal."""

    hardware: Hardware
    """With the flags of the stage, and the seed of the chip."""

    mesh_errors: tuple[tuple[float, ...], ...] = ()
    """Of each bank, see `BankRecord`."""

    expected_errors: tuple[tuple[float, ...], ...] = ()
    """The same."""

    @classmethod
    def of(cls, network: ReLaXNet) -> Self:
        """Return a network as it is, whatever has set it."""
        return cls(network=network, hardware=network.hardware)


class Technique(ABC):
    """How one kind of bank is programmed.

    Parameters
    ----------
    network
        As it was trained.
    hardware
        Of the machine that it is programmed onto.
    """

    stages: ClassVar[tuple[str, ...]]
    """Names of the stages that this kind has, in order."""

    def __init__(self, network: ReLaXNet, hardware: Hardware) -> None:
        self.settings = carry_over(network, hardware)
        """The trained settings; those of perfect parts where it was trained on no chip."""
        self.wanted = trained_matrices(network)
        self.perfect = self.settings
        """Settings with which perfect parts make what is wanted."""
        if network.fidelity != "ideal":
            self.perfect = copy.deepcopy(self.settings)
            self.perfect.bank.write(self.wanted, hardware)

    @abstractmethod
    def program(self, stage: str, hardware: Hardware) -> Programmed:
        """Program one chip, whose errors are those that the hardware draws by its seed."""

    @abstractmethod
    def blind(self, hardware: Hardware) -> Programmed:
        """Set any chip of this hardware, of which nothing but the design is known."""

    @abstractmethod
    def without_errors(self, hardware: Hardware) -> Hardware:
        """Return the hardware with banks that come out as they are programmed."""

    @abstractmethod
    def elements(self, network: ReLaXNet) -> list[tuple[Elements, ...]]:
        """Return the settings of each bank of a network at slot or waveform."""

    @property
    @abstractmethod
    def reference_gain(self) -> float:
        """Gain g₀ that the trained matrices would need of a bank that suits them."""

    def snr_lost_db(self, network: ReLaXNet) -> float:
        """Return what the range of the banks costs of the signal-to-noise ratio, in dB.

        They realise W/g, and the receiver multiplies by g, its noise too: 20 log₁₀(g/g₀) of
        currents that follow the weights, twice that of the square law, whose current follows |W|².
        """
        lost = lost_snr_db(float(network.bank.gain(0).detach()), self.reference_gain)
        return 2 * lost if network.machine == "square_law" else lost

    def record(self, network: ReLaXNet, programmed: Programmed) -> tuple[BankRecord, ...]:
        """Return what came of a programming: of the banks as they are now in `network`."""
        wanted = read_matrices(network, self.wanted)
        realised = read_matrices(network, trained_matrices(network))
        none = ((),) * len(wanted)
        columns = (
            wanted,
            realised,
            self.elements(network),
            programmed.mesh_errors or none,
            programmed.expected_errors or none,
        )
        return tuple(
            BankRecord(wanted=w, realised=r, elements=e, mesh_errors=m, expected_errors=x)
            for w, r, e, m, x in zip(*columns, strict=True)
        )


def read_matrices(network: ReLaXNet, matrices: torch.Tensor) -> NDArray[Any]:
    """Return what the machine reads of matrices, (L_W, N, N): real parts, but of the square law."""
    read = matrices if network.machine == "square_law" else matrices[:, :1]
    return assembled(read.detach()).cpu().numpy()


def largest_weight(matrices: torch.Tensor) -> float:
    """Return max|W|, 1 where all is dark."""
    return float(matrices.abs().max()) or 1.0
