"""ru: Открытые тесты D4: ядра, которые можно проверить на бумаге.
en: Public tests of D4: kernels that can be checked by hand.
"""

from __future__ import annotations

import torch

from autograder.testing import Illustrated

LAPLACE = [[0, 1, 0], [1, -4, 1], [0, 1, 0]]
SOBEL = [[1, 0, -1], [2, 0, -2], [1, 0, -1]]
MEAN = [[1, 1, 1], [1, 1, 1], [1, 1, 1]]
IDENTITY = [[0, 0, 0], [0, 1, 0], [0, 0, 0]]


def _check(student, rows, right: str, factor: float = 1.0) -> None:
    kernel = torch.tensor(rows, dtype=torch.float32) * factor
    said = student.kernel_kind(kernel)
    assert isinstance(said, str), (
        f"вместо строки получено значение типа {type(said).__name__} / "
        f"got a value of type {type(said).__name__} where text was expected"
    )
    if said != right:
        board = torch.ones_like(kernel)
        board.view(-1)[1::2] = -1
        answers = torch.stack([kernel.sum(), (kernel * board).sum()])
        raise Illustrated(
            f"ответ {said}, верный ответ {right} / it says {said}, {right} is right",
            {"ядро / kernel": kernel, "ответы: единицы, доска / answers: ones, chessboard": answers},
            (said, right),
        )


def test_lecture(student):
    """ядра с лекции / kernels of the lecture"""
    _check(student, IDENTITY, "identity")
    _check(student, LAPLACE, "edge")
    _check(student, MEAN, "blur", factor=1 / 9)


def test_two_signs(student):
    """ядро со слайда и то же с минусами / the kernel on the slide, and the same with minus signs"""
    _check(student, [[0, 1, 0], [1, 5, 1], [0, 1, 0]], "blur")
    _check(student, [[0, -1, 0], [-1, 5, -1], [0, -1, 0]], "sharpen")


def test_other_kernels(student):
    """другие ядра / other kernels"""
    _check(student, SOBEL, "edge")
    _check(student, [[1, 2, 1], [2, 4, 2], [1, 2, -1]], "blur")
    _check(student, [[2, 4, 2], [4, -1, 4], [2, 4, 2]], "blur")
    _check(student, [[1, -2, 1], [-2, 5, -2], [1, -2, 1]], "sharpen")
    _check(student, [[0, 0, 0], [-1, 3, -1], [0, 0, 0]], "sharpen")
    _check(student, [[0, 1, 0], [0, 1, 0], [0, 1, 0]], "blur")
    _check(student, [[1, 1, 1], [1, 50, 1], [1, 1, 1]], "blur")
    _check(student, [[5, -1, 5], [-1, -1, -1], [5, -1, -4]], "sharpen")


def test_factor(student):
    """множитель ничего не меняет / a factor changes nothing"""
    for factor in (7.0, -1.0, 0.0001):
        _check(student, IDENTITY, "identity", factor)
        _check(student, LAPLACE, "edge", factor)
        _check(student, MEAN, "blur", factor)
        _check(student, [[0, -1, 0], [-1, 5, -1], [0, -1, 0]], "sharpen", factor)


def test_sizes(student):
    """ядра 5x5, 3x5 и в одну строку / kernels 5x5, 3x5 and of one row"""
    _check(student, [[1] * 5] * 5, "blur")
    _check(student, [[-1] * 5] * 2 + [[-1, -1, 25, -1, -1]] + [[-1] * 5] * 2, "sharpen")
    _check(student, [[0] * 5, [0, 0, 2, 0, 0], [0] * 5], "identity")
    _check(student, [[1, 0, 0, 0, -1]] * 3, "edge")
    _check(student, [[1, 2, 1]], "blur")
    _check(student, [[-1, 3, -1]], "sharpen")


def test_rounding(student):
    """сумма, которая равна нулю с точностью до округления / a sum that is zero but for rounding"""
    _check(student, [[0.1, 0.1, 0.1], [0.1, -0.79999995, 0.1], [0.1, 0.1, 0.1]], "edge")
    _check(student, [[1, 1, 1], [1, -7.7, 1], [1, 1, 1]], "sharpen")


def test_no_middle(student):
    """у ядра нет середины или весов / a kernel without a middle, or without weights"""
    _check(student, LAPLACE, "edge")
    for kernel in (torch.ones(2, 2), torch.ones(4, 3), torch.zeros(3, 3)):
        kind = "исключения нет / no exception"
        try:
            student.kernel_kind(kernel)
        except Exception as error:
            kind = getattr(error, "kind", type(error).__name__)
        shape = tuple(kernel.shape)
        assert kind == "ValueError", (
            f"ядро {shape}: {kind}, ожидался ValueError / kernel {shape}: {kind}, expected ValueError"
        )
