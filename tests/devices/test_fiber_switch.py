from math import pi

import numpy as np
import pytest

from devices import FiberSwitch
from validation import closed_forms

FAMILIES = [("gate", "exponential"), ("mzi", "exponential"), ("mzi", "raised_cosine")]


def switch(family, **fields):
    transient, edge = family
    return FiberSwitch(transient=transient, edge=edge, **fields)


# Static


def test_transmission_of_the_selected_path():
    got = FiberSwitch(insertion_loss_db=[0.0, 3.0, 20.0]).transmission
    np.testing.assert_allclose(
        got**2, closed_forms.light.power_transmission([0.0, 3.0, 20.0]), rtol=1e-15
    )


def test_one_isolation_holds_for_every_port():
    got = FiberSwitch(isolation_db=20).leakage_amplitudes(3)
    np.testing.assert_allclose(got, [[1, 0.1, 0.1], [0.1, 1, 0.1], [0.1, 0.1, 1]], rtol=1e-15)


def test_one_isolation_per_leaking_port_fills_its_column():
    got = FiberSwitch(isolation_db=[20, 40, np.inf]).leakage_amplitudes(3)
    np.testing.assert_allclose(got, [[1, 0.01, 0], [0.1, 1, 0], [0.1, 0.01, 1]], rtol=1e-15)


def test_a_full_matrix_is_read_as_selected_then_leaking_with_its_diagonal_ignored():
    given = [[np.nan, 20, 40], [60, -3, 20], [np.inf, 40, 99]]
    got = FiberSwitch(isolation_db=given).leakage_amplitudes(3)
    np.testing.assert_allclose(got, [[1, 0.1, 0.01], [1e-3, 1, 0.1], [0, 0.01, 1]], rtol=1e-15)


def test_a_single_port_has_nothing_to_leak_to():
    np.testing.assert_array_equal(FiberSwitch().leakage_amplitudes(1), [[1.0]])


@pytest.mark.parametrize("isolation", [[20, 30], [[0, 20], [20, 0]]])
def test_isolation_for_another_number_of_ports_is_refused(isolation):
    device = FiberSwitch(isolation_db=isolation)
    with pytest.raises(ValueError, match=r"isolation_db must fit 4 ports .*Write one number"):
        device.leakage_amplitudes(4)


def test_a_switch_without_ports_is_refused():
    with pytest.raises(ValueError, match="n_ports must be at least 1"):
        FiberSwitch().leakage_amplitudes(0)


def test_isolation_of_the_wrong_sign_says_what_to_write():
    with pytest.raises(
        ValueError, match=r"isolation_db must be ≥ 0 or inf .*got -25\. .*write isolation_db=25\."
    ):
        FiberSwitch(isolation_db=-25)
    with pytest.raises(ValueError, match=r"got -20 at index \(1, 0\)"):
        FiberSwitch(isolation_db=[[0, 20], [-20, 0]])


@pytest.mark.parametrize("shape", [(2, 3), (2, 2, 2)])
def test_isolation_of_no_sensible_shape_is_refused(shape):
    with pytest.raises(ValueError, match=r"K×K as \[selected, leaking\] .*got shape"):
        FiberSwitch(isolation_db=np.full(shape, 20.0))


# Phases


def test_phases_are_uniform_and_belong_to_the_generator():
    device = FiberSwitch()
    phases = device.draw_leakage_phases(50, 400, np.random.default_rng(1))
    assert phases.shape == (50, 400)
    assert phases.min() >= 0
    assert phases.max() < 2 * pi
    # Mean of e^{iϑ} over n draws: each part has standard deviation 1/√(2n); 4σ.
    mean = np.exp(1j * phases).mean()
    assert max(abs(mean.real), abs(mean.imag)) < 4 / np.sqrt(2 * phases.size)
    again = device.draw_leakage_phases(50, 400, np.random.default_rng(1))
    np.testing.assert_array_equal(phases, again)


