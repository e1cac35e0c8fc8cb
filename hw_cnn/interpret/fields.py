"""What part of an image one number of a map sees: counted from kernels and strides, and asked of the network itself.

V. Dumoulin, F. Visin, "A guide to convolution arithmetic for deep learning", arXiv 1603.07285 (2016); W. Luo et al.,
"Understanding the Effective Receptive Field in Deep Convolutional Neural Networks", arXiv 1701.04128 (2017).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from hw_cnn.interpret import preserved


def receptive_field(layers: Sequence[tuple[int, ...]]) -> list[tuple[int, int]]:
    """Give (field, jump) of each layer, in pixels of the image and along one axis.

    The field is how many pixels lie between the first and the last one that a number of the layer's map sees, both
    included. The jump is how far the fields of two neighbours of that map lie apart. Borders do not matter here.

    layers: (kernel, stride) or (kernel, stride, dilation) of convolutions and poolings, from the image on. In a window
    of dilation d neighbouring cells stand d numbers apart.

    Raises: ValueError for a layer with another number of numbers, or with one below 1.
    """
    field, jump = 1, 1
    found = []
    for layer in layers:
        if len(layer) not in (2, 3) or min(layer) < 1:
            raise ValueError(
                f"a layer is {tuple(layer)}; expected (kernel, stride) or (kernel, stride, dilation), each at least 1"
            )
        kernel, stride, dilation = (*layer, 1)[:3]
        # Each cell behind the first one reaches as far as the fields of the layer before lie apart.
        field += (kernel - 1) * dilation * jump
        jump *= stride
        found.append((field, jump))
    return found


def input_support(model: nn.Module, image: Tensor, position: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Find the rows and the columns of an image on which the numbers at one place of a map depend.

    A pixel is seen when the sum of all channels of the map, at `position` (row, column), has a derivative by at least
    one of the pixel's numbers that is not 0. A row is seen when one of its pixels is, and so is a column. The network
    is asked in evaluation mode; it and the image are left as they were.

    Shape: image (C, H, W); the network's maps for (1, C, H, W) are (1, F, H', W') -> the numbers of the rows (R) and of
    the columns (K), int64 in ascending order.

    Raises: IndexError for a position outside of the map.
    """
    row, column = position
    # A leaf of its own: neither the given image nor the weights are to keep a gradient.
    pixels = image.detach().clone()[None].requires_grad_()
    with preserved.evaluating(model), torch.enable_grad():
        (gradient,) = torch.autograd.grad(model(pixels)[0, :, row, column].sum(), pixels)
    is_seen = (gradient[0] != 0).any(0)
    return is_seen.any(1).nonzero()[:, 0], is_seen.any(0).nonzero()[:, 0]
