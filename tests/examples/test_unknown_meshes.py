from examples.unknown_meshes import rows


def test_self_configuration_costs_what_correction_costs():
    (row,) = rows({6: 8}, (0.02,))
    n, sigma, naive, law, corrected, own, *_ = map(float, row[:-1])
    assert (n, sigma) == (6, 0.02)
    # The scatter of 8 · 30 squares: 4·√(2/240)/2, and what is still higher order in σ.
    assert abs(naive / law - 1) < 0.2
    assert own <= 1.1 * corrected + 1e-12 < 0.05 * naive
