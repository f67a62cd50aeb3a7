import pytest

from photon_relax.experiments.catalogue import (
    experiment_names,
    experiment_summaries,
    read_shipped,
)


def test_the_experiments_stand_in_the_order_of_the_paper():
    assert experiment_names()[0] == "figure-5"
    assert list(experiment_summaries()) == list(experiment_names())
    # A line each, in a help text of 80 columns and more.
    assert all(0 < len(told) <= 100 for told in experiment_summaries().values())


def test_an_unknown_name_is_answered_with_those_that_there_are():
    with pytest.raises(ValueError, match="no experiment 'figure-6'; known: figure-5"):
        read_shipped("figure-6")
