"""The references themselves: independent of what they judge, and equal to printed numbers."""

import ast
from pathlib import Path

import numpy as np
import pytest

from validation import closed_forms


def test_references_import_nothing_that_they_judge():
    files = sorted(Path(closed_forms.__file__).parent.glob("*.py"))
    assert len(files) >= 9
    modules = {
        ".".join(name.split(".")[:2])
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in (
            [node.module] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
        )
    }
    assert modules == {"math", "typing", "numpy", "numpy.typing", "validation.closed_forms"}


def test_interferometer_closed_form_is_unitary():
    rng = np.random.default_rng(0)
    matrix = closed_forms.interferometer.mach_zehnder_matrix(*rng.normal(size=(4, 30)))
    product = matrix.conj().swapaxes(-1, -2) @ matrix
    np.testing.assert_allclose(product, np.broadcast_to(np.eye(2), (30, 2, 2)), atol=1e-14)


@pytest.mark.parametrize(
    ("got", "printed", "digits"),
    [
        (closed_forms.light.photon_energy(1.55e-6), 1.2816e-19, 1e-4),
        (closed_forms.receiver.ideal_responsivity(1.55e-6), 1.25, 1e-3),
        (closed_forms.receiver.thermal_noise_density(50, 300) ** 0.5, 18.2e-12, 2e-3),
        (closed_forms.receiver.shot_noise_density(1e-3) ** 0.5, 17.9e-12, 2e-3),
        (closed_forms.receiver.noise_bandwidth(5e9), 7.85e9, 1e-3),
        (closed_forms.switch.gate_rise_time(1.0), 2.590, 2e-4),
        (closed_forms.switch.gate_fall_time(1.0), 1.099, 4e-4),
        (closed_forms.receiver.sine_sqnr_db(8), 6.02 * 8 + 1.76, 1e-3),
        (closed_forms.switch.switch_pair_leakage(4, 20, 20), 0.0173, 2e-3),
        (closed_forms.switch.coherent_crosstalk_extremes(1e-4)[1], 1.02, 1e-3),  # −40 dB is ±2 %
        (closed_forms.switch.incoherent_crosstalk_penalty_db(0.1), 0.4576, 1e-4),
        (closed_forms.switch.coherent_crosstalk_penalty_db(1e-2), 0.9691, 1e-4),
        (closed_forms.light.power_transmission(3.0103), 0.5, 1e-5),
        (closed_forms.interferometer.darkest_bar_power(0.02, 0.01), 9.0e-4, 1e-3),
        (closed_forms.interferometer.darkest_cross_power(0.02, -0.01), 9.0e-4, 1e-3),
        (closed_forms.interferometer.lossy_arm_extinction(0.81), 361.0, 1e-12),
        (closed_forms.interferometer.splitter_error_of_mesh(33, 0.01), 0.08, 1e-12),
        (closed_forms.interferometer.phase_error_of_mesh(64, 0.01), 0.08, 1e-12),
        (closed_forms.interferometer.cross_share(0.0), 0.5, 1e-15),
        (closed_forms.interferometer.brightest_bar_power(0.02, -0.01), 1 - 9.0e-4, 1e-6),
        (closed_forms.interferometer.interferometers_of_unitary(64), 2016, 1e-15),
        (closed_forms.interferometer.triangle_depth(64), 125, 1e-15),
        # N(N²−1)σ²/3 = 34.9 at N = 64, σ = 0.02, less the next order of 8 %
        (closed_forms.interferometer.clamped_cells_of_mesh(64, 0.02), 34.9, 0.09),
        (closed_forms.interferometer.clamped_cells_of_mesh(64, 2e-4), 34.9e-4, 3e-3),
        (closed_forms.interferometer.corrected_error_of_mesh(64, 0.02), 0.0209, 1e-3),
        (closed_forms.interferometer.heated_phase(24.77e-3, 24.77e-3), 3.14159265, 1e-8),
        (closed_forms.receiver.slot_memory(1e-9, 1e9), 1.867e-3, 1e-3),
        (closed_forms.ring.symmetric_ring_weight_limit(0.995, 0.96), 0.8843, 1e-4),
        (closed_forms.ring.symmetric_ring_weight_limit(0.98, 0.96), 0.6031, 1e-4),
        (closed_forms.ring.ring_spectral_range(62.83e-6, 4.2), 1.1361e12, 1e-4),
        (closed_forms.ring.ring_finesse(0.9), 29.80, 1e-3),
        (closed_forms.crossbar.tunnel_magnetoresistance(1.5, 0.5, 0.5), 0.75, 1e-12),
        (
            closed_forms.amplifier.amplifier_noise_factor(1.0, 1e6),
            2.0,
            1e-5,
        ),  # the 3 dB of the textbooks
        (closed_forms.light.dispersion_of(-21.7e-27, 1.55e-6), 17e-6, 3e-3),
        (closed_forms.light.gaussian_broadening(1.0, 1e-24, 1e-12), 2**0.5, 1e-12),
        (closed_forms.ring.soref_bennett_index(1e17), -4.3e-4, 0.05),
        (closed_forms.ring.ring_thermal_drift(1.55e-6, 4.2, 1.86e-4), 68.6e-12, 1e-3),
    ],
)
def test_printed_numbers(got, printed, digits):
    assert float(got) == pytest.approx(printed, rel=digits)


