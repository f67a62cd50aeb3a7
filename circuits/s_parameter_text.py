"""Text files of S-parameters: bounded in reading, replaced in one step in writing."""

import os
from contextlib import suppress
from pathlib import Path

MAX_BYTES = 1 << 28
"""Size (256 MiB) above which a file is refused; 16 ports at 10⁴ frequencies have 180 MB."""

MAX_PORTS = 128
"""Ports, modes counted, above which a file is refused."""


def read_text(path: str | Path) -> str:
    """Return the text of a file of at most `MAX_BYTES`; Latin-1 where it is not UTF-8."""
    with Path(path).open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ValueError(
            f"{path}: the file is larger than {MAX_BYTES >> 20} MiB (a limit against runaway "
            f"files). Export fewer frequencies, or split it up."
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def write_text(path: str | Path, text: str) -> None:
    """Replace a file by new text in one step: a hidden neighbour is written, then renamed."""
    path = Path(path)
    partial = path.with_name(f".{path.name}.partial")
    try:
        with partial.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException as error:
        with suppress(OSError):  # where it could not be made, for the reason that `error` tells
            partial.unlink()
        if isinstance(error, OSError):  # which names the neighbour, that nobody asked for
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise
