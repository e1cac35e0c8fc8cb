"""Receptive fields by the rule: published numbers, brute force over windows, and the gradient's support."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from hw_cnn.interpret.fields import input_support, receptive_field

LENET = [(5, 1), (2, 2), (5, 1), (2, 2), (5, 1)]
ALEXNET = [(11, 4), (3, 2), (5, 1), (3, 2), (3, 1), (3, 1), (3, 1), (3, 2), (6, 1)]
VGG16 = [layer for count in (2, 2, 3, 3, 3) for layer in [(3, 1)] * count + [(2, 2)]]
LAYERS = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 3), st.integers(1, 3)), min_size=1, max_size=4)


def seen_by_windows(layers, place):
    """Pixels that number `place` of the last map sees along an axis without borders."""
    seen = {place}
    for kernel, stride, dilation in reversed(layers):
        seen = {number * stride + cell * dilation for number in seen for cell in range(kernel)}
    return seen


@given(layers=LAYERS)
def test_the_rule_agrees_with_windows(layers):
    for count, (field, jump) in enumerate(receptive_field(layers), 1):
        first, second = (seen_by_windows(layers[:count], place) for place in (0, 1))
        assert field == max(first) - min(first) + 1
        assert jump == min(second) - min(first)


def test_published_fields():
    assert receptive_field(LENET) == [(5, 1), (6, 2), (14, 2), (16, 4), (32, 4)]
    assert [field for field, _ in receptive_field(ALEXNET)] == [11, 19, 51, 67, 99, 131, 163, 195, 355]
    pools = [pair for layer, pair in zip(VGG16, receptive_field(VGG16), strict=True) if layer == (2, 2)]
    assert pools == [(6, 2), (16, 4), (44, 8), (100, 16), (212, 32)]


def test_no_layer_has_no_field():
    assert receptive_field([]) == []


@pytest.mark.parametrize("layer", [(3,), (3, 1, 1, 1), (0, 1), (3, 0), (3, 1, 0), (-2, 1)])
def test_refuses_what_is_no_layer(layer):
    with pytest.raises(ValueError, match=r"a layer is \(.*\); expected \(kernel, stride\)"):
        receptive_field([(3, 1), layer])


def seen_inside(layers, padding, size, place):
    """Pixels of an axis of `size` that number `place` of the last map sees; frames hold nothing to see."""
    sizes = [size]
    for kernel, stride, dilation in layers[:-1]:
        sizes.append((sizes[-1] + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1)
    seen = {place}
    for (kernel, stride, dilation), length in zip(reversed(layers), reversed(sizes), strict=True):
        reached = {number * stride - padding + cell * dilation for number in seen for cell in range(kernel)}
        seen = {number for number in reached if 0 <= number < length}
    return sorted(seen)


@settings(deadline=None, max_examples=20)
@given(layers=LAYERS, padding=st.integers(0, 2), data=st.data())
def test_the_gradient_arrives_where_windows_reach(layers, padding, data):
    field = receptive_field(layers)[-1][0]
    size = field + 3, field + 8
    torch.manual_seed(0)
    model = nn.Sequential(
        *[
            nn.Conv2d(1 + (number > 0), 2, kernel, stride, padding=padding, dilation=dilation)
            for number, (kernel, stride, dilation) in enumerate(layers)
        ]
    ).double()
    image = torch.randn(1, *size, dtype=torch.float64)
    shape = model(image[None]).shape
    position = data.draw(st.tuples(st.integers(0, shape[2] - 1), st.integers(0, shape[3] - 1)))
    found = [part.tolist() for part in input_support(model, image, position)]
    expected = [seen_inside(layers, padding, *axis) for axis in zip(size, position, strict=True)]
    # Whoever sees no row, but the frame above the image, sees no column either.
    assert found == (expected if all(expected) else [[], []])


def test_any_channel_and_any_sign_count():
    model = nn.Conv2d(3, 2, 2, bias=False)
    with torch.no_grad():
        model.weight.zero_()
        model.weight[1, 2] = -1
    rows, columns = input_support(model, torch.zeros(3, 5, 6), (1, 3))
    assert (rows.tolist(), columns.tolist()) == ([1, 2], [3, 4])


def test_everything_is_left_as_it_was():
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Dropout(), nn.Conv2d(4, 1, 3))
    image = torch.randn(1, 9, 11)
    kept, state = image.clone(), {name: value.clone() for name, value in model.state_dict().items()}
    with torch.no_grad():
        rows, columns = input_support(model, image, (2, 0))
    # In training mode batch normalisation would let each number see the whole image.
    assert (rows.tolist(), columns.tolist()) == ([2, 3, 4, 5, 6], [0, 1, 2, 3, 4])
    assert all(part.training for part in model.modules())
    assert all(parameter.grad is None for parameter in model.parameters())
    assert not image.requires_grad
    assert torch.equal(image, kept)
    assert all(torch.equal(state[name], value) for name, value in model.state_dict().items())


def test_a_maximum_hides_the_others():
    image = torch.tensor([[[1.0, 2.0, 3.0], [4.0, 9.0, 6.0]]])
    rows, columns = input_support(nn.MaxPool2d(2, 1), image, (0, 1))
    assert (rows.tolist(), columns.tolist()) == ([1], [1])


def test_refuses_a_place_outside_of_the_map():
    with pytest.raises(IndexError):
        input_support(nn.Conv2d(1, 1, 3), torch.zeros(1, 4, 4), (0, 2))
