"""Hidden tests of F3, the backward pass by hand: each looks at one property and is blind to the others.

- The three gradients of a convolution are parts of one answer and are looked at one by one: a wrong one costs none of
  the others' points.
- How a kernel is turned is seen by `test_image_one_window` and `test_weight_one_window`, what meets in one pixel by
  `test_image_overlaps`, filters and channels where kernels have one cell. Other kernels are the same in all cells, or
  the answer is compared with the student's own for a case that must agree, asked for with a gradient twice as large:
  then what does not depend on `g` is wrong.
- `test_image_any` and `test_weight_any` take everything together.
- Pooling is looked at where windows stand side by side; windows that overlap are compared with the student's own answer
  for each window alone.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from autograder.testing import as_tensor, assert_close, randn

CLOSE = {"rtol": 1e-4, "atol": 1e-4, "any_float": True}
GX, GW, GB = 0, 1, 2
PARTS = ("gx", "gw", "gb")
POOLINGS = {
    "max": F.max_pool2d,
    "mean": lambda x, *setting: F.avg_pool2d(x, *setting, count_include_pad=False),
}


def _integer(rng, low: int, high: int) -> int:
    """A whole number from low to high, both included."""
    return int(rng.integers(low, high + 1))


def _normal(rng, *shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    return randn(rng, *shape, dtype=dtype)


def _even(rng, kernel: tuple[int, int]) -> Tensor:
    """One kernel with the same weight, far from zero, in each cell."""
    return torch.full((1, 1, *kernel), float(0.5 + rng.random()))


def _part(answer: object, number: int) -> object:
    """One of the three gradients."""
    assert isinstance(answer, tuple | list), f"got a {type(answer).__name__}, expected three gradients"
    assert len(answer) > number, f"got {len(answer)} gradients, expected three"
    return answer[number]


def _right(g: Tensor, x: Tensor, w: Tensor, stride=1, padding=0) -> tuple[Tensor, ...]:
    """What torch's own gradients are, computed in float64."""
    b = torch.zeros(len(w))
    leaves = [tensor.double().clone().requires_grad_() for tensor in (x, w, b)]
    answer = F.conv2d(*leaves, stride=stride, padding=padding)
    return tuple(part.to(x.dtype) for part in torch.autograd.grad(answer, leaves, g.double()))


def _right_pooling(g: Tensor, x: Tensor, mode: str, *setting) -> Tensor:
    leaf = x.double().clone().requires_grad_()
    return torch.autograd.grad(POOLINGS[mode](leaf, *setting), leaf, g.double())[0].to(x.dtype)


def _own(value: object, shape: tuple[int, ...], what: str) -> Tensor:
    """A finite floating tensor of this shape whose numbers differ."""
    tensor = as_tensor(value, what)
    assert tuple(tensor.shape) == shape, f"{what} has shape {tuple(tensor.shape)}, expected {shape}"
    assert tensor.is_floating_point(), f"{what} has dtype {tensor.dtype}"
    assert bool(torch.isfinite(tensor).all()), f"{what} holds NaN or infinity"
    assert float(tensor.detach().double().std()) > 1e-5, f"{what} is the same everywhere"
    return tensor.detach().float()


def _check_part(asked: list[tuple[object, Tensor]], number: int) -> None:
    """Answers and what was expected: compared once all have been given, for what is not asked tells nothing."""
    for answer, expected in asked:
        assert_close(_part(answer, number), expected, what=PARTS[number], **CLOSE)


def _settings(rng) -> list[tuple[Tensor, Tensor, Tensor, int, int]]:
    """(g, x, w, stride, padding) of any kind, but for pairs."""
    found = []
    # Sizes that strides do not divide: some pixels are left over.
    for kernel, stride, padding, sizes in (
        (3, 2, 1, (6, 8)),
        (2, 1, 0, (5, 6)),
        (3, 1, 2, (5, 6)),
        (2, 3, 1, (8, 11)),
    ):
        images, filters, channels = _integer(rng, 2, 3), _integer(rng, 2, 3), _integer(rng, 2, 3)
        size = sizes[_integer(rng, 0, 1)]
        places = (size + 2 * padding - kernel) // stride + 1
        x, w = _normal(rng, images, channels, size, size), _normal(rng, filters, channels, kernel, kernel)
        found.append((_normal(rng, images, filters, places, places), x, w, stride, padding))
    return found


