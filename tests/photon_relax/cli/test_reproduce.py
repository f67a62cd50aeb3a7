import json

import pytest

from photon_relax.cli import main
from photon_relax.experiments.catalogue import experiment_names


@pytest.fixture
def smoke(data_dir, tmp_path, capsys, monkeypatch):
    """Return a function that runs an experiment at smoke scale: its words, JSON and folder."""
    monkeypatch.chdir(tmp_path)

    def run(name):
        words = f"reproduce {name} --scale smoke --data-dir {data_dir}".split()
        assert main([*words, "--json"]) == 0
        return words, json.loads(capsys.readouterr().out), tmp_path / f"experiments/{name}-smoke"

    return run


@pytest.mark.parametrize("name", experiment_names())
def test_every_experiment_runs(name, smoke, names):
    _, told, folder = smoke(name)
    assert (told["seeds"], told["experiment"]) == (1, name)
    assert {verdict["outcome"] for verdict in told["verdicts"]} == {"not decided"}
    assert {"figure.png", "report.html", "table.csv"} < set(names(folder))


def test_an_experiment_goes_on_where_it_is(smoke, capsys):
    words, _, folder = smoke("figure-5")
    journals = {path: path.read_bytes() for path in folder.glob("*/journal.jsonl")}
    table = (folder / "table.csv").read_text()
    # Cut off in the middle of a line, as by a crash.
    (cut, whole), *_ = journals.items()
    cut.write_bytes(whole[: len(whole) // 2])
    assert main(words) == 0
    # What was lost is measured again, with the same figures, and nothing else.
    assert len(cut.read_bytes().splitlines()) == len(whole.splitlines())
    others = {path: path.read_bytes() for path in journals if path != cut}
    assert others == {path: text for path, text in journals.items() if path != cut}
    assert (folder / "table.csv").read_text() == table
    assert "Not decided: one seed has no interval" in " ".join(capsys.readouterr().out.split())
    assert main([*words, "--seeds", "2", "--out", str(folder)]) == 2
    error = capsys.readouterr().err
    assert "what differs: replicates was 1, is 2; name another folder with --out" in error


def test_what_is_stopped_goes_on_with_the_words_that_it_was_begun_with(
    data_dir, tmp_path, capsys, monkeypatch
):
    from photon_relax.studies.study import Study, StudyInterrupted

    def stopped(_, folder, **__):
        raise StudyInterrupted(folder, 1, 2, 2)

    monkeypatch.setattr(Study, "run", stopped)
    rest = f"--out {tmp_path}/here --data-dir {data_dir} --workers 0"
    assert main(f"reproduce figure-5 --scale smoke {rest}".split()) == 130
    command = f"go on with: photon-relax reproduce figure-5 --scale smoke {rest}"
    assert command in capsys.readouterr().err


def test_the_experiments_are_listed(capsys):
    assert main(["reproduce"]) == 0
    listed = capsys.readouterr().out
    assert main(["reproduce", "--help"]) == 0
    helped = " ".join(capsys.readouterr().out.split())
    for name in experiment_names():
        assert f"{name}: " in listed
        assert f"{name}: " in helped


def test_the_full_scale_says_what_is_missing_and_how_long_it_would_take(data_dir, tmp_path, capsys):
    assert main(["reproduce", "figure-5", "--scale", "full", "--data-dir", str(tmp_path)]) == 2
    assert "train_32x32.mat and test_32x32.mat missing" in capsys.readouterr().err
    words = f"reproduce figure-5 --scale full --data-dir {data_dir}".split()
    assert main(words) == 2
    assert "needs the whole of svhn, 65,932 training samples, and there are 768" in (
        capsys.readouterr().err
    )
    assert main([*words, "--estimate", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(kind["study"], kind["trainings"]) for kind in told["kinds"]] == [
        *(("gradients", 30), ("pixels", 30))
    ]
    assert told["core_seconds"] == pytest.approx(sum(kind["seconds"] for kind in told["kinds"]))
    # 20,000 steps are longer than 12.
    assert all(kind["training_seconds"] > 1000 * kind["step_seconds"] for kind in told["kinds"])
