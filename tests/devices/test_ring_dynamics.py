from math import pi

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from devices import (
    AddDropRing,
    AllPassRing,
    Laser,
    RingDynamics,
    RingNonlinearity,
    RingState,
    ring_kernels,
)
from devices.ring_kernels import step_linear, step_nonlinear
from validation import closed_forms

CARRIER = 299792458.0 / 1.55e-6
FINE = AddDropRing(input_self_coupling=0.98, drop_self_coupling=0.97, propagation_loss_db=1000.0)


def laser_at(dynamics, detuning):
    return dynamics.ring.resonance_frequency + detuning / (2 * pi)


# Against the exact ring


@pytest.mark.parametrize("coupling", [0.9, 0.96, 0.99])
def test_powers_meet_the_exact_ring_to_the_square_of_the_finesse(coupling):
    ring = AddDropRing(input_self_coupling=coupling, drop_self_coupling=coupling)
    dynamics = RingDynamics(ring=ring)
    phase = np.linspace(-1, 1, 401) * 5 * ring.linewidth_phase
    delta = phase / ring.round_trip_time
    through, drop = dynamics.outputs(dynamics.steady_amplitude(1.0, delta), 1.0)
    bound = 2 / ring.finesse**2
    error = np.abs(np.abs(drop) ** 2 - np.abs(ring.drop_at_phase(phase)) ** 2)
    # Of the peak, where a mode is a good picture at all; the tails also see the other resonances.
    assert error.max() < bound
    assert np.abs(np.abs(through) ** 2 - np.abs(ring.through_at_phase(phase)) ** 2).max() < bound
    # The fields agree as well, the sign of the drop among them.
    assert abs(drop - ring.drop_at_phase(phase))[200] < bound