def test_image_one_window(rng, student):
    asked = []
    for kernel in (2, 3, 4):
        x, w = (_normal(rng, 1, 1, kernel, kernel) for _ in range(2))
        g = _normal(rng, 1, 1, 1, 1)
        asked.append((student.conv2d_backward(g, x, w), g * w))
    _check_part(asked, GX)


def test_image_overlaps(rng, student):
    asked = []
    for kernel in (2, 3):
        places = _integer(rng, 3, 5)
        size = places + kernel - 1
        g, x, w = (
            _normal(rng, 1, 1, places, places),
            _normal(rng, 1, 1, size, size),
            _even(rng, (kernel, kernel)),
        )
        asked.append((student.conv2d_backward(g, x, w), _right(g, x, w)[GX]))
    _check_part(asked, GX)


def test_image_channels(rng, student):
    asked = []
    for filters, channels in ((3, 2), (2, 4)):
        images, size = _integer(rng, 2, 3), _integer(rng, 2, 3)
        x, w = _normal(rng, images, channels, size, size), _normal(rng, filters, channels, 1, 1)
        g = _normal(rng, images, filters, size, size)
        asked.append((student.conv2d_backward(g, x, w), _right(g, x, w)[GX]))
    _check_part(asked, GX)


def test_image_stride(rng, student):
    asked = []
    for kernel, stride in ((2, 2), (1, 2), (3, 3), (2, 3)):
        places = _integer(rng, 2, 4)
        size = kernel + stride * (places - 1)
        g, x, w = (
            _normal(rng, 1, 1, places, places),
            _normal(rng, 1, 1, size, size),
            _even(rng, (kernel, kernel)),
        )
        asked.append((student.conv2d_backward(g, x, w, stride=stride), _right(g, x, w, stride)[GX]))
    _check_part(asked, GX)


def test_image_tail(rng, student):
    asked = []
    for kernel, stride in ((2, 2), (1, 3), (3, 2)):
        places = _integer(rng, 2, 3)
        size = kernel + stride * (places - 1)
        g, w = _normal(rng, 1, 1, places, places), _even(rng, (kernel, kernel))
        x = _normal(rng, 1, 1, size + stride - 1, size + 1)
        exact = student.conv2d_backward(g, x[..., :size, :size].contiguous(), w, stride=stride)
        asked.append((x, size, exact, student.conv2d_backward(2 * g, x, w, stride=stride)))
    for x, size, exact, answer in asked:
        inside = _own(_part(exact, GX), (1, 1, size, size), "gx")
        expected = 2 * F.pad(inside, (0, x.shape[3] - size, 0, x.shape[2] - size))
        _check_part([(answer, expected)], GX)


def test_image_padding(rng, student):
    asked = []
    for padding in (1, 2):
        size = _integer(rng, 4, 6)
        places = size + 2 * padding - 2
        g, x, w = _normal(rng, 1, 1, places, places), _normal(rng, 1, 1, size, size), _normal(rng, 1, 1, 3, 3)
        whole = student.conv2d_backward(g, F.pad(x, (padding,) * 4), w)
        asked.append((padding, size, whole, student.conv2d_backward(2 * g, x, w, padding=padding)))
    for padding, size, whole, answer in asked:
        framed = _own(_part(whole, GX), (1, 1, size + 2 * padding, size + 2 * padding), "gx")
        inside = slice(padding, padding + size)
        _check_part([(answer, 2 * framed[..., inside, inside])], GX)


def test_image_any(rng, student):
    asked = [
        (
            student.conv2d_backward(g, x, w, stride=stride, padding=padding),
            _right(g, x, w, stride, padding)[GX],
        )
        for g, x, w, stride, padding in _settings(rng)
    ]
    _check_part(asked, GX)


def test_weight_one_window(rng, student):
    asked = []
    for kernel in (2, 3, 4):
        x, w = (_normal(rng, 1, 1, kernel, kernel) for _ in range(2))
        g = _normal(rng, 1, 1, 1, 1)
        asked.append((student.conv2d_backward(g, x, w), g * x))
    _check_part(asked, GW)


def test_weight_places(rng, student):
    asked = []
    for _ in range(2):
        size = _integer(rng, 3, 5)
        g, x = (_normal(rng, 1, 1, size, size) for _ in range(2))
        w = _normal(rng, 1, 1, 1, 1)
        asked.append((student.conv2d_backward(g, x, w), (g * x).sum().reshape(1, 1, 1, 1)))
    _check_part(asked, GW)


