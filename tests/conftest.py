"""What every test shares: quiet threads, plots without a screen, the real data, no silent file."""

from __future__ import annotations

import os
import signal

# As photon_relax.threads does, but before any other import: idle threads sleep.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "4")
os.environ.setdefault("MPLBACKEND", "Agg")

from pathlib import Path

import matplotlib as mpl
import numba
import pytest
import torch

mpl.use("Agg")

ROOT = Path(__file__).resolve().parent.parent
IN_CI = os.environ.get("CI", "").lower() not in {"", "0", "false"}


@pytest.fixture(scope="session", autouse=True)
def two_threads():
    """Two threads at most, so that timings and memory do not depend on the size of the machine."""
    threads = min(2, os.cpu_count() or 1)
    torch.set_num_threads(threads)
    numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))


@pytest.fixture(scope="session", autouse=True)
def interruptible():
    """Answer SIGINT, also where a background job of a shell was started with it ignored.

    What a test starts inherits an ignored signal, and would then never see its Ctrl-C.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real data sets that PHOTON_RELAX_DATA names.

    Without it a test is skipped on a developer's machine; in CI (CI=true) it fails, because a
    check that silently skips its real data checks nothing.
    """
    named = os.environ.get("PHOTON_RELAX_DATA", "")
    if named and Path(named).is_dir():
        return Path(named).resolve()
    reason = (
        f"PHOTON_RELAX_DATA={named!r} is not a folder with the real data sets "
        "(tinyshakespeare.txt, svhn_subset/)"
    )
    if IN_CI:
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Refuse a whole-suite run in which some test file contributes no test."""
    # The arguments come from testpaths of pyproject.toml only when the command line named none.
    whole_suite = config.args_source == pytest.Config.ArgsSource.TESTPATHS
    narrowing = ("ignore", "ignore_glob", "deselect", "lf")
    if not whole_suite or any(config.getoption(name, default=None) for name in narrowing):
        return
    silent = set((ROOT / "tests").rglob("test_*.py")) - {item.path for item in items}
    names = sorted(str(path.relative_to(ROOT)) for path in silent - _broken_files(config))
    if names:
        raise pytest.UsageError(f"these files contribute no test: {', '.join(names)}")


def _broken_files(config: pytest.Config) -> set[Path]:
    """The files that failed to import: pytest reports those itself."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    errors = [] if reporter is None else reporter.stats.get("error", [])
    return {ROOT / str(report.fspath) for report in errors}
