"""A trained network carried over to devices: the same weights, held by another kind of bank."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor

from photon_relax.assembly import network_arguments
from photon_relax.hardware import Hardware
from photon_relax.network import BankName, MachineName, ReLaXNet

__all__ = ["bank_for", "carry_over", "trained_matrices"]

_OWN: dict[MachineName, BankName] = {
    "homodyne": "mzi",
    "square_law": "mzi",
    "intensity": "ring",
    "electrical": "crossbar",
}
"""What holds the weights of a machine."""


def bank_for(network: ReLaXNet, wanted: str | None = None) -> BankName:
    """Return the kind of bank that a network's weights go onto.

    Raises
    ------
    ValueError
        Another one is wanted.
    """
    own = _OWN[network.machine]
    if wanted is not None and wanted != own:
        raise ValueError(
            f"the weights of a {network.machine} machine go onto the bank {own}, not {wanted}; "
            f"leave --bank out, or train with --bank {wanted}."
        )
    return own


@torch.no_grad()
def trained_matrices(network: ReLaXNet) -> Tensor:
    """Return the matrices that a network was trained to compute with, (L_W, Q, N, N), float64.

    Trained on a chip, these are what that chip makes of the settings.
    """
    if network.fidelity == "ideal":
        matrices = network.bank.ideal(network.hardware)
    else:
        matrices, _ = network.bank.realise(network.chip, 0)
    planes = 2 if network.bank_name == "mzi" or network.machine == "square_law" else 1
    return matrices[:, :planes].double()


def carry_over(network: ReLaXNet, hardware: Hardware) -> ReLaXNet:
    """Return an ideal network with the same weights in the settings of devices.

    A network whose bank is of devices already keeps its settings, unless the devices of the
    hardware make other weights of them.

    Raises
    ------
    ValueError
        The width is not one that the bank can have.
    """
    bank = bank_for(network)
    if bank == network.bank_name and (
        bank != "ring" or hardware.rings.ring == network.hardware.rings.ring
    ):
        return copy.deepcopy(network).at("ideal", hardware)
    arguments: dict[str, Any] = network_arguments(network)
    arguments |= {"bank": bank, "fidelity": "ideal"}
    carried = ReLaXNet(**arguments, hardware=hardware)
    own = {k: v for k, v in network.state_dict().items() if not k.startswith("bank.")}
    carried.load_state_dict(own, strict=False)
    carried.bank.write(trained_matrices(network), hardware)
    return carried