def test_a_mesh_run_backwards_is_the_transposed_mesh():
    """Of any 2×2 parts: (AB)ᵀ = BᵀAᵀ."""
    rng = np.random.default_rng(1)
    modes = [0, 2, 1, 0, 2]
    parts = rng.normal(size=(5, 2, 2)) + 1j * rng.normal(size=(5, 2, 2))
    cells, screen = list(zip(modes, parts, strict=True)), rng.normal(size=4)
    forwards = closed_forms.interferometer.mesh_of_interferometers(cells, screen)
    backwards = closed_forms.interferometer.mesh_run_backwards(cells, screen)
    np.testing.assert_allclose(backwards, forwards.T, rtol=1e-12)


def test_powers_of_a_heater_pair_give_back_the_phases():
    first, second = closed_forms.interferometer.heater_pair_powers(2.0, 5.0, 20e-3, 0.3)
    there = closed_forms.interferometer.heated_phase(
        np.array([first + 0.3 * second, second + 0.3 * first]), 20e-3
    )
    np.testing.assert_allclose(there, [2.0, 5.0], rtol=1e-14)


def test_discrete_noise_bandwidth_tends_to_the_continuous_one():
    rates = np.array([64e9, 640e9, 6400e9])
    error = 1 - closed_forms.receiver.discrete_noise_bandwidth(
        5e9, rates
    ) / closed_forms.receiver.noise_bandwidth(5e9)
    # Second order in the step: a hundredfold smaller for each tenfold rate, up to the fourth order,
    # which is 2 % of it at the coarsest rate.
    np.testing.assert_allclose(error[:-1] / error[1:], 100, rtol=0.03)


@pytest.mark.parametrize(("n", "shunt", "series"), [(1, 0.3, 2.0), (7, 1e-3, 1.5), (64, 2e-4, 1.0)])
def test_ladder_obeys_kirchhoff_node_by_node(n, shunt, series):
    matrix, source = np.zeros((n, n)), np.zeros(n)
    for i in range(n):
        matrix[i, i] = shunt + (2 if i < n - 1 else 1) / series
        if i:
            matrix[i, i - 1] = matrix[i - 1, i] = -1 / series
    source[0] = 1 / series
    expected = np.linalg.solve(matrix, source)
    np.testing.assert_allclose(
        closed_forms.crossbar.ladder_voltages(n, shunt, series), expected, rtol=1e-12
    )


def test_dispersed_gaussian_solves_the_equation_of_dispersion():
    """∂A/∂z = −(i β₂/2) ∂²A/∂t², the sign of fields e^{-iωt}; central differences."""
    time = np.linspace(-3e-12, 3e-12, 7)
    curvature, width, h, dz = 2e-24, 1e-12, 1e-15, 1e-3

    def field(t, z):
        return closed_forms.light.dispersed_gaussian(t, z, curvature, width)

    bend = (field(time + h, 0.5) - 2 * field(time, 0.5) + field(time - h, 0.5)) / h**2
    slope = (field(time, 0.5 + dz) - field(time, 0.5 - dz)) / (2 * dz)
    # Rounding 1e-16/h² against 1/T₀² leaves 1e-10; the differences err by (h/T₀)² and (dz/1 m)².
    np.testing.assert_allclose(slope, -0.5j * curvature * bend, rtol=1e-4)
