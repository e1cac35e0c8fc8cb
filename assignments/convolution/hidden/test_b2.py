"""Hidden tests of B2, `dense_as_conv`: each looks at one property and is blind to the others.

Which weight stands where is seen by `test_equal` alone, with images that are not square: the others compare the
student's convolution with itself, on other images or with another bias, once its answers have been seen to depend on
the image. Elsewhere images are square, and biases are zero but where a test is about them.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from autograder.remote.failures import StudentError
from autograder.remote.student import Handle
from autograder.testing import as_tensor, assert_close, randn

CASES = 3
CLOSE = {"rtol": 1e-4, "atol": 1e-4, "any_float": True}


def _number(rng, low: int, high: int) -> int:
    """From low to high, both included."""
    return int(rng.integers(low, high + 1))


def _square(rng) -> tuple[int, int, int]:
    side = _number(rng, 3, 5)
    return _number(rng, 2, 3), side, side


def _weights(rng, shape: tuple[int, int, int]) -> Tensor:
    inputs = math.prod(shape)
    return randn(rng, _number(rng, 2, 5), inputs, dtype=torch.float32) / math.sqrt(inputs)


def _dense(student, weight: Tensor, bias: Tensor | None):
    """The worker's own layer with these numbers."""
    units, inputs = weight.shape
    state = {"dense.weight": weight} | ({} if bias is None else {"dense.bias": bias})
    rows = [("dense", "Linear", inputs, units, {"bias": bias is not None})]
    return student.make("network", called="nn.Linear", layers=rows, seed=0, state=state).get("dense")


def _made(student, dense, shape: tuple[int, int, int]) -> Handle:
    """The student's layer; what it draws at random is the same each time."""
    found = student.dense_as_conv.options(seed=0, want=("out",))(dense, shape).out
    assert isinstance(found, Handle), f"got a {type(found).__name__}, expected a layer"
    # Numbers of a new network are free and tell no mistakes apart; these are the dense layer's, as if they were set.
    student.set_parameters(found, {})
    return found


def _layer(student, weight: Tensor, shape: tuple[int, int, int]) -> Handle:
    """The student's layer for weights without a bias, that is, with zeros."""
    return _made(student, _dense(student, weight, torch.zeros(len(weight))), shape)


def _images(rng, shape: tuple[int, int, int], n: int = 3) -> Tensor:
    return randn(rng, n, *shape, dtype=torch.float32)


def _answers(value: object, n: int, units: int) -> Tensor:
    """(n, units) float64 numbers of one place that depend on the image."""
    tensor = as_tensor(value).detach().double()
    assert tensor.numel() == n * units, f"the output has shape {tuple(tensor.shape)}"
    tensor = tensor.reshape(n, units)
    assert bool(torch.isfinite(tensor).all()), "the output holds NaN or infinity"
    assert float(tensor.std(0).min()) > 1e-3, "the output does not depend on the image"
    return tensor


def test_equal(rng, student):
    pairs = []
    for _ in range(CASES):
        height = _number(rng, 2, 4)
        shape = (_number(rng, 2, 4), height, height + _number(rng, 1, 3))
        weight, images = _weights(rng, shape), _images(rng, shape)
        found = student.predict(_layer(student, weight, shape), images)
        pairs.append((found, images.flatten(1) @ weight.T))
    for found, expected in pairs:
        assert_close(_answers(found, *expected.shape), expected.double(), **CLOSE)


def test_larger_image(rng, student):
    answers = []
    for _ in range(CASES):
        shape = channels, side, _ = _square(rng)
        down, right = _number(rng, 1, 3), _number(rng, 4, 6)
        weight, image = _weights(rng, shape), _images(rng, (channels, side + down, side + right), 1)
        layer = _layer(student, weight, shape)
        crops = [image[0, :, i : i + side, j : j + side] for i in range(down + 1) for j in range(right + 1)]
        own, whole = student.predict(layer, torch.stack(crops)), student.predict(layer, image)
        answers.append((own, whole, (len(crops), len(weight)), (down + 1, right + 1)))
    for own, whole, (n, units), places in answers:
        expected = _answers(own, n, units).T.reshape(1, units, *places)
        assert_close(whole, expected.float(), **CLOSE)


