"""Torch autograd over the circuit kernels: numpy views in, kernels, gradients out."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from circuits import (
    Circuit,
    CrossbarBank,
    CrossbarErrors,
    MeshErrors,
    RingErrors,
    RingWeightBank,
    TimeMultiplexedLoop,
)
from circuits.mesh_functions import fold_meshes
from circuits.ring_memory import RingMemory, RingSlots


def _numpy(tensor: Tensor) -> Any:
    """Return a contiguous CPU view (a copy only where the tensor is neither)."""
    return tensor.detach().cpu().contiguous().numpy()


def _tensor(array: Any, like: Tensor) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(array)).to(like.device, like.dtype)


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
    ) -> Tensor:
        final, ctx.tape = loop.forward(
            _numpy(state),
            _numpy(matrices),
            _numpy(bias),
            _numpy(levels),
            None if background is None else _numpy(background),
            None if stored is None else _numpy(stored),
            step=keys[0],
            first_sample=keys[1],
        )
        ctx.loop, ctx.like = loop, state
        return _tensor(final, state)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        g = ctx.loop.adjoint(ctx.tape, _numpy(gradient))
        arrays = (g.state, g.matrices, g.bias, g.levels, g.background, g.stored)
        return (None, None, *(None if a is None else _tensor(a, ctx.like) for a in arrays))


def circulate(
    loop: TimeMultiplexedLoop,
    state: Tensor,
    matrices: Tensor,
    bias: Tensor,
    levels: Tensor,
    background: Tensor | None = None,
    stored: Tensor | None = None,
    *,
    step: int = 0,
    first_sample: int = 0,
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
    step, first_sample
        Keys of the noise.

    Returns
    -------
    h[L_T], (B, N).
    """
    apply: Any = _Circulate.apply
    final: Tensor = apply(
        loop, (step, first_sample), state, matrices, bias, levels, background, stored
    )
    return final


class _MeshMatrices(torch.autograd.Function):
    """Matrices of M folded meshes and their adjoint."""

    @staticmethod
    def forward(
        ctx: Any, errors: MeshErrors | None, theta: Tensor, phi: Tensor, screen: Tensor
    ) -> Tensor:
        settings = (_numpy(phase) for phase in (theta, phi, screen))
        ctx.meshes = fold_meshes(*settings, **_imperfections(errors))
        ctx.matrix = ctx.meshes.matrix()
        ctx.like = theta
        return torch.from_numpy(ctx.matrix).to(theta.device)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        # M = G W† is all that the gradients of a matrix need, see `FoldedMeshes.gradients`.
        g = ctx.meshes.gradients(_numpy(gradient) @ ctx.matrix.conj().swapaxes(-1, -2))
        return (None, *(_tensor(phase, ctx.like) for phase in (g.theta, g.phi, g.screen)))


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
        ctx.meshes = fold_meshes(_numpy(theta), _numpy(phi), _numpy(screen))
        ctx.matrix = ctx.meshes.matrix()
        ctx.output = _numpy(light) @ ctx.matrix.T
        ctx.like = theta
        return torch.from_numpy(ctx.output).to(light.device)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        # The batch enters the gradients of the phases once, as M = Σ g y†.
        g_output = _numpy(gradient)
        g = ctx.meshes.gradients(g_output.T @ ctx.output.conj())
        g_light = torch.from_numpy(g_output @ ctx.matrix.conj()).to(gradient.device)
        return (g_light, *(_tensor(phase, ctx.like) for phase in (g.theta, g.phi, g.screen)))


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
        return _tensor(rings.weights(_numpy(detuning)), detuning)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[None, Tensor]:
        (detuning,) = ctx.saved_tensors
        return None, gradient * _tensor(ctx.rings.weight_slope(_numpy(detuning)), detuning)


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
        return _tensor(rings.matrices(_numpy(detuning), errors), detuning)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[None, None, Tensor]:
        (detuning,) = ctx.saved_tensors
        g = ctx.rings.gradients(_numpy(detuning), _numpy(gradient), ctx.errors)
        return None, None, _tensor(g, detuning)


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
        slots = memory.slots(_numpy(detuning), errors)
        return _tensor(slots.matrices, detuning), _tensor(slots.rings, detuning)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, g_matrices: Tensor, g_rings: Tensor) -> tuple[None, None, Tensor]:
        (detuning,) = ctx.saved_tensors
        gradient = RingSlots(_numpy(g_matrices), _numpy(g_rings))
        g = ctx.memory.gradients(_numpy(detuning), gradient, ctx.errors)
        return None, None, _tensor(g, detuning)


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
        ctx.array, ctx.like = crossbar.realise(_numpy(weights), errors), weights
        return _tensor(ctx.array.matrix(), weights), _tensor(ctx.array.conductance(), weights)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, g_matrix: Tensor, g_sum: Tensor) -> tuple[None, None, Tensor]:
        return None, None, _tensor(ctx.array.gradients(_numpy(g_matrix), _numpy(g_sum)), ctx.like)


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


class _CircuitScattering(torch.autograd.Function):
    """`Circuit.scattering` and its adjoint, for some of its parameters."""

    @staticmethod
    def forward(
        ctx: Any, circuit: Circuit, names: list[tuple[str, str]], frequency: Any, *values: Tensor
    ) -> Tensor:
        changes: dict[str, dict[str, float]] = {}
        for (instance, setting), value in zip(names, values, strict=True):
            changes.setdefault(instance, {})[setting] = float(value)
        ctx.circuit, ctx.names, ctx.frequency = circuit.with_parameters(changes), names, frequency
        ctx.like = values
        return torch.from_numpy(ctx.circuit.scattering(frequency=frequency))

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        g = ctx.circuit.gradients(_numpy(gradient), frequency=ctx.frequency)
        values = (
            torch.tensor(g[instance][setting], dtype=like.dtype, device=like.device)
            for (instance, setting), like in zip(ctx.names, ctx.like, strict=True)
        )
        return (None, None, None, *values)


def circuit_scattering(circuit: Circuit, settings: Mapping[str, Tensor], frequency: Any) -> Tensor:
    """Return the scattering matrices of a circuit, differentiably in some of its settings.

    Parameters
    ----------
    circuit
        With its ports.
    settings
        Real scalars by ``INSTANCE.SETTING``, see `Circuit.parameters`.
    frequency
        Optical frequencies in Hz, (F,).

    Returns
    -------
    S[out, in], (F, P, P), complex128.
    """
    names = []
    for name in settings:
        instance, _, setting = name.rpartition(".")
        if not instance:
            raise ValueError(f"settings are named INSTANCE.SETTING; got {name!r}.")
        names.append((instance, setting))
    apply: Any = _CircuitScattering.apply
    matrices: Tensor = apply(circuit, names, frequency, *settings.values())
    return matrices
