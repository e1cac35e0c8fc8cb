"""A recorded call of a student's function, answered by a function of the course, in this process."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from autograder.remote.records import CallRecord, Made
from autograder.sandbox.runner.drivers import DRIVERS

TOLERANCE = {"rtol": 1e-4, "atol": 1e-5}
CPU = torch.device("cpu")

Answer = tuple[Any, tuple[Tensor | None, ...] | None] | str
"""Output and gradients of a call, or the name of the exception that it raised."""


def answer_of(record: CallRecord) -> Answer:
    """The student's."""
    return (record.out, record.grads) if record.failure is None else record.failure.kind


def replay(function: Callable[..., Any] | None, record: CallRecord) -> Answer | None:
    """What `function` answers to the recorded call."""
    if function is None:
        return None
    args = [_fresh(value) for value in record.args]
    kwargs = {key: _fresh(value) for key, value in record.kwargs.items()}
    wanted = tuple(record.options.get("requires_grad", ()))
    for position in wanted:
        args[position].requires_grad_()
    try:
        with warnings.catch_warnings(), torch.enable_grad():  # as in the worker
            warnings.simplefilter("ignore")
            out = function(*args, **kwargs)
            grads = _gradients(out, [args[i] for i in wanted], record.options.get("upstream"))
    except Exception as error:
        return type(error).__name__
    return (out.detach() if isinstance(out, Tensor) else out), grads


def called_afresh(function: Callable[..., Any], record: CallRecord) -> Any:
    """What `function` gives for the arguments of a recorded call, with objects made anew."""
    kwargs = {key: _fresh(value) for key, value in record.kwargs.items()}
    with torch.no_grad():
        return function(*map(_fresh, record.args), **kwargs)


def _fresh(value: Any) -> Any:
    """The value as it was before the call, for one call more."""
    if isinstance(value, Made):
        return DRIVERS[value.driver](CPU, **{key: _fresh(item) for key, item in value.arguments.items()})
    return value.clone() if isinstance(value, Tensor) else copy.copy(value)


def _gradients(out: Any, inputs: list[Tensor], upstream: Tensor | None) -> tuple[Tensor | None, ...] | None:
    if not inputs or upstream is None:
        return None
    return torch.autograd.grad(out, inputs, upstream, allow_unused=True)


def same(one: Answer | None, other: Answer | None) -> bool:
    """Whether two answers agree, up to rounding; None agrees with nothing."""
    if not isinstance(one, tuple) or not isinstance(other, tuple):
        return one is not None and one == other
    return _equal(one[0], other[0]) and (one[1] is None or other[1] is None or _equal(one[1], other[1]))


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, Tensor) and isinstance(other, Tensor):
        if one.shape != other.shape or one.dtype != other.dtype:
            return False
        return torch.allclose(one.detach(), other.detach(), equal_nan=True, **TOLERANCE)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_equal(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_equal, one, other))
    if isinstance(one, float | int) and isinstance(other, float | int):
        return abs(one - other) <= 1e-6
    return one is None and other is None
