"""Touchstone files: conjugated once, both versions, names, round trips and errors."""

import numpy as np
import pytest

from circuits.component_compositions import add_drop_ring
from circuits.s_parameters import SParameters
from circuits.touchstone_file import read_touchstone, write_touchstone

LIGHT = np.linspace(193.2e12, 193.6e12, 51)


def ring_table(n_ports=4):
    ring = add_drop_ring()
    matrix = ring.scattering(LIGHT)[:, :n_ports, :n_ports].copy()
    if n_ports > 1:
        matrix[:, 0, 1] *= 0.5  # what tells S from its transpose
    return SParameters(frequency=LIGHT, matrix=matrix, ports=ring.ports[:n_ports])


@pytest.mark.parametrize("n_ports", [1, 2, 3, 4])
@pytest.mark.parametrize("version", [1, 2])
def test_round_trip_is_exact(tmp_path, n_ports, version):
    table = ring_table(n_ports)
    path = tmp_path / (f"ring.s{n_ports}p" if version == 1 else "ring.ts")
    write_touchstone(table, path, version=version)
    again = read_touchstone(path)
    np.testing.assert_array_equal(again.frequency, table.frequency)
    np.testing.assert_array_equal(again.matrix, table.matrix)
    assert again.ports == table.ports
    assert ("[Version] 2.0" in path.read_text()) == (version == 2)


def test_the_phase_of_a_delay_turns_over_once(tmp_path):
    # By hand, in e^{+jωt}: S21 = e^{-j0.3}, S12 = 0.5; the house has e^{+0.3i}.
    path = tmp_path / "line.s2p"
    angle = np.degrees(-0.3)
    path.write_text("! a line\n# GHZ S MA R 50\n"
                    + f"193000 0 0 1 {angle} 0.5 0 0 0\n")  # fmt: skip
    table = read_touchstone(path)
    assert table.frequency == pytest.approx([193e12])
    assert table.ports == ("port 1", "port 2")
    np.testing.assert_allclose(table.matrix[0], [[0, 0.5], [np.exp(0.3j), 0]], atol=1e-15)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.dat", "# HZ S RI R 50\n1 0 0\n", "a Touchstone file has from 1 to 128 ports"),
        ("a.s999p", "# HZ S RI R 50\n1 0 0\n", "from 1 to 128 ports .*; got 999"),
        ("a.s1p", "# HZ S RI R 50\n1 0 x\n", "line 2: expected numbers; got '1 0 x'"),
        ("a.s1p", "# HZ S RI R 50\n1 0 nan\n", "line 2: expected numbers"),
        ("a.s1p", "# HZ Q RI R 50\n1 0 0\n", "illegal parameter value"),
        ("a.s2p", "# HZ S RI R 50\n1 0 0 1 0\n", "has the option line"),
        ("a.s1p", "# HZ S RI R 50\n", "no matrices of 1 ports were found"),
        ("a.s1p", "# HZ S RI R 50\n2 0 0\n1 0 0\n", "frequency must be one ascending list"),
        (
            "a.ts",
            "[Version] 2.0\n# HZ S RI\n[Reference] 50\n[Number of Ports] 1\n",
            "line 3: \\[Reference\\] must come after",
        ),
        (
            "a.ts",
            "[Version] 2.0\n# HZ S RI\n[Number of Ports] 2\n[Reference] 50\n[Network Data]\n",
            "line 4: \\[Reference\\] must .* each of the 2 ports.*; got 1",
        ),
        (
            "a.ts",
            "[Version] 2.0\n# HZ S RI\n[Number of Ports] 2\n[Number of Ports] 3\n",
            "line 4: \\[Number of Ports\\] stands, line 3 already",
        ),
    ],
)
def test_errors_name_the_file(tmp_path, name, text, message):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(ValueError, match=message) as caught:
        read_touchstone(path)
    assert str(caught.value).startswith(str(path))


def test_names_of_files_are_held_to_the_format(tmp_path):
    with pytest.raises(ValueError, match="must end in .s4p"):
        write_touchstone(ring_table(), tmp_path / "a.s2p")
    with pytest.raises(ValueError, match="must end in .ts"):
        write_touchstone(ring_table(), tmp_path / "a.s4p", version=2)
    with pytest.raises(ValueError, match="version must be 1 or 2"):
        write_touchstone(ring_table(), tmp_path / "a.ts", version=3)
