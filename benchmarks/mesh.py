"""One mesh on a batch of vectors against torch, column by column.

Batch 256, single precision, forward and backward with respect to all phases, the screen and the
input. Both sides are called as a user would: through torch's autograd. The reference is the good
column-by-column form with even and odd slices that the bounds are stated for; the other form is
reported too, because where OpenMP threads spin (OMP_WAIT_POLICY=ACTIVE) it is the faster of the
two.

    python -m benchmarks.mesh
"""

from collections.abc import Callable

import torch
from torch import Tensor

from benchmarks.timing import interleaved, show, threads
from benchmarks.torch_mesh import batched_products, even_odd_slices
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


def candidates(n: int) -> dict[str, Callable[[], tuple[Tensor, ...]]]:
    """Return our mesh and the two references on the same light, phases and gradient."""
    generator = torch.Generator().manual_seed(n)

    def uniform(*shape: int) -> Tensor:
        return torch.pi * torch.rand(shape, generator=generator)

    phases = [uniform(n, n // 2), 2 * uniform(n, n // 2), 2 * uniform(n)]
    light, gradient = torch.randn(2, BATCH, n, dtype=torch.complex64, generator=generator)
    columns = light.T.contiguous(), gradient.T.contiguous()
    return {
        "ours": step(mesh_propagate, light, gradient, phases),
        "slices": step(even_odd_slices, *columns, phases),
        "products": step(batched_products, *columns, phases),
    }


def run() -> list[dict[str, object]]:
    """Return two rows a size: name, ours and reference in seconds, ratio, bound."""
    rows: list[dict[str, object]] = []
    for n, bound in BOUNDS.items():
        seconds = interleaved(candidates(n), ROUNDS[n])
        ratio = seconds["slices"] / seconds["ours"]
        rows.append(
            {
                "name": f"N = {n}, against even and odd slices",
                "ours": seconds["ours"],
                "reference": seconds["slices"],
                "ratio": ratio,
                "bound": f"≥ {bound:g}×",
                "holds": ratio >= bound,
            }
        )
        rows.append(
            {
                "name": f"N = {n}, against batched 2×2 products",
                "ours": seconds["ours"],
                "reference": seconds["products"],
                "ratio": seconds["products"] / seconds["ours"],
            }
        )
    return rows


if __name__ == "__main__":
    print("threads:", ", ".join(f"{name} {count}" for name, count in threads().items()))
    show(f"mesh, batch {BATCH}, forward + backward, against torch column by column", run())
