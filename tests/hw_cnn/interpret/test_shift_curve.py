"""Accuracy on shifted images against pixel loops."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from hw_cnn.interpret.shift_curve import shift_curve
from tests.hw_cnn.interpret import nets


def moved(image, down, right, fill):
    """Pixel by pixel."""
    result = torch.full_like(image, fill)
    for row in range(image.shape[1]):
        for column in range(image.shape[2]):
            if 0 <= row + down < image.shape[1] and 0 <= column + right < image.shape[2]:
                result[:, row + down, column + right] = image[:, row, column]
    return result


@pytest.mark.parametrize("fill", [0.0, -0.42])
def test_equals_a_loop(fill):
    shape, limit = (2, 6, 5), 7
    model, images = nets.Linear(shape), nets.images_of(shape, 9)
    labels = model(images).argmax(1)
    labels[0] = (labels[0] + 1) % 3
    found = shift_curve(model, images, labels, limit, fill)
    assert found.dtype == torch.float64
    assert len(found) == limit + 1
    for distance in range(limit + 1):
        right = []
        for down in (-distance, 0, distance):
            for across in (-distance, 0, distance):
                if (down, across) != (0, 0) or distance == 0:
                    batch = torch.stack([moved(image, down, across, fill) for image in images])
                    right.append((model(batch).argmax(1) == labels).double().mean())
        assert float(found[distance]) == pytest.approx(float(torch.stack(right).mean()))
    assert float(found[0]) == pytest.approx(8 / 9)


def test_pixel_that_leaves_does_not_come_back():
    # Score 1 is the sum of all pixels; score 0 is one half.
    model = nets.Linear((1, 4, 4), 2)
    with torch.no_grad():
        model.weight[0] = 0
        model.weight[1] = 1
    images = torch.zeros(1, 1, 4, 4)
    images[0, 0, 0, 0] = 1
    found = shift_curve(model, images, torch.tensor([1]), 4)
    # From the upper left corner it stays inside when moved right, down, or both.
    assert found.tolist() == [1, 3 / 8, 3 / 8, 3 / 8, 0]


def test_more_images_than_fit_into_a_batch():
    shape = (1, 3, 3)
    model, images = nets.Linear(shape), nets.images_of(shape, 600)
    labels = model(images).argmax(1)
    sizes = []
    model.register_forward_hook(lambda module, inputs, output: sizes.append(len(output)))
    found = shift_curve(model, images, labels, 2)
    assert float(found[0]) == 1
    assert max(sizes) == 256
    parts = [shift_curve(model, images[half], labels[half], 2) for half in (slice(0, 300), slice(300, 600))]
    torch.testing.assert_close(found, torch.stack(parts).mean(0))


def test_network_that_ignores_places_loses_nothing_inside():
    model = nn.Sequential(nn.Conv2d(1, 3, 3, padding=4), nn.ReLU(), nn.AdaptiveMaxPool2d(1), nn.Flatten())
    torch.manual_seed(0)
    images = torch.zeros(20, 1, 15, 15)
    images[:, :, 6:9, 6:9] = torch.randn(20, 1, 3, 3)
    labels = model(images).argmax(1)
    assert shift_curve(model, images, labels, 6).tolist() == [1] * 7


@pytest.mark.parametrize(
    ("images", "count", "limit"),
    [((4, 3, 3), 4, 1), ((4, 1, 3, 3), 3, 1), ((0, 1, 3, 3), 0, 1), ((4, 1, 3, 3), 4, -1)],
)
def test_refusals(images, count, limit):
    with pytest.raises(ValueError, match=r"expected \(N, C, H, W\), \(N,\), N > 0 and at least 0"):
        shift_curve(nets.Linear((1, 3, 3)), torch.zeros(images), torch.zeros(count, dtype=torch.int64), limit)
