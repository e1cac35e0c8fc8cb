"""Both AlexNets: the paper's table, response normalisation by its formula, and the bridge to torchvision's."""

from __future__ import annotations

import pytest
import torch
import torchvision
from torch import nn
from torch.testing import assert_close

from hw_cnn.models import alexnet, alexnet_2012


def convolutions(model):
    return [layer for layer in model.modules() if isinstance(layer, nn.Conv2d)]


def test_parameters_of_each_layer():
    with torch.device("meta"):
        layers = [m for m in alexnet_2012.AlexNet2012().modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    counts = [layer.weight.numel() + layer.bias.numel() for layer in layers]
    assert counts[:5] == [34_944, 307_456, 885_120, 663_936, 442_624]
    assert counts[5:] == [37_752_832, 16_781_312, 4_097_000]


def test_groups_are_what_makes_the_count():
    # The commonest wrong AlexNet has no groups: 62,378,344 parameters.
    with torch.device("meta"):
        model = alexnet_2012.AlexNet2012()
    total = sum(parameter.numel() for parameter in model.parameters())
    without = total + sum(layer.weight.numel() * (layer.groups - 1) for layer in convolutions(model))
    assert (total, without) == (60_965_224, 62_378_344)
    assert [layer.groups for layer in convolutions(model)] == [1, 2, 1, 2, 2]


@pytest.mark.parametrize(("number", "channels"), [(1, 96), (2, 256)])
def test_normalisation_is_the_papers_formula(number, channels):
    with torch.device("meta"):
        layer = getattr(alexnet_2012.AlexNet2012().features, f"norm{number}")
    x = 40 * torch.randn(2, channels, 3, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    expected = torch.empty_like(x)
    for i in range(channels):
        nearby = range(max(0, i - 5 // 2), min(channels - 1, i + 5 // 2) + 1)
        total = sum(x[:, j] ** 2 for j in nearby)
        expected[:, i] = x[:, i] / (2 + 1e-4 * total) ** 0.75
    assert_close(layer(x), expected)
    assert (x / expected).max() > 2  # far enough from 2^0.75 for a wrong alpha to show


def test_order_of_the_layers():
    with torch.device("meta"):
        names = [name for name, _ in alexnet_2012.AlexNet2012().features.named_children()]
    assert names[:8] == ["conv1", "relu1", "norm1", "pool1", "conv2", "relu2", "norm2", "pool2"]
    assert names[8:] == ["conv3", "relu3", "conv4", "relu4", "conv5", "relu5", "pool5"]


def test_first_weights_are_the_papers():
    torch.manual_seed(0)
    # A small image leaves all layers but fc6 as they are, and makes that one cheap.
    model = alexnet_2012.AlexNet2012(image_size=67, num_classes=10)
    layers = [layer for layer in model.modules() if isinstance(layer, nn.Conv2d | nn.Linear)]
    for number, layer in enumerate(layers, start=1):
        std = 0.06 if number == 6 else 0.01  # fc6 has 256 inputs here, a 36th of the paper's
        assert layer.weight.std().item() == pytest.approx(std, rel=0.02)
        assert abs(layer.weight.mean().item()) < 3e-4
    assert [layer.bias.unique().tolist() for layer in layers] == [[0], [1], [0], [1], [1], [1], [1], [0]]


def test_narrow_layers_vary_as_the_papers():
    torch.manual_seed(0)
    model = alexnet_2012.AlexNet2012(num_classes=10, width=0.25, image_size=67)
    for layer, num_inputs in zip(convolutions(model), (363, 1200, 2304, 1728, 1728), strict=True):
        actual = layer.weight.var().item() * layer.weight[0].numel()
        assert actual == pytest.approx(1e-4 * num_inputs, rel=0.1)


@pytest.mark.parametrize("image_size", [15, 28, 32, 64, 66, 67, 100, 227])
def test_any_image_size_from_15(image_size):
    with torch.device("meta"):
        model = alexnet_2012.AlexNet2012(image_size=image_size, width=1 / 16, num_classes=3)
        assert model(torch.zeros(1, 3, image_size, image_size)).shape == (1, 3)


def test_refuses_tiny_images():
    with pytest.raises(ValueError, match=r"image_size \(=14\) must be at least 15"):
        alexnet_2012.AlexNet2012(image_size=14)


def test_equals_torchvisions_through_state_dicts():
    torch.manual_seed(0)
    theirs = torchvision.models.alexnet().eval()
    with torch.device("meta"):
        ours = alexnet.AlexNet().eval()
        empty = torchvision.models.alexnet()
    ours.load_state_dict(theirs.state_dict(), strict=True, assign=True)
    empty.load_state_dict(ours.state_dict(), strict=True, assign=True)
    # The second size meets the adaptive pooling at work.
    for size in ((224, 224), (130, 190)):
        images = torch.randn(1, 3, *size, generator=torch.Generator().manual_seed(1))
        with torch.inference_mode():
            assert_close(ours(images), theirs(images))


@pytest.mark.slow
def test_starts_from_torchvisions_weights():
    torch.manual_seed(0)
    theirs = torchvision.models.alexnet()
    torch.manual_seed(0)
    for ours, expected in zip(alexnet.AlexNet().parameters(), theirs.parameters(), strict=True):
        assert torch.equal(ours, expected)


@pytest.mark.parametrize(
    ("size", "image_size"), [(15, 15), (28, 28), (32, 32), (62, 62), (63, 224), (64, 64)]
)
def test_small_images(size, image_size):
    with torch.device("meta"):
        model = alexnet.AlexNet(image_size=image_size, width=1 / 8, pool_size=2, num_classes=4)
        assert model(torch.zeros(1, 3, size, size)).shape == (1, 4)
