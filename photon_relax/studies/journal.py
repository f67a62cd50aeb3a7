"""The journal of a study: an append-only file, a line a finished point, the truth about the study.

Each line is one JSON object whose last entry is the CRC-32 of the text before it::

    {"task":17,"seconds":0.21,"measured":{"test_accuracy":0.9583333333333334},"crc32":"0f3a91c2"}

JSON writes a float with as many digits as bring back the same bits. A line is handed to the
operating system in one piece before the next point is noted, so a killed process loses no line
that it wrote; once a second the file is synced to the disk, so a power cut loses at most the last
second. A line that a crash cut off at the end is dropped when the file is opened again.
"""

from __future__ import annotations

import json
import math
import os
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

__all__ = ["Journal", "Outcome", "read_journal"]

_SYNC_SECONDS = 1.0
_MARK = b',"crc32":"'
_TAIL = len(_MARK) + len('00000000"}')


@dataclass(frozen=True)
class Outcome:
    """What came of one task: the figures, or the error."""

    task: int
    """Number of the task within the study."""
    seconds: float
    """Time it took, s."""
    measured: Mapping[str, float] | None = None
    """The figures by name; None where the task failed."""
    error: str | None = None
    """What went wrong, on one line; None where nothing did."""


class Journal:
    """A journal open for writing, at its end; close it, or use it in a ``with``.

    One writer at a time is assumed: whoever opens it holds the lock of the folder.

    Raises
    ------
    OSError
        The file cannot be opened or written, as on a full disk; what it held is kept.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            self._end = _whole_lines(self._file)
            os.ftruncate(self._file, self._end)
            os.lseek(self._file, self._end, os.SEEK_SET)
        except BaseException:
            os.close(self._file)
            raise
        self._synced = time.monotonic()

    def append(self, outcome: Outcome) -> None:
        """Add a line, whole or not at all."""
        line = _encode(outcome)
        try:
            written = os.write(self._file, line)
            # A disk that fills up takes a part and tells the reason on the next attempt.
            while written < len(line):
                written += os.write(self._file, line[written:])
        except OSError as error:
            os.ftruncate(self._file, self._end)
            raise OSError(error.errno, error.strerror, str(self.path)) from error
        self._end += len(line)
        if time.monotonic() - self._synced >= _SYNC_SECONDS:
            self.sync()

    def sync(self) -> None:
        """Have everything on the disk."""
        os.fsync(self._file)
        self._synced = time.monotonic()

    def __enter__(self) -> Self:
        """Go on writing."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Sync and close."""
        try:
            self.sync()
        finally:
            os.close(self._file)


def read_journal(
    path: str | Path, report: Callable[[int, str], None] | None = None
) -> Iterator[Outcome]:
    """Read the outcomes one after the other, also while the journal grows.

    Parameters
    ----------
    path
        The file; one that is not there yet holds nothing.
    report
        Is told the number of every line that is damaged, counted from 1, and what is wrong with
        it. A line without an end is no damage: it is being written, or was when its writer died.
    """
    path = Path(path)
    if not path.exists():
        return
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.endswith(b"\n"):
                return
            try:
                outcome = _decode(line[:-1])
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                if report is not None:
                    report(number, str(error))
            else:
                yield outcome


def _encode(outcome: Outcome) -> bytes:
    record: dict[str, Any] = {"task": outcome.task, "seconds": outcome.seconds}
    if outcome.measured is not None:
        # JSON knows no infinity and no NaN; their names read back as what they are.
        record["measured"] = {
            name: value if math.isfinite(value) else repr(value)
            for name, value in outcome.measured.items()
        }
    if outcome.error is not None:
        record["error"] = outcome.error
    body = json.dumps(record, separators=(",", ":"), allow_nan=False).encode()[:-1]
    return b'%s%s%08x"}\n' % (body, _MARK, zlib.crc32(body))


def _decode(line: bytes) -> Outcome:
    body, tail = line[:-_TAIL], line[-_TAIL:]
    if tail != b'%s%08x"}' % (_MARK, zlib.crc32(body)):
        raise ValueError("its checksum does not fit its content")
    record = json.loads(body + b"}")
    measured = record.get("measured")
    return Outcome(
        task=int(record["task"]),
        seconds=float(record["seconds"]),
        measured=None if measured is None else {k: float(v) for k, v in measured.items()},
        error=record.get("error"),
    )


def _whole_lines(file: int) -> int:
    """Bytes up to the end of the last line that has one."""
    end = os.lseek(file, 0, os.SEEK_END)
    while end:
        start = max(end - 65536, 0)
        found = os.pread(file, end - start, start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0
