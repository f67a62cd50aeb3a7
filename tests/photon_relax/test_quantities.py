import numpy as np
import pytest

from photon_relax.quantities import quantity


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("1550nm", "m", 1.55e-6),
        (" 1.55 um ", "m", 1.55e-6),
        ("1.55µm", "m", 1.55e-6),
        ("-2e-9", "s", -2e-9),
        (".5ps", "s", 5e-13),
        ("10GHz", "Hz", 1e10),
        ("3.mW", "W", 3e-3),
        ("180deg", "rad", np.pi),
        ("20mV", "", 0.02),
        ("5uA", "", 5e-6),
    ],
)
def test_numbers_with_units(text, unit, value):
    assert quantity(text, unit) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    "text", ["", "ns", "1nm", "1 2", "1..2", "1e", "nan", "inf", "1e999", "0x1"]
)
def test_other_texts_are_refused(text):
    with pytest.raises(ValueError, match="is no number in s"):
        quantity(text, "s")
    with pytest.raises(ValueError, match="no number in V or A, or without a unit"):
        quantity("1nm", "")
