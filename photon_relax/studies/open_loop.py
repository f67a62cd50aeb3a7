"""The time-multiplexed loop in torch, open: with the numbers that its devices decide as leaves.

The coefficients C of the switches' paths at every sample, the weights and the memory of the
read-out, the levels of the noise, the matrices that the banks realise: a `Machine` holds them, and
the formulas are those of `circuits.slot_program` and `circuits.loop_kernels`, written plainly. It
is slower than the kernels by far, and gives the same to rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.autograd.function import once_differentiable

from circuits import TimeMultiplexedLoop
from circuits.electronics import Map
from circuits.noise_kernels import fill_normals, noise_key
from photon_relax.functional import amplify, mix
from photon_relax.network import ReLaXNet

__all__ = ["Machine", "compile_machine", "open_loop", "open_loss"]


@dataclass(frozen=True)
class Machine:
    """What the devices make of a loop, in double precision; each a tensor."""

    coefficients: Tensor
    """C, (U, S, L_W, 4)."""
    weights: Tensor
    """Weight of each sample in what is read, (S,)."""
    noise_weights: Tensor
    """Weight of each sample's noise variance in it, (S,)."""
    memory: Tensor
    """μ, ()."""
    levels: Tensor
    """Link levels at the present gain, (4,)."""
    injected: Tensor
    """Current that switching leaves at the end of a slot, A, (U,)."""
    matrices: Tensor
    """(L_W, Q, N, N)."""
    background: Tensor
    """(L_W, 2, N)."""

    def leaves(self) -> Machine:
        """Return the same with gradients asked for."""
        return Machine(*(value.detach().clone().requires_grad_() for value in self._values()))

    def _values(self) -> list[Tensor]:
        return [getattr(self, entry.name) for entry in fields(self)]

    def slope(self, above: Machine, below: Machine) -> float:
        """Σ gradient · (above − below)."""
        total = 0.0
        for leaf, high, low in zip(self._values(), above._values(), below._values(), strict=True):
            if leaf.grad is not None:
                total += float((leaf.grad * (high - low)).sum())
        return total


def open_loop(network: ReLaXNet) -> TimeMultiplexedLoop:
    """Return the loop of a network, if these formulas are its own.

    Raises
    ------
    ValueError
        The network is ideal, or the loop is stepped, interleaved or made of rings that remember.
    """
    loop = network.loop
    if loop is None:
        raise ValueError(
            "the fidelity ideal has no devices; gradients by them need slot or waveform"
        )
    reasons = {
        "its photodiodes saturate, or it is stepped sample by sample": loop.stepped,
        "its rings remember": loop.remembers,
        "it interleaves inferences": loop.schedule.interleaved > 1,
    }
    told = [reason for reason, holds in reasons.items() if holds]
    if told:
        raise ValueError(f"this loop has no gradients by its devices: {'; '.join(told)}")
    return loop


def open_loss(
    network: ReLaXNet,
    loop: TimeMultiplexedLoop,
    machine: Machine,
    inputs: Tensor,
    targets: Tensor,
    *,
    first_sample: int = 0,
) -> Tensor:
    """Return the summed cross-entropy of a batch, the loop's numbers differentiable."""
    state = network.first_state(inputs)
    logits = network.output_layer(_circulate(network, loop, machine, state, first_sample))
    return torch.nn.functional.cross_entropy(logits, targets, reduction="sum")


@torch.no_grad()
def compile_machine(network: ReLaXNet) -> Machine:
    """Return what the devices of a network make of its loop; a double-precision network."""
    loop = network.loop
    assert loop is not None
    readout = loop.readout
    matrices, background = network.bank.realise(network.chip, 0)
    gain = network.bank.gain(0).double()
    light = network.coherent_bias if background is None else background
    if light is None:
        light = torch.zeros(len(matrices), 2, network.n_hidden)
    slots = len(loop.program.bank)
    injected = np.zeros(slots) if loop.injected is None else loop.injected[:, -1]
    return Machine(
        coefficients=_tensor(loop.coefficients()),
        weights=_tensor(readout.weights),
        noise_weights=_tensor(readout.noise_weights),
        memory=_tensor(readout.memory),
        levels=network._level_constants * gain**network._level_exponents,
        injected=_tensor(injected),
        matrices=matrices.detach().double(),
        background=light.detach().double(),
    )


def _tensor(values: Any) -> Tensor:
    return torch.as_tensor(np.asarray(values, dtype=np.float64))


