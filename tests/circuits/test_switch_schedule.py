import numpy as np
import pytest

from circuits.switch_schedule import SwitchSchedule, lane_coefficients, named_order
from devices import FiberSwitch


def test_bank_order_is_t_mod_l_w_unless_given():
    assert SwitchSchedule(weight_sets=3, repetitions=7).banks.tolist() == [0, 1, 2, 0, 1, 2, 0]
    given = SwitchSchedule(weight_sets=2, repetitions=4, order=(0, 0, 1, 1))
    assert given.banks.tolist() == [0, 0, 1, 1]


def test_orders_have_names():
    def told(name, weight_sets=4, repetitions=12):
        banks = SwitchSchedule(weight_sets=weight_sets, repetitions=repetitions, order=name).banks
        return "".join(map(str, banks))

    assert told("cyclic") == "012301230123"
    assert told("blocks") == "000111222333"
    assert told("blocks", 3, 7) == "0001122"
    assert told("palindrome") == "012321012321"
    assert told("palindrome", 1, 3) == "000"
    shuffled = {told(f"random-{number}") for number in range(3)}
    assert len(shuffled) == 3
    assert {"".join(sorted(order)) for order in shuffled} == {"000111222333"}
    assert told("random-1") == told("random-1")
    for wrong in ("random", "random-x", "backwards"):
        with pytest.raises(ValueError, match="one of cyclic, blocks, palindrome, random-1"):
            named_order(wrong, 2, 2)


def test_gate_starts_from_what_it_really_transmits():
    # A gate too slow for its slots: c ← target + (c − target) e^{−T/τ} slot after slot.
    decay = 0.6
    switch = FiberSwitch(transient="gate", isolation_db=np.inf, time_constant=-1 / np.log(decay))
    schedule = SwitchSchedule(weight_sets=2, repetitions=5)
    path = schedule.sampled_coefficients(switch, slot_duration=1.0, samples=4)
    state = np.array([1.0, 0.0])
    for slot, bank in enumerate(schedule.banks):
        target = np.eye(2)[bank]
        state = target + (state - target) * (decay if slot else 0.0)
        # A handful of roundings of exp and products.
        np.testing.assert_allclose(path[slot, -1, :, 0], state, atol=1e-14)
    assert np.all(path[..., 1] == 0)


def test_interferometer_conserves_power_while_it_turns():
    switch = FiberSwitch(transient="mzi", isolation_db=np.inf, time_constant=0.05)
    path = SwitchSchedule(weight_sets=2, repetitions=2).sampled_coefficients(switch, 1.0, 40)
    # cos² + sin² to rounding: the first slot is settled, the second turns from bank 0 to 1.
    np.testing.assert_allclose(np.sum(path**2, axis=(2, 3)), 1.0, atol=1e-14)
    assert path[1, 0, 0, 0] > 0.5 > path[1, -1, 0, 0]


def test_interleaved_inferences_share_a_setting_and_its_transient_runs_on():
    switch = FiberSwitch(transient="gate", isolation_db=30.0, time_constant=0.7)
    one = SwitchSchedule(weight_sets=2, repetitions=3).sampled_coefficients(switch, 2.0, 8)
    two = SwitchSchedule(weight_sets=2, repetitions=3, interleaved=2)
    halves = two.sampled_coefficients(switch, 1.0, 4)
    # Two slots of half the length see the same switches at the same times.
    np.testing.assert_allclose(halves.reshape(one.shape), one, atol=1e-14)


def test_a_bank_used_twice_in_a_row_does_not_switch():
    switch = FiberSwitch(transient="mzi", isolation_db=20.0, time_constant=1.0)
    schedule = SwitchSchedule(weight_sets=2, repetitions=2, order=(1, 1))
    path = schedule.sampled_coefficients(switch, 1.0, 3)
    expected = np.broadcast_to(schedule.settled_coefficients(switch)[1], path.shape)
    np.testing.assert_array_equal(path, expected)


def test_leaks_have_the_isolation_and_the_phase_of_their_lane():
    switch = FiberSwitch(isolation_db=[[0, 20, 26], [20, 0, 26], [14, 20, 0]])
    schedule = SwitchSchedule(weight_sets=3, repetitions=3)
    phases = np.array([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]])
    c = lane_coefficients(schedule.slot_coefficients(switch), phases)[:, 0]
    assert c[0, 0] == pytest.approx([1, 1])
    # −26 dB of power is 0.0501 in amplitude, −14 dB 0.1995: 10^(−X/20), to rounding.
    assert c[0, 2] == pytest.approx(10 ** (-26 / 20) * np.exp(1j * phases[2]), rel=1e-14)
    assert c[2, 0] == pytest.approx(10 ** (-14 / 20) * np.exp(1j * phases[0]), rel=1e-14)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"weight_sets": 5, "repetitions": 4}, "weight_sets must be ≤ repetitions"),
        ({"weight_sets": 0, "repetitions": 4}, "weight_sets must be a whole number"),
        ({"weight_sets": 2, "repetitions": 2.5}, "repetitions must be a whole number"),
        ({"weight_sets": 2, "repetitions": 2, "interleaved": 0}, "interleaved must be"),
        ({"weight_sets": 2, "repetitions": 3, "order": (0, 1)}, "one bank for each of the 3"),
        ({"weight_sets": 2, "repetitions": 2, "order": (0, 2)}, r"banks 0 … 1; got \[2\]"),
        ({"weight_sets": 2, "repetitions": 2, "order": (0.5, 1)}, "order must be a list of banks"),
        ({"weight_sets": 2, "repetitions": 2, "order": "01"}, "order must be a list of banks"),
        ({"weight_sets": 2, "repetitions": 2, "order": 5}, "order must be a list of banks"),
    ],
)
def test_impossible_schedules_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        SwitchSchedule(**settings)
