import numpy as np
import pytest

from devices import CurrentSwitch
from validation import closed_forms


def test_isolation_is_a_ratio_of_currents():
    leak = CurrentSwitch(isolation_db=40.0).leakage_amplitudes(2)
    np.testing.assert_allclose(leak, [[1, 0.01], [0.01, 1]], rtol=1e-14)


def test_currents_leak_without_a_phase():
    phases = CurrentSwitch().draw_leakage_phases(3, 7, np.random.default_rng(0))
    np.testing.assert_array_equal(phases, np.zeros((3, 7)))


@pytest.mark.parametrize("time_constant", [0.0, 5e-11, 1e-9])
def test_all_samples_together_carry_the_injected_charge(time_constant):
    device = CurrentSwitch(injected_charge=2e-15, time_constant=time_constant)
    dt = 2e-11
    current = device.injected_current(dt * np.arange(2000), dt)
    # 2000 samples are 40 of the longest time constants: e^−40 is left.
    assert np.sum(current) * dt == pytest.approx(2e-15, rel=1e-12)


def test_injection_decays_with_the_switch():
    device = CurrentSwitch(injected_charge=1e-15, time_constant=1e-10)
    got = device.injected_current(np.array([0.0, 3e-10]), 1e-10)
    expected = (
        1e-15 / 1e-10 * np.exp([0.0, -3.0]) * closed_forms.receiver.low_pass_step(1e-10, 1e-10)
    )
    np.testing.assert_allclose(got, expected, rtol=1e-13)


def test_charge_error_of_a_slot():
    # 1 fC on 1 µA over 1 ns is as much as the signal itself.
    assert CurrentSwitch().charge_error(1e-6, 1e-9) == pytest.approx(1.0, rel=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: CurrentSwitch(injected_charge=np.inf), "injected_charge must be finite"),
        (lambda: CurrentSwitch().injected_current(0.0, 0.0), "duration must be > 0"),
        (lambda: CurrentSwitch().charge_error(0.0, 1e-9), "current must be > 0"),
        (lambda: CurrentSwitch().charge_error(1e-6, -1e-9), "slot_duration must be > 0"),
    ],
)
def test_what_makes_no_sense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
