"""ru: Открытые тесты D3: маленькие картинки, которые можно пересчитать на бумаге.
en: Public tests of D3: small images that can be computed on paper.
"""

from __future__ import annotations

import torch

from autograder.testing import assert_close

SPOT = [[0, 0, 0], [0, 1, 0], [0, 0, 0]]
ONES = [[1, 1, 1], [1, 1, 1], [1, 1, 1]]
NINE = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]

LAYOUTS = {
    "contiguous": "подряд в памяти / contiguous",
    "permuted": "оси переставлены в памяти / axes permuted in memory",
    "strided": "через одно в памяти / every other one in memory",
}


def _colours(*channels: list[list[float]]) -> torch.Tensor:
    """(C, H, W)."""
    return torch.tensor(channels, dtype=torch.float32)


def _kernel(rows: list[list[float]]) -> torch.Tensor:
    """(p, q)."""
    return torch.tensor(rows, dtype=torch.float32)


def _check(actual: object, right: torch.Tensor, what: str) -> None:
    """С точностью до округления float32 / Up to rounding in float32."""
    assert_close(actual, right, rtol=1e-4, atol=1e-4, what=what, any_float=True)


def test_identity(student):
    """единица в середине ядра ничего не меняет / a one in the middle of the kernel changes nothing"""
    image = _colours(NINE, [[-1, 0, 7], [2, 300, -5], [0, 0, 1]])
    _check(
        student.apply_kernel(image, _kernel(SPOT)),
        image,
        "единица в середине / a one in the middle",
    )


def test_inside_and_border(student):
    """сумма девяти соседей, у края — с отражением / the sum of nine neighbours, mirrored at the border"""
    # ru: Отражённая картинка: строки и столбцы в порядке 2 1 2 3 2. В углу 1 сумма 5 4 5 2 1 2 5 4 5 = 33.
    # en: Mirrored: rows and columns in the order 2 1 2 3 2. At the corner 1: 5 4 5 2 1 2 5 4 5, the sum is 33.
    right = [[33, 36, 39], [42, 45, 48], [51, 54, 57]]
    _check(
        student.apply_kernel(_colours(NINE), _kernel(ONES)),
        _colours(right),
        "ядро из единиц / kernel of ones",
    )


def test_constant(student):
    """одинаковая картинка умножается на сумму весов / an even image is multiplied by the sum of weights"""
    image = torch.full((3, 3, 4), 2.0)
    edge = student.apply_kernel(image, _kernel([[0, 1, 0], [1, -4, 1], [0, 1, 0]]))
    _check(edge, torch.zeros(3, 3, 4), "ядро контуров / edge kernel")
    sharp = student.apply_kernel(image, _kernel([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]))
    _check(sharp, image, "ядро резкости / sharpening kernel")


def test_channels(student):
    """каналы не смешиваются / channels are not mixed"""
    image = _colours(SPOT, [[0] * 3] * 3, [[2] * 3] * 3, SPOT)
    right = _colours(ONES, [[0] * 3] * 3, [[18] * 3] * 3, ONES)
    _check(student.apply_kernel(image, _kernel(ONES), "replicate"), right, "четыре канала / four channels")
    _check(
        student.apply_kernel(image[:1].clone(), _kernel(ONES), "zeros"), right[:1], "один канал / one channel"
    )


