"""The pictures are checked for what is on them; how they look is for the eye."""

import pytest
from matplotlib.image import imread

from circuits import BudgetAssumptions
from photon_relax import Hardware
from photon_relax.budget_pictures import draw_budget, draw_networks
from photon_relax.design_budget import Design
from photon_relax.physical_networks import physical_networks


@pytest.mark.parametrize(("bank", "unit"), [("mzi", "dBm"), ("crossbar", "dB over 1 µA")])
def test_link_and_power_are_drawn(bank, unit, drawn, tmp_path):
    budget = Design(hardware=Hardware(), bank=bank, width=8).budget(BudgetAssumptions())
    draw_budget(budget, "a title", tmp_path / "budget.png")
    assert imread(tmp_path / "budget.png").ndim == 3
    link, power = drawn[0].axes
    assert link.get_ylabel() == f"level ({unit})"
    # A bar of each step but the source, from the level in front to that behind.
    falls = [bar.get_height() for bar in link.patches]
    assert falls == pytest.approx([step.change_db for step in budget.link[1:]], abs=1e-9)
    tops = [bar.get_y() for bar in link.patches]
    assert tops == pytest.approx([step.level_db for step in budget.link[:-1]])
    assert [label.get_text() for label in link.get_xticklabels()] == [
        step.name for step in budget.link
    ]
    widths = [bar.get_width() for bar in power.patches if bar.get_width() and bar.get_y()]
    totals = sorted(part.total for part in budget.power)
    assert widths[: len(totals)] == pytest.approx(totals)
    names = [label.get_text() for label in power.get_yticklabels()]
    assert names == [part.name for part in sorted(budget.power, key=lambda part: part.total)]


def test_networks_are_drawn_with_the_design_among_them(drawn, tmp_path):
    draw_networks(12_345, tmp_path / "networks.png")
    (axes,) = drawn[0].axes
    points = [tuple(point) for group in axes.collections for point in group.get_offsets()]
    assert sorted(points) == sorted((n.year, n.count) for n in physical_networks())
    texts = [text.get_text() for text in axes.texts]
    assert "this design: 12,345 parameters" in texts
    assert axes.lines[0].get_ydata()[0] == 12_345
