"""The layer against `nn.Conv2d`: what it keeps, what it answers, how it begins and learns."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from torch import nn
from torch.testing import assert_close

from hw_cnn.layers.convolution_layer import Conv2d
from tests.hw_cnn.strategies import Window, windows


@pytest.mark.parametrize("bias", [True, False])
@settings(deadline=None, max_examples=30)
@given(window=windows())
def test_answers_and_learns_like_torchs_layer(bias: bool, window: Window) -> None:
    arguments = (window.channels, window.filters, window.kernel, window.stride, window.padding)
    torchs = nn.Conv2d(*arguments, bias=bias).double()
    own = Conv2d(*arguments, bias=bias).double()
    assert own.load_state_dict(torchs.state_dict()).missing_keys == []
    generator = torch.Generator().manual_seed(window.seed)
    x = torch.randn(window.batch, window.channels, *window.image, generator=generator, dtype=torch.float64)
    expected, actual = torchs(x), own(x)
    assert_close(actual, expected, rtol=1e-10, atol=1e-10)
    upstream = torch.randn(expected.shape, generator=generator, dtype=torch.float64)
    expected.backward(upstream)
    actual.backward(upstream)
    for name, parameter in torchs.named_parameters():
        assert_close(own.get_parameter(name).grad, parameter.grad, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("bias", [True, False])
def test_keeps_what_torchs_layer_keeps(bias: bool) -> None:
    own, torchs = (made(3, 8, (2, 5), bias=bias) for made in (Conv2d, nn.Conv2d))
    shapes = [{name: value.shape for name, value in layer.state_dict().items()} for layer in (own, torchs)]
    assert shapes[0] == shapes[1]
    assert (own.bias is None) is not bias


def test_begins_at_random_between_the_bounds() -> None:
    torch.manual_seed(0)
    first, second = Conv2d(16, 32, 3), Conv2d(16, 32, 3)
    bound = 144**-0.5
    for layer in (first, second):
        assert layer.bias is not None
        for values in (layer.weight, layer.bias):
            assert float(values.detach().abs().max()) <= bound
            # Evenly spread numbers between -b and b have the deviation b / sqrt(3): +-20 % over 32 of them.
            assert float(values.detach().std()) == pytest.approx(bound / 3**0.5, rel=0.2)
    assert not torch.equal(first.weight, second.weight)
