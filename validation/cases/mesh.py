"""Interferometers and meshes of them: powers, errors, programs, heat."""

from collections.abc import Callable
from dataclasses import replace
from math import pi
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import unitary_group

from circuits import (
    HeaterValues,
    MachZehnderMesh,
    MeshFabrication,
    MeshProgram,
    SimulatedBench,
    SvdProcessor,
    ThermalCrosstalk,
    clements_decompose,
    correct_program,
    reck_decompose,
    self_configure,
    unreachable_splits,
)
from devices import DirectionalCoupler, MachZehnder, PhaseShifter
from validation.case import Measurement, case, measured
from validation.closed_forms import interferometer, light, receiver
from validation.closed_forms.values import Complexes, Reals
from validation.deviation import FOUR_SIGMA, standard_errors

BANDYOPADHYAY = "Bandyopadhyay, Hamerly, Englund, Optica 8, 1247 (2021)"
CLEMENTS = "Clements et al., Optica 3, 1460 (2016)"
RECK = "Reck et al., Phys. Rev. Lett. 73, 58 (1994)"
HAMERLY = "Hamerly, Bandyopadhyay, Englund, Phys. Rev. Applied 18, 024018 (2022)"
JACQUES = "Jacques et al., Opt. Express 27, 10456 (2019)"

DRAWS = 24
SIGMA = 0.005  # rad: σ²N, the next order of the error laws, is below 0.2 % up to N = 64


# ------------------------------------------------------------------------------ one interferometer


@case(
    name="mzi-splitter",
    title="Splitter that misses one half: the share that crosses",
    formula="|S₂₁|² = sin²(π/4+η) = (1 + sin 2η)/2",
    source=BANDYOPADHYAY,
    model="devices.DirectionalCoupler.transfer_matrix",
    tolerance=1e-14,
    why="rounding of three operations on numbers of size 1",
)
def splitter() -> Measurement:
    """From no crossing (η = −π/4) to all of it (π/4)."""
    error = np.linspace(-pi / 4, pi / 4, 91)
    crossed = np.abs(DirectionalCoupler(error_angle=error).transfer_matrix()[:, 1, 0]) ** 2
    return measured(error, interferometer.cross_share(error), crossed, x="η / rad", y="cross power")


@case(
    name="mzi-powers",
    title="Interferometer of perfect splitters: bar and cross power",
    formula="|T₁₁|² = sin²(θ/2), |T₂₁|² = cos²(θ/2): θ = 0 crosses",
    source=CLEMENTS,
    model="devices.MachZehnder.bar_power, cross_power",
    tolerance=1e-14,
    why="rounding of a dozen operations on numbers of size 1",
)
def powers() -> Measurement:
    """Both over a turn of θ."""
    theta = np.linspace(0, 2 * pi, 101)
    device = MachZehnder(theta=theta, phi=0.3)
    bar = interferometer.ideal_bar_power(theta)
    return measured(
        np.tile(theta, 2),
        np.concatenate([bar, 1 - bar]),
        np.concatenate([np.asarray(device.bar_power), np.asarray(device.cross_power)]),
        x="θ / rad",
        y="power: bar, cross",
    )


@case(
    name="mzi-imperfect",
    title="Interferometer of imperfect splitters: all four matrix elements",
    formula="T = i e^{iθ/2} [[e^{iφ}(s cos(α−β) + i c sin(α+β)), c cos(α+β) + i s sin(α−β)], …]",
    source=BANDYOPADHYAY,
    model="devices.MachZehnder.transfer_matrix",
    tolerance=1e-14,
    why="rounding of a dozen operations on numbers of size 1",
)
def imperfect() -> Measurement:
    """The error compares whole matrices with random phases; the picture is Re T₁₂ along θ."""
    angles = np.random.default_rng(0).uniform(-1, 1, (4, 2000)) * [[2 * pi], [2 * pi], [0.5], [0.5]]
    error = _matrix_distance(*angles)
    theta = np.linspace(0, 4 * pi, 161)
    fixed = 0.4 * np.ones_like(theta), 0.2 * np.ones_like(theta), -0.1 * np.ones_like(theta)
    error = max(error, _matrix_distance(theta, *fixed))
    reference = interferometer.mach_zehnder_matrix(theta, *fixed)[:, 0, 1].real
    device = MachZehnder(theta=theta, phi=0.4, alpha=0.2, beta=-0.1)
    field = device.transfer_matrix()[:, 0, 1].real
    return measured(theta, reference, field, x="θ / rad", y="Re T₁₂", error=error)


