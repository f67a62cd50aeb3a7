import pickle
import shutil

import numpy as np
import pytest

from photon_relax.assembly import build_network, load_data
from photon_relax.config import TrainingConfig
from photon_relax.evaluation import evaluate
from photon_relax.hardware import Hardware
from photon_relax.run_file import RunFile
from photon_relax.studies.measures import NetworkMeasure
from photon_relax.training import Trainer

ISOLATION = "hardware.switch.isolation_db"
QUICK = {"dataset": "digits", "bank": "dense", "width": 8, "weight_sets": 2, "steps": 5}


def _measure(kind="evaluate", **options):
    return NetworkMeasure(**{"kind": kind, "settings": {}, "changes": {}, **options})


def test_an_evaluation_is_that_of_the_run_on_other_hardware(trained):
    measure = _measure(run=str(trained), split="both", chip="same")
    run = RunFile.read(trained)
    figures = measure({}, seed=1)
    for name in ("val_loss", "val_accuracy", "test_loss", "test_accuracy", "test_accuracy_low"):
        assert figures[name] == run.results[name]
    network = run.build_network()
    hardware = network.hardware.with_values({"switch.isolation_db": 2.0})
    dataset = load_data(TrainingConfig.create(run.configuration))
    expected = evaluate(network.at("waveform", hardware), dataset.test)
    worse = measure({"fidelity": "waveform", ISOLATION: 2.0}, seed=1)
    assert worse["test_loss"] == expected.loss > figures["test_loss"]
    assert worse["test_accuracy"] == expected.accuracy
    assert (worse["test_loss_low"], worse["test_loss_high"]) == expected.loss_interval
    assert measure({}, seed=2) == figures


def test_a_new_chip_follows_its_seed_unless_the_study_names_one(trained):
    measure = _measure(run=str(trained), changes={"switch.isolation_db": 3.0})
    one, same, other = (measure({}, seed=s)["test_loss"] for s in (1, 1, 2))
    assert one == same != other
    told = {"hardware.seed": 5}
    assert measure(told, seed=1) == measure(told, seed=2)
    assert measure({}, seed=1).keys() == {
        f"test_{figure}{end}" for figure in ("loss", "accuracy") for end in ("", "_low", "_high")
    }


def test_fine_tuning_goes_on_from_the_run(trained):
    measure = _measure("fine-tune", run=str(trained), settings={"steps": 10, "learning_rate": 0.01})
    evaluated = _measure(run=str(trained), split="both")
    tuned, plain = measure({ISOLATION: 2.0}, seed=1), evaluated({ISOLATION: 2.0}, seed=1)
    assert tuned["val_loss"] < plain["val_loss"]
    assert tuned == measure({ISOLATION: 2.0}, seed=1)
    assert tuned != measure({ISOLATION: 2.0, "seed": 4}, seed=1)
    # Nothing of it is left in the next point.
    assert evaluated({ISOLATION: 2.0}, seed=1) == plain


def test_training_anew_varies_the_network_too(trained):
    measure = _measure("retrain", settings=QUICK)
    one = measure({"width": 4}, seed=1)
    assert one == measure({"width": 4}, seed=1)
    assert one != measure({"width": 4}, seed=2)
    assert one != measure({"width": 5}, seed=1)
    assert {"val_loss", "test_accuracy", "test_accuracy_low"} <= one.keys()


def test_gradients_are_measured_before_and_after_a_training():
    few = QUICK | {"repetitions": 3, "learning_rate": 0.05}
    start = _measure("start", settings=few)({}, seed=1)
    both = _measure("retrain", settings=few, gradients=True)({}, seed=1)
    names = {"start_gradient_decades", *(f"start_gradient_{t}" for t in range(4))}
    assert start.keys() == names
    assert {name: both[name] for name in names} == start
    assert both.keys() > {name.removeprefix("start_") for name in names}
    ratio = start["start_gradient_0"] / start["start_gradient_3"]
    assert start["start_gradient_decades"] == pytest.approx(np.log10(ratio), rel=1e-12)
    assert both["gradient_3"] != both["start_gradient_3"]
    plain = _measure("retrain", settings=few)({}, seed=1)
    assert plain == {name: both[name] for name in plain}


def test_studies_without_gradients_are_known_again_from_before_there_were_any():
    digits = {"dataset": "digits"}
    assert "gradients" not in _measure("retrain", settings=digits).describe()
    assert _measure("retrain", settings=digits, gradients=True).describe()["gradients"] is True


def test_gradients_are_asked_of_trainings_alone(trained):
    with pytest.raises(ValueError, match="for kinds that train, not for evaluate"):
        _measure(run=str(trained), gradients=True)
    with pytest.raises(ValueError, match="start measures them anyway"):
        _measure("start", gradients=True)
    with pytest.raises(ValueError, match="start starts from nothing, so leave out run"):
        _measure("start", run=str(trained))