def test_weights_and_neighbours(student):
    """ядро не переворачивается / the kernel is not flipped"""
    image = _colours([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
    left = student.apply_kernel(image, _kernel([[0, 0, 0], [1, 0, 0], [0, 0, 0]]), "zeros")
    _check(
        left,
        _colours([[0, 1, 2], [0, 4, 5], [0, 7, 8]]),
        "сосед слева / the left neighbour",
    )
    above = student.apply_kernel(image, _kernel([[0, 1, 0], [0, 0, 0], [0, 0, 0]]), "zeros")
    _check(
        above,
        _colours([[0, 0, 0], [1, 2, 3], [4, 5, 6]]),
        "сосед сверху / the neighbour above",
    )


def test_modes(student):
    """три режима края и режим по умолчанию / three modes of the border, and the one taken by default"""
    row, kernel = _colours([[1, 2, 4]]), _kernel([[1, 1, 1]])
    for mode, right in (("zeros", [[3, 7, 6]]), ("replicate", [[4, 7, 10]]), ("reflect", [[5, 7, 8]])):
        _check(student.apply_kernel(row, kernel, mode), _colours(right), f"1 2 4, {mode}")
    _check(student.apply_kernel(row, kernel), _colours([[5, 7, 8]]), "mode не задан / no mode is given")


def test_sizes(student):
    """ядро и картинка не квадратные, ядро 5x5 / kernel and image are not square, a kernel of 5x5"""
    image = _colours([[1, 2, 3, 4], [5, 6, 7, 8]])
    wide = student.apply_kernel(image, _kernel([[1, 1, 1, 1, 1]]), "zeros")
    _check(wide, _colours([[6, 10, 10, 9], [18, 26, 26, 21]]), "ядро 1x5 / kernel 1x5")
    tall = student.apply_kernel(image, _kernel([[1], [1], [1]]), "zeros")
    _check(tall, _colours([[6, 8, 10, 12], [6, 8, 10, 12]]), "ядро 3x1 / kernel 3x1")
    _check(
        student.apply_kernel(_colours(NINE), torch.ones(5, 5), "zeros"),
        _colours([[45] * 3] * 3),
        "ядро 5x5 / kernel 5x5",
    )


def test_gradient(student):
    """через функцию проходит градиент / gradients flow through the function"""
    asked = {"requires_grad": (0, 1), "upstream": _colours([[1, 10, 100]]), "want": ("out", "grads")}
    grads = student.apply_kernel.options(**asked)(_colours([[1, 2, 4]]), _kernel([[0, 3, 5]]), "zeros").grads
    # ru: Ответ: 3·x0 + 5·x1, 3·x1 + 5·x2, 3·x2.
    # en: The answer: 3·x0 + 5·x1, 3·x1 + 5·x2, 3·x2.
    _check(grads[0], _colours([[3, 35, 350]]), "градиент по картинке / gradient of the image")
    _check(grads[1], _kernel([[210, 421, 42]]), "градиент по ядру / gradient of the kernel")


def test_inputs_as_they_lie(student):
    """картинка и ядро не меняются, в памяти как угодно / inputs stay as they are, contiguous or not"""
    image, kernel = torch.arange(1.0, 19).reshape(2, 3, 3), 2 * _kernel(SPOT)
    for layout, where in LAYOUTS.items():
        result = student.apply_kernel.options(layout=layout, want=("out", "inputs_after"))(image, kernel)
        _check(result.out, 2 * image, where)
        for after, before in zip(result.inputs_after, (image, kernel), strict=True):
            assert_close(after, before, rtol=0, atol=0, what="после вызова / after the call")
    for mode in ("zeros", "replicate"):
        found = student.apply_kernel.options(want=("inputs_after",))(image, kernel, mode=mode).inputs_after
        for after, before in zip(found, (image, kernel), strict=True):
            what = f"после вызова с mode={mode} / after a call with mode={mode}"
            assert_close(after, before, rtol=0, atol=0, what=what)


def test_refused(student):
    """ядро без середины, незнакомый режим: ValueError / no middle of the kernel, or no such mode: ValueError"""
    image = _colours(NINE)
    _check(student.apply_kernel(image, _kernel([[2]])), 2 * image, "ядро 1x1 / kernel 1x1")
    for shape, mode in (((2, 2), "zeros"), ((3, 2), "reflect"), ((2, 3), "reflect"), ((3, 3), "mirror")):
        kind = "исключения нет / no exception"
        try:
            student.apply_kernel(image, torch.ones(shape), mode)
        except Exception as error:
            kind = getattr(error, "kind", type(error).__name__)
        what = f"{shape}, {mode}"
        assert kind == "ValueError", (
            f"{what}: {kind}, ожидался ValueError / {what}: {kind}, expected ValueError"
        )
