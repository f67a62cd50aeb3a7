"""How every kernel of the house is compiled: one decorator, one disk cache per source state.

Numba caches a compiled function under its own file's time stamp only: a kernel keeps calling a
stale copy of a callee that lives in another file and has changed since. The cache folder is
therefore named by a hash of the compilers and of all kernel modules of the two floors that have
any, so that a change of one starts an empty cache. Kernel modules (``*_kernels.py``) import
nothing of the house but one another and this decorator, which makes that hash complete. This
module must be imported before the first kernel is defined, which importing the decorator from it
ensures.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import llvmlite
import numba
import numpy as np

# Every relaxation of IEEE arithmetic that speeds up sums, except the two that would let the
# compiler assume that NaN and infinity never occur: bad numbers must stay visible.
_FASTMATH = {"reassoc", "nsz", "arcp", "contract"}


def _sources_digest() -> str:
    digest = hashlib.sha256()
    for version in (numba.__version__, llvmlite.__version__, np.__version__):
        digest.update(version.encode())
    here = Path(__file__).parent
    floors = (here, here.parent / "circuits")
    kernels = [source for floor in floors for source in sorted(floor.glob("*_kernels.py"))]
    for source in (Path(__file__), *kernels):
        digest.update(f"{source.parent.name}/{source.name}".encode())
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def _cache_root() -> Path:
    """Return the user's cache folder, or a temporary one where that cannot be written."""
    named = os.environ.get("NUMBA_CACHE_DIR")
    if named:
        return Path(named)
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "photon_relax"
    try:
        root.mkdir(parents=True, exist_ok=True)
        usable = os.access(root, os.W_OK)
    except OSError:
        usable = False
    return root if usable else Path(tempfile.gettempdir()) / f"photon_relax-{os.getuid()}"


_numba_config: Any = numba.config  # filled from the environment, unknown to type checkers
_numba_config.CACHE_DIR = str(_cache_root() / _sources_digest())
# The omp layer would reset torch's thread count, tbb may be absent: workqueue is always there.
# It must never be entered from two threads at once.
_numba_config.THREADING_LAYER = "workqueue"


def kernel(*, parallel: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Compile a kernel: arrays and scalars in, nothing validated, nothing allocated in loops.

    Parameters
    ----------
    parallel
        Whether ``numba.prange`` runs over threads. Results must not depend on their number.
    """
    decorate: Callable[[Callable[..., Any]], Callable[..., Any]] = numba.njit(
        cache=True, nogil=True, error_model="numpy", fastmath=_FASTMATH, parallel=parallel
    )
    return decorate
