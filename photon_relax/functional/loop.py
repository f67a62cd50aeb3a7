"""The time-multiplexed loop as a torch function."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from circuits import TimeMultiplexedLoop
from photon_relax.functional.arrays import to_numpy, to_tensor

__all__ = ["circulate"]


class _Circulate(torch.autograd.Function):
    """`TimeMultiplexedLoop.forward` and its adjoint."""

    @staticmethod
    def forward(
        ctx: Any,
        loop: TimeMultiplexedLoop,
        keys: tuple[int, int],
        state: Tensor,
        matrices: Tensor,
        bias: Tensor,
        levels: Tensor,
        background: Tensor | None,
        stored: Tensor | None,
        slot_gain: Tensor | None,
        gradients: dict[int, Tensor] | None,
    ) -> Tensor:
        final, ctx.tape = loop.forward(
            to_numpy(state),
            to_numpy(matrices),
            to_numpy(bias),
            to_numpy(levels),
            *(None if a is None else to_numpy(a) for a in (background, stored, slot_gain)),
            step=keys[0],
            first_sample=keys[1],
        )
        ctx.loop, ctx.like, ctx.gradients = loop, state, gradients
        return to_tensor(final, state)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        watched = ctx.gradients is not None
        g = ctx.loop.adjoint(ctx.tape, to_numpy(gradient), layers=watched)
        if watched:
            ctx.gradients.update(enumerate(to_tensor(layer, ctx.like) for layer in g.layers))
        arrays = (g.state, g.matrices, g.bias, g.levels, g.background, g.stored, g.slot_gain)
        given = (None if a is None else to_tensor(a, ctx.like) for a in arrays)
        return (None, None, *given, None)


def circulate(
    loop: TimeMultiplexedLoop,
    state: Tensor,
    matrices: Tensor,
    bias: Tensor,
    levels: Tensor,
    background: Tensor | None = None,
    stored: Tensor | None = None,
    slot_gain: Tensor | None = None,
    *,
    step: int = 0,
    first_sample: int = 0,
    gradients: dict[int, Tensor] | None = None,
) -> Tensor:
    """Circulate a batch of states through the loop, differentiably.

    Parameters
    ----------
    state
        h[0], (B, N), float32 or float64; all tensors share its dtype.
    matrices
        Weight banks as quadratures, (L_W, Q, N, N): Q = 1 real, 2 (real, imaginary).
    bias
        Electrical biases, (L_W, N).
    levels
        Link levels at the present gain, (4,), see `TimeMultiplexedLoop.link_levels`.
    background
        What each bank adds by itself, (L_W, 2, N), see `TimeMultiplexedLoop.forward`.
    stored
        Of rings that remember, see `ring_slots`.
    slot_gain
        Electronic gain of each layer, (L_T,); None: 1.
    step, first_sample
        Keys of the noise.
    gradients
        Filled on the way back with ∂L/∂h[t], (B, N) each, by t = 0 … L_T.

    Returns
    -------
    h[L_T], (B, N).
    """
    apply: Any = _Circulate.apply
    final: Tensor = apply(
        loop, (step, first_sample), state, matrices, bias, levels, background, stored, slot_gain,
        gradients,
    )  # fmt: skip
    return final
