import errno
import os

import numpy as np
import pytest
import torch

from photon_relax.cli import main, training_session
from photon_relax.cli.failures import describe_os_error, describe_shortage

HUGE = 10**14


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda: torch.empty(HUGE), "not enough memory for an array of 3.73e+05 GiB; a smaller"),
        (lambda: np.empty(HUGE), "not enough memory for an array of 728. TiB; a smaller width"),
        (lambda: torch.empty(2**40, 2**40), "not enough memory; a smaller width, batch_size"),
        (lambda: torch.empty(10**30), "not enough memory; a smaller width, batch_size"),
    ],
)
def test_a_shortage_of_memory_is_recognised_and_said_in_one_line(ask, told):
    with pytest.raises((RuntimeError, MemoryError, TypeError)) as caught:
        ask()
    said = describe_shortage(caught.value)
    assert said.startswith(told)
    assert "\n" not in said


@pytest.mark.parametrize("error", [RuntimeError("mat1 and mat2"), TypeError("x"), OSError(12, "x")])
def test_other_errors_are_no_shortage(error):
    assert describe_shortage(error) is None


@pytest.mark.parametrize("ask", [lambda *_: torch.empty(HUGE), lambda *_: np.empty(HUGE)])
def test_a_shortage_ends_the_command_with_one_line(monkeypatch, capsys, tmp_path, ask):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(training_session, "build_network", ask)
    assert main(["train", "digits"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("photon-relax: error: not enough memory for an array of ")
    assert err.count("\n") == 1


def test_a_fault_of_the_program_is_not_hidden(monkeypatch, tmp_path):
    def fail(*_):
        raise RuntimeError("a fault of ours")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(training_session, "build_network", fail)
    with pytest.raises(RuntimeError, match="a fault of ours"):
        main(["train", "digits"])


def test_an_error_of_the_disk_names_its_file_or_the_kernel_cache():
    reason = os.strerror(errno.ENOSPC)
    assert describe_os_error(OSError(errno.ENOSPC, reason, "run.h5")) == f"run.h5: {reason}"
    nameless = describe_os_error(OSError(errno.ENOSPC, reason))
    assert nameless.startswith(f"{reason} (no file is named; it may be the cache of compiled")
    assert "NUMBA_CACHE_DIR" in nameless
    # What has no file by nature does not point at one.
    assert describe_os_error(OSError(errno.ECONNRESET, "reset")) == "reset"
    assert describe_os_error(OSError("in its own words")) == "in its own words"
