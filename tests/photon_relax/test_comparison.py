import pytest

from photon_relax.comparison import compare, conditions, hardware_variants
from photon_relax.evaluation import evaluate
from photon_relax.hardware import Hardware


def test_every_fidelity_meets_every_hardware_the_trained_ones_first(tmp_path):
    file = tmp_path / "worse.toml"
    file.write_text("[switch]\nisolation_db = 12.0\n")
    trained = Hardware()
    variants = hardware_variants(trained, [file], {"switch.insertion_loss_db": 3.0})
    listed = conditions("slot", trained, ["waveform", "ideal", "slot"], variants)
    name = f"{file}, switch.insertion_loss_db = 3.0"
    assert [condition.label for condition in listed] == [
        "slot (as trained)",
        "waveform",
        "ideal",
        f"slot, {name}",
        f"waveform, {name}",
    ]
    assert all(condition.hardware is trained for condition in listed[:3])
    worse = listed[3].hardware.switch
    assert (worse.isolation_db, worse.insertion_loss_db) == (12.0, 3.0)


def test_changes_alone_apply_to_the_trained_hardware():
    trained = Hardware().with_values({"slot_duration": 3e-9})
    ((name, hardware),) = hardware_variants(trained, [], {"switch.isolation_db": 10.0})
    assert name == "switch.isolation_db = 10.0"
    assert (hardware.slot_duration, hardware.switch.isolation_db) == (3e-9, 10.0)
    assert hardware_variants(trained, [], {}) == []


def test_other_hardware_needs_a_fidelity_that_sees_it():
    variants = [("worse", Hardware())]
    with pytest.raises(ValueError, match="ideal has no devices.*--fidelity slot"):
        conditions("ideal", Hardware(), ["ideal"], variants)
    assert len(conditions("ideal", Hardware(), ["slot"], variants)) == 3


def test_each_result_is_the_evaluation_at_that_condition(
    small_config, small_network, small_dataset
):
    network = small_network(small_config())
    variants = hardware_variants(network.hardware, [], {"switch.isolation_db": 3.0})
    listed = conditions("slot", network.hardware, ["ideal"], variants)
    told = []
    results = compare(
        network, small_dataset.test, listed, batch_size=16, block=1, announce=told.append
    )
    assert told == listed
    for condition, result in zip(listed, results, strict=True):
        twin = network.at(condition.fidelity, condition.hardware)
        assert result.loss == evaluate(twin, small_dataset.test, batch_size=16).loss
    assert len({result.loss for result in results}) == 3


def test_hardware_that_does_not_fit_is_refused_before_any_evaluation(
    small_config, small_network, small_dataset
):
    network = small_network(small_config())
    variants = hardware_variants(network.hardware, [], {"order": [0]})
    listed = conditions("slot", network.hardware, [], variants)
    told = []
    with pytest.raises(ValueError, match="order must name one bank for each"):
        compare(network, small_dataset.test, listed, batch_size=16, block=1, announce=told.append)
    assert told == []
