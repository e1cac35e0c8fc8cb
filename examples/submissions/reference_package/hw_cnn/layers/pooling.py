"""Pooling: one number for each window (Goodfellow, Bengio, Courville, "Deep Learning", section 9.3)."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from hw_cnn import shapes

# What stands outside the image: something that never wins. In a mean it adds nothing.
_FILL = {"max": -math.inf, "mean": 0.0, "min": math.inf}


def pool2d(
    x: Tensor,
    kernel_size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    padding: int | tuple[int, int] = 0,
    mode: str = "max",
) -> Tensor:
    """Reduce every window of every channel to one number: its maximum (`mode="max"`) or its mean (`mode="mean"`).

    A pair (vertical, horizontal) may stand for one number; `stride` is `kernel_size` unless given. Windows that do
    not fit are left out. Among equal maxima one alone gets the gradient.

    Shape: x (N, C, H, W), floating -> without padding (N, C, H', W') with H' = floor((H - kernel) / stride) + 1.

    Raises: ValueError when the arguments do not fit together.
    """
    # Beyond the homework: mode="min", and padding, at most half the kernel, which never changes a value. It loses each
    # max and min; the mean divides by the number of real pixels in the window (torch's `count_include_pad=False`).
    if mode not in _FILL:
        raise ValueError(f"mode (={mode!r}) must be one of {', '.join(map(repr, _FILL))}")
    if x.dim() != 4:
        raise ValueError(f"x has shape {tuple(x.shape)}; expected four axes (N, C, H, W)")
    kernel, pad = shapes.pair(kernel_size), shapes.pair(padding)
    step = kernel if stride is None else shapes.pair(stride)
    if 2 * pad[0] > kernel[0] or 2 * pad[1] > kernel[1]:
        raise ValueError(f"padding (={padding}) must be at most half of kernel_size (={kernel_size})")
    windows = _windows(x, kernel, step, pad, _FILL[mode])
    if mode == "mean":
        is_real = _windows(torch.ones_like(x[:1, :1]), kernel, step, pad, 0.0)
        return windows.sum(0) / is_real.sum(0)
    return windows.max(0).values if mode == "max" else windows.min(0).values


def global_mean(x: Tensor) -> Tensor:
    """Global average pooling: each feature map becomes its mean (Lin et al., "Network in Network", 2014, section 3.2).

    Shape: x (N, C, H, W), floating -> (N, C), of the same dtype.
    """
    return x.mean((2, 3))


def padded_pool2d(
    x: Tensor,
    kernel_size: int | tuple[int, int],
    stride: int | tuple[int, int] | None = None,
    padding: int | tuple[int, int] = 0,
    mode: str = "max",
) -> Tensor:
    """Reduce every window of every framed channel to its maximum, its minimum or its mean, by `mode`.

    The frame is `padding` pixels wide on each side and never changes a "max" or a "min". In a "mean" it counts as
    zeros, and the sum is divided by the size of the window: the default of `nn.AvgPool2d`.

    A pair (vertical, horizontal) may stand for one number; `stride` is `kernel_size` unless given. Windows that do
    not fit into the framed image are left out.

    Shape: x (N, C, H, W), floating -> (N, C, H', W') with H' = floor((H + 2·padding - kernel) / stride) + 1.

    Raises: ValueError when the arguments do not fit together, or padding is more than half of the window.
    """
    if mode not in _FILL:
        raise ValueError(f"mode (={mode!r}) must be one of {', '.join(map(repr, _FILL))}")
    if x.dim() != 4:
        raise ValueError(f"x has shape {tuple(x.shape)}; expected four axes (N, C, H, W)")
    kernel, pad = shapes.pair(kernel_size), shapes.pair(padding)
    step = kernel if stride is None else shapes.pair(stride)
    # So each window holds at least one pixel of the image, and no infinity comes out.
    if 2 * pad[0] > kernel[0] or 2 * pad[1] > kernel[1]:
        raise ValueError(f"padding (={padding}) must be at most half of kernel_size (={kernel_size})")
    windows = _windows(x, kernel, step, pad, _FILL[mode])
    if mode == "mean":
        return windows.mean(0)
    return windows.max(0).values if mode == "max" else windows.min(0).values


def _windows(
    x: Tensor, kernel: tuple[int, int], step: tuple[int, int], pad: tuple[int, int], fill: float
) -> Tensor:
    """Stack the cells of all windows: (N, C, H, W) -> (p·q, N, C, H', W')."""
    padded = F.pad(x, (pad[1], pad[1], pad[0], pad[0]), value=fill)
    out_h = (padded.shape[2] - kernel[0]) // step[0] + 1
    out_w = (padded.shape[3] - kernel[1]) // step[1] + 1
    if out_h < 1 or out_w < 1:
        raise ValueError(
            f"a window of {kernel} does not fit into {tuple(padded.shape[2:])}, padding included"
        )
    return torch.stack(
        [
            padded[:, :, i : i + step[0] * out_h : step[0], j : j + step[1] * out_w : step[1]]
            for i in range(kernel[0])
            for j in range(kernel[1])
        ]
    )
