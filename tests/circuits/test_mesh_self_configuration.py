from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import unitary_group

from circuits import (
    HeaterValues,
    MachZehnderMesh,
    MeshFabrication,
    SimulatedBench,
    calibrate_attenuators,
    clements_decompose,
    correct_program,
    self_configure,
    unreachable_splits,
)
from devices import MachZehnder


class _Sealed:
    """A bench of which nothing but the protocol can be reached: the chip is in closures."""

    __slots__ = ("n", "powers", "program")

    def __init__(self, bench):
        self.n = bench.n
        self.program = lambda *phases: bench.program(*(phase.copy() for phase in phases))
        self.powers = lambda field, references: bench.powers(field, references)


def _chip(n, seed=0, **fields):
    return MeshFabrication(**fields).draw(1, n, n, seed)


def _distance(program, chip, unitary):
    """‖ΔU‖_F/√N of what a chip makes of a program."""
    mesh = MachZehnderMesh(n=program.n, alpha=chip.alpha[0], beta=chip.beta[0])
    matrix = mesh.matrix(
        program.theta + chip.theta[0], program.phi + chip.phi[0], program.screen + chip.screen[0]
    )
    return np.linalg.norm(matrix - unitary) / np.sqrt(program.n)


@pytest.mark.parametrize("n", [2, 3, 4, 5, 8, 13, 16])
def test_unknown_splitters_and_phases_are_found(n):
    """Splitters within the floors, phases off by 0.3 rad."""
    chip = _chip(n, seed=n, splitter_error=0.003, phase_error=0.3)
    unitary = unitary_group.rvs(n, random_state=n)
    program = clements_decompose(unitary)
    assert not np.any(unreachable_splits(program, chip.alpha[0], chip.beta[0]))
    found = self_configure(unitary, _Sealed(SimulatedBench.of_mesh(chip, 0)))
    # Rounding of N columns, over the light that arrives through N of them in the middle.
    assert _distance(found, chip, unitary) < 1e-13
    assert _distance(program, chip, unitary) > 0.1


def _special(n):
    grid = np.arange(n)
    rng = np.random.default_rng(1)
    return {
        "identity": np.eye(n),
        "permutation": np.eye(n)[rng.permutation(n)],
        "fourier": np.exp(2j * np.pi * np.outer(grid, grid) / n) / np.sqrt(n),
        "orthogonal": np.linalg.qr(rng.normal(size=(n, n)))[0],
    }


@pytest.mark.parametrize("name", _special(2))
def test_a_perfect_mesh_is_found_to_be_perfect(name):
    """Zeros and symmetries, splits at the very end of what there is."""
    unitary = _special(7)[name]
    chip = _chip(7, splitter_error=0.0)
    found = self_configure(unitary, _Sealed(SimulatedBench.of_mesh(chip, 0)))
    # At its ends the arc cosine of a split turns rounding ε into √ε, at each of 7 columns.
    assert _distance(found, chip, unitary) < 1e-6


def test_splits_beyond_the_floors_cost_what_they_cost_where_errors_are_known():
    n, scatter = 16, 0.05
    own, known, clamped = [], [], 0
    for seed in range(12):
        chip = _chip(n, seed, splitter_error=scatter)
        unitary = unitary_group.rvs(n, random_state=seed)
        program = clements_decompose(unitary)
        errors = chip.alpha[0], chip.beta[0]
        clamped += np.sum(unreachable_splits(program, *errors))
        own.append(
            _distance(self_configure(unitary, SimulatedBench.of_mesh(chip, 0)), chip, unitary)
        )
        known.append(_distance(correct_program(program, *errors), chip, unitary))
    assert clamped > 12
    # Chip by chip the same splits are missed, by other ways around them.
    np.testing.assert_allclose(own, known, rtol=0.35, atol=1e-13)
    assert np.mean(np.square(own)) < 1.02 * np.mean(np.square(known))


