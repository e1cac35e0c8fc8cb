"""Small data that tests of figures draw, and what makes a figure readable."""

from __future__ import annotations

import itertools

import matplotlib
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

SHARPEN = torch.tensor([[0.0, -1, 0], [-1, 5, -1], [0, -1, 0]])
EDGE = torch.tensor([[0.0, 1, 0], [1, -4, 1], [0, 1, 0]])


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def images(count: int, channels: int = 1, side: int = 28) -> torch.Tensor:
    return noise(count, channels, side, side).sigmoid()


def drawn_texts(figure: Figure) -> list[tuple[str, object, float]]:
    """What can be read in the figure: text, its box in pixels, and its rotation."""
    painter = FigureCanvasAgg(figure)
    painter.draw()
    hidden = set()
    for axes in figure.findobj(matplotlib.axes.Axes):
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
                if not axes.axison or not low - 1e-9 <= tick.get_loc() <= high + 1e-9:
                    hidden |= {tick.label1, tick.label2}
            if not axes.axison:
                hidden |= {axis.label, axis.offsetText}
    renderer = painter.get_renderer()
    return [
        (text.get_text(), text.get_window_extent(renderer), text.get_rotation())
        for text in figure.findobj(Text)
        if text.get_visible() and text.get_text().strip() and text not in hidden
    ]


def assert_readable(figure: Figure) -> None:
    texts = drawn_texts(figure)
    assert texts, "a picture without a word says nothing"
    width, height = figure.canvas.get_width_height()
    for text, box, _ in texts:
        assert min(box.x0, box.y0, width - box.x1, height - box.y1) > -1, (text, box)
    for (text, box, turned), (other, other_box, other_turned) in itertools.combinations(texts, 2):
        # Boxes of slanted labels overlap where the labels themselves lie side by side.
        if not (turned % 90 and other_turned % 90):
            across = min(box.x1, other_box.x1) - max(box.x0, other_box.x0)
            along = min(box.y1, other_box.y1) - max(box.y0, other_box.y0)
            assert min(across, along) < 1, (text, other, across, along)
