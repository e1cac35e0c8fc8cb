"""Convolution of colour images (Goodfellow, Bengio, Courville, "Deep Learning", section 9.1, formula 9.6)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from hw_cnn import shapes


def conv2d(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[int, int] = 0,
) -> Tensor:
    """Slide every filter over every image and add up the products: cross-correlation, the kernel is not flipped.

    out[n, o, y, x'] = bias[o] + sum over c, i, j of padded[n, c, y·stride + i, x'·stride + j] · weight[o, c, i, j]

    A pair (vertical, horizontal) may stand for one number in `stride` and `padding`; the border is filled with zeros.

    Shape: x (N, C, H, W), weight (O, C, p, q), bias (O) -> (N, O, H', W') with
        H' = floor((H + 2·padding - p) / stride) + 1, and W' likewise. Dtype and device are those of `x`.

    Raises: ValueError when the shapes do not fit together or the kernel is larger than the padded image.
    """
    _check_shapes(x, weight, bias)
    (step_y, step_x), (pad_y, pad_x) = shapes.pair(stride), shapes.pair(padding)
    kernel_h, kernel_w = weight.shape[2:]
    padded = F.pad(x, (pad_x, pad_x, pad_y, pad_y))
    out_h = (padded.shape[2] - kernel_h) // step_y + 1
    out_w = (padded.shape[3] - kernel_w) // step_x + 1
    if out_h < 1 or out_w < 1:
        raise ValueError(
            f"a kernel of {kernel_h}x{kernel_w} does not fit into {padded.shape[2]}x{padded.shape[3]} pixels, "
            "padding included"
        )
    out = x.new_zeros(x.shape[0], weight.shape[0], out_h, out_w)
    # A loop over the few kernel cells; each turn handles all images, channels, filters and positions at once.
    for i in range(kernel_h):
        for j in range(kernel_w):
            seen = padded[:, :, i : i + step_y * out_h : step_y, j : j + step_x * out_w : step_x]
            out = out + torch.einsum("nchw,oc->nohw", seen, weight[:, :, i, j])
    return out if bias is None else out + bias.view(1, -1, 1, 1)


def conv2d_fast(x: Tensor, weight: Tensor) -> Tensor:
    """The convolution of `conv2d` with stride 1, without padding and bias, made for speed.

    out[n, o, y, x'] = sum over c, i, j of x[n, c, y + i, x' + j] · weight[o, c, i, j]

    Shape: x (N, C, H, W), weight (O, C, p, q) -> (N, O, H - p + 1, W - q + 1). Dtype and device are those of `x`.

    Raises: ValueError when the shapes do not fit together or the kernel is larger than the image.
    """
    _check_shapes(x, weight, None)
    channels, (kernel_h, kernel_w) = x.shape[1], weight.shape[2:]
    out_h, out_w = x.shape[2] - kernel_h + 1, x.shape[3] - kernel_w + 1
    if out_h < 1 or out_w < 1:
        raise ValueError(
            f"a kernel of {kernel_h}x{kernel_w} does not fit into {x.shape[2]}x{x.shape[3]} pixels"
        )
    # Each row of `seen` is one cell of all windows at once ("im2col"): slices, no loop over places.
    rows = [
        x[:, :, i : i + out_h, j : j + out_w].flatten(2) for i in range(kernel_h) for j in range(kernel_w)
    ]
    seen = torch.stack(rows, dim=2).view(x.shape[0], channels * kernel_h * kernel_w, out_h * out_w)
    return (weight.flatten(1) @ seen).view(x.shape[0], weight.shape[0], out_h, out_w)


def _check_shapes(x: Tensor, weight: Tensor, bias: Tensor | None) -> None:
    if x.dim() != 4 or weight.dim() != 4:
        raise ValueError(
            f"x has shape {tuple(x.shape)} and weight {tuple(weight.shape)}; "
            "expected four axes each: (N, C, H, W) and (O, C, p, q)"
        )
    if x.shape[1] != weight.shape[1]:
        raise ValueError(
            f"x has {x.shape[1]} channels, weight takes {weight.shape[1]}; axis 1 of both must be the same"
        )
    if bias is not None and bias.shape != weight.shape[:1]:
        raise ValueError(
            f"bias has shape {tuple(bias.shape)}; expected ({weight.shape[0]},), one number per filter"
        )
