"""LeNet5 against the figures of the course and against the same network written out by hand."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch.testing import assert_close

from hw_cnn.models import lenet5


def test_parameters_of_each_layer():
    sizes = [parameter.numel() for parameter in lenet5.LeNet5().parameters()]
    assert [a + b for a, b in zip(sizes[::2], sizes[1::2], strict=True)] == [156, 2_416, 48_120, 10_164, 850]
    assert sum(sizes[::2]) == 61_470  # without biases


def test_equals_the_network_written_out_and_padding_does_not_change_it():
    torch.manual_seed(0)
    padded, model = lenet5.LeNet5(padding=2), lenet5.LeNet5()
    model.load_state_dict(padded.state_dict())
    w1, b1, w2, b2, w3, b3, w4, b4, w5, b5 = model.parameters()
    x = torch.randn(5, 1, 28, 28)
    framed = F.pad(x, (2, 2, 2, 2))
    hidden = F.avg_pool2d(F.conv2d(framed, w1, b1).relu(), 2)
    hidden = F.avg_pool2d(F.conv2d(hidden, w2, b2).relu(), 2)
    hidden = F.conv2d(hidden, w3, b3).relu().flatten(1)
    expected = F.linear(F.linear(hidden, w4, b4).relu(), w5, b5)
    assert_close(model(framed), expected)
    assert_close(padded(x), expected)


def test_width():
    model = lenet5.LeNet5(in_channels=3, num_classes=7, width=0.5)
    shapes = [tuple(parameter.shape) for parameter in model.parameters() if parameter.dim() > 1]
    assert shapes == [(3, 3, 5, 5), (8, 3, 5, 5), (60, 8, 5, 5), (42, 60), (7, 42)]
