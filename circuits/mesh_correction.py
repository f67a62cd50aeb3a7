"""Programming a mesh around splitter errors that are known.

An interferometer with splitter errors α, β still reaches every split between its extinction
floors, sin²(α+β) ≤ |T₁₁|² ≤ cos²(α−β), at another θ; what its matrix is then off by are phases on
its four ports. Those of the inputs go into its own φ, those of the outputs are carried along the
modes into the next column and at last into the screen. Where the wanted split lies between the
floors of every interferometer, the corrected mesh is exactly the perfect one; a split beyond a
floor is set to the floor (Bandyopadhyay, Hamerly, Englund, Optica 8, 1247 (2021)).

Over Haar-random unitaries and independent splitter errors σ, N(N²−1)σ²/3 interferometers are
expected at a floor, and ‖ΔU‖_F/√N falls from σ√(2(N−1)) to about √(2/3) N σ² (Hamerly,
Bandyopadhyay, Englund, Phys. Rev. Applied 18, 024018 (2022)).
"""

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from circuits.mesh_decomposition import MeshProgram
from circuits.mesh_functions import cells_per_column

__all__ = [
    "correct_attenuators",
    "correct_program",
    "expected_residual",
    "unreachable_splits",
]

Array = NDArray[np.float64]


def correct_program(program: MeshProgram, alpha: ArrayLike, beta: ArrayLike) -> MeshProgram:
    """Return the program that makes an imperfect mesh do what `program` asks of a perfect one.

    Parameters
    ----------
    program
        What a perfect mesh is to be programmed with, θ in 0 … π.
    alpha, beta
        Error angles of the first and second splitters in rad, one for all or (C, N//2). The
        errors of entries without an interferometer do not matter.

    Raises
    ------
    ValueError
        A θ is outside 0 … π; or the errors do not fit the program, are not finite, or are so large
        that the two floors meet (α or β of π/4: a splitter that does not split).
    """
    alpha, beta = _checked_errors(program, alpha, beta)
    if not np.all((program.theta >= 0) & (program.theta <= np.pi)):
        raise ValueError(
            "theta must be within 0 … π, as clements_decompose and reck_decompose give it (the "
            "same split at 2π − θ has other phases). Decompose program.matrix() again."
        )
    theta = _reachable_theta(program.theta, alpha, beta)
    upper, lower = _port_phases(theta, alpha, beta)
    phi = np.zeros_like(program.phi)
    carried = np.zeros(program.n)
    cells = cells_per_column(program.n, program.depth, program.layout)
    for column, count in enumerate(cells):
        top = column % 2 + 2 * np.arange(count)
        at = (column, slice(count))
        phi[at] = program.phi[at] - upper[at] + lower[at] - carried[top] + carried[top + 1]
        common = carried[top + 1] + (theta[at] - program.theta[at]) / 2
        carried[top] = common + lower[at]
        carried[top + 1] = common - upper[at]
    turn = 2 * np.pi
    used = np.arange(program.theta.shape[1]) < cells[:, None]
    return replace(
        program,
        theta=np.where(used, theta, 0.0),
        phi=phi % turn,
        screen=(program.screen - carried) % turn,
    )


def correct_attenuators(
    attenuation: ArrayLike, alpha: ArrayLike, beta: ArrayLike
) -> tuple[Array, Array]:
    """Return the phases (θ, φ) of imperfect interferometers whose bar elements are to be t.

    Parameters
    ----------
    attenuation
        Wanted amplitudes t, −1 … 1; what is beyond a floor is set to the floor.
    alpha, beta
        Error angles of their splitters in rad, of the same shape.
    """
    t = np.asarray(attenuation, np.float64)
    alpha, beta = np.asarray(alpha, np.float64), np.asarray(beta, np.float64)
    theta = _reachable_theta(2 * np.arcsin(np.abs(t)), alpha, beta)
    bar, _ = _port_phases(theta, alpha, beta)
    return theta, -theta / 2 - np.pi / 2 - bar + np.where(t < 0, np.pi, 0.0)


