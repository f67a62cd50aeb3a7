from typing import get_args, get_type_hints

import pytest

from devices.electrical_nonlinearity import ElectricalNonlinearity
from photon_relax.config import (
    DATASET_DEFAULTS,
    DatasetName,
    TrainingConfig,
    hardware_changes,
    load_settings,
)
from photon_relax.datasets import DATASETS


@pytest.mark.parametrize("dataset", get_args(DatasetName))
def test_every_data_set_has_valid_defaults(dataset):
    config = load_settings({"dataset": dataset}).config
    for key, value in DATASET_DEFAULTS[dataset].items():
        assert getattr(config, key) == value


def test_the_names_are_those_of_the_loader():
    assert sorted(get_args(DatasetName)) == sorted(DATASETS) == sorted(DATASET_DEFAULTS)


def test_the_issue_default_for_shakespeare():
    config = load_settings({"dataset": "shakespeare"}).config
    assert (config.width, config.window, config.batch_size) == (128, 16, 256)
    assert (config.optimiser, config.learning_rate, config.schedule) == ("adam", 1e-3, "cosine")
    assert (config.weight_sets, config.repetitions) == (4, 4)


def test_every_setting_explains_itself():
    for name, setting in TrainingConfig.model_fields.items():
        assert setting.description, name
        assert setting.description.endswith("."), name


def test_options_win_over_the_file_and_the_file_over_the_defaults(tmp_path):
    file = tmp_path / "run.toml"
    file.write_text(
        "width = 32\nsteps = 7\n[hardware.switch]\nisolation_db = 20.0\n[hardware.adc]\nbits = 6\n"
    )
    settings = load_settings(
        {"dataset": "digits", "steps": 9, "width": None},
        config_file=file,
        assignments=["hardware.switch.isolation_db=10", "schedule=constant", 'optimiser="adamw"'],
    )
    config = settings.config
    assert (config.width, config.steps) == (32, 9)
    assert (config.schedule, config.optimiser) == ("constant", "adamw")
    assert config.batch_size == DATASET_DEFAULTS["digits"]["batch_size"]
    assert settings.hardware == {"switch.isolation_db": 10, "adc.bits": 6}


def test_a_run_that_goes_on_starts_from_its_own_settings():
    base = load_settings({"dataset": "digits", "width": 17}).config.model_dump()
    assert load_settings({"dataset": "digits"}, base=base).config.width == 17


def test_configuration_survives_json():
    import json

    config = load_settings({"dataset": "svhn"}).config
    assert TrainingConfig.create(json.loads(json.dumps(config.model_dump()))) == config


@pytest.mark.parametrize(
    ("assignments", "message"),
    [
        (["wieght_sets=2"], "unknown key wieght_sets; did you mean weight_sets?"),
        (["zzz=2"], "unknown key zzz; the keys are bank, batch_size"),
        (["weight_sets=5"], "weight_sets must be at most repetitions .*got weight_sets 5"),
        (["steps=0"], "steps should be greater than or equal to 1; got 0"),
        (["width=4097"], "width should be less than or equal to 4096; got 4097"),
        (["batch_size=65537"], "batch_size should be less than or equal to 65536; got 65537"),
        (["evaluation_batch=65537"], "evaluation_batch should be less than or equal to 65536"),
        (["window=1025"], "window should be less than or equal to 1024; got 1025"),
        (["repetitions=4097"], "repetitions should be less than or equal to 4096; got 4097"),
        (["embedding_size=4097"], "embedding_size should be less than or equal to 4096"),
        (["steps=1.5"], "steps should be a valid integer; got 1.5"),
        (["batch_size=true"], "batch_size should be a valid integer; got True"),
        (["bank=lens"], "bank should be 'dense', 'mzi', 'ring' or 'crossbar'; got 'lens'"),
        (["learning_rate=nan"], "learning_rate should be a finite number; got nan"),
        (["steps=3", "warmup_steps=4"], "warmup_steps must be at most steps"),
        (["precision=bfloat16", "fidelity=slot"], "bfloat16 is for the fidelity ideal.*got .*slot"),
        (["device=gpu"], "device .*'auto', 'cpu' or 'cuda'"),
        (["width"], "takes key=value.*got 'width'"),
        (["=3"], "takes key=value"),
        (["width="], "takes key=value"),
        (["width=3", "width=4"], "width is given twice"),
        (["hardware=3"], "hardware takes a device and a field"),
    ],
)
def test_bad_settings_are_one_clear_line(assignments, message):
    with pytest.raises(ValueError, match=message) as caught:
        load_settings({"dataset": "digits"}, assignments=assignments)
    assert "pydantic" not in str(caught.value)


def test_a_value_with_a_line_break_sets_one_key_only():
    with pytest.raises(ValueError, match=r"^nonlinearity should be 'tanh', .*got '1\\nsteps=3'$"):
        load_settings({"dataset": "digits"}, assignments=["nonlinearity=1\nsteps=3"])


def test_the_nonlinearities_are_those_of_the_device():
    device = get_type_hints(ElectricalNonlinearity)["function"]
    assert TrainingConfig.model_fields["nonlinearity"].annotation == (device | None)
    for name in get_args(device):
        config = load_settings({"dataset": "digits"}, assignments=[f"nonlinearity={name}"]).config
        assert config.nonlinearity == name
    with pytest.raises(ValueError, match="nonlinearity should be 'tanh', .* or 'linear'; got 'x'"):
        load_settings({"dataset": "digits"}, assignments=["nonlinearity=x"])


def test_an_option_and_set_may_not_contend():
    with pytest.raises(ValueError, match="steps: given by an option and by --set"):
        load_settings({"dataset": "digits", "steps": 3}, assignments=["steps=3"])


def test_a_fault_in_a_file_names_the_file(tmp_path):
    file = tmp_path / "run.toml"
    file.write_text("stesp = 3\n")
    with pytest.raises(ValueError, match=r"run\.toml: unknown key stesp; did you mean steps\?"):
        load_settings({"dataset": "digits"}, config_file=file)
    file.write_text("steps = = 3\n")
    with pytest.raises(ValueError, match=r"run\.toml is not valid TOML: .*line 1"):
        load_settings({"dataset": "digits"}, config_file=file)
    file.write_bytes(b"steps = 3 # \xff\n")
    with pytest.raises(ValueError, match=r"run\.toml is not valid TOML, .* byte 13 is 0xff"):
        load_settings({"dataset": "digits"}, config_file=file)
    file.write_text('dataset = "svhn"\n')
    with pytest.raises(ValueError, match="for the data set 'svhn', not for 'digits'"):
        load_settings({"dataset": "digits"}, config_file=file)
    with pytest.raises(FileNotFoundError, match="absent"):
        load_settings({"dataset": "digits"}, config_file=tmp_path / "absent.toml")


def test_none_stands_for_no_value():
    config = load_settings(
        {"dataset": "digits"}, assignments=["gradient_clip=none", "machine=none"]
    ).config
    assert config.gradient_clip is None
    assert config.machine is None


def test_only_hardware_changes_in_an_evaluation():
    assert hardware_changes(["hardware.detector.bandwidth=2e9"]) == {"detector.bandwidth": 2e9}
    with pytest.raises(ValueError, match="only the hardware can change here.*got steps"):
        hardware_changes(["steps=3"])
