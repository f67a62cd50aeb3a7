"""Programming a mesh that nobody knows: progressive nulling, from powers alone.

The rectangle of U is cut in two along a diagonal, and the interferometers are set one by one, from
the corners at inputs and outputs inwards (Hamerly, Bandyopadhyay, Englund, Phys. Rev. Applied 18,
024019 (2022)):

        ┌───────────╲──────────┐     W_0   product of those set so far at the inputs, as they
    w ═▶│ 1 3 6 10   ╲   9 5 2 │══▶ v       should be
        │  W_0        ╲    V_0 │     V_0   the same at the outputs
        └──────────────╲───────┘

Light w = W_0† e_j, sent through a perfect interferometer, leaves it by one port only; what leaves
the real one by its other port reaches, whatever stands in the middle, just one pattern v = V_0 e_i
of outputs. So that v†y, linear in e^{iθ} and e^{iφ} each,

    v†y = A + B e^{iθ} + (C + D e^{iθ}) e^{iφ},

is to vanish. Four settings give A … D, the null follows in closed form:

    |A + B e^{iθ}| = |C + D e^{iθ}|,    e^{iφ} = −(A + B e^{iθ})/(C + D e^{iθ}).

A split beyond the floors of an interferometer has no null; it is set to where |v†y| is least. The
φ that nulls is the interferometer's own at the inputs; at the outputs it is the next one on its
lower port, of the column behind or of the screen. What stays open are the phases between the two
halves, N readings more; they are carried on into the free φ and the screen (`mesh_correction`).

A field is read from three powers behind each output, with a local oscillator of three phases. In
the middle every interferometer is left at θ = 0, where it crosses, so that light arrives: phase
errors well below a radian do not matter. Heaters that warm one another are found as warm as they
are at the time; what is set later and close by is then felt as an error.
"""

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from circuits.mesh_bench import Bench
from circuits.mesh_decomposition import MeshProgram, clements_decompose
from devices import MachZehnder

__all__ = ["calibrate_attenuators", "self_configure"]

Array = NDArray[np.float64]
Complexes = NDArray[np.complex128]

_THIRDS = 2 * np.pi / 3 * np.arange(3)
"""Three phases are the fewest that tell mean, size and place of a sinusoid."""


