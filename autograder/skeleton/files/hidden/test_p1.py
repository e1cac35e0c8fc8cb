"""Hidden tests of P1: each looks at one property. What is right is computed in double precision by torch."""

from __future__ import annotations

import torch

from autograder.testing import as_tensor, assert_close, randn


def _compare(student, shapes: list[tuple[int, int, int, int]], rng) -> None:
    """Ask everything first: what is not asked tells the diagnosis nothing."""
    inputs = [randn(rng, *shape) for shape in shapes]
    for x, output in [(x, student.global_mean(x)) for x in inputs]:
        assert_close(output, x.double().mean((2, 3)), rtol=1e-4, atol=1e-4, any_float=True)


def test_mean(rng, student):
    sides = rng.integers(2, 7, size=3)
    _compare(student, [(2, 3, int(side), int(side)) for side in sides], rng)


def test_rectangular(rng, student):
    heights = rng.integers(2, 5, size=3)
    _compare(student, [(2, 3, int(height), int(height) + 3) for height in heights], rng)


def test_dtype(rng, student):
    x = randn(rng, 2, 3, 4, 4, dtype=torch.float64)
    output = student.global_mean(x)
    # Zeros of the right dtype are no answer, so the values count, as closely as single precision has them.
    assert_close(output, x.mean((2, 3)), rtol=1e-4, atol=1e-4, any_float=True)
    found = as_tensor(output).dtype
    assert found == torch.float64, f"output has dtype {found}"
