"""Gradients of the loss with respect to the hardware: all parameters from one backward pass.

A loop is made of few numbers that its devices decide: the coefficients C of the switches' paths at
every sample, the weights and the memory of the read-out, the levels of the noise, the matrices that
the banks realise. Here the loop runs in torch with all of them as leaves, so that one backward pass
gives the derivative of the loss by each. What a parameter of a device does to those numbers takes
no batch and no loop: central differences of two recompiled machines give it to some nine digits,

    dL/dp = Σ_a (∂L/∂a) · (a(p + δ) − a(p − δ)) / 2δ ,

and the noise goes along, its normals held (gradients go through σ(I), DESIGN §4).
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Sequence
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
from photon_relax.datasets import Split
from photon_relax.hardware import Hardware
from photon_relax.hardware_table import part_classes
from photon_relax.network import ReLaXNet

__all__ = ["Slope", "hardware_gradient", "hardware_numbers", "open_loss"]

_STEP = 1e-4
"""Relative step of the differences: their error is its square, rounding's 1e-16 over it."""


@dataclass(frozen=True)
class Slope:
    """How the loss follows one number of the hardware."""

    name: str
    """Dotted name within the hardware."""
    value: float
    """Where it stands."""
    slope: float
    """dL/dp, in nats per unit of the parameter."""

    @property
    def per_cent(self) -> float:
        """Change of the loss in nats when the parameter grows by 1 %."""
        return 0.01 * self.value * self.slope


@dataclass(frozen=True)
class _Machine:
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

    def leaves(self) -> _Machine:
        """Return the same with gradients asked for."""
        return _Machine(*(value.detach().clone().requires_grad_() for value in self._values()))

    def _values(self) -> list[Tensor]:
        return [getattr(self, entry.name) for entry in fields(self)]

    def slope(self, above: _Machine, below: _Machine) -> float:
        """Σ gradient · (above − below)."""
        total = 0.0
        for leaf, high, low in zip(self._values(), above._values(), below._values(), strict=True):
            if leaf.grad is not None:
                total += float((leaf.grad * (high - low)).sum())
        return total


def hardware_numbers(hardware: Hardware) -> list[str]:
    """Name every number of the hardware that can move a little to either side, dotted."""
    return [name for name in _numbers(hardware, "") if _can_move(hardware, name)]


def _can_move(hardware: Hardware, name: str) -> bool:
    value = _value(hardware, name)
    try:
        for sign in (1, -1):
            hardware.with_values({name: value * (1 + sign * _STEP)})
    except ValueError:
        return False
    return True


def _numbers(value: Any, where: str) -> Iterator[str]:
    parts = part_classes(type(value))
    for entry in fields(value):
        content = getattr(value, entry.name)
        if entry.name in parts:
            if content is not None:
                yield from _numbers(content, f"{where}{entry.name}.")
        elif isinstance(content, float) and math.isfinite(content) and content != 0:
            yield f"{where}{entry.name}"


def hardware_gradient(
    network: ReLaXNet, split: Split, names: Sequence[str], *, batch_size: int = 64
) -> tuple[float, list[Slope]]:
    """Differentiate the mean loss of a split by numbers of the hardware.

    Parameters
    ----------
    network
        At `slot` or `waveform`; its noise is that of an evaluation.
    split
        The samples.
    names
        Dotted names within the hardware, such as switch.isolation_db.

    Returns
    -------
    The loss in nats, and a slope for each name.

    Raises
    ------
    ValueError
        The network is ideal; the loop is stepped, interleaved or made of rings that remember; or
        a name is not that of a number that can change.
    """
    loop = _differentiable_loop(network)
    numbers = {name: _number(network.hardware, name) for name in names}
    network = copy.deepcopy(network).double().eval()
    machine = _compile(network).leaves()
    total = 0.0
    for start in range(0, len(split), batch_size):
        rows = np.arange(start, min(start + batch_size, len(split)))
        x, y = split.batch(rows)
        inputs = torch.from_numpy(x)
        if network.embedding is None:
            inputs = inputs.double()
        loss = open_loss(network, loop, machine, inputs, torch.from_numpy(y), first_sample=start)
        loss = loss / len(split)
        torch.autograd.backward(loss)
        total += loss.item()
    slopes = []
    for name, value in numbers.items():
        step = _STEP * abs(value)
        above, below = (
            _compile(network.at(network.fidelity, network.hardware.with_values({name: moved})))
            for moved in (value + step, value - step)
        )
        slopes.append(Slope(name, value, machine.slope(above, below) / (2 * step)))
    return total, slopes


def open_loss(
    network: ReLaXNet,
    loop: TimeMultiplexedLoop,
    machine: _Machine,
    inputs: Tensor,
    targets: Tensor,
    *,
    first_sample: int = 0,
) -> Tensor:
    """Return the summed cross-entropy of a batch, the loop's numbers differentiable."""

    def hidden(state: Tensor, **_: Any) -> Tensor:
        return _circulate(loop, machine, state, network.bias, first_sample)

    twin = copy.copy(network)
    twin.hidden = hidden  # type: ignore[method-assign]
    return torch.nn.functional.cross_entropy(twin(inputs), targets, reduction="sum")


def _differentiable_loop(network: ReLaXNet) -> TimeMultiplexedLoop:
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


def _number(hardware: Hardware, name: str) -> float:
    hardware.with_values({name: _value(hardware, name)})
    value = _value(hardware, name)
    if (
        isinstance(value, bool)
        or not isinstance(value, float)
        or not math.isfinite(value)
        or not value
    ):
        raise ValueError(
            f"hardware.{name} must be a finite number other than 0 to differentiate by; "
            f"got {value!r}"
        )
    return value


def _value(hardware: Any, name: str) -> Any:
    found = hardware
    for part in name.split("."):
        found = getattr(found, part, None)
    return found


@torch.no_grad()
def _compile(network: ReLaXNet) -> _Machine:
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
    return _Machine(
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
    loop: TimeMultiplexedLoop, machine: _Machine, state: Tensor, bias: Tensor, first_sample: int
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
        z = y + bias[bank]
        h = _activated(z, loop)
    return h


def _read(
    loop: TimeMultiplexedLoop,
    machine: _Machine,
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
