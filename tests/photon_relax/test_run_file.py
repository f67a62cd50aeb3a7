import dataclasses

import h5py
import numpy as np
import pytest
import torch

from photon_relax.hardware import Hardware
from photon_relax.run_file import RunFile
from photon_relax.training_state import TrainingState, demand_same_settings


@pytest.fixture
def run():
    rng = np.random.default_rng(1)
    names = ("accuracy", "learning_rate", "rate", "seconds")
    table = {
        "step": np.array([5, 10]),
        "loss": np.array([1.5, 0.1 + 0.2]),
        **{name: rng.random(2) for name in names},
    }
    arrays = {
        "bank.weight": rng.standard_normal((2, 1, 3, 3)).astype(np.float32),
        "field": rng.standard_normal(4) + 1j * rng.standard_normal(4),
        "count": np.array(7),
        "none": np.empty((0, 3)),
    }
    return RunFile(
        configuration={"dataset": "digits", "learning_rate": 0.1, "gradient_clip": None},
        network={"n_in": 4, "n_hidden": 3, "n_out": 2},
        hardware="slot_duration = 1e-9\n# Größe µ\n" + "x" * 100_000,
        environment={"python": "3.11", "samples": {"training_samples": 7}},
        progress={
            "step": 10,
            "seconds": 2.5,
            "best_step": 5,
            "best_loss": 0.1 + 0.2,
            "loss_sum": 0.0,
            "correct": 0,
            "seen": 0,
            "finished": True,
        },
        metrics={"training": table, "validation": table},
        parameters={"latest": arrays, "best": arrays},
        optimiser={"bank.weight": {"step": np.float32(3), "exp_avg": arrays["bank.weight"]}},
        results={"val_loss": 1 / 3},
        confusion=np.arange(9).reshape(3, 3),
        vocabulary="\x00\n aß€𝄞",
        opening="ß\n",
    )


def _flatten(value, name=""):
    if isinstance(value, dict):
        return {k: v for key in value for k, v in _flatten(value[key], f"{name}/{key}").items()}
    return {name: value}


def test_everything_comes_back_bit_for_bit(run, tmp_path, names):
    run.write(tmp_path / "run.h5")
    back = RunFile.read(tmp_path)
    assert back.source == str(tmp_path / "run.h5")
    for field in dataclasses.fields(RunFile):
        if not field.compare:
            continue
        before = _flatten(getattr(run, field.name))
        after = _flatten(getattr(back, field.name))
        assert before.keys() == after.keys()
        for key, value in before.items():
            if isinstance(value, (np.ndarray, np.generic)):
                assert after[key].dtype == value.dtype
                assert after[key].shape == value.shape
                np.testing.assert_array_equal(after[key], value)
            else:
                assert after[key] == value
    assert back.finished
    assert names(tmp_path) == ["run.h5"]


def test_any_hdf5_reader_finds_the_documented_places(run, tmp_path):
    run.write(tmp_path / "run.h5")
    with h5py.File(tmp_path / "run.h5") as file:
        assert file.attrs["format"] == "photon_relax run"
        assert sorted(file.attrs) == [
            "configuration",
            "environment",
            "format",
            "network",
            "opening",
            "progress",
            "results",
            "version",
            "vocabulary",
        ]
        assert sorted(file) == ["confusion", "hardware", "metrics", "optimiser", "parameters"]
        assert file["metrics/validation/loss"][1] == 0.1 + 0.2
        assert file["parameters/best/bank.weight"].shape == (2, 1, 3, 3)


def test_a_file_from_before_alphabets_were_kept_is_read(run, tmp_path):
    run.write(tmp_path / "run.h5")
    with h5py.File(tmp_path / "run.h5", "a") as file:
        del file.attrs["vocabulary"], file.attrs["opening"]
    back = RunFile.read(tmp_path)
    assert back.vocabulary is back.opening is None


def test_a_reader_keeps_its_version_while_another_is_written(run, tmp_path):
    path = tmp_path / "run.h5"
    run.write(path)
    with h5py.File(path, "r") as reader:
        dataclasses.replace(run, results={"val_loss": 2.0}).write(path)
        assert "0.333" in reader.attrs["results"]
    assert RunFile.read(path).results == {"val_loss": 2.0}


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.99])
def test_a_truncated_file_is_named(run, tmp_path, share):
    path = tmp_path / "run.h5"
    run.write(path)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(ValueError, match=r"run\.h5 is damaged or not a run file"):
        RunFile.read(path)


def test_a_flipped_bit_in_the_parameters_is_found(run, tmp_path):
    path = tmp_path / "run.h5"
    run.write(path)
    content = bytearray(path.read_bytes())
    place = content.find(run.parameters["latest"]["bank.weight"].tobytes())
    assert place > 0
    content[place + 5] ^= 4
    path.write_bytes(content)
    with pytest.raises(ValueError, match="damaged"):
        RunFile.read(path)


def test_foreign_and_later_files_are_told_apart(run, tmp_path):
    foreign = tmp_path / "foreign.h5"
    with h5py.File(foreign, "w") as file:
        file["x"] = 1
    with pytest.raises(ValueError, match=r"foreign\.h5 is an HDF5 file, but not a run"):
        RunFile.read(foreign)
    later = tmp_path / "later.h5"
    run.write(later)
    with h5py.File(later, "a") as file:
        file.attrs["version"] = 99
    with pytest.raises(ValueError, match="written by a later photon_relax .*format 99"):
        RunFile.read(later)
    partial = tmp_path / "partial.h5"
    run.write(partial)
    with h5py.File(partial, "a") as file:
        del file["metrics"]
    with pytest.raises(ValueError, match=r"partial\.h5 is damaged"):
        RunFile.read(partial)
    text = tmp_path / "text.h5"
    text.write_text("no HDF5 here")
    with pytest.raises(ValueError, match=r"text\.h5 is damaged or not a run file"):
        RunFile.read(text)


