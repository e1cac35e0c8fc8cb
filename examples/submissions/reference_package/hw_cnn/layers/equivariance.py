"""Does a map of images move its answer along with its input? (Goodfellow, Bengio, Courville, "Deep Learning", 9.2)"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

TOLERANCE = 1e-4


def check_equivariant(
    f: Callable[[Tensor], Tensor], x: Tensor, shift: tuple[int, int], stride: int = 1, margin: int = 0
) -> bool:
    """Tell whether `f` of the moved images is `f` of the images, moved.

    shift: by how many pixels (down, right) the images move; negative is up, left. stride: how many pixels of the image
    one step on the map is, so that the map has to move by `shift` / `stride`; where that is no whole number, it cannot.
    margin: so many places at each border of the map are left out. A place is compared when it and the place that it
    came from lie on the map, inside of the margin. Numbers less than 1e-4 apart are equal.

    Shape: x (N, C, H, W), floating; `f` gives (N, C', H', W').

    Raises: ValueError when no place is left to compare.
    """
    if shift[0] % stride or shift[1] % stride:
        return False
    down, right = shift[0] // stride, shift[1] // stride
    before = f(x)
    height, width = before.shape[2:]
    # What comes in from the other side is not seen by any place that is compared.
    after = f(x.roll(shift, dims=(2, 3)))
    now_rows, then_rows = _both_inside(height, down, margin)
    now_columns, then_columns = _both_inside(width, right, margin)
    now, then = after[..., now_rows, now_columns], before[..., then_rows, then_columns]
    if now.numel() == 0:
        raise ValueError(
            f"shift {tuple(shift)} and margin {margin} leave no place of a map of {height} x {width} to compare"
        )
    return torch.allclose(now, then, rtol=0, atol=TOLERANCE)


def _both_inside(size: int, move: int, margin: int) -> tuple[slice, slice]:
    """Places of an axis, and those that they came from, where both lie at least `margin` from the ends."""
    first = margin + max(move, 0)
    last = max(first, size - margin + min(move, 0))
    return slice(first, last), slice(first - move, last - move)
