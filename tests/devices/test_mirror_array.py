import numpy as np
import pytest

from devices import MirrorArray
from validation import closed_forms


def test_periods_of_the_dlp7000():
    together = MirrorArray()
    assert together.shortest_period == pytest.approx(43e-6, abs=1e-6)  # 43 µs in the data sheet
    in_turn = MirrorArray(global_reset=False)
    assert in_turn.pattern_rate == pytest.approx(32552, abs=1)  # printed, whole hertz
    assert MirrorArray(load_time=0.0, settling_time=0.0).pattern_rate == np.inf


def test_mirrors_have_settled_when_the_data_sheet_says_so():
    device = MirrorArray()
    _, old = device.transient_weights(device.settling_time)
    assert old == pytest.approx(0.01, rel=0.05)  # τ is printed to two digits
    np.testing.assert_allclose(
        device.guard_time_for(0.01), closed_forms.switch.gate_guard_time(2.8e-6, 0.01), rtol=1e-14
    )


def test_scattered_light_has_a_phase_of_its_own():
    phases = MirrorArray().draw_leakage_phases(4, 100, np.random.default_rng(0))
    assert phases.std() > 1.0  # uniform over 2π: 1.81


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"load_time": -1e-6}, "load_time must be ≥ 0"),
        ({"settling_time": -1e-6}, "settling_time must be ≥ 0"),
        ({"global_reset": 1}, "global_reset must be true or false"),
    ],
)
def test_bad_fields_are_refused(fields, message):
    with pytest.raises(ValueError, match=message):
        MirrorArray(**fields)
