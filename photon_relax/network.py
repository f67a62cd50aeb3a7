"""ReLaX-Net (arXiv 2511.00044): depth L_T for the parameters of L_W layers.

    h[0]   = f(W_in x + b_in)
    h[t+1] = f(W[t mod L_W] h[t] + b[t mod L_W])        t = 0 … L_T−1
    y      = W_out h[L_T] + b_out

Against gradients that fade or grow with depth the loop can have more electronics, none of them on
by default: a trained gain γ_t of each layer, automatic gain control a(·) of the received signals,
and a skip of share s through an electrical delay line (`circuits.electronics`)::

    h[t+1] = (1 − s) f(γ_t a(W h[t]) W h[t] + b) + s h[t]

The hidden layers run at one of three fidelities: ``ideal`` (torch, the equations above, on any
torch device), ``slot`` and ``waveform`` (the kernels of `circuits`, with the devices of a
`Hardware`). Input and output layers are digital at every fidelity.
"""

import copy
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Literal, NamedTuple, Self, get_args

import numpy as np
import torch
from torch import Tensor, nn

from circuits import LoopTrace, SwitchSchedule, TimeMultiplexedLoop, trace_loop
from circuits.electronics import check_electronics
from devices import ElectricalNonlinearity
from photon_relax.banks import (
    Bank,
    DenseBank,
    JunctionBank,
    MeshBank,
    RingBank,
    start_matrices,
)
from photon_relax.functional import amplify, circulate, mix
from photon_relax.hardware import Hardware

BankName = Literal["dense", "mzi", "ring", "crossbar"]
MachineName = Literal["homodyne", "square_law", "intensity", "electrical"]
FidelityName = Literal["ideal", "slot", "waveform"]
StartName = Literal["orthogonal", "normal", "identity"]

_FIDELITIES = ("ideal", "slot", "waveform")

# The machines that a bank can serve, its own first.
_MACHINES: dict[str, tuple[MachineName, ...]] = {
    "dense": ("homodyne", "square_law", "intensity", "electrical"),
    "mzi": ("homodyne", "square_law"),
    "ring": ("intensity",),
    "crossbar": ("electrical",),
}

# Scale of the banks at the start: tanh has a mean slope of some 1/1.4 at what comes of it.
_SCALE = {"homodyne": 1.4, "square_law": 0.8, "intensity": 1.4, "electrical": 1.4}


class _Programmed(NamedTuple):
    """What the hidden layers are programmed to, for `circulate` or, matrices alone, for torch."""

    matrices: Tensor
    levels: Tensor | None = None
    background: Tensor | None = None
    stored: Tensor | None = None


