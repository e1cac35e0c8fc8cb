"""ru: Открытые тесты I2b: формула на нескольких числах.
en: Public tests of I2b: the formula with a few numbers.
"""

from __future__ import annotations

import math

import torch

from autograder.testing import as_number, as_tensor, assert_close


def _check(student, distances: list[list[float]], targets: list[int], j: float, expected: float) -> None:
    loss = as_tensor(student.rbf_loss(torch.tensor(distances), torch.tensor(targets), j), "ответ / output")
    assert loss.numel() == 1, (
        f"форма ответа {tuple(loss.shape)}, ожидалось одно число / "
        f"shape of the output {tuple(loss.shape)}, expected one number"
    )
    found = as_number(loss, f"ответ при j={j} / output with j={j}")
    assert abs(found - expected) < 1e-4, (
        f"j={j}: ответ {found:.4f}, ожидалось {expected:.4f} / j={j}: output {found:.4f}, expected {expected:.4f}"
    )


def test_value(student):
    """две картинки, два класса / two images, two classes"""
    for j in (1.0, 3.0):
        first = 0.0 + math.log(math.exp(-j) + 1 + math.exp(-1))
        second = 0.5 + math.log(math.exp(-j) + math.exp(-2) + math.exp(-0.5))
        _check(student, [[0.0, 1.0], [2.0, 0.5]], [0, 1], j, (first + second) / 2)


def test_one_image(student):
    """одна картинка / one image"""
    # ru: Все три слагаемых под логарифмом равны.
    # en: All three terms inside the logarithm are equal.
    _check(student, [[2.0, 2.0]], [1], 2.0, 2 + math.log(3 * math.exp(-2)))


def test_large_distances(student):
    """большие расстояния / large distances"""
    # ln(exp(-150) + exp(-150) + exp(-170)) = -150 + ln(2 + exp(-20))
    _check(student, [[150.0, 170.0]], [1], 150.0, 170 - 150 + math.log(2 + math.exp(-20)))


def test_gradient(student):
    """градиент / gradient"""
    asked = student.rbf_loss.options(requires_grad=(0,), upstream=torch.ones(()), want=("out", "grads"))
    found = asked(torch.tensor([[1.0, 1.0]]), torch.tensor([0]), 1.0).grads[0]
    # ru: Из единицы верного класса вычтена треть: слагаемых под логарифмом три, и они равны.
    # en: A third is taken from the one of the right class: there are three terms inside the logarithm, all equal.
    right = torch.tensor([[1 - 1 / 3, -1 / 3]])
    assert_close(found, right, rtol=1e-4, atol=1e-5, what="градиент / gradient")
