"""Download of the official data files: resumable, checked, never half in place.

A file arrives as ``NAME.part`` and takes its name only when its length and checksum are right, so
a data folder holds whole files or none. What an interrupted download left is continued by the
next one.
"""

from __future__ import annotations

import hashlib
import http.client
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from photon_relax.datasets.dataset import DataError
from photon_relax.datasets.locations import REMOTE_FILES, RemoteFile, default_data_dir

Progress = Callable[[str, int, int], None]
"""Called with the file's name, the bytes there so far, and the bytes of the whole file."""

_TIMEOUT = 30.0  # s without a byte
_BLOCK = 1 << 16
_RANGE_NOT_SATISFIABLE = 416


class FetchError(DataError):
    """A download that failed; the message says what to do instead."""


def fetch(
    name: str,
    data_dir: str | Path | None = None,
    *,
    extra: bool = False,
    progress: Progress | None = None,
) -> list[Path]:
    """Download the official files of a data set, unless they are there already.

    Parameters
    ----------
    name
        ``"svhn"`` or ``"shakespeare"``; ``"digits"`` needs no file.
    data_dir
        Folder to put them in, made where missing; by default :func:`default_data_dir`.
    extra
        SVHN only: ``extra_32x32.mat`` (1.3 GB) too.
    progress
        Called after every block.

    Returns
    -------
    list of Path
        The files, all in place and of the official checksum.

    Raises
    ------
    FetchError
        If the name is unknown, the server cannot be reached, breaks off or sends another file, or
        a different file of that name is in the way.
    OSError
        If the folder cannot be written.
    """
    folder = Path(data_dir).expanduser() if data_dir is not None else default_data_dir()
    files = _files(name, extra=extra)
    _require_space(folder, files)
    try:
        return [_fetch_file(file, folder, progress) for file in files]
    except _Unreachable as failure:
        raise FetchError(f"{failure}.\n{files_to_place(name, folder, extra=extra)}") from None


def files_to_place(name: str, data_dir: str | Path | None = None, *, extra: bool = False) -> str:
    """Say which files to put where by hand, with their sizes and checksums, a file a line."""
    folder = Path(data_dir).expanduser() if data_dir is not None else default_data_dir()
    lines = [
        f"  {folder / file.path}  ({file.size:,} bytes, md5 {file.md5}) from {file.url}"
        for file in _files(name, extra=extra)
    ]
    if not lines:
        return f"{name} needs no file: it comes with scikit-learn"
    return "\n".join(["Without a network, put these files in place:", *lines])


class _Unreachable(Exception):
    """The server gave nothing, or not all: trying again, or by hand, helps."""


def _files(name: str, *, extra: bool) -> list[RemoteFile]:
    if name not in REMOTE_FILES:
        raise FetchError(f"unknown data set {name!r}; there are {', '.join(REMOTE_FILES)}")
    files = [file for file in REMOTE_FILES[name] if extra or not file.optional]
    if extra and not any(file.optional for file in files):
        raise FetchError(f"only svhn has an extra file; {name} has none. Leave --extra out")
    return files


def _fetch_file(file: RemoteFile, folder: Path, progress: Progress | None) -> Path:
    target = folder / file.path
    if target.exists():
        _require_official(target, file)
        return target
    part = target.with_name(target.name + ".part")
    if part.exists() and part.stat().st_size > file.size:
        part.unlink()  # not a beginning of this file
    if not part.exists() or part.stat().st_size < file.size:
        _download(file, part, progress)
    if _md5(part) != file.md5:
        part.unlink()
        raise FetchError(
            f"{file.url} sent a file of the wrong checksum (expected md5 {file.md5}); it was "
            "deleted. Try again later: the server or the connection is at fault"
        )
    return part.replace(target)


def _require_official(target: Path, file: RemoteFile) -> None:
    if target.stat().st_size != file.size or _md5(target) != file.md5:
        raise FetchError(
            f"{target} is there already but is not the official file ({file.size:,} bytes, md5 "
            f"{file.md5}). It can be trained on if it has the same layout; to fetch the official "
            "one, move it away first"
        )


