"""Hidden tests of G2, `padded_pool2d`: each looks at one property and is blind to the others.

- What mode "min" takes out of a window is seen by `test_min` alone. Elsewhere the mode is "max", of positive numbers,
  which a frame of zeros does not change; or images are the same everywhere, and all that counts is that they stay so.
- Where the frame is, and how wide, is seen by `test_padding`, in pairs by `test_padding_pair`; what stands in it by the
  tests of the three modes. Images that are the same everywhere do not tell where a frame is.
- Values are compared after casting; a wrong result type costs `test_dtype` only.
"""

from __future__ import annotations

import itertools

import torch
import torch.nn.functional as F
from torch import Tensor

from autograder.remote.failures import StudentError
from autograder.testing import as_tensor, assert_close, randn

NEAR = {"rtol": 1e-5, "atol": 1e-5, "any_float": True}


def _above_zero(rng, *shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """Numbers in (0.1, 1.1)."""
    return torch.from_numpy(0.1 + rng.random(shape)).to(dtype)


def _side(rng, kernel: int, stride: int) -> int:
    """Of an image on which the windows end with its border."""
    return kernel + stride * int(rng.integers(2, 5))


def _compare(asked: list[tuple[object, Tensor]], what: str = "output") -> None:
    """Answers and what was expected, once everything was asked."""
    for actual, expected in asked:
        assert_close(actual, expected, what=what, **NEAR)


def _flat(rng, below_zero: bool, size: float) -> Tensor:
    """Images (2, 3, 6, 6), each channel the same everywhere; no two channels are alike."""
    sizes = size * (1 + torch.arange(6.0) + 0.5 * torch.from_numpy(rng.random(6)).float())
    values = sizes[torch.from_numpy(rng.permutation(6))].view(2, 3, 1, 1)
    return (-values if below_zero else values).expand(2, 3, 6, 6).contiguous()


def _levels(output: object) -> Tensor:
    """(2, 3): what each channel has become. Raises: AssertionError where it is not the same everywhere."""
    tensor = as_tensor(output)
    assert tensor.is_floating_point(), f"output has dtype {tensor.dtype}"
    assert tensor.dim() == 4, f"output has {tensor.dim()} axes"
    assert tuple(tensor.shape[:2]) == (2, 3), f"output has shape {tuple(tensor.shape)}"
    assert tensor[0, 0].numel() > 1, f"output has shape {tuple(tensor.shape)}"
    assert bool(torch.isfinite(tensor).all()), "the frame comes out of a window"
    level = tensor[:, :, :1, :1]
    assert_close(tensor, level.expand_as(tensor), what="output", **NEAR)
    assert len(set(level.flatten().tolist())) == 6, "channels that differ come out alike"
    return level[..., 0, 0]


def _check_flat(rng, student, mode: str, below_zero: bool) -> None:
    """A frame does not show in what comes out of images that are the same everywhere."""
    asked = []
    # Far from zero, too: whatever else a frame may hold but an infinity comes out there.
    for kernel, padding, size in ((2, 1, 1.0), (3, 1, 1e3), (4, 2, 1e5)):
        x = _flat(rng, below_zero, size)
        asked += [student.padded_pool2d(x, kernel, stride=1, padding=padding, mode=mode)]
        asked += [student.padded_pool2d(x, kernel, stride=1, mode=mode)]
    levels = [_levels(output) for output in asked]
    for framed, plain in zip(levels[::2], levels[1::2], strict=True):
        assert_close(framed, plain, what="output with a frame", **NEAR)


def test_min(rng, student):
    asked = []
    for kernel, stride in ((2, 2), (3, 2), (2, 3)):
        side = _side(rng, kernel, stride)
        x = randn(rng, 2, 3, side, side, dtype=torch.float32)
        expected = -F.max_pool2d(-x, kernel, stride)
        asked.append((student.padded_pool2d(x, kernel, stride=stride, mode="min"), expected))
    _compare(asked)


def test_padding(rng, student):
    asked = []
    for kernel, padding in ((2, 1), (3, 1), (4, 2)):
        side = _side(rng, kernel, 1)
        x = _above_zero(rng, 2, 3, side, side)
        expected = F.max_pool2d(x, kernel, 1, padding)
        asked.append((student.padded_pool2d(x, kernel, stride=1, padding=padding, mode="max"), expected))
    _compare(asked)


def test_frame_of_max(rng, student):
    _check_flat(rng, student, "max", below_zero=True)


def test_frame_of_min(rng, student):
    _check_flat(rng, student, "min", below_zero=False)


def test_frame_of_mean(rng, student):
    asked = []
    for kernel, padding in ((2, 1), (3, 1), (4, 2)):
        side = _side(rng, kernel, 1)
        x = randn(rng, 2, 3, side, side, dtype=torch.float32)
        expected = F.avg_pool2d(x, kernel, 1, padding)
        asked.append((student.padded_pool2d(x, kernel, stride=1, padding=padding, mode="mean"), expected))
    _compare(asked)


def test_padding_pair(rng, student):
    asked = []
    for kernel, padding in (((3, 2), (1, 0)), ((2, 4), (0, 2)), ((4, 3), (1, 1))):
        x = _above_zero(rng, 2, 1, _side(rng, kernel[0], 1), _side(rng, kernel[1], 1))
        expected = F.max_pool2d(x, kernel, 1, padding)
        asked.append((student.padded_pool2d(x, kernel, stride=1, padding=padding, mode="max"), expected))
    _compare(asked)


def test_stride_with_padding(rng, student):
    asked = []
    for kernel, stride, padding in ((3, 2, 1), (2, 3, 1), (4, None, 2), (3, (1, 2), 1)):
        x = _above_zero(rng, 2, 1, int(rng.integers(8, 12)), int(rng.integers(8, 12)))
        expected = F.max_pool2d(x, kernel, stride, padding)
        settings = {} if stride is None else {"stride": stride}
        found = student.padded_pool2d(x, kernel, padding=padding, mode="max", **settings)
        asked.append((found, expected))
    _compare(asked)


def test_gradients(rng, student):
    asked = []
    for kernel in (2, 3):
        x = _above_zero(rng, 2, 1, 3 * kernel, 3 * kernel)
        upstream = randn(rng, 2, 1, 3, 3, dtype=torch.float32)
        leaf = x.clone().requires_grad_()
        F.max_pool2d(leaf, kernel).backward(upstream)
        call = student.padded_pool2d.options(requires_grad=(0,), upstream=upstream, want=("out", "grads"))
        asked.append((call(x, kernel, stride=kernel, mode="max").grads, leaf.grad))
    assert all(grads for grads, _ in asked), "there is no gradient"
    _compare([(grads[0], expected) for grads, expected in asked], "gradient of max")


def test_dtype(rng, student):
    asked = []
    for dtype in (torch.float32, torch.float64):
        x = _above_zero(rng, 2, 1, 6, 6, dtype=dtype)
        asked.append((x, student.padded_pool2d(x, 3, stride=1, padding=1, mode="max")))
    for x, output in asked:
        actual = as_tensor(output)
        assert actual.dtype == x.dtype, f"output has dtype {actual.dtype}, expected {x.dtype}"
        assert len(actual.unique()) > 2, "output does not depend on the image"
        # A maximum is one of the numbers that went in: where it was found is seen elsewhere.
        close = 1e-5 if x.dtype == torch.float32 else 1e-10
        gaps = (actual.flatten()[:, None] - x.flatten()).abs().amin(1)
        assert bool((gaps < close).all()), "output holds numbers that are not in the image"


def test_layout(rng, student):
    asked = []
    for layout in ("permuted", "strided"):
        x = _above_zero(rng, 2, 2, 6, 6)
        expected = as_tensor(student.padded_pool2d(x, 3, stride=1, padding=1, mode="max"))
        assert expected.is_floating_point(), f"output has dtype {expected.dtype}"
        assert bool(torch.isfinite(expected).all()), "output holds NaN or infinity"
        assert len(expected.unique()) > 2, "output does not depend on the image"
        call = student.padded_pool2d.options(layout=layout, want=("out", "inputs_after"))
        asked.append((x, expected, call(x, 3, stride=1, padding=1, mode="max")))
    after = [(x, result.inputs_after) for x, _, result in asked]
    call = student.padded_pool2d.options(want=("out", "inputs_after"))
    for mode, padding in itertools.product(("min", "mean", "max"), (0, 1)):
        x = _above_zero(rng, 2, 2, 6, 6)
        try:
            after.append((x, call(x, 3, stride=1, padding=padding, mode=mode).inputs_after))
        except StudentError:  # the tests of the modes see that
            continue
    for _, expected, result in asked:
        assert_close(result.out, expected, what="output", **NEAR)
    for x, inputs in after:
        assert inputs, "the image did not come back"
        assert_close(inputs[0], x, rtol=0, atol=0, what="x after the call")