def test_weight_images(rng, student):
    asked = []
    for images in (2, 3):
        g, x, w = _normal(rng, images, 1, 3, 3), _normal(rng, images, 1, 4, 4), _normal(rng, 1, 1, 2, 2)
        alone = [
            student.conv2d_backward(g[n : n + 1].clone(), x[n : n + 1].clone(), w) for n in range(images)
        ]
        asked.append((alone, student.conv2d_backward(2 * g, x, w)))
    for alone, answer in asked:
        parts = [_own(_part(one, GW), (1, 1, 2, 2), "gw") for one in alone]
        _check_part([(answer, 2 * torch.stack(parts).sum(0))], GW)


def test_weight_channels(rng, student):
    asked = []
    for filters, channels in ((3, 2), (2, 4)):
        x, w = _normal(rng, 1, channels, 2, 2), _normal(rng, filters, channels, 1, 1)
        g = _normal(rng, 1, filters, 2, 2)
        asked.append((student.conv2d_backward(g, x, w), _right(g, x, w)[GW]))
    _check_part(asked, GW)


def test_weight_stride(rng, student):
    asked = []
    for kernel, stride in ((2, 2), (3, 2), (2, 3)):
        places = _integer(rng, 2, 3)
        size = kernel + stride * (places - 1)
        g, x, w = (
            _normal(rng, 1, 1, places, places),
            _normal(rng, 1, 1, size, size),
            _normal(rng, 1, 1, kernel, kernel),
        )
        apart = torch.zeros(1, 1, size - kernel + 1, size - kernel + 1)
        apart[..., ::stride, ::stride] = g
        every = student.conv2d_backward(apart, x, w)
        asked.append((kernel, every, student.conv2d_backward(2 * g, x, w, stride=stride)))
    for kernel, every, answer in asked:
        _check_part([(answer, 2 * _own(_part(every, GW), (1, 1, kernel, kernel), "gw"))], GW)


def test_weight_padding(rng, student):
    asked = []
    for padding in (1, 2):
        size = _integer(rng, 4, 6)
        places = size + 2 * padding - 2
        g, x, w = _normal(rng, 1, 1, places, places), _normal(rng, 1, 1, size, size), _normal(rng, 1, 1, 3, 3)
        whole = student.conv2d_backward(g, F.pad(x, (padding,) * 4), w)
        asked.append((whole, student.conv2d_backward(2 * g, x, w, padding=padding)))
    for whole, answer in asked:
        _check_part([(answer, 2 * _own(_part(whole, GW), (1, 1, 3, 3), "gw"))], GW)


def test_weight_any(rng, student):
    asked = [
        (
            student.conv2d_backward(g, x, w, stride=stride, padding=padding),
            _right(g, x, w, stride, padding)[GW],
        )
        for g, x, w, stride, padding in _settings(rng)
    ]
    _check_part(asked, GW)


def test_bias(rng, student):
    asked = []
    for images, filters in ((2, 3), (3, 2)):
        places = _integer(rng, 2, 4)
        x, w = _normal(rng, images, 2, places + 1, places + 1), _normal(rng, filters, 2, 2, 2)
        g = _normal(rng, images, filters, places, places)
        asked.append((student.conv2d_backward(g, x, w), g.sum(dim=(0, 2, 3))))
    _check_part(asked, GB)


def _check_tiles(rng, student, mode: str) -> None:
    asked = []
    for kernel in (2, 3):
        rows, columns = _integer(rng, 2, 3), 2
        x = _normal(rng, 2, 3, kernel * rows, kernel * columns)
        g = _normal(rng, 2, 3, rows, columns)
        answer = student.pool2d_backward(g, x, kernel, stride=kernel, mode=mode)
        asked.append((answer, _right_pooling(g, x, mode, kernel)))
    for answer, expected in asked:
        assert_close(answer, expected, what="gx", **CLOSE)


def test_pool_max(rng, student):
    _check_tiles(rng, student, "max")


def test_pool_mean(rng, student):
    _check_tiles(rng, student, "mean")


