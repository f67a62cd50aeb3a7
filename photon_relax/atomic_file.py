"""Files that are either the old version or the new one, never a half of it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

__all__ = ["write_atomically"]


def write_atomically(path: str | Path, data: bytes) -> None:
    """Replace a file by new content in one step.

    The bytes go to a hidden neighbour (``.NAME.partial``) in the same folder, reach the disk, and
    are then renamed over `path`: a reader sees one complete version or the other, and a full disk
    or a lost process leaves the old version as it was. One writer a file is assumed; whoever calls
    this from several processes has to hold a lock.

    Raises
    ------
    OSError
        When the folder is missing, not writable or full; it names the file, and the neighbour is
        removed first.
    """
    path = Path(path)
    partial = path.with_name(f".{path.name}.partial")
    try:
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException as error:
        # What cannot be removed was mostly never made, for the reason that `error` tells.
        with suppress(OSError):
            partial.unlink()
        if isinstance(error, OSError):
            # Opening names the neighbour, which nobody asked for, and a full disk names nothing.
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make the rename itself survive a power cut, where the platform lets a folder be synced."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
