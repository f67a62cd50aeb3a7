"""The specialised loop equals the general solver, sample for sample."""

import numpy as np
import pytest

from circuits import Circuit, load_netlist
from examples import relax_loop
from examples.relax_loop import compare, hardware, netlist, weights

SETTLED = {"transient": "mzi", "time_constant": 0.5e-9 / 40}
"""An interferometer of the netlist turns on from where it is: settled to e⁻⁴⁰ at a slot's end."""


@pytest.mark.parametrize("drive", ["waveform", "held"])
@pytest.mark.parametrize(
    "options",
    [{}, {"order": (0, 0, 1), "samples": 5}, SETTLED, {"time_constant": 0.0}],
    ids=["gates", "a bank twice", "interferometers", "instant"],
)
def test_the_loop_equals_the_netlist(drive, options):
    loop, _, z, h, difference = compare(seed=3, drive=drive, **options)
    assert z.shape == h.shape == (len(loop.schedule.banks) * loop.samples, 2)
    # A few dozen roundings a sample, which the loop carries on.
    assert difference < 1e-13
    final, _ = loop.forward(*inputs_of(loop, seed=3))
    np.testing.assert_allclose(h[-1], final[0], rtol=1e-12)


def inputs_of(loop, seed):
    """State, matrices, bias and levels as `compare` has them."""
    banks, bias = weights(seed)
    state = np.tanh(np.random.default_rng((seed, 1)).normal(size=2))
    constants, exponents = loop.link_levels(2)
    gain = float(np.linalg.norm(banks, 2, axis=(1, 2)).max())
    return state[None], banks[:, None], bias, constants * gain**exponents


def test_what_is_equal_is_not_trivial():
    """The transients, the leaks and the way of the drive all show in what is compared."""
    _, base, *_ = compare(seed=3)
    for change in ({"drive": "held"}, {"time_constant": 0.0}, {"isolation_db": 60.0}):
        _, other, *_ = compare(seed=3, **change)
        assert np.max(np.abs(other.receiver - base.receiver)) > 1e-2


def test_the_netlist_is_plain_data():
    loop = hardware()
    described = netlist(loop, *weights(0))
    circuit = Circuit(load_netlist(described))
    assert circuit.ports == ("state0", "state1")
    again = Circuit(load_netlist(circuit.to_netlist()))
    assert again.parameters == circuit.parameters


def test_the_example_prints_and_draws(tmp_path, capsys):
    relax_loop.main(["--out", str(tmp_path / "a" / "loop.png")])
    printed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in printed[1:3]] == ["waveform", "held"]
    assert all(float(line.split()[-1]) < 1e-13 for line in printed[1:3])
    assert (tmp_path / "a" / "loop.png").read_bytes().startswith(b"\x89PNG")
