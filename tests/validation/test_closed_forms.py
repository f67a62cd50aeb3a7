"""The references themselves: independent of what they judge, and equal to printed numbers."""

import ast
from pathlib import Path

import numpy as np
import pytest

from validation import closed_forms


def test_references_import_nothing_that_they_judge():
    tree = ast.parse(Path(closed_forms.__file__).read_text(encoding="utf-8"))
    modules = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in (
            [node.module] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
        )
    }
    assert modules == {"math", "typing", "numpy"}


def test_interferometer_closed_form_is_unitary():
    rng = np.random.default_rng(0)
    matrix = closed_forms.mach_zehnder_matrix(*rng.normal(size=(4, 30)))
    product = matrix.conj().swapaxes(-1, -2) @ matrix
    np.testing.assert_allclose(product, np.broadcast_to(np.eye(2), (30, 2, 2)), atol=1e-14)


@pytest.mark.parametrize(
    ("got", "printed", "digits"),
    [
        (closed_forms.photon_energy(1.55e-6), 1.2816e-19, 1e-4),
        (closed_forms.ideal_responsivity(1.55e-6), 1.25, 1e-3),
        (closed_forms.thermal_noise_density(50, 300) ** 0.5, 18.2e-12, 2e-3),
        (closed_forms.shot_noise_density(1e-3) ** 0.5, 17.9e-12, 2e-3),
        (closed_forms.noise_bandwidth(5e9), 7.85e9, 1e-3),
        (closed_forms.gate_rise_time(1.0), 2.590, 2e-4),
        (closed_forms.gate_fall_time(1.0), 1.099, 4e-4),
        (closed_forms.sine_sqnr_db(8), 6.02 * 8 + 1.76, 1e-3),
        (closed_forms.switch_pair_leakage(4, 20, 20), 0.0173, 2e-3),
        (closed_forms.coherent_crosstalk_extremes(1e-4)[1], 1.02, 1e-3),  # −40 dB is ±2 %
        (closed_forms.incoherent_crosstalk_penalty_db(0.1), 0.4576, 1e-4),
        (closed_forms.coherent_crosstalk_penalty_db(1e-2), 0.9691, 1e-4),
        (closed_forms.power_transmission(3.0103), 0.5, 1e-5),
        (closed_forms.darkest_bar_power(0.02, 0.01), 9.0e-4, 1e-3),
        (closed_forms.darkest_cross_power(0.02, -0.01), 9.0e-4, 1e-3),
        (closed_forms.lossy_arm_extinction(0.81), 361.0, 1e-12),
        (closed_forms.splitter_error_of_mesh(33, 0.01), 0.08, 1e-12),
        (closed_forms.phase_error_of_mesh(64, 0.01), 0.08, 1e-12),
        (closed_forms.slot_memory(1e-9, 1e9), 1.867e-3, 1e-3),
        (closed_forms.symmetric_ring_weight_limit(0.995, 0.96), 0.8843, 1e-4),
        (closed_forms.symmetric_ring_weight_limit(0.98, 0.96), 0.6031, 1e-4),
        (closed_forms.ring_spectral_range(62.83e-6, 4.2), 1.1361e12, 1e-4),
        (closed_forms.ring_finesse(0.9), 29.80, 1e-3),
        (closed_forms.ring_thermal_drift(1.55e-6, 4.2, 1.86e-4), 68.6e-12, 1e-3),
    ],
)
def test_printed_numbers(got, printed, digits):
    assert float(got) == pytest.approx(printed, rel=digits)


def test_discrete_noise_bandwidth_tends_to_the_continuous_one():
    rates = np.array([64e9, 640e9, 6400e9])
    error = 1 - closed_forms.discrete_noise_bandwidth(5e9, rates) / closed_forms.noise_bandwidth(
        5e9
    )
    # Second order in the step: a hundredfold smaller for each tenfold rate, up to the fourth order,
    # which is 2 % of it at the coarsest rate.
    np.testing.assert_allclose(error[:-1] / error[1:], 100, rtol=0.03)
