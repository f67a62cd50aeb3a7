from dataclasses import replace

import numpy as np
import pytest

from circuits.ring_weight import RingWeight
from devices import AddDropRing, RingDynamics

WIDE = AddDropRing(input_self_coupling=0.9, drop_self_coupling=0.93, propagation_loss_db=3000.0)


@pytest.mark.parametrize("ring", [RingWeight().ring, WIDE, AddDropRing()])
def test_weights_of_rings_alone_are_those_of_the_device(ring):
    alone = RingWeight(ring=ring)
    x = np.linspace(-1.5, 1.5, 201) * ring.finesse
    through = np.abs(ring.through_at_phase(-x * ring.linewidth_phase / 2)) ** 2
    drop = np.abs(ring.drop_at_phase(-x * ring.linewidth_phase / 2)) ** 2
    # The device's 1 − R e^{iφ} cancels to 1 − R ≥ 0.01, squared.
    np.testing.assert_allclose(alone.weights(x), drop - through, rtol=0, atol=1e-12)
    np.testing.assert_allclose(alone.weights(x), alone.weights(-x), rtol=0, atol=0)
    np.testing.assert_allclose(alone.weight_limits, ring.weight_limits, rtol=1e-11)


def test_a_narrow_line_is_a_lorentzian_in_half_linewidths():
    alone = RingWeight()
    x = np.linspace(-5, 5, 101)
    low, high = alone.weight_limits
    assert alone.weights(np.zeros(1))[0] == pytest.approx(high, abs=1e-14)
    lorentzian = (1 + high) / (1 + x**2) - 1
    # sin y = y(1 − y²/6) at y = x FWHM_φ/4 ≤ 0.028.
    np.testing.assert_allclose(alone.weights(x), lorentzian, atol=1e-4)
    assert low == pytest.approx(-1, abs=1e-4)


def test_slope_is_the_derivative_of_the_weight():
    alone = RingWeight(ring=WIDE)
    x, h = np.linspace(-20, 20, 81), 1e-5
    central = (alone.weights(x + h) - alone.weights(x - h)) / (2 * h)
    # Rounding 1e-16/h, truncation h² times a third derivative of order one.
    np.testing.assert_allclose(alone.weight_slope(x), central, atol=1e-10)


@pytest.mark.parametrize("ring", [RingWeight().ring, WIDE])
def test_settings_are_recovered_from_their_weights(ring):
    alone = RingWeight(ring=ring)
    low, high = alone.weight_limits
    w = np.linspace(low, high, 101)
    x = alone.detuning_for(w)
    np.testing.assert_allclose(alone.weights(x), w, rtol=0, atol=1e-12)
    assert np.all(x >= 0)
    assert x[-1] == 0.0
    # Half a spectral range; the weight is flat there, so half the digits.
    assert x[0] == pytest.approx(ring.finesse, rel=1e-6)


def test_single_precision_settings_are_recovered_too():
    alone = RingWeight()
    w = np.linspace(*alone.weight_limits, 51).astype(np.float32)
    x = alone.detuning_for(w)
    assert x.dtype == np.float32
    # x² = (w_max − w)/(1 + w) carries 6e-8 of w, times 2 at most on the way back.
    np.testing.assert_allclose(alone.weights(x), w, atol=3e-7)


@pytest.mark.parametrize("weight", [0.9, -1.01, np.nan])
def test_a_weight_beyond_the_limits_is_refused(weight):
    with pytest.raises(ValueError, match=r"weights must be within weight_limits, -0\.99.* got "):
        RingWeight().detuning_for(np.array([0.1, weight]))


def test_light_lives_as_long_as_in_the_device():
    alone = RingWeight()
    assert alone.lifetime == pytest.approx(2 * RingDynamics(ring=alone.ring).photon_lifetime)
    # FWHM = 1/(π τ) for narrow lines, to (1 − R)²/8.
    assert alone.lifetime * 2 * np.pi * alone.half_linewidth == pytest.approx(1, rel=2e-5)


def test_drift_is_that_of_the_resonance():
    ring = replace(WIDE, resonance_offset=2e9, tuning=-5e9)
    # A difference of 200 THz, to 0.03 Hz.
    assert RingWeight(ring=ring).drift == pytest.approx(-3e9, abs=0.1)
    assert RingWeight().drift == 0


@pytest.mark.parametrize(("ring", "message"), [
    (3.0, "ring must be an AddDropRing .a weight needs its drop port.; got 3.0"),
    (AddDropRing(propagation_loss_db=[1.0, 2.0]), "got arrays in propagation_loss_db"),
    (AddDropRing(input_self_coupling=0.1), "must be above 3 - 2√2"),
])  # fmt: skip
def test_other_rings_are_refused_with_the_reason(ring, message):
    with pytest.raises(ValueError, match=message):
        RingWeight(ring=ring)
