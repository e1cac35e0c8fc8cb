"""Открытые тесты G1: картинки, которые можно проверить на бумаге / Public tests of G1: pictures to check by hand."""

from __future__ import annotations

import torch

from autograder.testing import assert_close

PICTURE = [[1, 3, 2, 4], [5, 7, 6, 8], [9, 2, 1, 0], [3, 4, 5, 6]]

LAYOUTS = {"contiguous": "подряд в памяти / contiguous", "permuted": "не подряд в памяти / not contiguous"}


def _image(rows: list[list[float]]) -> torch.Tensor:
    """(H, W) -> (1, 1, H, W)."""
    return torch.tensor(rows, dtype=torch.float32)[None, None]


def _check(actual: object, rows: list[list[float]], what: str) -> None:
    """Числа одной карты, с точностью до округления float32 / One map has these values, up to rounding in float32."""
    assert_close(actual, _image(rows), rtol=1e-4, atol=1e-4, what=what, any_float=True)


def test_max(student):
    """максимум в окнах 2x2 / maximum of 2x2 windows"""
    actual = student.pool2d(_image(PICTURE), 2, stride=2, mode="max")
    _check(actual, [[7, 8], [9, 6]], "максимум в окнах 2x2 / maximum of 2x2 windows")


def test_mean(student):
    """среднее в окнах 2x2 / mean of 2x2 windows"""
    actual = student.pool2d(_image(PICTURE), 2, stride=2, mode="mean")
    _check(actual, [[4, 5], [4.5, 3]], "среднее в окнах 2x2 / mean of 2x2 windows")


def test_defaults(student):
    """без stride шаг равен окну, без mode берётся максимум / the stride is the window's size, the mode is max"""
    _check(student.pool2d(_image(PICTURE), 2), [[7, 8], [9, 6]], "pool2d(x, 2)")
    _check(student.pool2d(_image(PICTURE), 4), [[9]], "pool2d(x, 4)")
    _check(student.pool2d(_image([[1, 2, 3, 4, 5, 6]] * 3), 3), [[3, 6]], "pool2d(x, 3)")


def test_overlaps_and_gaps(student):
    """окна перекрываются или стоят с промежутками / windows overlap or leave gaps"""
    every = student.pool2d(_image(PICTURE), 3, stride=1, mode="max")
    _check(every, [[9, 8], [9, 8]], "окна 3x3, шаг 1 / 3x3 windows, stride 1")
    mean = student.pool2d(_image(PICTURE), 2, stride=1, mode="mean")
    _check(mean, [[4, 4.5, 5], [5.75, 4, 3.75], [4.5, 3, 3]], "окна 2x2, шаг 1 / 2x2 windows, stride 1")
    corners = student.pool2d(_image(PICTURE), 1, stride=3, mode="max")
    _check(corners, [[1, 4], [3, 6]], "окна 1x1, шаг 3 / 1x1 windows, stride 3")


def test_ragged_border(student):
    """неполное окно у края отбрасывается / an incomplete window at the border is left out"""
    actual = student.pool2d(_image([[1, 2, 9], [3, 4, 9], [9, 9, 9]]), 2, stride=2, mode="max")
    _check(actual, [[4]], "картинка 3x3, окна 2x2 / image 3x3, windows 2x2")


def test_channels_one_by_one(student):
    """каждый канал каждой картинки сам по себе / each channel of each image by itself"""
    # ru: Две картинки по два канала: 0 1 / 2 3, затем 4 5 / 6 7, затем 8 9 / 10 11, затем 12 13 / 14 15.
    # en: Two images of two channels: 0 1 / 2 3, then 4 5 / 6 7, then 8 9 / 10 11, then 12 13 / 14 15.
    x = torch.arange(16.0).reshape(2, 2, 2, 2)
    largest = torch.tensor([[3.0, 7.0], [11.0, 15.0]])[:, :, None, None]
    for mode, expected in (("max", largest), ("mean", largest - 1.5)):
        what = f"по числу на канал, {mode} / one number for each channel, {mode}"
        actual = student.pool2d(x, 2, stride=2, mode=mode)
        assert_close(actual, expected, rtol=1e-4, atol=1e-4, what=what, any_float=True)


def test_negative(student):
    """все числа отрицательные / all numbers are negative"""
    actual = student.pool2d(_image([[-9, -8], [-6, -7]]), 2, stride=2, mode="max")
    _check(actual, [[-6]], "максимум отрицательных / maximum of negative numbers")


def test_pairs(student):
    """окно и шаг парами: сначала по вертикали / window and stride as pairs, the vertical number first"""
    x = _image([[1, 2, 3, 4], [5, 6, 7, 8]])
    windows = student.pool2d(x, (1, 2), stride=(1, 2), mode="max")
    _check(windows, [[2, 4], [6, 8]], "окно (1, 2) / window (1, 2)")
    means = student.pool2d(x, (1, 2), stride=(1, 2), mode="mean")
    _check(means, [[1.5, 3.5], [5.5, 7.5]], "среднее, окно (1, 2) / mean, window (1, 2)")
    steps = student.pool2d(x, 1, stride=(1, 3), mode="max")
    _check(steps, [[1, 4], [5, 8]], "шаг (1, 3) / stride (1, 3)")


def test_number_type(student):
    """float32 остаётся float32, float64 — float64 / float32 stays float32, float64 stays float64"""
    for dtype, close in ((torch.float32, 1e-4), (torch.float64, 1e-10)):
        x = torch.tensor([[[[0.1]]]], dtype=dtype)
        for mode in ("max", "mean"):
            assert_close(
                student.pool2d(x, 1, stride=1, mode=mode), x, rtol=0, atol=close, what=f"{dtype}, {mode}"
            )


def test_gradient(student):
    """градиент максимума идёт в наибольшее число / the gradient of a maximum goes to the largest number"""
    options = {"requires_grad": (0,), "upstream": _image([[10]]), "want": ("out", "grads")}
    result = student.pool2d.options(**options)(_image([[1, 2], [4, 3]]), 2, stride=2, mode="max")
    _check(result.grads[0], [[0, 0], [10, 0]], "градиент по картинке / gradient of the image")


def test_image_as_it_lies(student):
    """картинка не меняется и может лежать в памяти не подряд / the image stays as it is, contiguous or not"""
    x = torch.arange(16.0).reshape(2, 2, 2, 2)
    expected = torch.tensor([[3.0, 7.0], [11.0, 15.0]])[:, :, None, None]
    for layout, where in LAYOUTS.items():
        for mode, right in (("max", expected), ("mean", expected - 1.5)):
            pool = student.pool2d.options(layout=layout, want=("out", "inputs_after"))
            result = pool(x, 2, stride=2, mode=mode)
            what = f"{where}, {mode}"
            assert_close(result.out, right, rtol=1e-4, atol=1e-4, what=what, any_float=True)
            what = f"картинка после вызова, {mode} / the image after the call, {mode}"
            assert_close(result.inputs_after[0], x, rtol=0, atol=0, what=what)
