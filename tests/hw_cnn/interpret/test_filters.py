"""Filters are copies of the weights."""

from __future__ import annotations

import pytest
import torch

from hw_cnn.interpret import filters
from tests.hw_cnn.interpret import nets


@pytest.mark.parametrize(
    ("name", "first"), [("seminar", "features.0"), ("resnet18", "conv1"), ("lenet5-1998", "features.c1")]
)
def test_first_convolution(name, first):
    model, _ = nets.make(name)
    found = filters.first_filters(model)
    weight = model.get_submodule(first).weight
    assert torch.equal(found, weight)
    found += 1
    assert not torch.equal(found, weight)


def test_named_layer_with_groups():
    model, _ = nets.make("alexnet-2012")
    layer = model.features.conv2
    assert filters.first_filters(model, "features.conv2").shape == (
        layer.out_channels,
        layer.in_channels // 2,
        5,
        5,
    )


def test_refusals():
    model, _ = nets.make("seminar")
    with pytest.raises(
        ValueError, match=r"head.0 is a Linear, not an nn.Conv2d; .* are features.0, features.3"
    ):
        filters.first_filters(model, "head.0")
    with pytest.raises(ValueError, match="Linear has no convolution"):
        filters.first_filters(torch.nn.Linear(1, 1))
