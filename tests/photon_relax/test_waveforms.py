import numpy as np
import pytest

from photon_relax.waveforms import waveform

TIME = np.arange(10) * 1e-10


def test_shapes_have_their_power():
    np.testing.assert_allclose(waveform("cw(4)", TIME), np.full(10, 2.0 + 0j))
    on = np.abs(waveform("step(1e-3, 3e-10)", TIME)) ** 2
    np.testing.assert_allclose(on, 1e-3 * (np.arange(10) >= 3), rtol=1e-14)
    pulse = np.abs(waveform("pulse(1e-3,3e-10,2e-10)", TIME)) ** 2
    np.testing.assert_allclose(pulse, 1e-3 * np.isin(np.arange(10), [3, 4]), rtol=1e-14)
    gauss = np.abs(waveform("gauss(8, 5e-10, 4e-10)", TIME)) ** 2
    # Full width at half power: half of it 0.2 ns from the centre.
    np.testing.assert_allclose(gauss[[3, 5, 7]], [4.0, 8.0, 4.0], rtol=1e-12)


def test_tables_are_held_to_their_next_line(tmp_path):
    table = tmp_path / "light.csv"
    table.write_text("time,power\n1e-10,4\n\n5e-10,9\n", encoding="utf-8")
    seen = waveform(str(table), TIME)
    np.testing.assert_array_equal(seen, [0, 2, 2, 2, 2, 3, 3, 3, 3, 3])
    table.write_text("0,1,-2\n4.5e-10,0,1\n", encoding="utf-8")
    np.testing.assert_array_equal(waveform(str(table), TIME), [1 - 2j] * 5 + [1j] * 5)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no rows"),
        ("time,power\n", "holds no rows"),
        ("0,1\n1,x\n", "line 2 is not numbers"),
        ("0,1\n1,2,3\n", "line 2 must have two columns"),
        ("0\n", "line 1 must have two columns"),
        ("1,1\n0,1\n", "times must rise"),
        ("0,nan\n", "all numbers be finite"),
        ("0,-1\n", "powers must be ≥ 0"),
    ],
)
def test_malformed_tables_are_refused(text, message, tmp_path):
    table = tmp_path / "light.csv"
    table.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        waveform(str(table), TIME)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("pulse(1,0,0)", "a width > 0"),
        ("gauss(1,0)", r"gauss takes \(power, centre, width\)"),
        ("step(1,soon)", "as numbers in W and s"),
        ("cw(inf)", "as numbers in W and s"),
        ("light", "is no waveform"),
    ],
)
def test_malformed_shapes_are_refused(text, message):
    with pytest.raises(ValueError, match=message):
        waveform(text, TIME)