class ReLaXNet(nn.Module):
    """A time-multiplexed photonic network.

    Parameters
    ----------
    n_in
        Inputs: features, or characters of the window with ``vocabulary``.
    n_hidden
        N, lanes of the loop.
    n_out
        Classes.
    weight_sets, repetitions
        L_W banks and L_T layers, L_W ≤ L_T.
    bank
        'dense': any matrix; 'mzi': interferometer meshes U Σ V†, trained in their phases; 'ring':
        micro-rings, trained in their detunings; 'crossbar': tunnel junctions, trained in their
        conductances.
    machine
        'homodyne': f(Re(W) h + b); 'square_law': f(|W h + c|² + b) with complex W; 'intensity':
        f(W h + b) with powers h ≥ 0, f into [0, 1]; 'electrical': f(W h + b) with voltages. Left
        out, the bank's own: homodyne, or intensity for rings and electrical for crossbars.
    fidelity
        'ideal', 'slot' or 'waveform', see the module.
    hardware
        Devices and timing of `slot` and `waveform`; defaults to typical values.
    nonlinearity
        f, by name; outside 'ideal' it must stay within [−1, 1], or [0, 1] for powers. Left out,
        tanh, or clipped_relu for powers.
    vocabulary, embedding_size
        Size of the alphabet and of its embedding, for networks that read characters.
    start, start_scale
        Banks at the start: 'orthogonal', 'normal' or 'identity' (`banks.bank.start_matrices`),
        times a scale; left out, the machine's own (1.4, square law 0.8) times √((1+s)/(1−s)), with
        which the signals are as large as without a skip.
    slot_gain
        Whether every layer has an electronic gain of its own, trained, 1 at the start.
    skip
        s, from 0 to less than 1.
    normalise
        Rms over the lanes at which automatic gain control holds the received signals; 0: none.
    seed
        Of the start values.

    Raises
    ------
    ValueError
        A setting is out of range or does not fit another.
    """

    def __init__(
        self,
        n_in: int,
        n_hidden: int,
        n_out: int,
        *,
        weight_sets: int = 4,
        repetitions: int = 4,
        bank: BankName = "dense",
        machine: MachineName | None = None,
        fidelity: FidelityName = "ideal",
        hardware: Hardware | None = None,
        nonlinearity: str | None = None,
        vocabulary: int | None = None,
        embedding_size: int = 16,
        start: StartName = "orthogonal",
        start_scale: float | None = None,
        slot_gain: bool = False,
        skip: float = 0.0,
        normalise: float | None = 0.0,
        seed: int = 0,
    ) -> None:
        super().__init__()
        for name, size in (("n_in", n_in), ("n_hidden", n_hidden), ("n_out", n_out)):
            if size < 1:
                raise ValueError(f"{name} must be at least 1; got {size}.")
        self.n_in, self.n_hidden, self.n_out = n_in, n_hidden, n_out
        self.weight_sets, self.repetitions = weight_sets, repetitions
        self.bank_name, self.machine = bank, machine_of(bank, machine)
        if nonlinearity is None:
            nonlinearity = "clipped_relu" if self.machine == "intensity" else "tanh"
        self.nonlinearity = ElectricalNonlinearity(function=nonlinearity)  # type: ignore[arg-type]
        _check_choice("start", start, get_args(StartName))
        self.skip, self.normalise = skip, normalise or 0.0
        check_electronics(self.skip, self.normalise)
        hardware = Hardware() if hardware is None else hardware
        self.schedule(Hardware.perfect())

        generator = torch.Generator().manual_seed(seed)
        features = n_in
        self.embedding: nn.Embedding | None = None
        if vocabulary is not None:
            self.embedding = nn.Embedding(vocabulary, embedding_size)
            nn.init.normal_(self.embedding.weight, generator=generator)
            features = n_in * embedding_size
        self.input_layer = _linear(features, n_hidden, generator)
        self.output_layer = _linear(n_hidden, n_out, generator)
        if start_scale is None:
            start_scale = _SCALE[self.machine] * ((1 + skip) / (1 - skip)) ** 0.5
        if not 0 < start_scale < float("inf"):
            raise ValueError(f"start_scale must be > 0 and finite; got {start_scale}.")
        matrices = start_matrices(start, weight_sets, n_hidden, start_scale, generator)
        self.bank: Bank = _bank(bank, self.machine, matrices, hardware)
        self.bias = nn.Parameter(torch.zeros(weight_sets, n_hidden))
        self.coherent_bias: nn.Parameter | None = None
        self.slot_gain = nn.Parameter(torch.ones(repetitions)) if slot_gain else None
        self._configure(fidelity, hardware)
        self._start_biases()

    @torch.no_grad()
    def _start_biases(self) -> None:
        """Set the biases to where the network is nearly linear, so that gradients survive depth."""
        if self.machine == "square_law":
            # |W h + 0.8|² − 0.64 = 1.6 Re(W h) + |W h|².
            light = torch.zeros(self.weight_sets, 2, self.n_hidden)
            light[:, 0] = 0.8
            self.coherent_bias = nn.Parameter(light)
            self.bias.copy_(-self._received_at_start(torch.full_like(self.bias, 0.64)))
        elif self.machine == "intensity":
            # Powers swing around one half: W h + b = W (h − ½) + ½, with what the neighbours of
            # the rings make of W.
            matrices = (
                self.bank.ideal(self.hardware)
                if self.loop is None
                else self.bank.realise(self.chip, 0)[0]
            )
            self.bias.copy_(0.5 - self._received_at_start(0.5 * matrices[:, 0].sum(dim=-1)))
            self.input_layer.bias.add_(0.5)

    def _received_at_start(self, y: Tensor) -> Tensor:
        """Return what is left of received signals (L_W, n_hidden) behind the gain control."""
        return amplify(y, None, torch.zeros(()), self.normalise)

    @property
    def device(self) -> torch.device:
        """The torch device that the parameters lie on, and that inputs have to."""
        return self.bias.device

    def schedule(self, hardware: Hardware) -> SwitchSchedule:
        """Return which bank is selected when, on the given hardware."""
        return SwitchSchedule(
            weight_sets=self.weight_sets,
            repetitions=self.repetitions,
            interleaved=hardware.interleaved_inferences,
            order=hardware.order,
        )

    def _configure(self, fidelity: FidelityName, hardware: Hardware) -> None:
        _check_choice("fidelity", fidelity, _FIDELITIES)
        self.fidelity, self.hardware = fidelity, hardware
        self._frozen: _Programmed | None = None
        # Whether every training step sees another chip of the same tolerances, instead of one.
        self.fresh_chips = False
        self.loop: TimeMultiplexedLoop | None = None
        self.chip: Any = None
        if fidelity != "ideal":
            self.loop = hardware.loop(
                self.schedule(hardware),
                machine=self.machine,
                fidelity=fidelity,
                nonlinearity=self.nonlinearity,
                bank_transmission=self.bank.transmission(hardware),
                rings=hardware.rings if self.bank_name == "ring" else None,
                skip=self.skip,
                level=self.normalise,
            )
            self.chip = self.bank.fabricate(hardware)
            # Whatever does not fit the hardware shows now, not in the first training step.
            _ = self.loop.program
            constants, exponents = self.loop.link_levels(self.n_hidden)
            self._level_constants = torch.from_numpy(constants)
            self._level_exponents = torch.from_numpy(exponents)

    def at(self, fidelity: FidelityName, hardware: Hardware | None = None) -> Self:
        """Return the same network, parameters shared, at another depth of physics.

        Parameters
        ----------
        fidelity
            'ideal', 'slot' or 'waveform'.
        hardware
            Other hardware; left out, this network's.
        """
        twin = copy.copy(self)
        twin._configure(fidelity, self.hardware if hardware is None else hardware)
        return twin

    @torch.no_grad()
    def frozen(self) -> Self:
        """Return the same network for answers alone, its banks compiled once.

        For many small batches, where compiling would take longer than answering. It must not be
        trained: no gradient reaches its banks, which may not see what the optimiser does to them.
        """
        twin, was_training = copy.copy(self), self.training
        self.eval()
        try:
            twin._frozen = self._program(0)
        finally:
            self.train(was_training)
        return twin

    def forward(self, x: Tensor, *, step: int | None = None, first_sample: int = 0) -> Tensor:
        """Return logits, (batch, n_out).

        Parameters
        ----------
        x
            (batch, n_in): features, or characters as integers.
        step
            Optimiser step: fresh noise for every step. None: the noise of an evaluation, which
            depends only on the hardware's seed and on each inference's index.
        first_sample
            Index of the first row among all inferences of the step or evaluation.
        """
        state = self.first_state(x)
        logits: Tensor = self.output_layer(self.hidden(state, step=step, first_sample=first_sample))
        return logits

    def first_state(self, x: Tensor) -> Tensor:
        """Return h[0], (batch, n_hidden), of x as `forward` takes it."""
        if x.dim() != 2 or x.shape[1] != self.n_in:
            raise ValueError(f"x must have shape (batch, {self.n_in}); got {tuple(x.shape)}.")
        if self.embedding is not None:
            x = self.embedding(x).flatten(1)
        return _ACTIVATIONS[self.nonlinearity.function](self.input_layer(x))

    def hidden(
        self,
        state: Tensor,
        *,
        step: int | None = None,
        first_sample: int = 0,
        gradients: dict[int, Tensor] | None = None,
    ) -> Tensor:
        """Return h[L_T] for h[0], both (batch, n_hidden): the photonic part alone.

        `gradients` is filled on the way back with ∂L/∂h[t] by t = 0 … L_T.
        """
        if self.loop is None:
            return self._ideal(state, gradients)
        key = 0 if step is None else step + 1
        return self._physical(self.loop, state, key, first_sample, gradients)

    def _ideal(self, state: Tensor, gradients: dict[int, Tensor] | None) -> Tensor:
        activate = _ACTIVATIONS[self.nonlinearity.function]
        # Taken apart once: the gradient of an index is as large as all banks together.
        matrices = (self._frozen or self._program(0)).matrices
        if self.coherent_bias is None:
            matrices = matrices[:, :1]
        banks = [bank.T for bank in matrices.flatten(1, 2).unbind()]
        biases = self.bias.unbind()
        light = () if self.coherent_bias is None else self.coherent_bias.flatten(1).unbind()
        gains = () if self.slot_gain is None else self.slot_gain.unbind()
        plain = not gains and not self.normalise
        for layer, k in enumerate(self.schedule(self.hardware).banks.tolist()):
            _watch(state, layer, gradients)
            gain = gains[layer] if gains else None
            if light:
                field = torch.addmm(light[k], state, banks[k])
                power = field.view(-1, 2, self.n_hidden).square().sum(dim=1)
                z = amplify(power, gain, biases[k], self.normalise)
            elif plain:
                z = torch.addmm(biases[k], state, banks[k])
            else:
                z = amplify(state @ banks[k], gain, biases[k], self.normalise)
            state = mix(activate(z), state, self.skip)
        _watch(state, self.repetitions, gradients)
        return state

    @torch.no_grad()
    def trace(self, x: Tensor, lanes: Sequence[int]) -> LoopTrace:
        """Return what switches, detectors and receivers do during one inference, or J of them.

        Parameters
        ----------
        x
            The inferences that share the loop, (1 … J, n_in).
        lanes
            Which lanes to keep.

        Raises
        ------
        ValueError
            At fidelity ideal, which has no devices, and where rings remember, which are not
            stepped.
        """
        loop = self.loop
        if loop is None:
            raise ValueError("fidelity ideal has no waveforms; take net.at('waveform').trace(x).")
        matrices, background = self.bank.realise(self.chip, 0)
        if self.coherent_bias is not None:
            background = self.coherent_bias
        return trace_loop(
            loop,
            _double(self.first_state(x)),
            _double(matrices),
            _double(self.bias),
            _double(self._levels(loop, 0)),
            background=None if background is None else _double(background),
            slot_gain=None if self.slot_gain is None else _double(self.slot_gain),
            gain=float(self.bank.gain(0)),
            lanes=lanes,
        )

    def _levels(self, loop: TimeMultiplexedLoop, step: int) -> Tensor:
        """Return the link levels at the present gain, float64 on the CPU."""
        if loop.noise or loop.saturates or loop.injected is not None:
            return self._level_constants * (
                self.bank.gain(step).double().cpu() ** self._level_exponents
            )
        return self._level_constants

    def _physical(
        self,
        loop: TimeMultiplexedLoop,
        state: Tensor,
        step: int,
        first_sample: int,
        gradients: dict[int, Tensor] | None,
    ) -> Tensor:
        program = self._frozen or self._program(step)
        assert program.levels is not None
        return circulate(
            loop,
            state,
            program.matrices,
            self.bias,
            program.levels.to(state),
            program.background if self.coherent_bias is None else self.coherent_bias,
            program.stored,
            self.slot_gain,
            step=step,
            first_sample=first_sample,
            gradients=gradients,
        )

    def _program(self, step: int) -> _Programmed:
        """Compile what the banks are programmed to, at this fidelity and on this chip."""
        loop = self.loop
        if loop is None:
            return _Programmed(self.bank.ideal(self.hardware))
        levels = self._levels(loop, step)
        chip = self.chip
        if self.fresh_chips and step:
            chip = self.bank.fabricate(replace(self.hardware, seed=_chip_seed(self.hardware, step)))
        if loop.remembers:
            assert isinstance(self.bank, RingBank)
            memory, _ = loop.ring_memory(self.n_hidden)
            matrices, stored = self.bank.remember(memory, chip)
            return _Programmed(matrices, levels, None, stored)
        matrices, background = self.bank.realise(chip, step)
        return _Programmed(matrices, levels, background)

    def parameter_report(self) -> dict[str, int]:
        """Return the number of trained parameters by part; the banks' are 'hidden'."""
        hidden = sum(p.numel() for p in self.bank.parameters()) + self.bias.numel()
        if self.coherent_bias is not None:
            hidden += self.coherent_bias.numel()
        if self.slot_gain is not None:
            hidden += self.slot_gain.numel()
        return {
            "hidden": hidden,
            "input": sum(p.numel() for p in self.input_layer.parameters()),
            "output": sum(p.numel() for p in self.output_layer.parameters()),
            "embedding": 0 if self.embedding is None else self.embedding.weight.numel(),
        }


_ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "tanh": torch.tanh,
    "hard_tanh": nn.functional.hardtanh,
    "sigmoid": torch.sigmoid,
    "clipped_relu": lambda z: z.clamp(0.0, 1.0),
    "relu": torch.relu,
    "linear": lambda z: z,
}


def _watch(state: Tensor, layer: int, gradients: dict[int, Tensor] | None) -> None:
    """Have the gradient of a state noted when it comes by."""
    if gradients is not None:
        register: Callable[..., object] = state.register_hook
        register(partial(gradients.__setitem__, layer))


def _chip_seed(hardware: Hardware, step: int) -> int:
    """Return the seed of the chip of a step, which is hardly that of any chip named by hand."""
    return int(np.random.SeedSequence([hardware.seed, step]).generate_state(1, np.uint64)[0] >> 1)


def _double(tensor: Tensor) -> Any:
    return tensor.double().cpu().numpy()


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}; got {value!r}.")


def _bank(name: str, machine: str, start: Tensor, hardware: Hardware) -> Bank:
    if name == "mzi":
        return MeshBank(start)
    if name == "ring":
        return RingBank(start, hardware)
    return JunctionBank(start) if name == "crossbar" else DenseBank(start, machine)


def machine_of(bank: str, machine: MachineName | None) -> MachineName:
    """Return the machine of a bank: the one that is wanted, or else the bank's own."""
    _check_choice("bank", bank, tuple(_MACHINES))
    if machine is None:
        return _MACHINES[bank][0]
    _check_choice("machine", machine, _MACHINES["dense"])
    if machine not in _MACHINES[bank]:
        raise ValueError(
            f"machine must be {' or '.join(_MACHINES[bank])} for the bank {bank!r}; "
            f"got {machine!r}."
        )
    return machine


def _linear(n_in: int, n_out: int, generator: torch.Generator) -> nn.Linear:
    """Return a linear layer with torch's default start, drawn from one's own generator."""
    layer = nn.Linear(n_in, n_out)
    bound = n_in**-0.5
    for parameter in (layer.weight, layer.bias):
        nn.init.uniform_(parameter, -bound, bound, generator=generator)
    return layer
