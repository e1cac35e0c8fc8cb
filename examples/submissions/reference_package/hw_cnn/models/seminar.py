"""The convolutional network of the seminar: LeNet's plan with ReLU and max pooling (presets `dls` and `hse`)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

# preset: (filters of each 5x5 convolution, widths of the hidden fully connected layers)
PRESETS = {
    "dls": ((6, 16), (120, 84)),
    "hse": ((10, 20), (128,)),
}


class SeminarCNN(nn.Module):
    """[convolution 5x5 -> ReLU -> max pooling 2x2] twice, then fully connected layers with ReLU between them.

    Parameters on 1x28x28 and ten classes: 44,426 (`dls`), 47,658 (`hse`).

    Shape: images (N, in_channels, image_size, image_size) -> logits (N, num_classes); there is no softmax inside.

    Raises: ValueError for an unknown preset, and for images too small for two convolutions and poolings.
    """

    def __init__(
        self, in_channels: int = 1, image_size: int = 28, num_classes: int = 10, preset: str = "dls"
    ) -> None:
        super().__init__()
        if preset not in PRESETS:
            raise ValueError(f"preset (={preset!r}) must be one of {', '.join(map(repr, PRESETS))}")
        if image_size < 16:
            raise ValueError(
                f"image_size (={image_size}) must be at least 16: the second pooling sees 16 pixels"
            )
        filters, widths = PRESETS[preset]
        layers: list[nn.Module] = []
        channels = in_channels
        for num_filters in filters:
            layers += [nn.Conv2d(channels, num_filters, kernel_size=5), nn.ReLU(), nn.MaxPool2d(2)]
            channels = num_filters
        self.features = nn.Sequential(*layers, nn.Flatten())
        # Let the layers themselves say how many numbers they give, instead of typing 4 * 4 * 16.
        features = self.features(torch.zeros(1, in_channels, image_size, image_size)).shape[1]
        layers = []
        for width in widths:
            layers += [nn.Linear(features, width), nn.ReLU()]
            features = width
        self.head = nn.Sequential(*layers, nn.Linear(features, num_classes))

    def forward(self, images: Tensor) -> Tensor:
        """Shape: (N, in_channels, image_size, image_size) -> logits (N, num_classes)."""
        logits: Tensor = self.head(self.features(images))
        return logits
