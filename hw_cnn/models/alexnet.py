"""AlexNet on one GPU, layer for layer torchvision's: fewer filters, no groups, no normalisation.

A. Krizhevsky, "One weird trick for parallelizing convolutional neural networks" (2014), in torchvision's edition
(torchvision.models.alexnet); `alexnet_2012` is the network of the first paper.
"""

from __future__ import annotations

from torch import Tensor, nn

# Convolution: filters, kernel, stride, padding, max pooling 3x3 with stride 2 after it
CONVOLUTIONS = (
    (64, 11, 4, 2, True),
    (192, 5, 1, 2, True),
    (384, 3, 1, 1, False),
    (256, 3, 1, 1, False),
    (256, 3, 1, 1, True),
)
HIDDEN = (4096, 4096)
# For an `image_size` below this: (kernel, stride, padding) of the first convolution where 11/4 would leave nothing.
SMALL_IMAGES_PX = 63
SMALL_FIRST = (5, 1, 2)


class AlexNet(nn.Module):
    """Five convolutions with ReLU, three of them pooled, average pooling to `pool_size`, three dense layers.

    61,100,840 parameters. Weights of torchvision's `alexnet` load strictly, and the other way round. `width`
    multiplies filters and hidden units; with an `image_size` below 63 images may be as small as 15x15.

    Shape: images (N, in_channels, H, W), at least 63x63 -> logits (N, num_classes).
    """

    def __init__(
        self,
        in_channels: int = 3,
        num_classes: int = 1000,
        width: float = 1.0,
        pool_size: int = 6,
        dropout: float = 0.5,
        image_size: int = 224,
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = in_channels
        for number, (filters, kernel, stride, padding, is_pooled) in enumerate(CONVOLUTIONS, start=1):
            if number == 1 and image_size < SMALL_IMAGES_PX:
                kernel, stride, padding = SMALL_FIRST
            filters = max(1, round(width * filters))
            layers += [nn.Conv2d(channels, filters, kernel, stride, padding), nn.ReLU()]
            if is_pooled:
                layers.append(nn.MaxPool2d(3, stride=2))
            channels = filters
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(pool_size)
        layers = []
        features = channels * pool_size**2
        for units in HIDDEN:
            units = max(1, round(width * units))
            layers += [nn.Dropout(dropout), nn.Linear(features, units), nn.ReLU()]
            features = units
        self.classifier = nn.Sequential(*layers, nn.Linear(features, num_classes))

    def forward(self, images: Tensor) -> Tensor:
        """Shape: (N, in_channels, H, W) -> logits (N, num_classes)."""
        logits: Tensor = self.classifier(self.avgpool(self.features(images)).flatten(1))
        return logits
