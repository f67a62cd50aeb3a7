import pytest

from photon_relax.experiments.experiment import Experiment, PlannedStudy
from photon_relax.experiments.timing import time_experiment

VIEW = {"title": "Own", "figure": "val_loss", "picture": "points"}


class _Own(Experiment):
    """An experiment of digits, for its data are everywhere."""

    planned: PlannedStudy

    @property
    def studies(self):
        return [self.planned]


@pytest.fixture
def experiment(planned):
    def make(**parameters):
        made = _Own(name="figure-5", scale="full")
        object.__setattr__(made, "planned", planned([VIEW], parameters))
        return made

    return make


def test_every_depth_of_physics_is_timed_and_multiplied_by_its_trainings(experiment):
    ideal, slot = time_experiment(experiment(weight_sets=[1, 2, 4], fidelity=["ideal", "slot"]))
    assert (ideal.fidelity, slot.fidelity) == ("ideal", "slot")
    assert ideal.trainings == slot.trainings == 3 * 5
    # 1,000 steps and 20 validations, which digits ask for.
    assert ideal.training_seconds > 1000 * ideal.step_seconds > 0
    assert ideal.seconds == 15 * ideal.training_seconds


def test_a_point_that_cannot_be_trained_is_told(experiment):
    with pytest.raises(ValueError, match="own cannot be trained: ValueError: .*electrical"):
        list(time_experiment(experiment(bank=["ring"], machine=["electrical"])))
