import sys

import pytest

from examples import programmed_banks


def test_every_further_way_leaves_less(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["programmed_banks", "--n", "6", "--chips", "2"])
    programmed_banks.main()
    _, *lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 12
    rows = {(row.bank, row.method): row for row in programmed_banks.run(6, 4, 2)}
    for bank in {bank for bank, _ in rows}:
        ways = [row for (of, _), row in rows.items() if of == bank]
        blind, better, best = (row.error for row in ways)
        assert blind > better
        assert better > best or "12 bit" in bank  # where steps are all that is left
    # 20 MHz of a half-linewidth of 4 GHz, times a slope of about 1: 8.5 bits, Zhang et al.
    assert rows["rings", "calibrated"].bits == pytest.approx(8.6, abs=0.3)
