"""Calls of task functions that a person can think through: with which numbers, and how they are put into words.

Small whole numbers throughout. A function that is not here is not asked about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from autograder.text import Text


@dataclass(frozen=True)
class Call:
    """One call. said: the arguments as a person reads them. shown: tensors of which the numbers are shown."""

    arguments: tuple[object, ...]
    keywords: Mapping[str, object]
    said: str
    shown: tuple[tuple[str, Tensor], ...] = ()


Draw = Callable[[np.random.Generator], Call]
Swap = Callable[[np.random.Generator], tuple[tuple[Call, Call], ...]]


@dataclass(frozen=True)
class Probe:
    """What may be asked of one function.

    shapes: a call in which no two sides are equal. row: a call with an input of one row of five numbers. swaps: three
    pairs of calls that differ in the order of the stride's axes, of which one pair differs in its result; None where
    the function has no stride.
    """

    name: Text
    shapes: Draw
    row: Draw
    swaps: Swap | None = None


def _whole(rng: np.random.Generator, *shape: int, low: int = -3, high: int = 6) -> Tensor:
    return torch.from_numpy(rng.integers(low, high, shape).astype(np.float32))


def _row(rng: np.random.Generator) -> Tensor:
    return torch.from_numpy(rng.permutation([1, 2, 3, 5, 7]).astype(np.float32))


def _conv2d_shapes(rng: np.random.Generator) -> Call:
    sides = tuple(map(int, rng.permutation([9, 10, 11, 12])[:2]))
    x, w = _whole(rng, 2, 3, *sides), _whole(rng, 4, 3, 3, 2)
    return Call(
        (x, w),
        {"stride": (2, 1), "padding": (1, 0)},
        f"x {tuple(x.shape)}, w {tuple(w.shape)}, stride (2, 1), padding (1, 0)",
    )


def _conv2d_row(rng: np.random.Generator) -> Call:
    x = _row(rng).reshape(1, 1, 1, 5)
    w = torch.from_numpy(rng.permutation([1, 2, -1]).astype(np.float32)).reshape(1, 1, 1, 3)
    return Call((x, w), {}, "x (1, 1, 1, 5), w (1, 1, 1, 3)", (("x", x[0, 0]), ("w", w[0, 0])))


def _conv2d_swaps(rng: np.random.Generator) -> tuple[tuple[Call, Call], ...]:
    def pair(height: int, width: int, stride: tuple[int, int]) -> tuple[Call, Call]:
        x, w = _whole(rng, 1, 1, height, width), _whole(rng, 1, 1, 2, 2, low=1)
        return _both((x, w), stride, f"x (1, 1, {height}, {width}), w (1, 1, 2, 2)")

    return _swaps(rng, pair)


def _pool2d_shapes(rng: np.random.Generator) -> Call:
    sides = tuple(map(int, rng.permutation([9, 10, 11, 12])[:2]))
    x = _whole(rng, 2, 3, *sides)
    return Call((x, (3, 2)), {"stride": (2, 1)}, f"x {tuple(x.shape)}, kernel_size (3, 2), stride (2, 1)")


def _pool2d_row(rng: np.random.Generator) -> Call:
    x = _row(rng).reshape(1, 1, 1, 5)
    return Call(
        (x, (1, 2)),
        {"stride": (1, 1)},
        "x (1, 1, 1, 5), kernel_size (1, 2), stride (1, 1)",
        (("x", x[0, 0]),),
    )


def _pool2d_swaps(rng: np.random.Generator) -> tuple[tuple[Call, Call], ...]:
    def pair(height: int, width: int, stride: tuple[int, int]) -> tuple[Call, Call]:
        x = torch.from_numpy(rng.permutation(height * width).astype(np.float32)).reshape(1, 1, height, width)
        return _both((x, 2), stride, f"x (1, 1, {height}, {width}), kernel_size 2")

    return _swaps(rng, pair)


def _conv1d_row(rng: np.random.Generator) -> Call:
    signal = _row(rng)
    kernel = torch.from_numpy(rng.permutation([1, 2, -1]).astype(np.float32))
    return Call((signal, kernel), {}, "m (5), a (3)", (("m", signal[None]), ("a", kernel[None])))


def _conv1d_shapes(rng: np.random.Generator) -> Call:
    length = int(rng.integers(11, 16))
    return Call((_whole(rng, length), _whole(rng, 5)), {}, f"m ({length}), a (5)")


def _both(arguments: tuple[object, ...], stride: tuple[int, int], said: str) -> tuple[Call, Call]:
    text = f"{said}, stride {stride}"
    return Call(arguments, {"stride": stride}, text), Call(arguments, {"stride": stride[::-1]}, text)


def _swaps(
    rng: np.random.Generator, pair: Callable[[int, int, tuple[int, int]], tuple[Call, Call]]
) -> tuple[tuple[Call, Call], ...]:
    """Equal steps, an image in which the window has one place, and one in which the order matters."""
    side = int(rng.integers(5, 8))
    pairs = [pair(side, side, (2, 2)), pair(2, 2, (1, 3)), pair(side, side + 1, (1, 2))]
    return tuple(pairs[place] for place in rng.permutation(3))


PROBES: Mapping[str, Probe] = {
    "hw_cnn.layers.convolution:conv2d": Probe(
        Text(ru="свёртка", en="convolution"), _conv2d_shapes, _conv2d_row, _conv2d_swaps
    ),
    "hw_cnn.layers.pooling:pool2d": Probe(
        Text(ru="пулинг", en="pooling"), _pool2d_shapes, _pool2d_row, _pool2d_swaps
    ),
    "hw_cnn.layers.convolution_1d:conv1d_lecture": Probe(
        Text(ru="одномерная свёртка", en="1-D convolution"), _conv1d_shapes, _conv1d_row
    ),
}
