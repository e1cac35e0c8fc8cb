"""Hidden tests of G1, `pool2d` without padding: each looks at one property and is blind to the others.

What comes out of a window is seen by `test_max`, `test_mean` and `test_negative`. Strides, ragged borders and the like
are compared with the student's own pooling, once it has been seen to look at whole windows (`_check_looks`), on images
of one channel and positive numbers. There strides differ from the window: whoever cuts the image into windows by one
`reshape`, which can be tried only where the two are equal, pays for that where values are looked at. Values are
compared after casting; a wrong result type costs `test_dtype` only.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from autograder.remote.failures import StudentError
from autograder.testing import as_tensor, assert_close, randn

CLOSE = {"rtol": 1e-5, "atol": 1e-5, "any_float": True}


def _positive(rng, *shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """Numbers in (0.1, 1.1): no window has a maximum below zero."""
    return torch.from_numpy(rng.random(shape) + 0.1).to(dtype)


def _integer(rng, low: int, high: int) -> int:
    """A whole number from low to high, both included."""
    return int(rng.integers(low, high + 1))


def _assert_all_close(pairs: list[tuple[object, Tensor]], what: str = "output") -> None:
    """Answers and what was expected: compared once all have been given, for what is not asked tells nothing."""
    for actual, expected in pairs:
        assert_close(actual, expected, what=what, **CLOSE)


def _checked(output: object, shape: tuple[int, ...], what: str = "output") -> Tensor:
    """A finite floating tensor of `shape` that is not constant."""
    tensor = as_tensor(output, what)
    assert tensor.is_floating_point(), f"{what} has dtype {tensor.dtype}, expected a floating type"
    assert tuple(tensor.shape) == shape, f"{what} has shape {tuple(tensor.shape)}, expected {shape}"
    assert tensor.numel() > 1, f"{what} has shape {shape}, expected more than one number"
    assert bool(torch.isfinite(tensor).all()), f"{what} holds NaN or infinity"
    assert float(tensor.detach().std()) > 1e-4, f"{what} does not depend on the input"
    return tensor


def _check_looks(student, mode: str) -> None:
    """Each number of the image changes one result, and four numbers change each result: bright ones, or dark ones.

    Which four they are is seen by `test_max` and `test_mean`.
    """
    seen = []
    for ground, pixel in ((0.2, 1.0), (1.0, 0.2)):
        images = torch.full((17, 1, 4, 4), ground)  # an even one, then one for each pixel
        images[1:].view(16, 16).fill_diagonal_(pixel)
        output = as_tensor(student.pool2d(images, 2, stride=2, mode=mode))
        assert tuple(output.shape) == (17, 1, 2, 2), f"output has shape {tuple(output.shape)}"
        assert output.is_floating_point(), f"output has dtype {output.dtype}"
        changed = ((output[1:] - output[0]).abs() > 0.01).view(16, 4)
        seen.append(bool((changed.sum(1) == 1).all()) and bool((changed.sum(0) == 4).all()))
    assert any(seen), "output does not depend on all numbers of a window"


def _check_stride(rng, student, mode: str) -> None:
    """Pooling with any stride keeps some windows of pooling with stride 1."""
    _check_looks(student, mode)
    asked = []
    for kernel, stride in ((3, 2), (2, 3), (4, 2)):
        size = kernel + stride * _integer(rng, 2, 4)
        x = _positive(rng, 2, 1, size, size)
        every, some = (student.pool2d(x, kernel, stride=step, mode=mode) for step in (1, stride))
        asked.append((every, size - kernel + 1, some, stride))
    # Compared once all is asked: what is not asked tells no mistakes apart.
    for every, side, some, stride in asked:
        assert_close(some, _checked(every, (2, 1, side, side))[..., ::stride, ::stride], **CLOSE)


def _readings(x: Tensor, kernel, stride) -> list[Tensor]:
    """What may come out of windows, right or not: the largest number, the least, the mean, the sum."""
    mean = F.avg_pool2d(x, kernel, stride)
    size = kernel[0] * kernel[1]
    return [F.max_pool2d(x, kernel, stride), -F.max_pool2d(-x, kernel, stride), mean, size * mean]


def test_max(rng, student):
    pairs = []
    for kernel in (2, 3):
        size = kernel * _integer(rng, 2, 4)
        x = _positive(rng, 2, 3, size, size)
        pairs.append((student.pool2d(x, kernel, stride=kernel, mode="max"), F.max_pool2d(x, kernel)))
    _assert_all_close(pairs)


def test_mean(rng, student):
    pairs = []
    for kernel in (2, 3):
        size = kernel * _integer(rng, 2, 4)
        x = _positive(rng, 2, 3, size, size)
        pairs.append((student.pool2d(x, kernel, stride=kernel, mode="mean"), F.avg_pool2d(x, kernel)))
    _assert_all_close(pairs)


def test_default_stride(rng, student):
    _check_looks(student, "max")
    pairs = []
    for kernel in (2, 3):
        size = kernel * _integer(rng, 3, 4)
        x = _positive(rng, 2, 1, size, size)
        expected = student.pool2d(x, kernel, stride=kernel, mode="max")
        expected = _checked(expected, (2, 1, size // kernel, size // kernel))
        for settings in ({}, {"mode": "max"}, {"stride": kernel}):
            pairs.append((student.pool2d(x, kernel, **settings), expected))
    _assert_all_close(pairs)


def test_stride_max(rng, student):
    _check_stride(rng, student, "max")


def test_stride_mean(rng, student):
    _check_stride(rng, student, "mean")


def test_gradients(rng, student):
    asked = []
    for kernel in (2, 3):
        x = _positive(rng, 2, 1, 3 * kernel, 3 * kernel)
        upstream = randn(rng, 2, 1, 3, 3, dtype=torch.float32)
        leaf = x.clone().requires_grad_()
        F.max_pool2d(leaf, kernel).backward(upstream)
        call = student.pool2d.options(requires_grad=(0,), upstream=upstream, want=("out", "grads"))
        asked.append((call(x, kernel, stride=kernel, mode="max").grads, leaf.grad))
    assert all(grads for grads, _ in asked), "there is no gradient"
    _assert_all_close([(grads[0], expected) for grads, expected in asked], "gradient of max")


def test_ragged_size(rng, student):
    _check_looks(student, "max")
    pairs = []
    for kernel in (2, 3):
        whole = kernel * _integer(rng, 2, 4)
        x = _positive(rng, 2, 1, whole + kernel - 1, whole + kernel - 1)
        expected = student.pool2d(x[..., :whole, :whole].contiguous(), kernel, stride=kernel, mode="max")
        expected = _checked(expected, (2, 1, whole // kernel, whole // kernel))
        pairs.append((student.pool2d(x, kernel, stride=kernel, mode="max"), expected))
    _assert_all_close(pairs)


def test_rectangular(rng, student):
    asked = []
    for kernel, stride in (((2, 3), (2, 1)), ((3, 2), (1, 2))):
        h = kernel[0] + stride[0] * _integer(rng, 2, 3)
        w = kernel[1] + stride[1] * _integer(rng, 4, 5)
        x = _positive(rng, 2, 1, h, w)
        for mode in ("max", "mean"):
            asked.append((student.pool2d(x, kernel, stride=stride, mode=mode), _readings(x, kernel, stride)))
    for output, readings in asked:
        actual = _checked(output, tuple(readings[0].shape)).float()
        assert any(torch.allclose(actual, reading, rtol=1e-5, atol=1e-5) for reading in readings), (
            "pairs of window and stride give wrong values"
        )


def test_negative(rng, student):
    pairs = []
    for kernel in (2, 3):
        # Far below zero, and below whatever else a maximum may start from but -inf.
        x = -500 * _positive(rng, 2, 1, 3 * kernel, 3 * kernel)
        pairs.append((student.pool2d(x, kernel, stride=kernel, mode="max"), F.max_pool2d(x, kernel)))
    _assert_all_close(pairs)


def test_dtype(rng, student):
    asked = []
    for dtype, close in ((torch.float32, 1e-5), (torch.float64, 1e-10)):
        x = _positive(rng, 2, 1, 6, 6, dtype=dtype)
        asked.append((student.pool2d(x, 2, stride=2, mode="max"), x, dtype, close))
    for output, x, dtype, close in asked:
        actual = _checked(output, (2, 1, 3, 3))
        assert actual.dtype == dtype, f"output has dtype {actual.dtype}, expected {dtype}"
        assert any(
            torch.allclose(actual, reading, rtol=close, atol=close)
            for reading in _readings(x, (2, 2), (2, 2))
        ), "output has wrong values"


def test_inputs_unchanged(rng, student):
    _check_looks(student, "max")
    call = student.pool2d.options(want=("out", "inputs_after"))
    asked = []
    for kernel in (2, 3):
        x = _positive(rng, 2, 1, 4 * kernel, 4 * kernel)
        asked.append((x, call(x, kernel, stride=kernel, mode="max")))
    largest = [result.out for _, result in asked]
    for kernel in (2, 3):
        x = _positive(rng, 2, 1, 4 * kernel, 4 * kernel)
        try:
            asked.append((x, call(x, kernel, stride=kernel, mode="mean")))
        except StudentError:  # `test_mean` sees that
            continue
    for output in largest:
        _checked(output, (2, 1, 4, 4))
    for x, result in asked:
        assert result.inputs_after, "the image did not come back"
        assert_close(result.inputs_after[0], x, rtol=0, atol=0, what="x after the call")


def test_layout(rng, student):
    _check_looks(student, "max")
    pairs = []
    for layout in ("permuted", "strided"):
        x = _positive(rng, 2, 2, 6, 6)
        expected = _checked(student.pool2d(x, 2, stride=2, mode="max"), (2, 2, 3, 3))
        result = student.pool2d.options(layout=layout, want=("out",))(x, 2, stride=2, mode="max")
        pairs.append((result.out, expected))
    _assert_all_close(pairs)
