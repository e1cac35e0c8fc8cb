"""Whether two answers to one request are the same, up to rounding: types, shapes, values, and words of exceptions."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import torch
from torch import Tensor

from autograder.remote.failures import StudentError, StudentFailure
from autograder.remote.transcript import Answer

RTOL, ATOL = 1e-4, 1e-5
NUMBER_RTOL, NUMBER_ATOL = 1e-5, 1e-6
# Beyond this float64 numbers were not computed in the same precision.
DOUBLE_RTOL = 1e-9
ADDRESS = re.compile(r"\b0x[0-9a-f]+")
FLOATS = (torch.float16, torch.float32, torch.float64)


def same_answer(one: Answer, other: Answer, *, in_double: bool = False) -> bool:
    """Whether two answers agree. What gave no answer in time, or ended its worker, agrees with nothing.

    in_double: whether to tell float64 numbers from float32 numbers of that type.
    """
    if isinstance(one, StudentFailure) or isinstance(other, StudentFailure):
        return same_kind(one, other) and _words(one) == _words(other)
    return all(same_value(one.get(part), other.get(part), in_double=in_double) for part in {*one, *other})


def same_kind(one: Answer, other: Answer) -> bool:
    """Whether both are exceptions of one type."""
    return isinstance(one, StudentError) and isinstance(other, StudentError) and one.kind == other.kind


def is_ended(answer: Answer) -> bool:
    """Whether there was no answer in time, or its worker ended."""
    return isinstance(answer, StudentFailure) and not isinstance(answer, StudentError)


def _words(answer: Answer) -> str:
    return ADDRESS.sub("0x", answer.message) if isinstance(answer, StudentError) else ""


def same_value(one: Any, other: Any, *, in_double: bool = False) -> bool:
    """Whether two values agree: types of numbers in tensors count, the order of a dict's keys does, too."""
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return _same_tensors(torch.from_numpy(one), torch.from_numpy(other), in_double)
    if isinstance(one, Tensor) and isinstance(other, Tensor):
        return _same_tensors(one, other, in_double)
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(
            same_value(one[key], other[key], in_double=in_double) for key in one
        )
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(
            same_value(a, b, in_double=in_double) for a, b in zip(one, other, strict=True)
        )
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, float | int) and isinstance(other, float | int):
        return _same_numbers(float(one), float(other))
    return type(one) is type(other) and bool(one == other)


def _same_numbers(one: float, other: float) -> bool:
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    return math.isclose(one, other, rel_tol=NUMBER_RTOL, abs_tol=NUMBER_ATOL)


def _same_tensors(one: Tensor, other: Tensor, in_double: bool) -> bool:
    if one.shape != other.shape or one.dtype != other.dtype:
        return False
    if torch.equal(one, other):
        return True
    if one.dtype not in FLOATS:
        return False
    if not torch.allclose(one, other, rtol=RTOL, atol=ATOL, equal_nan=True):
        return False
    if not in_double or one.dtype is not torch.float64:
        return True
    if torch.allclose(one, other, rtol=DOUBLE_RTOL, atol=DOUBLE_RTOL, equal_nan=True):
        return True
    # Rounded somewhere on the way: by the same steps only if both came out of float32 altogether.
    return _is_single(one) and _is_single(other)


def _is_single(value: Tensor) -> bool:
    return torch.allclose(value.float().double(), value, rtol=0, atol=0, equal_nan=True)
