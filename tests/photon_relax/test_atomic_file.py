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


def test_an_error_names_the_file_that_was_asked_for(tmp_path):
    """Also where the neighbour can neither be opened nor removed."""
    (tmp_path / ".picture.png.partial").mkdir()
    with pytest.raises(IsADirectoryError) as caught:
        write_atomically(tmp_path / "picture.png", b"")
    assert caught.value.filename == str(tmp_path / "picture.png")
    (tmp_path / "file").write_text("")
    with pytest.raises(NotADirectoryError) as caught:
        write_atomically(tmp_path / "file" / "picture.png", b"")
    assert caught.value.filename == str(tmp_path / "file" / "picture.png")
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(IsADirectoryError) as caught:
        write_atomically(tmp_path / "folder.png", b"")
    assert caught.value.filename == str(tmp_path / "folder.png")
