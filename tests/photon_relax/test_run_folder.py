import subprocess
import sys

import pytest

from photon_relax.run_folder import check_run_folder, next_run_folder, writing_to

HOLD = """
import sys, time
from photon_relax.run_folder import writing_to
with writing_to(sys.argv[1]):
    print("held", flush=True)
    time.sleep(60)
"""


def test_numbers_follow_the_highest_there(tmp_path):
    assert next_run_folder(tmp_path / "none", "digits").name == "digits-001"
    for name in ("digits-002", "digits-011", "digits-notes", "digits-wide-040", "svhn-090"):
        (tmp_path / name).mkdir()
    assert next_run_folder(tmp_path, "digits") == tmp_path / "digits-012"


def test_a_folder_that_stays_empty_is_removed_again(tmp_path):
    (tmp_path / "kept").mkdir()
    with pytest.raises(RuntimeError, match="no"), writing_to(tmp_path / "kept" / "a" / "b"):
        raise RuntimeError("no")
    assert [path.name for path in tmp_path.rglob("*")] == ["kept"]


def test_what_was_written_stays_and_the_lock_goes(tmp_path):
    with writing_to(tmp_path / "run") as folder:
        (folder / "run.h5").write_bytes(b"x")
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["run.h5"]


def test_a_run_is_not_written_over(tmp_path):
    (tmp_path / "run.h5").write_bytes(b"x")
    with (
        pytest.raises(ValueError, match="already holds a run: go on with it by --resume"),
        writing_to(tmp_path),
    ):
        pass
    with writing_to(tmp_path, resume=True):
        pass


def test_there_has_to_be_a_run_to_resume(tmp_path):
    with (
        pytest.raises(ValueError, match="holds no run to resume"),
        writing_to(tmp_path, resume=True),
    ):
        pass
    with pytest.raises(ValueError, match="holds no run to resume"):
        check_run_folder(tmp_path / "absent", resume=True)
    assert not (tmp_path / "absent").exists()


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match="file is a file; a run needs a folder"):
        check_run_folder(tmp_path / "file", resume=False)


def test_two_processes_do_not_write_at_once_and_a_killed_one_locks_nobody_out(tmp_path):
    folder = tmp_path / "run"
    holder = subprocess.Popen([sys.executable, "-c", HOLD, folder], stdout=subprocess.PIPE)
    try:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(ValueError, match="another process is training in"), writing_to(folder):
            pass
        assert (folder / ".lock").exists()
        holder.kill()
        holder.wait()
        with writing_to(folder):
            pass
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()
