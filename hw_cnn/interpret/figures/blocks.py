"""A network as a row of boxes: what each stage gives, as wide as it has channels and as tall as its maps."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from hw_cnn.interpret.figures import canvas

FACES = ("#dbe7f5", "#b9d0ea", "#8fb3da")
GAP, DEPTH, TALLEST = 1.1, 0.42, 3.2


@canvas.styled
def draw_blocks(stages: Sequence[tuple[str, tuple[int, ...]]], title: str = "") -> Figure:
    """Draw one box for each stage, from left to right, with its name above and its shape below.

    Sides grow like roots of the numbers, so that 3 and 512 channels fit on one picture; a vector is a thin box.

    stages: (name, shape), the shape (channels, height, width) or (features,).
    """
    sizes = [_sides(shape) for _, shape in stages]
    scale = min(1.0, TALLEST / max(tall for _, tall, _ in sizes))
    sizes = [(scale * thick, scale * tall, scale * away) for thick, tall, away in sizes]
    width = sum(thick + away + GAP for thick, _, away in sizes) + GAP
    highest = max(tall / 2 + away for _, tall, away in sizes)
    lowest = max(tall / 2 for _, tall, _ in sizes)
    lines = max(name.count("\n") + 1 for name, _ in stages)
    figure = canvas.new(0.62 * width, 0.62 * (highest + lowest) + 0.2 * lines + 0.9, title)
    axes = figure.add_subplot()
    left = GAP
    for number, ((name, shape), (thick, tall, away)) in enumerate(zip(stages, sizes, strict=True)):
        _box(axes, left, -tall / 2, (thick, tall, away))
        middle = left + (thick + away) / 2
        axes.text(middle, highest + 0.2, name, ha="center", va="bottom", fontsize=9)
        below = " × ".join(map(str, shape))
        axes.text(middle, -lowest - 0.2, below, ha="center", va="top", fontsize=9, color=canvas.SOFT)
        left += thick + away
        if number < len(stages) - 1:
            start, end = (left + 0.15, 0), (left + GAP - 0.1, 0)
            axes.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": canvas.SOFT})
        left += GAP
    axes.set(xlim=(0, left), ylim=(-lowest - 0.7, highest + 0.2 + 0.35 * lines), aspect="equal")
    axes.set_axis_off()
    return figure


def _sides(shape: tuple[int, ...]) -> tuple[float, float, float]:
    """(thickness, height, depth) of the box."""
    if len(shape) == 1:
        return 0.2, 0.5 * math.log2(1 + shape[0]), 0.12
    channels, height, width = shape
    return max(0.12, 0.16 * math.sqrt(channels)), 0.42 * math.sqrt(height), 0.42 * math.sqrt(width) * DEPTH


def _box(axes: Axes, left: float, bottom: float, sides: tuple[float, float, float]) -> None:
    """Front, top and side of a box that recedes to the right and upwards."""
    thick, tall, away = sides
    right, top = left + thick, bottom + tall
    faces = (
        [(left, bottom), (right, bottom), (right, top), (left, top)],
        [(left, top), (right, top), (right + away, top + away), (left + away, top + away)],
        [(right, bottom), (right + away, bottom + away), (right + away, top + away), (right, top)],
    )
    for corners, colour in zip(faces, FACES, strict=True):
        axes.add_patch(Polygon(corners, facecolor=colour, edgecolor=canvas.INK, linewidth=0.8))
