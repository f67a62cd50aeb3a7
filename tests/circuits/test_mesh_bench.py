import numpy as np
import pytest

from circuits import MeshFabrication, SimulatedBench
from devices import MachZehnder
from tests import naive


def _chip(**fields):
    return MeshFabrication(splitter_error=0.1, phase_error=0.2, arm_loss_db=0.3, **fields).draw(
        2, 4, 4, seed=1
    )


def _phases(seed=0):
    rng = np.random.default_rng(seed)
    return *rng.uniform(0, 6, (2, 4, 2)), rng.uniform(0, 6, 4)


def _light(seed=1):
    return np.random.default_rng(seed).normal(size=(2, 4)).T @ [1, 1j]


def test_powers_of_a_mesh_with_and_without_a_local_oscillator():
    chip, (theta, phi, screen) = _chip(), _phases()
    bench = SimulatedBench.of_mesh(chip, 1)
    bench.program(theta, phi, screen)
    matrix = naive.mesh_matrix(
        theta + chip.theta[1], phi + chip.phi[1], screen + chip.screen[1],
        chip.alpha[1], chip.beta[1], 1.0, np.full((4, 2), chip.arm_transmission), "clements",
    )  # fmt: skip
    y = np.array(matrix) @ _light()
    powers = bench.powers(_light(), [0.0, 2.0, 1j])
    np.testing.assert_allclose(powers, np.abs([y, y + 2, y + 1j]) ** 2, rtol=1e-12)
    assert bench.readings == 12


def test_heaters_warm_each_other_on_the_bench_too():
    phases = _phases()
    plain, warm, around = (
        SimulatedBench.of_mesh(_chip(**fields), 0)
        for fields in ({}, {"thermal_crosstalk": 0.05},
                       {"thermal_crosstalk": 0.05, "compensated": True})
    )  # fmt: skip
    for bench in (plain, warm, around):
        bench.program(*phases)
    cold, hot, same = (bench.powers(_light(), 0.0) for bench in (plain, warm, around))
    assert np.max(np.abs(hot - cold)) > 1e-3
    np.testing.assert_allclose(same, cold, atol=1e-12)


def test_attenuators_are_bars_of_their_interferometers():
    chip, light = _chip(), _light()
    bench = SimulatedBench.of_attenuators(chip, 1)
    theta, phi = np.random.default_rng(2).uniform(0, 6, (2, 4))
    bench.program(theta, phi)
    alpha, beta, theta_error, phi_error = chip.attenuators[1]
    y = [
        MachZehnder(
            theta=theta[k] + theta_error[k], phi=phi[k] + phi_error[k], alpha=alpha[k], beta=beta[k]
        ).transfer_matrix()[0, 0]
        * light[k]
        for k in range(4)
    ]
    found = bench.powers(light, [0.0, 1.0])
    np.testing.assert_allclose(found, np.abs([y, np.array(y) + 1]) ** 2, rtol=1e-12)


def test_noise_has_its_size():
    bench = SimulatedBench.of_mesh(_chip(), 0, noise=1e-3, seed=5)
    bench.program(*_phases())
    powers = bench.powers(_light(), np.zeros(4000))
    # The standard deviation of n normals has standard error σ/√(2n): 4σ.
    np.testing.assert_allclose(powers.std(axis=0), 1e-3, rtol=4 / np.sqrt(8000))


def test_a_bench_is_programmed_before_it_is_read():
    bench = SimulatedBench.of_mesh(_chip(), 0)
    with pytest.raises(ValueError, match="must be set before light is read; call program first"):
        bench.powers(_light(), 0.0)
    bench.program(*_phases())
    with pytest.raises(ValueError, match=r"field must have shape \(N,\) = \(4,\); got \(3,\)"):
        bench.powers(np.ones(3), 0.0)
    with pytest.raises(ValueError, match="noise must be ≥ 0 and finite .* got -1"):
        SimulatedBench.of_mesh(_chip(), 0, noise=-1.0)