def test_coherent_leak_swings_the_power_between_the_known_extremes():
    isolation_db, n = 20.0, 40_000
    device = FiberSwitch(isolation_db=isolation_db)
    ratio = 10 ** (-isolation_db / 10)
    phases = device.draw_leakage_phases(2, n, np.random.default_rng(7))
    power = np.abs(1 + device.leakage_amplitudes(2)[0, 1] * np.exp(1j * phases[1])) ** 2
    low, high = closed_forms.switch.coherent_crosstalk_extremes(ratio)
    # The arcsine law piles up at its ends: n draws come within (π/2n)² of them.
    assert power.min() == pytest.approx(low, rel=1e-6)
    assert power.max() == pytest.approx(high, rel=1e-6)
    # Fourth central moment 6ε²: the sample variance has standard deviation √2·ε/√n; 4σ.
    variance = closed_forms.switch.coherent_crosstalk_variance(ratio)
    assert abs(power.var() - variance) < 4 * np.sqrt(2 / n) * ratio


def test_leakage_through_a_pair_of_switches_onto_random_unitary_banks():
    n_banks, n, draws, rng = 4, 16, 200, np.random.default_rng(3)
    front, back = FiberSwitch(isolation_db=20.0), FiberSwitch(isolation_db=15.0)
    c_in, c_out = (s.leakage_amplitudes(n_banks)[0] for s in (front, back))
    error = 0.0
    for _ in range(draws):
        noise = rng.normal(size=(2, n_banks, n, n))
        banks = np.linalg.qr(noise[0] + 1j * noise[1])[0]
        turn_in = np.exp(1j * front.draw_leakage_phases(n_banks, n, rng))
        turn_out = np.exp(1j * back.draw_leakage_phases(n_banks, n, rng))
        leaked = sum(
            c_out[k] * c_in[k] * turn_out[k][:, None] * banks[k] * turn_in[k]
            for k in range(1, n_banks)
        )
        error += np.linalg.norm(leaked) ** 2 / n / draws
    expected = closed_forms.switch.switch_pair_leakage(n_banks, 20.0, 15.0)
    # Cross terms of random phases average away as 1/√(draws·n) ≈ 2 %.
    assert np.sqrt(error) == pytest.approx(float(expected), rel=0.03)


# Transients


def test_gate_relaxes_both_amplitudes():
    time = np.array([-1.0, 0.0, 0.5, 2.0])
    new, old = switch(FAMILIES[0], time_constant=0.5).transient_weights(time)
    np.testing.assert_allclose(new, [0, 0, 1 - np.exp(-1), 1 - np.exp(-4)], atol=1e-15)
    np.testing.assert_allclose(old, [1, 1, np.exp(-1), np.exp(-4)], atol=1e-15)


def test_interferometer_turns_its_drive_angle():
    time = np.array([0.0, 0.3, 1.0])
    new, old = switch(FAMILIES[1], time_constant=0.5).transient_weights(time)
    angle = pi / 2 * closed_forms.receiver.low_pass_step(time, 0.5)
    np.testing.assert_allclose(new, np.sin(angle), atol=1e-15)
    np.testing.assert_allclose(old, np.cos(angle), atol=1e-15)
    new, old = switch(FAMILIES[2], time_constant=2.0).transient_weights(time)
    angle = pi / 2 * 0.5 * (1 - np.cos(pi * time / 2.0))
    np.testing.assert_allclose(new, np.sin(angle), atol=1e-15)
    np.testing.assert_allclose(old, np.cos(angle), atol=1e-15)


@pytest.mark.parametrize("family", FAMILIES[1:])
def test_interferometer_conserves_power_throughout(family):
    time = np.linspace(-1, 5, 50)
    new, old = switch(family, time_constant=0.7).transient_weights(time)
    np.testing.assert_allclose(new**2 + old**2, 1.0, rtol=1e-15)


@pytest.mark.parametrize("family", FAMILIES)
def test_instant_switch_is_settled_at_the_command_itself(family):
    device = switch(family, time_constant=0.0)
    new, old = device.transient_weights(np.array([-1e-12, 0.0, 1e-12]))
    np.testing.assert_array_equal(new, [0, 1, 1])
    np.testing.assert_array_equal(old, [1, 0, 0])
    assert device.rise_time() == device.fall_time() == 0.0
    assert device.guard_time_for(1e-3) == 0.0


