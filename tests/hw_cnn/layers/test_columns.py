"""im2col and col2im against torch's unfold and fold, and by what ties them together."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from torch.testing import assert_close

from hw_cnn.layers.columns import col2im, im2col
from tests.hw_cnn.strategies import Window, windows


def draw(window: Window, *shape: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(window.seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def draw_image(window: Window) -> torch.Tensor:
    return draw(window, window.batch, window.channels, *window.image)


@settings(deadline=None, max_examples=60)
@given(window=windows())
def test_equal_torch(window):
    setting = window.kernel, window.stride, window.padding
    x = draw_image(window)
    columns = im2col(x, *setting)
    expected = F.unfold(x, window.kernel, stride=window.stride, padding=window.padding)
    assert torch.equal(columns, expected)
    folded = F.fold(expected, window.image, window.kernel, stride=window.stride, padding=window.padding)
    assert_close(col2im(columns, window.image, *setting), folded, rtol=1e-12, atol=1e-12)


@settings(deadline=None, max_examples=40)
@given(window=windows())
def test_each_is_the_others_transpose(window):
    setting = window.kernel, window.stride, window.padding
    x = draw_image(window)
    columns = im2col(x, *setting)
    other = draw(window, *columns.shape)
    assert_close(
        (columns * other).sum(), (x * col2im(other, window.image, *setting)).sum(), rtol=1e-10, atol=1e-10
    )


@settings(deadline=None, max_examples=20)
@given(window=windows())
def test_convolution_is_a_product_of_matrices(window):
    x = draw_image(window)
    weight = draw(window, 4, window.channels, *window.kernel)
    maps = weight.flatten(1) @ im2col(x, window.kernel, window.stride, window.padding)
    expected = F.conv2d(x, weight, stride=window.stride, padding=window.padding)
    assert_close(maps, expected.flatten(2), rtol=1e-10, atol=1e-10)


def test_gradients():
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(2, 2, 5, 4, dtype=torch.float64, generator=generator, requires_grad=True)
    assert torch.autograd.gradcheck(lambda image: im2col(image, (2, 3), 2, 1), (x,))
    c = torch.randn(2, 12, 6, dtype=torch.float64, generator=generator, requires_grad=True)
    assert torch.autograd.gradcheck(lambda columns: col2im(columns, (5, 4), (2, 3), 2, 1), (c,))


def test_refuses():
    with pytest.raises(ValueError, match="window of 4x2 does not fit"):
        im2col(torch.ones(1, 1, 3, 3), (4, 2))
    for shape in ((1, 4, 5), (1, 6, 4)):
        with pytest.raises(ValueError, match=r"expected \(N, C·4, 4\)"):
            col2im(torch.ones(shape), (3, 3), 2)
