"""What counts as the same answer: types, shapes, values up to rounding, and exceptions by type and words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from autograder.grading.verdicts.agreement import same_answer, same_kind, same_value
from autograder.remote.failures import StudentCrashed, StudentError, StudentTimeout
from autograder.wire.reasons import Reason

ONE = torch.tensor([1.0])
DOUBLE = torch.tensor([1.0, 1 / 3], dtype=torch.float64)
SINGLE = DOUBLE.float().double()


@pytest.mark.parametrize(
    ("one", "other", "are_same"),
    [
        (ONE, ONE.clone(), True),
        (ONE, torch.tensor([1.00005]), True),
        (ONE, torch.tensor([1.0002]), False),
        (torch.tensor([0.0]), torch.tensor([0.000009]), True),
        (torch.tensor([0.0]), torch.tensor([0.00002]), False),
        (torch.tensor([float("nan")]), torch.tensor([float("nan")]), True),
        (ONE, torch.tensor([float("nan")]), False),
        (ONE, torch.ones(2), False),
        (torch.ones(2, 1), torch.ones(2), False),
        (ONE, ONE.double(), False),
        (torch.tensor([1, 2]), torch.tensor([1, 2]), True),
        (torch.tensor([1, 2]), torch.tensor([1, 3]), False),
        (np.ones(2), np.ones(2), True),
        (np.ones(2), np.zeros(2), False),
        (np.ones(1), torch.ones(1, dtype=torch.float64), False),
        (ONE, 1.0, False),
        (1, 1.0, True),
        (1.0, 1.000005, True),
        (1.0, 1.00003, False),
        (0.0, 9e-7, True),
        (0.0, 3e-6, False),
        (float("nan"), float("nan"), True),
        (float("nan"), 1.0, False),
        (float("inf"), float("inf"), True),
        (True, True, True),
        (True, 1, False),
        (1.0, None, False),
        (None, None, True),
        ("text", "text", True),
        ("1", 1, False),
        ([1, 2], [1, 2], True),
        ((1, 2), [1, 2], True),
        ([1, 2], [1, 3], False),
        ([1, 2], [3, 2], False),
        ([1], [1, 2], False),
        ([1], 1, False),
        ({1: 2.0}, {1: 2}, True),
        ({1: 2.0}, {1: 3}, False),
        ({1: 2.0}, {2: 2.0}, False),
        ({1: 2.0}, {1: 2.0, 2: 2.0}, False),
        ({1: 2.0}, {"1": 2.0}, False),
        ({1: 0, 2: 0}, {2: 0, 1: 0}, False),
        ({1: [None, torch.ones(2)]}, {1: (None, torch.ones(2))}, True),
        ({1: [None, torch.ones(2)]}, {1: (None, torch.zeros(2))}, False),
        ({0: 1}, [1], False),
    ],
)
def test_values(one: Any, other: Any, are_same: bool) -> None:
    assert same_value(one, other) is are_same
    assert same_value(other, one) is are_same


@pytest.mark.parametrize(
    ("one", "other", "in_double"),
    [
        (DOUBLE, DOUBLE + 1e-13, True),
        (DOUBLE, SINGLE, False),
        (SINGLE, (SINGLE.float() * (1 + 1e-7)).double(), True),
        (DOUBLE, DOUBLE + 1e-8, False),
    ],
)
def test_float64_is_told_from_float32_only_where_it_was_asked_for(
    one: torch.Tensor, other: torch.Tensor, in_double: bool
) -> None:
    assert same_value(one, other)
    assert same_value([one], [other], in_double=True) is in_double
    assert same_value({"k": one}, {"k": other}, in_double=True) is in_double


@pytest.mark.parametrize(
    ("other", "is_same", "is_same_kind"),
    [
        (StudentError("", "ValueError", message="k (=3) is too large"), True, True),
        (StudentError("", "ValueError", message="k (=4) is too large"), False, True),
        (StudentError("", "TypeError", message="k (=3) is too large"), False, False),
        (StudentTimeout(Reason("test time")), False, False),
        (StudentCrashed(Reason("holder ended")), False, False),
        ({"out": 3}, False, False),
    ],
)
def test_exceptions(other: Any, is_same: bool, is_same_kind: bool) -> None:
    error = StudentError("", "ValueError", message="k (=3) is too large")
    assert same_answer(error, other) is is_same
    assert same_answer(other, error) is is_same
    assert same_kind(error, other) is is_same_kind


def test_an_address_in_an_exception_does_not_count() -> None:
    one, other = (StudentError("", "TypeError", message=f"<f at 0x{n}>") for n in ("7f01", "7e99ab"))
    assert same_answer(one, other)


def test_what_did_not_answer_agrees_with_nothing() -> None:
    timeout = StudentTimeout(Reason("test time"))
    assert not same_answer(timeout, timeout)


@pytest.mark.parametrize("part", ["out", "inputs_after", "grads"])
def test_every_part_of_an_answer_counts(part: str) -> None:
    answer = {"out": ONE, "inputs_after": (ONE, None), "grads": (None, ONE)}
    assert same_answer(answer, dict(answer))
    assert not same_answer(answer, {**answer, part: (ONE + 1, ONE)})
    assert not same_answer(answer, {**answer, part: None})
