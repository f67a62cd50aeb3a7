"""What a run was computed with, so that a figure can be traced to what produced it."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from photon_relax.version import __version__

__all__ = ["describe_environment", "describe_installation"]

_PACKAGES = ("numpy", "scipy", "numba", "torch", "h5py")


def describe_environment() -> dict[str, Any]:
    """Versions, platform, threads and the commit of the source, if it lies in a checkout."""
    import numba
    import torch

    return {
        **describe_installation(),
        "torch_threads": torch.get_num_threads(),
        "numba_threads": int(numba.get_num_threads()),
    }


def describe_installation() -> dict[str, Any]:
    """The same without the threads, which only the loaded libraries know."""
    versions: dict[str, str | None] = {name: _version(name) for name in _PACKAGES}
    return {
        "photon_relax": __version__,
        "python": platform.python_version(),
        **versions,
        "platform": platform.platform(),
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "commit": _commit(Path(__file__).parent),
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _commit(folder: Path) -> str | None:
    """The commit checked out in `folder`, with a mark where files differ from it."""
    try:
        answer = subprocess.run(
            ["git", "-C", str(folder), "describe", "--always", "--dirty", "--abbrev=40"],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip() or None
