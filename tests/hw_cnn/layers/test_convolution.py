"""conv2d against torch, by its laws, and by finite differences."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.testing import assert_close

from hw_cnn.layers import convolution
from tests.hw_cnn.strategies import Window, windows


def draw_tensors(window: Window, dtype: torch.dtype = torch.float64):
    generator = torch.Generator().manual_seed(window.seed)
    x = torch.randn(window.batch, window.channels, *window.image, generator=generator, dtype=torch.float64)
    weight = torch.randn(
        window.filters, window.channels, *window.kernel, generator=generator, dtype=torch.float64
    )
    bias = torch.randn(window.filters, generator=generator, dtype=torch.float64)
    return x.to(dtype), weight.to(dtype), bias.to(dtype)


@settings(deadline=None, max_examples=80)
@given(window=windows(), with_bias=st.booleans())
def test_equals_torch(window, with_bias):
    x, weight, bias = draw_tensors(window)
    bias = bias if with_bias else None
    expected = F.conv2d(x, weight, bias, window.stride, window.padding)
    actual = convolution.conv2d(x, weight, bias, stride=window.stride, padding=window.padding)
    assert_close(actual, expected, rtol=1e-12, atol=1e-12)


@settings(deadline=None, max_examples=20)
@given(window=windows())
def test_float32_and_strided_memory(window):
    x, weight, bias = draw_tensors(window, torch.float32)
    expected = F.conv2d(x, weight, bias, window.stride, window.padding)
    x = x.transpose(2, 3).contiguous().transpose(2, 3)
    actual = convolution.conv2d(x, weight, bias, stride=window.stride, padding=window.padding)
    assert_close(actual, expected, rtol=1e-4, atol=1e-5)


@settings(deadline=None, max_examples=8)
@given(window=windows())
def test_gradients_by_finite_differences(window):
    tensors = tuple(tensor.requires_grad_() for tensor in draw_tensors(window))
    assert torch.autograd.gradcheck(
        lambda x, w, b: convolution.conv2d(x, w, b, window.stride, window.padding), tensors
    )


def test_the_kernel_is_not_flipped():
    x = torch.zeros(1, 1, 3, 4)
    x[0, 0, 0, 0] = 1
    weight = torch.arange(4.0).reshape(1, 1, 2, 2) + 1
    assert convolution.conv2d(x, weight)[0, 0, 0, 0] == 1


def test_arguments_stay_unchanged():
    arguments = (torch.randn(2, 3, 5, 6), torch.randn(4, 3, 2, 3), torch.randn(4))
    copies = tuple(tensor.clone() for tensor in arguments)
    convolution.conv2d(*arguments, stride=2, padding=1)
    assert all(torch.equal(*both) for both in zip(arguments, copies, strict=True))


@pytest.mark.parametrize(
    ("x", "weight", "bias", "message"),
    [
        ((3, 5, 5), (2, 3, 3, 3), None, "four axes"),
        ((1, 3, 5, 5), (3, 3, 3), None, "four axes"),
        ((1, 3, 5, 5), (2, 4, 3, 3), None, "3 channels, weight takes 4"),
        ((1, 3, 5, 5), (2, 3, 3, 3), (3,), "one number per filter"),
        ((1, 3, 5, 5), (2, 3, 3, 6), None, "does not fit"),
    ],
)
def test_refuses_shapes_that_do_not_fit(x, weight, bias, message):
    bias = None if bias is None else torch.zeros(bias)
    with pytest.raises(ValueError, match=message):
        convolution.conv2d(torch.zeros(x), torch.zeros(weight), bias)


@settings(deadline=None, max_examples=60)
@given(window=windows())
def test_the_fast_one_equals_torch(window):
    x, weight, _ = draw_tensors(window)
    assert_close(convolution.conv2d_fast(x, weight), F.conv2d(x, weight), rtol=1e-12, atol=1e-12)


def test_the_fast_one_keeps_dtype_and_takes_any_memory():
    x, weight = torch.rand(2, 6, 5, 3).permute(0, 3, 1, 2), torch.rand(4, 3, 2, 3)
    found = convolution.conv2d_fast(x, weight)
    assert found.dtype == torch.float32
    assert_close(found, F.conv2d(x, weight), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("x", "weight", "said"),
    [
        ((1, 2, 3, 3), (1, 1, 2, 2), "x has 2 channels, weight takes 1"),
        ((2, 3, 3), (1, 1, 2, 2), "expected four axes each"),
        ((1, 1, 3, 3), (1, 1, 4, 2), "a kernel of 4x2 does not fit into 3x3 pixels"),
    ],
)
def test_the_fast_one_refuses_what_does_not_fit(x, weight, said):
    with pytest.raises(ValueError, match=said):
        convolution.conv2d_fast(torch.zeros(x), torch.zeros(weight))
