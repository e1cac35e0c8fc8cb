"""What one number sees through a stack of windows: several small ones beside a large one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from hw_cnn.interpret.figures import canvas, words


@canvas.styled
def draw_stacks(stacks: Sequence[Sequence[int]], lang: str = "en") -> Figure:
    """Draw one row for each stack of convolutions with stride 1: the image, then the map after each of them.

    A cell that one number of the last map depends on is coloured, and holds the number of ways that lead from it to
    that number. Beside the last map stand the receptive field, the weights as multiples of C² for C channels
    everywhere, and how many non-linearities follow the layers.

    stacks: the sides of the windows from the image on, such as [(5,), (3, 3)].

    Raises: ValueError for an empty stack, or a window whose side is not odd.
    """
    for stack in stacks:
        if not stack or any(side < 1 or side % 2 == 0 for side in stack):
            raise ValueError(f"a stack (={tuple(stack)}) must hold windows with odd sides, such as (3, 3)")
    num_maps = 1 + max(len(stack) for stack in stacks)
    side = 2 + max(len(ways(stack)) for stack in stacks)
    figure = canvas.new(2.1 * num_maps + 2.2, 2.4 * len(stacks) + 0.6, words.say("stacks", lang))
    grid = figure.subplots(len(stacks), num_maps + 1, squeeze=False)
    for row, stack in zip(grid, stacks, strict=True):
        for axes in row:
            axes.set_axis_off()
        for number in range(len(stack) + 1):
            before = " + ".join(f"{size} × {size}" for size in stack[:number])
            title = words.say("after", lang, sizes=before) if number else words.say("image", lang)
            _draw(row[number], ways(stack[number:]), side, title)
        said = [
            words.say("stack_field", lang, side=len(ways(stack))),
            words.say("weights_of", lang, factor=sum(size**2 for size in stack)),
            words.say("layers_of", lang, count=len(stack)),
        ]
        row[len(stack) + 1].text(0.0, 0.5, "\n".join(said), va="center", linespacing=1.8)
    return figure


def ways(stack: Sequence[int]) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """How many ways lead through the windows from each cell of the field (side, side) to one number."""
    line = np.ones(1, dtype=np.int64)
    for size in stack:
        line = np.convolve(line, np.ones(size, dtype=np.int64))
    return np.outer(line, line)


def _draw(axes: Axes, counts: np.ndarray[tuple[int, int], np.dtype[np.int64]], side: int, title: str) -> None:
    """Draw a map of `side` cells with the counts in its middle."""
    margin = (side - len(counts)) // 2
    shown = np.full((side, side), np.nan)
    shown[margin : margin + len(counts), margin : margin + len(counts)] = counts
    axes.imshow(shown, cmap="Blues", vmin=-counts.max() / 3, vmax=2.4 * counts.max())
    for edge in range(side + 1):
        axes.axhline(edge - 0.5, color="#d5dae1", linewidth=0.6)
        axes.axvline(edge - 0.5, color="#d5dae1", linewidth=0.6)
    for (row, column), count in np.ndenumerate(counts):
        axes.text(column + margin, row + margin, str(count), ha="center", va="center", fontsize=8)
    corner = (margin - 0.5, margin - 0.5)
    axes.add_patch(
        Rectangle(corner, len(counts), len(counts), fill=False, edgecolor=canvas.FRAME, linewidth=2)
    )
    axes.set_title(title)
