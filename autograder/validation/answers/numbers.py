"""The numbers in an answer of a worker, as arrays by their place in it, and which of them two answers share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograder.wire.frames import Arrays

# Closer than this, in relation to the number and to the largest one beside it, is not called wrong: tests that compare
# float32 allow about as much.
CLOSE, CLOSE_TO_LARGEST = 1e-4, 1e-5
# What counts of the values of an answer; that inputs stay as they are is nothing that was computed.
ANSWERS = ("out", "grads")

Numbers = dict[str, np.ndarray[Any, Any]]
"""Place in an answer ("/out/0") -> float64 numbers there."""


def answers(values: Mapping[str, Any]) -> list[Any]:
    """The part of an answer's values whose numbers count, as one encoded dict."""
    return ["dict", [[key, values[key]] for key in ANSWERS if key in values]]


def numbers(tree: Any, arrays: Arrays, start: Numbers | None = None, path: str = "") -> Numbers:
    """Place in an answer -> the numbers there, as float64; weights as what they have moved from where they started."""
    if isinstance(tree, int | float) and not isinstance(tree, bool):
        return {path: np.asarray(float(tree))}
    match tree:
        case ["tensor" | "ndarray", str(name)] if arrays[name].dtype != bool:
            value = np.asarray(arrays[name], dtype=np.float64)
            before = (start or {}).get(path.rpartition("/")[2])
            if before is None or before.shape != value.shape:
                return {path: value}
            return {path: np.where(value == before, np.nan, value - before)}
        case ["list" | "tuple", list(items)]:
            pairs: list[Any] = list(enumerate(items))
        case ["dict", list(items)]:
            pairs = [tuple(item) for item in items]
        case _:
            return {}
    return {
        place: value
        for key, item in pairs
        for place, value in numbers(item, arrays, start, f"{path}/{key}").items()
    }


def close(one: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Mask of the numbers of `one` that `other`, of the same shape, gives too."""
    scale = np.abs(one).max(initial=0.0, where=np.isfinite(one))
    with np.errstate(invalid="ignore"):
        return np.asarray(np.abs(one - other) <= CLOSE * np.abs(one) + CLOSE_TO_LARGEST * scale + 1e-12)


def stable(first: Numbers, second: Numbers) -> Numbers:
    """Place -> mask of the finite numbers that both answers give; NaN stands for a weight that was not moved."""
    return {
        place: np.isfinite(value) & close(value, second[place])
        for place, value in first.items()
        if place in second and second[place].shape == value.shape
    }
