"""Gradients of a convolution (Goodfellow, Bengio, Courville, "Deep Learning", section 9.5, formulas 9.11 and 9.13)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from hw_cnn import shapes


def conv2d_backward(
    g: Tensor,
    x: Tensor,
    w: Tensor,
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[int, int] = 0,
) -> tuple[Tensor, Tensor, Tensor]:
    """Give the gradients of a convolution with respect to its images, its filters and its biases, in this order.

    g: gradient of a loss with respect to the answer of the convolution. The kernel of the convolution is not flipped,
    its border is filled with zeros; a pair (vertical, horizontal) may stand for one number in `stride` and `padding`.

    Shape: x (N, C, H, W), w (O, C, p, q), g (N, O, H', W') with H' = floor((H + 2·padding - p) / stride) + 1, and W'
        likewise -> gx (N, C, H, W), gw (O, C, p, q), gb (O). Dtype and device are those of the arguments.

    Raises: ValueError when `g` has not the shape of the answer.
    """
    (step_y, step_x), (pad_y, pad_x) = shapes.pair(stride), shapes.pair(padding)
    framed = F.pad(x, (pad_x, pad_x, pad_y, pad_y))
    out_h = (framed.shape[2] - w.shape[2]) // step_y + 1
    out_w = (framed.shape[3] - w.shape[3]) // step_x + 1
    if g.shape != (len(x), len(w), out_h, out_w):
        raise ValueError(
            f"g has shape {tuple(g.shape)}; the convolution's answer has {(len(x), len(w), out_h, out_w)}"
        )
    framed_gradient, gw = torch.zeros_like(framed), torch.zeros_like(w)
    # A cell of the kernel met one slice of the images: from there its own gradient comes, and there it sends theirs.
    for i in range(w.shape[2]):
        for j in range(w.shape[3]):
            met = (..., slice(i, i + step_y * out_h, step_y), slice(j, j + step_x * out_w, step_x))
            gw[:, :, i, j] = torch.einsum("nohw,nchw->oc", g, framed[met])
            framed_gradient[met] += torch.einsum("nohw,oc->nchw", g, w[:, :, i, j])
    gx = framed_gradient[:, :, pad_y : pad_y + x.shape[2], pad_x : pad_x + x.shape[3]]
    return gx, gw, g.sum(dim=(0, 2, 3))
