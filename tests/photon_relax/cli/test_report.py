import pytest

from photon_relax.cli import main


@pytest.fixture
def command(tmp_path, monkeypatch, capsys):
    """Return a function that runs the command line in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PHOTON_RELAX_DATA", raising=False)

    def run(*words):
        status = main([str(word) for word in words])
        return status, *capsys.readouterr()

    return run


def test_the_page_lies_beside_the_run_or_where_it_is_wanted(command, tmp_path, names):
    quick = ["--bank", "dense", "--width", "4", "--weight-sets", "1", "--repetitions", "1"]
    command("train", "digits", *quick, "--steps", "2", "--out", "here")
    status, out, _ = command("report", "here")
    assert (status, out) == (0, "here/report.html\n")
    assert "report.html" in names(tmp_path / "here")
    status, out, _ = command("report", "here/run.h5", "--out", "there.html")
    assert (status, out) == (0, "there.html\n")
    assert (tmp_path / "there.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    (tmp_path / "here" / "evaluation.json").write_text("{}")
    status, _, err = command("report", "here")
    assert status == 2
    assert "evaluation.json is damaged" in err


def test_a_study_is_known_by_its_folder(command, tmp_path):
    from photon_relax.studies import Study

    Study(lambda values, seed: values["x"], {"x": [1.0, 2.0]}).run(tmp_path / "s", workers=0)
    status, out, _ = command("report", "s")
    assert (status, out) == (0, "s/report.html\n")
    assert "Value is 2 at best, where x = 2" in (tmp_path / "s" / "report.html").read_text()


def test_what_is_no_run_is_refused(command, tmp_path):
    status, _, err = command("report", "nowhere")
    assert status == 2
    assert err == "photon-relax: error: nowhere is not a run: no such file or folder\n"
    status, _, err = command("report", tmp_path)
    assert status == 2
    assert "no run.h5 in it" in err