def test_pool_overlaps(rng, student):
    asked = []
    for mode in ("max", "mean"):
        for kernel, stride in ((2, 1), (3, 2), (2, 3)):
            places = _integer(rng, 2, 3)
            size = kernel + stride * (places - 1)
            x, g = _normal(rng, 1, 1, size, size), _normal(rng, 1, 1, places, places)
            windows = F.unfold(x, kernel, stride=stride)[0].T.reshape(-1, 1, kernel, kernel)
            alone = student.pool2d_backward(g.reshape(-1, 1, 1, 1), windows, kernel, stride=kernel, mode=mode)
            together = student.pool2d_backward(2 * g, x, kernel, stride=stride, mode=mode)
            asked.append((alone, together, windows, kernel, stride, size))
    for alone, together, windows, kernel, stride, size in asked:
        columns = _own(alone, tuple(windows.shape), "gx").reshape(len(windows), -1).T[None]
        assert_close(together, 2 * F.fold(columns, (size, size), kernel, stride=stride), what="gx", **CLOSE)


def test_pool_ties(rng, student):
    asked = []
    for kernel in (2, 3):
        x = torch.from_numpy(rng.integers(0, 3, (2, 1, 4 * kernel, 4 * kernel))).float()
        x[:, :, :kernel, :kernel] = 0  # a window of zeros, as behind a ReLU
        g = 1 + _normal(rng, 2, 1, 4, 4).abs()
        answer = student.pool2d_backward(g, x, kernel, stride=kernel, mode="max")
        asked.append((answer, _right_pooling(g, x, "max", kernel)))
    for answer, expected in asked:
        assert_close(answer, expected, what="gx", **CLOSE)


def test_pool_padding(rng, student):
    asked = []
    for mode in ("max", "mean"):
        for kernel in (2, 3):
            size = 3 * kernel - 2
            x = -1 - _normal(rng, 2, 1, size, size).abs()  # a frame of zeros would be the maximum
            g = _normal(rng, 2, 1, 3, 3)
            answer = student.pool2d_backward(g, x, kernel, stride=kernel, padding=1, mode=mode)
            asked.append((answer, _right_pooling(g, x, mode, kernel, kernel, 1)))
    for answer, expected in asked:
        assert_close(answer, expected, what="gx", **CLOSE)


def test_pool_default_stride(rng, student):
    asked = []
    for kernel in (2, 3):
        x, g = _normal(rng, 2, 1, 3 * kernel, 3 * kernel), _normal(rng, 2, 1, 3, 3)
        named = student.pool2d_backward(g, x, kernel, stride=kernel, mode="max")
        asked.append((x, named, student.pool2d_backward(2 * g, x, kernel)))
    for x, named, answer in asked:
        assert_close(answer, 2 * _own(named, tuple(x.shape), "gx"), what="gx", **CLOSE)


def test_pool_tail(rng, student):
    asked = []
    for mode in ("max", "mean"):
        for kernel in (2, 3):
            size = 2 * kernel
            x, g = _normal(rng, 2, 1, size + kernel - 1, size + 1), _normal(rng, 2, 1, 2, 2)
            inside = x[..., :size, :size].contiguous()
            exact = student.pool2d_backward(g, inside, kernel, stride=kernel, mode=mode)
            asked.append(
                (x, size, exact, student.pool2d_backward(2 * g, x, kernel, stride=kernel, mode=mode))
            )
    for x, size, exact, answer in asked:
        inside = _own(exact, (2, 1, size, size), "gx")
        expected = 2 * F.pad(inside, (0, x.shape[3] - size, 0, x.shape[2] - size))
        assert_close(answer, expected, what="gx", **CLOSE)


