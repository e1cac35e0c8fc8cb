"""What the lecture's kernels do to a photograph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from hw_cnn.interpret.figures import canvas, words


class Filtered(NamedTuple):
    """A kernel (kH, kW), what it made of the photo (3, H, W) in units of 0..255, and their name."""

    name: str
    kernel: Tensor
    result: Tensor


@canvas.styled
def draw_kernels(filtered: Sequence[Filtered], lang: str = "en") -> Figure:
    """Draw each kernel beside its result, with the kernel's sum in the title.

    A kernel whose sum is 0 gives numbers of both signs: its result is drawn as brightness from blue over white to
    red, with a colour bar. All others are clipped to 0..255, as a screen would.
    """
    rows, columns = canvas.grid(len(filtered), 3)
    figure = canvas.new(3.9 * columns, 2.85 * rows + 0.5, words.say("kernels", lang))
    grid = figure.add_gridspec(rows, 2 * columns, width_ratios=[1.15, 2.75] * columns)
    for number, (name, kernel, result) in enumerate(filtered):
        row, column = divmod(number, columns)
        matrix = figure.add_subplot(grid[row, 2 * column])
        _show_kernel(matrix, kernel, lang)
        picture = figure.add_subplot(grid[row, 2 * column + 1])
        total = float(kernel.sum())
        if abs(total) < 1e-6:
            values = canvas.to_luminance(result)
            mappable = canvas.show_map(picture, values, canvas.largest(values, 0.98), is_signed=True)
            canvas.frame(picture)
            label = words.say("signed_grey", lang)
            canvas.colour_bar(
                figure, mappable, picture, label, lang, location="bottom", aspect=22, extend="both"
            )
        else:
            canvas.show(picture, result / 255)
        picture.set_title(f"{name}\n{words.say('sum', lang, sum=words.number(round(total, 6), lang))}")
    return figure


def _show_kernel(axes: Axes, kernel: Tensor, lang: str) -> None:
    limit = canvas.largest(kernel)
    canvas.show_map(axes, kernel, limit, is_signed=True, alpha=0.75)
    for row, column in torch.cartesian_prod(*map(torch.arange, kernel.shape)).tolist():
        value = float(kernel[row, column])
        colour = "white" if abs(value) > 0.7 * limit else canvas.INK
        axes.text(column, row, _short(value, lang), ha="center", va="center", color=colour, fontsize=8.5)
    canvas.frame(axes)


def _short(value: float, lang: str) -> str:
    """Write ninths as fractions: 0.1111 would not fit."""
    ninths = value * 9
    if abs(ninths - round(ninths)) < 1e-4 and round(ninths) % 9:
        return f"{round(ninths)}/9".replace("-", "\N{MINUS SIGN}")
    return words.number(round(value, 2), lang)
