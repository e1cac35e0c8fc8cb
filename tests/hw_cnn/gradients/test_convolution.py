"""Gradients of a convolution against torch's, and by what ties them to the convolution."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from torch.testing import assert_close

from hw_cnn.gradients.convolution import conv2d_backward
from tests.hw_cnn.strategies import Window, windows


def draw(window: Window) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """An upstream gradient, images and filters, float64."""
    generator = torch.Generator().manual_seed(window.seed)
    x = torch.randn(window.batch, window.channels, *window.image, generator=generator, dtype=torch.float64)
    shape = window.filters, window.channels, *window.kernel
    w = torch.randn(shape, generator=generator, dtype=torch.float64)
    answer = F.conv2d(x, w, stride=window.stride, padding=window.padding)
    return torch.randn(answer.shape, generator=generator, dtype=torch.float64), x, w


@settings(deadline=None, max_examples=60)
@given(window=windows())
def test_equal_torch(window):
    g, x, w = draw(window)
    b = torch.zeros(len(w), dtype=torch.float64)
    leaves = [tensor.clone().requires_grad_() for tensor in (x, w, b)]
    F.conv2d(*leaves, stride=window.stride, padding=window.padding).backward(g)
    found = conv2d_backward(g, x, w, window.stride, window.padding)
    for gradient, leaf in zip(found, leaves, strict=True):
        assert_close(gradient, leaf.grad, rtol=1e-10, atol=1e-10)


@settings(deadline=None, max_examples=20)
@given(window=windows())
def test_three_sums_are_equal(window):
    g, x, w = draw(window)
    gx, gw, gb = conv2d_backward(g, x, w, window.stride, window.padding)
    answer = (F.conv2d(x, w, stride=window.stride, padding=window.padding) * g).sum()
    for other in ((gx * x).sum(), (gw * w).sum()):
        assert_close(other, answer, rtol=1e-9, atol=1e-9)
    assert_close(gb.sum(), g.sum(), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_dtype_and_arguments_stay(dtype):
    given_ = (
        torch.ones(1, 2, 2, 2, dtype=dtype),
        torch.ones(1, 3, 4, 4, dtype=dtype),
        torch.ones(2, 3, 3, 3, dtype=dtype),
    )
    assert {gradient.dtype for gradient in conv2d_backward(*given_)} == {dtype}
    assert all(bool((tensor == 1).all()) for tensor in given_)


@pytest.mark.parametrize("shape", [(1, 2, 3, 3), (1, 3, 2, 2), (2, 2, 2, 2), (2, 2, 2)])
def test_refuses_a_gradient_of_another_shape(shape):
    with pytest.raises(ValueError, match=r"the convolution's answer has \(1, 2, 2, 2\)"):
        conv2d_backward(torch.ones(shape), torch.ones(1, 3, 4, 4), torch.ones(2, 3, 3, 3))


def test_refuses_a_kernel_that_does_not_fit():
    with pytest.raises(ValueError, match=r"answer has \(1, 1, 0, 0\)"):
        conv2d_backward(torch.ones(1, 1, 1, 1), torch.ones(1, 1, 4, 4), torch.ones(1, 1, 5, 5))
