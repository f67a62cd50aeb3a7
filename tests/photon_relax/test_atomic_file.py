import errno
import os

import pytest

from photon_relax.atomic_file import write_atomically


def test_new_content_replaces_old_and_leaves_nothing_else(tmp_path, names):
    path = tmp_path / "run.h5"
    write_atomically(path, b"first")
    write_atomically(path, b"second")
    assert path.read_bytes() == b"second"
    assert names(tmp_path) == ["run.h5"]


def test_a_full_disk_leaves_the_old_version_alone(tmp_path, monkeypatch, names):
    path = tmp_path / "run.h5"
    write_atomically(path, b"first")

    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=r"No space left on device.*run\.h5") as caught:
        write_atomically(path, b"second")
    assert caught.value.errno == errno.ENOSPC
    assert path.read_bytes() == b"first"
    assert names(tmp_path) == ["run.h5"]


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        write_atomically(tmp_path / "nowhere" / "run.h5", b"")
