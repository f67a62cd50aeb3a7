import numpy as np
import pytest
import xarray as xr
from distributed import Client, LocalCluster, Lock

from photon_relax.studies.design import Design
from photon_relax.studies.journal import Journal, Outcome
from photon_relax.studies.ranges import read_range
from photon_relax.studies.results import collect, write_results
from photon_relax.studies.tasks import TaskList


@pytest.fixture
def tasks():
    """Two by two points, a base, one replicate."""
    parameters = {"a": read_range("a", [1.5, 2.5]), "hardware.b": read_range("b", ["x", "y"])}
    return TaskList(
        design=Design(parameters=parameters), baseline={}, replicates=1, seed=0, paired=False
    )


def _journal(path, outcomes):
    with Journal(path) as journal:
        for outcome in outcomes:
            journal.append(outcome)


def test_what_is_pending_and_what_failed_is_not_a_number(tasks, tmp_path):
    _journal(
        tmp_path / "j",
        [
            Outcome(3, 0.1, {"loss": 3.0}),
            Outcome(1, 0.2, error="ValueError: dark"),
            Outcome(2, 0.3, error="ValueError: dark"),
            Outcome(2, 0.4, {"loss": 2.0, "more": np.inf}),
            Outcome(4, 0.5, {"loss": 9.0}),
        ],
    )
    results = collect(tasks, tmp_path / "j")
    assert results["loss"].dims == ("a", "hardware.b", "replicate")
    assert results["status"].values.ravel().tolist() == [0, 2, 1, 1]
    assert results["loss"].values[1].ravel().tolist() == [2.0, 3.0]
    assert np.isnan(results["loss"].values[0]).all()
    assert results["more"].sel(a=2.5).values.ravel().tolist()[0] == np.inf
    assert results["seconds"].values[1].ravel().tolist() == [0.4, 0.1]
    assert results["loss_baseline"].values.tolist() == [9.0]
    assert results["error"].values.ravel().tolist() == ["", "ValueError: dark", "", ""]
    write_results(results, tmp_path / "r.h5")
    with xr.open_dataset(tmp_path / "r.h5", engine="h5netcdf") as written:
        assert written.identical(results)
        assert written.sizes == {"a": 2, "hardware.b": 2, "replicate": 1}


def test_an_empty_journal_gives_the_axes(tasks, tmp_path):
    results = collect(tasks, tmp_path / "none")
    assert {*results.coords} == {"a", "hardware.b"}
    assert (results["status"] == 0).all()
    assert "error" not in results


def test_results_are_written_beside_a_client_of_the_users_own(tasks, tmp_path, monkeypatch):
    def refuse(lock, *arguments, **options):
        raise AssertionError("asked a cluster for a lock")

    monkeypatch.setattr(Lock, "acquire", refuse)
    results = collect(tasks, tmp_path / "none")
    with (
        LocalCluster(n_workers=1, processes=False, dashboard_address=":0") as cluster,
        Client(cluster),
    ):
        with pytest.raises(AssertionError, match="asked a cluster"):
            results.to_netcdf(engine="h5netcdf")
        write_results(results, tmp_path / "r.h5")
    with xr.open_dataset(tmp_path / "r.h5", engine="h5netcdf") as written:
        assert written.identical(results)


def test_a_flag_stays_a_word_where_others_are_at_the_base(tmp_path):
    parameters = {"a": read_range("a", [1.5]), "on": read_range("on", [True, False])}
    design = Design(parameters=parameters, kind="one-at-a-time")
    tasks = TaskList(design=design, baseline={}, replicates=1, seed=0, paired=False)
    results = collect(tasks, tmp_path / "none")
    assert results["on"].values.tolist() == ["", "true", "false"]
    np.testing.assert_array_equal(results["a"].values, [1.5, np.nan, np.nan])
