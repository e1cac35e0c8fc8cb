"""ru: Открытые тесты D1: картинка со слайда и числа, по которым видно, какой вес встретил какой пиксель.
en: Public tests of D1: the slide's picture, and numbers that tell which weight met which pixel.
"""

from __future__ import annotations

import torch

from autograder.testing import assert_close

LAYOUTS = {"contiguous": "подряд в памяти / contiguous", "permuted": "не подряд в памяти / not contiguous"}


def _grey(rows: list[list[float]]) -> torch.Tensor:
    """(H, W)."""
    return torch.tensor(rows, dtype=torch.float32)


def _check(actual: object, rows: list[list[float]], what: str) -> None:
    """С точностью до округления float32 / Up to rounding in float32."""
    assert_close(actual, _grey(rows), rtol=1e-4, atol=1e-4, what=what, any_float=True)


def test_lecture(student):
    """две картинки со слайда / the slide's two pictures"""
    kernel = [[1, 0], [0, 1]]
    low = [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]
    _check(student.conv2d_gray(_grey(low), _grey(kernel)), [[0, 0, 0], [0, 1, 0], [0, 0, 2]], "внизу / below")
    high = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]
    _check(
        student.conv2d_gray(_grey(high), _grey(kernel)), [[2, 0, 0], [0, 1, 0], [0, 0, 0]], "вверху / above"
    )


def test_weights_and_pixels(student):
    """ядро перевёрнуто по обеим осям / the kernel is turned round along both axes"""
    # ru: 5·1 + 4·10 + 2·100 + 1·1000 = 1245: первый вес встречает последний пиксель окна.
    # en: 5·1 + 4·10 + 2·100 + 1·1000 = 1245: the first weight meets the last pixel of the window.
    actual = student.conv2d_gray(_grey([[1, 2], [4, 5]]), _grey([[1, 10], [100, 1000]]))
    _check(actual, [[1245]], "ядро [[1, 10], [100, 1000]] / kernel [[1, 10], [100, 1000]]")
    spot = [[0, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]]
    nine = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    _check(student.conv2d_gray(_grey(spot), _grey(nine)), nine, "одна светлая точка / a single bright spot")


def test_sums(student):
    """суммы, отрицательные тоже, до последней строки / sums, negative ones too, up to the last row"""
    nine = _grey([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
    _check(
        student.conv2d_gray(nine, _grey([[1, 1], [1, 1]])),
        [[12, 16], [24, 28]],
        "ядро из единиц / kernel of ones",
    )
    _check(
        student.conv2d_gray(nine, _grey([[-1]])),
        [[-1, -2, -3], [-4, -5, -6], [-7, -8, -9]],
        "ядро -1 / kernel -1",
    )


def test_not_square(student):
    """картинка и ядро не квадратные / neither image nor kernel is square"""
    wide = student.conv2d_gray(_grey([[1, 2, 3, 4, 5], [1, 2, 3, 4, 5]]), _grey([[1, 1, 1]]))
    _check(wide, [[6, 9, 12], [6, 9, 12]], "картинка 2x5, ядро 1x3 / image 2x5, kernel 1x3")
    tall = student.conv2d_gray(_grey([[1, 1], [2, 2], [3, 3], [4, 4]]), _grey([[1], [1], [1]]))
    _check(tall, [[6, 6], [9, 9]], "картинка 4x2, ядро 3x1 / image 4x2, kernel 3x1")


def test_gradient(student):
    """через функцию проходит градиент / gradients flow through the function"""
    asked = {"requires_grad": (0, 1), "upstream": _grey([[1, 10]]), "want": ("out", "grads")}
    grads = student.conv2d_gray.options(**asked)(_grey([[1, 2, 3]]), _grey([[5, 7]])).grads
    # ru: out = [7·x0 + 5·x1, 7·x1 + 5·x2].
    # en: out = [7·x0 + 5·x1, 7·x1 + 5·x2].
    _check(grads[0], [[7, 75, 50]], "градиент по картинке / gradient of the image")
    _check(grads[1], [[32, 21]], "градиент по ядру / gradient of the kernel")


def test_number_type(student):
    """float32 остаётся float32, float64 — float64 / float32 stays float32, float64 stays float64"""
    for dtype, close in ((torch.float32, 1e-5), (torch.float64, 1e-12)):
        image, kernel = torch.tensor([[0.1]], dtype=dtype), torch.tensor([[3.0]], dtype=dtype)
        assert_close(student.conv2d_gray(image, kernel), image * 3, rtol=0, atol=close, what=f"{dtype}")


def test_inputs_as_they_lie(student):
    """картинка и ядро не меняются, в памяти как угодно / inputs stay as they are, contiguous or not"""
    image, kernel = _grey([[1, 2], [4, 5]]), _grey([[1, 10], [100, 1000]])
    for layout, where in LAYOUTS.items():
        call = student.conv2d_gray.options(layout=layout, want=("out", "inputs_after"))
        result = call(image, kernel)
        _check(result.out, [[1245]], where)
        for after, before in zip(result.inputs_after, (image, kernel), strict=True):
            assert_close(after, before, rtol=0, atol=0, what="после вызова / after the call")


def test_too_large(student):
    """ядро больше картинки: ValueError / a kernel larger than the image is a ValueError"""
    image = _grey([[1, 2], [3, 4]])
    _check(student.conv2d_gray(image, _grey([[0, 0], [0, 1]])), [[1]], "ядро 2x2 / kernel 2x2")
    for shape in ((3, 1), (1, 3), (4, 4)):
        kind = "исключения нет / no exception"
        try:
            student.conv2d_gray(image, torch.ones(shape))
        except Exception as error:
            kind = getattr(error, "kind", type(error).__name__)
        assert kind == "ValueError", (
            f"ядро {shape}: {kind}, ожидался ValueError / kernel {shape}: {kind}, expected ValueError"
        )
