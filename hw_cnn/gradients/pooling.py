"""Gradients of pooling: a maximum sends its own back to one place, a mean to all of its window in equal parts."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from hw_cnn import shapes


def pool2d_backward(
    g: Tensor,
    x: Tensor,
    kernel_size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    padding: int | tuple[int, int] = 0,
    mode: str = "max",
) -> Tensor:
    """Give the gradient of pooling (`mode="max"` or `mode="mean"`) with respect to its images.

    g: gradient of a loss with respect to the answer of the pooling. A pair (vertical, horizontal) may stand for one
    number; `stride` is `kernel_size` unless given. Among equal maxima of a window the first one in the order of reading
    gets the gradient. Padding is no part of the image: it never is the maximum, and a mean is that of real pixels.

    Shape: x (N, C, H, W), floating, g (N, C, H', W') with H' = floor((H + 2·padding - kernel) / stride) + 1, and W'
        likewise -> (N, C, H, W). Dtype and device are those of the arguments.

    Raises: ValueError for another mode, for padding of more than half the window, and when `g` has not the shape of the
        answer.
    """
    kernel, pad = shapes.pair(kernel_size), shapes.pair(padding)
    step = kernel if stride is None else shapes.pair(stride)
    if mode not in ("max", "mean"):
        raise ValueError(f"mode (={mode!r}) must be 'max' or 'mean'")
    if 2 * pad[0] > kernel[0] or 2 * pad[1] > kernel[1]:
        raise ValueError(f"padding (={padding}) must be at most half of kernel_size (={kernel_size})")
    height, width = x.shape[2:]
    out_h = (height + 2 * pad[0] - kernel[0]) // step[0] + 1
    out_w = (width + 2 * pad[1] - kernel[1]) // step[1] + 1
    if g.shape != (*x.shape[:2], out_h, out_w):
        raise ValueError(
            f"g has shape {tuple(g.shape)}; the pooling's answer has {(*x.shape[:2], out_h, out_w)}"
        )
    # What each cell of the windows sees: a slice of the framed image.
    cells = [
        (..., slice(i, i + step[0] * out_h, step[0]), slice(j, j + step[1] * out_w, step[1]))
        for i in range(kernel[0])
        for j in range(kernel[1])
    ]
    frame = (pad[1], pad[1], pad[0], pad[0])
    if mode == "max":
        framed = F.pad(x, frame, value=-math.inf)
        winner = torch.stack([framed[cell] for cell in cells]).argmax(dim=0)
        shares = [(winner == number).to(g.dtype) for number in range(len(cells))]
    else:
        is_real = F.pad(torch.ones_like(x), frame)
        seen = [is_real[cell] for cell in cells]
        shares = [one / sum(seen) for one in seen]
    framed_gradient = F.pad(torch.zeros_like(x), frame)
    for cell, share in zip(cells, shares, strict=True):
        framed_gradient[cell] += share * g
    return framed_gradient[:, :, pad[0] : pad[0] + height, pad[1] : pad[1] + width]