def _matrix_distance(theta: Reals, phi: Reals, alpha: Reals, beta: Reals) -> float:
    device = MachZehnder(theta=theta, phi=phi, alpha=alpha, beta=beta)
    reference = interferometer.mach_zehnder_matrix(theta, phi, alpha, beta)
    return float(np.max(np.abs(device.transfer_matrix() - reference)))


@case(
    name="mzi-extinction",
    title="How dark the ports of an imperfect interferometer get",
    formula="min |T₁₁|² = sin²(α+β) at θ = 0; min |T₂₁|² = sin²(α−β) at θ = π",
    source=BANDYOPADHYAY,
    model="devices.MachZehnder.extinction_ratio_db, cross_extinction_ratio_db, bar_power",
    tolerance=1e-12,
    why="the floors are differences of amplitudes of size 1, small to 1e-3: rounding over that",
)
def extinction() -> Measurement:
    """The dark powers against α, and the same from the stated ratios and the bright powers."""
    alpha = np.linspace(-0.1, 0.15, 101)
    beta = 0.0213
    bar = interferometer.darkest_bar_power(alpha, beta)
    cross = interferometer.darkest_cross_power(alpha, beta)
    dark_bar = np.asarray(MachZehnder(theta=0.0, alpha=alpha, beta=beta).bar_power)
    dark_cross = np.asarray(MachZehnder(theta=pi, alpha=alpha, beta=beta).cross_power)
    device = MachZehnder(theta=1.0, alpha=alpha, beta=beta)
    bright = interferometer.brightest_bar_power(alpha, beta)
    stated = bright * light.power_transmission(device.extinction_ratio_db)
    bright_cross = interferometer.brightest_bar_power(alpha, -beta)
    stated_cross = bright_cross * light.power_transmission(device.cross_extinction_ratio_db)
    return measured(
        np.tile(alpha, 4),
        np.concatenate([bar, bar, cross, cross]),
        np.concatenate([dark_bar, stated, dark_cross, stated_cross]),
        x="α / rad, at β = 0.0213 rad",
        y="darkest power (bar, cross)",
    )


@case(
    name="mzi-lossy-arm",
    title="Extinction that one lossy arm leaves",
    formula="ER = ((1+√L₁)/(1−√L₁))²",
    source="two amplitudes ½ and ½√L₁ that add and cancel; Born, Wolf, Principles of Optics, ch. 7",
    model="devices.MachZehnder.extinction_ratio_db, bar_power",
    tolerance=1e-11,
    why="dB; at 50 dB the dark amplitude is 3e-3 of the two that cancel: rounding over its square",
)
def lossy_arm() -> Measurement:
    """The stated ratio, and that of the brightest to the darkest bar power."""
    loss_db = np.linspace(0.05, 6.0, 80)
    transmission = light.power_transmission(loss_db)
    reference = 10 * np.log10(interferometer.lossy_arm_extinction(transmission))
    stated = MachZehnder(theta=0.0, arm_transmission=transmission).extinction_ratio_db
    bright = MachZehnder(theta=pi, arm_transmission=transmission).bar_power
    dark = MachZehnder(theta=0.0, arm_transmission=transmission).bar_power
    powers_db = 10 * np.log10(np.asarray(bright) / np.asarray(dark))
    return measured(
        np.tile(loss_db, 2),
        np.tile(reference, 2),
        np.concatenate([np.asarray(stated), powers_db]),
        x="loss of the arm / dB",
        y="extinction ratio / dB",
        error=float(np.max(np.abs([stated - reference, powers_db - reference]))),
    )


@case(
    name="mzi-heater",
    title="Heater: power to phase, and the slow way there",
    formula="φ(t) = (πP/P_π)(1 − e^(−t/τ)), f_3dB = 1/(2πτ), A → A e^{iφ}",
    source="Harris et al., Opt. Express 22, 10487 (2014)",
    model="devices.PhaseShifter.phase_at_power, heater_power, step_response, bandwidth, transfer",
    tolerance=1e-14,
    why="rounding of half a dozen operations",
)
def heater() -> Measurement:
    """A step to 30 mW; the error also looks at the way back, the bandwidth and the light."""
    time = np.linspace(0, 8e-6, 81)
    device = PhaseShifter.from_power(30e-3, insertion_loss_db=0.23)
    settled = interferometer.heated_phase(30e-3, 24.77e-3)
    expected = settled * receiver.low_pass_step(time, 1.2e-6)
    phase = np.asarray(device.phase) * np.asarray(device.step_response(time))
    light_out = np.sqrt(light.power_transmission(0.23)) * np.exp(1j * settled)
    error = [
        np.max(np.abs(phase - expected)) / settled,
        np.abs(device.heater_power() / 30e-3 - 1),
        np.abs(receiver.low_pass_power(device.bandwidth, 1 / (2 * pi * 1.2e-6)) - 0.5),
        np.abs(device.transfer() - light_out),
    ]
    return measured(
        time / 1e-6, expected, phase, x="t / µs", y="phase / rad", error=float(max(error))
    )


