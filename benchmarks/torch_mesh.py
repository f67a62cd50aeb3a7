"""The references: a rectangular mesh in torch, column by column, each column vectorised.

Three good ways of writing it. `even_odd_slices` takes light as torch modules do, (batch, modes),
and mixes even and odd slices of it; the bounds are stated against it. `even_odd_planes` keeps light
in (modes, batch), the batch contiguous, with even and odd modes apart, so that nothing is
interleaved until the end; `batched_products` writes a column as N/2 products of a 2×2 matrix with
a 2×batch one. Both are faster than the first here and are reported beside it.
"""

import math

import torch
from torch import Tensor


def interferometers(theta: Tensor, phi: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return T₁₁, T₁₂, T₂₁, T₂₂ of perfect interferometers (PHYSICS §2), all at once."""
    s, c = torch.sin(theta / 2), torch.cos(theta / 2)
    one = torch.ones_like(theta)
    common = torch.polar(one, theta / 2 + math.pi / 2)
    turned = common * torch.polar(one, phi)
    return turned * s, common * c, turned * c, -common * s


def even_odd_slices(x: Tensor, theta: Tensor, phi: Tensor, screen: Tensor) -> Tensor:
    """Return the light that leaves, (batch, N), for N even."""
    t11, t12, t21, t22 = interferometers(theta, phi)
    for column in range(len(theta)):
        odd = column % 2
        cells = x.shape[1] // 2 - odd
        top, low = x[:, odd : odd + 2 * cells : 2], x[:, odd + 1 : odd + 2 * cells : 2]
        a, b, c, d = (t[column, :cells] for t in (t11, t12, t21, t22))
        mixed = torch.stack((a * top + b * low, c * top + d * low), -1).flatten(1)
        x = torch.cat((x[:, :1], mixed, x[:, -1:]), 1) if odd else mixed
    return x * torch.polar(torch.ones_like(screen), screen)


def even_odd_planes(x: Tensor, theta: Tensor, phi: Tensor, screen: Tensor) -> Tensor:
    """Return the light that leaves, (N, batch), for N even."""
    t11, t12, t21, t22 = (t.unsqueeze(-1) for t in interferometers(theta, phi))
    even, odd = x[0::2], x[1::2]
    inner = len(even) - 1
    for column in range(len(theta)):
        if column % 2 == 0:
            even, odd = (
                torch.addcmul(t11[column] * even, t12[column], odd),
                torch.addcmul(t21[column] * even, t22[column], odd),
            )
        else:
            a, b, c, d = (t[column, :inner] for t in (t11, t12, t21, t22))
            top, low = odd[:-1], even[1:]
            even, odd = (
                torch.cat((even[:1], torch.addcmul(c * top, d, low))),
                torch.cat((torch.addcmul(a * top, b, low), odd[-1:])),
            )
    y = torch.stack((even, odd), 1).reshape(x.shape)
    return torch.polar(torch.ones_like(screen), screen).unsqueeze(-1) * y


def batched_products(x: Tensor, theta: Tensor, phi: Tensor, screen: Tensor) -> Tensor:
    """Return the light that leaves, (N, batch), for N even."""
    n, batch = x.shape
    cells = torch.stack(interferometers(theta, phi), -1).reshape(*theta.shape, 2, 2)
    for column in range(len(theta)):
        if column % 2 == 0:
            x = torch.bmm(cells[column], x.reshape(n // 2, 2, batch)).reshape(n, batch)
        else:
            pairs = x[1:-1].reshape(n // 2 - 1, 2, batch)
            inner = torch.bmm(cells[column, :-1], pairs).reshape(n - 2, batch)
            x = torch.cat((x[:1], inner, x[-1:]))
    return torch.polar(torch.ones_like(screen), screen).unsqueeze(-1) * x
