"""ru: Открытые тесты F3: градиенты, которые можно посчитать на бумаге.
en: Public tests of F3: gradients that can be worked out on paper.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from autograder.testing import as_tensor, assert_close

GX, GW, GB = 0, 1, 2
NAMES = ("gx", "gw", "gb")
ONES = [[1.0, 1], [1, 1]]
# ru: По цифрам ответа видно, какая клетка ядра (или какое число g) куда попала.
# en: The digits of an answer say which cell of the kernel (or which number of g) went where.
DIGITS = [[1.0, 10], [100, 1000]]
GRID = [[11.0, 12, 13], [21, 22, 23], [31, 32, 33]]

LAYOUTS = {"contiguous": "подряд в памяти / contiguous", "permuted": "не подряд в памяти / not contiguous"}


def _grid(rows: list[list[float]]) -> Tensor:
    """(H, W) -> (1, 1, H, W)."""
    return torch.tensor(rows, dtype=torch.float32)[None, None]


def _gradient(answer: object, part: int) -> object:
    """Один из трёх градиентов / One of the three gradients."""
    kind = type(answer).__name__
    assert isinstance(answer, tuple | list), (
        f"получен {kind}, ожидались три градиента / got a {kind}, expected three gradients"
    )
    count = len(answer)
    assert count == 3, f"градиентов {count}, ожидалось 3 / {count} gradients, expected 3"
    return answer[part]


def _same(actual: object, right: Tensor, what: str) -> None:
    """С точностью до округления float32 / Up to rounding in float32."""
    assert_close(actual, right, rtol=1e-4, atol=1e-4, what=what, any_float=True)


def _check(student, part: int, arguments: tuple[Tensor, Tensor, Tensor], right: Tensor, what: str, **setting):
    answer = student.conv2d_backward(*arguments, **setting)
    _same(_gradient(answer, part), right, f"{NAMES[part]}, {what}")


def test_gx_of_one_window(student):
    """gx: одно окно отдаёт ядро, умноженное на g / gx: one window gives its kernel, times g"""
    given = _grid([[5]]), _grid([[1, 2], [3, 4]]), _grid(DIGITS)
    _check(
        student, GX, given, _grid([[5, 50], [500, 5000]]), "картинка 2x2, ядро 2x2 / image 2x2, kernel 2x2"
    )


def test_gx_of_overlapping_windows(student):
    """gx: что встречается в одном пикселе, складывается / gx: what meets in one pixel is added up"""
    right = _grid([[1, 11, 10], [101, 1111, 1010], [100, 1100, 1000]])
    _check(student, GX, (_grid(DIGITS), _grid(GRID), _grid(ONES)), right, "ядро из единиц / a kernel of ones")
    right = _grid([[40, 450, 500]])
    given = _grid([[4, 5]]), _grid([[1, 2, 3]]), _grid([[10, 100]])
    _check(student, GX, given, right, "ядро 10 100 / kernel 10 100")


def test_gx_of_channels(student):
    """gx: фильтры складываются, каналы и картинки нет / gx: filters are added up, channels and images are not"""
    w = torch.tensor([[1.0, 2], [10, 20], [100, 200]])[:, :, None, None]
    g = torch.tensor([[1.0, 2, 3], [4, 5, 6]])[:, :, None, None]
    right = torch.tensor([[321.0, 642], [654, 1308]])[:, :, None, None]
    what = "три фильтра, два канала, две картинки / three filters, two channels, two images"
    _check(student, GX, (g, torch.ones(2, 2, 1, 1), w), right, what)


def test_gx_with_stride(student):
    """gx: с шагом 2 окна стоят через два пикселя / gx: with stride 2 windows stand two pixels apart"""
    right = _grid([[1, 0, 10], [0, 0, 0], [100, 0, 1000]])
    given = _grid(DIGITS), _grid(GRID), _grid([[1]])
    _check(student, GX, given, right, "ядро 1x1, шаг 2 / kernel 1x1, stride 2", stride=2)


def test_gx_where_no_window_reached(student):
    """gx: куда окна не достали, там нули / gx: zeros where no window reached"""
    right = _grid([[1, 1, 0], [1, 1, 0], [0, 0, 0]])
    given = _grid([[1]]), _grid(GRID), _grid(ONES)
    _check(student, GX, given, right, "картинка 3x3, шаг 2 / image 3x3, stride 2", stride=2)


def test_gx_without_the_frame(student):
    """gx: рамка отрезана, картинка на своём месте / gx: the frame is cut off, the image in its place"""
    given = _grid([[1, 2, 3], [4, 5, 6], [7, 8, 9]]), _grid([[7]]), _grid([[10]])
    _check(student, GX, given, _grid([[50]]), "ядро 1x1, дополнение 1 / kernel 1x1, padding 1", padding=1)
    given = _grid([[1, 2], [3, 4]]), _grid([[7]]), _grid(DIGITS)
    _check(student, GX, given, _grid([[1234]]), "ядро 2x2, дополнение 1 / kernel 2x2, padding 1", padding=1)


def test_gw_of_one_window(student):
    """gw: одно окно отдаёт пиксели, умноженные на g / gw: one window gives its pixels, times g"""
    given = _grid([[5]]), _grid([[1, 2], [3, 4]]), _grid(DIGITS)
    _check(student, GW, given, _grid([[5, 10], [15, 20]]), "картинка 2x2, ядро 2x2 / image 2x2, kernel 2x2")


def test_gw_of_all_places(student):
    """gw: складываются все места и все картинки / gw: all places and all images are added up"""
    given = _grid(DIGITS), _grid([[1, 2], [3, 4]]), _grid([[7]])
    _check(student, GW, given, _grid([[4321]]), "ядро 1x1 / kernel 1x1")
    g, x = torch.tensor([1.0, 10]).reshape(2, 1, 1, 1), torch.tensor([5.0, 6]).reshape(2, 1, 1, 1)
    _check(student, GW, (g, x, _grid([[7]])), _grid([[65]]), "две картинки / two images")


def test_gw_of_channels(student):
    """gw: число для каждого фильтра и канала / gw: a number for each filter and channel"""
    g, x = torch.tensor([1.0, 10, 100])[None, :, None, None], torch.tensor([2.0, 3])[None, :, None, None]
    right = torch.tensor([[2.0, 3], [20, 30], [200, 300]])[:, :, None, None]
    what = "три фильтра, два канала / three filters, two channels"
    _check(student, GW, (g, x, torch.ones(3, 2, 1, 1)), right, what)


def test_gw_with_stride(student):
    """gw: с шагом 2 g встречается с пикселями через два / gw: with stride 2 g meets pixels two apart"""
    given = _grid([[1, 100]]), _grid([[1, 2, 3, 4]]), _grid([[7, 7]])
    _check(student, GW, given, _grid([[301, 402]]), "картинка 1x4, шаг 2 / image 1x4, stride 2", stride=2)


def test_gw_with_padding(student):
    """gw: рамка нулей с каждой стороны / gw: a frame of zeros on each side"""
    given = _grid([[1, 2], [3, 4]]), _grid([[7]]), _grid(DIGITS)
    right = _grid([[28, 21], [14, 7]])
    _check(student, GW, given, right, "ядро 2x2, дополнение 1 / kernel 2x2, padding 1", padding=1)


def test_gb(student):
    """gb: сумма по картинкам и местам / gb: the sum over images and places"""
    g = torch.tensor([[[1.0, 2], [10, 20]], [[3, 4], [30, 40]]])[:, :, None, :]
    given = g, torch.ones(2, 1, 1, 2), torch.ones(2, 1, 1, 1)
    _check(
        student, GB, given, torch.tensor([10.0, 100]), "две картинки, два фильтра / two images, two filters"
    )


def test_three_equal_sums(student):
    """суммы g·conv2d(x, w), gx·x и gw·w равны / the sums of g·conv2d(x, w), gx·x and gw·w are equal"""
    numbers = torch.arange(1.0, 300).sin()
    x, w = numbers[:150].reshape(2, 3, 5, 5), numbers[150:204].reshape(2, 3, 3, 3)
    g = numbers[204:240].reshape(2, 2, 3, 3)
    answer = student.conv2d_backward(g, x, w, stride=2, padding=1)
    right = float((g * F.conv2d(x, w, stride=2, padding=1)).sum())
    for name, part, other in (("gx·x", GX, x), ("gw·w", GW, w)):
        tensor = as_tensor(_gradient(answer, part), name)
        shape = tuple(tensor.shape)
        assert shape == tuple(other.shape), f"{name}: форма {shape} / {name}: the shape is {shape}"
        total = float((tensor.double() * other).sum())
        assert abs(total - right) < 1e-3, (
            f"сумма {name}: {total:.4f}, ожидалось {right:.4f} / sum of {name}: {total:.4f}, expected {right:.4f}"
        )


def test_maximum(student):
    """максимум: весь градиент одному числу / maximum: the whole gradient to one number"""
    x = _grid([[1, 5, 2, 2.5], [3, 4, -1, -2]])
    found = student.pool2d_backward(_grid([[10, 20]]), x, 2, stride=2, mode="max")
    _same(found, _grid([[0, 10, 0, 20], [0, 0, 0, 0]]), "картинка 2x4, окно 2x2 / image 2x4, window 2x2")


def test_mean(student):
    """среднее: градиент поровну / mean: the gradient in equal parts"""
    x = _grid([[1, 5, 2, 2.5], [3, 4, -1, -2]])
    found = student.pool2d_backward(_grid([[4, 8]]), x, 2, stride=2, mode="mean")
    _same(found, _grid([[1, 1, 2, 2], [1, 1, 2, 2]]), "картинка 2x4, окно 2x2 / image 2x4, window 2x2")


def test_pooling_that_overlaps(student):
    """пулинг: окна перекрываются, градиенты складываются / pooling: windows overlap, gradients are added up"""
    x, g = _grid([[1, 5, 2], [0, 3, 4], [1, 1, 1]]), _grid(DIGITS)
    found = student.pool2d_backward(g, x, 2, stride=1, mode="max")
    _same(found, _grid([[0, 11, 0], [0, 100, 1000], [0, 0, 0]]), "максимум / maximum")
    found = student.pool2d_backward(4 * g, x, 2, stride=1, mode="mean")
    _same(found, _grid([[1, 11, 10], [101, 1111, 1010], [100, 1100, 1000]]), "среднее / mean")
    found = student.pool2d_backward(_grid([[1, 10]]), _grid([[1, 2, 3]]), 1, stride=2, mode="max")
    _same(found, _grid([[1, 0, 10]]), "окно 1x1, шаг 2 / window 1x1, stride 2")


def test_equal_maxima(student):
    """максимум: из равных градиент получает первое / maximum: of equal numbers the first one gets the gradient"""
    x = _grid([[0, 0, 1, 7], [0, 0, 7, 7]])
    found = student.pool2d_backward(_grid([[10, 20]]), x, 2, stride=2, mode="max")
    _same(found, _grid([[10, 0, 0, 20], [0, 0, 0, 0]]), "окна из 0 и из 1 и 7 / windows of 0, of 1 and 7")


def test_pooling_with_padding(student):
    """пулинг: рамка — не пиксели / pooling: the frame is no pixels"""
    x, g = _grid([[-1, -2], [-3, -4]]), _grid([[1, 2], [3, 4]])
    for mode in ("max", "mean"):
        found = student.pool2d_backward(g, x, 2, stride=2, padding=1, mode=mode)
        _same(found, g, f"в каждом окне один пиксель, {mode} / one pixel in each window, {mode}")


def test_pooling_without_stride(student):
    """пулинг: без шага и без mode / pooling: neither stride nor mode"""
    x = _grid([[1, 5, 2, 2.5], [3, 4, -1, -2]])
    _same(
        student.pool2d_backward(_grid([[10, 20]]), x, 2),
        _grid([[0, 10, 0, 20], [0, 0, 0, 0]]),
        "окно 2x2 / window 2x2",
    )


def test_pooling_where_no_window_reached(student):
    """пулинг: куда окна не достали, там нули / pooling: zeros where no window reached"""
    for mode, right in (("max", [0, 2, 0]), ("mean", [1, 1, 0])):
        found = student.pool2d_backward(_grid([[2]]), _grid([[3, 4, 5]]), (1, 2), stride=(1, 2), mode=mode)
        _same(found, _grid([right]), f"картинка 1x3, {mode} / image 1x3, {mode}")


def test_pairs(student):
    """окно, шаг и дополнение парами: сначала по вертикали / pairs, the vertical number first"""
    given = _grid([[1, 10]]), _grid([[1, 2, 3, 4], [5, 6, 7, 8]]), _grid([[1]])
    right = _grid([[1, 0, 0, 10], [0, 0, 0, 0]])
    _check(student, GX, given, right, "шаг (2, 3) / stride (2, 3)", stride=(2, 3))
    _check(student, GW, given, _grid([[41]]), "шаг (2, 3) / stride (2, 3)", stride=(2, 3))
    given = _grid([[1, 2], [3, 4], [5, 6]]), _grid([[7, 8]]), _grid([[1]])
    _check(student, GX, given, _grid([[3, 4]]), "дополнение (1, 0) / padding (1, 0)", padding=(1, 0))
    _check(student, GW, given, _grid([[53]]), "дополнение (1, 0) / padding (1, 0)", padding=(1, 0))
    x = _grid([[1, 2, 3, 4], [5, 6, 7, 8]])
    found = student.pool2d_backward(_grid([[1, 10, 100]]), x, (2, 2), stride=(2, 1), mode="max")
    _same(found, _grid([[0, 0, 0, 0], [0, 1, 10, 100]]), "пулинг, шаг (2, 1) / pooling, stride (2, 1)")
    found = student.pool2d_backward(_grid([[1, 10]]), x, (1, 3), stride=(2, 1), mode="max")
    _same(found, _grid([[0, 0, 1, 10], [0, 0, 0, 0]]), "пулинг, окно (1, 3) / pooling, window (1, 3)")


def test_number_type(student):
    """float32 остаётся float32, float64 — float64 / float32 stays float32, float64 stays float64"""
    for dtype, close in ((torch.float32, 1e-6), (torch.float64, 1e-12)):
        # ru: Во float32 нет числа 0,1, ближайшее — 0,10000000149: так виден обход через float32.
        # en: float32 has no 0.1, the nearest is 0.10000000149: that shows a detour through float32.
        g, x, w = (torch.tensor([[[[number]]]], dtype=dtype) for number in (0.1, 0.3, 0.7))
        answer = student.conv2d_backward(g, x, w)
        for part, right in ((GX, g * w), (GW, g * x), (GB, g.flatten())):
            name = f"{NAMES[part]}, {dtype}"
            assert_close(_gradient(answer, part), right, rtol=0, atol=close, what=name)
        assert_close(
            student.pool2d_backward(g, x, 1, mode="max"), g, rtol=0, atol=0, what=f"pool2d_backward, {dtype}"
        )


def test_arguments_as_they_lie(student):
    """аргументы не меняются и могут лежать в памяти не подряд / arguments stay as they are, contiguous or not"""
    g, x = torch.arange(1.0, 17).reshape(2, 2, 2, 2), torch.arange(2.0, 18).reshape(2, 2, 2, 2)
    w = torch.eye(2)[:, :, None, None]
    for layout, where in LAYOUTS.items():
        options = {"layout": layout, "want": ("out", "inputs_after")}
        result = student.conv2d_backward.options(**options)(g, x, w)
        right = g, torch.einsum("nohw,nchw->oc", g, x)[:, :, None, None], g.sum(dim=(0, 2, 3))
        for part, expected in enumerate(right):
            _same(_gradient(result.out, part), expected, f"{NAMES[part]}, {where}")
        results = [(result, (g, x, w))]
        for mode in ("max", "mean"):
            pooled = student.pool2d_backward.options(**options)(g[..., :1, :1], x, 2, mode=mode)
            results.append((pooled, (g[..., :1, :1], x)))
        for found, before in results:
            for after, tensor in zip(found.inputs_after, before, strict=False):
                what = "аргумент после вызова / an argument after the call"
                assert_close(after, tensor, rtol=0, atol=0, what=what)
