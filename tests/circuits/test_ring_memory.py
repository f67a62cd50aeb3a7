from dataclasses import replace

import numpy as np
import pytest

from circuits import RingWeightBank
from circuits import ring_memory_kernels as kernels
from circuits import ring_neighbour_kernels as neighbours
from circuits import ring_slot_kernels as compilers
from circuits.ring_memory import RingMemory, RingSlots, slot_classes
from devices import AddDropRing, RingDynamics
from tests import naive

RING = AddDropRing(input_self_coupling=0.93, drop_self_coupling=0.95, propagation_loss_db=2000.0)
BANK = RingWeightBank(ring=RING, tuning_error=0.0, resonance_scatter=0.0)
TRIPS = 3
CLASSES, BANKS, SAMPLES, N, GROUPS = 2, 2, 4, 3, 5


def complex_paths(seed, shape=(CLASSES, BANKS, SAMPLES)):
    re, im = np.random.default_rng(seed).normal(size=(2, *shape))
    return re + 1j * im


def memory_of(paths=None, trips=TRIPS, **fields):
    defaults = {
        "bank": BANK,
        "dt": trips * RING.round_trip_time,
        "paths": complex_paths(0) if paths is None else paths,
        "weights": np.random.default_rng(1).uniform(0.1, 1.0, size=(2, SAMPLES)),
    }
    return RingMemory(**(defaults | fields))


def settings(seed=2, n=N, banks=BANKS):
    return 2.0 * np.random.default_rng(seed).normal(size=(banks, n, n))


def powers(seed=3, n=N, slots=4):
    return np.random.default_rng(seed).uniform(0.05, 1.0, size=(slots, GROUPS, n))


def run(memory, x, power, kinds, errors=None):
    """The planes of a sequence of slots, (U, G, 2, N)."""
    slots = memory.slots(x, errors)
    state, planes = slots.dark(power.shape[1]), []
    for kind, p in zip(kinds, power, strict=True):
        read, state = memory.advance(slots, kind, p, state)
        planes.append(read)
    return np.array(planes)


# Forward


@pytest.mark.parametrize("spacing", [None, 3e11])
def test_slots_against_light_that_goes_round(spacing):
    bank = replace(BANK, channel_spacing=spacing)
    # What is stored is p/√(p + ε): ε far below rounding.
    memory = memory_of(bank=bank, smoothing=1e-17)
    x, power, kinds = settings(), powers(), [0, 1, 1, 0]
    got = run(memory, x, power, kinds)
    for group in range(GROUPS):
        expected = naive.ring_slots(
            x.tolist(), power[:, group].tolist(), memory.paths[kinds, ..., 0].tolist(),
            memory.weights.tolist(), bank.spacing(N), RING.free_spectral_range,
            RING.round_trip_transmission, 0.93, 0.95, TRIPS,
        )  # fmt: skip
        # Sums of some ten terms of order one; 1 − R e^{iφ} cancels to 0.1.
        np.testing.assert_allclose(got[:, group], expected, rtol=0, atol=1e-12)


def test_the_number_of_samples_does_not_matter_where_nothing_happens_between_them():
    """A path held over the slot and read at its end only: one sample or eight."""
    x, power = settings(), powers()
    ends = []
    for samples in (1, 8):
        paths = np.repeat(complex_paths(4, (1, BANKS, 1)), samples, axis=2)
        weights = np.zeros((2, samples))
        weights[:, -1] = 1.0
        memory = memory_of(paths, trips=24 // samples, weights=weights)
        ends.append(run(memory, x, power, [0] * 4))
    np.testing.assert_allclose(ends[0], ends[1], rtol=0, atol=1e-13)


@pytest.mark.parametrize("crosstalk", [True, False])
def test_long_samples_settle_to_the_matrices(crosstalk):
    bank = replace(BANK, crosstalk=crosstalk)
    memory = memory_of(bank=bank, trips=2000)  # R^2000 = 1e-120
    x, power = settings(), powers()
    got = run(memory, x, power, [0, 1, 1, 0])
    share = np.einsum("cksn,ps->cpk", np.abs(memory.paths) ** 2, memory.weights)
    mixed = np.einsum("cpk,kpij->cpij", share, bank.matrices(x))
    expected = np.einsum("upij,ugj->ugpi", mixed[[0, 1, 1, 0]], power)
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-13)


