"""Features of many images in a plane."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.path import Path
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D
from torch import Tensor

from hw_cnn.interpret.figures import canvas, words

# A class is told by its colour and its mark: the name itself where that is one character.
MARKS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">")


@canvas.styled
def draw_embedding(
    coordinates: Tensor,
    labels: Tensor,
    class_names: Sequence[str],
    explained: Sequence[float],
    lang: str = "en",
) -> Figure:
    """Draw one point per image; both axes have the same scale, and say which share of the variance they hold.

    Of more than ten classes the ten most frequent have colours.

    Shape: coordinates (N, 2), labels (N) int64; explained: two shares of 1.
    """
    figure = canvas.new(7.6, 6.0, words.say("embedding", lang))
    axes = figure.add_subplot()
    places, labels = coordinates.detach().float().cpu(), labels.cpu()
    counts = labels.bincount(minlength=len(class_names))
    chosen = sorted(counts.argsort(descending=True, stable=True)[: len(MARKS)].tolist())
    others = [number for number in counts.nonzero().flatten().tolist() if number not in chosen]
    if others:
        rest = places[sum(labels == number for number in others).bool()]
        axes.scatter(
            rest[:, 0].numpy(),
            rest[:, 1].numpy(),
            s=6,
            color="#c8ced6",
            label=words.say("other_classes", lang),
        )
    for colour, mark, number in zip(canvas.CLASS_COLOURS, MARKS, chosen, strict=False):
        name = class_names[number]
        is_short = _is_mark(name)
        own = places[labels == number]
        if len(own):
            axes.scatter(
                own[:, 0].numpy(),
                own[:, 1].numpy(),
                s=26 if is_short else 16,
                marker=_glyph(name) if is_short else mark,
                color=colour,
                linewidths=0.3,
                # matplotlib leaves out labels that begin with an underscore.
                label=f" {name}" if name.startswith("_") else name,
            )
    axes.set_aspect("equal", adjustable="datalim")
    for axis, number in ((axes.xaxis, 1), (axes.yaxis, 2)):
        share = words.percent(explained[number - 1], lang)
        axis.set_label_text(words.say("component", lang, number=number, share=share))
        axis.set_major_formatter(canvas.number_formatter(lang))
    if any(not _is_mark(class_names[number]) for number in chosen) or others:
        axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False, markerscale=1.6)
    return figure


def _is_mark(name: str) -> bool:
    """Tell whether the name itself can stand for a point."""
    return len(name) == 1 and name.isalnum()


def _glyph(name: str) -> Path:
    """Give the outline of the name, its middle at (0, 0). Matplotlib's own "$name$" shows its dollars in our style."""
    outline = TextPath((0, 0), name, size=1)
    box = outline.get_extents()
    moved: Path = outline.transformed(Affine2D().translate(-(box.x0 + box.x1) / 2, -(box.y0 + box.y1) / 2))
    return moved
