"""Poles of tables: found where they were put, about any carrier, passive, with honest errors."""

import numpy as np
import pytest

from circuits.component_compositions import add_drop_ring
from circuits.pole_model import PoleModel
from circuits.s_parameters import SParameters
from circuits.vector_fit import FitError, fit

MIDDLE = 193.4e12


def ring_table(half_band, n):
    light = np.linspace(MIDDLE - half_band, MIDDLE + half_band, n)
    ring = add_drop_ring()
    return SParameters(frequency=light, matrix=ring.scattering(light), ports=ring.ports)


def random_model(seed=0, reciprocal=True):
    """Two complex poles on one side of the carrier, well inside what is passive."""
    rng = np.random.default_rng(seed)
    residues = rng.normal(size=(2, 2, 2)) + 1j * rng.normal(size=(2, 2, 2))
    constant = rng.normal(size=(2, 2)) + 1j * rng.normal(size=(2, 2))
    if reciprocal:
        residues, constant = residues + residues.swapaxes(1, 2), constant + constant.T
    return PoleModel(
        ports=("a", "b"),
        reference_frequency=MIDDLE,
        poles=np.array([-2e10 + 1.5e11j, -5e10 + 3e11j]),
        residues=2e9 * residues,
        constant=0.1 * constant,
    )


def table_of(model, light):
    return SParameters(frequency=light, matrix=model.scattering(light), ports=model.ports)


@pytest.mark.parametrize("reciprocal", [True, False])
@pytest.mark.parametrize("n", [200, 201])
def test_poles_without_conjugates_are_found_again(n, reciprocal):
    model = random_model(reciprocal=reciprocal)
    light = np.linspace(MIDDLE - 1e11, MIDDLE + 1e11, n)
    found = fit(table_of(model, light), tolerance=1e-7)
    assert found.reference_frequency == MIDDLE
    # The table is exactly rational: what is left is the conditioning of the fit.
    order = np.argsort(found.poles.imag)
    np.testing.assert_allclose(found.poles[order], model.poles, rtol=1e-6)
    np.testing.assert_allclose(found.residues[order], model.residues, atol=1e3)
    np.testing.assert_allclose(found.constant, model.constant, atol=1e-7)


def test_samples_that_are_not_mirrored():
    model = random_model()
    light = 299792458.0 / np.linspace(
        299792458.0 / (MIDDLE + 1e11), 299792458.0 / (MIDDLE - 1e11), 901
    )
    light = light[::-1] if light[0] > light[-1] else light
    found = fit(table_of(model, light), tolerance=1e-4)
    # Errors are measured at the samples themselves, whatever was interpolated for the fit.
    error = np.abs(found.scattering(light) - model.scattering(light))
    assert found.max_error == pytest.approx(np.max(error), rel=1e-6)
    assert found.rms_error == pytest.approx(np.sqrt(np.mean(error**2)), rel=1e-6)


def test_a_ring_between_its_samples_and_about_another_carrier():
    table = ring_table(1e11, 201)
    model = fit(table, tolerance=1e-4)
    assert model.max_error < 1e-4
    assert np.all(model.poles.real < 0)
    between = table.frequency[:-1] + 0.37 * np.diff(table.frequency)
    exact = add_drop_ring().scattering(between)
    # A passive model of few poles cannot swing between samples: no worse than at them.
    assert np.max(np.abs(model.scattering(between) - exact)) < 2e-4
    moved = model.with_carrier(193.37e12)
    assert moved.reference_frequency == 193.37e12
    np.testing.assert_allclose(moved.scattering(between), model.scattering(between), atol=1e-12)


def test_no_gain_at_any_frequency():
    model = fit(ring_table(4e11, 202), tolerance=1e-3)
    assert model.max_error < 1e-3
    far = np.linspace(MIDDLE - 5e12, MIDDLE + 5e12, 40001)
    near = np.linspace(*model.band, 4001)
    for light in (far, near):
        gains = np.linalg.norm(model.scattering(light), ord=2, axis=(1, 2))
        assert np.max(gains) <= 1.0 + 1e-12


