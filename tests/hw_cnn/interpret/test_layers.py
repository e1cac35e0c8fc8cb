"""Layers by name."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from hw_cnn.interpret import layers
from tests.hw_cnn.interpret import nets


def test_find_gives_the_module():
    model, _ = nets.make("resnet18")
    assert layers.find(model, "layer2.0.downsample") is model.layer2[0].downsample


@pytest.mark.parametrize("name", ["", "features.99", "features.conv", "0"])
def test_unknown_name_is_refused_with_those_that_exist(name):
    model, _ = nets.make("seminar")
    with pytest.raises(
        ValueError, match=rf"no layer '{name}'; its layers are features, features.0, .*, head.4"
    ):
        layers.find(model, name)


def test_module_under_two_names_is_known_by_both():
    shared = nn.ReLU()
    model = nn.ModuleDict({"first": shared, "second": shared})
    assert layers.find(model, "first") is layers.find(model, "second") is shared


def test_names_of():
    model, _ = nets.make("seminar")
    assert layers.names_of(model, nn.Linear) == ["head.0", "head.2", "head.4"]
    assert layers.names_of(model, (nn.Conv2d, nn.MaxPool2d)) == [f"features.{n}" for n in (0, 2, 3, 5)]
    assert layers.names_of(model, nn.BatchNorm2d) == []
    assert layers.names_of(nn.Linear(1, 1), nn.Linear) == []


@pytest.mark.parametrize(
    ("name", "first", "last", "last_map"),
    [
        ("seminar", "features.0", "features.3", "features.3"),
        # Their last convolution has one position, and C3 of 1998 is no nn.Conv2d.
        ("lenet5", "features.conv1", "features.conv3", "features.conv2"),
        ("lenet5-1998", "features.c1", "features.c5", "features.s4"),
        ("alexnet-2012", "features.conv1", "features.conv5", "features.conv5"),
        ("vgg16-bn", "features.0", "features.40", "features.40"),
        ("one-epoch", "features.0", "features.4", "features.4"),
        ("resnet18", "conv1", "layer4.1.conv2", "layer4.1.conv2"),
        ("mobilenet_v2", "features.0.0", "features.18.0", "features.18.0"),
        ("squeezenet1_1", "features.0", "classifier.1", "classifier.1"),
    ],
)
def test_convolutions_and_last_map(name, first, last, last_map):
    model, shape = nets.make(name)
    assert layers.first_convolution(model) == first
    assert layers.last_convolution(model) == last
    assert layers.last_map(model, nets.images_of(shape, 2)) == last_map


def test_networks_without_convolution_say_so():
    model = nn.Sequential(nn.Flatten(), nn.Linear(4, 2))
    for find in (layers.first_convolution, layers.last_convolution):
        with pytest.raises(ValueError, match="Sequential has no convolution"):
            find(model)
    with pytest.raises(ValueError, match="no layer of Sequential with weights gives a map"):
        layers.last_map(model, torch.zeros(1, 1, 2, 2))
