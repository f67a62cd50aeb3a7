import pytest

from photon_relax.experiments.catalogue import read_shipped
from photon_relax.experiments.experiment_file import parse_experiment, read_experiment


def test_a_file_that_ships_is_what_it_says():
    file = read_experiment("figure-5")
    assert file.scales["subset"].replicates == 5
    assert file.studies[0].views[0].comparisons[0].against == {"weight_sets": 1}
    assert file.studies[0].measure.kind == "retrain"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"questoin": "?"}, "experiment own: questoin: Extra inputs"),
        ({"studies": []}, "studies: List should have at least 1 item"),
        ({"scales": {"tiny": {"replicates": 1}}}, "scales.tiny"),
    ],
)
def test_a_wrong_file_is_refused_by_its_keys(change, message):
    with pytest.raises(ValueError, match=message):
        parse_experiment("own", read_shipped("figure-5") | change)
