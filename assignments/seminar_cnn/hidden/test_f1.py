"""Hidden tests of F1, `conv2d`: each looks at one property and is blind to the others.

- Which way round the kernel stands is seen by `test_single_channel` alone. Elsewhere kernels look the same from all
  sides (flipped, turned, transposed), images of several channels are equal to their transposes, and numbers are
  positive, where a ReLU changes nothing.
- Stride, padding, bias and the like are compared with the student's own plain convolution, whatever that is, once it
  has been seen to be one (`_check_convolves`): an image times one number per filter earns nothing there.
- How many filters there are is seen by `test_channels_and_filters`: elsewhere there are as many as channels.
- A bias is passed where it is what is tested. Elsewhere there is none, or zeros where that is an error.
- Values are compared after casting; a wrong result type costs `test_dtype` only.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from autograder.remote.failures import StudentError
from autograder.testing import as_tensor, assert_close, randn

CASES = 3
CLOSE = {"rtol": 1e-4, "atol": 1e-4, "any_float": True}


def _positive(rng, *shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """Numbers in (0.1, 1.1)."""
    return torch.from_numpy(rng.random(shape) + 0.1).to(dtype)


def _draw(rng, n=2, c=3, o=3, h=8, w=8, p=3, q=3, dtype=torch.float32):
    """Image and kernels."""
    return _positive(rng, n, c, h, w, dtype=dtype), _positive(rng, o, c, p, q, dtype=dtype)


def _without_bias(call, x: Tensor, w: Tensor, **settings):
    """What `call` answers without a bias; where that is an error, which `test_without_bias` sees, with zeros."""
    try:
        return call(x, w, **settings)
    except StudentError:
        return call(x, w, torch.zeros(len(w), dtype=w.dtype), **settings)


def _same_from_all_sides(kernel: Tensor) -> Tensor:
    """The kernel averaged with its mirror images, and with its transpose if it is square."""
    kernel = (kernel + kernel.flip(2)) / 2
    kernel = (kernel + kernel.flip(3)) / 2
    return (kernel + kernel.mT) / 2 if kernel.shape[2] == kernel.shape[3] else kernel


def _inner(tensor: Tensor) -> Tensor:
    """Without the last row and column, which `test_single_channel` and `test_stride` look at."""
    return tensor[..., :-1, :-1]


def _check_inner(actual: object, expected: Tensor, rtol=1e-4, atol=1e-4) -> None:
    """Shapes are equal, and so is everything but the last row and column."""
    tensor = as_tensor(actual)
    assert tensor.shape == expected.shape, f"output has shape {tuple(tensor.shape)}"
    assert_close(_inner(tensor), _inner(expected), rtol=rtol, atol=atol, any_float=True)


def _assert_all_close(pairs: list[tuple[object, Tensor]]) -> None:
    """Answers and what was expected: compared once all have been given, for what is not asked tells nothing."""
    for actual, expected in pairs:
        assert_close(actual, expected, **CLOSE)


def _checked(output: object, shape: tuple[int, ...], what: str = "output") -> Tensor:
    """A finite floating tensor of `shape` that is not constant, so that zeros do not agree with themselves."""
    tensor = as_tensor(output, what)
    assert tensor.is_floating_point(), f"{what} has dtype {tensor.dtype}, expected a floating type"
    assert tuple(tensor.shape) == shape, f"{what} has shape {tuple(tensor.shape)}, expected {shape}"
    assert tensor.numel() > 1, f"{what} has shape {shape}, expected more than one number"
    assert bool(torch.isfinite(tensor).all()), f"{what} holds NaN or infinity"
    assert float(tensor.detach().std()) > 1e-3, f"{what} does not depend on the input"
    return tensor


def _check_convolves(rng, student) -> None:
    """One image, one filter: what comes out rises and falls with the convolution, up to a factor and a constant.

    The weights differ much between middle, sides and corners, so that neither a single pixel nor a mean will do.
    """
    image = _positive(rng, 1, 1, 6, 6)
    corner, side, middle = 2 + rng.random(), 1 + 0.3 * rng.random(), 0.2 * rng.random()
    kernel = torch.tensor([[corner, side, corner], [side, middle, side], [corner, side, corner]])[None, None]
    image, kernel = (image + image.mT) / 2, kernel.float()
    output = _checked(_without_bias(student.conv2d, image, kernel), (1, 1, 4, 4))
    pair = [_inner(value)[0, 0].double().flatten().numpy() for value in (output, F.conv2d(image, kernel))]
    assert float(np.ptp(pair[0])) > 1e-3, "output does not depend on the place"
    assert float(np.corrcoef(*pair)[0, 1]) > 0.9999, "a plain convolution gives other values"


def _plain(student, x: Tensor, w: Tensor) -> Tensor:
    """The student's own convolution at stride 1 without padding."""
    rows, columns = x.shape[2] - w.shape[2] + 1, x.shape[3] - w.shape[3] + 1
    return _checked(_without_bias(student.conv2d, x, w), (x.shape[0], w.shape[0], rows, columns))


