"""Pictures of geometric shapes, drawn at random: a data set that needs no file.

Shapes are given by how far a point is from their outline, negative inside: "signed distance functions"
(I. Quilez, "2D distance functions", 2020). Where it matters here only the sign and the values near the outline do.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from hw_cnn.data.feeding import in_memory

NUM_IMAGES_AT_ONCE = 1000
# Streams of random numbers of the three parts.
STREAMS = {"train": 0, "val": 1, "test": 2}


def _circle(x: Tensor, y: Tensor) -> Tensor:
    return torch.hypot(x, y) - 0.85


def _square(x: Tensor, y: Tensor) -> Tensor:
    return torch.maximum(x.abs(), y.abs()) - 0.75


def _triangle(x: Tensor, y: Tensor) -> Tensor:
    # Three half-planes, each half a radius away from the middle.
    return torch.maximum(torch.maximum(y, (math.sqrt(3) * x - y) / 2), (-math.sqrt(3) * x - y) / 2) - 0.5


def _cross(x: Tensor, y: Tensor) -> Tensor:
    wide = torch.maximum(x.abs() - 0.95, y.abs() - 0.3)
    high = torch.maximum(x.abs() - 0.3, y.abs() - 0.95)
    return torch.minimum(wide, high)


def _ring(x: Tensor, y: Tensor) -> Tensor:
    return (torch.hypot(x, y) - 0.7).abs() - 0.22


def _star(x: Tensor, y: Tensor) -> Tensor:
    # The outline is straight between five tips at radius 1 and five dents at radius 0.42.
    angle = torch.remainder(torch.atan2(x, -y), 2 * math.pi / 5)
    angle = torch.minimum(angle, 2 * math.pi / 5 - angle)
    u, v = torch.hypot(x, y) * torch.cos(angle), torch.hypot(x, y) * torch.sin(angle)
    dent_u, dent_v = 0.42 * math.cos(math.pi / 5), 0.42 * math.sin(math.pi / 5)
    normal = math.hypot(dent_v, 1 - dent_u)
    return (dent_v * (u - 1) + (1 - dent_u) * v) / normal


def _crescent(x: Tensor, y: Tensor) -> Tensor:
    return torch.maximum(torch.hypot(x, y) - 0.95, 0.75 - torch.hypot(x - 0.45, y))


def _bars(x: Tensor, y: Tensor) -> Tensor:
    return torch.maximum((x.abs() - 0.55).abs() - 0.24, y.abs() - 0.85)


# English name -> Russian name, distance to the outline of the shape of radius 1 around (0, 0), y pointing down.
SHAPES: dict[str, tuple[str, Callable[[Tensor, Tensor], Tensor]]] = {
    "circle": ("круг", _circle),
    "square": ("квадрат", _square),
    "triangle": ("треугольник", _triangle),
    "cross": ("крест", _cross),
    "ring": ("кольцо", _ring),
    "star": ("звезда", _star),
    "crescent": ("полумесяц", _crescent),
    "two bars": ("две полосы", _bars),
}


def draw_shapes(labels: Tensor, size_px: int, generator: torch.Generator) -> Tensor:
    """Draw one shape on each image: place, size, turn, colours, uneven light, stray lines and noise are random.

    Shape: labels (N) int64, numbers in SHAPES -> (N, 3, size_px, size_px) uint8.
    """
    count = len(labels)

    def uniform(low: float, high: float, *shape: int) -> Tensor:
        return torch.rand(count, *(shape or (1, 1)), generator=generator) * (high - low) + low

    axis = (torch.arange(size_px) + 0.5) / size_px * 2 - 1
    radius = uniform(0.3, 0.6)
    x = axis.view(1, 1, -1) - uniform(-1, 1) * (0.95 - radius)
    y = axis.view(1, -1, 1) - uniform(-1, 1) * (0.95 - radius)
    angle = uniform(0, 2 * math.pi)
    u = (x * angle.cos() + y * angle.sin()) / radius
    v = (y * angle.cos() - x * angle.sin()) / radius
    distance = torch.empty(count, size_px, size_px)
    for number, (_, outline) in enumerate(SHAPES.values()):
        chosen = labels == number
        distance[chosen] = outline(u[chosen], v[chosen])
    # Pixels on the outline are covered in part.
    coverage = (0.5 - distance * radius * size_px / 2).clamp(0, 1)
    light = uniform(-0.25, 0.25) * x + uniform(-0.25, 0.25) * y
    inside, outside = _colours(uniform)
    image = torch.lerp(outside + light[:, None], inside - light[:, None], coverage[:, None])
    for _ in range(2):
        # A stray line, which says nothing about the shape, crosses everything.
        turn = uniform(0, 2 * math.pi)
        away = (x * turn.cos() + y * turn.sin() - uniform(-0.6, 0.6)).abs() * size_px / 2
        image = torch.lerp(image, uniform(0, 1, 3, 1, 1), 0.7 * (1 - away).clamp(0, 1)[:, None])
    noise = torch.randn(image.shape, generator=generator) * uniform(0.02, 0.1, 1, 1, 1)
    return ((image + noise).clamp(0, 1) * 255).round().to(torch.uint8)


def _colours(uniform: Callable[..., Tensor]) -> tuple[Tensor, Tensor]:
    """Draw two colours that differ by at least 0.35 in brightness; either may be the brighter one."""
    dark, difference = uniform(0.05, 0.45, 1, 1, 1), uniform(0.35, 0.5, 1, 1, 1)
    tints = [F.normalize(uniform(-1, 1, 3, 1, 1), dim=1) * 0.15 for _ in range(2)]
    tints = [tint - tint.mean(1, keepdim=True) for tint in tints]
    is_dark = uniform(0, 1, 1, 1, 1) < 0.5
    first, second = dark + tints[0], dark + difference + tints[1]
    return torch.where(is_dark, first, second), torch.where(is_dark, second, first)


class ShapesDataModule(in_memory.InMemoryDataModule):
    """Eight geometric shapes of random place, size, turn and colour, drawn from `seed` when they are first needed.

    Where a shape lies, how large and how bright it is, tells nothing about its class, so a network has to find parts
    of outlines wherever they are. All classes are equally frequent (up to one image). All other arguments: see
    InMemoryDataModule.

    Batches: images (B, 3, 32, 32) float32, labels (B) int64.

    Raises: ValueError for an argument that is out of range.
    """

    num_classes = len(SHAPES)
    names: ClassVar = {"ru": tuple(name for name, _ in SHAPES.values()), "en": tuple(SHAPES)}

    def __init__(
        self,
        batch_size: int = 64,
        train_size: int = 10_000,
        val_size: int = 2000,
        test_size: int = 2000,
        seed: int = 0,
        size_px: int = 32,
        **arguments: Any,
    ) -> None:
        super().__init__(batch_size, seed, **arguments)
        self.sizes = {"train": train_size, "val": val_size, "test": test_size}
        if min(self.sizes.values()) < 1 or size_px < 8:
            raise ValueError(
                f"train_size (={train_size}), val_size (={val_size}) and test_size (={test_size}) must be at least 1, "
                f"size_px (={size_px}) at least 8"
            )
        self.image_shape = (3, size_px, size_px)

    def _read(self, split: str) -> in_memory.Split:
        # Seeds that follow each other must not share parts.
        generator = torch.Generator().manual_seed(len(STREAMS) * self.seed + STREAMS[split])
        count = self.sizes[split]
        labels = torch.arange(count)[torch.randperm(count, generator=generator)] % self.num_classes
        images = [
            draw_shapes(chunk, self.image_shape[1], generator) for chunk in labels.split(NUM_IMAGES_AT_ONCE)
        ]
        return torch.cat(images), labels
