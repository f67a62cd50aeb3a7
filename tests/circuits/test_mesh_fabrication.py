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
    warm = {"splitter_error": 0.0, "thermal_crosstalk": 0.02}
    assert not MeshFabrication(**warm).exact
    assert MeshFabrication(**warm, compensated=True).exact
    assert not MeshFabrication(**warm, compensated=True, heater_bits=8).exact
    errors = MeshFabrication(splitter_error=0.0).draw(1, 4, 4, seed=0)
    assert not np.any(errors.alpha)
    assert not np.any(errors.phi)
    assert errors.arm_transmission == 1


def test_a_chip_knows_whether_it_is_corrected():
    assert MeshFabrication(corrected=True).draw(1, 4, 4, seed=0).corrected
    assert not MeshFabrication().draw(1, 4, 4, seed=0).corrected
    with pytest.raises(ValueError, match="corrected must be true or false; got 1"):
        MeshFabrication(corrected=1)


def test_a_chip_has_the_heaters_of_its_fabrication():
    fabrication = MeshFabrication(thermal_crosstalk=0.02, half_wave_power=5e-3, heater_bits=6)
    heaters = fabrication.draw(2, 4, 4, seed=0).heaters
    assert heaters == fabrication.heaters(4, 4)
    assert heaters.thermal.half_wave_power == 5e-3
    assert heaters.thermal.strength == 0.02
    assert heaters.heater_bits == 6
    assert not heaters.compensated


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"compensated": "yes"}, "compensated must be true or false; got 'yes'"),
        ({"heater_bits": 6.5}, "heater_bits must be a whole number from 1 to 32, .* got 6.5"),
        ({"heater_bits": 0}, "heater_bits must be a whole number from 1 to 32, .* got 0"),
        ({"half_wave_power": 0.0}, "half_wave_power must be > 0 and finite; got 0"),
        ({"heater_spacing": -1e-6}, "heater_spacing must be ≥ 0 and finite; got -1e-06"),
        ({"thermal_crosstalk": 1.5}, "thermal_crosstalk 1.5 .*: strength must be in 0 … 1"),
        (
            {"thermal_crosstalk": 0.3, "heater_spacing": 10e-6},
            "thermal_crosstalk 0.3 over .* at heater_spacing 1e-05 m: the other heaters must warm",
        ),
    ],
)
def test_heaters_that_make_no_sense_are_refused(fields, message):
    with pytest.raises(ValueError, match=message):
        MeshFabrication(**fields).draw(1, 8, 8, seed=0)