def _integer(rng, low: int, high: int) -> int:
    """A whole number from low to high, both included."""
    return int(rng.integers(low, high + 1))


def _check_directions(rng, student, arguments, grads, upstream, settings) -> None:
    """<gradient, d> equals L(. + d) - L(.), exactly, because L = sum(output * upstream) is linear in each argument."""
    assert grads, "there are no gradients"
    call = student.conv2d if len(arguments) == 3 else partial(_without_bias, student.conv2d)
    base = _checked(call(*arguments, **settings), tuple(upstream.shape))
    for index, grad in enumerate(grads):
        tensor = _checked(grad, tuple(arguments[index].shape), f"gradient of argument {index}")
        direction = _positive(rng, *tensor.shape)
        moved = list(arguments)
        moved[index] = arguments[index] + direction
        output = _checked(call(*moved, **settings), tuple(upstream.shape))
        change = float(((output - base) * upstream).double().sum())
        slope = float((tensor * direction).double().sum())
        assert abs(slope - change) < 1e-3 * (1 + abs(change)), (
            f"gradient of argument {index} has wrong values"
        )


def test_single_channel(rng, student):
    pairs = []
    for _ in range(CASES):
        size, kernel = _integer(rng, 6, 10), _integer(rng, 2, 4)
        x, w = (randn(rng, 1, 1, n, n, dtype=torch.float32) for n in (size, kernel))
        pairs.append((_without_bias(student.conv2d, x, w), F.conv2d(x, w)))
    _assert_all_close(pairs)


def test_channels_and_filters(rng, student):
    pairs = []
    for _ in range(CASES):
        size, channels = _integer(rng, 5, 8), _integer(rng, 2, 4)
        x, w = _draw(rng, _integer(rng, 2, 3), channels, channels + _integer(rng, 1, 2), size, size)
        x, w = (x + x.mT) / 2, _same_from_all_sides(w)
        pairs.append((_without_bias(student.conv2d, x, w), F.conv2d(x, w)))
    for actual, expected in pairs:
        _check_inner(actual, expected)


def test_rectangular(rng, student):
    pairs = []
    for _ in range(CASES):
        p, q = _integer(rng, 1, 2), _integer(rng, 3, 4)
        h, w = _integer(rng, 5, 6), _integer(rng, 8, 10)
        for height, width, rows, columns in (
            (h, w, p, q),
            (w, h, p, q),
            (h, w, q, p),
            (h, h, p, q),
            (h, w, p, p),
        ):
            x, kernel = _draw(rng, 1, 1, 1, height, width, rows, columns)
            kernel = _same_from_all_sides(kernel)
            pairs.append((_without_bias(student.conv2d, x, kernel), F.conv2d(x, kernel)))
    for actual, expected in pairs:
        _check_inner(actual, expected)


def test_stride(rng, student):
    _check_convolves(rng, student)
    pairs = []
    for stride in (2, 3):
        for remainder in (0, stride - 1):
            kernel = _integer(rng, 2, 3)
            size = kernel + stride * _integer(rng, 2, 3) + remainder
            x, w = _draw(rng, h=size, w=size, p=kernel, q=kernel)
            expected = _plain(student, x, w)[..., ::stride, ::stride]
            pairs.append((_without_bias(student.conv2d, x, w, stride=stride), expected))
    _assert_all_close(pairs)


def test_padding(rng, student):
    _check_convolves(rng, student)
    pairs = []
    for padding in (1, 2):
        size = _integer(rng, 5, 7)
        x, w = _draw(rng, h=size, w=size)
        expected = _plain(student, F.pad(x, (padding,) * 4), w)
        pairs.append((_without_bias(student.conv2d, x, w, padding=padding), expected))
    _assert_all_close(pairs)


def test_bias(rng, student):
    _check_convolves(rng, student)
    pairs = []
    for _ in range(CASES):
        channels = _integer(rng, 2, 4)
        x, w = _draw(rng, c=channels, o=channels)
        b = _positive(rng, w.shape[0])
        expected = _plain(student, x, w) + b[:, None, None]
        pairs.append((student.conv2d(x, w, b), expected))
    _assert_all_close(pairs)


