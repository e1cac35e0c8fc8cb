"""pool2d against torch's poolings, by its laws, and by finite differences."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from torch.testing import assert_close

from hw_cnn.layers import pooling
from tests.hw_cnn.strategies import Window, windows

ORACLES = {
    "max": F.max_pool2d,
    "mean": lambda x, k, s, p: F.avg_pool2d(x, k, s, p, count_include_pad=False),
    "min": lambda x, k, s, p: -F.max_pool2d(-x, k, s, p),
}


def draw_image(window: Window) -> torch.Tensor:
    # All negative: zeros from the border would win every maximum.
    generator = torch.Generator().manual_seed(window.seed)
    shape = (window.batch, window.channels, *window.image)
    return torch.rand(shape, generator=generator, dtype=torch.float64) - 2


@pytest.mark.parametrize("mode", ORACLES)
@settings(deadline=None, max_examples=60)
@given(window=windows(half_kernel_padding=True))
def test_equals_torch(mode, window):
    x = draw_image(window)
    expected = ORACLES[mode](x, window.kernel, window.stride, window.padding)
    actual = pooling.pool2d(x, window.kernel, window.stride, window.padding, mode=mode)
    assert_close(actual, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("mode", ORACLES)
@settings(deadline=None, max_examples=8)
@given(window=windows(half_kernel_padding=True))
def test_gradients_by_finite_differences(mode, window):
    x = draw_image(window).requires_grad_()
    assert torch.autograd.gradcheck(
        lambda x: pooling.pool2d(x, window.kernel, window.stride, window.padding, mode=mode), (x,)
    )


@pytest.mark.parametrize("mode", ORACLES)
def test_stride_is_the_kernel_unless_given(mode):
    x = torch.randn(2, 3, 7, 8)
    kernel = (2, 3)
    assert torch.equal(pooling.pool2d(x, kernel, mode=mode), pooling.pool2d(x, kernel, kernel, mode=mode))


@pytest.mark.parametrize("mode", ["max", "min"])
def test_one_of_equal_winners_gets_the_gradient(mode):
    x = torch.zeros(1, 1, 2, 2, requires_grad=True)
    pooling.pool2d(x, 2, mode=mode).sum().backward()
    assert sorted(x.grad.flatten().tolist()) == [0, 0, 0, 1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kernel_size": 2, "mode": "median"}, "'median'.*must be one of"),
        ({"kernel_size": 2, "padding": 2}, "at most half"),
        ({"kernel_size": (4, 2), "padding": (1, 2)}, "at most half"),
        ({"kernel_size": 9}, "does not fit"),
    ],
)
def test_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        pooling.pool2d(torch.zeros(1, 1, 5, 5), **arguments)


def test_refuses_three_axes():
    with pytest.raises(ValueError, match="four axes"):
        pooling.pool2d(torch.zeros(1, 5, 5), 2)


def test_global_mean_is_the_pooling_of_one_window():
    x = torch.randn(3, 4, 5, 7, dtype=torch.float64)
    assert_close(pooling.global_mean(x), F.adaptive_avg_pool2d(x, 1).flatten(1), rtol=1e-12, atol=1e-12)
    assert_close(
        pooling.global_mean(x), pooling.pool2d(x, (5, 7), mode="mean").flatten(1), rtol=1e-12, atol=1e-12
    )
    assert pooling.global_mean(x.float()).dtype == torch.float32


FRAMED = {
    "max": F.max_pool2d,
    "mean": F.avg_pool2d,
    "min": lambda x, k, s, p: -F.max_pool2d(-x, k, s, p),
}


@pytest.mark.parametrize("mode", FRAMED)
@settings(deadline=None, max_examples=60)
@given(window=windows(half_kernel_padding=True))
def test_with_a_frame_equals_torch(mode, window):
    # All negative for a maximum, all positive for a minimum: a frame of zeros would win.
    x = draw_image(window) * (-1 if mode == "min" else 1)
    expected = FRAMED[mode](x, window.kernel, window.stride, window.padding)
    actual = pooling.padded_pool2d(x, window.kernel, window.stride, window.padding, mode=mode)
    assert_close(actual, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("mode", ["max", "min"])
def test_a_frame_changes_nothing_of_an_image_that_is_the_same_everywhere(mode):
    x = torch.tensor([-3.0, 4.0]).view(1, 2, 1, 1).expand(1, 2, 4, 4)
    found = pooling.padded_pool2d(x, 3, stride=1, padding=1, mode=mode)
    assert_close(found, x)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"kernel_size": 2, "padding": 2}, "padding .=2. must be at most half"),
        ({"kernel_size": 2, "mode": "median"}, "mode .='median'. must be one of"),
        ({"kernel_size": 9}, "does not fit"),
    ],
)
def test_with_a_frame_refuses_what_does_not_fit(arguments, said):
    with pytest.raises(ValueError, match=said):
        pooling.padded_pool2d(torch.zeros(1, 1, 4, 4), **arguments)


def test_with_a_frame_takes_images_of_four_axes_only():
    with pytest.raises(ValueError, match="expected four axes"):
        pooling.padded_pool2d(torch.zeros(4, 4), 2)
