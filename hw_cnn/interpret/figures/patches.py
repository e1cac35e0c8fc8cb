"""The patches of images that excite channels most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.figure import Figure
from torch import Tensor

from hw_cnn.interpret.figures import canvas, receptive_field, words


class Row(NamedTuple):
    """One channel: its strongest patches (k, C, fh, fw) in 0..1, their answers (k), and where the first one lies.

    `image` (C, H, W) in 0..1 is the image with the strongest answer, `box` its patch's (top, left, bottom, right).
    """

    channel: int
    patches: Tensor
    values: Sequence[float]
    image: Tensor
    box: tuple[int, int, int, int]


@canvas.styled
def draw_patches(rows: Sequence[Row], layer: str, lang: str = "en") -> Figure:
    """Draw one row per channel: the image of the strongest answer with the patch framed, then all patches.

    Above each patch stands the channel's answer to it.
    """
    columns = 1 + max(len(row.patches) for row in rows)
    figure = canvas.new(1.15 * columns + 1.3, 1.4 * len(rows) + 0.85, words.say("patches", lang, layer=layer))
    grid = figure.add_gridspec(len(rows), columns, width_ratios=[1.25] + [1] * (columns - 1))
    figure.supxlabel(words.say("answers_above", lang), fontsize=10)
    for number, row in enumerate(rows):
        whole = figure.add_subplot(grid[number, 0])
        canvas.show(whole, row.image)
        receptive_field.dim_outside(whole, row.box, (row.image.shape[1], row.image.shape[2]))
        whole.set_xlim(min(row.box[1], 0) - 0.5, max(row.box[3], row.image.shape[2]) + 0.5)
        whole.set_ylim(max(row.box[2], row.image.shape[1]) + 0.5, min(row.box[0], 0) - 0.5)
        for spine in whole.spines.values():
            spine.set_visible(False)
        label = words.say("channel", lang, channel=row.channel)
        whole.set_ylabel(label, rotation=0, ha="right", va="center", labelpad=8)
        for column, (patch, value) in enumerate(zip(row.patches, row.values, strict=True), 1):
            canvas.show(figure.add_subplot(grid[number, column]), patch, words.number(value, lang, 2))
    return figure
