"""Numbers of parameters against torch's own layers, and those of the lecture."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from hw_cnn.layers import counting


def learned(layers: nn.Module) -> int:
    return sum(parameter.numel() for parameter in layers.parameters())


@given(sizes=st.lists(st.integers(1, 30), min_size=2, max_size=5), bias=st.booleans())
def test_dense_network_is_counted_as_torch_does(sizes, bias):
    layers = [nn.Linear(*pair, bias=bias, device="meta") for pair in pairwise(sizes)]
    assert counting.dense_params(sizes, bias) == learned(nn.Sequential(*layers))


@given(
    channels=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    kernel=st.one_of(st.integers(1, 7), st.tuples(st.integers(1, 7), st.integers(1, 7))),
    groups=st.integers(1, 4),
    bias=st.booleans(),
)
def test_convolution_is_counted_as_torch_does(channels, kernel, groups, bias):
    into, out = (groups * number for number in channels)
    layer = nn.Conv2d(into, out, kernel, groups=groups, bias=bias, device="meta")
    assert counting.conv_params(into, out, kernel, groups, bias) == learned(layer)


def test_numbers_of_the_lecture():
    assert counting.dense_params((25, 10)) == 260
    assert counting.dense_params((25, 10, 10)) == 370
    assert counting.dense_params((224 * 224 * 3, 1000), bias=False) == 150_528_000
    assert counting.conv_params(1, 10, 5) == 260


def test_refuses_one_size():
    with pytest.raises(ValueError, match="at least two"):
        counting.dense_params((25,))


@pytest.mark.parametrize("channels", [(3, 4), (4, 3)])
def test_refuses_groups_that_do_not_divide(channels):
    with pytest.raises(ValueError, match=r"groups \(=2\) must divide"):
        counting.conv_params(*channels, 3, groups=2)
