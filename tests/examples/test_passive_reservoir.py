import numpy as np
import pytest

from circuits import Circuit, load_netlist
from examples import passive_reservoir
from examples.passive_reservoir import DELAY, LASER, STEPS_PER_DELAY, reservoir, swirl


@pytest.fixture(scope="module")
def chip():
    return Circuit(load_netlist(reservoir(seed=0, bandwidth=None)))


def test_every_node_of_the_swirl_is_reached_and_left_by_two_guides_at_most():
    edges = swirl()
    assert len(edges) == 24
    for node in np.ndindex(4, 4):
        arriving = sum(end == node for _, end in edges)
        leaving = sum(start == node for start, _ in edges)
        assert 1 <= arriving <= 2
        assert 1 <= leaving <= 2


def test_the_chip_in_time_is_the_chip_in_frequency(chip):
    # 24 passages of the longest loops: what is left of the impulse then is below 1e-12.
    n = 128 * STEPS_PER_DELAY
    impulse = np.zeros(n, dtype=complex)
    impulse[0] = 1.0
    dt = DELAY / STEPS_PER_DELAY
    trace = chip.transient({"in": impulse}, dt=dt, frequency=LASER)
    bins = np.array([0, 3, 70, 500])
    scattering = chip.scattering(frequency=LASER + bins / (n * dt))
    for i, name in enumerate(chip.ports):
        spectrum = n * np.fft.ifft(trace.outputs[name])[bins]
        np.testing.assert_allclose(spectrum, scattering[:, i, 0], atol=1e-11)


def test_a_chip_without_gain_loses_power(chip):
    balance = chip.power_balance(frequency=LASER + np.linspace(0, 1 / DELAY, 7))
    assert np.all(balance > 0.3)


def test_xor_needs_bits_long_enough_to_meet():
    """Half a delay is too short for neighbours, four too long for bits that are two apart."""
    rates = passive_reservoir.study([8, 28, 64], chips=1, n_bits=1200)
    both, neighbours, apart = rates[:, 0]
    # A coin is wrong on 0.5 ± 0.021 of 570 test bits.
    assert np.all(both < 0.02)
    assert abs(neighbours[0] - 0.5) < 0.09
    assert np.all(neighbours[1:] < 0.02)
    assert abs(apart[0] - 0.5) < 0.09
    assert apart[1] < 0.02
    assert apart[2] > 0.1


def test_the_example_prints_its_table_and_draws(tmp_path, capsys):
    out = tmp_path / "new" / "chip.png"
    passive_reservoir.main(
        ["--out", str(out), "--bits", "300", "--chips", "1", "--steps", "8", "24"]
    )
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].split()[-1] == "apart"
    assert [line.split()[0] for line in printed[1:3]] == ["0.500", "1.500"]
    assert out.read_bytes().startswith(b"\x89PNG")
