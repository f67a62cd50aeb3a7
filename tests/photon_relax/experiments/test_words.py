import math

import pytest

from photon_relax.experiments.words import (
    change_text,
    estimate_text,
    figure_name,
    network_kind,
    place_text,
)
from photon_relax.studies.answer import Estimate


def test_places_are_written_as_in_the_paper():
    point = {"weight_sets": 4, "repetitions": 12, "width": 56, "fidelity": "slot"}
    assert place_text(point) == "L_W = 4, L_T = 12, N = 56, slot"
    assert place_text({"hardware.order": "blocks", "skip": 0.25, "on": True}) == (
        "order = blocks, skip = 0.25, on = true"
    )


@pytest.mark.parametrize(
    ("weight_sets", "repetitions", "kind"),
    [(1, 12, "RNN"), (4, 12, "ReLaX-Net"), (4, 4, "DNN"), (1, 1, "DNN"), (None, 4, "")],
)
def test_networks_are_named_by_weight_sets_and_depth(weight_sets, repetitions, kind):
    assert network_kind({"weight_sets": weight_sets, "repetitions": repetitions}) == kind


def test_shares_are_in_per_cent_and_losses_in_nats():
    found = Estimate(0.25, 0.2, 0.3)
    assert figure_name("test_error") == "test error (%)"
    assert estimate_text("test_error", found) == "25.00 (20.00 … 30.00)"
    assert figure_name("val_loss") == "validation loss (nats)"
    assert change_text("val_loss", Estimate(-0.25, math.nan, math.nan)) == "−0.250"
    assert estimate_text("val_loss", Estimate(math.nan, math.nan, math.nan)) == "not measured"
