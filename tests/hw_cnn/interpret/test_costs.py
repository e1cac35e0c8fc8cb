"""Accuracy against cost, and shares of layers: points and bars lie where the numbers say."""

from __future__ import annotations

import pytest

from hw_cnn import language
from hw_cnn.interpret.figures import draw_costs, draw_shares
from hw_cnn.interpret.figures.costs import Trained
from hw_cnn.interpret.figures.shares import Shares
from tests.hw_cnn.interpret.figure_support import assert_readable

NETWORKS = [
    Trained("LeNet-5, 1998", [0.87, 0.91, 0.94], 60_000, 328_096, 3.25),
    Trained("сеть семинара", [0.91, 0.94, 0.96], 44_426, 281_640, 1.5),
]
SHARES = [Shares("VGG-16", (14_714_688, 123_642_856), (15_346_630_656, 123_633_664))]


@pytest.mark.parametrize("lang", language.LANGS)
def test_pictures_are_readable(lang):
    assert_readable(draw_costs(NETWORKS, lang))
    assert_readable(draw_shares(SHARES * 2, lang))


def test_points_lie_at_price_and_last_accuracy():
    curves, *panels = draw_costs(NETWORKS).axes
    for network, line in zip(NETWORKS, curves.lines, strict=True):
        assert line.get_ydata() == pytest.approx([100 * one for one in network.accuracies])
        assert list(line.get_xdata()) == [1, 2, 3]
    for panel, prices in zip(panels, ([60, 44.426], [328.096, 281.64], [3.25, 1.5]), strict=True):
        points = [(line.get_xdata()[0], line.get_ydata()[0]) for line in panel.lines]
        assert points == [pytest.approx(pair) for pair in zip(prices, [94, 96], strict=True)]
        assert panel.get_xlim()[0] == 0


@pytest.mark.parametrize("networks", [[], NETWORKS * 3, [Trained("net", [], 1, 1, 1.0)]])
def test_what_cannot_be_drawn_is_refused(networks):
    with pytest.raises(ValueError, match="expected 1 to 4 networks, each with an accuracy"):
        draw_costs(networks)


def test_bars_add_up_to_a_hundred_and_say_their_totals():
    (axes,) = draw_shares(SHARES, "en").axes
    bars = [bar for bar in axes.patches if bar.get_width() > 0]
    widths = [bar.get_width() for bar in bars]
    assert widths == pytest.approx([10.635, 89.365, 99.201, 0.799], abs=1e-3)
    said = [text.get_text() for text in axes.texts]
    assert "138.4 million" in said
    assert "15.5 GMAC" in said
    assert not [text for text in said if text.startswith("0.8")]  # no room for it
