"""What hidden and public tests import: random tensors and comparisons that can only pass or fail.

A student's answer may be anything, so nothing here raises another exception than AssertionError because of it.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor


def randn(rng: np.random.Generator, *shape: int, dtype: torch.dtype = torch.float64) -> Tensor:
    """Standard normal numbers of `shape`, drawn in float64 and rounded to `dtype`."""
    return torch.from_numpy(np.asarray(rng.standard_normal(shape))).to(dtype)


def as_tensor(value: object, what: str = "output") -> Tensor:
    """Return `value` if it is a tensor. Raises: AssertionError otherwise."""
    assert isinstance(value, Tensor), f"{what} is a {type(value).__name__}, expected a tensor"
    return value


def assert_close(
    actual: object, expected: Tensor, rtol: float = 1e-7, atol: float = 1e-10, what: str = "output"
) -> None:
    """Check type, dtype, shape, finiteness and values. Raises: AssertionError naming what differs.

    The message holds shapes and dtypes only: values of hidden tests are never shown to students.
    """
    tensor = as_tensor(actual, what)
    assert tensor.dtype == expected.dtype, f"{what} has dtype {tensor.dtype}, expected {expected.dtype}"
    assert tensor.shape == expected.shape, (
        f"{what} has shape {tuple(tensor.shape)}, expected {tuple(expected.shape)}"
    )
    tensor, expected = tensor.detach().cpu(), expected.detach().cpu()
    assert bool(torch.isfinite(tensor).all()), f"{what} holds NaN or infinity"
    assert torch.allclose(tensor, expected, rtol=rtol, atol=atol), f"{what} has wrong values"
