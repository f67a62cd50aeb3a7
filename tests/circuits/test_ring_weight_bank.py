from dataclasses import replace

import numpy as np
import pytest

from circuits import RingWeightBank
from circuits import ring_weight_bank_kernels as kernels
from devices import AddDropRing
from tests import naive

# Few enough linewidths to a spectral range that four channels feel one another.
WIDE = AddDropRing(input_self_coupling=0.9, drop_self_coupling=0.93, propagation_loss_db=3000.0)
PERFECT = {"tuning_error": 0.0, "resonance_scatter": 0.0}


def settings(banks, n, seed, scale=3.0):
    return scale * np.random.default_rng(seed).normal(size=(banks, n, n))


def oracle(bank, detuning):
    ring = bank.ring
    planes = [
        naive.ring_bank(
            rows, bank.spacing(len(rows)), ring.free_spectral_range, ring.round_trip_transmission,
            ring.input_self_coupling, ring.drop_self_coupling, bank.crosstalk,
        )
        for rows in detuning.tolist()
    ]  # fmt: skip
    return np.array(planes)


def critical():
    """A bank whose rings pass nothing on resonance: r₁ = r₂ a."""
    drop = AddDropRing(drop_self_coupling=0.95)
    a = drop.round_trip_transmission
    ring = AddDropRing(drop_self_coupling=0.95, input_self_coupling=0.95 * a)
    return RingWeightBank(ring=ring)


# One ring


def test_a_bank_of_one_ring_is_the_device():
    bank = RingWeightBank(ring=WIDE)
    for x in (0.0, 0.7, -12.0):
        ring = replace(WIDE, tuning=x * bank.half_linewidth)
        carrier = WIDE.resonance_frequency
        planes = bank.matrices(np.full((1, 1, 1), x))
        # The phase comes from a difference of 200 THz: 0.03 Hz of a linewidth of 80 GHz.
        assert planes[0, 0, 0, 0] == pytest.approx(ring.weight(carrier), abs=1e-11)


def test_without_loss_one_ring_keeps_all_power():
    ring = replace(WIDE, propagation_loss_db=0.0)
    for bank in (RingWeightBank(ring=ring), RingWeightBank(ring=ring, crosstalk=False)):
        planes = bank.matrices(np.linspace(-9, 9, 41).reshape(-1, 1, 1))
        np.testing.assert_allclose(planes[:, 1], 1.0, rtol=1e-14)


# Programming


def test_a_program_realises_the_matrices_with_the_smallest_gain():
    bank = RingWeightBank(crosstalk=False, **PERFECT)
    matrices = np.random.default_rng(0).normal(size=(3, 5, 5))
    program = bank.program(matrices)
    planes = bank.matrices(program.detuning)
    np.testing.assert_allclose(program.gain * planes[:, 0], matrices, atol=1e-11)
    low, high = bank.weight_limits
    assert program.gain == max(matrices.max() / high, matrices.min() / low)
    assert np.min(np.abs(program.detuning)) == 0.0


def test_nothing_to_program_needs_no_gain():
    bank = RingWeightBank(crosstalk=False)
    program = bank.program(np.zeros((1, 2, 2)))
    assert program.gain == 1.0
    np.testing.assert_allclose(bank.weights(program.detuning), 0.0, atol=1e-15)


def test_negative_matrices_only_are_limited_by_the_other_end():
    bank = RingWeightBank(ring=WIDE)
    program = bank.program(-np.ones((1, 2, 2)))
    assert program.gain == pytest.approx(-1 / bank.weight_limits[0], rel=1e-15)


def test_a_ring_without_positive_weights_is_refused():
    lossy = replace(WIDE, propagation_loss_db=40000.0)
    with pytest.raises(ValueError, match="the ring must reach weights of both signs"):
        RingWeightBank(ring=lossy).program(np.eye(2)[None])


def test_crosstalk_hardly_matters_on_a_wide_grid():
    bank = RingWeightBank(channel_spacing=None, **PERFECT)
    matrices = np.random.default_rng(1).uniform(-0.8, 0.8, size=(1, 4, 4))
    program = bank.program(matrices)
    got = program.gain * bank.matrices(program.detuning)[:, 0]
    # Neighbours 72 FWHM away: they drop 1/(1 + (2·72)²) = 5e-5, four of them, of two signs.
    np.testing.assert_allclose(got, matrices, atol=8e-4)
    assert np.abs(got - matrices).max() > 1e-5


# Matrices with crosstalk


