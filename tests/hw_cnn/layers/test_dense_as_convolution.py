"""A dense layer as a convolution: the same answers, at every place of a larger image."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.testing import assert_close

from hw_cnn.layers.dense_as_convolution import dense_as_conv

SHAPES = st.tuples(st.integers(1, 3), st.integers(1, 5), st.integers(1, 5))


def dense_for(shape: tuple[int, int, int], units: int, seed: int, bias: bool = True) -> nn.Linear:
    torch.manual_seed(seed)
    return nn.Linear(math.prod(shape), units, bias=bias, dtype=torch.float64)


@given(shape=SHAPES, units=st.integers(1, 4), bias=st.booleans(), seed=st.integers(0, 99))
def test_answers_are_those_of_the_dense_layer(shape, units, bias, seed):
    dense = dense_for(shape, units, seed, bias)
    images = torch.randn(3, *shape, dtype=torch.float64)
    convolution = dense_as_conv(dense, shape)
    assert type(convolution) is nn.Conv2d
    assert (convolution.bias is None) == (not bias)
    assert_close(convolution(images), dense(images.flatten(1))[:, :, None, None])


@given(shape=SHAPES, down=st.integers(0, 3), right=st.integers(0, 3))
def test_a_larger_image_is_answered_place_by_place(shape, down, right):
    dense = dense_for(shape, 2, 0)
    channels, height, width = shape
    image = torch.randn(1, channels, height + down, width + right, dtype=torch.float64)
    answers = dense_as_conv(dense, shape)(image)
    assert answers.shape == (1, 2, down + 1, right + 1)
    for row in range(down + 1):
        for column in range(right + 1):
            crop = image[:, :, row : row + height, column : column + width]
            assert_close(answers[:, :, row, column], dense(crop.flatten(1)))


def test_the_lectures_layer_has_260_numbers():
    convolution = dense_as_conv(nn.Linear(25, 10), (1, 5, 5))
    assert sum(parameter.numel() for parameter in convolution.parameters()) == 260


def test_weights_are_its_own_and_can_be_trained():
    dense = dense_for((1, 2, 3), 2, 0)
    convolution = dense_as_conv(dense, (1, 2, 3))
    kept = dense.weight.clone()
    assert all(parameter.requires_grad for parameter in convolution.parameters())
    with torch.no_grad():
        convolution.weight.zero_()
    assert_close(dense.weight, kept)


def test_refuses_a_shape_that_does_not_fit():
    with pytest.raises(ValueError, match=r"has 25 inputs; an image of shape \(1, 5, 6\) has 30 numbers"):
        dense_as_conv(nn.Linear(25, 10), (1, 5, 6))
