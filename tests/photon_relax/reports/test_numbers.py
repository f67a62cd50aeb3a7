import pytest

from photon_relax.reports.numbers import figures, percent, with_unit


@pytest.mark.parametrize(
    ("value", "digits", "page"),
    [
        (0.0, 2, "0"),
        (0.00123, 2, "0.0012"),
        (9999.0, 4, "9999"),
        (1234.0, 2, "1200"),
        (12345.0, 3, "1.23·10<sup>4</sup>"),
        (-3.25e-15, 2, "-3.2·10<sup>−15</sup>"),
        (1e-12, 3, "1·10<sup>−12</sup>"),
        (float("inf"), 2, "inf"),
    ],
)
def test_figures_are_few_and_powers_of_ten_raised(value, digits, page):
    assert figures(value, digits) == page


@pytest.mark.parametrize(
    ("value", "unit", "page"),
    [
        (1e-10, "s", "100 ps"),
        (1e-3, "W", "1 mW"),
        (999.9999e-12, "s", "1 ns"),
        (-2.5e9, "Hz", "-2.5 GHz"),
        (6.28e-5, "m", "62.8 µm"),
        (0.0, "s", "0 s"),
        (1e30, "W", "1e+18 TW"),
        (25.0, "dB", "25 dB"),
        (0.02, "", "0.02"),
        (float("inf"), "dB", "∞ dB"),
        (float("-inf"), "dB", "−∞ dB"),
    ],
)
def test_units_take_their_prefix(value, unit, page):
    assert with_unit(value, unit) == page


def test_shares_are_per_cent():
    assert percent(0.96414) == "96.4 %"
    assert percent(-0.0005, 2) == "-0.05 %"