def test_bias(rng, student):
    answers = []
    for _ in range(CASES):
        shape = _square(rng)
        weight, images = _weights(rng, shape), _images(rng, shape)
        bias = 1 + randn(rng, len(weight), dtype=torch.float32)
        own = student.predict(_layer(student, weight, shape), images)
        moved = student.predict(_made(student, _dense(student, weight, bias), shape), images)
        answers.append((bias, own, moved, (len(images), len(weight))))
    for bias, own, moved, size in answers:
        change = _answers(moved, *size) - _answers(own, *size)
        assert_close(change, bias.double().expand(size), **CLOSE)


def test_without_bias(rng, student):
    answers = []
    for _ in range(2):
        shape = _square(rng)
        weight, images = _weights(rng, shape), _images(rng, shape)
        own = student.predict(_layer(student, weight, shape), images)
        layer = _made(student, _dense(student, weight, None), shape)
        answers.append((own, student.predict(layer, images), student.parameters(layer), weight))
    for own, found, parameters, weight in answers:
        size = (len(own), len(weight))
        assert_close(_answers(found, *size), _answers(own, *size), **CLOSE)
        count = sum(value.numel() for value in parameters.values())
        assert count == weight.numel(), f"there are {count} numbers, expected {weight.numel()}"


def test_parameters(rng, student):
    side = _number(rng, 4, 6)
    shape = (1, side, side)
    weight, images = _weights(rng, shape), _images(rng, shape)
    layer = _made(student, _dense(student, weight, randn(rng, len(weight), dtype=torch.float32)), shape)
    found, parameters = student.predict(layer, images), student.parameters(layer)
    condition, table = student.condition(layer), student.module_table(layer)
    _answers(found, len(images), len(weight))
    assert [kind for _, kind, _ in table] == ["Conv2d"], f"got {[kind for _, kind, _ in table]}"
    count, expected = sum(value.numel() for value in parameters.values()), weight.numel() + len(weight)
    assert count == expected, f"there are {count} numbers, expected {expected}"
    assert condition["frozen"] == 0, "some of the numbers cannot be trained"


def test_own_weights(rng, student):
    shape = _square(rng)
    weight, images = _weights(rng, shape), _images(rng, shape)
    dense = _dense(student, weight, torch.zeros(len(weight)))
    layer = _made(student, dense, shape)
    before, kept = student.predict(layer, images), student.parameters(layer)
    after_call = student.parameters(dense)
    student.set_parameters(layer, {name: 2 * value + 1 for name, value in kept.items()})
    changed, after_change = student.predict(layer, images), student.parameters(dense)
    student.set_parameters(layer, kept)
    student.set_parameters(dense, {"weight": 3 * weight - 1})
    again = student.predict(layer, images)
    size = (len(images), len(weight))
    assert not torch.equal(_answers(before, *size), _answers(changed, *size)), "its numbers change nothing"
    for numbers in (after_call, after_change):
        assert_close(numbers["weight"], weight, rtol=0, atol=0, what="weight of the dense layer")
    assert_close(again, before, rtol=0, atol=0, what="output after the dense layer has changed")


def test_dtype(rng, student):
    """What is right to seven digits is right to ten; weights in another order are wrong altogether."""
    shape = _square(rng)
    weight, images = _weights(rng, shape), _images(rng, shape).double()
    own = student.predict(_layer(student, weight, shape), images.float())
    dense = _dense(student, weight, torch.zeros(len(weight))).call("double")
    numbers = weight.double() * (1 + 1e-7 * randn(rng, *weight.shape))
    student.set_parameters(dense, {"weight": numbers})
    found = student.predict(_made(student, dense, shape), images)
    size = (len(images), len(weight))
    assert as_tensor(found).dtype == torch.float64, f"the output has dtype {as_tensor(found).dtype}"
    answers = _answers(found, *size)
    assert_close(answers, _answers(own, *size), rtol=1e-4, atol=1e-4)
    error = float((answers - images.flatten(1) @ numbers.T).abs().max())
    assert not 1e-10 < error < 1e-5, "float64 numbers are right to seven digits only"


def test_refuses(rng, student):
    shape = channels, side, _ = _square(rng)
    weight, images = _weights(rng, shape), _images(rng, shape)
    dense = _dense(student, weight, torch.zeros(len(weight)))
    own = student.predict(_made(student, dense, shape), images)
    kinds = []
    for other in ((channels, side, side + 1), (channels + 1, side, side), (channels, side - 1, side)):
        try:
            _made(student, dense, other)
            kinds.append("nothing")
        except StudentError as error:
            kinds.append(error.kind)
    _answers(own, len(images), len(weight))
    assert kinds == ["ValueError"] * 3, f"shapes that do not fit raise {kinds}, expected ValueError"
