"""Weight banks as torch functions of their settings."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from circuits import (
    CrossbarBank,
    CrossbarErrors,
    MeshErrors,
    RingErrors,
    RingWeightBank,
)
from circuits.mesh_functions import fold_meshes
from circuits.ring_memory import RingMemory, RingSlots
from photon_relax.functional.arrays import to_numpy, to_tensor

__all__ = [
    "crossbar_matrices",
    "mesh_matrices",
    "mesh_propagate",
    "ring_matrices",
    "ring_slots",
    "ring_weights",
]


class _MeshMatrices(torch.autograd.Function):
    """Matrices of M folded meshes and their adjoint."""

    @staticmethod
    def forward(
        ctx: Any, errors: MeshErrors | None, theta: Tensor, phi: Tensor, screen: Tensor
    ) -> Tensor:
        settings = (to_numpy(phase) for phase in (theta, phi, screen))
        ctx.meshes = fold_meshes(*settings, **_imperfections(errors))
        ctx.matrix = ctx.meshes.matrix()
        ctx.like = theta
        return torch.from_numpy(ctx.matrix).to(theta.device)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        # M = G W† is all that the gradients of a matrix need, see `FoldedMeshes.gradients`.
        g = ctx.meshes.gradients(to_numpy(gradient) @ ctx.matrix.conj().swapaxes(-1, -2))
        return (None, *(to_tensor(phase, ctx.like) for phase in (g.theta, g.phi, g.screen)))


def _imperfections(errors: MeshErrors | None) -> dict[str, Any]:
    if errors is None:
        return {}
    return {
        "alpha": errors.alpha,
        "beta": errors.beta,
        "arm_transmission": errors.arm_transmission,
    }


def mesh_matrices(
    theta: Tensor, phi: Tensor, screen: Tensor, errors: MeshErrors | None = None
) -> Tensor:
    """Return the matrices of M meshes, differentiably in their phases.

    The uniform loss of the columns is left out: it is part of the link budget.

    Parameters
    ----------
    theta, phi
        Internal and external phases in rad, (M, C, N//2), float32 or float64.
    screen
        Output phases in rad, (M, N).
    errors
        The chip's errors; None for a perfect one.

    Returns
    -------
    (M, N, N), complex64 or complex128.
    """
    if errors is not None:
        theta, phi, screen = (
            programmed + torch.from_numpy(error).to(programmed)
            for programmed, error in (
                (theta, errors.theta), (phi, errors.phi), (screen, errors.screen)
            )
        )  # fmt: skip
    apply: Any = _MeshMatrices.apply
    matrices: Tensor = apply(errors, theta, phi, screen)
    return matrices


class _PropagateThroughMesh(torch.autograd.Function):
    """A batch of fields through the matrix of one folded mesh."""

    @staticmethod
    def forward(ctx: Any, light: Tensor, theta: Tensor, phi: Tensor, screen: Tensor) -> Tensor:
        ctx.meshes = fold_meshes(to_numpy(theta), to_numpy(phi), to_numpy(screen))
        ctx.matrix = ctx.meshes.matrix()
        ctx.output = to_numpy(light) @ ctx.matrix.T
        ctx.like = theta
        return torch.from_numpy(ctx.output).to(light.device)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        # The batch enters the gradients of the phases once, as M = Σ g y†.
        g_output = to_numpy(gradient)
        g = ctx.meshes.gradients(g_output.T @ ctx.output.conj())
        g_light = torch.from_numpy(g_output @ ctx.matrix.conj()).to(gradient.device)
        return (g_light, *(to_tensor(phase, ctx.like) for phase in (g.theta, g.phi, g.screen)))


def mesh_propagate(light: Tensor, theta: Tensor, phi: Tensor, screen: Tensor) -> Tensor:
    """Return the light behind one perfect mesh, differentiably in light and phases.

    Parameters
    ----------
    light
        Fields in √W, (batch, N), complex64 or complex128.
    theta, phi
        Internal and external phases in rad, (C, N//2), of the matching real dtype.
    screen
        Output phases in rad, (N,).

    Returns
    -------
    (batch, N).
    """
    apply: Any = _PropagateThroughMesh.apply
    behind: Tensor = apply(light, theta, phi, screen)
    return behind


class _RingWeights(torch.autograd.Function):
    """`RingWeightBank.weights`, elementwise."""

    @staticmethod
    def forward(ctx: Any, rings: RingWeightBank, detuning: Tensor) -> Tensor:
        ctx.rings = rings
        ctx.save_for_backward(detuning)
        return to_tensor(rings.weights(to_numpy(detuning)), detuning)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[None, Tensor]:
        (detuning,) = ctx.saved_tensors
        return None, gradient * to_tensor(ctx.rings.weight_slope(to_numpy(detuning)), detuning)


def ring_weights(rings: RingWeightBank, detuning: Tensor) -> Tensor:
    """Return the weight of each ring alone, differentiably, for detunings of any shape."""
    apply: Any = _RingWeights.apply
    weights: Tensor = apply(rings, detuning)
    return weights


class _RingMatrices(torch.autograd.Function):
    """`RingWeightBank.matrices` and its adjoint."""

    @staticmethod
    def forward(
        ctx: Any, rings: RingWeightBank, errors: RingErrors | None, detuning: Tensor
    ) -> Tensor:
        ctx.rings, ctx.errors = rings, errors
        ctx.save_for_backward(detuning)
        return to_tensor(rings.matrices(to_numpy(detuning), errors), detuning)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[None, None, Tensor]:
        (detuning,) = ctx.saved_tensors
        g = ctx.rings.gradients(to_numpy(detuning), to_numpy(gradient), ctx.errors)
        return None, None, to_tensor(g, detuning)


def ring_matrices(rings: RingWeightBank, detuning: Tensor, errors: RingErrors | None) -> Tensor:
    """Return T_d − T_p and T_d + T_p of ring banks, (L_W, 2, N, N), differentiably.

    Parameters
    ----------
    rings
        Design of the banks.
    detuning
        Half linewidths from each ring's own channel, (L_W, N, N), float32 or float64.
    errors
        Of one chip, or None.
    """
    apply: Any = _RingMatrices.apply
    matrices: Tensor = apply(rings, errors, detuning)
    return matrices


class _RingSlots(torch.autograd.Function):
    """`RingMemory.slots` and its adjoint."""

    @staticmethod
    def forward(
        ctx: Any, memory: RingMemory, errors: RingErrors | None, detuning: Tensor
    ) -> tuple[Tensor, Tensor]:
        ctx.memory, ctx.errors = memory, errors
        ctx.save_for_backward(detuning)
        slots = memory.slots(to_numpy(detuning), errors)
        return to_tensor(slots.matrices, detuning), to_tensor(slots.rings, detuning)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, g_matrices: Tensor, g_rings: Tensor) -> tuple[None, None, Tensor]:
        (detuning,) = ctx.saved_tensors
        gradient = RingSlots(to_numpy(g_matrices), to_numpy(g_rings))
        g = ctx.memory.gradients(to_numpy(detuning), gradient, ctx.errors)
        return None, None, to_tensor(g, detuning)


def ring_slots(
    memory: RingMemory, detuning: Tensor, errors: RingErrors | None
) -> tuple[Tensor, Tensor]:
    """Return what slots of rings that remember do, (C, 2, N, N) and (C, L_W, N, 10, N).

    Parameters
    ----------
    memory
        Of `TimeMultiplexedLoop.ring_memory`.
    detuning
        Half linewidths from each ring's own channel, (L_W, N, N), float32 or float64.
    errors
        Of one chip, or None.
    """
    apply: Any = _RingSlots.apply
    slots: tuple[Tensor, Tensor] = apply(memory, errors, detuning)
    return slots


class _CrossbarMatrices(torch.autograd.Function):
    """`CrossbarBank.realise` and its adjoint."""

    @staticmethod
    def forward(
        ctx: Any, crossbar: CrossbarBank, errors: CrossbarErrors | None, weights: Tensor
    ) -> tuple[Tensor, Tensor]:
        ctx.array, ctx.like = crossbar.realise(to_numpy(weights), errors), weights
        return to_tensor(ctx.array.matrix(), weights), to_tensor(ctx.array.conductance(), weights)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, g_matrix: Tensor, g_sum: Tensor) -> tuple[None, None, Tensor]:
        return (
            None,
            None,
            to_tensor(ctx.array.gradients(to_numpy(g_matrix), to_numpy(g_sum)), ctx.like),
        )


def crossbar_matrices(
    crossbar: CrossbarBank, weights: Tensor, errors: CrossbarErrors | None
) -> tuple[Tensor, Tensor]:
    """Return what crossbars make of their weights, differentiably.

    Parameters
    ----------
    crossbar
        Cells and wires.
    weights
        Programmed weights, (L_W, N, N), clipped to ±1, float32 or float64.
    errors
        Of one chip, or None.

    Returns
    -------
    Effective weights (L_W, N, N), and the conductance of each output (L_W, N) in units of the
    n(G_P − G_AP) of a full weight.
    """
    apply: Any = _CrossbarMatrices.apply
    matrices: tuple[Tensor, Tensor] = apply(crossbar, errors, weights)
    return matrices
