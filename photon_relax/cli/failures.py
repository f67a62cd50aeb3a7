"""What went wrong, in the words of one line, where the library that failed has others."""

from __future__ import annotations

import errno
import re

__all__ = ["describe_os_error", "describe_shortage"]

_LESS = "a smaller width, batch_size, evaluation_batch, window or repetitions needs less"
# torch has a class of its own for a device's memory only; that of the machine is a RuntimeError.
_SHORTAGE = re.compile(
    r"DefaultCPUAllocator|can't allocate memory|not enough memory|out of memory"
    r"|Storage size calculation overflowed|Overflow when unpacking long",
    re.IGNORECASE,
)
_DISK = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EROFS,
    errno.EACCES,
    errno.EPERM,
    errno.EIO,
    errno.EFBIG,
}


def describe_shortage(error: BaseException) -> str | None:
    """Say that the memory is too small for what was asked, or None if that is not the reason."""
    text = str(error)
    known = isinstance(error, RuntimeError | TypeError) and _SHORTAGE.search(text)
    if not known and not isinstance(error, MemoryError):
        return None
    asked = re.search(r"allocate (\d+) bytes|allocate ([\d.]+ [KMGTPE]iB)", text)
    if asked is None:
        return f"not enough memory; {_LESS}"
    size = asked[2] or f"{int(asked[1]) / 2**30:.3g} GiB"
    return f"not enough memory for an array of {size}; {_LESS}"


def describe_os_error(error: OSError) -> str:
    """``FILE: reason`` instead of Python's ``[Errno N] reason: 'FILE'``."""
    if error.strerror is None:
        return str(error)
    if error.filename:
        return f"{error.filename}: {error.strerror}"
    if error.errno in _DISK:
        # Our own writers always name their file; numba's cache does not.
        return (
            f"{error.strerror} (no file is named; it may be the cache of compiled kernels, for "
            "which NUMBA_CACHE_DIR names another folder)"
        )
    return error.strerror
