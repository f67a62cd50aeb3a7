"""Circuits of any wiring as torch functions of their settings, and in time of their light."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from circuits import Circuit
from photon_relax.functional.arrays import to_numpy, to_tensor

__all__ = ["circuit_scattering", "circuit_transient"]


class _CircuitScattering(torch.autograd.Function):
    """`Circuit.scattering` and its adjoint, for some of its parameters."""

    @staticmethod
    def forward(
        ctx: Any, circuit: Circuit, names: list[tuple[str, str]], frequency: Any, *values: Tensor
    ) -> Tensor:
        ctx.circuit, ctx.names, ctx.frequency = _changed(circuit, names, values), names, frequency
        ctx.like = values
        return torch.from_numpy(ctx.circuit.scattering(frequency=frequency))

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        g = ctx.circuit.gradients(to_numpy(gradient), frequency=ctx.frequency)
        return (None, None, None, *_picked(g, ctx.names, ctx.like))


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
    apply: Any = _CircuitScattering.apply
    matrices: Tensor = apply(circuit, _names(settings), frequency, *settings.values())
    return matrices


class _CircuitTransient(torch.autograd.Function):
    """`Circuit.transient` and its adjoint, for its light and some of its parameters."""

    @staticmethod
    def forward(
        ctx: Any,
        circuit: Circuit,
        lit: tuple[str, ...],
        names: list[tuple[str, str]],
        options: dict[str, Any],
        seed: int | None,
        *tensors: Tensor,
    ) -> tuple[Tensor, ...]:
        light, values = tensors[: len(lit)], tensors[len(lit) :]
        ctx.stepped = _changed(circuit, names, values).stepped(lit, **options)
        ctx.lit, ctx.names, ctx.seed = lit, names, seed
        ctx.save_for_backward(*tensors)
        ctx.set_materialize_grads(False)
        seen = ctx.stepped.run(_arrays(lit, light), seed=seed)
        traces = {**seen.probes, **seen.outputs}
        ctx.seen = [*seen.outputs, *(name for name in seen.probes if name not in seen.outputs)]
        # Copies: a trace is a column of all, and dark ones are one array.
        return tuple(torch.tensor(traces[name], device=light[0].device) for name in ctx.seen)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor | None) -> tuple[Tensor | None, ...]:
        count = len(ctx.lit)
        light, values = ctx.saved_tensors[:count], ctx.saved_tensors[count:]
        cotangents = {
            name: to_numpy(it)
            for name, it in zip(ctx.seen, gradients, strict=True)
            if it is not None
        }
        g = ctx.stepped.gradients(_arrays(ctx.lit, light), cotangents, seed=ctx.seed)
        return (
            None, None, None, None, None,
            *(_folded(g.inputs[name], it) for name, it in zip(ctx.lit, light, strict=True)),
            *_picked(g.parameters, ctx.names, values),
        )  # fmt: skip


def circuit_transient(
    circuit: Circuit,
    inputs: Mapping[str, Tensor],
    *,
    dt: float,
    frequency: Any,
    settings: Mapping[str, Tensor] | None = None,
    outputs: Sequence[str] | None = None,
    probes: Sequence[str] = (),
    order: int = 5,
    seed: int | None = None,
) -> dict[str, Tensor]:
    """Return what leaves a circuit in time, differentiably in its light and its settings.

    The way back steps through time again, with memory for some √samples moments; see
    `circuits.transient_program`.

    Parameters
    ----------
    circuit
        With its ports.
    inputs
        Envelopes in √W about the carrier by port, (samples,) or (batch, samples), real or complex,
        of 32-bit or of 64-bit numbers; other ports are dark.
    dt
        Length of a sample in s.
    frequency
        Of the carrier in Hz, or of that of each row of the batch, (batch,).
    settings
        Real scalars by ``INSTANCE.SETTING``, see `Circuit.parameters`.
    outputs
        Ports to be seen, all of them unless given; each costs the memory of its trace.
    probes
        Ports of instances to be seen too, ``INSTANCE,PORT``, see `Circuit.transient`.
    order
        Odd order of the interpolation where a delay is not of whole samples.
    seed
        Of the noise, the same on the way back; none without it.

    Returns
    -------
    By port and probe, shaped as the inputs: envelopes in √W, complex64 or complex128, and
    electrical signals, float32 or float64.

    Examples
    --------
    The coupler at which a ring of loss loses all light on resonance, found by descent:

    >>> import torch
    >>> from scipy.constants import c as speed_of_light
    >>> from circuits import Circuit, load_netlist
    >>> from photon_relax.functional import circuit_transient
    >>> ring = Circuit(load_netlist({
    ...     "instances": {
    ...         "coupler": {"component": "coupler", "settings": {"power_ratio": 0.5}},
    ...         "loop": {
    ...             "component": "waveguide",
    ...             "settings": {"length": 1e-3, "group_index": 4.2, "effective_index": 3.1,
    ...                          "propagation_loss_db": 1000.0},
    ...         },
    ...     },
    ...     "connections": {"coupler,out1": "loop,in0", "loop,out0": "coupler,in1"},
    ...     "ports": {"in": "coupler,in0", "out": "coupler,out0"},
    ... }))
    >>> share = torch.tensor(0.1, dtype=torch.float64, requires_grad=True)
    >>> descent = torch.optim.Adam([share], lr=0.01)
    >>> light = {"in": torch.ones(400, dtype=torch.complex128)}
    >>> for _ in range(200):
    ...     descent.zero_grad()
    ...     left = circuit_transient(ring, light, settings={"coupler.power_ratio": share},
    ...                              dt=2e-12, frequency=speed_of_light / 1.55e-6)["out"]
    ...     _ = left[-1].abs().square().backward(), descent.step()
    >>> print(f"{share.item():.3f}, and the loop loses {1 - 10**-0.1:.3f} a round trip")
    0.206, and the loop loses 0.206 a round trip
    """
    if not inputs:
        raise ValueError('inputs must name a port with light, as {"in": samples}; got none.')
    settings = settings or {}
    options = {
        "outputs": outputs,
        "probes": probes,
        "dt": dt,
        "frequency": frequency,
        "order": order,
    }
    apply: Any = _CircuitTransient.apply
    traces: tuple[Tensor, ...] = apply(
        circuit,
        tuple(inputs),
        _names(settings),
        options,
        seed,
        *inputs.values(),
        *settings.values(),
    )
    seen = [*(circuit.ports if outputs is None else outputs), *probes]
    return dict(zip(dict.fromkeys(seen), traces, strict=True))


def _names(settings: Mapping[str, Tensor]) -> list[tuple[str, str]]:
    names = []
    for name in settings:
        instance, _, setting = name.rpartition(".")
        if not instance:
            raise ValueError(f"settings are named INSTANCE.SETTING; got {name!r}.")
        names.append((instance, setting))
    return names


def _changed(
    circuit: Circuit, names: Sequence[tuple[str, str]], values: Sequence[Tensor]
) -> Circuit:
    changes: dict[str, dict[str, float]] = {}
    for (instance, setting), value in zip(names, values, strict=True):
        changes.setdefault(instance, {})[setting] = float(value)
    return circuit.with_parameters(changes)


def _picked(
    gradients: Mapping[str, Mapping[str, float]],
    names: Sequence[tuple[str, str]],
    like: Sequence[Tensor],
) -> list[Tensor]:
    for instance, setting in names:
        if setting not in gradients[instance]:
            raise ValueError(
                f"settings: {instance}.{setting} has no gradient in time (dispersion exists in "
                f"frequency only). Leave it out, or use circuit_scattering."
            )
    return [
        torch.tensor(gradients[instance][setting], dtype=it.dtype, device=it.device)
        for (instance, setting), it in zip(names, like, strict=True)
    ]


def _arrays(names: Sequence[str], light: Sequence[Tensor]) -> dict[str, Any]:
    return {name: to_numpy(it) for name, it in zip(names, light, strict=True)}


def _folded(gradient: Any, like: Tensor) -> Tensor:
    """Sum over the rows that an input was repeated for; only the real part of a real one."""
    if not like.is_complex():
        gradient = gradient.real
    return to_tensor(gradient, like).sum_to_size(like.shape)
