"""A dense layer of an image is a convolution whose kernels are as large as the image.

E. Shelhamer, J. Long, T. Darrell, "Fully Convolutional Networks for Semantic Segmentation", arXiv 1605.06211 (2016),
section 3.1.
"""

from __future__ import annotations

import math

import torch
from torch import nn


def dense_as_conv(dense: nn.Linear, shape: tuple[int, int, int]) -> nn.Conv2d:
    """Give the convolution that answers for an image what `dense` answers for its numbers in a row.

    The convolution has weights of its own, trainable and of the same dtype, and a bias where `dense` has one. A larger
    image gets one answer for each place at which a window of (H, W) fits.

    Shape: shape (C, H, W) of the image, `dense` (C · H · W) -> (F); the result (N, C, H, W) -> (N, F, 1, 1).

    Raises: ValueError when `dense` does not have C · H · W inputs.
    """
    channels, height, width = shape
    if dense.in_features != math.prod(shape):
        raise ValueError(
            f"the layer has {dense.in_features} inputs; an image of shape {tuple(shape)} has {math.prod(shape)} numbers"
        )
    has_bias = dense.bias is not None
    convolution = nn.Conv2d(channels, dense.out_features, (height, width), bias=has_bias).to(dense.weight)
    with torch.no_grad():
        # Flattening goes through columns first, then rows, then channels: the order of a kernel's own numbers.
        convolution.weight.copy_(dense.weight.unflatten(1, shape))
        if convolution.bias is not None:
            convolution.bias.copy_(dense.bias)
    return convolution
