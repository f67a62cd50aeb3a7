import numpy as np
import pytest

from circuits import MeshFabrication


def test_a_draw_has_the_tolerances_and_belongs_to_its_seed():
    fabrication = MeshFabrication(splitter_error=0.02, phase_error=0.05, arm_loss_db=0.5)
    one, again = (fabrication.draw(4, 32, 32, seed=3) for _ in range(2))
    np.testing.assert_array_equal(one.alpha, again.alpha)
    assert np.any(one.alpha != fabrication.draw(4, 32, 32, seed=4).alpha)
    for name, sigma in [("alpha", 0.02), ("beta", 0.02), ("theta", 0.05), ("screen", 0.05)]:
        values = getattr(one, name)
        # The standard deviation of n normals has standard error σ/√(2n): 4σ.
        assert values.std() == pytest.approx(sigma, rel=4 / np.sqrt(2 * values.size))
    assert one.arm_transmission == pytest.approx(10 ** (-0.05), rel=1e-15)


def test_exact_means_exact_up_to_uniform_loss():
    assert MeshFabrication(splitter_error=0.0, column_loss_db=0.3).exact
    assert not MeshFabrication(splitter_error=0.0, arm_loss_db=0.1).exact
    errors = MeshFabrication(splitter_error=0.0).draw(1, 4, 4, seed=0)
    assert not np.any(errors.alpha)
    assert not np.any(errors.phi)
    assert errors.arm_transmission == 1


def test_a_chip_knows_whether_it_is_corrected():
    assert MeshFabrication(corrected=True).draw(1, 4, 4, seed=0).corrected
    assert not MeshFabrication().draw(1, 4, 4, seed=0).corrected
    with pytest.raises(ValueError, match="corrected must be true or false; got 1"):
        MeshFabrication(corrected=1)