def _set(name, value):
    return lambda file: file.attrs.__setitem__(name, value)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_set("progress", "{"), "its progress is not JSON"),
        (_set("results", "[1]"), "its results is not a table of names and values"),
        (_set("network", 3), "damaged"),
        (_set("vocabulary", "[1]"), "its vocabulary is no text"),
        (_set("opening", "1"), "its opening is no text"),
        (_set("version", "new"), "the version of its format is 'new'"),
        (_set("version", 0), "the version of its format is"),
        (lambda file: file.attrs.__delitem__("version"), "the version of its format is None"),
        (lambda file: file.attrs.__delitem__("results"), "it has no attribute 'results'"),
        (lambda file: file.__delitem__("hardware"), "object 'hardware' doesn't exist"),
        (_set("network", "{}"), "lacks network/n_in, network/n_hidden, network/n_out"),
        (_set("environment", "{}"), "lacks environment/samples"),
        (_set("progress", '{"step": 1}'), "lacks progress/seconds, progress/best_step"),
        (lambda file: file.__delitem__("parameters/best"), "lacks parameters/best"),
        (lambda file: file.__delitem__("metrics/training"), "lacks metrics/training"),
        (lambda file: file.__delitem__("metrics/validation/loss"), "lacks metrics/validation/loss"),
    ],
)
def test_an_incomplete_file_is_named_with_what_it_lacks(run, tmp_path, spoil, message):
    path = tmp_path / "run.h5"
    run.write(path)
    with h5py.File(path, "a") as file:
        spoil(file)
    with pytest.raises(ValueError, match=message) as caught:
        RunFile.read(path)
    assert str(caught.value).startswith(f"{path} is damaged")


def _spoil_hardware(file):
    del file["hardware"]
    file["hardware"] = "swich = 1"


def _spoil_shape(file):
    name = next(iter(file["parameters/best"]))
    del file["parameters/best"][name]
    file["parameters/best"][name] = np.zeros((1, 1, 1, 1, 1))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda file: file["parameters/best"].clear(), "parameters/best does not fit .* missing"),
        (lambda f: f["parameters/best"].create_dataset("x", data=1), "x is not of this network"),
        (_spoil_shape, r"has the shape \(1, 1, 1, 1, 1\), not \("),
        (_set("network", '{"n_in": 5, "n_hidden": 6, "n_out": 3, "x": 1}'), "no network: .*'x'"),
        (_set("network", '{"n_in": 5, "n_hidden": -6, "n_out": 3}'), "describes no network"),
        (_spoil_hardware, "describes no hardware: .*swich"),
    ],
)
def test_a_network_that_does_not_fit_is_named(
    small_config, small_network, tmp_path, spoil, message
):
    config = small_config()
    path = tmp_path / "run.h5"
    TrainingState(small_network(config), config, {}).snapshot().write(path)
    with h5py.File(path, "a") as file:
        spoil(file)
    run = RunFile.read(path)
    with pytest.raises(ValueError, match=message) as caught:
        run.build_network()
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_where_there_is_no_run(tmp_path):
    with pytest.raises(ValueError, match=r"is not a run: no run\.h5 in it"):
        RunFile.read(tmp_path)
    with pytest.raises(ValueError, match="is not a run: no such file or folder"):
        RunFile.read(tmp_path / "absent")


@pytest.mark.parametrize("machine", ["homodyne", "square_law"])
def test_the_network_comes_back_whole(
    small_config, small_network, small_dataset, tmp_path, machine
):
    """The same logits, bit for bit, on hardware that is not the default."""
    config = small_config(machine=machine, slot_gain=True, skip=0.25, normalise=0.8)
    hardware = Hardware().with_values({"switch.isolation_db": 11.0, "slot_duration": 2e-9})
    network = small_network(config, hardware)
    TrainingState(network, config, {}).snapshot().write(tmp_path / "run.h5")
    back = RunFile.read(tmp_path).build_network()
    assert back.fidelity == "slot"
    assert back.hardware == hardware
    inputs = torch.from_numpy(small_dataset.test.inputs)
    with torch.no_grad():
        np.testing.assert_array_equal(back.eval()(inputs), network.eval()(inputs))


def test_runs_of_before_there_were_skips_and_gains_still_open(
    small_config, small_network, small_dataset, tmp_path
):
    config = small_config()
    network = small_network(config)
    run = TrainingState(network, config, {}).snapshot()
    later = ("slot_gain", "skip", "normalise")
    old = dataclasses.replace(
        run,
        network={key: value for key, value in run.network.items() if key not in later},
        configuration={
            key: value
            for key, value in run.configuration.items()
            if key not in (*later, "start", "start_scale")
        },
    )
    old.write(tmp_path / "run.h5")
    back = RunFile.read(tmp_path)
    inputs = torch.from_numpy(small_dataset.test.inputs)
    with torch.no_grad():
        expected = network.eval()(inputs)
        np.testing.assert_array_equal(back.build_network().eval()(inputs), expected)
    TrainingState(small_network(config), config, {}).restore(
        dataclasses.replace(back, environment={"samples": {}})
    )
    with pytest.raises(ValueError, match="what differs: skip was 0.0, is 0.5"):
        demand_same_settings(back, small_config(skip=0.5), network.hardware)