def test_settled_gradients_are_those_of_the_bank():
    memory = memory_of(trips=2000)
    x, gradient = settings(), memory.slots(settings()).zeros()
    gradient.matrices[:] = np.random.default_rng(5).normal(size=gradient.matrices.shape)
    share = np.einsum("cksn,ps->cpk", np.abs(memory.paths) ** 2, memory.weights)
    per_bank = np.einsum("cpk,cpij->kpij", share, gradient.matrices)
    expected = BANK.gradients(x, per_bank)
    np.testing.assert_allclose(memory.gradients(x, gradient), expected, rtol=0, atol=1e-12)


def test_light_leaves_at_the_photon_lifetime():
    """A ring alone, lit for long, then dark: drop and through fall as e^{−t/τ_photon}."""
    paths = np.ones((2, 1, SAMPLES), dtype=complex)
    paths[1] = 0.0
    weights = np.eye(SAMPLES)[[0, -1]]
    lone = replace(BANK, crosstalk=False)
    x = np.full((1, 1, 1), 0.4)
    trips = 40
    early, late = (
        run(
            memory_of(paths, trips, bank=lone, weights=weights[[1, when]]), x, np.ones((9, 1, 1)),
            [0] * 8 + [1],
        )[-1, 0, 1, 0]
        for when in (0, 1)
    )  # fmt: skip
    elapsed = (SAMPLES - 1) * trips * RING.round_trip_time
    lifetime = RingDynamics(ring=RING).photon_lifetime
    # Powers 1e-4 of the light before them, themselves sums of terms of order one.
    assert late / early == pytest.approx(np.exp(-elapsed / lifetime), rel=1e-9)


def test_a_step_agrees_with_coupled_modes():
    """The power dropped while a ring fills, against the coupled-mode equations of the device."""
    fine = replace(RING, input_self_coupling=0.995, drop_self_coupling=0.995, propagation_loss_db=0)
    bank = replace(BANK, ring=fine, crosstalk=False)
    x, dt, samples = 0.8, 50 * fine.round_trip_time, 16
    memory = memory_of(np.ones((1, 1, 1)), bank=bank, dt=dt, weights=np.ones((2, 1)))
    planes = run(memory, np.full((1, 1, 1), x), np.ones((samples, 1, 1)), [0] * samples)[:, 0, :, 0]
    tuned = RingDynamics(ring=replace(fine, tuning=x * bank.half_linewidth))
    trace = tuned.propagate(np.ones(samples), fine.resonance_frequency, dt)
    drop = np.abs(trace.drop) ** 2
    # Coupled modes lack the first coupler, r₁ = 1: κ² of the field, 1 %.
    np.testing.assert_allclose(planes.sum(axis=1) / 2, drop, atol=0.005)
    assert np.ptp(drop) > 0.3


def test_the_end_of_a_slot_is_written_where_it_is_told():
    memory = memory_of()
    slots, power = memory.slots(settings()), powers()[0]
    ends = np.empty_like(slots.dark(GROUPS))
    planes, after = memory.advance(slots, 0, power, slots.dark(GROUPS), ends)
    assert after is ends
    again, fresh = memory.advance(slots, 0, power, slots.dark(GROUPS))
    np.testing.assert_array_equal(again, planes)
    np.testing.assert_array_equal(fresh, ends)


def test_dark_channels_store_and_read_nothing():
    memory = memory_of()
    slots = memory.slots(settings())
    planes, after = memory.advance(slots, 0, np.zeros((2, N)), slots.dark(2))
    assert not np.any(planes)
    assert not np.any(after)
    assert memory.field(np.array([0.0, 1.0]))[1] == pytest.approx(1.0, abs=1e-6)


def test_channels_may_differ_in_their_paths():
    """Crosstalk phases of a channel of its own: as if each channel came alone."""
    paths = complex_paths(6, (1, BANKS, SAMPLES, N))
    x, power = settings(), powers(slots=2)
    together = run(memory_of(paths), x, power, [0, 0])
    alone = np.zeros_like(together)
    for j in range(N):
        single = np.zeros_like(power)
        single[..., j] = power[..., j]
        alone += run(memory_of(paths[..., j]), x, single, [0, 0])
    np.testing.assert_allclose(together, alone, atol=1e-13)


def test_errors_and_drift_reach_the_rings():
    bank = RingWeightBank(ring=replace(RING, temperature_change=0.2))
    memory, x = memory_of(bank=bank), settings()
    errors = bank.draw(BANKS, N, seed=7)
    got = run(memory, x, powers(), [0, 1, 0, 1], errors)
    expected = run(memory_of(), bank.settled(x, errors), powers(), [0, 1, 0, 1])
    np.testing.assert_allclose(got, expected, atol=1e-13)


