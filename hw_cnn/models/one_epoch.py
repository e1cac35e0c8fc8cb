"""A small network for 28x28 images that learns MNIST in one epoch on a CPU.

Borrowed: pooling before batch normalisation, and convolutions without biases, from K. Jordan, "94% on CIFAR-10 in 3.29
Seconds on a Single GPU" (2024), section 3.1; the plan (convolve, pool, convolve, pool, one hidden layer) from LeNet-5
(LeCun et al. 1998); batch normalisation from S. Ioffe, C. Szegedy (2015).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

# (filters, side of a filter, side and stride of the maximum pooling after it)
CONVOLUTIONS = ((8, 5, 3), (32, 3, 2))
HIDDEN = 128
# Side of the map that the last pooling gives.
LAST_SIDE_PX = 3


class OneEpochNet(nn.Module):
    """[convolution -> maximum pooling -> batch normalisation -> ReLU] twice, then a hidden layer normalised likewise.

    40,994 parameters and 0.24 million multiplications an image on 28x28. The first pooling is 3x3, so only the
    cheapest convolution runs on a large map, and normalisation and ReLU see a ninth of it. Layers before a
    normalisation have no bias, it would be subtracted again. `width` multiplies filters and hidden units; multiples
    of 8 are fast on a CPU. Weights and maps are kept in the channels-last order, in which the CPU's pooling and
    normalisation are several times as fast; results are the same.

    Shape: images (N, in_channels, H, W), both sides from 28 to 33 -> logits (N, num_classes).
    """

    def __init__(self, in_channels: int = 1, num_classes: int = 10, width: float = 1.0) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = in_channels
        for filters, side, pool in CONVOLUTIONS:
            filters = max(1, round(width * filters))
            layers += [nn.Conv2d(channels, filters, side, bias=False), nn.MaxPool2d(pool)]
            layers += [nn.BatchNorm2d(filters), nn.ReLU()]
            channels = filters
        self.features = nn.Sequential(*layers, nn.Flatten())
        hidden = max(1, round(width * HIDDEN))
        self.head = nn.Sequential(
            nn.Linear(channels * LAST_SIDE_PX**2, hidden, bias=False),
            nn.BatchNorm1d(hidden),
            nn.ReLU(),
            nn.Linear(hidden, num_classes),
        )
        self.to(memory_format=torch.channels_last)

    def forward(self, images: Tensor) -> Tensor:
        """Shape: (N, in_channels, H, W) -> logits (N, num_classes)."""
        logits: Tensor = self.head(self.features(images.contiguous(memory_format=torch.channels_last)))
        return logits
