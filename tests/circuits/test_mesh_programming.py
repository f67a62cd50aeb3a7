import numpy as np
import pytest

from circuits import MeshFabrication, program_processors
from circuits.mesh_programming import METHODS


def _weights(banks=2, n=6, seed=0):
    return np.random.default_rng(seed).normal(size=(banks, n, n))


def _chip(banks=2, n=6, seed=3, **fields):
    return MeshFabrication(**fields).draw(2 * banks, n, n, seed)


@pytest.mark.parametrize("method", METHODS)
def test_a_perfect_chip_makes_what_is_wanted(method):
    weights = _weights() + 1j * _weights(seed=1)
    made = program_processors(weights, _chip(splitter_error=0.0), method)
    # Rounding of a singular value decomposition and two meshes; where an attenuator is read, that
    # of the power t² near t = 1 moves θ by √ε and t by ε, near t = 0 t by √ε.
    rounding = 1e-9 if method == "self-configured" else 1e-13
    np.testing.assert_allclose(made.matrices, weights, atol=rounding)
    np.testing.assert_allclose(made.error, 0.0, atol=rounding)
    np.testing.assert_allclose(made.overlap, 1.0, atol=1e-13)
    np.testing.assert_allclose(made.mesh_error, 0.0, atol=1e-13)
    assert made.gain == pytest.approx(np.linalg.svd(weights)[1].max(), rel=1e-14)


def test_correction_makes_an_imperfect_chip_exact_up_to_the_floors():
    weights, chip = _weights(seed=2), _chip(splitter_error=0.01)
    # More gain than needed keeps the attenuators off their ceilings.
    gain = 1.1 * np.linalg.svd(weights)[1].max()
    naive, corrected = (
        program_processors(weights, chip, method, gain=gain) for method in ("naive", "corrected")
    )
    # σ√(2(N−1)) a mesh (PHYSICS §2), within the scatter of 60 squares: 4·√(2/60)/2.
    assert np.sqrt(np.mean(naive.mesh_error**2)) == pytest.approx(0.01 * np.sqrt(10), rel=0.4)
    assert np.all(naive.error > 0.01)
    np.testing.assert_allclose(corrected.mesh_error, 0.0, atol=1e-13)
    np.testing.assert_allclose(corrected.error, 0.0, atol=1e-13)


def test_self_configuration_finds_errors_that_nobody_knows():
    weights, chip = _weights(seed=2), _chip(splitter_error=0.01, phase_error=0.2)
    gain = 1.1 * np.linalg.svd(weights)[1].max()
    naive, corrected, own = (
        program_processors(weights, chip, method, gain=gain) for method in METHODS
    )
    # Correction knows splitters, not phases.
    assert np.all(naive.error > 0.1)
    assert np.all(corrected.error > 0.1)
    np.testing.assert_allclose(own.mesh_error, 0.0, atol=1e-13)
    np.testing.assert_allclose(own.error, 0.0, atol=1e-9)
    # 15 cells with four settings and six middle phases a mesh, three sweeps and a field of six
    # attenuators; three powers for a field; six outputs.
    assert own.readings == 2 * (2 * (15 * 4 + 6) * 3 + 3 + 3) * 6
    assert naive.readings == corrected.readings == 0


def test_self_configuration_takes_up_warmth_that_nobody_programs_around():
    """What is set by nulling is set among heaters that are warm; few of them change later."""
    weights, chip = _weights(), _chip(splitter_error=0.01, thermal_crosstalk=0.02)
    corrected, own = (
        program_processors(weights, chip, method) for method in ("corrected", "self-configured")
    )
    assert np.all(corrected.mesh_error > 0.05)
    assert np.all(own.mesh_error < 0.5 * corrected.mesh_error)


def test_noisy_readings_are_those_of_their_seed():
    weights, chip = _weights(), _chip(splitter_error=0.01)
    one, again, other = (
        program_processors(weights, chip, "self-configured", noise=1e-4, seed=seed).error
        for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(one, again)
    assert np.all(one != other)


def test_fidelities_by_hand():
    weights = np.array([np.diag([3.0, 4.0]), np.zeros((2, 2))])
    made = program_processors(weights, _chip(n=2, splitter_error=0.1), "naive")
    for k in range(2):
        found, wanted = made.matrices[k].ravel(), weights[k].ravel()
        size, other = np.sum(np.abs(wanted) ** 2), np.sum(np.abs(found) ** 2)
        missed = np.sum(np.abs(found - wanted) ** 2)
        assert made.error[k] == pytest.approx(np.sqrt(missed / (size or 1.0)), rel=1e-12)
        overlap = abs(np.vdot(wanted, found)) ** 2 / ((size or 1.0) * other)
        assert made.overlap[k] == pytest.approx(overlap, rel=1e-12)
    assert 0 < made.error[1] < made.gain  # the floors of closed attenuators


def test_heater_powers_are_those_of_the_phases():
    chip = _chip(half_wave_power=10e-3)
    made = program_processors(_weights(), chip, "corrected")
    turns = made.phi[1, 0] % (2 * np.pi)
    used = np.zeros(turns.shape, bool)
    for column in range(6):
        used[column, : (6 - column % 2) // 2] = True
    np.testing.assert_allclose(
        made.powers.phi[2], np.where(used, turns * 10e-3 / np.pi, 0.0), atol=1e-15
    )
    attenuator_phi = -made.attenuator[1] / 2 - np.pi / 2
    turns = (made.screen[1, 1] + attenuator_phi) % (2 * np.pi)
    np.testing.assert_allclose(made.powers.screen[3], turns * 10e-3 / np.pi, atol=1e-15)
    np.testing.assert_allclose(
        made.powers.attenuators[1::2], made.attenuator * 10e-3 / np.pi, atol=1e-15
    )


def test_crosstalk_is_felt_and_programmed_around():
    weights = _weights()
    warm = {"splitter_error": 0.0, "thermal_crosstalk": 0.02}
    felt = program_processors(weights, _chip(**warm), "naive")
    around = program_processors(weights, _chip(**warm, compensated=True), "naive")
    assert np.all(felt.error > 1e-3)
    np.testing.assert_allclose(around.error, 0.0, atol=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: program_processors(np.eye(4), _chip()), r"shape \(L, N, N\) .* got \(4, 4\)"),
        (
            lambda: program_processors(_weights(3), _chip()),
            r"chip must have 2L = 6 meshes of 6 modes; got \(4, 6\)",
        ),
        (
            lambda: program_processors(_weights(), _chip(), "guessed"),
            "method must be one of naive, corrected.*; got 'guessed'",
        ),
        (
            lambda: program_processors(_weights(), _chip(), gain=0.5),
            "gain must be at least the largest singular value .* got 0.5",
        ),
        (lambda: program_processors(_weights() * np.nan, _chip()), "matrix must be finite"),
    ],
)
def test_what_cannot_be_programmed_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
