"""Calls with float64 numbers whose answer is right to the digits of float32 only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from autograder.grading.verdicts.replays import Answer, replay
from autograder.grids.parts import Tolerance
from autograder.remote.records import CallRecord
from autograder.testing import Difference

IN_DOUBLE: Tolerance = (1e-10, 1e-10)
# Above this a test does not ask for more digits than float32 has.
MOST_RELATIVE = 1e-7
IMPRECISE = "imprecise"


def tolerance_of(failure: BaseException | None) -> Tolerance:
    """By how much a test lets numbers of float64 differ: what it has compared with, where that is told."""
    tolerance = failure.tolerance if isinstance(failure, Difference) else None
    return tolerance if tolerance is not None and tolerance[0] <= MOST_RELATIVE else IN_DOUBLE


def first_imprecise(
    calls: Sequence[CallRecord],
    function_of: Callable[[str], Callable[..., Any] | None],
    tolerance: Tolerance,
) -> tuple[CallRecord, Answer] | None:
    """The first call with float64 numbers that is answered with others than the reference's, and what is right."""
    for record in calls:
        if not any(_is_double(value) for value in (*record.args, *record.kwargs.values())):
            continue
        right = replay(function_of(record.name), record)
        if right is not None and way_of(tolerance)(record, right):
            return record, right
    return None


def way_of(tolerance: Tolerance) -> Callable[[CallRecord, Answer], str]:
    """Says of an answered call whether it is wrong in this way."""

    def way(record: CallRecord, right: Answer) -> str:
        is_answered = record.failure is None and isinstance(right, tuple)
        return IMPRECISE if is_answered and _differs(record.out, right[0], tolerance) else ""

    return way


def _is_double(value: Any) -> bool:
    return isinstance(value, Tensor) and value.dtype == torch.float64


def _differs(one: Any, other: Any, tolerance: Tolerance) -> bool:
    if isinstance(one, list | tuple) and isinstance(other, list | tuple) and len(one) == len(other):
        return any(_differs(a, b, tolerance) for a, b in zip(one, other, strict=True))
    if not (_is_double(one) and _is_double(other) and one.shape == other.shape):
        return False
    rtol, atol = tolerance
    is_finite = bool(torch.isfinite(one).all())
    return is_finite and not torch.allclose(one.detach(), other.detach(), rtol=rtol, atol=atol)
