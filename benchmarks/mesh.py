"""One mesh on a batch of vectors against torch, column by column.

Batch 256, single precision, forward and backward with respect to all phases, the screen and the
input. Our mesh is called as it is, and once more through torch's autograd, whose own 0.15 ms is
half of a small mesh. The bounds are stated for the first against even and odd slices of light as it
comes, (batch, modes); two faster layouts are reported beside it.

    python -m benchmarks.mesh
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from benchmarks.timing import interleaved, show, threads
from benchmarks.torch_mesh import batched_products, even_odd_planes, even_odd_slices
from circuits.mesh_functions import fold_meshes
from photon_relax.functional import mesh_propagate

BATCH = 256
BOUNDS = {16: 20.0, 64: 20.0, 128: 30.0, 256: 30.0}
ROUNDS = {16: 60, 64: 40, 128: 20, 256: 12}


def step(
    propagate: Callable[..., Tensor], light: Tensor, gradient: Tensor, phases: list[Tensor]
) -> Callable[[], tuple[Tensor, ...]]:
    """Return one forward and backward pass; it returns its gradients."""
    x = light.clone().requires_grad_()
    inputs = [x, *(phase.clone().requires_grad_() for phase in phases)]

    def run() -> tuple[Tensor, ...]:
        return torch.autograd.grad(propagate(*inputs), inputs, gradient)

    return run


def kernels(light: Tensor, gradient: Tensor, phases: list[Tensor]) -> Callable[[], tuple[Any, ...]]:
    """Return the same pass without torch: fold, matrix, products, gradients."""
    x, g, *settings = (tensor.numpy() for tensor in (light, gradient, *phases))

    def run() -> tuple[Any, ...]:
        mesh = fold_meshes(*settings)
        matrix = mesh.matrix()
        y = x @ matrix.T
        return g @ matrix.conj(), mesh.gradients(g.T @ y.conj())

    return run


def candidates(n: int) -> dict[str, Callable[[], tuple[Any, ...]]]:
    """Return our mesh and the references on the same light, phases and gradient."""
    generator = torch.Generator().manual_seed(n)

    def uniform(*shape: int) -> Tensor:
        return torch.pi * torch.rand(shape, generator=generator)

    phases = [uniform(n, n // 2), 2 * uniform(n, n // 2), 2 * uniform(n)]
    light, gradient = torch.randn(2, BATCH, n, dtype=torch.complex64, generator=generator)
    columns = light.T.contiguous(), gradient.T.contiguous()
    return {
        "ours": kernels(light, gradient, phases),
        "ours through autograd": step(mesh_propagate, light, gradient, phases),
        "even and odd slices": step(even_odd_slices, light, gradient, phases),
        "even and odd planes": step(even_odd_planes, *columns, phases),
        "batched 2×2 products": step(batched_products, *columns, phases),
    }


def run() -> list[dict[str, object]]:
    """Return four rows a size: name, ours and reference in seconds, ratio, bound."""
    rows: list[dict[str, object]] = []
    for n, bound in BOUNDS.items():
        seconds = interleaved(candidates(n), ROUNDS[n])
        ours = seconds.pop("ours")
        wrapped = seconds.pop("ours through autograd")
        plain = seconds["even and odd slices"]
        rows.append(
            {
                "name": f"N = {n}, ours through autograd",
                "ours": wrapped,
                "reference": plain,
                "ratio": plain / wrapped,
            }
        )
        for name, reference in seconds.items():
            bounded = name == "even and odd slices"
            rows.append(
                {
                    "name": f"N = {n}, {name}",
                    "ours": ours,
                    "reference": reference,
                    "ratio": reference / ours,
                    "bound": f"≥ {bound:g}×" if bounded else None,
                    "holds": reference / ours >= bound if bounded else None,
                }
            )
    return rows


if __name__ == "__main__":
    print("threads:", ", ".join(f"{name} {count}" for name, count in threads().items()))
    show(f"mesh, batch {BATCH}, forward + backward, against torch column by column", run())
