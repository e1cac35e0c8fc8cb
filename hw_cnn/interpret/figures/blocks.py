"""A network as a row of boxes: what each stage gives, as wide as it has channels and as tall as its maps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from hw_cnn.interpret.figures import canvas

# Front, top and side of a box; the second set is that of the second half, where channels are in two groups.
FACES = (("#dbe7f5", "#b9d0ea", "#8fb3da"), ("#fbe3cf", "#f6c79e", "#eda76b"))
GAP, DEPTH, TALLEST = 1.1, 0.42, 3.2
NAME_ABOVE, SHAPE_BELOW, LINE = 0.2, 0.7, 0.35
BETWEEN_ROWS = 0.5
# Width of a character of the labels, and the least space between two labels.
CHARACTER, SPACE = 0.135, 0.25


class _Box(NamedTuple):
    """A stage with the sides of its box; `parts` is how many groups its channels are in."""

    name: str
    shape: tuple[int, ...]
    thick: float
    tall: float
    away: float
    parts: int


@canvas.styled
def draw_blocks(
    stages: Sequence[tuple[str, tuple[int, ...]]],
    title: str = "",
    *,
    in_halves: Sequence[int] = (),
    num_in_row: int | None = None,
) -> Figure:
    """Draw one box for each stage, from left to right, with its name above and its shape below.

    Sides grow like roots of the numbers, so that 3 and 512 channels fit on one picture; a vector is a thin box.

    stages: (name, shape), the shape (channels, height, width) or (features,).
    in_halves: numbers of the stages whose channels lie in two groups; each half has a colour.
    num_in_row: how many boxes stand side by side at most, for networks that are long; None for one row.

    Raises: ValueError for a `num_in_row` below 1.
    """
    if num_in_row is not None and num_in_row < 1:
        raise ValueError(f"num_in_row (={num_in_row}) must be at least 1, or None for one row")
    boxes = _boxes(stages, in_halves)
    step = num_in_row or len(boxes)
    rows = [boxes[start : start + step] for start in range(0, len(boxes), step)]
    lines = max(name.count("\n") + 1 for name, _ in stages)
    heights = [_above(row) + _below(row) + NAME_ABOVE + LINE * lines + SHAPE_BELOW for row in rows]
    width = max(_lefts(row)[-1] for row in rows)
    height = sum(heights) + BETWEEN_ROWS * (len(rows) - 1)
    figure = canvas.new(0.62 * width, 0.62 * height + 0.35, title)
    axes = figure.add_subplot()
    top = 0.0
    for number, (row, tall) in enumerate(zip(rows, heights, strict=True)):
        middle = top - NAME_ABOVE - LINE * lines - _above(row)
        _row(axes, row, middle, is_last=number == len(rows) - 1)
        top -= tall + BETWEEN_ROWS
    axes.set(xlim=(0, width), ylim=(-height, 0), aspect="equal")
    axes.set_axis_off()
    return figure


def _boxes(stages: Sequence[tuple[str, tuple[int, ...]]], in_halves: Sequence[int]) -> list[_Box]:
    sides = [_sides(shape) for _, shape in stages]
    scale = min(1.0, TALLEST / max(tall for _, tall, _ in sides))
    return [
        _Box(name, shape, scale * thick, scale * tall, scale * away, 2 if number in in_halves else 1)
        for number, ((name, shape), (thick, tall, away)) in enumerate(zip(stages, sides, strict=True))
    ]


def _above(row: Sequence[_Box]) -> float:
    return max(box.tall / 2 + box.away for box in row)


def _below(row: Sequence[_Box]) -> float:
    return max(box.tall / 2 for box in row)


def _lefts(row: Sequence[_Box]) -> list[float]:
    """The left edge of each box, and where the row ends: far enough apart that no label touches the next."""
    lefts, end = [], 0.0
    before = 0.0  # how far the label of the last box reaches beyond it
    for box in row:
        beyond = max(0.0, (_label_width(box) - box.thick - box.away) / 2)
        lefts.append(end + max(GAP, before + beyond + SPACE))
        end = lefts[-1] + box.thick + box.away
        before = beyond
    return [*lefts, end + max(GAP, before + SPACE)]


def _label_width(box: _Box) -> float:
    return CHARACTER * max(map(len, [*box.name.split("\n"), _said(box.shape)]))


def _said(shape: Sequence[int]) -> str:
    return " × ".join(map(str, shape))


def _row(axes: Axes, row: Sequence[_Box], middle: float, *, is_last: bool) -> None:
    """Boxes of one row around the height `middle`, with arrows; one more arrow leads on to the next row."""
    highest, lowest = middle + _above(row), middle - _below(row)
    lefts = _lefts(row)
    for number, (box, left, following) in enumerate(zip(row, lefts, lefts[1:], strict=False)):
        _draw(axes, left, middle - box.tall / 2, box)
        right = left + box.thick + box.away
        centre = (left + right) / 2
        axes.text(centre, highest + NAME_ABOVE, box.name, ha="center", va="bottom", fontsize=9)
        axes.text(
            centre, lowest - 0.2, _said(box.shape), ha="center", va="top", fontsize=9, color=canvas.SOFT
        )
        if number < len(row) - 1 or not is_last:
            start, end = (right + 0.15, middle), (following - 0.1, middle)
            axes.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": canvas.SOFT})


def _sides(shape: tuple[int, ...]) -> tuple[float, float, float]:
    """(thickness, height, depth) of the box."""
    if len(shape) == 1:
        return 0.2, 0.5 * math.log2(1 + shape[0]), 0.12
    channels, height, width = shape
    return max(0.12, 0.16 * math.sqrt(channels)), 0.42 * math.sqrt(height), 0.42 * math.sqrt(width) * DEPTH


def _draw(axes: Axes, left: float, bottom: float, box: _Box) -> None:
    """Front, top and side of a box that recedes to the right and upwards; its side belongs to the last part."""
    tall, away = box.tall, box.away
    top = bottom + tall
    for number in range(box.parts):
        start, end = (left + box.thick * (number + side) / box.parts for side in (0, 1))
        faces = [
            [(start, bottom), (end, bottom), (end, top), (start, top)],
            [(start, top), (end, top), (end + away, top + away), (start + away, top + away)],
        ]
        if number == box.parts - 1:
            faces.append([(end, bottom), (end + away, bottom + away), (end + away, top + away), (end, top)])
        for corners, colour in zip(faces, FACES[number], strict=False):
            axes.add_patch(Polygon(corners, facecolor=colour, edgecolor=canvas.INK, linewidth=0.8))