def test_what_a_point_changes_is_checked_with_its_nearest_neighbour(trained):
    measure = _measure(run=str(trained))
    for values, message in [
        ({"hardware.swich.isolation_db": 3.0}, "Did you mean switch?"),
        ({"hardware.switch.isolation": 3.0}, "Did you mean switch.isolation_db?"),
        ({"hardware.switch.isolation_db": -3.0}, "isolation_db must be ≥ 0"),
        ({"fidelty": "slot"}, "unknown key fidelty; did you mean fidelity?"),
        ({"width": 3}, 'width is fixed by the run; kind = "retrain" can vary it'),
        ({"steps": 3}, "steps is of the training, which is over"),
    ]:
        with pytest.raises(ValueError, match=message.replace("?", r"\?")):
            measure.check(values)
    measure = _measure("fine-tune", run=str(trained), settings={"steps": 2})
    measure.check({"learning_rate": 0.5})
    with pytest.raises(ValueError, match="bank is fixed by the run"):
        measure.check({"bank": "mzi"})


def test_hardware_that_is_not_there_is_refused_for_it_would_seem_not_to_matter(trained):
    measure = _measure(run=str(trained))
    for name in ("mesh.splitter_error", "crossbar.junction.line_resistance"):
        with pytest.raises(ValueError, match=f"{name} changes nothing: a machine homodyne with"):
            measure.check({f"hardware.{name}": 1.5})
    with pytest.raises(ValueError, match="isolation_db changes nothing at fidelity ideal"):
        _measure(run=str(trained), settings={"fidelity": "ideal"}).check({ISOLATION: 3.0})
    # The order of the banks is of the network.
    measure_order = _measure(run=str(trained), settings={"fidelity": "ideal"})
    measure_order.check({"hardware.order": "blocks"})
    with pytest.raises(ValueError, match="order must be a list of banks.* got 'blokcs'"):
        measure_order.check({"hardware.order": "blokcs"})
    # Beside the machine or the fidelity it may well change something.
    measure.check({ISOLATION: 3.0, "fidelity": "ideal"})
    rings = _measure("retrain", settings={**QUICK, "bank": "ring"})
    rings.check({"hardware.rings.tuning_error": 1e6})
    with pytest.raises(ValueError, match="output_switch.isolation_db changes nothing: .* ring"):
        rings.check({"hardware.output_switch.isolation_db": 3.0})


def test_it_travels_without_data_and_is_made_again_by_what_it_describes(trained, tmp_path):
    shutil.copytree(trained, tmp_path / "run")
    measure = _measure(run=str(tmp_path / "run"))
    measure.prepare()
    expected = measure({}, seed=1)
    packed = pickle.dumps(measure)
    assert len(packed) < 100_000
    again = NetworkMeasure(**measure.describe())
    shutil.rmtree(tmp_path / "run")
    # The worker sees no file of the run.
    assert pickle.loads(packed)({}, seed=1) == again({}, seed=1) == expected


def test_a_run_that_changed_since_is_refused(trained, tmp_path):
    shutil.copytree(trained, tmp_path / "run")
    told = _measure(run=str(tmp_path / "run")).describe()
    with (tmp_path / "run" / "run.h5").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(ValueError, match="run has changed since the study began with it"):
        NetworkMeasure(**told)


@pytest.fixture(scope="module")
def more(tmp_path_factory):
    """Two more runs as that of `trained`: another seed of it, and one with a single weight set."""
    folder = tmp_path_factory.mktemp("more")
    for name, change in (("seed", {"seed": 5}), ("single", {"weight_sets": 1})):
        config = TrainingConfig.create({**QUICK, **change})
        dataset = load_data(config)
        network = build_network(config, dataset, Hardware())
        Trainer(network, dataset, config).run(folder / name)
    return folder


def test_of_several_runs_a_point_takes_the_one_of_its_settings(trained, more):
    measure = _measure(run=[str(trained), str(more / "single")])
    assert measure.chosen == ("weight_sets",)
    for sets, folder in ((2, trained), (1, more / "single")):
        assert measure({"weight_sets": sets}, seed=1) == _measure(run=str(folder))({}, seed=1)
    again = pickle.loads(pickle.dumps(NetworkMeasure(**measure.describe())))
    assert again({"weight_sets": 1}, seed=1) == measure({"weight_sets": 1}, seed=1)
    measure.prepare()
    with pytest.raises(ValueError, match="the runs differ in weight_sets: make that a parameter"):
        measure.check({})
    with pytest.raises(ValueError, match="none of the 2 runs has weight_sets = 3"):
        measure.check({"weight_sets": 3})
    with pytest.raises(ValueError, match="width is fixed by the run"):
        measure.check({"weight_sets": 2, "width": 8})


def test_of_runs_of_the_same_network_the_seed_draws_one(trained, more):
    runs = [str(trained), str(more / "seed")]
    measure = _measure(run=runs, settings={"fidelity": "ideal"})
    alone = [_measure(run=run, settings={"fidelity": "ideal"})({}, seed=1) for run in runs]
    drawn = [measure({}, seed=seed) for seed in range(8)]
    assert measure.chosen == ()
    assert all(figures in alone for figures in drawn)
    assert len({figures["test_loss"] for figures in drawn}) == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "evaluate"}, "evaluate needs a trained run"),
        ({"kind": "retrain", "run": "x"}, "retrain starts from nothing, so leave out run"),
        ({"kind": "evaluate", "run": "absent"}, "absent is not a run"),
        ({"kind": "retrain", "settings": {"dataset": "digit"}}, "dataset should be 'shakespeare'"),
        ({"kind": "retrain"}, "dataset Field required"),
    ],
)
def test_what_makes_no_measure_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        _measure(**options)
