"""What the accuracy of several networks costs: parameters, multiplications, seconds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from hw_cnn.interpret.figures import canvas, words
from hw_cnn.interpret.figures.shift_curve import LINES


class Trained(NamedTuple):
    """A network after its training: its accuracy (0..1) after each epoch, and what it costs.

    `num_macs` are multiply-accumulates for one image, `seconds` those of the whole training.
    """

    name: str
    accuracies: Sequence[float]
    num_parameters: int
    num_macs: int
    seconds: float


@canvas.styled
def draw_costs(networks: Sequence[Trained], lang: str = "en") -> Figure:
    """Draw accuracy after each epoch, then the last one against parameters, multiplications and seconds.

    All panels share the axis of accuracy.

    Raises: ValueError for more than four networks, or a network without an accuracy.
    """
    if not 1 <= len(networks) <= len(LINES) or any(not network.accuracies for network in networks):
        raise ValueError(f"expected 1 to {len(LINES)} networks, each with an accuracy; got {len(networks)}")
    figure = canvas.new(11.0, 3.5, words.say("costs", lang))
    curves, *panels = figure.subplots(1, 4, sharey=True, width_ratios=[1.5, 1, 1, 1])
    for network, (colour, mark, dashes) in zip(networks, LINES, strict=False):
        percents = [100 * accuracy for accuracy in network.accuracies]
        curves.plot(
            range(1, len(percents) + 1),
            percents,
            dashes,
            color=colour,
            marker=mark,
            markersize=5,
            label=network.name,
        )
        prices = (network.num_parameters / 1000, network.num_macs / 1000, network.seconds)
        for panel, price in zip(panels, prices, strict=True):
            panel.plot([price], percents[-1:], mark, color=colour, markersize=9)
    curves.set(xlabel=words.say("epoch", lang), ylabel=words.say("accuracy", lang))
    curves.xaxis.set_major_locator(MaxNLocator(integer=True))
    for panel, key in zip(panels, ("parameters_axis", "macs_axis", "seconds_axis"), strict=True):
        panel.set_xlabel(words.say(key, lang))
        panel.set_xlim(0, 1.25 * panel.get_xlim()[1])
        panel.xaxis.set_major_locator(MaxNLocator(nbins=4))
    for panel in (curves, *panels):
        _rule(panel, lang)
    figure.legend(loc="outside lower center", ncols=len(networks), frameon=False)
    return figure


def _rule(axes: Axes, lang: str) -> None:
    axes.grid(axis="y", color="#e3e7ec", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.xaxis.set_major_formatter(canvas.number_formatter(lang))
    axes.yaxis.set_major_formatter(canvas.number_formatter(lang))
