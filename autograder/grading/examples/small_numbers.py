"""Smaller calls without tensors: shorter tuples of whole numbers, and smaller numbers, one change at a time.

No student's code is asked here but through `shows`; the reference says after which changes it still answers alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from torch.utils._pytree import tree_flatten, tree_unflatten

from autograder.grading.examples.small_calls import Call, refusal
from autograder.grading.verdicts.replays import Answer, replay
from autograder.remote.records import CallRecord

# 0 and 1 would hide too much: a stride of 1, no padding, one channel.
SMALL = (2, 3, 4, 5)
LEAST_LENGTH = 2
ROUNDS = 2
"""What did not fit at first may do so when other numbers are smaller: a long signal, until its kernel is short."""


class SmallNumbers:
    """The calls like `record` with shorter tuples and smaller numbers. Raises: ValueError where it has no numbers."""

    def __init__(self, function: Callable[..., Any], record: CallRecord, right: Answer) -> None:
        self._function, self._record, self._right = function, record, right
        self._refusal = refusal(function, record) if isinstance(right, str) else ""
        if not any(type(leaf) is int for leaf in _leaves(record)):
            raise ValueError("the call has no whole numbers")

    def smallest(self, shows: Callable[[Call], Call | None]) -> Call | None:
        """The smallest call found; None where no change still shows it.

        shows: gives a call with the student's answer where that is wrong in the same way.
        """
        best: Call | None = None
        for steps in (_shorter, *[_smaller] * ROUNDS):
            for position in range(len(_leaves(self._record))):
                record = self._record if best is None else best.record
                found = self._first(steps(record, position), shows)
                best = best if found is None else found
        return best

    def _first(self, records: Iterator[CallRecord], shows: Callable[[Call], Call | None]) -> Call | None:
        for record in records:
            right = replay(self._function, record)
            shown = (
                shows(Call(record, right)) if right is not None and self._is_alike(record, right) else None
            )
            if shown is not None:
                return shown
        return None

    def _is_alike(self, record: CallRecord, right: Answer) -> bool:
        if isinstance(right, str) or isinstance(self._right, str):
            return right == self._right and refusal(self._function, record) == self._refusal
        return type(right[0]) is type(self._right[0])


def _leaves(record: CallRecord) -> list[Any]:
    leaves: list[Any] = tree_flatten((record.args, dict(record.kwargs)))[0]
    return leaves


def _smaller(record: CallRecord, position: int) -> Iterator[CallRecord]:
    """With a smaller number at this place: first one that no other argument has, so that they can be told apart."""
    leaves, form = tree_flatten((record.args, dict(record.kwargs)))
    value = leaves[position] if position < len(leaves) else None
    if type(value) is not int:
        return
    small = [number for number in SMALL if number < value and number not in leaves]
    if value > SMALL[-1]:
        small += [number for number in SMALL if number in leaves]
    for number in [*small, *([value // 2] if value // 2 > SMALL[-1] else [])]:
        args, kwargs = tree_unflatten([*leaves[:position], number, *leaves[position + 1 :]], form)
        yield _changed(record, args, kwargs)


def _shorter(record: CallRecord, position: int) -> Iterator[CallRecord]:
    """With a shorter tuple as the argument at this place."""
    values: list[Any] = [*record.args, *record.kwargs.values()]
    value = values[position] if position < len(values) else None
    if not isinstance(value, list | tuple) or not all(type(item) is int for item in value):
        return
    for length in range(LEAST_LENGTH, len(value)):
        args = [*values[:position], value[:length], *values[position + 1 :]]
        num_args = len(record.args)
        yield _changed(record, args[:num_args], dict(zip(record.kwargs, args[num_args:], strict=True)))


def _changed(record: CallRecord, args: Sequence[Any], kwargs: dict[str, Any]) -> CallRecord:
    return CallRecord(record.name, tuple(args), kwargs, {**record.options, "call_s": None})