def unreachable_splits(
    program: MeshProgram, alpha: ArrayLike, beta: ArrayLike
) -> NDArray[np.bool_]:
    """Return which interferometers are asked for a split beyond their floors, (C, N//2).

    Parameters and errors are those of `correct_program`.
    """
    alpha, beta = _checked_errors(program, alpha, beta)
    bar = np.sin(program.theta / 2) ** 2
    cells = cells_per_column(program.n, program.depth, program.layout)
    used = np.arange(program.theta.shape[1]) < cells[:, None]
    return used & ((bar < np.sin(alpha + beta) ** 2) | (bar > np.cos(alpha - beta) ** 2))


def expected_residual(program: MeshProgram, splitter_error: float) -> float:
    """Return the root mean square of ‖ΔU‖_F/√N over chips that are programmed around their errors.

    A split θ is beyond the floor of an interferometer by |α + β| − θ/2 near the cross state, by
    |α − β| − (π − θ)/2 near the bar state, and its matrix is off by √2 of that. With α ± β normal
    of standard deviation s = √2 σ, in leading order

        E² = (2/N) Σ ⟨(|δ| − θ/2)²⟩₊ + ⟨(|δ| − (π − θ)/2)²⟩₊ ,
        ⟨(|δ| − x)²⟩₊ = 2 [(s² + x²) Q(x/s) − x s φ(x/s)] .

    Of Haar-random unitaries this is √(2/3) N σ², see the module. Orthogonal matrices, the factors
    of real ones, have more splits near both ends: two to four times that at N = 64.

    Parameters
    ----------
    program
        As for `correct_program`.
    splitter_error
        σ, standard deviation of every α and β in rad, ≥ 0.
    """
    if not 0 <= splitter_error < np.inf:
        raise ValueError(
            f"splitter_error must be ≥ 0 and finite (a standard deviation in rad); got "
            f"{splitter_error:g}."
        )
    if splitter_error == 0:
        return 0.0
    cells = cells_per_column(program.n, program.depth, program.layout)
    used = np.arange(program.theta.shape[1]) < cells[:, None]
    half = program.theta[used] / 2
    scale = np.sqrt(2) * splitter_error
    x = np.concatenate([half, np.pi / 2 - half]) / scale
    density = np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)
    # Far within the floors the two terms cancel to a rounding of either sign.
    beyond = np.maximum(2 * ((1 + x**2) * ndtr(-x) - x * density), 0.0)
    return float(scale * np.sqrt(2 / program.n * beyond.sum()))


def _checked_errors(program: MeshProgram, alpha: ArrayLike, beta: ArrayLike) -> tuple[Array, Array]:
    shape = program.theta.shape
    arrays = {"alpha": np.asarray(alpha, np.float64), "beta": np.asarray(beta, np.float64)}
    for name, array in arrays.items():
        if array.ndim and array.shape != shape:
            raise ValueError(
                f"{name} must be one number or have the program's shape (C, N//2) = {shape}; "
                f"got {array.shape}."
            )
        if not np.all(np.abs(array) < np.pi / 4):
            worst = array.flat[np.argmin(np.abs(array) < np.pi / 4)]
            raise ValueError(
                f"{name} must be within ±π/4 (an error angle in rad; a splitter that is off by "
                f"more does not split); got {worst:g}."
            )
    return np.broadcast_to(arrays["alpha"], shape), np.broadcast_to(arrays["beta"], shape)


def _reachable_theta(theta: Array, alpha: Array, beta: Array) -> Array:
    """Return the internal phase whose bar power is sin²(θ/2), or the nearest that there is."""
    floor, ceiling = np.sin(alpha + beta) ** 2, np.cos(alpha - beta) ** 2
    share = (np.sin(theta / 2) ** 2 - floor) / (ceiling - floor)
    return np.asarray(2 * np.arcsin(np.sqrt(np.clip(share, 0.0, 1.0))))


def _port_phases(theta: Array, alpha: Array, beta: Array) -> tuple[Array, Array]:
    """Return the phases ξ_a, ξ_b of the bar and the cross element, which are 0 without errors."""
    s, c = np.sin(theta / 2), np.cos(theta / 2)
    bar = s * np.cos(alpha - beta) + 1j * c * np.sin(alpha + beta)
    cross = c * np.cos(alpha + beta) + 1j * s * np.sin(alpha - beta)
    return np.angle(bar), np.angle(cross)
