"""Hidden tests of F5, `conv2d_fast`: how many times as fast as four loops it is, by the clock of this process.

The time of an answer is that between question and answer, whatever the worker does meanwhile, the smallest of several;
that of the loops is processor time of this process for a small question, times as many numbers of the answer. Each
question has numbers of its own, and its answer must be right: but for the last row and column, the size up to one, and
which way round a kernel stands, which F1 sees.
"""

from __future__ import annotations

import itertools
import math
import time
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from autograder.testing import as_tensor, assert_close

KERNEL = 3
LEAST, MOST = 10, 100
ROUNDS, PAUSE_S, PATIENCE_S = 60, 0.02, 20.0
"""On a busy machine hardly an answer comes without waiting: the first that earns everything is the last."""
BUSY, BUSY_S = 1.3, 90.0
"""Where loops take so many times their processor time, it is asked for so long before anything is taken for slow."""
FEW, SLOW_S, HOPELESS_ROUNDS = 3, 0.5, 15
"""So many slow answers, or so many in all, are enough where nothing was earned; the rest is a busy machine."""
HOPELESS = 4
"""Who takes so many times the time of the loops for a small question is not asked a large one."""


class Size(NamedTuple):
    """Of a question."""

    images: int
    channels: int
    filters: int
    side: int

    @property
    def numbers(self) -> int:
        """Of its answer."""
        return self.images * self.filters * (self.side - KERNEL + 1) ** 2


def _question(rng, size: Size) -> tuple[Tensor, Tensor]:
    """Images that equal their transposes, kernels that look the same from all sides."""
    image = torch.from_numpy(rng.random((size.images, size.channels, size.side, size.side))).float() - 0.3
    kernel = torch.from_numpy(rng.random((size.filters, size.channels, KERNEL, KERNEL))).float() - 0.3
    kernel = kernel + kernel.flip(2)
    kernel = kernel + kernel.flip(3)
    return (image + image.mT) / 2, (kernel + kernel.mT) / 2


def _check_answer(output: object, image: Tensor, kernel: Tensor) -> None:
    actual, expected = as_tensor(output), F.conv2d(image, kernel)
    assert actual.dim() == 4, f"output has {actual.dim()} axes, expected 4"
    assert actual.shape[:2] == expected.shape[:2], f"output has shape {tuple(actual.shape)}"
    sides = list(zip(actual.shape[2:], expected.shape[2:], strict=True))
    assert all(abs(have - want) <= 1 for have, want in sides), f"output has shape {tuple(actual.shape)}"
    rows, columns = (min(pair) - 1 for pair in sides)
    found, right = (tensor[:, :, :rows, :columns] for tensor in (actual, expected))
    assert_close(found, right, rtol=1e-3, atol=1e-3, any_float=True)


def _four_loops(image: Tensor, kernel: Tensor) -> Tensor:
    side = image.shape[2] - KERNEL + 1
    out = torch.zeros(len(image), len(kernel), side, side)
    for n in range(len(image)):
        for o in range(len(kernel)):
            for y in range(side):
                for x in range(side):
                    window = image[n, :, y : y + KERNEL, x : x + KERNEL]
                    out[n, o, y, x] = (window * kernel[o]).sum()
    return out


def _seconds_of_loops(rng, size: Size) -> float:
    taken = []
    for _ in range(5):
        question = _question(rng, size)
        started = time.thread_time()
        _four_loops(*question)
        taken.append(time.thread_time() - started)
    return min(taken)


def _is_busy(question: tuple[Tensor, Tensor]) -> bool:
    """Whether this process has to wait for its processor."""
    started, computing = time.perf_counter(), time.thread_time()
    _four_loops(*question)
    return time.perf_counter() - started > BUSY * (time.thread_time() - computing)


def _seconds_of_answer(student, question: tuple[Tensor, Tensor]) -> float:
    result = student.conv2d_fast.options(want=("out",), watched=False, call_s=PATIENCE_S)(*question)
    _check_answer(result.out, *question)
    return result.seconds


def _share(times_as_fast: float) -> float:
    """0 for 10 times as fast as the loops, 1 for 100 times, linear in the logarithm, nothing beyond."""
    if times_as_fast <= LEAST:
        return 0.0
    return min(1.0, math.log(times_as_fast / LEAST) / math.log(MOST / LEAST))


def _measure(rng, student, threshold, size: Size) -> None:
    for small in (Size(1, size.channels, 2, 5), Size(2, size.channels, 3, 7)):
        question = _question(rng, small)
        _check_answer(student.conv2d_fast(*question), *question)
    small = Size(4, size.channels, 8, 8)
    of_loops = _seconds_of_loops(rng, small)
    tries = (_seconds_of_answer(student, _question(rng, small)) for _ in range(HOPELESS_ROUNDS))
    best, slow = 0.0, 0
    if any(seconds < HOPELESS * of_loops for seconds in tries):
        student.stop_recording()  # large tensors, and whoever repeats them would wait for loops
        of_loops *= size.numbers / small.numbers
        end = time.monotonic() + BUSY_S
        for number in itertools.count(1):
            seconds = _seconds_of_answer(student, _question(rng, size))
            best = max(best, _share(of_loops / seconds))
            slow += seconds > SLOW_S
            is_hopeless = best == 0 and (slow >= FEW or number >= HOPELESS_ROUNDS)
            if threshold.is_full(best) or is_hopeless:
                break
            if number % ROUNDS == 0 and (time.monotonic() > end or not _is_busy(_question(rng, small))):
                break
            time.sleep(PAUSE_S)
        if best > 0 or slow < FEW:
            last = _question(rng, size)
            _check_answer(student.conv2d_fast(*last), *last)
    threshold.record(best)


def test_many_pixels(rng, student, threshold):
    _measure(rng, student, threshold, Size(images=2, channels=3, filters=4, side=130))


def test_many_images(rng, student, threshold):
    _measure(rng, student, threshold, Size(images=16, channels=3, filters=4, side=46))


def test_many_filters(rng, student, threshold):
    _measure(rng, student, threshold, Size(images=4, channels=6, filters=16, side=46))
