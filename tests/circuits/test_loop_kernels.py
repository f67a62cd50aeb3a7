import numpy as np
import pytest

from circuits import loop_kernels


@pytest.mark.parametrize("wanted", [1, 2])
@pytest.mark.parametrize("quadratures", [1, 2])
@pytest.mark.parametrize("compiled", [True, False])
def test_combined_banks_are_the_sum_of_their_variants(quadratures, wanted, compiled):
    rng = np.random.default_rng(2)
    banks, n, fields = 3, 4, 2
    matrices = rng.normal(size=(banks, quadratures, n, n))
    phase_in, phase_out = rng.uniform(0, 2 * np.pi, size=(2, banks, n))
    combination = rng.normal(size=(fields, banks, 4))
    combination[0, 1] = 0.0
    phasors = [np.stack([np.cos(p), np.sin(p)], axis=1) for p in (phase_in, phase_out)]
    combined = np.full((fields, wanted, n, n), np.nan)
    run = loop_kernels.combine_banks
    run = run if compiled else run.py_func
    run(matrices, *phasors, combination, combined)

    weights = matrices[:, 0] + (1j * matrices[:, 1] if quadratures == 2 else 0)
    z, o = np.exp(1j * phase_in), np.exp(1j * phase_out)
    expected = np.zeros((fields, n, n), complex)
    for p in range(fields):
        for k in range(banks):
            bare = weights[k]
            for v, variant in enumerate(
                [bare, bare * z[k], o[k][:, None] * bare, o[k][:, None] * bare * z[k]]
            ):
                expected[p] += combination[p, k, v] * variant
    np.testing.assert_allclose(combined[:, 0], expected.real, atol=1e-13)
    if wanted == 2:
        np.testing.assert_allclose(combined[:, 1], expected.imag, atol=1e-13)

    # ⟨g, combine(W)⟩ = ⟨combine†(g), W⟩ for a map that is linear over the reals.
    gradient = rng.normal(size=combined.shape)
    back = np.full_like(matrices, np.nan)
    run = loop_kernels.combine_banks_adjoint
    run = run if compiled else run.py_func
    run(gradient, *phasors, combination, back)
    assert np.sum(gradient * combined) == pytest.approx(np.sum(back * matrices), rel=1e-12)


@pytest.mark.parametrize("compiled", [True, False])
def test_detection_is_the_quadratic_form(compiled):
    rng = np.random.default_rng(3)
    field = rng.normal(size=(2, 3, 2, 5))
    share, linear, quadratic = rng.normal(size=(3, 3))
    light, y = rng.normal(size=(2, 5)), rng.normal(size=(2, 5))
    total = field + share[:, None, None] * light
    expected = 0.3 * y + np.einsum("r,bri->bi", linear, total[:, :, 0])
    expected += np.einsum("r,brqi->bi", quadratic, total**2)
    run = loop_kernels.detect_slot
    (run if compiled else run.py_func)(field, share, light, linear, quadratic, 0.3, y)
    np.testing.assert_allclose(y, expected, rtol=1e-13)
    np.testing.assert_allclose(field, total, rtol=1e-15)


@pytest.mark.parametrize(
    "detection", [loop_kernels.SQUARE_LAW, loop_kernels.HOMODYNE, loop_kernels.BALANCED]
)
@pytest.mark.parametrize("rho", [0.0, 0.4])
def test_uncompiled_stepping_equals_compiled(detection, rho):
    rng = np.random.default_rng(4)
    batch, samples, fields, n = 2, 3, 2, 3
    field = rng.normal(size=(batch, 1, fields, 2, n))
    common = (
        rng.normal(size=(samples, fields)), rng.normal(size=(2, n)), detection,
        np.array([rho, 1.3, 0.02, 0.01]), False, 0.6, np.full(samples, 0.4), np.full(samples, 0.8),
        1, 2, 3, 1, 4,
    )  # fmt: skip
    outcomes = []
    for run, back in [
        (loop_kernels.step_slot, loop_kernels.step_slot_adjoint),
        (loop_kernels.step_slot.py_func, loop_kernels.step_slot_adjoint.py_func),
    ]:
        y, trace = np.full((batch, n), 0.1), np.empty((batch, samples, n))
        run(field, *common, np.empty((batch, 3, n)), y, trace)
        g_y, g_field, g_light = np.ones((batch, n)), np.empty_like(field), np.empty((batch, 2, n))
        g_levels = np.zeros((batch, 4))
        back(
            field, *common, np.empty((batch, 3, n)), trace.copy(), g_y, g_field, g_light, g_levels
        )  # fmt: skip
        outcomes.append((y, trace, g_y, g_field, g_light, g_levels))
    for one, other in zip(*outcomes, strict=True):
        # Compiled sums may be reordered: rounding only.
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-14)