def self_configure(unitary: ArrayLike, bench: Bench) -> MeshProgram:
    """Return the phases with which the rectangle on the bench makes a unitary.

    Parameters
    ----------
    unitary
        Wanted, (N, N).
    bench
        A mesh of N columns, N modes; it is left programmed.

    Raises
    ------
    ValueError
        The matrix is not unitary or not of as many modes as the bench.
    """
    wanted = clements_decompose(unitary)
    n = wanted.n
    if bench.n != n:
        raise ValueError(
            f"unitary must be of the {bench.n} modes of the mesh on the bench; got {n}."
        )
    perfect = MachZehnder(theta=wanted.theta, phi=wanted.phi).transfer_matrix()
    inputs = np.eye(n, dtype=np.complex128)
    outputs = np.diag(np.exp(1j * wanted.screen))
    found = MeshProgram(theta=np.zeros((n, n // 2)), phi=np.zeros((n, n // 2)), screen=np.zeros(n))
    for at in _inwards(n):
        pair, cell = slice(at.mode, at.mode + 2), perfect[at.column, at.mode // 2]
        if at.of_inputs:
            inputs[pair] = cell @ inputs[pair]
        else:
            outputs[:, pair] = outputs[:, pair] @ cell
        _null(found, at, bench, inputs[at.light].conj(), outputs[:, at.pattern].conj())
    bench.program(found.theta, found.phi, found.screen)
    between = [
        np.angle(pattern.conj() @ _read_field(bench, light.conj()))
        for light, pattern in zip(inputs, outputs.T, strict=True)
    ]
    found = _carried(found, -np.array(between))
    bench.program(found.theta, found.phi, found.screen)
    return found


def calibrate_attenuators(amplitudes: ArrayLike, bench: Bench) -> tuple[Array, Array]:
    """Return θ of attenuators that shall pass amplitudes 0 … 1, and the phases they then add.

    Every power is a sinusoid of θ, known from three of its points; an amplitude beyond its extremes
    gets the extreme. The phases, (N,), are read with φ = −θ/2 − π/2, which would make a perfect
    attenuator real.

    Parameters
    ----------
    amplitudes
        Wanted, (N,).
    bench
        A column of N attenuators.
    """
    wanted, everywhere = np.asarray(amplitudes, np.float64), np.ones(bench.n)
    points = []
    for theta in _THIRDS:
        bench.program(np.full(bench.n, theta), np.zeros(bench.n))
        points.append(bench.powers(everywhere, 0.0)[0])
    mean = np.mean(points, axis=0)
    swing = 2 / 3 * np.exp(1j * _THIRDS) @ points
    # Zero swing is an attenuator that does not react: any θ will do.
    height = np.where(swing == 0, 1.0, np.abs(swing))
    from_top = np.arccos(np.clip((wanted**2 - mean) / height, -1.0, 1.0))
    theta = (np.angle(swing) - from_top) % (2 * np.pi)
    bench.program(theta, -theta / 2 - np.pi / 2)
    return theta, np.angle(_read_field(bench, everywhere))


class _Cell(NamedTuple):
    """One interferometer, with the light that is sent for it and the pattern that is read."""

    column: int
    mode: int
    of_inputs: bool
    light: int
    pattern: int


def _inwards(n: int) -> Iterator[_Cell]:
    """Give the interferometers in the order in which they are set.

    Diagonals of the lower left corner start at the inputs, those of the upper right at the outputs,
    in turn and ever longer; the longest is one of the inputs.
    """
    for length in range(1, n):
        if (n + length) % 2:
            top = n - 1 - length
            yield from (_Cell(j, top + j, True, top + j + 1, j) for j in range(length))
        else:
            yield from (
                _Cell(n - 1 - j, length - 1 - j, False, n - 1 - j, length - 1 - j)
                for j in range(length)
            )


def _null(
    found: MeshProgram, at: _Cell, bench: Bench, light: Complexes, pattern: Complexes
) -> None:
    """Set one interferometer to where none of this light reaches this pattern."""
    if at.of_inputs:
        phi, place = found.phi, (at.column, at.mode // 2)
    elif at.column + 1 < found.depth:
        phi, place = found.phi, (at.column + 1, (at.mode + 1) // 2)
    else:
        phi, place = found.screen[None], (0, at.mode + 1)
    cell = at.column, at.mode // 2
    seen = np.empty((2, 2), np.complex128)
    for i, j in product(range(2), repeat=2):
        found.theta[cell], phi[place] = np.pi * i, np.pi * j
        bench.program(found.theta, found.phi, found.screen)
        seen[i, j] = pattern @ _read_field(bench, light)
    found.theta[cell], phi[place] = _darkest(seen)


def _darkest(seen: Complexes) -> tuple[float, float]:
    """Return (θ, φ) of the null, given what is seen at θ, φ of 0 and π, (2, 2).

    Of the two that there are the one of less θ.
    """
    signs = np.array([[1.0, 1.0], [1.0, -1.0]])
    (a, c), (b, d) = signs @ seen @ signs / 4
    slope = 2 * (np.conj(a) * b - np.conj(c) * d)
    level = abs(c) ** 2 + abs(d) ** 2 - abs(a) ** 2 - abs(b) ** 2
    steepness = abs(slope)
    # Where nothing is ever seen, as by a bench without light, any θ is as dark.
    share = np.clip(level / steepness, -1.0, 1.0) if steepness else 0.0
    opening = np.arccos(share)
    both = (np.array([opening, -opening]) - np.angle(slope)) % (2 * np.pi)
    theta = float(np.min(both % (2 * np.pi)))  # a rounding below zero wraps to 2π itself
    turn = np.exp(1j * theta)
    return theta, float(np.angle(-(a + b * turn) * np.conj(c + d * turn)) % (2 * np.pi))


def _carried(found: MeshProgram, between: Array) -> MeshProgram:
    """Return a program with phases added between the two halves, carried on to where phases are."""
    n, turn, carried = found.n, 2 * np.pi, between.copy()
    phi = found.phi.copy()
    # Light meets the interferometers of the outputs in the reverse of the order they were set in.
    for column, mode, of_inputs, *_ in reversed(list(_inwards(n))):
        if not of_inputs:
            phi[column, mode // 2] += carried[mode] - carried[mode + 1]
            carried[mode] = carried[mode + 1]
    return MeshProgram(theta=found.theta, phi=phi % turn, screen=(found.screen + carried) % turn)


def _read_field(bench: Bench, light: Complexes | Array) -> Complexes:
    """Return the field at every output in √W, (N,).

    Of |y + r e^{iχ}|² the part that turns with χ is 2r Re(y e^{−iχ}).
    """
    turns = np.exp(1j * _THIRDS)
    return np.asarray(turns @ bench.powers(light, turns) / 3, np.complex128)
