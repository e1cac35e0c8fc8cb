"""Strongest patches against brute force."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from hw_cnn.interpret import patches
from tests.hw_cnn.interpret import nets


def crop(image, top, left, height, width):
    """Pixel by pixel; zeros outside."""
    patch = torch.zeros(len(image), height, width)
    for row in range(height):
        for column in range(width):
            y, x = top + row, left + column
            if 0 <= y < image.shape[1] and 0 <= x < image.shape[2]:
                patch[:, row, column] = image[:, y, x]
    return patch


def strongest(maps):
    """Give (value, row, column, image number) of each image, strongest image first; loops, no library."""
    found = []
    for number, map_ in enumerate(maps.tolist()):
        best = None
        for row, line in enumerate(map_):
            for column, value in enumerate(line):
                if best is None or value > best[0]:
                    best = (value, row, column, number)
        found.append(best)
    return sorted(found, key=lambda one: -one[0])


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_one_convolution_by_brute_force(data):
    draw = data.draw
    small, seed = st.integers(1, 3), draw(st.integers(0, 99))
    kernel, stride = draw(st.tuples(small, small)), draw(st.tuples(small, small))
    padding, channels = draw(st.tuples(st.integers(0, 4), st.integers(0, 4))), draw(small)
    torch.manual_seed(seed)
    conv = nn.Conv2d(channels, 3, kernel, stride, padding)
    # Whole numbers tie often.
    images = torch.randint(-1, 2, (draw(st.integers(1, 6)), channels, 5, 7)).float()
    with torch.no_grad():
        conv.weight.copy_(torch.randint(-1, 2, conv.weight.shape))
        conv.bias.fill_(0.5)
    k, channel = draw(st.integers(1, len(images))), draw(st.integers(0, 2))
    # In place: the answers of the convolution are wanted, also the negative ones.
    model = nn.Sequential(conv, nn.ReLU(inplace=True))
    found = patches.top_patches(model, images, "0", channel, k)
    expected = strongest(conv(images)[:, channel])[:k]
    assert found.values.tolist() == [one[0] for one in expected]
    assert found.indices.tolist() == [one[3] for one in expected]
    corners = [[one[1] * stride[0] - padding[0], one[2] * stride[1] - padding[1]] for one in expected]
    assert found.corners.tolist() == corners
    for patch, (_, _, _, number), corner in zip(found.patches, expected, corners, strict=True):
        assert torch.equal(patch, crop(images[number], *corner, *kernel))


@pytest.mark.parametrize("layer", ["features.2", "features.3", "features.5"])
def test_patch_alone_gives_the_answer(layer):
    model, shape = nets.make("seminar")
    images = nets.images_of(shape, 300)
    found = patches.top_patches(model, images, layer, 2, 7)
    part = model.features[: int(layer[-1]) + 1]
    torch.testing.assert_close(part(found.patches)[:, 2, 0, 0], found.values)
    # More images than fit into a batch; brute force over all.
    answers = part(images)[:, 2].flatten(1).max(1).values
    expected = answers.topk(7)
    torch.testing.assert_close(found.values, expected.values)
    assert found.indices.tolist() == expected.indices.tolist()
    assert (found.values.diff() <= 0).all()


@pytest.mark.parametrize(("name", "layer"), [("resnet18", "layer1.0.conv1"), ("vgg11-bn", "features.8")])
def test_patches_of_padded_networks(name, layer):
    model, shape = nets.make(name)
    images = nets.images_of(shape, 5)
    found = patches.top_patches(model, images, layer, 1, 5)
    assert sorted(found.indices.tolist()) == [0, 1, 2, 3, 4]
    height, width = found.patches.shape[2:]
    for patch, index, (top, left) in zip(found.patches, found.indices, found.corners.tolist(), strict=True):
        assert torch.equal(patch, crop(images[index], top, left, height, width))


def test_feature_of_a_layer_without_positions():
    model, shape = nets.make("seminar")
    images = nets.images_of(shape, 6)
    found = patches.top_patches(model, images, "head.4", 3, 2)
    expected = model.eval()(images)[:, 3].topk(2)
    torch.testing.assert_close(found.values, expected.values)
    assert torch.equal(found.patches, images[expected.indices])
    assert found.corners.tolist() == [[0, 0], [0, 0]]


def test_equal_images_come_in_their_order():
    model, shape = nets.make("seminar")
    images = nets.images_of(shape, 1).expand(5, -1, -1, -1)
    assert patches.top_patches(model, images, "features.3", 0, 4).indices.tolist() == [0, 1, 2, 3]
    nn.init.zeros_(model.features[3].weight)
    found = patches.top_patches(model, nets.images_of(shape, 5), "features.3", 0, 4)
    assert found.indices.tolist() == [0, 1, 2, 3]
    assert found.corners.tolist() == [[0, 0]] * 4


@pytest.mark.parametrize(
    ("layer", "channel", "k", "sentence"),
    [
        ("features.3", 16, 1, r"channel \(=16\) must be one of the 16 of features.3, from 0"),
        ("features.3", -1, 1, r"channel \(=-1\)"),
        ("features.3", 0, 0, r"k \(=0\) must be at least 1 and at most the number of images \(=3\)"),
        ("features.3", 0, 4, r"k \(=4\)"),
        ("conv", 0, 1, "no layer 'conv'"),
        ("spare", 0, 1, "spare is not run by SeminarCNN"),
    ],
)
def test_refusals(layer, channel, k, sentence):
    model, shape = nets.make("seminar")
    model.spare = nn.ReLU()
    with pytest.raises(ValueError, match=sentence):
        patches.top_patches(model, nets.images_of(shape, 3), layer, channel, k)
    assert not any(module._forward_hooks for module in model.modules())
