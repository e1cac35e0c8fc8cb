"""Hidden tests of I1, `SeminarCNN`: parameter shapes, and logits beside an oracle written with torch's functions.

Attribute names are free: weights are told apart by their shapes, biases by standing beside their weight.
"""

from __future__ import annotations

import itertools
import math

import torch
import torch.nn.functional as F
from torch import Tensor

from autograder.testing import as_tensor, assert_close, randn

FILTERS = {"dls": (6, 16), "hse": (10, 20)}
HIDDEN = {"dls": (120, 84), "hse": (128,)}


def _feature_px(image_size: int) -> int:
    """Side of the last feature map: convolution 5, pooling 2, twice."""
    return ((image_size - 4) // 2 - 4) // 2


def _weight_shapes(preset="dls", in_channels=1, image_size=28, num_classes=10) -> list[tuple[int, ...]]:
    first, second = FILTERS[preset]
    shapes: list[tuple[int, ...]] = [(first, in_channels, 5, 5), (second, first, 5, 5)]
    sizes = (second * _feature_px(image_size) ** 2, *HIDDEN[preset], num_classes)
    return shapes + [(after, before) for before, after in itertools.pairwise(sizes)]


def _check_parameters(state: object, shapes: list[tuple[int, ...]], count: int | None = None) -> None:
    """`state` holds one weight of each shape with its bias and nothing else."""
    assert isinstance(state, dict), "the network has no state dict"
    found = sorted(tuple(as_tensor(value, "parameter").shape) for value in state.values())
    expected = sorted([*shapes, *[(shape[0],) for shape in shapes]])
    total = sum(math.prod(shape) for shape in found)
    if count is not None:
        assert total == count, f"the network has {total} parameters"
    assert found == expected, (
        f"the network's parameters have other shapes ({len(found)} tensors, {total} numbers)"
    )


def _draw_state(rng, state: dict[str, Tensor], shapes: list[tuple[int, ...]]):
    """New values for `state`, and the same values as a list of (weight, bias) in the order of `shapes`."""
    drawn, layers = {}, []
    for shape in shapes:
        name = next(key for key, value in state.items() if tuple(value.shape) == shape)
        beside = name.rpartition(".")[0] + ".bias"
        biases = [key for key, value in state.items() if value.shape == shape[:1] and key not in drawn]
        bias_name = beside if beside in biases else biases[0]
        weight = randn(rng, *shape, dtype=torch.float32) / math.prod(shape[1:]) ** 0.5
        bias = randn(rng, shape[0], dtype=torch.float32) * 0.5
        drawn[name], drawn[bias_name] = weight, bias
        layers.append((weight, bias))
    return drawn, layers


def _oracle(x: Tensor, layers) -> Tensor:
    """convolution - ReLU - max pooling twice, then dense layers with ReLU between them."""
    for weight, bias in layers[:2]:
        x = F.max_pool2d(F.relu(F.conv2d(x, weight, bias)), 2)
    x = x.reshape(x.shape[0], -1)
    for weight, bias in layers[2:-1]:
        x = F.relu(x @ weight.T + bias)
    weight, bias = layers[-1]
    return x @ weight.T + bias


def test_parameter_count(student):
    _check_parameters(student.state_dict(student.SeminarCNN()), _weight_shapes(), 44_426)


def test_values(rng, student):
    shapes = _weight_shapes()
    for _ in range(2):
        net = student.SeminarCNN()
        state = student.state_dict(net)
        _check_parameters(state, shapes)
        drawn, layers = _draw_state(rng, state, shapes)
        student.load_state_dict(net, drawn)
        x = randn(rng, 5, 1, 28, 28, dtype=torch.float32)
        assert_close(student.predict(net, x), _oracle(x, layers), rtol=1e-4, atol=1e-4, what="logits")


def test_image_size(rng, student):
    cifar = student.SeminarCNN(in_channels=3, image_size=32)
    _check_parameters(student.state_dict(cifar), _weight_shapes(in_channels=3, image_size=32), 62_006)
    for in_channels, image_size in ((3, 32), (1, 20), (2, int(rng.integers(33, 41)))):
        net = student.SeminarCNN(in_channels=in_channels, image_size=image_size)
        x = randn(rng, 3, in_channels, image_size, image_size, dtype=torch.float32)
        logits = as_tensor(student.predict(net, x), "logits")
        assert tuple(logits.shape) == (3, 10), f"logits have shape {tuple(logits.shape)}, expected (3, 10)"


def test_hse(rng, student):
    net = student.SeminarCNN(preset="hse")
    _check_parameters(student.state_dict(net), _weight_shapes("hse"), 47_658)
    logits = as_tensor(student.predict(net, randn(rng, 3, 1, 28, 28, dtype=torch.float32)), "logits")
    assert tuple(logits.shape) == (3, 10), f"logits have shape {tuple(logits.shape)}, expected (3, 10)"


def test_logits(rng, student):
    x = 3 * randn(rng, 40, 1, 28, 28, dtype=torch.float32)
    logits = as_tensor(student.predict(student.SeminarCNN(), x), "logits")
    assert tuple(logits.shape) == (40, 10), f"logits have shape {tuple(logits.shape)}, expected (40, 10)"
    assert bool(torch.isfinite(logits).all()), "logits hold NaN or infinity"
    assert float(logits.min()) < 0 < float(logits.max()), "logits take both signs; these do not"


def test_batch_of_one(rng, student):
    logits = as_tensor(
        student.predict(student.SeminarCNN(), randn(rng, 1, 1, 28, 28, dtype=torch.float32)), "logits"
    )
    assert tuple(logits.shape) == (1, 10), f"logits have shape {tuple(logits.shape)}, expected (1, 10)"


def test_num_classes(rng, student):
    num_classes = int(rng.integers(11, 20))
    net = student.SeminarCNN(num_classes=num_classes)
    logits = as_tensor(student.predict(net, randn(rng, 3, 1, 28, 28, dtype=torch.float32)), "logits")
    assert tuple(logits.shape) == (3, num_classes), f"logits have shape {tuple(logits.shape)}"
