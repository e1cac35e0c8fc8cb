"""ru: Открытые тесты G2: картинки, которые можно проверить на бумаге.
en: Public tests of G2: pictures to check by hand.
"""

from __future__ import annotations

import torch

from autograder.testing import assert_close

LAYOUTS = {"contiguous": "подряд в памяти / contiguous", "permuted": "не подряд в памяти / not contiguous"}


def _picture(rows: list[list[float]], dtype: torch.dtype = torch.float32) -> torch.Tensor:
    return torch.tensor(rows, dtype=dtype)[None, None]


def _same(actual: object, rows: list[list[float]], what: str) -> None:
    assert_close(actual, _picture(rows), rtol=1e-4, atol=1e-4, what=what, any_float=True)


def test_minimum(student):
    """минимум в окнах 2x2 / minimum of 2x2 windows"""
    x = _picture([[1, -3, 2, 4], [5, 7, 6, 8]])
    _same(student.padded_pool2d(x, 2, mode="min"), [[-3, 2]], "минимум в окнах 2x2 / minimum of 2x2 windows")
    _same(
        student.padded_pool2d(x, (1, 2), stride=1, mode="min"),
        [[-3, -3, 2], [5, 6, 6]],
        "окно 1x2 / window 1x2",
    )


def test_frame_loses(student):
    """рамка не меняет ни максимум, ни минимум / the frame changes neither maximum nor minimum"""
    below = student.padded_pool2d(
        _picture([[-5000, -8000], [-7000, -6000]]), 2, stride=1, padding=1, mode="max"
    )
    rows = [[-5000, -5000, -8000], [-5000, -5000, -6000], [-7000, -6000, -6000]]
    _same(below, rows, "максимум отрицательных с рамкой / maximum of negative numbers with a frame")
    above = student.padded_pool2d(_picture([[5000, 8000], [7000, 6000]]), 2, stride=1, padding=1, mode="min")
    rows = [[5000, 5000, 8000], [5000, 5000, 6000], [7000, 6000, 6000]]
    _same(above, rows, "минимум положительных с рамкой / minimum of positive numbers with a frame")


def test_mean_counts_the_frame(student):
    """среднее считает нули рамки / a mean counts the zeros of the frame"""
    mean = student.padded_pool2d(_picture([[4, 8], [12, 16]]), 2, stride=1, padding=1, mode="mean")
    _same(mean, [[1, 3, 2], [4, 10, 6], [3, 7, 4]], "среднее с рамкой / mean with a frame")
    alone = student.padded_pool2d(_picture([[9]]), 3, stride=1, padding=1, mode="mean")
    _same(alone, [[1]], "один пиксель, окно 3x3 / one pixel, window 3x3")


def test_where_the_frame_is(student):
    """рамка шире на padding с каждой стороны / the frame is padding wide on each side"""
    x = _picture([[1, 2], [3, 4]])
    _same(student.padded_pool2d(x, 2, stride=1, padding=1), [[1, 2, 2], [3, 4, 4], [3, 4, 4]], "padding=1")
    _same(student.padded_pool2d(x, 2, stride=2, padding=1), [[1, 2], [3, 4]], "padding=1, stride=2")
    _same(student.padded_pool2d(x, 2, padding=1), [[1, 2], [3, 4]], "padding=1, stride=None")
    wide = student.padded_pool2d(_picture([[1, 2, 3]] * 3), 4, stride=1, padding=2)
    _same(wide, [[2, 3, 3, 3]] * 4, "окно 4, padding=2 / window 4, padding=2")


def test_padding_as_a_pair(student):
    """padding парой: сначала по вертикали / padding as a pair, the vertical number first"""
    x = _picture([[1, 2], [3, 4]])
    _same(student.padded_pool2d(x, (3, 2), stride=1, padding=(1, 0)), [[4], [4]], "padding=(1, 0)")
    _same(student.padded_pool2d(x, 2, stride=1, padding=(0, 1)), [[3, 4, 4]], "padding=(0, 1)")
    steps = student.padded_pool2d(_picture([[1, 2, 3], [4, 5, 6]]), (2, 3), stride=(1, 2), padding=1)
    _same(steps, [[2, 3], [5, 6], [5, 6]], "stride=(1, 2), padding=1")


def test_channels_apart(student):
    """каждый канал каждой картинки сам по себе / each channel of each image by itself"""
    x = torch.arange(8.0).reshape(2, 2, 1, 2)
    for mode, numbers in (("max", [1.0, 3, 5, 7]), ("min", [0.0, 2, 4, 6]), ("mean", [0.5, 2.5, 4.5, 6.5])):
        actual = student.padded_pool2d(x, (1, 2), mode=mode)
        expected = torch.tensor(numbers).reshape(2, 2, 1, 1)
        assert_close(actual, expected, rtol=1e-4, atol=1e-4, what=mode, any_float=True)


def test_number_types(student):
    """float32 остаётся float32, float64 — float64 / float32 stays float32, float64 stays float64"""
    for dtype, close in ((torch.float32, 1e-4), (torch.float64, 1e-10)):
        x = _picture([[0.1]], dtype)
        for mode in ("max", "min"):
            actual = student.padded_pool2d(x, 2, stride=1, padding=1, mode=mode)
            expected = x.expand(1, 1, 2, 2)
            assert_close(actual, expected, rtol=0, atol=close, what=f"{dtype}, {mode}")


def test_gradient_of_the_maximum(student):
    """градиент идёт в наибольшее число / the gradient goes to the largest number"""
    options = {"requires_grad": (0,), "upstream": _picture([[10]]), "want": ("out", "grads")}
    result = student.padded_pool2d.options(**options)(_picture([[1, 2], [4, 3]]), 2, mode="max")
    assert result.grads, "градиента нет / there is no gradient"
    _same(result.grads[0], [[0, 0], [10, 0]], "градиент по картинке / gradient of the image")


def test_image_stays(student):
    """картинка не меняется и может лежать в памяти не подряд / the image stays as it is, contiguous or not"""
    x = torch.arange(16.0).reshape(2, 2, 2, 2)
    expected = torch.tensor([[3.0, 7.0], [11.0, 15.0]])[:, :, None, None]
    for layout, where in LAYOUTS.items():
        call = student.padded_pool2d.options(layout=layout, want=("out", "inputs_after"))
        result = call(x, 2, stride=2, mode="max")
        assert_close(result.out, expected, rtol=1e-4, atol=1e-4, what=where, any_float=True)
        for mode in ("max", "min", "mean"):
            for frame in (0, 1):
                after = call(x, 2, stride=2, padding=frame, mode=mode).inputs_after[0]
                case = f"{mode}, padding={frame}"
                what = f"картинка после вызова, {case} / the image after the call, {case}"
                assert_close(after, x, rtol=0, atol=0, what=what)
