"""Public tests of I2: shape, number of parameters, and a network whose last layer is known."""

from __future__ import annotations

import torch

from autograder.testing import as_tensor


def test_shape_of_distances(student):
    """форма ответа / shape of the output"""
    distances = as_tensor(student.predict(student.LeNet1998(), torch.zeros(2, 1, 32, 32)), "ответ / output")
    assert tuple(distances.shape) == (2, 10), (
        f"ответ / output: {tuple(distances.shape)}, ожидалось / expected (2, 10)"
    )


def test_parameters(student):
    """число параметров / number of parameters"""
    table = student.module_table(student.LeNet1998())
    count = next(number for name, _, number in table if name == "")
    assert count == 60_000, f"параметров / parameters: {count}, ожидалось / expected 60000"


def test_distances_are_squares(student):
    """квадраты расстояний неотрицательны / squared distances are not negative"""
    images = 1.175 * torch.rand(4, 1, 32, 32, generator=torch.Generator().manual_seed(1))
    distances = as_tensor(student.predict(student.LeNet1998(), images), "ответ / output")
    assert float(distances.min()) >= -1e-3, (
        f"ответ / output: {float(distances.min()):.3f}, ожидалось / expected >= 0"
    )
    # 84 чисел между -1,7159 и 1,7159 / 84 numbers between -1.7159 and 1.7159
    largest = 84 * 2.7159**2
    assert float(distances.max()) <= largest, (
        f"ответ / output: {float(distances.max()):.1f}, ожидалось / expected <= {largest:.1f}"
    )
