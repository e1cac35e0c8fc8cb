"""Открытые тесты C1: ряды, которые можно посчитать на бумаге / Public tests of C1: rows to compute on paper."""

from __future__ import annotations

import torch

from autograder.testing import as_tensor, assert_close


def _check(actual: object, numbers: list[float], what: str) -> None:
    """Ряд с этими числами, с точностью до округления float32 / A row of these numbers, up to rounding in float32."""
    assert_close(actual, torch.tensor(numbers), rtol=1e-4, atol=1e-4, what=what, any_float=True)


def test_three_numbers(student):
    """ядро 1 10 100: какое число с каким встретилось / kernel 1 10 100: which number meets which"""
    signal, kernel = torch.tensor([1.0, 2, 3, 4, 5]), torch.tensor([1.0, 10, 100])
    what = "сигнал 1 2 3 4 5, ядро 1 10 100 / signal 1 2 3 4 5, kernel 1 10 100"
    _check(student.conv1d_lecture(signal, kernel), [123.0, 234, 345], what)


def test_impulse(student):
    """единственная единица показывает само ядро / a single one shows the kernel itself"""
    signal, kernel = torch.tensor([0.0, 0, 0, 0, 1, 0, 0, 0, 0]), torch.tensor([1.0, 2, 3, 4, 5])
    what = "единица среди нулей, ядро 1 2 3 4 5 / a one among zeros, kernel 1 2 3 4 5"
    _check(student.conv1d_lecture(signal, kernel), [1.0, 2, 3, 4, 5], what)


def test_lengths(student):
    """ядро из одного числа и ядро длиной с сигнал / a kernel of one number, and one as long as the signal"""
    signal = torch.tensor([1.0, 2, 3])
    _check(student.conv1d_lecture(signal, torch.tensor([2.0])), [2.0, 4, 6], "ядро 2 / kernel 2")
    what = "ядро 1 10 100 / kernel 1 10 100"
    _check(student.conv1d_lecture(signal, torch.tensor([1.0, 10, 100])), [123.0], what)


def test_value_errors(student):
    """чётное ядро и ядро длиннее сигнала вызывают ValueError / even kernels and too long ones raise ValueError"""
    what = "обычный вызов для сравнения, 6 и 3 единицы / an ordinary call to compare with, 6 and 3 ones"
    _check(student.conv1d_lecture(torch.ones(6), torch.ones(3)), [3.0] * 4, what)
    for length, kernel in ((6, 2), (6, 4), (4, 5)):
        kind = "исключения нет / no exception"
        try:
            student.conv1d_lecture(torch.ones(length), torch.ones(kernel))
        except Exception as error:
            kind = getattr(error, "kind", type(error).__name__)
        assert kind == "ValueError", (
            f"сигнал из {length} чисел, ядро из {kernel}: {kind}, ожидался ValueError"
            f" / signal of {length} numbers, kernel of {kernel}: {kind}, expected ValueError"
        )


def test_gradient(student):
    """градиент по сигналу / gradient of the signal"""
    call = student.conv1d_lecture.options(
        requires_grad=(0,), upstream=torch.tensor([1.0, 0, 0]), want=("out", "grads")
    )
    grads = call(torch.tensor([1.0, 2, 3, 4, 5]), torch.tensor([1.0, 10, 100])).grads
    # ru: Первое число ответа: 100·m[0] + 10·m[1] + 1·m[2].
    # en: The first number of the answer: 100·m[0] + 10·m[1] + 1·m[2].
    _check(grads[0], [100.0, 10, 1, 0, 0], "градиент по сигналу / gradient of the signal")


def test_dtype(student):
    """float64 остаётся float64 / float64 stays float64"""
    signal, kernel = torch.tensor([0.1, 0.2, 0.3], dtype=torch.float64), torch.ones(1, dtype=torch.float64)
    output = as_tensor(student.conv1d_lecture(signal, kernel))
    assert output.dtype == torch.float64, (
        f"получен {output.dtype}, ожидался float64 / got {output.dtype}, expected float64"
    )
    # ru: Во float32 нет числа 0,1, ближайшее — 0,10000000149: так виден обход через float32.
    # en: float32 has no 0.1, the nearest is 0.10000000149: that shows a detour through float32.
    assert_close(output, signal, rtol=0, atol=1e-10, what="float64")


def test_inputs_unchanged(student):
    """сигнал и ядро не изменились / signal and kernel are unchanged"""
    given = torch.tensor([1.0, 2, 3, 4, 5]), torch.tensor([1.0, 10, 100])
    result = student.conv1d_lecture.options(want=("out", "inputs_after"))(*given)
    names = ("сигнал после вызова / signal after the call", "ядро после вызова / kernel after the call")
    for name, before, after in zip(names, given, result.inputs_after, strict=True):
        assert_close(after, before, rtol=0, atol=0, what=name)
