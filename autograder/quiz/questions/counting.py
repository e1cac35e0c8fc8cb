"""Sizes, parameters and receptive fields: what can be counted without an image."""

from __future__ import annotations

import numpy as np

from autograder.quiz.question import Question, numbers
from autograder.text import Text


def output_size(rng: np.random.Generator) -> Question:
    """The side of a map; the last step does not fit, so rounding matters."""
    kernel, stride, padding = int(rng.choice([3, 5])), int(rng.choice([2, 3])), int(rng.choice([1, 2]))
    places = int(rng.integers(6, 14))
    n = kernel - 2 * padding + stride * (places - 1) + int(rng.integers(1, stride))
    bare = (n - kernel) // stride + 1
    near = {numbers(places + 1), numbers(places - 1), numbers(bare)} - {numbers(places)}
    return Question(
        Text(
            ru=f"Изображение {n}×{n}, ядро {kernel}×{kernel}, шаг {stride}, дополнение {padding} с каждой стороны. "
            "Какова сторона карты признаков?",
            en=f"An image of {n}×{n}, a kernel of {kernel}×{kernel}, stride {stride}, padding {padding} on each side. "
            "How long is the side of the feature map?",
        ),
        numbers(places),
        near=tuple(sorted(near)),
    )


def dense_parameters(rng: np.random.Generator) -> Question:
    """Weights and biases of a dense layer on a grey image."""
    side, units = int(rng.integers(6, 10)), int(rng.integers(2, 5)) * 10
    weights = side * side * units
    return Question(
        Text(
            ru=f"Серое изображение {side}×{side} вытянуто в вектор; за ним полносвязный слой из {units} нейронов со "
            "смещениями. Сколько в слое обучаемых параметров?",
            en=f"A grey image of {side}×{side} is flattened; a dense layer of {units} units with biases follows. How "
            "many trainable parameters does the layer have?",
        ),
        numbers(weights + units),
        near=(numbers(weights), numbers(weights + 1)),
    )


def conv_parameters(rng: np.random.Generator) -> Question:
    """Weights and biases of a convolutional layer; the size of the image does not matter."""
    channels, filters = int(rng.integers(3, 7)), int(rng.integers(2, 5)) * 10
    kernel, side = int(rng.choice([3, 5])), int(rng.integers(20, 40))
    weights = channels * kernel * kernel * filters
    return Question(
        Text(
            ru=f"Вход: каналов {channels}, размер {side}×{side}. Свёрточный слой: фильтров {filters}, ядро "
            f"{kernel}×{kernel}, есть смещения. Сколько в слое обучаемых параметров?",
            en=f"Input: {channels} channels of {side}×{side}. A convolutional layer: {filters} filters, kernel "
            f"{kernel}×{kernel}, with biases. How many trainable parameters does the layer have?",
        ),
        numbers(weights + filters),
        near=(numbers(weights), numbers(weights + 1)),
    )


def receptive_field(rng: np.random.Generator) -> Question:
    """Convolution, pooling, convolution."""
    first, pool, second = int(rng.choice([3, 5, 7])), int(rng.choice([2, 3])), int(rng.choice([3, 5]))
    # arXiv 1603.07285: each layer adds (kernel - 1) steps of the layers before it.
    field = first + (pool - 1) + (second - 1) * pool
    near = {numbers(first + pool - 1 + second - 1), numbers(field - 1), numbers(field + 1)}
    return Question(
        Text(
            ru=f"Свёртка {first}×{first} с шагом 1, пулинг {pool}×{pool} с шагом {pool}, свёртка {second}×{second} с "
            "шагом 1. Сколько пикселей по стороне видит одно число последней карты?",
            en=f"A convolution {first}×{first} with stride 1, pooling {pool}×{pool} with stride {pool}, a convolution "
            f"{second}×{second} with stride 1. How many pixels along a side does one number of the last map see?",
        ),
        numbers(field),
        near=tuple(sorted(near)),
    )