def _circulate(
    network: ReLaXNet,
    loop: TimeMultiplexedLoop,
    machine: Machine,
    state: Tensor,
    first_sample: int,
) -> Tensor:
    """Run the loop, (B, N) to (B, N); the formulas are those of `circuits.slot_program`."""
    electronics = loop.electronics
    phasors = [
        torch.polar(torch.ones_like(phase), phase)
        for phase in map(_tensor, loop.leakage_phases(state.shape[1]))
    ]
    h, y = state, torch.zeros_like(state)
    for slot, bank in enumerate(loop.program.bank.tolist()):
        drive = _elementwise(h, electronics.modulate, electronics.modulation_slope)
        signal, variance = _read(loop, machine, slot, bank, drive, phasors)
        y = machine.memory * y + signal + machine.levels[1] * machine.injected[slot]
        if loop.noise:
            y = y + variance.clamp_min(0.0).sqrt() * _normals(loop, slot, first_sample, y.shape)
        gain = None if network.slot_gain is None else network.slot_gain[slot]
        z = amplify(y, gain, network.bias[bank], loop.level)
        h = mix(_activated(z, loop), h, loop.skip)
    return h


def _read(
    loop: TimeMultiplexedLoop,
    machine: Machine,
    slot: int,
    bank: int,
    drive: Tensor,
    phasors: Sequence[Tensor],
) -> tuple[Tensor, Tensor]:
    """Return what one slot adds to the read-out and the variance of its noise, (B, N) each."""
    shares, weights, noisy = machine.coefficients[slot], machine.weights, machine.noise_weights
    _, oscillator, floor, slope = machine.levels
    if loop.adds_fields:
        light = machine.background[bank]
        field = _mixed(_assembled(machine.matrices), drive, shares, phasors)
        field = field + torch.complex(light[0], light[1])
        power = field.real.square() + field.imag.square()
        light_noise = torch.einsum("s,sbn->bn", noisy, power)
        if loop.machine == "homodyne":
            signal = torch.einsum("s,sbn->bn", weights, field.real)
            return signal, noisy.sum() * (floor + slope * oscillator**2) + slope * light_noise
        signal = torch.einsum("s,sbn->bn", weights, power)
        return signal, noisy.sum() * floor + slope * light_noise
    cosines = [phasor.real for phasor in phasors]
    planes = [
        _mixed(machine.matrices[:, q], drive, shares, cosines) + machine.background[bank, q]
        for q in range(machine.matrices.shape[1])
    ]
    if len(planes) == 1:
        planes.append(machine.background[bank, 1].expand_as(planes[0]))
    signal = torch.einsum("s,sbn->bn", weights, planes[0])
    return signal, noisy.sum() * floor + slope * torch.einsum("s,sbn->bn", noisy, planes[1])


def _mixed(matrices: Tensor, drive: Tensor, shares: Tensor, phasors: Sequence[Tensor]) -> Tensor:
    """Σ_kv C[s,k,v] W_k^v u, (S, B, N)."""
    first, last = phasors
    dtype = first.dtype
    driven = drive.to(dtype)
    plain = torch.einsum("kij,bj->kbi", matrices.to(dtype), driven)
    leaked = torch.einsum("kij,kj,bj->kbi", matrices.to(dtype), first, driven)
    behind = last[:, None]
    variants = torch.stack([plain, leaked, behind * plain, behind * leaked], dim=1)
    return torch.einsum("skv,kvbi->sbi", shares.to(dtype), variants)


def _assembled(matrices: Tensor) -> Tensor:
    if matrices.shape[1] == 1:
        return matrices[:, 0]
    return torch.complex(matrices[:, 0], matrices[:, 1])


def _normals(loop: TimeMultiplexedLoop, slot: int, first_sample: int, shape: torch.Size) -> Tensor:
    """Return the normals that the kernels draw for a slot of an evaluation, (B, N)."""
    drawn: NDArray[np.float64] = np.empty(tuple(shape))
    for row, normals in enumerate(drawn):
        # From Python the hash comes back as an int, which would be taken for a signed one.
        key = np.uint64(noise_key(loop.seed, 0, first_sample + row, slot, 0))
        fill_normals(key, normals)
    return torch.from_numpy(drawn)


class _Elementwise(torch.autograd.Function):
    """A map of numpy arrays with its slope."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, image: Tensor, slope: Tensor) -> Tensor:
        ctx.save_for_backward(slope)
        return image

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        (slope,) = ctx.saved_tensors
        return gradient * slope, None, None


def _elementwise(values: Tensor, image: Map, slope: Map) -> Tensor:
    array = values.detach().numpy()
    apply: Any = _Elementwise.apply
    mapped: Tensor = apply(values, torch.from_numpy(image(array)), torch.from_numpy(slope(array)))
    return mapped


def _activated(z: Tensor, loop: TimeMultiplexedLoop) -> Tensor:
    electronics = loop.electronics
    return _elementwise(
        z,
        electronics.activate,
        lambda array: electronics.activation_slope(array, electronics.activate(array)),
    )
