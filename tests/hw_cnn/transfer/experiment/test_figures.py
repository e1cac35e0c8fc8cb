"""The picture of neighbours shows who is who, not by colour alone."""

from __future__ import annotations

import io

import pytest
import torch

import hw_cnn.transfer
from hw_cnn.transfer.experiment import figures


@pytest.mark.parametrize("shape", [(6, 8, 8), (6, 3, 8, 8)])
@pytest.mark.parametrize("lang", ["ru", "en"])
def test_marks(shape, lang):
    images = torch.randint(0, 256, shape, dtype=torch.uint8)
    labels = torch.tensor([0, 1, 0, 1, 0, 1])
    names = ("кот", "пёс")
    figure = figures.draw_neighbours(
        images, labels, torch.tensor([0, 1]), torch.tensor([[2, 3], [5, 4]]), names, lang
    )
    titles = [axes.get_title() for axes in figure.axes]
    assert titles == ["кот", "✓ кот", "✗ пёс", "пёс", "✓ пёс", "✗ кот"]
    lines = [axes.spines["top"].get_linestyle() for axes in figure.axes]
    assert lines[2] != lines[1]
    figure.savefig(io.BytesIO(), format="png")


def test_floating_images_without_names():
    figure = figures.draw_neighbours(
        torch.rand(3, 1, 4, 4), torch.tensor([7, 7, 8]), torch.tensor([0]), torch.tensor([[1, 2]])
    )
    assert [axes.get_title() for axes in figure.axes] == ["7", "✓ 7", "✗ 8"]


def test_exports():
    for name in hw_cnn.transfer.__all__:
        assert getattr(hw_cnn.transfer, name) is not None
