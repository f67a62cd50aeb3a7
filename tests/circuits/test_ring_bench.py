"""The bench against the bank that it plays, and against the loop oracle."""

from dataclasses import replace

import numpy as np
import pytest

from circuits import RingBench, RingWeightBank
from devices import AddDropRing
from tests import naive

# Few enough linewidths to a spectral range that four channels feel one another.
WIDE = AddDropRing(input_self_coupling=0.9, drop_self_coupling=0.93, propagation_loss_db=3000.0)


def bench(rings, shape=(2, 4, 4), **noise):
    rng = np.random.default_rng(5)
    offset = rng.normal(size=shape) * float(rings.ring.free_spectral_range) / 3
    return RingBench(rings, offset, **noise), offset, rng.uniform(0, 1, size=shape)


def test_what_is_read_is_what_rings_at_their_places_do():
    rings = RingWeightBank(ring=WIDE)
    chip, offset, turns = bench(rings)
    spectral_range = float(WIDE.free_spectral_range)
    x = (offset - turns * spectral_range) / rings.half_linewidth
    expected = [
        naive.ring_bank(
            rows, rings.spacing(4), spectral_range, WIDE.round_trip_transmission, 0.9, 0.93, True
        )[0]
        for rows in x.tolist()
    ]
    np.testing.assert_allclose(chip.read(turns), expected, atol=1e-12)
    assert chip.readings == turns.size


@pytest.mark.parametrize("crosstalk", [True, False])
@pytest.mark.parametrize("ring", [0, 2, 3])
def test_a_sweep_reads_what_setting_every_point_would(crosstalk, ring):
    chip, _, turns = bench(RingWeightBank(ring=WIDE, crosstalk=crosstalk, heater_bits=9))
    points = np.linspace(0, 1, 7)[:, None, None]
    swept = chip.sweep(turns, ring, points)
    assert chip.readings == 7 * 2 * 4
    for point, values in zip(points.ravel(), swept, strict=True):
        turns[..., ring] = point
        np.testing.assert_allclose(values, chip.read(turns)[..., ring], atol=1e-13)


def test_heaters_step_and_repeat():
    chip, _, turns = bench(RingWeightBank(ring=WIDE, heater_bits=5))
    applied = chip.applied(turns + 3.0)
    np.testing.assert_array_equal(applied * 32, np.round(applied * 32))
    assert np.max(np.abs(np.mod(applied - turns + 0.5, 1) - 0.5)) <= 1 / 64
    assert chip.applied(np.array(-1e-20)) == 0.0
    np.testing.assert_array_equal(chip.read(turns), chip.read(applied))


def test_drift_and_tuning_error_are_not_the_benchs_affair():
    warm = RingWeightBank(ring=replace(WIDE, temperature_change=5.0), tuning_error=1e9)
    for rings in (warm, RingWeightBank(ring=WIDE)):
        chip, _, turns = bench(rings)
        found = chip.read(turns)
    np.testing.assert_array_equal(found, bench(warm)[0].read(turns))


def test_readings_are_as_noisy_as_said_and_seeded():
    quiet, _, turns = bench(RingWeightBank(ring=WIDE), shape=(8, 24, 24))
    noisy = [bench(RingWeightBank(ring=WIDE), (8, 24, 24), reading_noise=0.02)[0] for _ in range(2)]
    reads = [chip.read(turns) for chip in noisy]
    np.testing.assert_array_equal(*reads)
    off = reads[0] - quiet.read(turns)
    # 4,608 readings: a standard deviation to 1 % (one sigma), the mean to 0.0003.
    assert np.std(off) == pytest.approx(0.02, rel=0.04)
    assert abs(np.mean(off)) < 4 * 0.02 / np.sqrt(off.size)
    assert np.std(noisy[0].read(turns) - reads[0]) > 0.02


@pytest.mark.parametrize("noise", [-1e-3, 0.2, np.nan])
def test_noise_out_of_range_is_refused(noise):
    with pytest.raises(ValueError, match=r"reading_noise must be within 0 … 0\.1"):
        bench(RingWeightBank(ring=WIDE), reading_noise=noise)


def test_channels_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="channel_spacing must be ≤ FSR/N"):
        bench(RingWeightBank(ring=WIDE, channel_spacing=5e11))
