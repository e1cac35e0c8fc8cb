"""Window sizes against torch, and the refusals."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from hw_cnn import shapes


@settings(deadline=None, max_examples=200)
@given(
    n=st.integers(1, 40),
    kernel=st.integers(1, 7),
    stride=st.integers(1, 5),
    padding=st.integers(0, 4),
    dilation=st.integers(1, 3),
)
def test_out_size_is_that_of_torch(n, kernel, stride, padding, dilation):
    x, weight = torch.zeros(1, 1, n), torch.zeros(1, 1, kernel)
    try:
        expected = F.conv1d(x, weight, stride=stride, padding=padding, dilation=dilation).shape[-1]
    except RuntimeError:
        with pytest.raises(ValueError, match="does not fit"):
            shapes.out_size(n, kernel, stride, padding, dilation)
    else:
        assert shapes.out_size(n, kernel, stride, padding, dilation) == expected


@pytest.mark.parametrize(
    ("n", "kernel", "stride", "size"), [(50, 3, 1, 48), (224, 11, 4, 54), (227, 11, 4, 55)]
)
def test_out_size_of_the_lecture(n, kernel, stride, size):
    assert shapes.out_size(n, kernel, stride) == size


@pytest.mark.parametrize("arguments", [(0, 1), (5, 0), (5, 1, 0), (5, 1, 1, -1), (5, 1, 1, 0, 0)])
def test_out_size_refuses_numbers_out_of_range(arguments):
    with pytest.raises(ValueError, match="at least"):
        shapes.out_size(*arguments)


@given(kernel=st.integers(1, 9), dilation=st.integers(1, 4), n=st.integers(33, 60))
def test_same_padding_keeps_the_size(kernel, dilation, n):
    if dilation * (kernel - 1) % 2:
        with pytest.raises(ValueError, match="two sides cannot share"):
            shapes.same_padding(kernel, dilation)
    else:
        padding = shapes.same_padding(kernel, dilation)
        assert shapes.out_size(n, kernel, 1, padding, dilation) == n


def test_pair():
    assert shapes.pair(3) == (3, 3)
    assert shapes.pair((3, 1)) == (3, 1)


@pytest.mark.parametrize("value", [1.5, "2", [1, 2], (1, 2.0), None, True])
def test_pair_refuses_other_types(value):
    with pytest.raises(TypeError, match="must be an int or a tuple of two ints"):
        shapes.pair(value)


@pytest.mark.parametrize("value", [(), (1,), (1, 2, 3)])
def test_pair_refuses_other_lengths(value):
    with pytest.raises(ValueError, match="vertical, horizontal"):
        shapes.pair(value)
