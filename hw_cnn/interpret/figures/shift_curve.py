"""How well networks know images that have moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from hw_cnn.interpret.figures import canvas, words

LINES = (("#1f5fa8", "o", "-"), ("#d95f02", "s", "--"), ("#5e3c99", "^", "-."), ("#5b6675", "D", ":"))


@canvas.styled
def draw_shift_curve(curves: Mapping[str, Sequence[float]], num_classes: int, lang: str = "en") -> Figure:
    """Draw accuracy against shift, one line per network; `curves` holds the accuracies (0..1) for 0, 1, 2... pixels.

    The dotted line is the accuracy of guessing among `num_classes`.
    """
    figure = canvas.new(7.4, 4.5, words.say("shift_curve", lang))
    axes = figure.add_subplot()
    for (name, accuracies), (colour, mark, dashes) in zip(curves.items(), LINES, strict=False):
        percents = [100 * float(accuracy) for accuracy in accuracies]
        axes.plot(percents, dashes, color=colour, marker=mark, markersize=5, linewidth=2, label=name)
    guess = words.say("chance", lang, share=words.percent(1 / num_classes, lang))
    axes.axhline(100 / num_classes, color=canvas.SOFT, linewidth=1, linestyle=":", label=guess)
    axes.set(ylim=(0, 102), xlabel=words.say("shift_px", lang), ylabel=words.say("accuracy", lang))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(axis="y", color="#e3e7ec", linewidth=0.8)
    axes.set_axisbelow(True)
    figure.legend(loc="outside lower center", ncols=3, frameon=False)
    return figure
