"""What a loop may ask of any switch, whatever it is made of."""

import numpy as np
import pytest

from devices import CurrentSwitch, FiberSwitch, MirrorArray
from devices.switch import Switch

SWITCHES = [CurrentSwitch, FiberSwitch, MirrorArray]


@pytest.mark.parametrize("kind", SWITCHES)
def test_equal_numbers_make_equal_switches_but_for_the_phase(kind):
    fields = {"insertion_loss_db": 2.0, "isolation_db": [20, 30, 40], "time_constant": 1e-9}
    gate = FiberSwitch(transient="gate", **fields)
    device = kind(**fields) if kind is not FiberSwitch else gate
    assert isinstance(device, Switch)
    assert device.transient == "gate"
    assert device.transmission == gate.transmission
    np.testing.assert_array_equal(device.leakage_amplitudes(3), gate.leakage_amplitudes(3))
    time = np.linspace(-1e-9, 5e-9, 13)
    for got, expected in zip(
        device.transient_weights(time), gate.transient_weights(time), strict=True
    ):
        np.testing.assert_array_equal(got, expected)
    for method in ("rise_time", "fall_time"):
        assert getattr(device, method)() == getattr(gate, method)()
    assert device.guard_time_for(1e-2) == gate.guard_time_for(1e-2)
    assert device.slot_efficiency(1.0) == 1.0
    assert device.draw_leakage_phases(3, 5, np.random.default_rng(0)).shape == (3, 5)


@pytest.mark.parametrize("kind", SWITCHES)
@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"insertion_loss_db": -1.0}, "For 1 dB of loss write insertion_loss_db=1"),
        ({"isolation_db": -20.0}, "For 20 dB of isolation write isolation_db=20"),
        ({"isolation_db": np.zeros((2, 3))}, "K numbers or K×K"),
        ({"time_constant": -1e-9}, "time_constant must be ≥ 0"),
        ({"guard_time": np.nan}, "guard_time must be ≥ 0"),
        ({"time_constant": [1, 2], "guard_time": [1, 2, 3]}, "must broadcast to one shape"),
    ],
)
def test_bad_fields_are_refused(kind, fields, message):
    with pytest.raises(ValueError, match=message):
        kind(**fields)
