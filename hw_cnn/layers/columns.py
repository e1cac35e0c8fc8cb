"""An image as a matrix with one window in each column, and the way back (Chellapilla, Puri, Simard 2006, "im2col").

With it convolution is one product of matrices: a filter is a row of weights, and row times column is a number of the
map. `col2im` is the transpose of the linear map `im2col`, which is what a gradient needs.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from hw_cnn import shapes


class _Windows(NamedTuple):
    """Where the windows of an image stand: their size, steps, frame, and how many there are along each axis."""

    cells: tuple[int, int]
    step: tuple[int, int]
    pad: tuple[int, int]
    places: tuple[int, int]

    def seen_by(self, i: int, j: int) -> tuple[slice, slice]:
        """The rows and the columns of the framed image that meet cell (i, j) of the windows."""
        rows = slice(i, i + self.step[0] * self.places[0], self.step[0])
        return rows, slice(j, j + self.step[1] * self.places[1], self.step[1])


def im2col(
    x: Tensor,
    kernel_size: int | tuple[int, int],
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[int, int] = 0,
) -> Tensor:
    """Write every window of every image as a column.

    Down a column come the channels, for each of them the window's rows, in each of them its cells from left to right.
    Columns come in the order of reading: the windows of the first row of places from left to right, then the next row.
    A pair (vertical, horizontal) may stand for one number; the border is filled with zeros.

    Shape: x (N, C, H, W), window p x q -> (N, C·p·q, L) with L = H'·W' places of the window,
        H' = floor((H + 2·padding - p) / stride) + 1, and W' likewise. Dtype and device are those of `x`.

    Raises: ValueError when the window is larger than the padded image.
    """
    windows = _windows((x.shape[2], x.shape[3]), kernel_size, stride, padding)
    (pad_y, pad_x), (p, q) = windows.pad, windows.cells
    framed = F.pad(x, (pad_x, pad_x, pad_y, pad_y))
    cells = [
        framed[:, :, rows, columns]
        for rows, columns in (windows.seen_by(i, j) for i in range(p) for j in range(q))
    ]
    return torch.stack(cells, dim=2).flatten(3).flatten(1, 2)


def col2im(
    columns: Tensor,
    image_size: tuple[int, int],
    kernel_size: int | tuple[int, int],
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[int, int] = 0,
) -> Tensor:
    """Put every column back to where its window stood, and add up what meets in one pixel.

    What falls on the frame of zeros is dropped; a pixel that no window reaches is zero. For all x and c the sum of
    im2col(x) * c equals the sum of x * col2im(c).

    Shape: columns (N, C·p·q, L) in the order of `im2col`, image_size (H, W) -> (N, C, H, W). Dtype and device are those
        of `columns`.

    Raises: ValueError when an image of this size has another number of windows than L, or no whole number of channels
        gives the rows.
    """
    windows = _windows(image_size, kernel_size, stride, padding)
    (height, width), (pad_y, pad_x), (p, q) = image_size, windows.pad, windows.cells
    if columns.shape[1] % (p * q) or columns.shape[2] != windows.places[0] * windows.places[1]:
        raise ValueError(
            f"columns have shape {tuple(columns.shape)}; expected (N, C·{p * q}, "
            f"{windows.places[0] * windows.places[1]}) for an image of {height} x {width}"
        )
    cells = columns.unflatten(2, windows.places).unflatten(1, (-1, p, q))
    framed = columns.new_zeros(len(columns), cells.shape[1], height + 2 * pad_y, width + 2 * pad_x)
    for i in range(p):
        for j in range(q):
            framed[:, :, *windows.seen_by(i, j)] += cells[:, :, i, j]
    return framed[:, :, pad_y : pad_y + height, pad_x : pad_x + width]


def _windows(
    image_size: tuple[int, int],
    kernel_size: int | tuple[int, int],
    stride: int | tuple[int, int],
    padding: int | tuple[int, int],
) -> _Windows:
    cells, step, pad = shapes.pair(kernel_size), shapes.pair(stride), shapes.pair(padding)
    places = [(image_size[axis] + 2 * pad[axis] - cells[axis]) // step[axis] + 1 for axis in (0, 1)]
    if min(places) < 1:
        raise ValueError(
            f"a window of {cells[0]}x{cells[1]} does not fit into an image of {image_size[0]}x{image_size[1]} "
            f"with padding {pad[0]}, {pad[1]}"
        )
    return _Windows(cells, step, pad, (places[0], places[1]))