def test_readings_may_be_noisy():
    n, noise = 8, 1e-5
    unitary = unitary_group.rvs(n, random_state=4)
    chip = _chip(n, splitter_error=0.003, phase_error=0.1)
    errors = [
        _distance(
            self_configure(unitary, SimulatedBench.of_mesh(chip, 0, noise=size, seed=seed)),
            chip, unitary,
        )
        for size in (noise, 10 * noise) for seed in range(6)
    ]  # fmt: skip
    fine, coarse = np.sqrt(np.mean(np.square(errors).reshape(2, 6), axis=1))
    # A field is known to √(2/3) of the noise, two of every setting to less; N phases of each mode
    # add up: √N of it within a factor of two, and ten times the noise is ten times the error.
    assert noise < fine < 2 * np.sqrt(2 / 3 * n) * noise
    assert coarse / fine == pytest.approx(10, rel=0.5)


def test_converters_cost_what_they_round():
    """12 bits: σ_φ√N of phases off by 2π/2^12/√12 (PHYSICS §2)."""
    n, bits = 8, 12
    law = 2 * np.pi / 2**bits / np.sqrt(12) * np.sqrt(n)
    errors = []
    for seed in range(6):
        chip = _chip(n, seed, splitter_error=0.003, heater_bits=bits)
        unitary = unitary_group.rvs(n, random_state=seed)
        wanted = self_configure(unitary, SimulatedBench.of_mesh(chip, 0))
        none = np.full((1, n), np.nan)
        real = chip.heaters.phases(
            HeaterValues(wanted.theta[None], wanted.phi[None], wanted.screen[None], none)
        )
        made = replace(wanted, theta=real.theta[0], phi=real.phi[0], screen=real.screen[0])
        errors.append(_distance(made, chip, unitary))
    assert 0.5 * law < np.sqrt(np.mean(np.square(errors))) < 1.7 * law


def test_powers_are_set_without_turning_more_than_needed():
    chip = _chip(6, splitter_error=0.003)
    unitary = unitary_group.rvs(6, random_state=6)
    found = self_configure(unitary, SimulatedBench.of_mesh(chip, 0))
    known = correct_program(clements_decompose(unitary), chip.alpha[0], chip.beta[0])
    # The arc cosine of a split is as sharp as the split is far from its ends.
    np.testing.assert_allclose(found.theta, known.theta, atol=1e-9)
    for phases in (found.theta, found.phi, found.screen):
        assert np.all((phases >= 0) & (phases < 2 * np.pi))


def test_attenuators_pass_what_they_shall():
    n = 16
    chip = _chip(n, splitter_error=0.05, phase_error=0.3)
    wanted = np.linspace(0, 1, n)
    theta, phase = calibrate_attenuators(wanted, _Sealed(SimulatedBench.of_attenuators(chip, 0)))
    alpha, beta, theta_error, phi_error = chip.attenuators[0]
    bar = MachZehnder(
        theta=theta + theta_error, phi=-theta / 2 - np.pi / 2 + phi_error, alpha=alpha, beta=beta
    ).transfer_matrix()[..., 0, 0]
    floor, ceiling = np.abs(np.sin(alpha + beta)), np.cos(alpha - beta)
    # A power near zero is known to 1e-16, its root to 1e-8.
    np.testing.assert_allclose(
        bar * np.exp(-1j * phase), np.clip(wanted, floor, ceiling), atol=1e-7
    )
    assert np.any(wanted < floor)
    assert np.any(wanted > ceiling)


def test_a_mesh_of_other_size_is_refused():
    bench = SimulatedBench.of_mesh(_chip(4), 0)
    with pytest.raises(ValueError, match="must be of the 4 modes of the mesh on the bench; got 3"):
        self_configure(np.eye(3), bench)
    with pytest.raises(ValueError, match="unitary must satisfy"):
        self_configure(2 * np.eye(4), bench)


def test_a_bench_without_light_leaves_phases_that_are_numbers():
    class Dark:
        n = 3

        def program(self, theta, phi, screen):
            assert np.isfinite(theta).all()
            assert np.isfinite(phi).all()

        def powers(self, field, references):
            return np.zeros((len(references), self.n))

    found = self_configure(np.eye(3), Dark())
    assert np.isfinite([*found.theta.flat, *found.phi.flat, *found.screen]).all()
