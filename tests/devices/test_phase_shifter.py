from math import pi

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices import PhaseShifter
from validation import closed_forms


def test_transfer_turns_the_phase_forwards():
    # e^{-iωt}: a longer path is a positive phase.
    assert PhaseShifter(phase=pi / 2).transfer() == pytest.approx(1j, abs=1e-15)
    lossy = PhaseShifter(phase=[0.3, -2.0], insertion_loss_db=0.23).transfer()
    np.testing.assert_allclose(np.angle(lossy), [0.3, -2.0], rtol=1e-15)
    np.testing.assert_allclose(
        np.abs(lossy) ** 2, closed_forms.light.power_transmission(0.23), rtol=1e-15
    )


def test_reference_heater_burns_its_half_wave_power_at_pi():
    assert PhaseShifter(phase=pi).heater_power() == pytest.approx(24.77e-3, rel=1e-15)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.floats(-50.0, 50.0))
def test_heater_power_is_the_least_that_gives_the_phase(phase):
    shifter = PhaseShifter(phase=phase)
    power = shifter.heater_power()
    assert 0 <= power < 2 * shifter.half_wave_power
    reached = PhaseShifter.from_power(power)
    # Eight turns away, reducing the angle costs a few ulp of 50 rad.
    assert reached.transfer() == pytest.approx(shifter.transfer(), abs=1e-13)


def test_a_phase_just_below_zero_does_not_cost_a_whole_turn():
    assert PhaseShifter(phase=-1e-17).heater_power() == 0.0


def test_phase_at_power_is_linear_and_from_power_keeps_the_other_fields():
    assert PhaseShifter(half_wave_power=10e-3).phase_at_power(5e-3) == pytest.approx(pi / 2)
    shifter = PhaseShifter.from_power([0.0, 2e-3], half_wave_power=2e-3, time_constant=1e-5)
    np.testing.assert_allclose(shifter.phase, [0.0, pi])
    assert shifter.time_constant == 1e-5


def test_bandwidth_of_the_reference_heater_is_130_khz():
    # Harris et al. (2014) print 130 kHz; 1.2 µs gives 132.6.
    assert PhaseShifter().bandwidth == pytest.approx(130e3, rel=0.03)
    assert PhaseShifter(time_constant=0.0).bandwidth == np.inf


def test_step_response_follows_the_exponential_and_its_discrete_step():
    shifter = PhaseShifter(time_constant=2e-6)
    time = np.linspace(0, 10e-6, 11)
    expected = closed_forms.receiver.low_pass_step(time, 2e-6)
    np.testing.assert_allclose(shifter.step_response(time), expected, atol=1e-15)
    phase, stepped, p = 0.0, [0.0], shifter.pole(1e-6)
    for _ in range(10):
        phase = p * phase + (1 - p)
        stepped.append(phase)
    # Ten steps of two roundings each.
    np.testing.assert_allclose(stepped, expected, atol=1e-14)


def test_before_the_command_nothing_has_moved_and_an_instant_heater_is_there_at_once():
    assert PhaseShifter().step_response(-1e-9) == 0.0
    np.testing.assert_array_equal(
        PhaseShifter(time_constant=0.0).step_response(np.array([-1.0, 0.0, 1.0])), [0, 1, 1]
    )


def test_a_heater_cannot_cool():
    with pytest.raises(ValueError, match=r"power must be ≥ 0 and finite \(a heater only heats"):
        PhaseShifter.from_power(-1e-3)


@pytest.mark.parametrize(
    ("field", "value"),
    [("half_wave_power", 0.0), ("time_constant", -1e-6), ("insertion_loss_db", -1.0)],
)
def test_wrong_signs_are_refused(field, value):
    with pytest.raises(ValueError, match=rf"^{field} must be"):
        PhaseShifter(**{field: value})


def test_a_time_step_must_be_positive():
    with pytest.raises(ValueError, match=r"dt must be > 0 and finite \(a time step in s\); got 0"):
        PhaseShifter().pole(0.0)
