"""The layer table against the course's figures, torch's FLOP counter and the support of input gradients."""

from __future__ import annotations

import json

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from hw_cnn import models, summary
from hw_cnn.models import seminar


def nets():
    yield seminar.SeminarCNN(), (1, 28, 28)
    yield seminar.SeminarCNN(preset="hse"), (1, 28, 28)
    yield seminar.SeminarCNN(in_channels=3, image_size=32), (3, 32, 32)
    yield (
        nn.Sequential(
            nn.Conv2d(4, 8, (3, 2), stride=(2, 1), padding=1, groups=2),
            nn.ReLU(),
            nn.AvgPool2d((2, 1)),
            nn.Conv2d(8, 6, 3, dilation=2, bias=False),
            nn.AdaptiveAvgPool2d((2, 3)),
            nn.Flatten(),
            nn.Linear(36, 5),
        ),
        (4, 30, 21),
    )


@pytest.mark.parametrize(
    ("name", "parameters", "macs", "layers"),
    [
        ("seminar", 44_426, 281_640, [156, 2_416, 30_840, 10_164, 850]),
        ("seminar-hse", 47_658, 506_240, [260, 5_020, 41_088, 1_290]),
    ],
)
def test_figures_of_the_course(name, parameters, macs, layers):
    result = summary.summarise(name)
    assert (result.num_parameters, result.num_macs) == (parameters, macs)
    assert [layer.num_parameters for layer in result.layers if layer.num_parameters] == layers
    pools = [layer for layer in result.layers if layer.kind == "MaxPool2d"]
    assert [layer.receptive_field_px for layer in pools] == [(6, 6), (16, 16)]
    assert [layer.jump_px for layer in pools] == [(2, 2), (4, 4)]
    assert result.layers[-1].output_shape == (10,)
    assert result.layers[-1].receptive_field_px == (28, 28)


def test_cifar_twin():
    layers = summary.trace(seminar.SeminarCNN(in_channels=3, image_size=32), (3, 32, 32))
    assert sum(layer.num_macs for layer in layers) == 651_720


@pytest.mark.parametrize(("model", "shape"), list(nets()), ids=["dls", "hse", "cifar", "uneven"])
def test_macs_are_half_of_torchs_flops(model, shape):
    with FlopCounterMode(display=False) as counter:
        model(torch.zeros(1, *shape))
    layers = summary.trace(model, shape)
    assert 2 * sum(layer.num_macs for layer in layers) == counter.get_total_flops()
    assert sum(layer.num_parameters for layer in layers) == sum(p.numel() for p in model.parameters())


@pytest.mark.parametrize("kind", [nn.MaxPool2d, nn.AvgPool2d])
def test_receptive_field_is_the_support_of_the_input_gradient(kind):
    model = nn.Sequential(
        nn.Conv2d(1, 2, (3, 5), stride=(1, 2), dilation=(2, 1)), kind((2, 3)), nn.Conv2d(2, 1, 3)
    ).double()
    # Positive weights: nothing cancels. An all-equal image: the maximum's gradient goes to one cell of each window.
    for parameter in model.parameters():
        nn.init.constant_(parameter, 1.0)
    field = summary.trace(model.float(), (1, 40, 60))[-1].receptive_field_px
    seen = torch.zeros(40, 60, dtype=torch.bool)
    generator = torch.Generator().manual_seed(0)
    for _ in range(60):
        x = torch.rand(1, 1, 40, 60, generator=generator, requires_grad=True)
        output = model(x)
        output[0, 0, output.shape[2] // 2, output.shape[3] // 2].backward()
        seen |= x.grad[0, 0] != 0
    rows, columns = seen.any(1).nonzero(), seen.any(0).nonzero()
    assert (int(rows.max() - rows.min()) + 1, int(columns.max() - columns.min()) + 1) == field


def test_network_is_left_as_it_was():
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Dropout())
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    summary.trace(model, (1, 8, 8))
    assert model.training
    assert not any(module._forward_hooks for module in model.modules())
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())


def test_json():
    for name in models.REGISTRY:
        result = summary.summarise(name)
        data = json.loads(result.to_json())
        assert data["model"] == name
        assert data["total"] == {"num_parameters": result.num_parameters, "num_macs": result.num_macs}
        assert data["layers"][0]["output_shape"] == list(result.layers[0].output_shape)
