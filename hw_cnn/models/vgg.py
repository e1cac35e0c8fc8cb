"""VGG: nothing but 3x3 convolutions and 2x2 poolings, eleven to nineteen weight layers deep.

K. Simonyan, A. Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition" (2015): section 2.1,
Table 1. With the batch normalisation and the first weights of torchvision (torchvision.models.vgg).
"""

from __future__ import annotations

import math

from torch import Tensor, nn

# Table 1: filters of each convolution, "M" for max pooling. C has 1x1 convolutions and is left out here.
CONFIGS = {
    "A": (64, "M", 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"),
    "B": (64, 64, "M", 128, 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"),
    "D": (64, 64, "M", 128, 128, "M", *(3 * (256,)), "M", *(3 * (512,)), "M", *(3 * (512,)), "M"),
    "E": (64, 64, "M", 128, 128, "M", *(4 * (256,)), "M", *(4 * (512,)), "M", *(4 * (512,)), "M"),
}
HIDDEN = (4096, 4096)


class VGG(nn.Module):
    """Five blocks of 3x3 convolutions with ReLU, each pooled 2x2, average pooling to `pool_size`, three dense layers.

    Configurations A, B, D, E are VGG-11, 13, 16, 19; D has 138,357,544 parameters. Weights of torchvision's networks
    load strictly, and the other way round. `width` multiplies filters and hidden units; for 32x32 images take
    pool_size=1.

    Shape: images (N, in_channels, H, W), at least 32x32 -> logits (N, num_classes).

    Raises: ValueError for an unknown configuration.
    """

    def __init__(
        self,
        config: str = "D",
        batch_norm: bool = False,
        in_channels: int = 3,
        num_classes: int = 1000,
        width: float = 1.0,
        pool_size: int = 7,
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        if config not in CONFIGS:
            raise ValueError(f"config (={config!r}) must be one of {', '.join(map(repr, CONFIGS))}")
        layers: list[nn.Module] = []
        channels = in_channels
        for filters in CONFIGS[config]:
            if isinstance(filters, str):
                layers.append(nn.MaxPool2d(2))
                continue
            filters = max(1, round(width * filters))
            layers.append(nn.Conv2d(channels, filters, kernel_size=3, padding=1))
            if batch_norm:
                layers.append(nn.BatchNorm2d(filters))
            layers.append(nn.ReLU())
            channels = filters
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(pool_size)
        layers = []
        features = channels * pool_size**2
        for units in HIDDEN:
            units = max(1, round(width * units))
            layers += [nn.Linear(features, units), nn.ReLU(), nn.Dropout(dropout)]
            features = units
        self.classifier = nn.Sequential(*layers, nn.Linear(features, num_classes))
        start(self)

    def forward(self, images: Tensor) -> Tensor:
        """Shape: (N, in_channels, H, W) -> logits (N, num_classes)."""
        logits: Tensor = self.classifier(self.avgpool(self.features(images)).flatten(1))
        return logits


def start(model: VGG) -> None:
    """Draw first weights as torchvision does; narrower dense layers get larger ones, to give as varied numbers.

    The paper draws all from N(0, 0.01²) and first trains a shallower network (section 3.1); this spares that.
    """
    num_inputs = iter((512 * 7 * 7, *HIDDEN))
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
        elif isinstance(layer, nn.Linear):
            nn.init.normal_(layer.weight, std=0.01 * math.sqrt(next(num_inputs) / layer.in_features))
        if isinstance(layer, nn.Conv2d | nn.Linear) and layer.bias is not None:
            nn.init.zeros_(layer.bias)
