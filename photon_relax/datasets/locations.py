"""Where data sets lie: the folder, and the official files with their sizes and checksums."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class RemoteFile:
    """One official file of a data set."""

    url: str
    """Address to download from."""

    path: str
    """Place inside the data folder, with forward slashes."""

    size: int
    """Length in bytes."""

    md5: str
    """Checksum, 32 hexadecimal digits. It guards against damage, not against an attacker."""

    optional: bool = False
    """Fetched, and needed, only when asked for."""


_SVHN = "http://ufldl.stanford.edu/housenumbers"

# Y. Netzer et al., NIPS workshop on deep learning (2011), format 2 (cropped digits).
# Non-commercial use only.
SVHN_FILES = (
    RemoteFile(
        url=f"{_SVHN}/train_32x32.mat",
        path="svhn/train_32x32.mat",
        size=182_040_794,
        md5="e26dedcc434d2e4c54c9b2d4a06d8373",
    ),
    RemoteFile(
        url=f"{_SVHN}/test_32x32.mat",
        path="svhn/test_32x32.mat",
        size=64_275_384,
        md5="eb5a983be6a315427106f1b164d9cef3",
    ),
    RemoteFile(
        url=f"{_SVHN}/extra_32x32.mat",
        path="svhn/extra_32x32.mat",
        size=1_329_278_602,
        md5="a93ce644f1a588dc4d68dda5feec44a7",
        optional=True,
    ),
)

# A. Karpathy, char-rnn: the concatenated plays, public domain.
SHAKESPEARE_FILES = (
    RemoteFile(
        url="https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt",
        path="tinyshakespeare.txt",
        size=1_115_394,
        md5="6fb458f1232090904fb40fe944165e91",
    ),
)

REMOTE_FILES: dict[str, tuple[RemoteFile, ...]] = {
    "digits": (),
    "svhn": SVHN_FILES,
    "shakespeare": SHAKESPEARE_FILES,
}


def default_data_dir() -> Path:
    """Return the folder that ``PHOTON_RELAX_DATA`` names, or else the user's own."""
    named = os.environ.get("PHOTON_RELAX_DATA")
    return Path(named).expanduser() if named else Path.home() / ".photon_relax" / "data"