@pytest.mark.parametrize("crosstalk", [True, False])
@pytest.mark.parametrize("spacing", [None, 2e11])
@pytest.mark.parametrize("ring", [WIDE, AddDropRing()])
def test_matrices_against_the_oracle(ring, spacing, crosstalk):
    bank = RingWeightBank(ring=ring, channel_spacing=spacing, crosstalk=crosstalk, **PERFECT)
    x = settings(2, 5, seed=2)
    # Fields against σ: (1 − R)² cancels to 1e-3 of itself at worst.
    np.testing.assert_allclose(bank.matrices(x), oracle(bank, x), rtol=0, atol=1e-12)


def test_no_power_is_made():
    bank = RingWeightBank(ring=replace(WIDE, propagation_loss_db=0.0))
    planes = bank.matrices(settings(3, 8, seed=3, scale=20.0))
    through, drop = (planes[:, 1] - planes[:, 0]) / 2, (planes[:, 1] + planes[:, 0]) / 2
    assert np.all(through >= 0)
    assert np.all(drop >= 0)
    # Without loss nothing is lost either: what each ring does not pass it drops.
    np.testing.assert_allclose(planes[:, 1], 1.0, atol=1e-14)
    lossy = RingWeightBank(ring=WIDE).matrices(settings(3, 8, seed=3, scale=20.0))
    assert np.all(lossy[:, 1] < 1)


def test_the_comb_closes_on_itself():
    """On the widest grid channel N − 1 is the neighbour of channel 0, one range further."""
    bank = RingWeightBank(ring=WIDE, **PERFECT)
    x = np.full((1, 6, 6), 40.0)  # off everything
    x[0, 0, 0], x[0, 1, 5] = -0.7, -0.7
    planes = bank.matrices(x)
    np.testing.assert_allclose(planes[0, :, 0, 5], planes[0, :, 1, 4], atol=1e-14)


def test_two_precisions_agree():
    bank = RingWeightBank(**PERFECT)
    x = settings(2, 48, seed=4).astype(np.float32)
    gradient = settings(4, 48, seed=5).reshape(2, 2, 48, 48).astype(np.float32)
    single = bank.matrices(x), bank.gradients(x, gradient)
    double = bank.matrices(x.astype(float)), bank.gradients(x.astype(float), gradient)
    assert single[0].dtype == single[1].dtype == np.float32
    # σ of a foreign ring is a difference of numbers up to 1/sin(FWHM_φ/4) = 180.
    np.testing.assert_allclose(single[0], double[0], atol=180 * 48 * 6e-8)
    np.testing.assert_allclose(single[1], double[1], atol=180 * 48 * 6e-8)


# Adjoint


@pytest.mark.parametrize("bank", [
    RingWeightBank(ring=WIDE, **PERFECT),
    RingWeightBank(ring=WIDE, crosstalk=False, **PERFECT),
    RingWeightBank(ring=WIDE, channel_spacing=1e11),
    critical(),
])  # fmt: skip
def test_gradients_against_finite_differences(bank):
    x = settings(2, 4, seed=6)
    x[0, 0] = 0.0  # on resonance: nothing passes where coupling is critical
    errors = bank.draw(2, 4, seed=1)
    gradient = np.random.default_rng(7).normal(size=(2, 2, 4, 4))
    got = bank.gradients(x, gradient, errors)
    step = 1e-5
    for index in np.ndindex(x.shape):
        shift = np.zeros_like(x)
        shift[index] = step
        change = bank.matrices(x + shift, errors) - bank.matrices(x - shift, errors)
        # Rounding 1e-15/h; truncation h² times third derivatives of order ten.
        assert got[index] == pytest.approx(np.sum(gradient * change) / (2 * step), abs=2e-9)


def test_a_ring_that_passes_nothing_has_a_gradient():
    """At critical coupling T_p = 0 on resonance: no division by what passes."""
    bank = critical()
    assert bank.through_floor < 1e-25
    x = np.zeros((1, 3, 3))
    gradient = np.ones((1, 2, 3, 3))
    planes = bank.matrices(x)
    # Channel 2 meets its own ring last, behind two others' wings only; nothing of it passes.
    np.testing.assert_allclose(planes[0, 0], planes[0, 1], atol=1e-15)
    got = bank.gradients(x, gradient)
    assert np.all(np.isfinite(got))
    step = 1e-4
    x[0, 0, 0] = step
    change = bank.matrices(x)[0].sum() - planes[0].sum()
    curvature = 5.0  # second order: T_d falls as x²
    assert got[0, 0, 0] == pytest.approx(change / step, abs=curvature * step)


def test_a_wide_bank_goes_through_tiles_and_threads(monkeypatch):
    """More channels than one tile; on threads exactly as without."""
    bank = RingWeightBank(**PERFECT)
    n = kernels.WIDTH + 3
    x = settings(1, n, seed=8)
    gradient = np.random.default_rng(9).normal(size=(1, 2, n, n))
    planes, slopes = bank.matrices(x), bank.gradients(x, gradient)
    direction = np.random.default_rng(10).normal(size=x.shape)
    step = 1e-6
    change = bank.matrices(x + step * direction) - bank.matrices(x - step * direction)
    expected = np.sum(gradient * change) / (2 * step)
    assert np.sum(slopes * direction) == pytest.approx(expected, rel=1e-7)
    monkeypatch.setattr("circuits.ring_weight_bank._WORTH_THREADS", 0)
    np.testing.assert_array_equal(bank.matrices(x), planes)
    np.testing.assert_array_equal(bank.gradients(x, gradient), slopes)


def test_kernels_as_plain_python():
    bank = RingWeightBank(ring=WIDE, **PERFECT)
    x = settings(2, 3, seed=11)
    tables = bank.tables(x)
    planes, gradient = np.empty((2, 2, 3, 3)), settings(4, 3, seed=12).reshape(2, 2, 3, 3)
    kernels.pass_rows.py_func(*tables, planes)
    np.testing.assert_allclose(planes, bank.matrices(x), rtol=0, atol=1e-15)
    slopes = np.empty((6, 3))
    kernels.row_gradients.py_func(*tables, gradient, slopes)
    expected = bank.gradients(x, gradient)
    quarter = bank.linewidth_phase / 4
    np.testing.assert_allclose(slopes.reshape(2, 3, 3) * quarter, expected, atol=1e-14)


# Chips, heaters, drift


def test_a_draw_has_the_tolerances_and_belongs_to_its_seed():
    bank = RingWeightBank(tuning_error=4e7, resonance_scatter=3e10)
    one, again = (bank.draw(4, 16, seed=3) for _ in range(2))
    np.testing.assert_array_equal(one.detuning, again.detuning)
    assert np.any(one.offset != bank.draw(4, 16, seed=4).offset)
    # The standard deviation of n normals has standard error σ/√(2n): 4σ.
    spread = {"rel": 4 / np.sqrt(2 * 4 * 16 * 16)}
    assert one.detuning.std() * bank.half_linewidth == pytest.approx(4e7, **spread)
    assert one.offset.std() == pytest.approx(3e10, **spread)


def test_calibration_leaves_its_error_and_no_scatter():
    bank = RingWeightBank(ring=WIDE)
    x = settings(2, 4, seed=13)
    errors = bank.draw(2, 4, seed=0)
    np.testing.assert_array_equal(bank.matrices(x, errors), bank.matrices(x + errors.detuning))


def test_default_precision_is_about_eight_and_a_half_bits():
    bank = RingWeightBank()
    errors = bank.draw(1, 64, seed=0).detuning
    x = np.full_like(errors, 1 / np.sqrt(3))  # the steepest place of a Lorentzian
    spread = (bank.weights(x + errors) - bank.weights(x)).std()
    low, high = bank.weight_limits
    assert np.log2((high - low) / spread) == pytest.approx(8.5, abs=0.5)


def test_heaters_only_lower_and_wrap_at_a_spectral_range():
    bank = RingWeightBank(**PERFECT)
    range_power = bank.ring.free_spectral_range_power
    half_range = bank.ring.finesse  # in half-linewidths
    x = np.array([-0.5 * half_range, 0.0, 0.5 * half_range, -1e-14]).reshape(-1, 1, 1)
    powers = bank.heater_powers(x).ravel()
    # Half a range is finesse/2 linewidths; up by a quarter is down by three.
    np.testing.assert_allclose(powers[:3], np.array([0.25, 0.0, 0.75]) * range_power, rtol=1e-12)
    assert 0 <= powers[3] < range_power


def test_heater_powers_are_those_of_the_device_as_fabricated():
    bank = RingWeightBank()
    x, errors = settings(1, 4, seed=14), bank.draw(1, 4, seed=2)
    shift = x * bank.half_linewidth - errors.offset
    expected = replace(bank.ring, tuning=shift).heater_power()
    np.testing.assert_allclose(bank.heater_powers(x, errors), expected, rtol=1e-12)
    assert not np.allclose(expected, bank.heater_powers(x))


def test_quantised_heaters_step_over_a_spectral_range():
    bank = RingWeightBank(ring=WIDE, heater_bits=6, **PERFECT)
    x = settings(1, 8, seed=15, scale=10.0)
    step = 2 * WIDE.finesse / 64  # in half-linewidths
    settled = bank.settled(x)
    np.testing.assert_allclose(settled / step, np.round(x / step), atol=1e-12)
    codes = bank.heater_powers(x) / WIDE.free_spectral_range_power * 64
    np.testing.assert_allclose(codes, np.round(codes), atol=1e-12)
    assert codes.max() < 64


