import numpy as np
import pytest

from circuits.slot_program import (
    Readout,
    collapse_linear,
    compile_slots,
    variant_coefficients,
)
from circuits.switch_schedule import SwitchSchedule
from devices import FiberSwitch


def slots(transient, tau_in, tau_out, layers=6, samples=12, isolation_db=17.0):
    schedule = SwitchSchedule(weight_sets=3, repetitions=layers)
    ends = [
        schedule.sampled_coefficients(
            FiberSwitch(transient=transient, isolation_db=isolation_db, time_constant=tau), 1.0,
            samples,
        )
        for tau in (tau_in, tau_out)
    ]  # fmt: skip
    return schedule.banks, variant_coefficients(*ends)


@pytest.mark.parametrize("guard_time", [0.0, 0.25, 0.3])
@pytest.mark.parametrize("samples", [1, 4, 7])
def test_readout_sums_do_not_depend_on_the_samples(samples, guard_time):
    tau = 0.4
    readout = Readout.sampled(1.0, samples, tau, guard_time)
    # The pole's response to a current that is counted for 1 − T_g (PHYSICS §5), to rounding.
    assert readout.weights.sum() == pytest.approx(1 - np.exp(-(1 - guard_time) / tau), rel=1e-14)
    assert readout.noise_weights.sum() == pytest.approx(
        1 - np.exp(-2 * (1 - guard_time) / tau), rel=1e-14
    )
    assert readout.memory == pytest.approx(np.exp(-1 / tau), rel=1e-14)


def test_infinite_bandwidth_reads_the_last_sample():
    readout = Readout.sampled(1.0, 5, 0.0, 0.5)
    assert readout.memory == 0
    assert readout.weights.tolist() == [0, 0, 0, 0, 1]


@pytest.mark.parametrize("transient", ["gate", "mzi"])
def test_factors_give_every_sample_back(transient):
    bank, coefficients = slots(transient, 0.2, 0.2)
    weights = Readout.sampled(1.0, 12, 0.3, 0.0).weights
    program = compile_slots(bank, coefficients, weights)
    for slot in range(len(bank)):
        fields = program.fields(slot)
        mixing = program.mixing[:, fields]
        again = np.einsum("sr,rkv->skv", mixing, program.combination[fields])
        # Rounding of a decomposition of numbers of order 1, over √w ≥ 1e-1.
        np.testing.assert_allclose(again, coefficients[slot], atol=1e-13)
        np.testing.assert_allclose(mixing @ program.bias_share[fields], 1.0, atol=1e-13)
        # Orthonormal under the weights: the square law needs no cross terms.
        gram = mixing.T @ (weights[:, None] * mixing)
        np.testing.assert_allclose(gram, np.eye(len(gram)), atol=1e-13)


def ranks(program):
    return np.diff(program.offset)[program.slot_class]


def test_few_effective_matrices_suffice():
    ones = np.ones(12)
    # A gate at both ends spans {1, q, q²}, an interferometer {sin², sin·cos, cos²} (which holds 1),
    # two different gates {1, q, q', qq'}; before the first switching all is constant.
    assert ranks(compile_slots(*slots("gate", 0.2, 0.2), ones)).tolist() == [1, 3, 3, 3, 3, 3]
    assert ranks(compile_slots(*slots("mzi", 0.2, 0.2), ones)).tolist() == [1, 3, 3, 3, 3, 3]
    assert ranks(compile_slots(*slots("gate", 0.2, 0.5), ones)).max() == 4
    assert ranks(compile_slots(*slots("gate", 0.0, 0.0), ones)).max() == 1


def test_the_steady_state_repeats():
    # e^{−T/τ} = 4e-22: every slot forgets all but the last setting, so 1 + 3 classes serve 12.
    bank, coefficients = slots("gate", 0.0203, 0.0203, layers=12)
    program = compile_slots(bank, coefficients, np.ones(12))
    assert len(program.offset) - 1 == 4
    assert program.slot_class.tolist() == [0, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2]


def test_collapsed_program_holds_the_weighted_sum():
    bank, coefficients = slots("mzi", 0.2, 0.1)
    weights = Readout.sampled(1.0, 12, 0.3, 0.0).weights
    program = collapse_linear(compile_slots(bank, coefficients, weights), weights)
    expected = np.einsum("s,uskv->ukv", weights, coefficients)
    np.testing.assert_allclose(program.combination[program.slot_class], expected, atol=1e-13)
    np.testing.assert_allclose(program.bias_share, weights.sum(), atol=1e-13)
