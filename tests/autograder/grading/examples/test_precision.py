"""Answers to float64 numbers that are right to the digits of float32 only, and the example that shows it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from autograder.course.manifest import load_manifest
from autograder.grading.examples.example import References, example_of
from autograder.grading.examples.precision import IN_DOUBLE, first_imprecise, tolerance_of, way_of
from autograder.grading.examples.small_calls import SmallCalls
from autograder.remote.records import CallRecord
from autograder.testing import Difference

SEMINAR = Path(__file__).parents[4] / "assignments" / "seminar_cnn"
REFERENCES = References(load_manifest(SEMINAR))
X = torch.linspace(0.1, 0.9, 9, dtype=torch.float64).reshape(1, 1, 3, 3)
KERNEL = torch.tensor([[[[0.7]]]], dtype=torch.float64)


def record(out: Any, x: Tensor = X, kernel: Tensor = KERNEL) -> CallRecord:
    return CallRecord("conv2d", (x, kernel), {}, {}, out)


def by_float32() -> Tensor:
    return F.conv2d(X.float(), KERNEL.float()).double()


@pytest.mark.parametrize(
    ("failure", "tolerance"),
    [
        (AssertionError(), IN_DOUBLE),
        (Difference("values", "x", tolerance=(1e-4, 1e-4)), IN_DOUBLE),
        (Difference("values", "x", tolerance=(0.0, 1e-12)), (0.0, 1e-12)),
        (Difference("dtype", "x"), IN_DOUBLE),
    ],
)
def test_the_tolerance_of_the_test(failure: BaseException, tolerance: tuple[float, float]) -> None:
    assert tolerance_of(failure) == tolerance


def test_only_numbers_of_float64_are_looked_at() -> None:
    right = F.conv2d(X, KERNEL)
    single = record(right.float() + 1, X.float(), KERNEL.float())
    other_shape, other_dtype = record(right[..., :1]), record(right.float())
    not_finite = record(right / 0)
    calls = [record(right), record(right + 1e-13), single, other_shape, other_dtype, not_finite]
    assert first_imprecise(calls, REFERENCES.of, IN_DOUBLE) is None
    wrong = record(by_float32())
    found = first_imprecise([*calls, wrong], REFERENCES.of, IN_DOUBLE)
    assert found is not None
    assert found[0] is wrong
    assert way_of(IN_DOUBLE)(*found)


def test_the_example_names_the_call_and_frames_what_the_test_does_not_allow() -> None:
    example = example_of(AssertionError(), [record(by_float32())], REFERENCES, "en")
    assert example is not None
    assert example.call == "conv2d(x, weight)"
    assert example.got != example.expected
    got, expected = example.arrays[-2:]
    apart = (by_float32() - F.conv2d(X, KERNEL)).abs()[0, 0] > 1e-10 * (1 + F.conv2d(X, KERNEL)[0, 0])
    assert got.parts[0].marked == expected.parts[0].marked
    assert len(got.parts[0].marked) == int(apart.sum()) > 5


def test_small_calls_of_tenths() -> None:
    wrong = record(by_float32())
    right = (F.conv2d(X, KERNEL), None)
    function = REFERENCES.of("conv2d")
    assert function is not None
    calls = SmallCalls(function, wrong, right, tenths=True)
    call = calls.call(calls.least)
    assert call is not None
    x = call.record.args[0]
    assert x.dtype == torch.float64
    assert bool((x != x.float().double()).any()), "float32 does not hold them"
    assert torch.equal((x * 10).round() / 10, x)
