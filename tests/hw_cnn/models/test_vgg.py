"""VGG: the bridge to torchvision's networks, for all eight on narrow twins and for vgg16-bn at full size."""

from __future__ import annotations

import math

import pytest
import torch
import torchvision
from torch import nn
from torch.testing import assert_close
from torchvision.models import vgg as torchvision_vgg

from hw_cnn import models
from hw_cnn.models import vgg

NAMES = [name for name in models.REGISTRY if name.startswith("vgg")]
WIDTH = 1 / 16


def twin_of_torchvision(config: str, batch_norm: bool) -> nn.Module:
    """torchvision's network and forward, with a sixteenth of the filters and units: its class fixes the latter."""
    filters = [size if size == "M" else size // 16 for size in torchvision_vgg.cfgs[config]]
    features = torchvision_vgg.make_layers(filters, batch_norm=batch_norm)
    with torch.device("meta"):
        twin = torchvision_vgg.VGG(nn.Identity(), num_classes=10, init_weights=False)
    twin.features = features
    for number, layer in enumerate(twin.classifier):
        if isinstance(layer, nn.Linear):
            outputs = 10 if layer.out_features == 10 else layer.out_features // 16
            twin.classifier[number] = nn.Linear(layer.in_features // 16, outputs)
    return twin.eval()


@pytest.mark.parametrize("name", NAMES)
def test_narrow_twin_equals_torchvisions(name):
    arguments = models.REGISTRY[name].arguments
    torch.manual_seed(0)
    theirs = twin_of_torchvision(arguments["config"], arguments.get("batch_norm", False))
    ours = models.build(name, width=WIDTH, num_classes=10).eval()
    for layer in theirs.modules():
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.uniform_(layer.running_mean, -0.1, 0.1)
            nn.init.uniform_(layer.running_var, 0.5, 1.5)
    ours.load_state_dict(theirs.state_dict(), strict=True)
    images = torch.randn(2, 3, 64, 40, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        expected = theirs(images)
        assert expected.std() > 1e-4
        assert_close(ours(images), expected)
    theirs.load_state_dict(models.build(name, width=WIDTH, num_classes=10).state_dict(), strict=True)


@pytest.mark.parametrize("name", NAMES)
def test_full_size_has_torchvisions_keys_and_shapes(name):
    with torch.device("meta"):
        ours = models.build(name)
        theirs = torchvision.models.get_model(name.replace("-", "_"), weights=None, init_weights=False)
    shapes = {key: tensor.shape for key, tensor in theirs.state_dict().items()}
    assert {key: tensor.shape for key, tensor in ours.state_dict().items()} == shapes
    assert list(ours.state_dict()) == list(shapes)


@pytest.mark.slow
def test_real_vgg16_bn_equals_torchvisions():
    torch.manual_seed(0)
    theirs = torchvision.models.vgg16_bn().eval()
    with torch.device("meta"):
        ours = models.build("vgg16-bn").eval()
    ours.load_state_dict(theirs.state_dict(), strict=True, assign=True)
    images = torch.randn(1, 3, 224, 224, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        assert_close(ours(images), theirs(images))


def test_first_weights():
    torch.manual_seed(0)
    model = models.build("vgg11", width=1 / 4, pool_size=1, num_classes=100)
    for layer in model.features:
        if isinstance(layer, nn.Conv2d):
            std = math.sqrt(2 / (layer.out_channels * 9))
            assert layer.weight.std().item() == pytest.approx(std, rel=0.1)
            assert not layer.bias.any()
    # N(0, 0.01²) at full size, where a unit has that many inputs; a sum over fewer of them varies as much.
    dense = [layer for layer in model.classifier if isinstance(layer, nn.Linear)]
    for layer, num_inputs in zip(dense, (25_088, 4_096, 4_096), strict=True):
        assert layer.weight.var().item() * layer.in_features == pytest.approx(1e-4 * num_inputs, rel=0.05)
        assert not layer.bias.any()


def test_numbers_of_batch_normalisation():
    with torch.device("meta"):
        plain, normalised = models.build("vgg16"), models.build("vgg16-bn")
    count = [sum(parameter.numel() for parameter in model.parameters()) for model in (plain, normalised)]
    assert count[1] - count[0] == 8_448
    assert sum(buffer.numel() for buffer in normalised.buffers()) == 8_461
    assert sum(p.numel() for p in plain.features.parameters()) == 14_714_688


def test_configuration_c_is_refused():
    with pytest.raises(ValueError, match=r"config \(='C'\) must be one of 'A', 'B', 'D', 'E'"):
        vgg.VGG("C")
