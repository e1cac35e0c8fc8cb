"""AlexNet as published: grouped convolutions, response normalisation and overlapping pooling.

A. Krizhevsky, I. Sutskever, G. Hinton, "ImageNet Classification with Deep Convolutional Neural Networks" (2012):
section 3.3 (normalisation), 3.4 (pooling), 3.5 (layers), 4.2 (dropout), 5 (first weights).
"""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import NamedTuple

from torch import Tensor, nn


class Convolution(NamedTuple):
    """One row of the table; `groups` is 2 where each GPU of the paper saw its own maps only."""

    filters: int
    window: tuple[int, int, int]  # kernel, stride, padding
    groups: int
    bias: float  # at the start
    num_inputs: int  # of one unit, with all filters
    is_normalised: bool = False
    is_pooled: bool = False


CONVOLUTIONS = {
    1: Convolution(96, (11, 4, 0), 1, 0.0, 3 * 11 * 11, is_normalised=True, is_pooled=True),
    2: Convolution(256, (5, 1, 2), 2, 1.0, 48 * 5 * 5, is_normalised=True, is_pooled=True),
    3: Convolution(384, (3, 1, 1), 1, 0.0, 256 * 3 * 3),
    4: Convolution(384, (3, 1, 1), 2, 1.0, 192 * 3 * 3),
    5: Convolution(256, (3, 1, 1), 2, 1.0, 192 * 3 * 3, is_pooled=True),
}
# Number of the layer: hidden units, bias at the start, inputs of one unit.
HIDDEN = {6: (4096, 1.0, 256 * 6 * 6), 7: (4096, 1.0, 4096)}
# Where 11/4 would leave nothing to pool, the window of the first layer is that of the author's networks for CIFAR-10.
SMALL_IMAGES_PX = 67
SMALL_FIRST = (5, 1, 2)


class AlexNet2012(nn.Module):
    """Five convolutions with ReLU, the first two normalised, three pooled 3x3 with stride 2; three dense layers.

    60,965,224 parameters. The two GPUs of the paper are the groups of conv2, conv4 and conv5; its maps of 55x55 need
    227 pixels, not 224. `width` multiplies filters and hidden units.

    Shape: images (N, in_channels, image_size, image_size) -> logits (N, num_classes).

    Raises: ValueError for images too small for three poolings.
    """

    def __init__(
        self,
        in_channels: int = 3,
        image_size: int = 227,
        num_classes: int = 1000,
        width: float = 1.0,
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        if image_size < 15:
            raise ValueError(f"image_size (={image_size}) must be at least 15: three poolings leave nothing")
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        channels, side = in_channels, image_size
        for n, row in CONVOLUTIONS.items():
            is_small = n == 1 and image_size < SMALL_IMAGES_PX
            kernel, stride, padding = SMALL_FIRST if is_small else row.window
            filters = 2 * max(1, round(width * row.filters / 2))  # a whole number for each of two groups
            convolution = nn.Conv2d(channels, filters, kernel, stride, padding, groups=row.groups)
            layers[f"conv{n}"] = start(convolution, row.bias, row.num_inputs)
            layers[f"relu{n}"] = nn.ReLU()
            channels, side = filters, (side + 2 * padding - kernel) // stride + 1
            if row.is_normalised:
                # Section 3.3: n = 5, alpha = 1e-4 (torch divides it by n), beta = 0.75, k = 2.
                layers[f"norm{n}"] = nn.LocalResponseNorm(5, alpha=5 * 1e-4, beta=0.75, k=2.0)
            if row.is_pooled:
                layers[f"pool{n}"] = nn.MaxPool2d(3, stride=2)
                side = (side - 3) // 2 + 1
        self.features = nn.Sequential(layers)
        layers = OrderedDict(flatten=nn.Flatten())
        features = channels * side * side
        for n, (hidden, bias, num_inputs) in HIDDEN.items():
            units = max(1, round(width * hidden))
            layers[f"drop{n}"] = nn.Dropout(dropout)
            layers[f"fc{n}"] = start(nn.Linear(features, units), bias, num_inputs)
            layers[f"relu{n}"] = nn.ReLU()
            features = units
        layers["fc8"] = start(nn.Linear(features, num_classes), bias=0.0, num_inputs=4096)
        self.classifier = nn.Sequential(layers)

    def forward(self, images: Tensor) -> Tensor:
        """Shape: (N, in_channels, image_size, image_size) -> logits (N, num_classes)."""
        logits: Tensor = self.classifier(self.features(images))
        return logits


def start(layer: nn.Conv2d | nn.Linear, bias: float, num_inputs: int) -> nn.Module:
    """Draw weights from N(0, 0.01²) as section 5 says, larger where a unit has fewer than `num_inputs` inputs.

    So what a layer gives varies as much as in the paper, also in a narrower network.
    """
    nn.init.normal_(layer.weight, std=0.01 * math.sqrt(num_inputs / layer.weight[0].numel()))
    if layer.bias is not None:
        nn.init.constant_(layer.bias, bias)
    return layer
