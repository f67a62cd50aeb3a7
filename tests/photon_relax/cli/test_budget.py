"""``photon-relax budget``: of a run, of a file, of a name, and what it refuses."""

import json

import numpy as np
import pytest

from photon_relax import Hardware
from photon_relax.assembly import build_network, network_arguments
from photon_relax.cli import main
from photon_relax.run_file import RunFile


@pytest.fixture
def command(capsys):
    """Return a function that runs the command line: status, output, error."""

    def run(*words):
        status = main(["budget", *map(str, words)])
        return status, *capsys.readouterr()

    return run


@pytest.fixture
def record(command):
    """Return a function that runs the command with --json."""

    def run(*words):
        status, out, err = command(*words, "--json")
        assert (status, err) == (0, "")
        return json.loads(out)

    return run


@pytest.fixture
def run_folder(small_config, small_dataset, tmp_path):
    """A run of a mesh that has not learnt anything."""
    config = small_config(bank="mzi")
    hardware = Hardware(slot_duration=2e-9)
    network = build_network(config, small_dataset, hardware)
    state = {name: value.detach().numpy() for name, value in network.state_dict().items()}
    columns = ("step", "loss", "accuracy", "seconds", "learning_rate", "rate")
    empty = {name: np.zeros(0) for name in columns}
    progress = dict.fromkeys(
        ("step", "seconds", "best_step", "best_loss", "loss_sum", "correct", "seen"), 0
    )
    folder = tmp_path / "run"
    folder.mkdir()
    RunFile(
        configuration=config.model_dump(),
        network=network_arguments(network),
        hardware=hardware.to_toml(),
        environment={"samples": {}},
        progress={**progress, "finished": True},
        metrics={"training": empty, "validation": empty},
        parameters={"latest": state, "best": state},
    ).write(folder / "run.h5")
    return folder


def test_a_run_has_the_budget_of_its_own_machine(run_folder, record, names):
    found = record(run_folder)
    design = found["design"]
    assert design == {
        "bank": "mzi", "machine": "homodyne", "width": 6, "weight_sets": 2, "repetitions": 3,
        "interleaved": 1, "slot_duration": 2e-9, "parameters": design["parameters"],
        "programmed": True,
    }  # fmt: skip
    assert found["time"]["latency"] == pytest.approx(6e-9)
    heaters = next(p for p in found["power"]["components"] if p["name"] == "heaters, mesh")
    assert heaters["origin"] == "programmed"
    assert names(run_folder) == ["budget.png", "networks.png", "run.h5"]
    assert [layer["count"] for layer in found["power"]["digital_layers"]] == [30, 18]


def test_a_run_on_other_hardware(run_folder, record, tmp_path, names):
    out = tmp_path / "elsewhere"
    found = record(run_folder, "--set", "hardware.slot_duration=1e-9", "--out", out)
    assert found["time"]["latency"] == pytest.approx(3e-9)
    assert names(out) == ["budget.png", "networks.png"]
    assert names(run_folder) == ["run.h5"]


def test_a_name_of_the_library_and_a_design(record):
    found = record(
        "lithium-niobate", "--set", "width=16", "--set", "repetitions=12",
        "--set", "assume.laser_efficiency=0.2", "--set", "hardware.interleaved_inferences=3",
    )  # fmt: skip
    assert found["pictures"] == []
    assert found["link"][3]["change_db"] == -5.5
    assert found["time"]["slots"] == 36
    laser = found["power"]["components"][0]
    assert (laser["total"], laser["origin"]) == (pytest.approx(0.5), "given")
    assert found["assumptions"]["laser_efficiency"]["source"] == "given"
    assert found["assumptions"]["rin_db"]["value"] is None


def test_a_hardware_file(record, tmp_path):
    path = tmp_path / "hardware.toml"
    path.write_text("[laser]\npower = 0.01\n")
    found = record(path, "--set", "bank=ring", "--set", "width=4")
    assert found["link"][0]["level_db"] == pytest.approx(10.0)
    assert found["design"]["machine"] == "intensity"


def test_the_tables_say_what_is_assumed_and_what_does_not_fit(command, tmp_path):
    status, out, err = command("dmd", "--set", "width=8", "--out", tmp_path)
    assert (status, err) == (0, "")
    for words in (
        "Link of one lane", "Noise of a signal of one", "Electrical power", "Footprint",
        "mirror arrays", "assumed", "effective bits", "warn", "pattern of the mirrors",
        "J·slot_duration ≥ 4.37e-05 s", "544 parameters: above Feldmann 2019",
        str(tmp_path / "budget.png"),
    ):  # fmt: skip
        assert words in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["lithium-niobat"], "there is no run or hardware file lithium-niobat, and there is no "
         "hardware named 'lithium-niobat' in the library. Did you mean lithium-niobate?"),
        (["dmd", "--set", "widht=8"], "unknown key widht; did you mean width?"),
        (["dmd", "--set", "speed=8"], "unknown key speed; the keys are bank, machine"),
        (["dmd", "--set", "assume.laser_efficency=1"],
         "unknown assumption assume.laser_efficency; did you mean assume.laser_efficiency?"),
        (["dmd", "--set", "assume.laser_efficiency=2"], "laser_efficiency must be at most 1"),
        (["dmd", "--set", "hardware.swich.isolation_db=2"], "unknown hardware key swich"),
        (["dmd", "--set", "width=many"], "width must be a whole number"),
    ],
)  # fmt: skip
def test_mistakes_are_told_in_one_line(words, message, command):
    status, out, err = command(*words)
    assert (status, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1


def test_the_network_of_a_run_is_what_it_is(run_folder, command):
    status, _, err = command(run_folder, "--set", "width=8")
    assert status == 2
    assert "is a run, whose network is what it is" in err


def test_a_folder_without_a_run(tmp_path, command):
    status, _, err = command(tmp_path)
    assert status == 2
    assert f"{tmp_path} is not a run: no run.h5 in it" in err
