"""Networks to look into: every one of the registry made small, and some of torchvision's."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torchvision
from torch import nn

from hw_cnn import models

Shape = tuple[int, int, int]
VGGS = [name for name in models.REGISTRY if name.startswith("vgg")]
# Registry name: (overrides, input shape).
SMALL = {
    "seminar": ({}, (1, 28, 28)),
    "seminar-hse": ({}, (1, 28, 28)),
    "lenet5-1998": ({}, (1, 32, 32)),
    "lenet5": ({"width": 1 / 2}, (1, 32, 32)),
    "alexnet-2012": ({"width": 1 / 16, "image_size": 67, "num_classes": 10}, (3, 67, 67)),
    "alexnet": ({"width": 1 / 16, "image_size": 64, "pool_size": 1, "num_classes": 10}, (3, 64, 64)),
    "one-epoch": ({}, (1, 28, 28)),
    **{name: ({"width": 1 / 16, "pool_size": 1, "num_classes": 10}, (3, 32, 32)) for name in VGGS},
}
# With residual branches, in-place ReLUs, depthwise convolutions, squeeze-and-excitation, concatenation.
TORCHVISION: dict[str, tuple[Callable[..., nn.Module], Shape]] = {
    "resnet18": (torchvision.models.resnet18, (3, 64, 64)),
    "mobilenet_v2": (lambda **given: torchvision.models.mobilenet_v2(width_mult=0.25, **given), (3, 64, 64)),
    "mobilenet_v3_small": (torchvision.models.mobilenet_v3_small, (3, 64, 64)),
    "squeezenet1_1": (torchvision.models.squeezenet1_1, (3, 64, 64)),
}
NAMES = [*models.REGISTRY, *TORCHVISION]


def make(name: str) -> tuple[nn.Module, Shape]:
    """Build a network with random weights, and give the shape of its images."""
    torch.manual_seed(0)
    if name in TORCHVISION:
        build, shape = TORCHVISION[name]
        return build(weights=None, num_classes=10), shape
    overrides, shape = SMALL[name]
    return models.build(name, **overrides), shape


def images_of(shape: Shape, count: int, seed: int = 1) -> torch.Tensor:
    return torch.randn(count, *shape, generator=torch.Generator().manual_seed(seed))


class Linear(nn.Module):
    """One matrix: everything about it has a closed form."""

    def __init__(self, shape: Shape, num_classes: int = 3, seed: int = 0) -> None:
        super().__init__()
        weight = torch.randn(num_classes, *shape, generator=torch.Generator().manual_seed(seed))
        self.weight = nn.Parameter(weight)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return torch.einsum("nchw,kchw->nk", images, self.weight) + 0.5
