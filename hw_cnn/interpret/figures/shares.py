"""How parameters and multiplications are divided between convolutions and dense layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.figure import Figure

from hw_cnn.interpret.figures import canvas, words

COLOURS = ("#8fb3da", "#f0a35e")


class Shares(NamedTuple):
    """A network's numbers as pairs (in convolutions, in dense layers)."""

    name: str
    num_parameters: tuple[int, int]
    num_macs: tuple[int, int]


@canvas.styled
def draw_shares(networks: Sequence[Shares], lang: str = "en") -> Figure:
    """Draw two bars for each network, its parameters and its multiplications, each parted in percent.

    The totals stand behind the bars.
    """
    figure = canvas.new(8.6, 0.85 * len(networks) + 1.2, words.say("shares", lang))
    axes = figure.add_subplot()
    places, labels = [], []
    for number, network in enumerate(networks):
        bars = (
            (words.say("parameters", lang), network.num_parameters, words.rounded),
            ("MAC", network.num_macs, words.macs),
        )
        for line, (what, parts, write) in enumerate(bars):
            place, total, left = 2.5 * number + line, sum(parts), 0.0
            for part, colour in zip(parts, COLOURS, strict=True):
                share = 100 * part / total
                axes.barh(place, share, left=left, height=0.86, color=colour)
                if share > 7:  # narrower ones have no room for their number
                    middle = left + share / 2
                    axes.text(
                        middle, place, words.percent(part / total, lang), ha="center", va="center", fontsize=9
                    )
                left += share
            axes.text(102, place, write(total, lang), va="center", fontsize=9.5)
            places.append(place)
            labels.append(f"{network.name}: {what}")
    axes.set(xlim=(0, 128), yticks=places, yticklabels=labels, xticks=[])
    axes.invert_yaxis()
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    for colour, key in zip(COLOURS, ("convolutional", "dense"), strict=True):
        axes.barh(0, 0, color=colour, label=words.say(key, lang))
    figure.legend(loc="outside lower center", ncols=2, frameon=False)
    return figure
