"""What every trainable weight bank offers: what is programmed slowly, once per optimiser step.

A bank's parameters are the settings of its devices. It gives the L_W matrices that a machine
computes with, and the one gain g that serves them all (DESIGN §4): the devices realise W/g, the
receiver multiplies by g. Which planes a matrix has is the machine's affair, see
`circuits.TimeMultiplexedLoop.forward`.
"""

from abc import ABC, abstractmethod
from typing import Any

import torch
from torch import Tensor, nn

from photon_relax.hardware import Hardware


class Bank(nn.Module, ABC):
    """L_W weight matrices of N×N, by their settings."""

    @abstractmethod
    def ideal(self, hardware: Hardware) -> Tensor:
        """Return the matrices without imperfections, (L_W, Q, N, N): Q = 2 where complex."""

    def fabricate(self, hardware: Hardware) -> Any:
        """Return the chip that this hardware makes of the banks, for `realise`; None: perfect."""
        return None

    @abstractmethod
    def realise(self, chip: Any, step: int) -> tuple[Tensor, Tensor | None]:
        """Return a chip's matrices (L_W, Q, N, N), and what its banks add by themselves.

        The latter is None or (L_W, 2, N), the ``background`` of the loop.
        """

    @abstractmethod
    def gain(self, step: int) -> Tensor:
        """Return g, which an optimiser step may change."""

    @abstractmethod
    def write(self, matrices: Tensor, hardware: Hardware) -> None:
        """Set the bank to matrices (L_W, Q, N, N), as perfect parts are set.

        With the smallest gain for which all of them fit.
        """

    def transmission(self, hardware: Hardware) -> float:
        """Return the amplitude that a lossy but otherwise perfect bank passes."""
        return 1.0


def start_matrices(
    start: str, weight_sets: int, n: int, scale: float, generator: torch.Generator
) -> Tensor:
    """Return the matrices that banks start from, (L_W, N, N), float32, times a scale.

    'orthogonal': random orthogonal, which keeps the norm of state and gradient over any depth
    (Saxe, McClelland, Ganguli, arXiv 1312.6120). 'normal': independent elements of variance 1/N,
    which keep the mean square norm (with a scale of 1/√3, what torch's layers start from).
    'identity': every lane by itself (Le, Jaitly, Hinton, arXiv 1504.00941), as a bypass would.
    """
    if start == "identity":
        return scale * torch.eye(n).repeat(weight_sets, 1, 1)
    gauss = torch.randn(weight_sets, n, n, generator=generator, dtype=torch.float64)
    unit: Tensor = gauss * n**-0.5
    if start == "orthogonal":
        q, r = torch.linalg.qr(gauss)
        # With R's diagonal made positive, Q is uniform over the group (Mezzadri, math-ph/0609050).
        unit = q * torch.sign(torch.diagonal(r, dim1=-2, dim2=-1)).unsqueeze(-2)
    return (scale * unit).to(torch.float32)


def assembled(quadratures: Tensor) -> Tensor:
    """Return (L_W, Q, …) quadratures as a real or complex tensor (L_W, …)."""
    if quadratures.shape[1] == 1:
        return quadratures[:, 0]
    return torch.complex(quadratures[:, 0], quadratures[:, 1])


def quadratures_of(values: Tensor, quadratures: int) -> Tensor:
    """Return real or complex (L_W, …) as quadratures (L_W, Q, …)."""
    if quadratures == 1:
        return values.unsqueeze(1)
    return torch.stack([values.real, values.imag], dim=1)
