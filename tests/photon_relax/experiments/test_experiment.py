import pytest

from photon_relax.experiments.catalogue import experiment_names
from photon_relax.experiments.experiment import Experiment


@pytest.mark.parametrize("name", experiment_names())
@pytest.mark.parametrize("scale", ["smoke", "subset", "full"])
def test_every_point_that_ships_can_be_built(name, scale):
    experiment = Experiment(name=name, scale=scale)
    assert experiment.file.question.endswith("?")
    assert experiment.replicates == (1 if scale == "smoke" else 5)
    folders = [planned.table.name for planned in experiment.studies]
    assert len(set(folders)) == len(folders)
    for planned in experiment.studies:
        planned.check()
        claims = [c.claim for view in planned.table.views for c in view.comparisons]
        assert all(claim.endswith((".", "")) for claim in claims)
        assert planned.study.paired


def test_a_scale_changes_the_base_and_parameters_and_seeds_are_told():
    experiment = Experiment(name="figure-5", scale="smoke", seeds=3)
    assert experiment.command == "photon-relax reproduce figure-5 --scale smoke --seeds 3"
    (first, _) = experiment.studies
    assert first.study.replicates == 3
    assert first.measure.base[0].width == experiment.size.base["width"]


def test_hidden_parameters_are_counted_as_in_the_paper(planned):
    study = planned([VIEW], {"weight_sets": [1, 2], "width": [6, 8]})
    assert study.hidden_parameters == [6 * 7, 8 * 9, 2 * 6 * 7, 2 * 8 * 9]


VIEW = {"title": "Own", "figure": "val_loss", "picture": "points"}


def _pairs(study, **comparison):
    view = VIEW | {"comparisons": [comparison]}
    made = study([view], {"weight_sets": [1, 2, 2, 4], "repetitions": [4, 2, 4, 4]}, "list")
    made.check()
    return made.pairs(made.table.views[0].comparisons[0])


def test_points_are_compared_with_the_one_that_is_the_same_but_for_what_is_told(planned):
    assert _pairs(planned, against={"weight_sets": 1, "repetitions": 4}) == [(1, 0), (2, 0), (3, 0)]
    fixed = {"weight_sets": 1, "repetitions": 4}
    assert _pairs(planned, against=fixed, where={"repetitions": [4]}) == [(2, 0), (3, 0)]
    # A word that is a parameter stands for its value at the point.
    own = {"repetitions": "weight_sets"}
    assert _pairs(planned, against=own, where={"weight_sets": [2]}) == [(2, 1)]


@pytest.mark.parametrize(
    ("comparison", "message"),
    [
        ({"against": {"width": 3}}, "width is no parameter of own"),
        ({"against": {"weight_sets": 1}}, "with weight_sets = 1, repetitions = 2, which is no"),
        (
            {"against": {"weight_sets": 2, "repetitions": 2}, "where": {"weight_sets": [3]}},
            "own compares nothing with",
        ),
        ({"against": {"weight_sets": 1, "repetitions": 4}, "expect": "same"}, "need each other"),
    ],
)
def test_what_cannot_be_compared_is_refused(planned, comparison, message):
    with pytest.raises(ValueError, match=message):
        _pairs(planned, **comparison)


def test_an_axis_must_be_a_parameter(planned):
    made = planned([VIEW | {"along": "width"}], {"weight_sets": [1, 2]})
    with pytest.raises(ValueError, match="Own: width is no parameter of own"):
        made.check()