def test_steady_powers_against_the_literature():
    dynamics = RingDynamics(ring=FINE)
    delta = np.linspace(-3, 3, 61) * dynamics.decay_rate
    through, drop = dynamics.outputs(dynamics.steady_amplitude(1.0, delta), 1.0)
    expected = closed_forms.ring.coupled_mode_powers(
        delta, dynamics.intrinsic_rate, dynamics.input_rate, dynamics.drop_rate
    )
    np.testing.assert_allclose(np.abs(through) ** 2, expected[0], rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(np.abs(drop) ** 2, expected[1], rtol=1e-13)


def test_photon_lifetime_and_quality():
    for ring in (FINE, AllPassRing()):
        dynamics = RingDynamics(ring=ring)
        expected = closed_forms.ring.photon_lifetime(ring.loop_amplitude, ring.round_trip_time)
        assert dynamics.photon_lifetime == pytest.approx(float(expected), rel=1e-13)
        # Q of the mode and of the exact linewidth differ by 1/F².
        assert dynamics.quality_factor == pytest.approx(
            ring.quality_factor, rel=2 / ring.finesse**2
        )


def test_detuning_counts_from_the_nearest_resonance():
    dynamics = RingDynamics(ring=FINE)
    span = FINE.free_spectral_range
    frequency = FINE.resonance_frequency + np.array([1e9, span + 1e9, -2 * span - 1e9])
    # 200 THz leave 0.03 Hz of 1 GHz, times the number of spectral ranges.
    np.testing.assert_allclose(
        dynamics.detuning(frequency), 2 * pi * 1e9 * np.array([1, 1, -1]), rtol=1e-9
    )
    assert dynamics.detuning(wavelength=1.55e-6) == pytest.approx(0.0, abs=1.0)


# In time


def test_ring_down():
    dynamics = RingDynamics(ring=FINE)
    dt = 0.1 * dynamics.photon_lifetime
    start = RingState(np.array(1e-7 + 1e-7j), np.array(0.0), np.array(0.0))
    trace = dynamics.propagate(np.zeros(100), laser_at(dynamics, 3e10), dt, start)
    time = dt * np.arange(1, 101)
    expected = 2 * dynamics.drop_rate * 2e-14 * np.exp(-time / dynamics.photon_lifetime)
    np.testing.assert_allclose(np.abs(trace.drop) ** 2, expected, rtol=1e-10)


def test_one_step_is_exact_whatever_its_length():
    dynamics = RingDynamics(ring=FINE)
    delta, dt, s = 0.7 * dynamics.decay_rate, 3 * dynamics.photon_lifetime, 0.02 - 0.01j
    once = dynamics.advance(1e-8, s, delta, dt)
    many = 1e-8
    for _ in range(64):
        many = dynamics.advance(many, s, delta, dt / 64)
    assert once == pytest.approx(many, rel=1e-12)
    long = dynamics.advance(0.0, s, delta, 100 * dynamics.photon_lifetime)
    assert long == pytest.approx(complex(dynamics.steady_amplitude(s, delta)), rel=1e-12)


def test_energy_is_conserved():
    """d|a|²/dt = |s|² − |s_thru|² − |s_drop|² − (2/τ₀)|a|² at any state."""
    dynamics = RingDynamics(ring=FINE)
    rng = np.random.default_rng(5)
    a = 1e-8 * (rng.normal(size=50) + 1j * rng.normal(size=50))
    s = 0.03 * (rng.normal(size=50) + 1j * rng.normal(size=50))
    slope = (1j * 2e10 - dynamics.decay_rate) * a + 1j * np.sqrt(2 * dynamics.input_rate) * s
    through, drop = dynamics.outputs(a, s)
    balance = np.abs(s) ** 2 - np.abs(through) ** 2 - np.abs(drop) ** 2
    balance -= 2 * dynamics.intrinsic_rate * np.abs(a) ** 2
    scale = np.abs(s) ** 2 + np.abs(through) ** 2
    assert np.max(np.abs(2 * np.real(np.conj(a) * slope) - balance) / scale) < 1e-12


def test_many_rings_step_as_one_ring_would():
    rng = np.random.default_rng(1)
    offsets = 1e10 * rng.normal(size=(3, 300))
    ring = AddDropRing(resonance_offset=offsets)
    field = rng.normal(size=20) + 1j * rng.normal(size=20)
    dt = 1e-12
    bank = RingDynamics(ring=ring)
    trace = bank.propagate(field, CARRIER, dt)
    assert trace.through.shape == trace.drop.shape == (20, 3, 300)
    for row, column in ((0, 0), (1, 255), (1, 256), (2, 299)):
        single = RingDynamics(ring=AddDropRing(resonance_offset=offsets[row, column]))
        a = 0.0
        for sample, s in enumerate(field):
            a = single.advance(a, s, single.detuning(CARRIER), dt)
            through, drop = single.outputs(a, s)
            assert trace.through[sample, row, column] == pytest.approx(complex(through), rel=1e-11)
            assert trace.drop[sample, row, column] == pytest.approx(complex(drop), rel=1e-11)


def test_every_ring_may_have_its_own_input_and_laser():
    rng = np.random.default_rng(2)
    ring = AddDropRing(resonance_offset=[0.0, 1e10])
    field = rng.normal(size=(8, 2)) + 1j * rng.normal(size=(8, 2))
    lasers = CARRIER + np.array([1e9, -5e9])
    trace = RingDynamics(ring=ring).propagate(field, lasers, 1e-12)
    for k in range(2):
        alone = RingDynamics(ring=AddDropRing(resonance_offset=ring.resonance_offset[k]))
        expected = alone.propagate(field[:, k], lasers[k], 1e-12)
        np.testing.assert_allclose(trace.through[:, k], expected.through, rtol=1e-11)


@pytest.mark.parametrize("nonlinearity", [None, RingNonlinearity()])
def test_a_trace_can_be_cut_and_thinned(nonlinearity):
    rng = np.random.default_rng(3)
    field = 0.1 * (rng.normal(size=12) + 1j * rng.normal(size=12))
    dynamics = RingDynamics(
        ring=AddDropRing(resonance_offset=[0.0, 2e10]), nonlinearity=nonlinearity
    )
    whole = dynamics.propagate(field, CARRIER, 2e-12)
    first = dynamics.propagate(field[:5], CARRIER, 2e-12)
    kept = first.state.amplitude.copy()
    second = dynamics.propagate(field[5:], CARRIER, 2e-12, first.state)
    np.testing.assert_array_equal(first.state.amplitude, kept)  # the given state is not overwritten
    np.testing.assert_array_equal(np.concatenate([first.drop, second.drop]), whole.drop)
    for got, expected in zip(second.state, whole.state, strict=True):
        np.testing.assert_array_equal(got, expected)
    thin = dynamics.propagate(field, CARRIER, 2e-12, every=5)
    np.testing.assert_array_equal(thin.through, whole.through[[4, 9]])
    np.testing.assert_array_equal(thin.state.amplitude, whole.state.amplitude)


def test_an_all_pass_ring_drops_nothing():
    dynamics = RingDynamics(ring=AllPassRing())
    trace = dynamics.propagate(np.ones(4), CARRIER, 1e-12)
    np.testing.assert_array_equal(trace.drop, 0.0)
    assert dynamics.drop_rate == 0.0


# Strong light


def naive_rates(t, y, c, s):
    """The four equations, written from the papers, for one ring."""
    a, n, warm = y[0] + 1j * y[1], y[2], y[3]
    u = abs(a) ** 2
    tpa = c["gt"] * c["beta"] * 299792458.0**2 * u / (c["ng"] ** 2 * c["vt"])
    fca = c["sigma"] * 299792458.0 * n / c["ng"]
    ncm = max(n, 0.0) * 1e-6
    index = 1.86e-4 * warm - 8.8e-22 * ncm - 8.5e-18 * ncm**0.8
    shift = -c["omega"] / 3.485 * index
    gamma = 2 * (c["r0"] + c["r1"] + c["r2"]) + tpa + fca
    da = (1j * (c["delta"] - shift) - gamma / 2) * a + 1j * np.sqrt(2 * c["r1"]) * s
    hbar = 6.62607015e-34 / (2 * pi)
    made = c["gf"] * c["beta"] * 299792458.0**2 * u**2
    made /= 2 * hbar * c["omega"] * c["ng"] ** 2 * c["vf"] ** 2
    absorbed = (2 * c["r0"] * c["share"] + tpa + fca) * u
    dn = -n / c["tfc"] + made
    dwarm = -warm / c["tth"] + c["gh"] * absorbed / (2330.0 * 714.0 * 1e-17)
    return [da.real, da.imag, dn, dwarm]


def naive_constants(dynamics, detuning):
    return {
        "gt": 0.90967, "beta": 8.4e-12, "ng": 4.2, "vt": 10.62978e-18, "sigma": 1.45e-21,
        "r0": dynamics.intrinsic_rate, "r1": dynamics.input_rate, "r2": dynamics.drop_rate,
        "delta": detuning, "omega": 2 * pi * laser_at(dynamics, detuning), "gf": 0.9621118,
        "vf": 8.67e-18, "share": 1.9 / 3.0, "tfc": 1e-10, "tth": 1 / 2.4e6, "gh": 0.6515,
    }  # fmt: skip


def reference(dynamics, detuning, s, duration):
    scale = np.array([1e-7, 1e-7, 1e21, 1e-2])
    c = naive_constants(dynamics, detuning)
    run = solve_ivp(
        lambda t, y: np.array(naive_rates(t, y * scale, c, s)) / scale,
        (0.0, duration), np.zeros(4), method="DOP853", rtol=1e-11, atol=1e-13,
        first_step=1e-14, max_step=1e-12,
    )  # fmt: skip
    return run.y[:, -1] * scale


def test_strong_light_against_an_ode_solver_and_its_order():
    dynamics = RingDynamics(ring=FINE, nonlinearity=RingNonlinearity())
    delta, s, duration = -1e10, 0.2 + 0.0j, 2e-10  # 40 mW: carriers shift by half a linewidth
    expected = reference(dynamics, delta, s, duration)
    errors = []
    for steps in (50, 100, 200, 400):
        trace = dynamics.propagate(
            np.full(steps, s), laser_at(dynamics, delta), duration / steps, substeps=1
        )
        errors.append(abs(trace.state.amplitude - (expected[0] + 1j * expected[1])))
    slope = np.diff(np.log(errors)) / np.diff(np.log([50, 100, 200, 400]))
    np.testing.assert_allclose(slope, -2, atol=0.2)  # second order, before its asymptote
    # Second order at 400 steps over two carrier lifetimes: (1/200)² of quantities of order one.
    assert trace.state.carriers == pytest.approx(expected[2], rel=1e-4)
    assert trace.state.warmth == pytest.approx(expected[3], rel=1e-4)
    assert errors[-1] < 1e-4 * abs(expected[0] + 1j * expected[1])
    shift = dynamics.nonlinearity.carrier_shift(expected[2], CARRIER)
    assert shift > 0.1 * dynamics.decay_rate  # the test sees what it is about


def test_weak_light_is_linear():
    rng = np.random.default_rng(4)
    field = 1e-5 * (rng.normal(size=30) + 1j * rng.normal(size=30))
    linear = RingDynamics(ring=FINE).propagate(field, CARRIER, 1e-12)
    strong = RingDynamics(ring=FINE, nonlinearity=RingNonlinearity())
    weak = strong.propagate(field, CARRIER, 1e-12)
    # 0.1 nW stores 1e-21 J: γ_TPA is 1e-12 of the linear rate, the index change 1e-14.
    np.testing.assert_allclose(weak.through, linear.through, rtol=1e-9)


def test_heat_turns_the_resonance_red_and_carriers_blue():
    material = RingNonlinearity()
    assert material.thermal_shift(1.0, CARRIER) < 0 < material.carrier_shift(1e22, CARRIER)


def test_samples_longer_than_a_carrier_lifetime_are_divided():
    dynamics = RingDynamics(ring=FINE, nonlinearity=RingNonlinearity())
    coarse = dynamics.propagate(np.full(2, 0.2), CARRIER, 1e-10)
    fine = dynamics.propagate(np.full(2, 0.2), CARRIER, 1e-10, substeps=20)
    np.testing.assert_array_equal(coarse.through, fine.through)


# Compiled and plain are one


@pytest.mark.parametrize("kernel", [step_linear, step_nonlinear])
def test_kernels_run_uncompiled_to_the_same_result(kernel, monkeypatch):
    dynamics = RingDynamics(
        ring=AddDropRing(resonance_offset=[0.0, 1e10]),
        nonlinearity=RingNonlinearity() if kernel is step_nonlinear else None,
    )
    field = 0.1 * np.exp(1j * np.arange(6.0))
    expected = dynamics.propagate(field, CARRIER, 1e-12)
    for helper in ("_advance_light", "_advance_ring", "_light_rate", "_relax"):
        monkeypatch.setattr(ring_kernels, helper, getattr(ring_kernels, helper).py_func)
    outputs = np.empty((2, 6, 2), dtype=complex)
    a, n, t = np.zeros(2, dtype=complex), np.zeros(2), np.zeros(2)
    inputs = np.ascontiguousarray(field)[:, None]
    if kernel is step_linear:
        keep, take = dynamics._update(dynamics.detuning(CARRIER), 1e-12)
        mu = np.sqrt(2 * np.array([[dynamics.input_rate] * 2, [dynamics.drop_rate] * 2]))
        keep, take, a = (np.stack([part.real, part.imag]) for part in (keep, take, a))
        kernel.py_func(inputs, keep, take, mu, 1, a, outputs)
    else:
        drop = np.full(2, np.sqrt(2 * dynamics.drop_rate))
        table = dynamics._coefficients(CARRIER)
        kernel.py_func(inputs, table, drop, 1e-12, 1, 1, a, n, t, outputs)
    np.testing.assert_allclose(outputs[0], expected.through, rtol=1e-12)
    np.testing.assert_allclose(outputs[1], expected.drop, rtol=1e-12)


# Refusals


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"ring": Laser()}, "ring must be an AllPassRing or an AddDropRing"),
        ({"nonlinearity": 3.0}, "nonlinearity must be a RingNonlinearity or None"),
    ],
)
def test_bad_parts_are_refused(fields, message):
    with pytest.raises(ValueError, match=message):
        RingDynamics(**fields)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"dt": 0.0}, "dt must be > 0"),
        ({"dt": [1e-12, 1e-12]}, "dt must be one number"),
        ({"every": 0}, "every must be at least 1"),
        ({"substeps": 0}, "substeps must be at least 1"),
        ({"field": np.ones((3, 5))}, r"field must have the shape \(samples,\).*got \(3, 5\)"),
        ({"field": []}, "field must have at least one sample"),
        (
            {"state": RingState(np.zeros(3), np.zeros(2), np.zeros(2))},
            r"state\.amplitude must have the shape \(2,\) of the rings; got \(3,\)",
        ),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    dynamics = RingDynamics(ring=AddDropRing(resonance_offset=[0.0, 1e10]))
    given = {"field": np.ones(3), "frequency": CARRIER, "dt": 1e-12, **arguments}
    with pytest.raises(ValueError, match=message):
        dynamics.propagate(**given)
