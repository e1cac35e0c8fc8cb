"""Which part of the image one number of a layer depends on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor

from hw_cnn.interpret.figures import canvas, words

# Red, green, blue and opacity of what lies over the unseen part of an image.
VEIL = (0.36, 0.4, 0.46, 0.72)


class Field(NamedTuple):
    """A layer's name and the box (top, left, bottom, right) that one of its numbers sees; bottom, right excluded."""

    layer: str
    box: tuple[int, int, int, int]


@canvas.styled
def draw_fields(image: Tensor, fields: Sequence[Field], lang: str = "en") -> Figure:
    """Draw the image once per layer with the receptive field framed; what the layer cannot see is dimmed.

    A box that reaches over the border sees padding there, drawn as an empty margin. Shape: image (C, H, W) in 0..1.
    """
    height, width = image.shape[1:]
    rows, columns = canvas.grid(len(fields), 4)
    figure = canvas.new(max(4.5, 2.3 * columns), 2.62 * rows + 0.42, words.say("fields", lang))
    for panel, (layer, box) in zip(canvas.panels(figure, len(fields), 4), fields, strict=True):
        size = words.say("field_px", lang, height=box[2] - box[0], width=box[3] - box[1])
        canvas.show(panel, image, f"{layer}\n{size}")
        dim_outside(panel, box, (height, width))
        margin = max(1, max(height, width) // 20)
        panel.set_xlim(min(box[1], 0) - margin, max(box[3], width) + margin)
        panel.set_ylim(max(box[2], height) + margin, min(box[0], 0) - margin)
        for spine in panel.spines.values():
            spine.set_visible(False)
    return figure


def dim_outside(axes: Axes, box: tuple[int, int, int, int], size: tuple[int, int]) -> None:
    """Frame `box` on an image of `size` (height, width) and dim the rest of it.

    The image lies in pixels 0..width, 0..height; a picture drawn by `imshow` is moved there.
    """
    height, width = size
    for picture in axes.images:
        picture.set_extent((0, width, height, 0))
    top, left, bottom, right = box
    veil = np.full((height, width, 4), VEIL)
    veil[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0), 3] = 0
    axes.imshow(veil, extent=(0, width, height, 0))
    axes.add_patch(
        Rectangle((left, top), right - left, bottom - top, fill=False, edgecolor=canvas.FRAME, linewidth=2.2)
    )
