"""Drawn shapes: their outlines against areas known from geometry, and what they leave to a network."""

from __future__ import annotations

import math

import pytest
import torch

from hw_cnn.data import drawn_shapes

# Areas of the shapes of radius 1, by formulas that have nothing to do with distances.
AREAS = {
    "circle": math.pi * 0.85**2,
    "square": 1.5**2,
    # Equilateral with an inscribed circle of radius 0.5.
    "triangle": 3 * math.sqrt(3) * 0.5**2,
    "cross": 2 * 1.9 * 0.6 - 0.6**2,
    "ring": math.pi * (0.92**2 - 0.48**2),
    # Ten triangles with two sides of 1 and 0.42 and 36 degrees between them.
    "star": 10 * 0.5 * 0.42 * math.sin(math.pi / 5),
    "two bars": 2 * 0.48 * 1.7,
}


@pytest.mark.parametrize("name", AREAS)
def test_area(name):
    axis = (torch.arange(1000) + 0.5) / 500 - 1
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    inside = drawn_shapes.SHAPES[name][1](x, y) < 0
    assert inside.double().mean().item() * 4 == pytest.approx(AREAS[name], rel=0.005)


def test_area_of_the_crescent():
    """A disc without the part that it shares with another one (formula of the circular lens)."""
    r, s, d = 0.95, 0.75, 0.45
    lens = (
        r**2 * math.acos((d**2 + r**2 - s**2) / (2 * d * r))
        + s**2 * math.acos((d**2 + s**2 - r**2) / (2 * d * s))
        - 0.5 * math.sqrt((-d + r + s) * (d + r - s) * (d - r + s) * (d + r + s))
    )
    axis = (torch.arange(1000) + 0.5) / 500 - 1
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    inside = drawn_shapes.SHAPES["crescent"][1](x, y) < 0
    assert inside.double().mean().item() * 4 == pytest.approx(math.pi * r**2 - lens, rel=0.005)


def test_the_same_seed_draws_the_same_images_and_the_parts_differ():
    first, same, other = (
        drawn_shapes.ShapesDataModule(train_size=40, val_size=40, seed=seed) for seed in (0, 0, 1)
    )
    for module in (first, same, other):
        module.setup("fit")
    assert torch.equal(first.splits["train"][0], same.splits["train"][0])
    assert not torch.equal(first.splits["train"][0], other.splits["train"][0])
    assert not torch.equal(first.splits["train"][0], first.splits["val"][0])


def test_brightness_tells_nothing():
    """A threshold on the mean brightness, which would be right one time in eight by chance, must not do much better."""
    module = drawn_shapes.ShapesDataModule(train_size=4000)
    module.setup("fit")
    images, labels = module.splits["train"]
    brightness = images.float().mean((1, 2, 3))
    bins = (brightness.argsort().argsort() * 20) // len(labels)
    right = sum(int(labels[bins == number].bincount().max()) for number in range(20))
    assert right / len(labels) < 0.2


def test_other_sizes():
    module = drawn_shapes.ShapesDataModule(train_size=9, val_size=1, test_size=1, size_px=64)
    assert module.input_shape == (3, 64, 64)
    assert next(iter(module.test_dataloader()))[0].shape == (1, 3, 64, 64)
    with pytest.raises(ValueError, match=r"size_px \(=4\) at least 8"):
        drawn_shapes.ShapesDataModule(size_px=4)
    with pytest.raises(ValueError, match=r"val_size \(=0\)"):
        drawn_shapes.ShapesDataModule(val_size=0)
