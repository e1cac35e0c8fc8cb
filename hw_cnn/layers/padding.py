"""Borders of an image: what stands outside of it (Goodfellow, Bengio, Courville, "Deep Learning", section 9.5)."""

from __future__ import annotations

import torch
from torch import Tensor

MODES = ("zeros", "reflect", "replicate")


def pad2d(x: Tensor, padding: tuple[int, int, int, int], mode: str = "zeros") -> Tensor:
    """Put a frame around every image.

    padding: how wide the frame is, in pixels: (top, bottom, left, right).
    mode: what stands in the frame. "zeros": zeros; "reflect": the image in a mirror, the pixel at the border itself is
    not repeated; "replicate": the pixel at the border, again and again.

    Shape: x (..., H, W), any number of axes before the last two -> (..., top + H + bottom, left + W + right). Dtype and
    device are those of `x`.

    Raises: ValueError for another mode, for a negative width, and in "reflect" for a width that is not smaller than
        the image along that axis: the mirror shows no such pixel.
    """
    if mode not in MODES:
        raise ValueError(f"mode (={mode!r}) must be one of {', '.join(map(repr, MODES))}")
    if len(padding) != 4 or min(padding) < 0:
        raise ValueError(f"padding (={padding}) must be four widths (top, bottom, left, right), none below 0")
    top, bottom, left, right = padding
    height, width = x.shape[-2:]
    if mode == "zeros":
        framed = x.new_zeros(*x.shape[:-2], top + height + bottom, left + width + right)
        framed[..., top : top + height, left : left + width] = x
        return framed
    if mode == "reflect" and (max(top, bottom) >= height or max(left, right) >= width):
        raise ValueError(
            f"padding (={padding}) must be smaller than the image of {height} x {width}: "
            "a mirror shows each other pixel once"
        )
    rows = _seen(height, top, bottom, mode).to(x.device)
    columns = _seen(width, left, right, mode).to(x.device)
    return x[..., rows[:, None], columns]


def _seen(size: int, before: int, after: int, mode: str) -> Tensor:
    """Which of `size` pixels stands at each place of a framed axis."""
    places = torch.arange(-before, size + after)
    if mode == "replicate":
        return places.clamp(0, size - 1)
    # -1 shows 1, and size shows size - 2: once turned round at 0, once at size - 1.
    return size - 1 - (size - 1 - places.abs()).abs()
