"""Lumerical's files: both headers, modes, group delay once, round trips and errors."""

from pathlib import Path

import numpy as np
import pytest

from circuits.component_compositions import add_drop_ring
from circuits.lumerical_file import read_lumerical, write_lumerical
from circuits.s_parameters import Mode, SParameters

LIGHT = np.linspace(193.2e12, 193.6e12, 51)


def block(head='("port 2","TE",1,\'port 1\',1,"transmission")', rows=None, shape=None):
    rows = ["1.93e14 0.5 0.1", "1.94e14 0.5 0.2", "1.95e14 0.5 0.3"] if rows is None else rows
    return "\n".join([head, shape or f"({len(rows)}, 3)", *rows]) + "\n"


@pytest.fixture
def file(tmp_path):
    def written(text):
        path = tmp_path / "part.dat"
        path.write_text(text)
        return path

    return written


@pytest.mark.parametrize("with_delay", [False, True])
def test_round_trip(tmp_path, with_delay):
    ring = add_drop_ring()
    delay = 1e-12 * np.arange(16.0).reshape(4, 4) if with_delay else None
    table = SParameters(
        frequency=LIGHT, matrix=ring.scattering(LIGHT), ports=ring.ports, group_delay=delay
    )
    path = tmp_path / "ring.dat"
    write_lumerical(table, path, sides={"in": "LEFT", "drop": "RIGHT"})
    again = read_lumerical(path)
    assert '["in","LEFT"]' in path.read_text()
    assert again.ports == ring.ports
    np.testing.assert_array_equal(again.frequency, LIGHT)
    # Magnitude and phase round once each.
    np.testing.assert_allclose(again.matrix, table.matrix, atol=1e-14)
    if with_delay:
        np.testing.assert_array_equal(again.group_delay, delay)
    else:
        assert again.group_delay is None
    assert [it.name for it in path.parent.iterdir()] == ["ring.dat"]


def test_a_group_delay_is_restored_once_about_the_middle(file):
    head = '("port 2","TE",1,"port 1",1,"transmission",2e-12)'
    table = read_lumerical(file(block(head)))
    offset = np.array([-1e12, 0.0, 1e12])
    expected = 0.5 * np.exp(1j * ([0.1, 0.2, 0.3] + 2 * np.pi * 2e-12 * offset))
    np.testing.assert_allclose(table.matrix[:, 1, 0], expected, rtol=1e-13)
    assert table.group_delay[1, 0] == 2e-12
    # A delay turns the phase up with frequency: e^{-iωt}, nothing conjugated.


@pytest.mark.parametrize("header", ["", "[1,1]\n", '["port 1","LEFT"]\n[\'port 2\',""]\n'])
def test_headers(file, header):
    table = read_lumerical(file("\n" + header + block()))
    assert table.ports == ("port 1", "port 2")
    np.testing.assert_allclose(table.matrix[:, 1, 0], 0.5 * np.exp([0.1j, 0.2j, 0.3j]))
    np.testing.assert_array_equal(table.matrix[:, 0], 0.0)  # blocks left out


def test_the_header_orders_the_ports_and_keeps_dark_ones(file):
    header = '["port 2","RIGHT"]\n["port 9","TOP"]\n["port 1","LEFT"]\n'
    table = read_lumerical(file(header + block()))
    assert table.ports == ("port 2", "port 9", "port 1")
    assert np.all(table.matrix[:, 0, 2] != 0)
    assert np.count_nonzero(table.structure) == 1


def test_without_a_header_ports_are_in_the_order_of_their_numbers(file):
    text = block('("port 10","TE",1,"port 2",1,"transmission")')
    assert read_lumerical(file(text)).ports == ("port 2", "port 10")


def test_frequencies_may_run_down(file):
    table = read_lumerical(file(block(rows=["1.95e14 0.1 1", "1.94e14 0.2 2", "1.93e14 0.3 3"])))
    np.testing.assert_array_equal(table.frequency, [1.93e14, 1.94e14, 1.95e14])
    np.testing.assert_allclose(np.abs(table.matrix[:, 1, 0]), [0.3, 0.2, 0.1])


def test_modes(file, tmp_path):
    heads = [
        '("port 1","TE",1,"port 1",1,"transmission")',
        '("port 2","TM0",2,"port 1",1,"transmission")',
        '("port 2","TE",1,"port 1",1,"transmission")',
    ]
    table = read_lumerical(file("".join(block(head) for head in heads)))
    assert table.ports == ("port 1", "port 2@TE", "port 2@TM0")
    assert table.modes == (Mode("TE", 1), Mode("TE", 1), Mode("TM0", 2))
    write_lumerical(table, tmp_path / "again.dat")
    again = read_lumerical(tmp_path / "again.dat")
    assert (again.ports, again.modes) == (table.ports, table.modes)
    np.testing.assert_allclose(again.matrix, table.matrix, atol=1e-15)