def test_quantised_heaters_start_where_the_rings_were_fabricated():
    bank = RingWeightBank(ring=WIDE, heater_bits=6, tuning_error=0.0)
    x, errors = settings(1, 8, seed=16), bank.draw(1, 8, seed=3)
    settled = bank.settled(x, errors)
    step = 2 * WIDE.finesse / 64
    assert np.abs(settled - x).max() <= step / 2 * (1 + 1e-12)
    down = (errors.offset / bank.half_linewidth - settled) / step
    np.testing.assert_allclose(down, np.round(down), atol=1e-9)
    gradient = np.ones((1, 2, 8, 8))
    fine = replace(bank, heater_bits=None)
    np.testing.assert_allclose(
        bank.gradients(x, gradient, errors), fine.gradients(settled, gradient), atol=1e-12
    )


def test_warmth_moves_all_rings_together():
    """About 9 GHz a kelvin down, λ (dn/dT)/n_g = 69 pm (Bogaerts et al. (2012))."""
    ring = replace(RingWeightBank().ring, temperature_change=0.1)
    bank = RingWeightBank(ring=ring, **PERFECT)
    cold = RingWeightBank(**PERFECT)
    assert not bank.exact
    assert bank.drift == pytest.approx(-0.857e9, rel=1e-3)
    x = settings(1, 3, seed=17)
    expected = cold.matrices(x + bank.drift / bank.half_linewidth)
    np.testing.assert_allclose(bank.matrices(x), expected, atol=1e-14)


def test_exact_means_that_rings_settle_where_they_are_told():
    bank = RingWeightBank(tuning_error=0.0)
    assert bank.exact
    assert not RingWeightBank().exact
    assert not replace(bank, heater_bits=12).exact
    x = settings(1, 3, seed=18)
    np.testing.assert_array_equal(bank.settled(x, bank.draw(1, 3, seed=0)), x)


# Refusals


@pytest.mark.parametrize(("fields", "message"), [
    ({"channel_spacing": -1e9}, "channel_spacing must be > 0 Hz; got -1e.09"),
    ({"channel_spacing": "wide"}, "channel_spacing must be a finite number in Hz; got 'wide'"),
    ({"tuning_error": -1.0}, "tuning_error must be ≥ 0 .a standard deviation in Hz.; got -1"),
    ({"ring": replace(WIDE, temperature_change=1e300)}, "less than the frequency of light"),
    ({"tuning_error": 1e300}, "tuning_error must be at most the free spectral range of 2"),
    ({"resonance_scatter": np.inf}, "resonance_scatter must be a finite number in Hz; got inf"),
    ({"crosstalk": 1}, "crosstalk must be true or false"),
    ({"heater_bits": 0}, "heater_bits must be a whole number from 1 to 52"),
    ({"heater_bits": 8.0}, "heater_bits must be a whole number from 1 to 52"),
])  # fmt: skip
def test_fields_are_refused_with_the_reason(fields, message):
    with pytest.raises(ValueError, match=message):
        RingWeightBank(**fields)


def test_channels_must_fit_into_a_spectral_range():
    bank = RingWeightBank(channel_spacing=1e11)
    assert bank.spacing(22) == 1e11
    with pytest.raises(ValueError, match=r"channel_spacing must be ≤ FSR/N = 9\.8\d*e\+10 Hz for"):
        bank.matrices(np.zeros((1, 23, 23)))
    whole = RingWeightBank(channel_spacing=bank.ring.free_spectral_range / 3)
    assert whole.matrices(np.zeros((1, 3, 3))).shape == (1, 2, 3, 3)


def test_arrays_of_another_shape_or_kind_are_refused():
    bank = RingWeightBank()
    x = np.zeros((2, 3, 3))
    with pytest.raises(ValueError, match=r"detuning must have the shape \(K, N, N\)"):
        bank.matrices(x[0])
    with pytest.raises(ValueError, match="detuning must be float32 or float64; got int64"):
        bank.matrices(x.astype(int))
    with pytest.raises(ValueError, match=r"gradient must have the shape \(K, 2, N, N\) = \(2, 2"):
        bank.gradients(x, np.zeros((2, 3, 3)))
    with pytest.raises(ValueError, match=r"errors must be those of as many rings .*\(2, 3, 3\)"):
        bank.matrices(x, bank.draw(1, 3, seed=0))
