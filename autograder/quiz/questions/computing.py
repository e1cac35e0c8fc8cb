"""Convolution and pooling of small numbers by hand.

Everybody gets the same numbers in another order, so that no sheet has more zeros, or larger products, than another.
"""

from __future__ import annotations

import numpy as np

from autograder.quiz.question import Numbers, Question, Table, numbers
from autograder.text import Text

SIGNAL, KERNEL, IMAGE = (
    Text(ru="сигнал", en="signal"),
    Text(ru="ядро", en="kernel"),
    Text(ru="вход", en="input"),
)


def conv1d(rng: np.random.Generator) -> Question:
    """The lecture's formula, which flips the kernel; each of the three numbers shows whether it was flipped."""
    while True:
        signal, kernel = rng.permutation([0, 1, 2, 3, 5]), rng.permutation([1, 2, 3])
        flipped, plain = np.convolve(signal, kernel, "valid"), np.correlate(signal, kernel, "valid")
        if (flipped != plain).all():
            break
    return Question(
        Text(
            ru="Посчитайте свёртку по формуле лекции, n[k] = Σ m[k+i]·a[-i], только там, где ядро помещается целиком. "
            "Середина ядра — это a[0].",
            en="Compute the convolution by the lecture's formula, n[k] = Σ m[k+i]·a[-i], only where the kernel fits "
            "wholly. The middle of the kernel is a[0].",
        ),
        _flat(flipped),
        shape=(1, 3),
        near=(_flat(plain),),
        tables=(_table(SIGNAL, signal[None]), _table(KERNEL, kernel[None])),
    )


def conv2d(rng: np.random.Generator) -> Question:
    """As a layer of a network computes it: the kernel is not flipped."""
    while True:
        image = rng.permutation([0, 1, 1, 2, 2, 3, 3, 4, 4]).reshape(3, 3)
        kernel = rng.permutation([-1, 0, 1, 2]).reshape(2, 2)
        plain, flipped = _correlate(image, kernel), _correlate(image, kernel[::-1, ::-1])
        if (flipped != plain).all():
            break
    return Question(
        Text(
            ru="Что ответит свёрточный слой? Он как nn.Conv2d: ядро не переворачивается; смещения нет, шаг 1, без "
            "дополнения.",
            en="What does a convolutional layer answer? It is like nn.Conv2d: the kernel is not flipped; no bias, "
            "stride 1, no padding.",
        ),
        _flat(plain),
        shape=(2, 2),
        near=(_flat(flipped),),
        tables=(_table(IMAGE, image), _table(KERNEL, kernel)),
    )


def max_pooling(rng: np.random.Generator) -> Question:
    """Window 3x3, stride 2, so that windows overlap: whoever moves by the window has one number."""
    while True:
        image = rng.permutation(25).reshape(5, 5)
        pooled = np.array([[image[i : i + 3, j : j + 3].max() for j in (0, 2)] for i in (0, 2)])
        if len(set(pooled.flatten().tolist())) >= 3:
            break
    return Question(
        Text(
            ru="Максимальный пулинг: окно 3×3, шаг 2, без дополнения. Что получится?",
            en="Max pooling: window 3×3, stride 2, no padding. What is the result?",
        ),
        _flat(pooled),
        shape=(2, 2),
        tables=(_table(IMAGE, image),),
    )


def _correlate(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    height, width = (side - cells + 1 for side, cells in zip(image.shape, kernel.shape, strict=True))
    rows, columns = kernel.shape
    return np.array(
        [[(image[i : i + rows, j : j + columns] * kernel).sum() for j in range(width)] for i in range(height)]
    )


def _flat(array: np.ndarray) -> Numbers:
    return numbers(*map(int, array.flatten()))


def _table(caption: Text, array: np.ndarray) -> Table:
    return Table(caption, tuple(tuple(map(int, row)) for row in array))
