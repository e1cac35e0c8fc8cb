"""ru: Открытые тесты F2: картинки, которые можно разложить в столбцы на бумаге.
en: Public tests of F2: images that can be written as columns on paper.
"""

from __future__ import annotations

import torch

from autograder.testing import as_tensor, assert_close

# ru: Каждое число называет своё место: 23 стоит в строке 2 и столбце 3.
# en: Each number says where it stands: 23 is in row 2, column 3.
GRID = [[11, 12, 13], [21, 22, 23], [31, 32, 33]]

LAYOUTS = {"contiguous": "подряд в памяти / contiguous", "permuted": "не подряд в памяти / not contiguous"}


def _single(rows: list[list[float]]) -> torch.Tensor:
    """(H, W) -> (1, 1, H, W)."""
    return torch.tensor(rows, dtype=torch.float32)[None, None]


def _matrix(rows: list[list[float]]) -> torch.Tensor:
    """(R, L) -> (1, R, L)."""
    return torch.tensor(rows, dtype=torch.float32)[None]


def _compare(actual: object, right: torch.Tensor, what: str) -> None:
    """С точностью до округления float32 / Up to rounding in float32."""
    assert_close(actual, right, rtol=1e-4, atol=1e-4, what=what, any_float=True)


def test_one_window(student):
    """одно окно: его строки друг за другом / one window: its rows one after the other"""
    actual = student.im2col(_single([[1, 2], [3, 4]]), 2)
    _compare(
        actual, _matrix([[1], [2], [3], [4]]), "строки 1 2 и 3 4, окно 2x2 / rows 1 2 and 3 4, window 2x2"
    )


def test_order_of_windows(student):
    """окна в порядке чтения / windows in the order of reading"""
    right = [[11, 12, 21, 22], [12, 13, 22, 23], [21, 22, 31, 32], [22, 23, 32, 33]]
    _compare(
        student.im2col(_single(GRID), 2), _matrix(right), "картинка 3x3, окно 2x2 / image 3x3, window 2x2"
    )
    _compare(
        student.im2col(_single(GRID), 1), _matrix([[*GRID[0], *GRID[1], *GRID[2]]]), "окно 1x1 / window 1x1"
    )


def test_images_and_channels(student):
    """два канала: сначала все клетки первого / two channels: all cells of the first one come first"""
    x = torch.arange(1.0, 17).reshape(2, 2, 2, 2)
    _compare(student.im2col(x, 2), x.reshape(2, 8, 1), "окно 2x2 / window 2x2")
    _compare(student.im2col(x, 1), x.reshape(2, 2, 4), "окно 1x1, два канала / window 1x1, two channels")


def test_stride(student):
    """шаг 2, размер нечётный и чётный / stride 2, odd and even size"""
    _compare(
        student.im2col(_single(GRID), 1, stride=2), _matrix([[11, 13, 31, 33]]), "картинка 3x3 / image 3x3"
    )
    even = [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12], [13, 14, 15, 16]]
    _compare(student.im2col(_single(even), 1, stride=2), _matrix([[1, 3, 9, 11]]), "картинка 4x4 / image 4x4")


def test_padding(student):
    """дополнение 1: рамка из нулей / padding 1: a frame of zeros"""
    actual = student.im2col(_single([[7]]), 1, padding=1)
    _compare(actual, _matrix([[0, 0, 0, 0, 7, 0, 0, 0, 0]]), "окно 1x1, дополнение 1 / window 1x1, padding 1")
    actual = student.im2col(_single([[7]]), 2, padding=1)
    right = [[0, 0, 0, 7], [0, 0, 7, 0], [0, 7, 0, 0], [7, 0, 0, 0]]
    _compare(actual, _matrix(right), "окно 2x2, дополнение 1 / window 2x2, padding 1")


def test_back_side_by_side(student):
    """обратно: окна стоят рядом / back: windows stand side by side"""
    columns = [[1, 3, 5], [2, 4, 6], [10, 30, 50], [20, 40, 60]]
    actual = student.col2im(_matrix(columns), (2, 6), 2, stride=2)
    _compare(actual, _single([[1, 2, 3, 4, 5, 6], [10, 20, 30, 40, 50, 60]]), "картинка 2x6 / image 2x6")
    columns = [[1, 3, 5, 7], [2, 4, 6, 8], [10, 30, 50, 70], [20, 40, 60, 80]]
    right = [[1, 2, 3, 4], [10, 20, 30, 40], [5, 6, 7, 8], [50, 60, 70, 80]]
    _compare(
        student.col2im(_matrix(columns), (4, 4), 2, stride=2), _single(right), "картинка 4x4 / image 4x4"
    )
    x = torch.arange(1.0, 17).reshape(2, 2, 2, 2)
    _compare(student.col2im(x.reshape(2, 8, 1), (2, 2), 2), x, "два канала / two channels")


def test_overlaps_are_added(student):
    """обратно: что встречается в одном пикселе, складывается / back: what meets in one pixel is added up"""
    actual = student.col2im(_matrix([[1, 10]] * 4), (2, 3), 2)
    _compare(actual, _single([[1, 11, 10], [1, 11, 10]]), "картинка 2x3, окно 2x2 / image 2x3, window 2x2")
    actual = student.col2im(_matrix([[1, 10, 100, 1000]] * 4), (3, 3), 2)
    right = [[1, 11, 10], [101, 1111, 1010], [100, 1100, 1000]]
    _compare(actual, _single(right), "картинка 3x3, окно 2x2 / image 3x3, window 2x2")


