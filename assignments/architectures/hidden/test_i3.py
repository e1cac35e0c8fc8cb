"""Hidden tests of I3, the `LeNet5` of today: parameter shapes, and logits beside an oracle of torch's functions.

Names are free: weights are told apart by their shapes, biases by standing beside their weight. The third convolution
sees 5x5 maps only, so it may also be a dense layer.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from autograder.testing import as_tensor, assert_close, randn, used_and_idle

NUM_PARAMETERS = 61_706


def _shapes(in_channels=1, num_classes=10, width=1.0) -> list[tuple[int, ...]]:
    first, second, third, hidden = (round(width * n) for n in (6, 16, 120, 84))
    return [
        (first, in_channels, 5, 5),
        (second, first, 5, 5),
        (third, second, 5, 5),
        (hidden, third),
        (num_classes, hidden),
    ]


def _draw(rng, state: dict[str, Tensor], shapes: list[tuple[int, ...]]):
    """New values for `state`, and the same as a list of (weight, bias) in the order of `shapes`."""
    assert len(state) == 2 * len(shapes), f"the network has {len(state)} tensors of parameters"
    drawn: dict[str, Tensor] = {}
    layers = []
    for shape in shapes:
        fits = (shape, (shape[0], math.prod(shape[1:])))
        names = [key for key, value in state.items() if tuple(as_tensor(value).shape) in fits]
        assert names, "a weight has another shape"
        biases = [key for key, value in state.items() if value.shape == shape[:1] and key not in drawn]
        assert biases, "a layer has no bias"
        beside = names[0].rpartition(".")[0] + ".bias"
        bias_name = beside if beside in biases else biases[0]
        weight = randn(rng, *shape, dtype=torch.float32) * math.sqrt(2 / math.prod(shape[1:]))
        bias = randn(rng, shape[0], dtype=torch.float32) * 0.5
        drawn[names[0]], drawn[bias_name] = weight.reshape(state[names[0]].shape), bias
        layers.append((weight, bias))
    return drawn, layers


def _oracle(x: Tensor, layers, padding=0) -> Tensor:
    for number, (weight, bias) in enumerate(layers[:3]):
        x = F.relu(F.conv2d(x, weight, bias, padding=0 if number else padding))
        x = F.avg_pool2d(x, 2) if number < 2 else x.flatten(1)
    (weight, bias), (last, last_bias) = layers[3:]
    return F.relu(x @ weight.T + bias) @ last.T + last_bias


def _ask(rng, student, n=3, padding=0, **settings) -> tuple[Tensor, Tensor]:
    """The network's answer for `n` images with drawn weights, and the right logits."""
    net = student.LeNet5(**settings, **({"padding": padding} if padding else {}))
    side, shapes = 32 - 2 * padding, _shapes(**settings)
    x = randn(rng, n, settings.get("in_channels", 1), side, side, dtype=torch.float32)
    # A layer that was left over is paid for in `test_parameter_count`.
    used, idle = used_and_idle(rng, student, net, x, 2 * len(shapes))
    drawn, layers = _draw(rng, used, shapes)
    student.load_state_dict(net, drawn | idle)
    return student.predict(net, x), _oracle(x, layers, padding)


def _compare(answer: object, expected: Tensor, *, any_end=True) -> None:
    """They are the logits; with `any_end` what a ReLU or a softmax behind them would give, too."""
    actual = as_tensor(answer, "logits")
    ends = (F.relu(expected), F.softmax(expected, dim=1), F.log_softmax(expected, dim=1)) if any_end else ()
    found = [
        end for end in ends if actual.shape == end.shape and torch.allclose(actual.float(), end, atol=1e-4)
    ]
    assert_close(actual, found[0] if found else expected, rtol=1e-4, atol=1e-4, what="logits")


def test_parameter_count(student):
    state = student.state_dict(student.LeNet5())
    total = sum(as_tensor(value).numel() for value in state.values())
    assert total == NUM_PARAMETERS, f"the network has {total} parameters"


def test_values(rng, student):
    for answer, expected in [_ask(rng, student) for _ in range(2)]:
        _compare(answer, expected, any_end=False)


def test_padding(rng, student):
    _compare(*_ask(rng, student, padding=2))


def test_arguments(rng, student):
    settings = {"in_channels": 3, "num_classes": int(rng.integers(11, 20))}, {"width": 0.5}
    for answer, expected in [_ask(rng, student, **one) for one in settings]:
        _compare(answer, expected)


def test_batch_of_one(rng, student):
    _compare(*_ask(rng, student, n=1))