def test_two_precisions_agree():
    memory, x, power = memory_of(), settings().astype(np.float32), powers().astype(np.float32)
    single = run(memory, x, power, [0, 1, 1, 0])
    assert single.dtype == np.float32
    double = run(memory, x.astype(float), power.astype(float), [0, 1, 1, 0])
    np.testing.assert_allclose(single, double, atol=20 * N * BANKS * 6e-8 * np.abs(double).max())


# Backward


def loss_and_gradients(memory, x, power, kinds, seeds):
    """A loss linear in all planes, with its gradients (p, x)."""
    slots = memory.slots(x)
    states, total = [slots.dark(power.shape[1])], 0.0
    for kind, p, g in zip(kinds, power, seeds, strict=True):
        planes, after = memory.advance(slots, kind, p, states[-1])
        states.append(after)
        total += np.sum(planes * g)
    gradient, g_state = slots.zeros(), np.zeros_like(states[-1])
    g_power = np.empty_like(power)
    for u in range(len(kinds) - 1, -1, -1):
        g_power[u] = memory.retreat(
            slots, kinds[u], power[u], states[u], seeds[u], g_state, gradient
        )
    return total, g_power, memory.gradients(x, gradient)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"bank": replace(BANK, crosstalk=False)},
        {"paths": complex_paths(6, (CLASSES, BANKS, SAMPLES, N))},
    ],
)
def test_gradients_against_finite_differences(fields):
    memory, kinds = memory_of(**fields), [0, 1, 1, 0]
    x, power = settings(), powers()
    seeds = np.random.default_rng(8).normal(size=(4, GROUPS, 2, N))
    _, g_power, g_x = loss_and_gradients(memory, x, power, kinds, seeds)
    step = 1e-5

    def loss(x, power):
        return np.sum(run(memory, x, power, kinds) * seeds)

    # A loss of order 100 rounds to 1e-14 of itself, over 2h; truncation h² times order 100.
    for index in np.ndindex(x.shape):
        shift = np.zeros_like(x)
        shift[index] = step
        expected = (loss(x + shift, power) - loss(x - shift, power)) / (2 * step)
        assert g_x[index] == pytest.approx(expected, rel=1e-6, abs=1e-6)
    for index in [(0, 0, 0), (1, 2, 1), (2, 4, 2), (3, 1, 0)]:
        shift = np.zeros_like(power)
        shift[index] = step
        expected = (loss(x, power + shift) - loss(x, power - shift)) / (2 * step)
        assert g_power[index] == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_the_slope_of_the_root_is_finite_in_the_dark():
    memory = memory_of(smoothing=1e-4)
    p = np.zeros((1, GROUPS, N))
    power = np.concatenate([powers(slots=1), p])
    seeds = np.zeros((2, GROUPS, 2, N))
    seeds[1] = 1.0
    _, g_power, _ = loss_and_gradients(memory, settings(), power, [0, 1], seeds)
    step = 1e-9
    lit = power.copy()
    lit[1] += step
    change = np.sum(
        (run(memory, settings(), lit, [0, 1]) - run(memory, settings(), power, [0, 1])) * seeds
    )
    # The slope 1/√ε = 100 changes by 3/2 of h/ε over the step.
    assert np.sum(g_power[1]) == pytest.approx(change / step, rel=1e-4)


def test_gradients_in_single_precision():
    memory, kinds = memory_of(), [0, 1, 1, 0]
    x, power = settings(), powers()
    seeds = np.random.default_rng(8).normal(size=(4, GROUPS, 2, N))
    _, g_power, g_x = loss_and_gradients(memory, x, power, kinds, seeds)
    single = loss_and_gradients(
        memory, x.astype(np.float32), power.astype(np.float32), kinds, seeds.astype(np.float32)
    )
    assert single[1].dtype == single[2].dtype == np.float32
    np.testing.assert_allclose(single[1], g_power, atol=1e-5 * np.abs(g_power).max())
    np.testing.assert_allclose(single[2], g_x, atol=1e-5 * np.abs(g_x).max())


def test_a_row_beyond_one_tile():
    n = 70
    memory = memory_of(complex_paths(9, (1, 1, SAMPLES)))
    x, power = settings(10, n, 1), np.random.default_rng(11).uniform(0.1, 1, size=(2, 2, n))
    seeds = np.random.default_rng(12).normal(size=(2, 2, 2, n))
    _, _, g_x = loss_and_gradients(memory, x, power, [0, 0], seeds)
    direction = np.random.default_rng(13).normal(size=x.shape)
    step = 1e-6
    ends = [np.sum(run(memory, x + d * direction, power, [0, 0]) * seeds) for d in (step, -step)]
    assert np.sum(g_x * direction) == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-6)