def test_two_equal_sums(student):
    """сумма im2col(x)·c равна сумме x·col2im(c) / the sum of im2col(x)·c equals the sum of x·col2im(c)"""
    x, columns = _single([[1, 2, 3], [4, 5, 6], [7, 8, 9]]), torch.arange(16.0).reshape(1, 4, 4)
    found = student.im2col(x, 2), student.col2im(columns, (3, 3), 2)
    # ru: 1·0 + 2·1 + 4·2 + 5·3 + 2·4 + ... = 740.
    # en: 1·0 + 2·1 + 4·2 + 5·3 + 2·4 + ... = 740.
    for name, output, other in zip(("im2col(x)·c", "x·col2im(c)"), found, (columns, x), strict=True):
        tensor = as_tensor(output)
        shape = tuple(tensor.shape)
        assert shape == tuple(other.shape), f"{name}: форма {shape} / {name}: the shape is {shape}"
        total = float((tensor.double() * other).sum())
        assert abs(total - 740) < 0.01, (
            f"сумма {name}: {total}, ожидалось 740 / sum of {name}: {total}, expected 740"
        )


def test_back_without_frame(student):
    """обратно: что упало на рамку, пропадает / back: what falls on the frame is dropped"""
    actual = student.col2im(_matrix([[1, 2, 3, 4, 5, 6, 7, 8, 9]]), (1, 1), 1, padding=1)
    _compare(actual, _single([[5]]), "окно 1x1, дополнение 1 / window 1x1, padding 1")


def test_back_to_a_larger_image(student):
    """обратно: куда окно не достало, там нули / back: zeros where no window reached"""
    actual = student.col2im(_matrix([[1], [2], [3], [4]]), (3, 3), 2, stride=2)
    _compare(actual, _single([[1, 2, 0], [3, 4, 0], [0, 0, 0]]), "картинка 3x3, шаг 2 / image 3x3, stride 2")


def test_pairs(student):
    """окно, шаг и дополнение парами: сначала по вертикали / pairs, the vertical number first"""
    rows = [[1, 2, 3, 4], [5, 6, 7, 8]]
    _compare(
        student.im2col(_single(rows), (1, 3)), _matrix([[1, 2, 5, 6], [2, 3, 6, 7], [3, 4, 7, 8]]), "(1, 3)"
    )
    _compare(student.im2col(_single(rows), 1, stride=(2, 3)), _matrix([[1, 4]]), "шаг (2, 3) / stride (2, 3)")
    padded = student.im2col(_single([[1, 2]]), 1, padding=(1, 0))
    _compare(padded, _matrix([[0, 0, 1, 2, 0, 0]]), "дополнение (1, 0) / padding (1, 0)")
    back = student.col2im(_matrix([[1, 10]] * 3), (1, 4), (1, 3))
    _compare(back, _single([[1, 11, 11, 10]]), "обратно, окно (1, 3) / back, window (1, 3)")
    back = student.col2im(_matrix([[1, 2]]), (2, 4), 1, stride=(2, 3))
    _compare(back, _single([[1, 0, 0, 2], [0, 0, 0, 0]]), "обратно, шаг (2, 3) / back, stride (2, 3)")


def test_gradient(student):
    """через обе функции проходит градиент / gradients flow through both functions"""
    asked = {"requires_grad": (0,), "want": ("out", "grads")}
    there = student.im2col.options(upstream=_matrix([[1, 10, 100, 1000]] * 4), **asked)(_single(GRID), 2)
    _compare(
        there.grads[0],
        _single([[1, 11, 10], [101, 1111, 1010], [100, 1100, 1000]]),
        "градиент im2col / gradient of im2col",
    )
    back = student.col2im.options(upstream=_single([[1, 2, 3]]), **asked)(
        _matrix([[5, 6], [7, 8]]), (1, 3), (1, 2)
    )
    _compare(back.grads[0], _matrix([[1, 2], [2, 3]]), "градиент col2im / gradient of col2im")


def test_number_type(student):
    """float32 остаётся float32, float64 — float64 / float32 stays float32, float64 stays float64"""
    for dtype in (torch.float32, torch.float64):
        x = torch.tensor([[[[0.1, 0.2]]]], dtype=dtype)
        assert_close(student.im2col(x, 1), x.flatten(2), rtol=0, atol=0, what=f"im2col, {dtype}")
        assert_close(student.col2im(x.flatten(2), (1, 2), 1), x, rtol=0, atol=0, what=f"col2im, {dtype}")


def test_input_as_it_lies(student):
    """вход не меняется и может лежать в памяти не подряд / the input stays as it is, contiguous or not"""
    x = torch.arange(1.0, 17).reshape(2, 2, 2, 2)
    for layout, where in LAYOUTS.items():
        asked = {"layout": layout, "want": ("out", "inputs_after")}
        calls = (
            (student.im2col.options(**asked)(x, 2), x.reshape(2, 8, 1), x),
            (student.col2im.options(**asked)(x.flatten(2), (2, 2), 1), x, x.flatten(2)),
        )
        for result, right, before in calls:
            _compare(result.out, right, where)
            what = "вход после вызова / the input after the call"
            assert_close(result.inputs_after[0], before, rtol=0, atol=0, what=what)
