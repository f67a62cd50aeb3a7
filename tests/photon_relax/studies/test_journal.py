import errno
import json
import math
import os
import random
import struct

import pytest

from photon_relax.studies.journal import Journal, Outcome, read_journal


def _write(path, outcomes):
    with Journal(path) as journal:
        for outcome in outcomes:
            journal.append(outcome)


def _read(path):
    damaged = []
    return list(read_journal(path, lambda *fault: damaged.append(fault))), damaged


def _some(count):
    rng = random.Random(8)
    return [Outcome(i, rng.random(), {"accuracy": rng.random()}) for i in range(count)]


def test_floats_come_back_bit_by_bit(tmp_path):
    rng = random.Random(3)
    bits = [struct.unpack("d", rng.randbytes(8))[0] for _ in range(2000)]
    values = [*(v for v in bits if math.isfinite(v)), 5e-324, -0.0, 1 / 3]
    _write(tmp_path / "j", [Outcome(i, v, {"v": v}) for i, v in enumerate(values)])
    read = [outcome.measured["v"] for outcome in read_journal(tmp_path / "j")]
    assert [struct.pack("d", v) for v in read] == [struct.pack("d", v) for v in values]


def test_not_a_number_and_infinities_and_errors_come_back(tmp_path):
    told = [
        Outcome(0, 0.5, {"a": math.inf, "b": -math.inf, "c": math.nan}),
        Outcome(1, 0.1, error="ValueError: “no” light\nat all"),
    ]
    _write(tmp_path / "j", told)
    first, second = read_journal(tmp_path / "j")
    assert (first.measured["a"], first.measured["b"]) == (math.inf, -math.inf)
    assert math.isnan(first.measured["c"])
    assert second == told[1]
    assert all(json.loads(line)["crc32"] for line in (tmp_path / "j").read_text().splitlines())


def test_a_journal_that_is_not_there_holds_nothing(tmp_path):
    assert list(read_journal(tmp_path / "none")) == []


@pytest.mark.parametrize("cut", [1, 2, 20, 40, 60])
def test_a_line_that_was_cut_off_is_dropped_and_written_anew(tmp_path, cut):
    told = _some(5)
    _write(tmp_path / "j", told)
    whole = (tmp_path / "j").read_bytes()
    (tmp_path / "j").write_bytes(whole[:-cut])
    assert _read(tmp_path / "j") == (told[:4], [])
    _write(tmp_path / "j", told[4:])
    assert (tmp_path / "j").read_bytes() == whole


def test_any_damaged_byte_costs_its_line_and_is_reported(tmp_path):
    told = _some(3)
    _write(tmp_path / "j", told)
    whole = (tmp_path / "j").read_bytes()
    start = whole.index(b"\n") + 1
    end = whole.index(b"\n", start)
    for place in range(start, end):
        (tmp_path / "j").write_bytes(whole[:place] + b"#" + whole[place + 1 :])
        read, damaged = _read(tmp_path / "j")
        assert read == [told[0], told[2]]
        assert damaged == [(2, "its checksum does not fit its content")]


def test_a_line_of_another_program_is_reported(tmp_path):
    (tmp_path / "j").write_bytes(b"\n[1]\nhello world, this is quite another file\n")
    read, damaged = _read(tmp_path / "j")
    assert (read, [number for number, _ in damaged]) == ([], [1, 2, 3])


def test_a_full_disk_leaves_whole_lines(tmp_path, monkeypatch):
    write = os.write
    room = [250]

    def full(file, data):
        if not room[0]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        part = data[: room[0]]
        room[0] -= len(part)
        return write(file, part)

    told = _some(5)
    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match=f"No space left on device: '{tmp_path}/j'"):
        _write(tmp_path / "j", told)
    assert _read(tmp_path / "j") == (told[:2], [])
    assert (tmp_path / "j").read_bytes().endswith(b'"}\n')


def test_the_journal_reaches_the_disk_once_a_second_and_at_the_end(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", synced.append)
    clock = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    with Journal(tmp_path / "j") as journal:
        for outcome in _some(40):
            clock[0] += 0.25
            journal.append(outcome)
        assert len(synced) == 10
    assert len(synced) == 11