def test_pairs(rng, student):
    convolutions, poolings = [], []
    for kernel, stride, padding in (((1, 2), (2, 3), (0, 0)), ((2, 1), (3, 1), (0, 1))):
        h, w = _integer(rng, 5, 6), _integer(rng, 8, 9)
        rows, columns = (
            (size + 2 * pad - cells) // step + 1
            for size, pad, cells, step in zip((h, w), padding, kernel, stride, strict=True)
        )
        g, x, weight = _normal(rng, 1, 1, rows, columns), _normal(rng, 1, 1, h, w), _even(rng, kernel)
        answer = student.conv2d_backward(g, x, weight, stride=stride, padding=padding)
        convolutions.append((answer, _right(g, x, weight, stride, padding)))
    for kernel, stride, padding in (((1, 2), (2, 3), (0, 0)), ((3, 2), (3, 2), (1, 0))):
        h, w = _integer(rng, 5, 6), _integer(rng, 8, 9)
        x = 1 + _normal(rng, 1, 1, h, w).abs()
        g = _normal(rng, *F.max_pool2d(x, kernel, stride, padding).shape)
        answer = student.pool2d_backward(g, x, kernel, stride=stride, padding=padding, mode="max")
        poolings.append((answer, _right_pooling(g, x, "max", kernel, stride, padding)))
    for answer, expected in convolutions:
        assert_close(_part(answer, GX), expected[GX], what="gx", **CLOSE)
        tensor = as_tensor(_part(answer, GW), "gw")
        assert tensor.shape == expected[GW].shape, f"gw has shape {tuple(tensor.shape)}"
        numbers = [part.flatten().sort().values for part in (tensor, expected[GW])]
        assert_close(numbers[0], numbers[1], what="gw", **CLOSE)
    for answer, expected in poolings:
        assert_close(answer, expected, what="gx", **CLOSE)


def test_dtype(rng, student):
    asked = []
    for dtype, close in ((torch.float32, 1e-4), (torch.float64, 1e-10)):
        g, x, w = (_normal(rng, 1, 1, 1, 1, dtype=dtype) for _ in range(3))
        upstream, image = _normal(rng, 1, 1, 3, 3, dtype=dtype), _normal(rng, 1, 1, 6, 6, dtype=dtype)
        answer = student.conv2d_backward(g, x, w)
        pooled = student.pool2d_backward(upstream, image, 2, stride=2, mode="max")
        asked.append((close, answer, _right(g, x, w), pooled, _right_pooling(upstream, image, "max", 2)))
    for close, answer, expected, pooled, image in asked:
        parts = [(_part(answer, number), expected[number], PARTS[number]) for number in (GX, GW, GB)]
        for value, right, what in (*parts, (pooled, image, "gx")):
            assert_close(value, right, rtol=close, atol=close, what=what)


def test_inputs_unchanged(rng, student):
    keep = {"want": ("out", "inputs_after")}
    g, x, w = _normal(rng, 2, 2, 6, 6), _normal(rng, 2, 3, 6, 6), _normal(rng, 2, 3, 3, 3)
    upstream, image = _normal(rng, 2, 2, 3, 3), _normal(rng, 2, 2, 6, 6)
    convolve = student.conv2d_backward.options(**keep)
    pool = student.pool2d_backward.options(**keep)
    convolutions = [convolve(times * g, x, w, padding=1) for times in (1, 2)]
    asked = [((g, x, w), [(result.inputs_after, _part(result.out, GX)) for result in convolutions])]
    for mode in ("max", "mean"):
        poolings = [pool(times * upstream, image, 2, stride=2, mode=mode) for times in (1, 2)]
        asked.append(((upstream, image), [(result.inputs_after, result.out) for result in poolings]))
    for before, ((after, once), (_, twice)) in asked:
        assert_close(twice, 2 * _own(once, tuple(before[1].shape), "gx"), what="gx", **CLOSE)
        assert len(after) >= len(before), "the arguments did not come back"
        for left, tensor in zip(after, before, strict=False):
            assert_close(left, tensor, rtol=0, atol=0, what="an argument after the call")


def test_layout(rng, student):
    asked = []
    for layout in ("permuted", "strided"):
        options = {"layout": layout, "want": ("out",)}
        g, x, w = _normal(rng, 2, 3, 4, 4), _normal(rng, 2, 2, 5, 5), _normal(rng, 3, 2, 2, 2)
        plain = student.conv2d_backward(g, x, w)
        other = student.conv2d_backward.options(**options)(2 * g, x, w)
        shapes = tuple(x.shape), tuple(w.shape), (3,)
        asked += [(plain, other.out, number, shapes[number]) for number in (GX, GW, GB)]
        g, image = _normal(rng, 2, 2, 3, 3), _normal(rng, 2, 2, 6, 6)
        plain = student.pool2d_backward(g, image, 2, stride=2, mode="max")
        other = student.pool2d_backward.options(**options)(2 * g, image, 2, stride=2, mode="max")
        asked.append(((plain,), (other.out,), GX, tuple(image.shape)))
    for plain, other, number, shape in asked:
        expected = 2 * _own(_part(plain, number), shape, PARTS[number])
        assert_close(_part(other, number), expected, what=PARTS[number], **CLOSE)
