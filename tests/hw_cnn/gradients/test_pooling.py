"""Gradients of pooling against torch's: values, ties, frames."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from torch.testing import assert_close

from hw_cnn.gradients.pooling import pool2d_backward
from tests.hw_cnn.strategies import windows

POOLINGS = {
    "max": F.max_pool2d,
    "mean": lambda x, *setting: F.avg_pool2d(x, *setting, count_include_pad=False),
}


@pytest.mark.parametrize("mode", POOLINGS)
@pytest.mark.parametrize("ties", [False, True])
@settings(deadline=None, max_examples=40)
@given(window=windows(half_kernel_padding=True))
def test_equal_torch(window, mode, ties):
    generator = torch.Generator().manual_seed(window.seed)
    x = torch.randn(window.batch, window.channels, *window.image, generator=generator, dtype=torch.float64)
    x = (x.round() if ties else x).requires_grad_()
    setting = window.kernel, window.stride, window.padding
    answer = POOLINGS[mode](x, *setting)
    g = torch.randn(answer.shape, generator=generator, dtype=torch.float64)
    answer.backward(g)
    found = pool2d_backward(g, x.detach(), *setting, mode=mode)
    assert_close(found, x.grad, rtol=1e-10, atol=1e-10)
    assert_close(found.sum(), g.sum(), rtol=1e-9, atol=1e-9)  # nothing is lost, whatever is equal or overlaps


def test_stride_and_mode_that_are_not_given():
    x = torch.arange(16.0).reshape(1, 1, 4, 4)
    g = torch.tensor([[[[1.0, 2], [3, 4]]]])
    found = pool2d_backward(g, x, 2)
    assert found[0, 0].tolist() == [[0, 0, 0, 0], [0, 1, 0, 2], [0, 0, 0, 0], [0, 3, 0, 4]]
    assert found.dtype == torch.float32


@pytest.mark.parametrize(
    ("settings_", "message"),
    [
        ({"mode": "min"}, "mode"),
        ({"padding": 2}, "at most half"),
        ({"stride": 1}, r"the pooling's answer has \(1, 1, 3, 3\)"),
    ],
)
def test_refuses(settings_, message):
    with pytest.raises(ValueError, match=message):
        pool2d_backward(torch.ones(1, 1, 2, 2), torch.ones(1, 1, 4, 4), 2, **settings_)
