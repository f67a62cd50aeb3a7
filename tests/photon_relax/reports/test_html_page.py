import json
import re

import plotly.graph_objects as go
import pytest

from photon_relax.reports.html_page import figure_block, render_page, section


def _page(*blocks, **changes):
    parts = {"title": "a < b", "heading": "Why?", "verdict": "So.", "machine": "here", "main": ""}
    return render_page(**(parts | changes | ({"main": "\n".join(blocks)} if blocks else {})))


def _figure(**layout):
    figure = go.Figure(go.Scatter(x=[1, 2, 3], y=[4, 7, 5], name="</script>", meta="series-2"))
    figure.add_trace(go.Heatmap(x=[1, 2, 3], y=[0, 1], z=[[1, 2, 3], [4, 5, 6]], visible=False))
    return figure.update_layout(template="none", hovermode="closest", **layout)


def test_the_page_needs_nothing_but_itself():
    page = _page(section("Curves & more", figure_block(_figure(), 'a "line"')))
    assert page.startswith("<!DOCTYPE html>")
    assert page.count("<script") == page.count("</script>") == 3  # plotly, ours, one figure
    text = re.sub(r"<script[^>]*>.*?</script>", "", page, flags=re.DOTALL)
    assert not re.search(r"<(link|img|iframe|object|embed|base)\b|@import|url\(|https?://", text)
    for part in ("<title>a &lt; b</title>", "<h2>Curves &amp; more</h2>", 'a &quot;line&quot;"'):
        assert part in text
    data = re.search(r'<script type="application/json">(.*?)</script>', page, flags=re.DOTALL)
    assert json.loads(data[1])["data"][0]["name"] == "</script>"


@pytest.mark.parametrize("dark", [False, True])
def test_figures_are_drawn_in_the_colours_of_the_theme_and_a_hover_tells_a_value(
    browser, tmp_path, dark
):
    path = tmp_path / "page.html"
    path.write_text(_page(section("Curves", figure_block(_figure(), "a line"))), encoding="utf-8")
    browser.show(path, width=800, dark=dark)
    browser.wait("document.querySelector('.figure').dataset.drawn === 'yes'")
    stroke = browser.run("getComputedStyle(document.querySelector('.js-line')).stroke")
    assert stroke == ("rgb(255, 154, 92)" if dark else "rgb(194, 82, 27)")  # --series-2
    browser.point(*browser.middle(".point:nth-child(2)"))
    assert "7" in browser.hover_text()
    assert browser.complaints() == []
    assert browser.strangers() == []


def test_a_change_of_theme_draws_again(browser, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(_page(figure_block(_figure(), "a line")), encoding="utf-8")
    browser.show(path, width=800)
    browser.wait("document.querySelector('.js-line')")
    browser.choose_theme(dark=True)
    stroke = "getComputedStyle(document.querySelector('.js-line')).stroke"
    browser.wait(f"{stroke}.includes('255, 154')")
    assert browser.run(stroke) == "rgb(255, 154, 92)"  # --series-2 in the dark
    assert browser.complaints() == []


def test_what_is_broken_in_a_page_is_noticed(browser, tmp_path):
    path = tmp_path / "page.html"
    wrong = "<script>nothing()</script><img src='https://example.org/x.png'>"
    path.write_text(_page(wrong), encoding="utf-8")
    browser.show(path, width=800)
    assert browser.complaints()
    assert browser.strangers() == ["https://example.org/x.png"]
