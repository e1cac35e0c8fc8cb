"""Hidden tests of D1, `conv2d_gray`: each looks at one property and is blind to the others.

Whether and how the kernel is turned round is seen by `test_flip` alone, up to a factor: kernels elsewhere look the same
from all sides. The last row and column, there or missing, are seen by `test_symmetric`. The rest compares with the
student's own results, once these have been seen to rise and fall with the convolution (`_follows`).
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from autograder.remote.failures import StudentError
from autograder.testing import as_tensor, assert_close, randn

CLOSE = {"rtol": 1e-4, "atol": 1e-4, "any_float": True}


def _integer(rng, low: int, high: int) -> int:
    """A whole number from low to high, both included."""
    return int(rng.integers(low, high + 1))


def _positive(rng, *shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """Numbers in (0.1, 1.1)."""
    return torch.from_numpy(rng.random(shape) + 0.1).to(dtype)


def _even(kernel: Tensor) -> Tensor:
    """The kernel averaged with its mirror images, and with its transpose if it is square."""
    kernel = (kernel + kernel.flip(0)) / 2
    kernel = (kernel + kernel.flip(1)) / 2
    return (kernel + kernel.mT) / 2 if kernel.shape[0] == kernel.shape[1] else kernel


def _slid(image: Tensor, kernel: Tensor) -> Tensor:
    """The products added up without turning the kernel round."""
    return F.conv2d(image[None, None], kernel[None, None])[0, 0]


def _follows(output: object, expected: Tensor) -> Tensor:
    """All but the last lines of a result that is the expected one up to a factor and a constant.

    The result has the right shape or is a row and a column short.
    """
    tensor = as_tensor(output)
    h, w = expected.shape
    assert tuple(tensor.shape) in ((h, w), (h - 1, w - 1)), f"output has shape {tuple(tensor.shape)}"
    assert tensor.is_floating_point(), f"output has dtype {tensor.dtype}"
    tensor = tensor.detach()[: h - 1, : w - 1]
    assert bool(torch.isfinite(tensor).all()), "output holds NaN or infinity"
    pair = [value.double().flatten().numpy() for value in (tensor, expected[:-1, :-1])]
    assert float(np.ptp(pair[0])) > 1e-3, "output does not depend on the place"
    assert float(np.corrcoef(*pair)[0, 1]) > 0.9999, "a plain convolution gives other values"
    return tensor


def test_symmetric(rng, student):
    asked = []
    for side in (2, 3, 4):
        size = _integer(rng, 6, 9)
        image, kernel = (randn(rng, n, n, dtype=torch.float32) for n in (size, side))
        kernel = _even(kernel)
        asked.append((student.conv2d_gray(image, kernel), _slid(image, kernel)))
    for output, expected in asked:
        assert_close(output, expected, **CLOSE)


def test_flip(rng, student):
    asked = []
    for side in (2, 3):
        size = _integer(rng, 6, 9)
        image, kernel = _positive(rng, size, size), _positive(rng, side, side)
        kernel[0, 0] += 2  # far from its mirror images
        kernel[0, 1] += 1
        asked.append((student.conv2d_gray(image, kernel), _slid(image, kernel.flip(0, 1))))
    for output, expected in asked:
        _follows(output, expected)


def test_rectangular(rng, student):
    asked = []
    for image_shape, kernel_shape in (((5, 9), (3, 3)), ((9, 6), (2, 2)), ((8, 8), (2, 4)), ((6, 9), (3, 1))):
        image, kernel = _positive(rng, *image_shape), _even(_positive(rng, *kernel_shape))
        asked.append((student.conv2d_gray(image, kernel), _slid(image, kernel)))
    for output, expected in asked:
        _follows(output, expected)


def test_separable(rng, student):
    """The column and the row stand in a square of zeros, so that a kernel that is not square is no matter here."""
    asked = []
    for _ in range(2):
        size = _integer(rng, 8, 9)
        image = _positive(rng, size, size)
        column = torch.zeros(3, 3)
        column[:, 1:2] = _even(_positive(rng, 3, 1))
        row = column.T.clone()
        product = column @ row
        twice = student.conv2d_gray(as_tensor(student.conv2d_gray(image, column)).float(), row)
        asked.append((_slid(image, product), student.conv2d_gray(image, product), twice))
    for expected, once, twice in asked:
        found = _follows(once, expected)[1:-1, 1:-1].float()
        other = as_tensor(twice)
        h, w = expected.shape
        assert other.shape in ((h - 2, w - 2), (h - 4, w - 4)), f"output has shape {tuple(other.shape)}"
        assert_close(other[: h - 4, : w - 4], found[: h - 4, : w - 4], **CLOSE)


def test_gradients(rng, student):
    asked = []
    for side in (2, 3):
        image, kernel = _positive(rng, 7, 7), _even(_positive(rng, side, side))
        steps = _positive(rng, 7, 7), _even(_positive(rng, side, side))
        upstream = randn(rng, 8 - side, 8 - side, dtype=torch.float32)
        outputs = [
            student.conv2d_gray(*pair)
            for pair in ((image, kernel), (image + steps[0], kernel), (image, kernel + steps[1]))
        ]
        if as_tensor(outputs[0]).shape == (7 - side, 7 - side):  # `test_symmetric` sees that
            upstream = upstream[:-1, :-1].clone()
        call = student.conv2d_gray.options(requires_grad=(0, 1), upstream=upstream, want=("out", "grads"))
        grads = call(image, kernel).grads
        asked.append((image, kernel, steps, upstream, grads, outputs))
    for image, kernel, steps, upstream, grads, outputs in asked:
        _follows(outputs[0], _slid(image, kernel))
        before = as_tensor(outputs[0]).detach()
        assert grads, "there are no gradients"
        for name, grad, step, after in zip(("image", "kernel"), grads, steps, outputs[1:], strict=True):
            tensor = as_tensor(grad, f"gradient of the {name}")
            assert tensor.shape == step.shape, f"gradient of the {name} has shape {tuple(tensor.shape)}"
            change = float(((as_tensor(after).detach() - before).double() * upstream).sum())
            slope = float((tensor.double() * step).sum())
            assert abs(slope - change) < 1e-3 * (1 + abs(change)), f"gradient of the {name} has wrong values"


def test_dtype(rng, student):
    asked = []
    for dtype, close in ((torch.float32, 1e-4), (torch.float64, 1e-10)):
        image, kernel = _positive(rng, 8, 8, dtype=dtype), _even(_positive(rng, 3, 3, dtype=dtype))
        asked.append((image, kernel, close, student.conv2d_gray(image, kernel)))
    for image, kernel, close, output in asked:
        expected = _slid(image, kernel)
        tensor = _follows(output, expected)
        assert tensor.dtype == image.dtype, f"output has dtype {tensor.dtype}, expected {image.dtype}"
        assert_close(tensor, expected[:-1, :-1], rtol=close, atol=close)


def test_inputs_unchanged(rng, student):
    call = student.conv2d_gray.options(want=("out", "inputs_after"))
    image, kernel = _positive(rng, 7, 7), _positive(rng, 3, 3)
    level = _even(_positive(rng, 3, 3))
    results = [call(image, kernel), call(image, level)]
    _follows(results[1].out, _slid(image, level))
    for result, before in zip(results, ((image, kernel), (image, level)), strict=True):
        after = result.inputs_after
        assert after is not None, "the inputs did not come back"
        assert len(after) == 2, "the inputs did not come back"
        for name, one, other in zip(("image", "kernel"), before, after, strict=True):
            assert_close(other, one, rtol=0, atol=0, what=f"{name} after the call")


def test_layout(rng, student):
    asked = []
    for layout in ("permuted", "strided"):
        image, kernel = _positive(rng, 7, 7), _even(_positive(rng, 3, 3))
        plain = student.conv2d_gray(image, kernel)
        call = student.conv2d_gray.options(layout=layout, want=("out",))
        asked.append((_slid(image, kernel), plain, call(image, kernel).out))
    for expected, plain, output in asked:
        _follows(plain, expected)
        assert_close(output, as_tensor(plain).detach().float(), **CLOSE)


def test_too_large(rng, student):
    size = _integer(rng, 4, 6)
    image, kernel = _positive(rng, size, size), _even(_positive(rng, 2, 2))
    plain = student.conv2d_gray(image, kernel)
    kinds = []
    for shape in ((size + 1, 1), (1, size + 1), (size + 2, size + 2)):
        try:
            student.conv2d_gray(image, _positive(rng, *shape))
            kinds.append("nothing")
        except StudentError as error:
            kinds.append(error.kind)
    _follows(plain, _slid(image, kernel))
    assert kinds == ["ValueError"] * 3, f"a kernel larger than the image: {kinds}, expected ValueError"
