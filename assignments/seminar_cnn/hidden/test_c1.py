"""Hidden tests of C1, `conv1d_lecture`: each looks at one property and is blind to the others.

How long the result is is seen by `test_length` alone: the others look at the numbers in the middle of a longer result,
and at the first ones of a shorter one (`_shared`). Whether the kernel is flipped, or the result reversed, is seen by
`test_flip` alone, up to a factor: kernels elsewhere read the same from both ends. The oracle is `numpy.convolve`.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from autograder.remote.failures import StudentError
from autograder.testing import as_tensor, assert_close, randn

CLOSE = {"rtol": 1e-4, "atol": 1e-4, "any_float": True}


def _integer(rng, low: int, high: int) -> int:
    """A whole number from low to high, both included."""
    return int(rng.integers(low, high + 1))


def _symmetric(rng, half: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """A kernel of length 2 · half + 1 that reads the same from both ends."""
    kernel = randn(rng, 2 * half + 1, dtype=dtype)
    return kernel + kernel.flip(0)


def _expected(signal: Tensor, kernel: Tensor) -> Tensor:
    whole = np.convolve(signal.double().numpy(), kernel.double().numpy(), "valid")
    return torch.from_numpy(whole).to(signal.dtype)


def _as_numbers(output: object) -> object:
    """An array or a list of numbers as a tensor, all else as it is: that it is none is seen by other tests."""
    if isinstance(output, list | tuple) and all(isinstance(number, int | float) for number in output):
        return torch.tensor(output, dtype=torch.float64)
    is_array = isinstance(output, np.ndarray) and output.dtype.kind == "f"
    return torch.from_numpy(output.astype(np.float64)) if is_array else output


def _row(output: object) -> Tensor:
    """A row of two or more finite numbers."""
    tensor = as_tensor(output)
    assert tensor.is_floating_point(), f"output has dtype {tensor.dtype}, expected a floating type"
    assert tensor.dim() == 1, f"output has {tensor.dim()} axes, expected one"
    assert len(tensor) > 1, "output has less than two numbers"
    assert bool(torch.isfinite(tensor).all()), "output holds NaN or infinity"
    return tensor.detach()


def _shared(output: object, expected: Tensor) -> tuple[Tensor, Tensor]:
    """Of a result that is too long the middle, of one that is too short what there is; and what it is compared with."""
    row, length = _row(output), len(expected)
    begin = max(len(row) - length, 0) // 2
    return row[begin : begin + length].to(expected.dtype), expected[: len(row)]


def _ask(rng, student, kernels: list[Tensor]) -> list[tuple[Tensor, Tensor]]:
    """The shared numbers of result and expectation for each kernel, on a signal of its own."""
    asked = []
    for kernel in kernels:
        signal = randn(rng, _integer(rng, 16, 40), dtype=torch.float32)
        asked.append((student.conv1d_lecture(signal, kernel), _expected(signal, kernel)))
    return [_shared(*one) for one in asked]


def _kind(student, length: int, kernel: int) -> str:
    """What a call with these lengths raises."""
    try:
        student.conv1d_lecture(torch.ones(length), torch.ones(kernel))
    except StudentError as error:
        return error.kind
    return "nothing"


def _check_depends(rng, student) -> None:
    """An ordinary call is linear in the signal, and in the kernel: constants and noise prove nothing.

    Which kernel it is that meets the signal is seen by `test_symmetric_kernel` and `test_flip`. The row may be an array
    or a list.
    """
    first, second, kernel = (randn(rng, n, dtype=torch.float32) for n in (9, 9, 3))
    rows = [
        _row(_as_numbers(student.conv1d_lecture(signal, factor * kernel))).double()
        for signal, factor in ((first, 1), (second, 1), (first + second, 2))
    ]
    assert float(rows[0].abs().max()) > 1e-3, "an ordinary call gives zeros"
    what = "an ordinary call, two signals added and the kernel doubled"
    assert_close(rows[2], 2 * (rows[0] + rows[1]), rtol=1e-4, atol=1e-4, what=what)


def test_symmetric_kernel(rng, student):
    asked = _ask(rng, student, [_symmetric(rng, half) for half in (0, 1, 2, _integer(rng, 3, 5))])
    for found, expected in asked:
        # The order is seen by `test_flip`.
        is_reversed = len(found) == len(expected) and torch.allclose(
            found.flip(0), expected, rtol=1e-4, atol=1e-4
        )
        assert_close(found.flip(0) if is_reversed else found, expected, **CLOSE)


def test_flip(rng, student):
    kernels = [randn(rng, 2 * half + 1, dtype=torch.float32) for half in (2, 3, _integer(rng, 4, 5))]
    for kernel in kernels:
        kernel[0] = kernel[-1] = 0  # whoever loses the first term or the last pays in `test_symmetric_kernel`
    for found, expected in _ask(rng, student, kernels):
        # Up to a factor, which is seen by `test_symmetric_kernel`.
        factor = float((found * expected).sum() / (expected * expected).sum())
        assert abs(factor) > 1e-3, "output has nothing in common with the convolution"
        assert_close(found / factor, expected, **CLOSE)


def test_length(rng, student):
    _check_depends(rng, student)
    asked = []
    for half in (1, 2, 4):
        for length in (2 * half + 1, 2 * half + 2, _integer(rng, 20, 40)):
            given = (randn(rng, n, dtype=torch.float32) for n in (length, 2 * half + 1))
            output = as_tensor(student.conv1d_lecture(*given))
            asked.append((tuple(output.shape), (length - 2 * half,)))
    for found, expected in asked:
        assert found == expected, f"the result has shape {found}, expected {expected}"


def test_even_kernel(rng, student):
    _check_depends(rng, student)  # code that raises on everything proves nothing
    kinds = [_kind(student, _integer(rng, 12, 30), kernel) for kernel in (2, 4, 8)]
    assert kinds == ["ValueError"] * 3, f"a kernel of even length raises {kinds}, expected ValueError"


def test_long_kernel(rng, student):
    _check_depends(rng, student)
    kinds = [_kind(student, 4, 5), _kind(student, 3, 2 * _integer(rng, 3, 6) + 1)]
    assert kinds == ["ValueError"] * 2, f"a kernel longer than the signal raises {kinds}, expected ValueError"


def test_gradients(rng, student):
    _check_depends(rng, student)
    asked = []
    for half in (1, 3):
        length = _integer(rng, 16, 30)
        at, towards = ([randn(rng, n, dtype=torch.float32) for n in (length, 2 * half + 1)] for _ in range(2))
        out = as_tensor(student.conv1d_lecture(*at))
        upstream = randn(rng, *out.shape, dtype=torch.float32)
        call = student.conv1d_lecture.options(requires_grad=(0, 1), upstream=upstream, want=("out", "grads"))
        grads = call(*at).grads
        # It is linear in each argument, so the change along a direction is exact.
        moved = [
            student.conv1d_lecture(at[0] + towards[0], at[1]),
            student.conv1d_lecture(at[0], at[1] + towards[1]),
        ]
        asked.append((out, upstream, grads, towards, moved))
    for out, upstream, grads, towards, moved in asked:
        for name, grad, direction, there in zip(("signal", "kernel"), grads, towards, moved, strict=True):
            what = f"gradient of {name}"
            grad, there = as_tensor(grad, what), as_tensor(there)
            assert grad.shape == direction.shape, f"{what} has shape {tuple(grad.shape)}"
            assert there.shape == out.shape, "the length changes with the numbers"
            change = ((there - out).double() * upstream.double()).sum()
            assert_close((grad.double() * direction.double()).sum(), change, rtol=1e-3, atol=1e-3, what=what)


def test_dtype(rng, student):
    _check_depends(rng, student)
    signals, kernel = [randn(rng, 20) for _ in range(2)], randn(rng, 5)
    single = as_tensor(student.conv1d_lecture(signals[0].float(), kernel.float()))
    first, second, both = (
        as_tensor(student.conv1d_lecture(signal, kernel)) for signal in (*signals, signals[0] + signals[1])
    )
    assert single.dtype == torch.float32, f"float32 gives {single.dtype}"
    assert both.dtype == torch.float64, f"float64 gives {both.dtype}"
    # What was rounded to float32 on the way does not add up.
    assert_close(both, first + second, rtol=1e-10, atol=1e-10)


def test_inputs_unchanged(rng, student):
    _check_depends(rng, student)
    given = randn(rng, 20, dtype=torch.float32), randn(rng, 5, dtype=torch.float32)
    result = student.conv1d_lecture.options(want=("out", "inputs_after"))(*given)
    as_tensor(_as_numbers(result.out))
    assert result.inputs_after is not None, "the inputs did not come back"
    for name, before, after in zip(("signal", "kernel"), given, result.inputs_after, strict=True):
        assert_close(after, before, rtol=0, atol=0, what=f"{name} after the call")