def test_worst_gain_is_that_of_a_fine_search():
    model = random_model(5)
    light = np.linspace(MIDDLE - 2e11, MIDDLE + 2e11, 400001)
    gains = np.linalg.norm(model.scattering(light), ord=2, axis=(1, 2))
    worst = model.worst_gain
    # The search has steps of 1e-4 of a line's width, and a maximum is flat.
    assert worst.gain == pytest.approx(np.max(gains), rel=1e-7)
    assert worst.frequency == pytest.approx(light[np.argmax(gains)], abs=1e8)


def test_states_are_the_same_matrix_with_no_state_too_many():
    model = random_model()
    thin = PoleModel(
        ports=model.ports,
        reference_frequency=MIDDLE,
        poles=model.poles,
        residues=np.array([np.outer([1, 2j], [3, 4]), [[1, 2], [3, 4]]]) * 1e9,
        constant=model.constant,
    )
    states = thin.states()
    assert len(states.poles) == 3  # ranks one and two
    light = np.array([193.38e12, 193.43e12])
    for value, nu in zip(thin.scattering(light), light, strict=True):
        resolvent = np.diag(1 / (-2j * np.pi * (nu - MIDDLE) - states.poles))
        np.testing.assert_allclose(
            states.out @ resolvent @ states.into + states.direct, value, rtol=1e-12
        )


def test_the_states_ring_as_the_model_says():
    """A tone e^{-iΩt} through dx/dt = p x + a comes out as S(Ω)."""
    model = random_model()
    states, omega, dt = model.states(), 1.1e11, 1e-13
    x = np.zeros(len(states.poles), dtype=complex)
    decay = np.exp(states.poles * dt)
    tone = states.into @ np.array([1.0, 0.5])
    for step in range(8000):  # 16 lifetimes
        drive = np.exp(-1j * omega * step * dt)
        # Exact for a tone within the step.
        kept = (np.exp(-1j * omega * dt) - decay) / (-1j * omega - states.poles)
        x = decay * x + kept * tone * drive
    field = (states.out @ x) / np.exp(-1j * omega * 8000 * dt) + states.direct @ [1.0, 0.5]
    expected = model.scattering([MIDDLE + omega / (2 * np.pi)])[0] @ [1.0, 0.5]
    np.testing.assert_allclose(field, expected, atol=1e-6)  # e^{-16} is 1e-7


def test_a_fit_that_is_too_poor_is_refused_with_its_figures():
    with pytest.raises(
        FitError, match="poles leave errors of S of .* above the tolerance of 1e-06"
    ):
        fit(ring_table(1e12, 101), poles=2, tolerance=1e-6)


def test_gain_is_refused_or_kept():
    table = ring_table(1e11, 101)
    loud = SParameters(frequency=table.frequency, matrix=2 * table.matrix, ports=table.ports)
    with pytest.raises(ValueError, match="have gain: a singular value of 1.99.* passive=False"):
        fit(loud)
    model = fit(loud, passive=False)
    assert model.max_error < 1e-3
    assert model.worst_gain.gain > 1.9


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"tolerance": 0.0}, "tolerance must be between 0 and 1"),
        ({"poles": 0}, "poles must be between 1 and 512"),
    ],
)
def test_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        fit(ring_table(1e11, 11), **arguments)


def test_too_few_samples_and_poles_that_grow():
    with pytest.raises(ValueError, match="needs at least 4 samples; got 3"):
        fit(ring_table(1e11, 3))
    with pytest.raises(ValueError, match="poles must have negative real parts"):
        PoleModel(
            ports=("a",),
            reference_frequency=MIDDLE,
            poles=np.array([1e9 + 0j]),
            residues=np.ones((1, 1, 1)),
            constant=np.ones((1, 1)),
        )
