"""The folder of a run, or of a study: its number, and the one process that may write in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from photon_relax.run_file import RUN_FILE_NAME

__all__ = ["RUN", "FolderKind", "check_run_folder", "next_run_folder", "writing_to"]

_LOCK_NAME = ".lock"


@dataclass(frozen=True)
class FolderKind:
    """What is kept in a folder of its own, for the messages about it."""

    file: str
    """The file by which the folder is known."""
    noun: str
    """What the folder holds."""
    work: str
    """What is done there."""
    resuming: str
    """How to go on with it."""


RUN = FolderKind(RUN_FILE_NAME, "run", "training", "--resume")


def next_run_folder(parent: str | Path, name: str) -> Path:
    """Pick ``parent/name-001`` or the first free number after those that exist."""
    taken = [
        int(number)
        for path in Path(parent).glob(f"{name}-*")
        if (number := path.name.removeprefix(f"{name}-")).isdecimal()
    ]
    return Path(parent) / f"{name}-{max(taken, default=0) + 1:03d}"


@contextmanager
def writing_to(
    folder: str | Path, *, resume: bool = False, kind: FolderKind = RUN
) -> Iterator[Path]:
    """Make a run folder if need be and hold it as its only writer.

    The operating system holds the lock for the process and lets go when it ends, however it ends:
    a lock file left behind by a killed run locks nobody out. A folder that was made here and is
    still empty at the end is removed again.

    Parameters
    ----------
    folder
        The folder; its parents are made too.
    resume
        Whether the folder has to hold a run (True) or must not (False).
    kind
        Of the folder, where it is not a run's.

    Raises
    ------
    ValueError
        Another process is writing there, or a run is there although none should be, or the
        reverse.
    OSError
        The folder cannot be made.
    """
    folder = Path(folder)
    check_run_folder(folder, resume=resume, kind=kind)
    made = _make_folder(folder)
    lock = FileLock(folder / _LOCK_NAME)
    try:
        try:
            lock.acquire(blocking=False)
        except Timeout:
            raise ValueError(f"another process is {kind.work} in {folder}") from None
        # Two processes may have found the folder empty; only the holder of the lock knows.
        check_run_folder(folder, resume=resume, kind=kind)
        yield folder
    finally:
        if lock.is_locked:
            with suppress(OSError):
                (folder / _LOCK_NAME).unlink()
            lock.release()
        for path in made:
            with suppress(OSError):
                path.rmdir()


def check_run_folder(folder: str | Path, *, resume: bool, kind: FolderKind = RUN) -> None:
    """Refuse a folder that holds a run although none should be there, or the reverse.

    Raises
    ------
    ValueError
        The message says what to do instead.
    """
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder} is a file; a {kind.noun} needs a folder")
    holds_run = (folder / kind.file).exists()
    if resume and not holds_run:
        raise ValueError(f"{folder} holds no {kind.noun} to resume (no {kind.file} in it)")
    if holds_run and not resume:
        raise ValueError(
            f"{folder} already holds a {kind.noun}: go on with it by {kind.resuming}, "
            "or name another --out"
        )


def _make_folder(folder: Path) -> list[Path]:
    """Make the folder and its parents; return those that did not exist, innermost first."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return missing