def _require_space(folder: Path, files: list[RemoteFile]) -> None:
    """Refuse before the first byte what would fill the disk."""
    missing = sum(file.size for file in files if not (folder / file.path).exists())
    parts = (folder / f"{file.path}.part" for file in files)
    missing -= sum(part.stat().st_size for part in parts if part.exists())
    existing = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    free = shutil.disk_usage(existing).free
    if missing > free:
        raise FetchError(
            f"{folder} needs {missing / 1e6:,.0f} MB more for these files but the disk has "
            f"{free / 1e6:,.0f} MB left. Make room or choose another folder (PHOTON_RELAX_DATA)"
        )


def _download(file: RemoteFile, part: Path, progress: Progress | None) -> None:
    """Bring ``part`` to its full length, from where it ends if the server can."""
    there = part.stat().st_size if part.exists() else 0
    try:
        response = _open(file.url, there)
    except HTTPError as error:
        error.close()  # it is the server's answer too, with its connection
        if error.code != _RANGE_NOT_SATISFIABLE or not there:
            raise _Unreachable(f"{file.url} cannot be had: HTTP {error.code}") from None
        part.unlink()  # the server has a shorter file than what is here: start again
        _download(file, part, progress)
        return
    except (OSError, http.client.HTTPException) as error:
        raise _Unreachable(f"{file.url} cannot be reached: {_reason(error)}") from None
    with response:
        start = there if _continues(response, there) else 0
        length = response.headers.get("Content-Length")
        if length is not None and start + int(length) != file.size:
            raise _Unreachable(
                f"{file.url} now offers another file ({start + int(length):,} bytes instead of "
                f"{file.size:,})"
            )
        part.parent.mkdir(parents=True, exist_ok=True)
        try:
            with part.open("r+b" if start else "wb") as out:
                out.seek(start)
                _copy(response, out, file, start, progress)
        except OSError as error:  # of the disk: _copy turns those of the network into its own
            raise OSError(error.errno, error.strerror, str(part)) from None


def _open(url: str, start: int) -> http.client.HTTPResponse:
    request = Request(url, headers={"Range": f"bytes={start}-"} if start else {})
    response: http.client.HTTPResponse = urlopen(request, timeout=_TIMEOUT)
    return response


def _continues(response: http.client.HTTPResponse, there: int) -> bool:
    """Whether the server goes on from where we are; one that cannot sends everything again."""
    sent = response.headers.get("Content-Range", "")
    return response.status == http.client.PARTIAL_CONTENT and sent.startswith(f"bytes {there}-")


def _copy(
    response: http.client.HTTPResponse,
    out: IO[bytes],
    file: RemoteFile,
    start: int,
    progress: Progress | None,
) -> None:
    """Append the answer to the part file; a connection that breaks leaves what came."""
    there, reason = start, "the connection closed"
    name = Path(file.path).name
    while there < file.size:
        try:
            block = response.read(min(_BLOCK, file.size - there))
        except (OSError, http.client.HTTPException) as error:
            block, reason = b"", _reason(error)
        if not block:
            raise _Unreachable(
                f"{file.url} broke off after {there:,} of {file.size:,} bytes ({reason}); what "
                "came is kept, and the same command continues from there"
            )
        out.write(block)
        there += len(block)
        if progress is not None:
            progress(name, there, file.size)


def _reason(error: Exception) -> str:
    """Return the cause in words: URLError hides it one level down."""
    cause = error.reason if isinstance(error, URLError) else error
    if isinstance(cause, socket.gaierror):
        return "the name of the server cannot be looked up (no network?)"
    if isinstance(cause, TimeoutError):
        return f"no answer within {_TIMEOUT:.0f} s"
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return str(cause) or type(cause).__name__


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        # A guard against damage only; the flag lets it run where md5 is barred for security.
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