def test_modes_of_one_name_are_told_apart_by_number(file):
    heads = [f'("port 1","TE",{n},"port 1",{n},"transmission")' for n in (1, 2)]
    table = read_lumerical(file("".join(block(head) for head in heads)))
    assert table.ports == ("port 1@TE1", "port 1@TE2")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: there are no blocks. A block begins"),
        ("hello\n", "line 1: expected a block that begins .*; got 'hello'"),
        ("('a' 'b')\n", "line 1: expected a block"),
        (block(), None),
        (block() + block(), "line 6: the block stands on line 1 already"),
        (block(rows=["1.93e14 0.5"]), "line 3: expected frequency, magnitude and phase, row 1"),
        (block(rows=["1.93e14 0.5 x"]), "line 3: expected frequency, magnitude and phase"),
        (block(rows=["1.93e14 0.5 nan"]), "line 3: expected frequency, magnitude and phase"),
        (block(shape="(5, 3)"), "line 5: the file ends after 3 of 5 rows"),
        (block(shape="(3, 4)"), "line 2: the shape of a block must be \\(samples, 3\\)"),
        (block(shape="(x, 3)"), "line 2: the number of samples must be a whole number"),
        (block('("a","TE",1,"b",1,"modulation")'), "line 1: expected a block .* got 6 fields"),
        (block('("a","TE",0,"b",1,"transmission")'), "line 1: a mode's number must be a whole"),
        (block('("a","TE",1,"b",1,"transmission",x)'), "line 1: a group delay must be a number"),
        (block('("","TE",1,"b",1,"transmission")'), "line 1: a port needs a name"),
        ('["a","LEFT"]\n' + block(), "line 2: port 'port 2' is not in the header"),
        ('["a","UP"]\n', "line 1: a side is LEFT, RIGHT, TOP or BOTTOM; got 'UP'"),
        ('["a",""]\n["a",""]\n', "line 2: port 'a' is listed twice"),
        ("[2,2]\n" + block(), "line 1: the header counts 4 ports, the blocks name 2"),
        ("[1,2,3]\n", "line 1: a header is lines"),
        ('("a","TE",1,"b",1,"transmission")\n', "line 1: the file ends where the shape"),
        (
            block() + block('("port 1","TE",1,"port 2",1,"transmission")', ["1.93e14 1 0"]),
            "line 6: the frequencies of the block differ",
        ),
        (block(rows=["1.93e14 0.5 0", "1.93e14 0.5 0"]), "part.dat: frequency must be one ascend"),
    ],
)
def test_errors_name_file_and_line(file, text, message):
    path = file(text)
    if message is None:
        assert read_lumerical(path).ports == ("port 1", "port 2")
        return
    with pytest.raises(ValueError, match=message) as caught:
        read_lumerical(path)
    assert str(caught.value).startswith(str(path))


def test_too_many_ports_and_too_large_files(file, monkeypatch):
    with pytest.raises(ValueError, match="more than 128 ports"):
        read_lumerical(file("".join(f'["p{i}",""]\n' for i in range(129)) + block()))
    monkeypatch.setattr("circuits.s_parameter_text.MAX_BYTES", 10)
    with pytest.raises(ValueError, match="the file is larger than"):
        read_lumerical(file(block()))


def test_writing_is_refused_before_anything_is_lost(tmp_path):
    path = tmp_path / "kept.dat"
    path.write_text("old")
    table = SParameters(frequency=LIGHT[:1], matrix=np.ones((1, 1, 1)), ports=('a"b',))
    with pytest.raises(ValueError, match="names cannot hold double quotes"):
        write_lumerical(table, path)
    with pytest.raises(ValueError, match="sides must give LEFT, RIGHT, TOP or BOTTOM"):
        write_lumerical(table, path, sides={"x": "LEFT"})
    both = SParameters(
        frequency=LIGHT[:1], matrix=np.ones((1, 2, 2)), ports=("a@TE", "a@TM"),
        modes=(("TE", 1), ("TM", 1)),
    )  # fmt: skip
    with pytest.raises(ValueError, match="each mode of a port needs a number of its own"):
        write_lumerical(both, path)
    assert path.read_text() == "old"
    with pytest.raises(OSError, match="missing"):
        write_lumerical(
            SParameters(frequency=LIGHT[:1], matrix=np.ones((1, 1, 1)), ports=("a",)),
            Path(tmp_path / "missing" / "a.dat"),
        )
