"""OneEpochNet against the same network written out by hand in torch's usual memory order."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.testing import assert_close

from hw_cnn.models import one_epoch


def written_out(model: one_epoch.OneEpochNet, images: Tensor) -> Tensor:
    w1, g1, b1, w2, g2, b2, w3, g3, b3, w4, b4 = (value.contiguous() for value in model.parameters())
    x = F.max_pool2d(F.conv2d(images, w1), 3)
    x = F.batch_norm(x, None, None, g1, b1, training=True).relu()
    x = F.max_pool2d(F.conv2d(x, w2), 2)
    x = F.batch_norm(x, None, None, g2, b2, training=True).relu().reshape(len(images), -1)
    x = F.batch_norm(F.linear(x, w3), None, None, g3, b3, training=True).relu()
    return F.linear(x, w4, b4)


@pytest.mark.parametrize(("channels", "height", "width"), [(1, 28, 28), (3, 32, 32), (1, 28, 33)])
def test_outputs_and_gradients_equal_the_network_written_out(channels: int, height: int, width: int):
    torch.manual_seed(0)
    model = one_epoch.OneEpochNet(in_channels=channels, num_classes=7).double()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    x = torch.randn(6, channels, height, width, dtype=torch.float64)
    pull = torch.randn(6, 7, dtype=torch.float64)
    parameters = list(model.parameters())
    assert_close(model(x), written_out(model, x))
    gradients = torch.autograd.grad((model(x) * pull).sum(), parameters)
    expected = torch.autograd.grad((written_out(model, x) * pull).sum(), parameters)
    for gradient, other in zip(gradients, expected, strict=True):
        assert gradient.abs().max() > 0
        assert_close(gradient, other)


def test_parameters_of_each_layer():
    sizes = [parameter.numel() for parameter in one_epoch.OneEpochNet().parameters()]
    assert sizes == [200, 8, 8, 2_304, 32, 32, 36_864, 128, 128, 1_280, 10]
    assert sum(sizes) == 40_994


def test_width():
    shapes = [
        tuple(value.shape) for value in one_epoch.OneEpochNet(width=0.5).parameters() if value.dim() > 1
    ]
    assert shapes == [(4, 1, 5, 5), (16, 4, 3, 3), (64, 144), (10, 64)]


def test_weights_travel_and_keep_the_order_in_memory():
    torch.manual_seed(0)
    model, other = one_epoch.OneEpochNet(), one_epoch.OneEpochNet()
    other.load_state_dict(model.state_dict())
    x = torch.randn(4, 1, 28, 28)
    assert torch.equal(other.eval()(x), model.eval()(x))
    assert other.features(x[:, :, :, :]).stride() == (288, 1)
    assert other.features[0].weight.stride() == (25, 1, 5, 1)
