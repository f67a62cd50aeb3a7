"""How gradients fare on their way back: ‖∂L/∂h[t]‖ over the layers t, and of each weight set.

The states between the layers are the same at every fidelity, so the measure is too: at `ideal`
autograd passes by them, at `slot` and `waveform` the adjoint of the loop does. With a linear f and
banks s·Q, Q orthogonal, the norm falls or grows as s^(L_T−t), exactly; a skip of share p keeps it
between the powers of |p − (1−p)s| and p + (1−p)s.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray
from torch.nn import functional

from photon_relax.pictures import new_figure, save_figure

if TYPE_CHECKING:
    from photon_relax.network import ReLaXNet

__all__ = ["GradientFlow", "draw_gradient_flow", "gradient_flow", "plot_layers"]

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class GradientFlow:
    """The norms of the gradients of a network on one batch."""

    layers: Array
    """Rms over the batch of ‖∂ℓ/∂h[t]‖, ℓ the loss of an inference in nats, (L_T+1,)."""

    weight_sets: Array
    """Norm of the gradient of the mean loss by all that a weight set is programmed with, (L_W,)."""

    @property
    def ratio(self) -> float:
        """‖∂ℓ/∂h[0]‖ / ‖∂ℓ/∂h[L_T]‖: 1 where depth does nothing to a gradient."""
        return float(self.layers[0] / self.layers[-1])


def gradient_flow(network: ReLaXNet, inputs: NDArray[Any], targets: NDArray[Any]) -> GradientFlow:
    """Measure the gradients of the cross-entropy of a batch, as an evaluation sees the network.

    Gradients that the network has gathered are left alone.

    Parameters
    ----------
    inputs, targets
        As `Split.batch` gives them: (batch, n_in), and the right class of each.
    """
    found: dict[int, torch.Tensor] = {}
    banks = [
        parameter
        for parameter in network.bank.parameters()
        if parameter.dim() and len(parameter) == network.weight_sets
    ]
    was_training = network.training
    network.eval()
    try:
        x, y = (torch.from_numpy(array).to(network.device) for array in (inputs, targets))
        state = network.first_state(x).detach().requires_grad_()
        logits = network.output_layer(network.hidden(state, gradients=found))
        loss = functional.cross_entropy(logits, y, reduction="sum")
        _, *of_banks = torch.autograd.grad(loss, [state, *banks])
    finally:
        network.train(was_training)
    squares = sum(g.double().square().flatten(1).sum(dim=1) for g in of_banks)
    assert isinstance(squares, torch.Tensor)
    layers = torch.stack([found[t] for t in range(network.repetitions + 1)]).double()
    return GradientFlow(
        layers=layers.square().sum(dim=2).mean(dim=1).sqrt().cpu().numpy(),
        weight_sets=squares.sqrt().cpu().numpy() / len(inputs),
    )


def draw_gradient_flow(flows: Mapping[str, GradientFlow], title: str, path: str | Path) -> None:
    """Draw the norms over the layers and over the weight sets, a line for each named network."""
    figure = new_figure(11.5, 4.4)
    layers, sets = figure.subplots(1, 2)
    plot_layers(layers, {name: flow.layers for name, flow in flows.items()})
    for name, flow in flows.items():
        sets.semilogy(1 + np.arange(len(flow.weight_sets)), flow.weight_sets, "o-", label=name)
    sets.set_xlabel("weight set")
    sets.set_ylabel("norm of its gradient (nats)")
    sets.xaxis.set_major_locator(MaxNLocator(integer=True))
    sets.grid(alpha=0.25)
    layers.legend(frameon=False, fontsize=8)
    figure.suptitle(title, fontsize=11)
    save_figure(figure, path)


def plot_layers(axes: Axes, norms: Mapping[str, Array]) -> None:
    """Plot norms over the layers t = 0 … L_T, (L_T+1,) each, on a logarithmic scale."""
    for name, values in norms.items():
        axes.semilogy(np.arange(len(values)), values, "o-", markersize=3, label=name)
    axes.set_xlabel("layer $t$")
    axes.set_ylabel(r"rms of $\|\partial\ell/\partial h[t]\|$ (nats)")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.25)
