import numpy as np
import pytest

from photon_relax.waveforms import SHAPES, describe_shapes, waveform

TIME = np.arange(10) * 1e-10


def power(text, time=TIME):
    return np.abs(waveform(text, time)) ** 2


def test_shapes_of_light_have_their_power():
    np.testing.assert_allclose(waveform("cw(4)", TIME), np.full(10, 2.0 + 0j))
    on = 1e-3 * (np.arange(10) >= 3)
    np.testing.assert_allclose(power("step(1e-3, 3e-10)"), on, rtol=1e-14)
    inside = 1e-3 * np.isin(np.arange(10), [3, 4])
    np.testing.assert_allclose(power("pulse(1e-3,3e-10,2e-10)"), inside, rtol=1e-14)
    # Full width at half power: half of it 0.2 ns from the centre.
    gauss = power("gauss(8, 5e-10, 4e-10)")
    np.testing.assert_allclose(gauss[[3, 5, 7]], [4.0, 8.0, 4.0], rtol=1e-12)
    train = power("train(8, 4e-10, 2e-10)")
    np.testing.assert_allclose(train[:8], [0.5, 4.0, 8.0, 4.0] * 2, rtol=1e-12)
    np.testing.assert_allclose(power("train(8, 4e-10, 2e-10, start=1e-10)")[1:], train[:-1])
    sine = power("sine(1, 2.5GHz, offset=2, phase=90deg)")
    np.testing.assert_allclose(sine[:5], [3.0, 2.0, 1.0, 2.0, 3.0], rtol=1e-12)


def test_units_and_names_say_the_same():
    expected = waveform("pulse(1e-3, 3e-10, 2e-10)", TIME)
    for text in ("pulse(1mW,300ps,0.2ns)", " pulse( 1mW , width=200ps, start=.3ns ) "):
        np.testing.assert_allclose(waveform(text, TIME), expected, rtol=1e-12)


def test_electrical_signals_are_numbers():
    signal = waveform("sine(-2, 2.5e9)", TIME, "electrical")
    assert signal.dtype == np.float64
    np.testing.assert_allclose(signal[:4], [0.0, -2.0, 0.0, 2.0], atol=1e-12)
    np.testing.assert_allclose(waveform("cw(-30mV)", TIME, "electrical"), np.full(10, -0.03))


def test_bits_are_a_pattern_over_and_over():
    # Two samples a bit; bit 3 begins at 6e-10, which is no sum of 1e-10 without rounding.
    np.testing.assert_allclose(power("bits(4, 5GHz, pattern=0110)"), [0, 0, 4, 4, 4, 4, 0, 0, 0, 0])
    fine = np.arange(9) * 5e-11
    rising = waveform("bits(2, 5GHz, pattern=101, rise=200ps)", fine, "electrical")
    # Half a cosine over the whole bit, from the dark.
    quarter = 1 - np.sqrt(0.5)
    edge = [0, quarter, 1, 2 - quarter]
    np.testing.assert_allclose(rising, [*edge, 2, *(2 - np.array(edge[1:])), 0], atol=1e-12)


def test_random_bits_are_those_of_the_seed():
    time = np.arange(4000) * 1e-10
    first = waveform("bits(1, 1e10)", time)
    np.testing.assert_array_equal(waveform("bits(1, 1e10, seed=1)", time), first)
    other = waveform("bits(1, 1e10, 2)", time)
    # 4,000 fair bits: five deviations of √(1/4 · 1/4000).
    for found in (np.mean(first.real), np.mean(first != other)):
        assert found == pytest.approx(0.5, abs=0.04)
    # A longer run begins with the shorter one.
    np.testing.assert_array_equal(waveform("bits(1, 1e10)", time[:100]), first[:100])


def test_shapes_are_described_as_they_are_written():
    described = dict(describe_shapes())
    assert len(described) == len(SHAPES)
    assert "bits(level, rate, seed=1, pattern=…, rise=0)" in described
    assert all(described.values())


def test_tables_are_held_to_their_next_line(tmp_path):
    table = tmp_path / "light.csv"
    table.write_text("time,power\n1e-10,4\n\n5e-10,9\n", encoding="utf-8")
    seen = waveform(str(table), TIME)
    np.testing.assert_array_equal(seen, [0, 2, 2, 2, 2, 3, 3, 3, 3, 3])
    signal = waveform(str(table), TIME, "electrical")
    np.testing.assert_array_equal(signal, np.abs(seen) ** 2)
    table.write_text("\ufeff-1,1,-2\n4.5e-10,0,1\n", encoding="utf-8")
    np.testing.assert_array_equal(waveform(str(table), TIME), [1 - 2j] * 5 + [1j] * 5)
    with pytest.raises(ValueError, match=r"two columns \(time, level\), all lines alike; got 3"):
        waveform(str(table), TIME, "electrical")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no rows"),
        ("time,power\n", "holds no rows"),
        ("\xff\xfe", r"light.csv holds no rows"),
        ("0,1\n1,x\n", "line 2 is not numbers"),
        ("0,1\n1,2,3\n", "line 2 must have two columns"),
        ("0\n", "line 1 must have two columns"),
        ("1,1\n0,1\n", "times must rise"),
        ("0,nan\n", "all numbers be finite"),
        ("0,-1\n", "a power ≥ 0 W at all times"),
    ],
)
def test_malformed_tables_are_refused(text, message, tmp_path):
    table = tmp_path / "light.csv"
    table.write_text(text, encoding="latin-1" if text == "\xff\xfe" else "utf-8")
    with pytest.raises(ValueError, match=message):
        waveform(str(table), TIME)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("pulse(1,0,0)", r"pulse\(level, start, width\): width must be > 0 s, not '0'; got"),
        ("gauss(1,0)", r"gauss\(level, centre, width\) needs width; got \(1,0\)"),
        ("train(1)", "needs period and width"),
        ("step(1,soon)", "start must be a number in s, not 'soon'"),
        ("step(1,1nm)", "start must be a number in s, not '1nm'"),
        ("cw(inf)", "level must be a number in W, not 'inf'"),
        ("cw(1,2)", "does not take '2'"),
        ("cw(power=2)", "does not take 'power=2'"),
        ("step(1,2,start=3)", "does not take 'start=3'"),
        ("cw()", "level must be a number in W, not ''"),
        ("bits(1,1e9,rise=2e-9)", "a rise of 2e-09 s is longer than a bit of 1e-09 s"),
        ("bits(1,1e11)", "a bit of 1e-11 s is shorter than a sample"),
        ("bits(1,1e9,seed=-1)", "seed must be a whole number ≥ 0"),
        ("bits(1,1e9,pattern=012)", "pattern must be zeros and ones"),
        ("bits(1,1e9,rise=-1)", "rise must be ≥ 0 s"),
        ("sine(1, 1e9)", r"sine\(1, 1e9\): light needs a power ≥ 0 W"),
        ("saw(1)", "no waveform 'saw'; write cw"),
        ("light", "is no waveform"),
    ],
)
def test_malformed_shapes_are_refused(text, message):
    with pytest.raises(ValueError, match=message):
        waveform(text, TIME)


def test_a_signal_without_a_unit_is_refused_in_words():
    with pytest.raises(
        ValueError, match="level must be a number in V or A, or without a unit, not '1mW'"
    ):
        waveform("cw(1mW)", TIME, "electrical")
