"""Hidden tests of G4, `receptive_field` and `input_support`: each looks at one property and is blind to the others.

- Where a field begins to grow is seen by `test_kernels`; `test_strides` compares two kernels of the student's own
  answers, `test_dilation` compares with their own answer for a window of that length, `test_each_layer` with their own
  answers for fewer layers. Dilation stands in the tests of dilation alone.
- What the gradient sees is compared with windows that are put together cell by cell, along each axis by itself. The
  tests of channels, dilation and mode compare with the student's own answer for a plain network, once it has been seen
  to depend on the place.
Networks are the worker's own (driver `network`), without ReLU, in evaluation mode but in the test of the mode.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from autograder.remote.failures import StudentError
from autograder.testing import as_number, as_tensor, assert_close, randn

CASES = 3


def _integer(rng, low: int, high: int) -> int:
    """A whole number from low to high, both included."""
    return int(rng.integers(low, high + 1))


def _pairs(answer: object) -> list[tuple[float, float]]:
    """Pairs (field, jump); a single pair stands for a list of one."""
    items = answer.tolist() if isinstance(answer, Tensor | np.ndarray) else answer
    assert isinstance(items, list | tuple), f"got a {type(items).__name__}, expected a list of pairs"
    if len(items) == 2 and not any(isinstance(item, list | tuple | Tensor | np.ndarray) for item in items):
        items = [items]
    pairs = []
    for item in items:
        pair = item.tolist() if isinstance(item, Tensor | np.ndarray) else item
        assert isinstance(pair, list | tuple), f"a layer has a {type(pair).__name__}, expected a pair"
        assert len(pair) == 2, f"a layer has {len(pair)} values, expected (field, jump)"
        pairs.append((as_number(pair[0], "field"), as_number(pair[1], "jump")))
    assert pairs, "the list is empty"
    return pairs


def _last(answer: object) -> tuple[float, float]:
    return _pairs(answer)[-1]


def _layers(rng, count: int) -> list[tuple[int, int]]:
    """(kernel, stride) of so many layers; some stride is above 1."""
    strides = [_integer(rng, 1, 3) for _ in range(count)]
    strides[_integer(rng, 0, count - 1)] = 2
    return [(_integer(rng, 2, 6), stride) for stride in strides]


def test_kernels(rng, student):
    answers = []
    for count in (1, 3, _integer(rng, 4, 6)):
        layers = [(_integer(rng, 2, 7), 1) for _ in range(count)]
        answers.append((1 + sum(kernel - 1 for kernel, _ in layers), student.receptive_field(layers)))
    for expected, answer in answers:
        assert _last(answer)[0] == expected, f"the field is {_last(answer)[0]:g}, expected {expected}"


def test_strides(rng, student):
    answers = []
    for _ in range(CASES):
        before = _layers(rng, _integer(rng, 2, 4))
        kernel, more, stride = _integer(rng, 2, 4), _integer(rng, 1, 4), _integer(rng, 2, 3)
        narrow = student.receptive_field([*before, (kernel, stride)])
        wide = student.receptive_field([*before, (kernel + more, stride)])
        answers.append((more * math.prod(step for _, step in before), narrow, wide))
    for expected, narrow, wide in answers:
        grown = _last(wide)[0] - _last(narrow)[0]
        assert grown == expected, f"a larger kernel widens the field by {grown:g}, expected {expected}"


def test_jump(rng, student):
    answers = []
    for _ in range(CASES):
        layers = _layers(rng, _integer(rng, 2, 5))
        answers.append((math.prod(stride for _, stride in layers), student.receptive_field(layers)))
    for expected, answer in answers:
        assert _last(answer)[1] == expected, f"the jump is {_last(answer)[1]:g}, expected {expected}"


def test_each_layer(rng, student):
    answers = []
    for _ in range(2):
        layers = _layers(rng, _integer(rng, 3, 5))
        parts = [student.receptive_field(layers[:count]) for count in range(1, len(layers) + 1)]
        answers.append((student.receptive_field(layers), parts))
    for whole, parts in answers:
        pairs, expected = _pairs(whole), [_last(part) for part in parts]
        assert len(pairs) == len(expected), f"{len(pairs)} pairs for {len(expected)} layers"
        assert expected[0][0] < expected[-1][0], "the field does not grow"
        assert pairs == expected, "the pair of a layer depends on the layers behind it"


def test_dilation(rng, student):
    answers = []
    for _ in range(CASES):
        before, stride = _layers(rng, 2), _integer(rng, 1, 2)
        kernel, dilation = _integer(rng, 2, 4), _integer(rng, 2, 3)
        found = student.receptive_field([*before, (kernel, stride, dilation)])
        same = student.receptive_field([*before, (dilation * (kernel - 1) + 1, stride)])
        answers.append((found, same, student.receptive_field([*before, (kernel, stride)])))
    for found, same, dense in answers:
        assert _last(same)[0] > _last(dense)[0], "a longer window has the same field"
        assert _last(found) == _last(same), f"field and jump are {_last(found)}, expected {_last(same)}"


def test_refuses(rng, student):
    kernel = _integer(rng, 2, 5)
    own = [student.receptive_field([(kernel + more, 1)]) for more in (0, 1)]
    kinds = []
    for layers in ([(kernel, 1), (0, 1)], [(kernel, 0)], [(-kernel, 1)], [(kernel, 1, 0)]):
        try:
            student.receptive_field(layers)
            kinds.append("nothing")
        except StudentError as error:
            kinds.append(error.kind)
    assert _last(own[0])[0] < _last(own[1])[0], "the field does not depend on the kernel"
    assert kinds == ["ValueError"] * 4, f"layers that cannot be raise {kinds}, expected ValueError"


class _Net(NamedTuple):
    """Rows of a network, and along each axis the (kernel, stride, padding) of its windows."""

    rows: list[tuple]
    axes: tuple[list[tuple[int, int, int]], list[tuple[int, int, int]]]


def _net(rng, channels: int, padded: bool) -> _Net:
    """Two convolutions and an average of neighbours, with other numbers along either axis."""
    kernels = [(_integer(rng, 2, 3), _integer(rng, 2, 3)) for _ in range(2)]
    strides = [(_integer(rng, 1, 2), _integer(rng, 1, 2)) for _ in range(2)]
    pads = [(int(padded), int(padded)) for _ in range(2)]
    rows = [
        ("first", "Conv2d", channels, 3, kernels[0], {"stride": strides[0], "padding": pads[0]}),
        ("mean", "AvgPool2d", (2, 2), (1, 1)),
        ("second", "Conv2d", 3, 2, kernels[1], {"stride": strides[1], "padding": pads[1]}),
    ]
    first, second = (
        [(kernels[number][axis], strides[number][axis], pads[number][axis]) for axis in (0, 1)]
        for number in (0, 1)
    )
    rowwise, columnwise = ([first[axis], (2, 1, 0), second[axis]] for axis in (0, 1))
    return _Net(rows, (rowwise, columnwise))


def _sizes(windows: list[tuple[int, int, int]], size: int) -> list[int]:
    """Lengths of an axis: of the image and of each map."""
    sizes = [size]
    for kernel, stride, padding in windows:
        sizes.append((sizes[-1] + 2 * padding - kernel) // stride + 1)
    return sizes


def _seen(windows: list[tuple[int, int, int]], size: int, place: int) -> list[int]:
    """What number `place` of the last map sees of an axis: cell by cell back through the windows."""
    seen = {place}
    for (kernel, stride, padding), length in zip(
        reversed(windows), reversed(_sizes(windows, size)[:-1]), strict=True
    ):
        cells = {number * stride - padding + cell for number in seen for cell in range(kernel)}
        seen = {number for number in cells if 0 <= number < length}
    return sorted(seen)


def _made(student, rows: list[tuple], seed: int = 0, **settings):
    arguments = {"training": False, **settings}
    return student.make("network", called="сеть / network", layers=rows, seed=seed, **arguments)


def _seed(rng) -> int:
    return int(rng.integers(1 << 31))


def _both(answer: object) -> tuple[list[float], list[float]]:
    """Numbers of rows and columns, in ascending order."""
    assert isinstance(answer, list | tuple), f"got a {type(answer).__name__}, expected rows and columns"
    assert len(answer) == 2, f"got {len(answer)} values, expected rows and columns"
    found = []
    for value in answer:
        numbers = value.tolist() if isinstance(value, np.ndarray) else value
        if not isinstance(numbers, list | tuple):
            tensor = as_tensor(numbers, "rows or columns")
            assert tensor.dim() == 1, f"rows or columns have shape {tuple(tensor.shape)}"
            assert tensor.dtype != torch.bool, "rows or columns are no numbers"
            numbers = tensor.tolist()
        found.append(sorted(as_number(number) for number in numbers))
    return found[0], found[1]


def _check_depends(one: object, other: object) -> None:
    """Two places see something else, and neither sees nothing."""
    assert all(_both(one)), "nothing of the image is seen"
    assert _both(one) != _both(other), "every place sees the same"


def _asked(rng, student, *, padded: bool) -> list[tuple[tuple[list[int], list[int]], object]]:
    """What is seen of a place, and what the student says."""
    answers = []
    for _ in range(CASES):
        net = _net(rng, _integer(rng, 1, 3), padded)
        channels, size = net.rows[0][2], (_integer(rng, 14, 16), _integer(rng, 19, 22))
        last = [_sizes(windows, length)[-1] for windows, length in zip(net.axes, size, strict=True)]
        # At a corner the frame hides a part of the windows; elsewhere rows and columns have other numbers.
        place = (0, last[1] - 1) if padded else (_integer(rng, 0, 1), _integer(rng, 2, last[1] - 1))
        image = randn(rng, channels, *size, dtype=torch.float32)
        found = student.input_support(_made(student, net.rows, _seed(rng)), image, place)
        expected = [
            _seen(windows, length, at) for windows, length, at in zip(net.axes, size, place, strict=True)
        ]
        answers.append(((expected[0], expected[1]), found))
    return answers


def test_support(rng, student):
    for expected, found in _asked(rng, student, padded=False):
        rows, columns = _both(found)
        assert rows == expected[0], f"rows {rows} are said to be seen, expected {expected[0]}"
        assert columns == expected[1], f"columns {columns} are said to be seen, expected {expected[1]}"


def test_border(rng, student):
    for expected, found in _asked(rng, student, padded=True):
        assert _both(found) == expected, f"{_both(found)} is said to be seen, expected {expected}"


def _one_kernel(channels: int, channel: int, kernel: Tensor) -> dict[str, Tensor]:
    """State of a convolution that looks at one channel of the image only."""
    weight = torch.zeros(1, channels, *kernel.shape)
    weight[0, channel] = kernel
    return {"conv.weight": weight, "conv.bias": torch.zeros(1)}


def test_channels(rng, student):
    answers = []
    for _ in range(2):
        channels, size = _integer(rng, 2, 3), (_integer(rng, 2, 3), _integer(rng, 2, 3))
        kernel, image = 0.5 + torch.from_numpy(rng.random(size)).float(), torch.zeros(channels, 9, 12)
        rows, place = [("conv", "Conv2d", channels, 1, size)], (_integer(rng, 0, 4), _integer(rng, 5, 7))
        plain = _made(student, rows, state=_one_kernel(channels, 0, kernel))
        other = _made(student, rows, state=_one_kernel(channels, channels - 1, -kernel))
        own, away = (student.input_support(plain, image, at) for at in (place, (5, 1)))
        answers.append((own, away, student.input_support(other, image, place)))
    for own, away, found in answers:
        _check_depends(own, away)
        assert _both(found) == _both(own), f"{_both(found)} is said to be seen, expected {_both(own)}"


def test_holes(rng, student):
    answers = []
    for _ in range(2):
        size, dilation = (3, _integer(rng, 2, 3)), _integer(rng, 2, 3)
        image, seed = randn(rng, 1, 10, 12, dtype=torch.float32), _seed(rng)
        plain = _made(student, [("conv", "Conv2d", 1, 2, size)], seed)
        spread = _made(student, [("conv", "Conv2d", 1, 2, size, {"dilation": dilation})], seed)
        own, away = (student.input_support(plain, image, at) for at in ((0, 0), (2, 5)))
        answers.append((dilation, own, away, student.input_support(spread, image, (0, 0))))
    for dilation, own, away, found in answers:
        _check_depends(own, away)
        expected = tuple([dilation * number for number in part] for part in _both(own))
        assert _both(found) == expected, f"{_both(found)} is said to be seen, expected {expected}"


def test_mode(rng, student):
    rows = [
        ("conv", "Conv2d", 1, 4, 3),
        ("norm", "BatchNorm2d", 4),
        ("drop", "Dropout", 0.9),
        ("last", "Conv2d", 4, 2, 2),
    ]
    image, seed, place = randn(rng, 1, 11, 13, dtype=torch.float32), _seed(rng), (_integer(rng, 0, 3), 2)
    own, away = (student.input_support(_made(student, rows, seed), image, at) for at in (place, (7, 9)))
    answers = []
    # Everything is in training, and everything but one layer.
    for evaluating in ((), ("norm",)):
        net = _made(student, rows, seed, training=True, evaluating=evaluating)
        modes, before = student.condition(net)["training"], student.state_dict(net)
        found = student.input_support.options(seed=0, want=("out",))(net, image, place).out
        answers.append((found, modes, student.condition(net)["training"], before, student.state_dict(net)))
    _check_depends(own, away)
    for found, modes, left, before, after in answers:
        assert _both(found) == _both(own), "a network in training mode is said to see something else"
        assert left == modes, "the network is left in another mode"
        assert all(torch.equal(after[name], value) for name, value in before.items()), (
            "the network has changed"
        )


def test_unchanged(rng, student):
    rows, image = [("conv", "Conv2d", 2, 2, 3)], randn(rng, 2, 9, 10, dtype=torch.float32)
    net, place = _made(student, rows, _seed(rng)), (_integer(rng, 0, 2), _integer(rng, 4, 6))
    asked = student.input_support.options(want=("out", "inputs_after"))
    own, away = asked(net, image, place), asked(net, image, (5, 1))
    wanting = student.traces("input_support", net, image, place)
    condition = student.condition(net)
    _check_depends(own.out, away.out)
    assert condition["gradients"] == 0, "weights of the network are left with gradients"
    assert not wanting["arguments"], "the given image is left wanting a gradient"
    assert_close(own.inputs_after[1], image, rtol=0, atol=0, what="image after the call")
