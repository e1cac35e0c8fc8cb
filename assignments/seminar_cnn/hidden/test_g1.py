"""Hidden tests of G1, `pool2d` without padding: max and mean against torch.

Inputs are positive except in `test_negative`, and mean is asked for only where mean is tested, so that one
misconception costs one or two tests.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from autograder.testing import as_tensor, assert_close, randn

FLOAT32 = {"rtol": 1e-5, "atol": 1e-5}


def _positive(rng, *shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """Numbers in (0.1, 1.1): no window has a maximum below zero."""
    return torch.from_numpy(rng.random(shape) + 0.1).to(dtype)


def _integer(rng, low: int, high: int) -> int:
    """A whole number from low to high, both included."""
    return int(rng.integers(low, high + 1))


def _checked(output: object, shape: tuple[int, ...], what: str = "output") -> Tensor:
    """A finite floating tensor of `shape` that is not constant."""
    tensor = as_tensor(output, what)
    assert tensor.is_floating_point(), f"{what} has dtype {tensor.dtype}, expected a floating type"
    assert tuple(tensor.shape) == shape, f"{what} has shape {tuple(tensor.shape)}, expected {shape}"
    assert tensor.numel() > 1, f"{what} has shape {shape}, expected more than one number"
    assert bool(torch.isfinite(tensor).all()), f"{what} holds NaN or infinity"
    assert float(tensor.detach().std()) > 1e-4, f"{what} does not depend on the input"
    return tensor


def test_max(rng, student):
    for kernel in (2, 3):
        size = kernel * _integer(rng, 2, 4)
        x = _positive(rng, 2, 3, size, size)
        assert_close(student.pool2d(x, kernel, stride=kernel, mode="max"), F.max_pool2d(x, kernel), **FLOAT32)


def test_mean(rng, student):
    for kernel in (2, 3):
        size = kernel * _integer(rng, 2, 4)
        x = _positive(rng, 2, 3, size, size)
        assert_close(
            student.pool2d(x, kernel, stride=kernel, mode="mean"), F.avg_pool2d(x, kernel), **FLOAT32
        )


def test_default_stride(rng, student):
    for kernel in (2, 3):
        size = kernel * _integer(rng, 3, 4)
        x = _positive(rng, 2, 2, size, size)
        expected = _checked(student.pool2d(x, kernel, stride=kernel), (2, 2, size // kernel, size // kernel))
        assert_close(student.pool2d(x, kernel), expected, **FLOAT32)
        assert_close(student.pool2d(x, kernel, mode="max"), expected, **FLOAT32)


def test_stride_max(rng, student):
    for kernel, stride in ((3, 2), (2, 1), (2, 3)):
        size = kernel + stride * _integer(rng, 2, 4)
        x = _positive(rng, 2, 3, size, size)
        actual = student.pool2d(x, kernel, stride=stride, mode="max")
        assert_close(actual, F.max_pool2d(x, kernel, stride), **FLOAT32)


def test_stride_mean(rng, student):
    for kernel, stride in ((3, 2), (2, 1), (2, 3)):
        size = kernel + stride * _integer(rng, 2, 4)
        x = _positive(rng, 2, 3, size, size)
        actual = student.pool2d(x, kernel, stride=stride, mode="mean")
        assert_close(actual, F.avg_pool2d(x, kernel, stride), **FLOAT32)


def test_gradients(rng, student):
    for kernel in (2, 3):
        x = _positive(rng, 2, 2, 3 * kernel, 3 * kernel)
        upstream = randn(rng, 2, 2, 3, 3, dtype=torch.float32)
        leaf = x.clone().requires_grad_()
        F.max_pool2d(leaf, kernel).backward(upstream)
        call = student.pool2d.options(requires_grad=(0,), upstream=upstream, want=("out", "grads"))
        grads = call(x, kernel, stride=kernel, mode="max").grads
        assert grads, "there is no gradient"
        assert_close(grads[0], leaf.grad, what="gradient of max", **FLOAT32)


def test_ragged_size(rng, student):
    for kernel in (2, 3):
        size = kernel * _integer(rng, 2, 4) + kernel - 1
        x = _positive(rng, 2, 2, size, size)
        assert_close(student.pool2d(x, kernel, stride=kernel, mode="max"), F.max_pool2d(x, kernel), **FLOAT32)


def test_rectangular(rng, student):
    for kernel, stride in (((2, 3), (2, 3)), ((3, 2), (1, 2))):
        h = kernel[0] + stride[0] * _integer(rng, 2, 3)
        w = kernel[1] + stride[1] * _integer(rng, 4, 5)
        x = _positive(rng, 2, 2, h, w)
        actual = student.pool2d(x, kernel, stride=stride, mode="max")
        assert_close(actual, F.max_pool2d(x, kernel, stride), **FLOAT32)


def test_negative(rng, student):
    for kernel in (2, 3):
        x = -_positive(rng, 2, 2, 3 * kernel, 3 * kernel)
        assert_close(student.pool2d(x, kernel, stride=kernel, mode="max"), F.max_pool2d(x, kernel), **FLOAT32)


def test_float64(rng, student):
    x = _positive(rng, 2, 2, 6, 6, dtype=torch.float64)
    actual = student.pool2d(x, 2, stride=2, mode="max")
    assert_close(actual, F.max_pool2d(x, 2), rtol=1e-10, atol=1e-10)


def test_inputs_unchanged(rng, student):
    for kernel in (2, 3):
        x = _positive(rng, 2, 2, 4 * kernel, 4 * kernel)
        call = student.pool2d.options(want=("out", "inputs_after"))
        result = call(x, kernel, stride=kernel, mode="max")
        _checked(result.out, (2, 2, 4, 4))
        assert result.inputs_after, "the image did not come back"
        assert_close(result.inputs_after[0], x, rtol=0, atol=0, what="x after the call")


def test_layout(rng, student):
    for layout in ("permuted", "strided"):
        x = _positive(rng, 2, 3, 6, 6)
        expected = _checked(student.pool2d(x, 2, stride=2, mode="max"), (2, 3, 3, 3))
        result = student.pool2d.options(layout=layout, want=("out",))(x, 2, stride=2, mode="max")
        assert_close(result.out, expected, **FLOAT32)