# Kernels and classes


def test_kernels_as_plain_python():
    memory, x, n = memory_of(), settings(), N
    rings = memory._at(x, None)
    compiled = memory.slots(x)
    slots = RingSlots(np.empty_like(compiled.matrices), np.empty_like(compiled.rings))
    head = (*memory._held(rings), rings.forms())
    compilers.compile_slots.py_func(*head, slots.matrices, slots.rings)
    np.testing.assert_allclose(slots.matrices, compiled.matrices, atol=1e-13)
    np.testing.assert_allclose(slots.rings, compiled.rings, atol=1e-13)

    power = powers()[0]
    state = np.random.default_rng(14).normal(size=(BANKS, n, GROUPS, 2, n))
    planes, after = memory.advance(compiled, 0, power, state)
    plain, plain_after = np.zeros_like(planes), np.empty_like(after)
    kernels.advance.py_func(compiled.rings[0], memory.field(power), state, plain, plain_after)
    own = np.einsum("pij,gj->gpi", compiled.matrices[0], power)
    np.testing.assert_allclose(plain + own, planes, atol=1e-12)
    np.testing.assert_allclose(plain_after, after, atol=1e-13)

    seed = np.random.default_rng(15).normal(size=planes.shape)
    g_state, plain_state = np.ones_like(state), np.ones_like(state)
    gradient, plain_gradient = compiled.zeros(), compiled.zeros()
    memory.retreat(compiled, 0, power, state, seed, g_state, gradient)
    g_fields = np.empty((kernels.PARTS, GROUPS, n))
    kernels.advance_adjoint.py_func(
        compiled.rings[0], memory.field(power), state, seed, plain_state, plain_gradient.rings[0],
        g_fields,
    )  # fmt: skip
    np.testing.assert_allclose(plain_state, g_state, atol=1e-12)
    np.testing.assert_allclose(plain_gradient.rings, gradient.rings, atol=1e-12)

    ends = []
    for adjoint in (compilers.compile_slots_adjoint, compilers.compile_slots_adjoint.py_func):
        g_forms, g_x = np.empty_like(head[-1]), np.empty(x.shape)
        adjoint(*head, -0.1j, gradient.matrices, gradient.rings, g_forms, g_x)
        ends.append((g_forms, g_x))
    for jitted, plain_end in zip(*ends, strict=True):
        np.testing.assert_allclose(plain_end, jitted, atol=1e-11)

    parts, turned = np.empty((BANKS * n, 4, n)), np.empty((BANKS * n, n))
    neighbours.split_rows.py_func(*rings.tables, parts)
    np.testing.assert_allclose(parts[:, 0].reshape(x.shape), rings.before, atol=1e-15)
    neighbours.split_gradients.py_func(*rings.tables, parts, turned)
    again = np.empty_like(turned)
    neighbours.split_gradients(*rings.tables, parts, again)
    np.testing.assert_allclose(turned, again, atol=1e-12)


def test_equal_slots_share_a_class():
    one, other = complex_paths(16, (2, BANKS, SAMPLES))
    paths, kinds = slot_classes(np.stack([one, other, one, one * (1 + 1e-16), other]))
    np.testing.assert_array_equal(kinds, [0, 1, 0, 0, 1])
    np.testing.assert_array_equal(paths, [one, other])


@pytest.mark.parametrize(("fields", "message"), [
    ({"paths": np.zeros((2, 0, 4))}, r"paths must be finite fields .* got \(2, 0, 4\)"),
    ({"paths": np.full((1, 1, 4), np.nan)}, "paths must be finite fields"),
    ({"weights": np.ones((2, 5))}, r"must be finite, of the shape \(2, samples\) = \(2, 4\)"),
    ({"dt": 0.0}, "dt must be > 0 and finite; got 0.0"),
    ({"smoothing": -1e-6}, "smoothing must be > 0 and finite; got -1e-06"),
])  # fmt: skip
def test_fields_are_refused_with_the_reason(fields, message):
    with pytest.raises(ValueError, match=message):
        memory_of(**fields)


def test_other_banks_than_the_paths_are_refused():
    with pytest.raises(ValueError, match="as many banks and channels as paths, K = 2 and N = any"):
        memory_of().slots(settings(banks=3))
    memory = memory_of(complex_paths(6, (1, BANKS, SAMPLES, N)))
    with pytest.raises(ValueError, match=r"K = 2 and N = 3; got \(2, 4, 4\)"):
        memory.slots(settings(n=4))