def test_raised_cosine_is_over_exactly_after_its_time():
    new, old = switch(FAMILIES[2], time_constant=1e-9).transient_weights(np.array([1e-9, 1.0]))
    np.testing.assert_array_equal(new, [1, 1])
    np.testing.assert_array_equal(old, [0, 0])


def test_known_rise_and_fall_of_a_gate():
    gate = switch(FAMILIES[0], time_constant=1.0)
    assert gate.rise_time() == pytest.approx(2.590, abs=5e-4)  # four printed digits
    assert gate.fall_time() == pytest.approx(1.099, abs=5e-4)
    np.testing.assert_allclose(
        gate.rise_time(), closed_forms.switch.gate_rise_time(1.0), rtol=1e-14
    )
    np.testing.assert_allclose(
        gate.fall_time(), closed_forms.switch.gate_fall_time(1.0), rtol=1e-14
    )


@pytest.mark.parametrize("family", FAMILIES)
def test_rise_and_fall_are_what_the_traces_show(family):
    device = switch(family, time_constant=1e-9)
    time = np.linspace(0, 12e-9, 120_001)
    rising, falling = device.response(time), device.transient_weights(time)[1] ** 2
    seen_rise = time[rising >= 0.9][0] - time[rising >= 0.1][0]
    seen_fall = time[falling <= 0.1][0] - time[falling <= 0.9][0]
    # Two readings on a grid of 0.1 ps.
    assert device.rise_time() == pytest.approx(seen_rise, abs=2e-13)
    assert device.fall_time() == pytest.approx(seen_fall, abs=2e-13)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("residue", [0.5, 1e-2, 1e-4])
def test_after_the_guard_time_the_old_path_has_the_residue_left(family, residue):
    device = switch(family, time_constant=1e-9)
    _, old = device.transient_weights(device.guard_time_for(residue))
    # The raised cosine is flat at its end: 1e-16 in the cosine is 1e-12 of a residue of 1e-4.
    assert old == pytest.approx(residue, rel=1e-11)


def test_guard_time_of_a_gate_is_the_logarithm():
    gate = switch(FAMILIES[0], time_constant=1e-9)
    residue = np.array([0.1, 1e-3])
    np.testing.assert_allclose(
        gate.guard_time_for(residue), closed_forms.switch.gate_guard_time(1e-9, residue), rtol=1e-14
    )


def test_times_and_time_constants_broadcast():
    device = FiberSwitch(time_constant=[0.0, 1e-10, 1e-9])
    new, old = device.transient_weights(np.linspace(0, 1e-9, 5)[:, None])
    assert new.shape == old.shape == (5, 3)
    one = FiberSwitch(time_constant=1e-9).transient_weights(0.5e-9)
    assert (new[2, 2], old[2, 2]) == one


def test_slot_efficiency():
    assert FiberSwitch(guard_time=2e-10).slot_efficiency(1e-9) == pytest.approx(0.8)
    with pytest.raises(ValueError, match="guard_time must be below the slot_duration"):
        FiberSwitch(guard_time=1e-9).slot_efficiency(1e-9)
    with pytest.raises(ValueError, match="slot_duration must be > 0"):
        FiberSwitch().slot_efficiency(0.0)


# Refusals


def test_a_gate_has_no_angle_to_shape():
    with pytest.raises(ValueError, match="edge must be 'exponential' for transient='gate'"):
        FiberSwitch(transient="gate", edge="raised_cosine")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"transient": "soa"}, r"transient must be one of 'gate', 'mzi' .*got 'soa'"),
        ({"edge": 3}, "edge must be one of 'exponential', 'raised_cosine'"),
        ({"time_constant": -1e-9}, "time_constant must be ≥ 0 and finite"),
        ({"guard_time": np.inf}, "guard_time must be ≥ 0 and finite"),
        ({"insertion_loss_db": -3}, "For 3 dB of loss write insertion_loss_db=3"),
    ],
)
def test_bad_fields_are_refused(fields, message):
    with pytest.raises(ValueError, match=message):
        FiberSwitch(**fields)


@pytest.mark.parametrize("residue", [0.0, 1.0, -0.1, np.nan])
def test_a_residue_is_an_amplitude_between_0_and_1(residue):
    with pytest.raises(ValueError, match="residue must be above 0 and below 1"):
        FiberSwitch().guard_time_for(residue)