# ------------------------------------------------------------------------------------ whole meshes


def _cells(
    program: MeshProgram, alpha: Reals | float, beta: Reals | float
) -> list[tuple[int, Complexes]]:
    """The closed forms of a program's interferometers in the order of the light, (m, T)."""
    shape = program.theta.shape
    matrices = interferometer.mach_zehnder_matrix(
        program.theta, program.phi, np.broadcast_to(alpha, shape), np.broadcast_to(beta, shape)
    )
    n, triangle = program.n, program.layout == "reck"
    last = [min(c, 2 * n - 4 - c) if triangle else n - 2 for c in range(program.depth)]
    return [
        (mode, matrices[column, mode // 2])
        for column in range(program.depth)
        for mode in range(column % 2, last[column] + 1, 2)
    ]


def _random_light(rng: np.random.Generator, n: int) -> Complexes:
    """Three vectors of fields in √W, (3, N)."""
    return np.asarray(rng.normal(size=(3, n)) + 1j * rng.normal(size=(3, n)))


def _rounding(n: int) -> float:
    """10Nε, what N columns of rounding may add up to."""
    return 10 * n * float(np.finfo(np.float64).eps)


def _distance(matrix: NDArray[Any], reference: NDArray[Any]) -> float:
    """‖ΔU‖_F/√N, the error of a mesh as its literature states it."""
    return float(np.linalg.norm(matrix - reference) / np.sqrt(len(reference)))


@case(
    name="mesh-unitarity",
    title="A lossless mesh with splitter errors keeps all light",
    formula="‖U†U − I‖₂ = 0; output power = input power",
    source=CLEMENTS,
    model="circuits.MachZehnderMesh.matrix, propagate",
    tolerance=1.0,
    why="in units of 10Nε, ε = 2.2e-16: N columns round once each and once more per product",
)
def unitarity() -> Measurement:
    """Random phases and splitters of meshes of 2 … 64 modes; drawn, the power that comes out."""
    rng = np.random.default_rng(4)
    sizes = [2, 3, 5, 8, 16, 31, 64]
    worst, kept = [], []
    for n in sizes:
        shape = (n, n // 2)
        alpha, beta = 0.1 * rng.normal(size=(2, *shape))
        mesh = MachZehnderMesh(n=n, alpha=alpha, beta=beta)
        theta, phi = rng.uniform(0, 2 * pi, (2, *shape))
        screen = rng.uniform(0, 2 * pi, n)
        matrix = mesh.matrix(theta, phi, screen)
        light_in = _random_light(rng, n)
        light_out = mesh.propagate(light_in, theta, phi, screen)
        kept.append(np.sum(np.abs(light_out) ** 2) / np.sum(np.abs(light_in) ** 2))
        deviation = np.linalg.norm(matrix.conj().T @ matrix - np.eye(n), ord=2)
        worst.append(max(deviation, abs(kept[-1] - 1)) / _rounding(n))
    return measured(
        sizes, np.ones(len(sizes)), kept, x="modes N", y="power out / power in", error=max(worst)
    )


@case(
    name="mesh-round-trip",
    title="Rectangle and triangle make the unitary that they were programmed for",
    formula="diag(e^{i screen}) T_last ⋯ T_first = U",
    source=f"{CLEMENTS}; {RECK}",
    model="circuits.clements_decompose, reck_decompose, MeshProgram.matrix",
    tolerance=1.0,
    why="in units of 10Nε: the decomposition rounds once per column, the product once more",
)
def round_trip() -> Measurement:
    """Haar, identity, a permutation, Fourier, orthogonal; N = 2 … 64; drawn, Re U of N = 8.

    The product of the phases is judged in two ways: as the circuit multiplies it, and with the
    closed form of each interferometer.
    """
    rng = np.random.default_rng(5)
    worst = 0.0
    for n in (2, 3, 4, 7, 8, 16, 64):
        for unitary in _unitaries(n, rng):
            for decompose in (clements_decompose, reck_decompose):
                program = decompose(unitary)
                product = interferometer.mesh_of_interferometers(
                    _cells(program, 0.0, 0.0), program.screen
                )
                for matrix in (program.matrix(), product):
                    deviation = float(np.linalg.norm(matrix - unitary, ord=2))
                    worst = max(worst, deviation / _rounding(n))
    unitary = unitary_group.rvs(8, random_state=rng)
    made = clements_decompose(unitary).matrix()
    return measured(
        np.arange(64), unitary.real.ravel(), made.real.ravel(),
        x="element of an 8×8 unitary, row by row", y="real part", error=worst,
    )  # fmt: skip


def _unitaries(n: int, rng: np.random.Generator) -> list[Complexes]:
    """Random, and the ones whose zeros and symmetries catch a decomposition out."""
    grid = np.arange(n)
    return [
        unitary_group.rvs(n, random_state=rng),
        np.eye(n, dtype=np.complex128),
        np.eye(n)[rng.permutation(n)].astype(np.complex128),
        np.exp(2j * pi * np.outer(grid, grid) / n) / np.sqrt(n),
        np.linalg.qr(rng.normal(size=(n, n)))[0].astype(np.complex128),
    ]


@case(
    name="mesh-size",
    title="Columns and interferometers of the two meshes",
    formula="rectangle N columns, triangle 2N − 3; N(N−1)/2 interferometers in either",
    source=f"{CLEMENTS}; {RECK}",
    model="circuits.MeshProgram.depth, n_interferometers",
    tolerance=0.0,
    why="whole numbers",
)
def size() -> Measurement:
    """N = 2 … 24: depth of the rectangle, of the triangle, and the count of both."""
    sizes = np.arange(2, 25)
    rng = np.random.default_rng(6)
    found = []
    for n in sizes.tolist():
        unitary = unitary_group.rvs(n, random_state=rng)
        made = clements_decompose(unitary), reck_decompose(unitary)
        found.append([*(p.depth for p in made), *(p.n_interferometers for p in made)])
    count = interferometer.interferometers_of_unitary(sizes)
    depths = interferometer.rectangle_depth(sizes), interferometer.triangle_depth(sizes)
    return measured(
        np.tile(sizes, 4),
        np.concatenate([*depths, count, count]),
        np.array(found).T.ravel(),
        x="modes N",
        y="columns, interferometers",
    )


@case(
    name="mesh-splitter-errors",
    title="Error of a mesh whose splitters scatter",
    formula="‖ΔU‖_F/√N = σ√(2(N−1)) in the root mean square",
    source=f"{HAMERLY}, to leading order in σ",
    model="circuits.MachZehnderMesh.realise",
    tolerance=0.04,
    why=f"root mean square of {DRAWS} draws, 4 standard errors of the smallest mesh: N(N−1) = 240 "
    "squares scatter by √(2/240)/2 = 4.6 % a draw, 0.9 % in all; σ²N adds 0.2 %",
)
def splitter_errors() -> Measurement:
    """Haar unitaries on meshes with splitter errors of 5 mrad."""

    def realise(program: MeshProgram, rng: np.random.Generator) -> NDArray[Any]:
        alpha, beta = SIGMA * rng.normal(size=(2, *program.theta.shape))
        return MachZehnderMesh(n=program.n, alpha=alpha, beta=beta).realise(program)

    return _scaling(realise, interferometer.splitter_error_of_mesh)


@case(
    name="mesh-phase-errors",
    title="Error of a mesh whose phases scatter",
    formula="‖ΔU‖_F/√N = σ_φ√N in the root mean square",
    source="to leading order in σ_φ: N² independent phases, each with 1/N of the light",
    model="circuits.MachZehnderMesh.matrix",
    tolerance=0.04,
    why=f"root mean square of {DRAWS} draws, 4 standard errors of the smallest mesh: N² = 256 "
    "squares scatter by √(2/256)/2 = 4.4 % a draw, 0.9 % in all; σ²N adds 0.2 %",
)
def phase_errors() -> Measurement:
    """Haar unitaries, every θ, φ and screen phase off by 5 mrad."""

    def realise(program: MeshProgram, rng: np.random.Generator) -> NDArray[Any]:
        theta, phi = SIGMA * rng.normal(size=(2, *program.theta.shape))
        screen = SIGMA * rng.normal(size=program.n)
        mesh = MachZehnderMesh(n=program.n)
        return mesh.matrix(program.theta + theta, program.phi + phi, program.screen + screen)

    return _scaling(realise, interferometer.phase_error_of_mesh)


def _scaling(
    realise: Callable[[MeshProgram, np.random.Generator], NDArray[Any]],
    law: Callable[[Reals, float], Reals],
) -> Measurement:
    """Root mean square error of DRAWS chips at each size against a law of N and σ."""
    sizes = np.array([16, 24, 32, 48, 64])
    rng = np.random.default_rng(7)
    found = []
    for n in sizes.tolist():
        squares = []
        for _ in range(DRAWS):
            unitary = unitary_group.rvs(n, random_state=rng)
            squares.append(_distance(realise(clements_decompose(unitary), rng), unitary) ** 2)
        found.append(np.sqrt(np.mean(squares)))
    expected = law(sizes.astype(np.float64), SIGMA)
    return measured(
        sizes, expected, found, x="modes N", y="‖ΔU‖_F/√N",
        error=float(np.max(np.abs(np.array(found) / expected - 1))),
    )  # fmt: skip


@case(
    name="mesh-corrected",
    title="A mesh programmed around its known splitter errors, no split beyond a floor",
    formula="sin²(θ'/2) = (sin²(θ/2) − sin²(α+β))/(cos²(α−β) − sin²(α+β)), phases carried on",
    source=BANDYOPADHYAY,
    model="circuits.correct_program",
    tolerance=1e-12,
    why="rounding over the smallest slope of arcsin √x on the splits 0.1 … 0.9",
)
def corrected() -> Measurement:
    """Rectangle and triangle of 16 modes, errors up to 0.15 rad; drawn, the rectangle's |U|²."""
    rng = np.random.default_rng(8)
    errors = []
    for decompose in (reck_decompose, clements_decompose):
        program = decompose(unitary_group.rvs(16, random_state=rng))
        theta = np.where(program.theta > 0, rng.uniform(0.7, 2.4, program.theta.shape), 0.0)
        program = MeshProgram(
            theta=theta, phi=program.phi, screen=program.screen, layout=program.layout
        )
        alpha, beta = rng.uniform(-0.15, 0.15, (2, *theta.shape))
        wanted = interferometer.mesh_of_interferometers(_cells(program, 0.0, 0.0), program.screen)
        fixed = correct_program(program, alpha, beta)
        made = interferometer.mesh_of_interferometers(_cells(fixed, alpha, beta), fixed.screen)
        mesh = MachZehnderMesh(n=16, layout=program.layout, alpha=alpha, beta=beta)
        errors += [_distance(made, wanted), _distance(mesh.realise(fixed), wanted)]
    return measured(
        np.arange(256), np.abs(wanted).ravel() ** 2, np.abs(made).ravel() ** 2,
        x="element of a 16×16 unitary, row by row", y="power", error=max(errors),
    )  # fmt: skip


@case(
    name="mesh-self-configured",
    title="A mesh whose splitters and phases nobody knows, configured from powers, N = 16",
    formula="U = diag(e^{i screen}) T_last ⋯ T_first, no split beyond a floor",
    source="Hamerly, Bandyopadhyay, Englund, Phys. Rev. Applied 18, 024019 (2022)",
    model="circuits.self_configure, SimulatedBench.of_mesh",
    tolerance=1e-12,
    why="rounding, over the light that arrives through a middle that is off by 0.2 rad",
)
def self_configured() -> Measurement:
    """Splitters off by up to 0.1 rad, phases by up to 0.2 rad; drawn, |U|²."""
    rng = np.random.default_rng(14)
    program = clements_decompose(unitary_group.rvs(16, random_state=rng))
    shape = program.theta.shape
    theta = np.where(program.theta > 0, rng.uniform(0.7, 2.4, shape), 0.0)
    program = MeshProgram(theta=theta, phi=program.phi, screen=program.screen)
    wanted = interferometer.mesh_of_interferometers(_cells(program, 0.0, 0.0), program.screen)
    alpha, beta = rng.uniform(-0.1, 0.1, (2, *shape))
    off = [rng.uniform(-0.2, 0.2, size) for size in (shape, shape, 16)]
    chip = replace(
        MeshFabrication().draw(1, 16, 16, seed=0),
        alpha=alpha[None], beta=beta[None], theta=off[0][None], phi=off[1][None],
        screen=off[2][None],
    )  # fmt: skip
    found = self_configure(wanted, SimulatedBench.of_mesh(chip, 0))
    real = MeshProgram(theta=found.theta + off[0], phi=found.phi + off[1], screen=found.screen)
    made = interferometer.mesh_of_interferometers(_cells(real, alpha, beta), found.screen + off[2])
    return measured(
        np.arange(256), np.abs(wanted).ravel() ** 2, np.abs(made).ravel() ** 2,
        x="element of a 16×16 unitary, row by row", y="power", error=_distance(made, wanted),
    )  # fmt: skip


@case(
    name="mesh-correction-limit",
    title="What correction leaves where splits lie beyond the floors",
    formula="‖ΔU‖²_F/N = (2/3) N² σ⁴ in the mean over Haar unitaries",
    source=f"{HAMERLY}, to leading order in Nσ²",
    model="circuits.correct_program, MachZehnderMesh.realise",
    tolerance=4.0,
    why=FOUR_SIGMA,
)
def correction_limit() -> Measurement:
    """40 chips of 48 modes at each scatter σ; drawn is the root of the mean square."""
    scatter = np.array([0.01, 0.014, 0.018, 0.022, 0.026, 0.03])
    residual, _ = _corrected_chips(48, scatter)
    law = interferometer.corrected_error_of_mesh(48, scatter)
    return measured(
        scatter, law, np.sqrt(residual.mean(axis=1)), x="splitter errors σ / rad",
        y="‖ΔU‖_F/√N, N = 48", error=standard_errors(residual, law**2),
    )  # fmt: skip


@case(
    name="mesh-clamped",
    title="How many interferometers are asked for a split beyond their floors",
    formula="n = Σ_k (N−k)(1 − (1+4kσ²)^(−½)) → N(N²−1)σ²/3, over Haar unitaries",
    source=f"{HAMERLY}, leading order; all orders from the law of the splits, Russell et al., "
    "New J. Phys. 19, 033007 (2017)",
    model="circuits.unreachable_splits",
    tolerance=4.0,
    why=FOUR_SIGMA,
)
def clamped() -> Measurement:
    """40 chips of 48 modes at each scatter σ."""
    scatter = np.array([0.01, 0.014, 0.018, 0.022, 0.026, 0.03])
    _, count = _corrected_chips(48, scatter)
    law = np.array([interferometer.clamped_cells_of_mesh(48, sigma) for sigma in scatter])
    return measured(
        scatter, law, count.mean(axis=1), x="splitter errors σ / rad",
        y="interferometers at a floor", error=standard_errors(count, law),
    )  # fmt: skip


def _corrected_chips(n: int, scatter: Reals) -> tuple[Reals, Reals]:
    """Squared residual and number of clamped interferometers of 40 chips at each σ, (σ, 40)."""
    rng = np.random.default_rng(9)
    residual, count = np.empty((2, len(scatter), 40))
    for chip in np.ndindex(residual.shape):
        unitary = unitary_group.rvs(n, random_state=rng)
        program = clements_decompose(unitary)
        alpha, beta = scatter[chip[0]] * rng.normal(size=(2, *program.theta.shape))
        mesh = MachZehnderMesh(n=n, alpha=alpha, beta=beta)
        matrix = mesh.realise(correct_program(program, alpha, beta))
        residual[chip] = _distance(matrix, unitary) ** 2
        count[chip] = np.sum(unreachable_splits(program, alpha, beta))
    return residual, count


@case(
    name="mesh-reciprocity",
    title="An imperfect mesh lit from behind is transposed",
    formula="T_firstᵀ ⋯ T_lastᵀ diag(e^{i screen}) = Uᵀ",
    source="Jalas et al., Nat. Photonics 7, 579 (2013): what a linear part without magnetism does",
    model="circuits.MachZehnderMesh.matrix",
    tolerance=1e-13,
    why="rounding of 24 columns",
)
def reciprocity() -> Measurement:
    """12 modes, random phases and errors, in both layouts; drawn, the rectangle's powers."""
    rng = np.random.default_rng(10)
    errors = []
    for decompose in (reck_decompose, clements_decompose):
        program = decompose(unitary_group.rvs(12, random_state=rng))
        alpha, beta = 0.1 * rng.normal(size=(2, *program.theta.shape))
        mesh = MachZehnderMesh(n=12, layout=program.layout, alpha=alpha, beta=beta)
        forwards = mesh.realise(program)
        backwards = interferometer.mesh_run_backwards(_cells(program, alpha, beta), program.screen)
        errors.append(np.max(np.abs(forwards.T - backwards)))
    return measured(
        np.arange(144), np.abs(backwards).ravel() ** 2, np.abs(forwards.T).ravel() ** 2,
        x="element of the 12×12 matrix seen from behind", y="power", error=float(max(errors)),
    )  # fmt: skip


@case(
    name="mesh-loss",
    title="Loss of a mesh, column by column",
    formula="power out / power in = 10^(−N L_col/10)",
    source="losses in dB add along a path, and every path crosses N columns",
    model="circuits.MachZehnderMesh.propagate, column_transmission",
    tolerance=1e-12,
    why="dB; rounding of 48 columns",
)
def loss() -> Measurement:
    """Meshes of 2 … 48 modes at 0.23 dB a column, the loss that Harris et al. measured."""
    rng = np.random.default_rng(11)
    sizes, found = np.arange(2, 49, 2), []
    for n in sizes.tolist():
        mesh = MachZehnderMesh(n=n, column_loss_db=0.23)
        theta, phi = rng.uniform(0, 2 * pi, (2, *mesh.shape))
        light_in = _random_light(rng, n)
        light_out = mesh.propagate(light_in, theta, phi, np.zeros(n))
        ratio = np.sum(np.abs(light_out) ** 2) / np.sum(np.abs(light_in) ** 2)
        found.append(-10 * np.log10(ratio))
    error = float(np.max(np.abs(np.array(found) - 0.23 * sizes)))
    return measured(sizes, 0.23 * sizes, found, x="modes N", y="loss / dB", error=error)


@case(
    name="mesh-svd",
    title="Any matrix as mesh, attenuators, mesh and one gain",
    formula="g · U diag(t) V† = W, t ≤ 1",
    source="Miller, Photon. Res. 1, 1 (2013)",
    model="circuits.SvdProcessor.program, matrix, attenuator_phases",
    tolerance=1e-12,
    why="rounding of a singular value decomposition and two meshes",
)
def svd() -> Measurement:
    """Real, complex, wide and tall matrices; each part judged by its interferometers' closed form.

    Relative to the largest singular value; drawn, a real 6×9 matrix.
    """
    rng = np.random.default_rng(12)
    matrices = [
        rng.normal(size=(16, 16)) + 1j * rng.normal(size=(16, 16)),
        np.diag([3.0, 0.0, -1e-3, 0.5]),
        rng.normal(size=(7, 3)),
        rng.normal(size=(6, 9)),
    ]
    worst = 0.0
    for matrix in matrices:
        processor = SvdProcessor.program(matrix)
        optics = _processor_of_interferometers(processor)[: matrix.shape[0], : matrix.shape[1]]
        for made in (processor.matrix(), processor.gain * optics):
            deviation = np.linalg.norm(made - matrix, ord=2) / np.linalg.norm(matrix, ord=2)
            worst = max(worst, float(deviation), float(processor.attenuation.max()) - 1.0)
    return measured(
        np.arange(matrix.size), matrix.ravel(), processor.matrix().real.ravel(),
        x="element of a real 6×9 matrix, row by row", y="weight", error=worst,
    )  # fmt: skip


def _processor_of_interferometers(processor: SvdProcessor) -> Complexes:
    """The optics of a processor, every interferometer and attenuator by its closed form."""
    left, right = (
        interferometer.mesh_of_interferometers(_cells(program, 0.0, 0.0), program.screen)
        for program in (processor.left, processor.right)
    )
    attenuators = interferometer.mach_zehnder_matrix(*processor.attenuator_phases)[:, 0, 0]
    return (left * attenuators) @ right


# --------------------------------------------------------------------------------- heat of others


@case(
    name="thermal-crosstalk-pair",
    title="Powers of two heaters that warm each other",
    formula="P₁ = (P_π/π)(φ₁ − xφ₂)/(1−x²), x = x₀ e^(−d/d₀)",
    source=f"{JACQUES}, by Cramer's rule",
    model="circuits.ThermalCrosstalk.heater_powers",
    tolerance=1e-13,
    why="rounding of the inverse of a 2×2 matrix conditioned better than 2",
)
def heater_pair() -> Measurement:
    """One heater holds 2.5 rad, the other is turned; no turns are needed from 0.8 rad on."""
    distance = 40e-6
    first, second = np.full(61, 2.5), np.linspace(0.8, 6.2, 61)
    heaters = ThermalCrosstalk(
        positions=np.array([[0.0, 0.0], [distance, 0.0]]),
        strength=0.3,
        decay_length=50e-6,
        half_wave_power=20e-3,
    )
    powers = heaters.heater_powers(np.stack([first, second], axis=-1))
    expected = interferometer.heater_pair_powers(first, second, 20e-3, 0.3 * np.exp(-0.8))
    return measured(
        np.tile(second, 2),
        np.concatenate(expected) * 1e3,
        powers.T.ravel() * 1e3,
        x="φ₂ / rad, while φ₁ = 2.5 rad",
        y="power of heater 1 (falls) and 2 / mW",
    )


@case(
    name="thermal-crosstalk-inverse",
    title="Phases of a whole mesh, programmed around the warmth of all other heaters",
    formula="(π/P_π)(I+X)P = φ (mod 2π), P ≥ 0",
    source=JACQUES,
    model="circuits.ThermalCrosstalk.heater_powers, phases",
    tolerance=1e-12,
    why="rad; rounding of a 128×128 inverse, conditioned better than 2, on ten turns",
)
def heater_inverse() -> Measurement:
    """128 heaters on an 8×16 grid; the forward sum is written out here, heater by heater."""
    rng = np.random.default_rng(13)
    x, y = np.meshgrid(60e-6 * np.arange(16), 25e-6 * np.arange(8))
    places = np.stack([x.ravel(), y.ravel()], axis=-1)
    heaters = ThermalCrosstalk(positions=places, strength=0.05, half_wave_power=24.77e-3)
    wanted = rng.uniform(0, 2 * pi, len(places))
    power = heaters.heater_powers(wanted)
    found = np.zeros(len(places))
    for i, here in enumerate(places):
        for j, there in enumerate(places):
            share = 1.0 if i == j else 0.05 * np.exp(-np.hypot(*(here - there)) / 50e-6)
            found[i] += interferometer.heated_phase(share * power[j], 24.77e-3)
    wrapped = wanted + np.angle(np.exp(1j * (found - wanted)))
    error = max(
        float(np.max(np.abs(wrapped - wanted))),
        float(np.max(np.abs(heaters.phases(power) - found))),
        float(max(0.0, -power.min())),
    )
    return measured(
        np.arange(len(places)), wanted, wrapped, x="heater", y="phase / rad", error=error
    )


@case(
    name="mesh-heaters-compensated",
    title="A mesh behind heaters whose warmth is programmed around",
    formula="φ_i = (π/P_π)(P_i + Σ_j x₀ e^(−d_ij/d₀) P_j), U = diag(e^{i screen}) T_last ⋯ T_first",
    source=f"{JACQUES}; {CLEMENTS}",
    model="circuits.MeshHeaters.settle",
    tolerance=1e-12,
    why="rounding of a dozen steps of refinement and of 16 columns",
)
def heated_mesh() -> Measurement:
    """16 modes, 272 heaters 60 µm apart; their places and warmth are written out here."""
    rng = np.random.default_rng(15)
    wanted = unitary_group.rvs(16, random_state=rng)
    program = clements_decompose(wanted)
    fabrication = MeshFabrication(
        thermal_crosstalk=0.05, heater_spacing=60e-6, half_wave_power=10e-3, compensated=True
    )
    screen = program.screen[None]
    no_attenuators = np.full_like(screen, np.nan)
    asked = HeaterValues(program.theta[None], program.phi[None], screen, no_attenuators)
    power = fabrication.heaters(16, 16).settle(asked).powers
    real = _warmed(program, HeaterValues(*(part[0] for part in power)))
    made = interferometer.mesh_of_interferometers(_cells(real, 0.0, 0.0), real.screen)
    coldest = min(float(part.min()) for part in power)
    return measured(
        np.arange(256), wanted.real.ravel(), made.real.ravel(),
        x="element of a 16×16 unitary, row by row", y="real part",
        error=max(_distance(made, wanted), -coldest),
    )  # fmt: skip


def _warmed(program: MeshProgram, power: HeaterValues) -> MeshProgram:
    """The phases under 10 mW a half wave and 5 % of crosstalk over 50 µm, on a grid of 60 µm.

    φ and θ of column c stand at 2c and 2c + 1 along the light, behind all of them the screen.
    """
    theta, phi, screen = np.zeros_like(power.theta), np.zeros_like(power.phi), np.zeros(16)
    heaters: list[tuple[Reals, Reals, tuple[int, ...], int, int]] = [
        (screen, power.screen, (lane,), 2 * program.depth, lane) for lane in range(16)
    ]
    for column in range(program.depth):
        for mode in range(column % 2, 15, 2):
            cell = column, mode // 2
            heaters.append((phi, power.phi, cell, 2 * column, mode))
            heaters.append((theta, power.theta, cell, 2 * column + 1, mode))
    places = 60e-6 * np.array([heater[3:] for heater in heaters])
    heat = np.array([powers[at] for _, powers, at, *_ in heaters])
    for number, (phases, _, at, *_) in enumerate(heaters):
        share = 0.05 * np.exp(-np.hypot(*(places - places[number]).T) / 50e-6)
        share[number] = 1.0
        phases[at] = interferometer.heated_phase(share @ heat, 10e-3)
    return MeshProgram(theta=theta, phi=phi, screen=screen)
