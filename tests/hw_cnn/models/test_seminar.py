"""SeminarCNN against the figures of the seminar and against the same network written out by hand."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch.testing import assert_close

from hw_cnn.models import seminar


def num_parameters(model: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


@pytest.mark.parametrize(
    ("arguments", "count"),
    [
        ({"preset": "dls"}, 44_426),
        ({"preset": "dls", "in_channels": 3, "image_size": 32}, 62_006),
        ({"preset": "hse"}, 47_658),
    ],
)
def test_number_of_parameters(arguments, count):
    assert num_parameters(seminar.SeminarCNN(**arguments)) == count


def test_first_layer_of_hse_has_the_lectures_260_parameters():
    first = next(
        module for module in seminar.SeminarCNN(preset="hse").modules() if list(module.parameters(False))
    )
    assert num_parameters(first) == 260


def test_equals_the_network_written_out():
    torch.manual_seed(0)
    model = seminar.SeminarCNN()
    w1, b1, w2, b2, w3, b3, w4, b4, w5, b5 = model.parameters()
    x = torch.randn(5, 1, 28, 28)
    hidden = F.max_pool2d(F.conv2d(x, w1, b1).relu(), 2)
    hidden = F.max_pool2d(F.conv2d(hidden, w2, b2).relu(), 2)
    hidden = F.linear(hidden.reshape(5, 4 * 4 * 16), w3, b3).relu()
    expected = F.linear(F.linear(hidden, w4, b4).relu(), w5, b5)
    assert_close(model(x), expected)


@pytest.mark.parametrize("image_size", [16, 29, 64])
def test_other_sizes_and_a_batch_of_one(image_size):
    model = seminar.SeminarCNN(in_channels=2, image_size=image_size, num_classes=7)
    assert model(torch.zeros(1, 2, image_size, image_size)).shape == (1, 7)


def test_refuses_unknown_preset_and_small_images():
    with pytest.raises(ValueError, match=r"'big'.*must be one of 'dls', 'hse'"):
        seminar.SeminarCNN(preset="big")
    with pytest.raises(ValueError, match="image_size \\(=15\\) must be at least 16"):
        seminar.SeminarCNN(image_size=15)