def test_gradients(rng, student):
    _check_convolves(rng, student)
    asked = []
    for _ in range(2):
        x, w = _draw(rng, h=6, w=6)
        _plain(student, x, w)
        upstream = randn(rng, 2, 3, 4, 4, dtype=torch.float32)
        call = student.conv2d.options(requires_grad=(0, 1), upstream=upstream, want=("out", "grads"))
        asked.append(((x, w), _without_bias(call, x, w).grads, upstream, {}))
    for one in asked:
        _check_directions(rng, student, *one)


def test_stride_pair(rng, student):
    _check_convolves(rng, student)
    pairs = []
    for strides in ((1, 2), (3, 2), (2, 1)):
        x, w = _draw(rng, h=9, w=9, p=2, q=2)
        expected = _plain(student, x, w)[..., :: strides[0], :: strides[1]]
        pairs.append((_without_bias(student.conv2d, x, w, stride=strides), expected))
    _assert_all_close(pairs)


def test_padding_pair(rng, student):
    _check_convolves(rng, student)
    pairs = []
    for rows, columns in ((0, 1), (2, 1), (1, 0)):
        x, w = _draw(rng, h=6, w=6)
        expected = _plain(student, F.pad(x, (columns, columns, rows, rows)), w)
        pairs.append((_without_bias(student.conv2d, x, w, padding=(rows, columns)), expected))
    _assert_all_close(pairs)


def test_stride_with_padding(rng, student):
    _check_convolves(rng, student)
    pairs = []
    for stride, padding in ((2, 1), (3, 2)):
        for remainder in (0, stride - 1):
            size = 3 - 2 * padding + stride * _integer(rng, 3, 4) + remainder
            x, w = _draw(rng, h=size, w=size)
            expected = _plain(student, F.pad(x, (padding,) * 4), w)[..., ::stride, ::stride]
            found = _without_bias(student.conv2d, x, w, stride=stride, padding=padding)
            pairs.append((found, expected))
    _assert_all_close(pairs)


def test_without_bias(rng, student):
    _check_convolves(rng, student)
    x, w = _draw(rng)
    expected = _checked(student.conv2d(x, w, torch.zeros(len(w))), (2, 3, 6, 6))
    _assert_all_close([(student.conv2d(x, w), expected), (student.conv2d(x, w, None), expected)])


def test_dtype(rng, student):
    asked = []
    for dtype, close in ((torch.float32, 1e-4), (torch.float64, 1e-10)):
        for _ in range(CASES):
            size = _integer(rng, 5, 8)
            x, w = _draw(rng, 1, 1, 1, size, size, dtype=dtype)
            x, w = (x + x.mT) / 2, _same_from_all_sides(w)
            asked.append((_without_bias(student.conv2d, x, w), F.conv2d(x, w), close))
    for actual, expected, close in asked:
        dtype = as_tensor(actual).dtype
        assert dtype == expected.dtype, f"output has dtype {dtype}, expected {expected.dtype}"
        _check_inner(actual, expected, rtol=close, atol=close)


def test_inputs_unchanged(rng, student):
    _check_convolves(rng, student)
    x, w = _draw(rng, h=7, w=7)
    biases = [_positive(rng, w.shape[0]) for _ in range(2)]
    call = student.conv2d.options(want=("out", "inputs_after"))
    results = [call(x, w, b, padding=padding) for padding, b in enumerate(biases)]
    for b, result in zip(biases, results, strict=True):
        output = as_tensor(result.out)
        _checked(output, tuple(output.shape))
        assert result.inputs_after is not None, "the inputs did not come back"
        assert len(result.inputs_after) == 3, "the inputs did not come back"
        for name, before, after in zip(("x", "weight", "bias"), (x, w, b), result.inputs_after, strict=True):
            assert_close(after, before, rtol=0, atol=0, what=f"{name} after the call")


def test_layout(rng, student):
    _check_convolves(rng, student)
    pairs = []
    for layout in ("permuted", "strided"):
        x, w = _draw(rng)
        expected = _plain(student, x, w)
        result = _without_bias(student.conv2d.options(layout=layout, want=("out",)), x, w)
        pairs.append((result.out, expected))
    _assert_all_close(pairs)


def test_gradients_of_all_settings(rng, student):
    _check_convolves(rng, student)
    x, w = _draw(rng, h=6, w=6)
    b = _positive(rng, 3)
    asked = []
    for settings, size in (({"stride": 2, "padding": 1}, 3), ({"stride": (2, 2), "padding": (1, 1)}, 3)):
        upstream = randn(rng, 2, 3, size, size, dtype=torch.float32)
        _checked(student.conv2d(x, w, b, **settings), tuple(upstream.shape))
        call = student.conv2d.options(requires_grad=(0, 1, 2), upstream=upstream, want=("out", "grads"))
        asked.append(((x, w, b), call(x, w, b, **settings).grads, upstream, settings))
    for one in asked:
        _check_directions(rng, student, *one)
