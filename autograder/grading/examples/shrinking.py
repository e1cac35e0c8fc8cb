"""The smallest call that shows the same difference: a fixed ladder of small calls, put to the student's code.

It starts from a call of the example's own, in the example's worker, so nothing of a hidden call is in it. The number of
calls is bounded, never their time: the same submission under the same salt always shows the same example.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from autograder.grading.examples.small_calls import Call, Sizes, SmallCalls
from autograder.grading.examples.small_numbers import SmallNumbers
from autograder.grading.verdicts.replays import Answer, answer_of, same
from autograder.remote.failures import StudentCrashed, StudentError, StudentTimeout
from autograder.remote.records import CallRecord, Made
from autograder.remote.student import Student

Way = Callable[[CallRecord, Answer], str]
"""In which way an answered call is wrong, beside what is right; "" for a right one."""
MOST_CALLS = 64
"""For all examples of a task: with one number for all tasks the last ones would have large examples."""
MOST_STEPS = 3
SECONDS = 5.0


class Shrinker:
    """Asks a student's code, which has met no hidden test, for its answers to smaller calls."""

    def __init__(self, student: Student, most_calls: int = MOST_CALLS) -> None:
        self._student, self._left, self._most = student, most_calls, most_calls
        self._task, self._is_silent = "", False

    def begin_task(self, task: str) -> None:
        """Allow as many calls again for each task, unless the code has stopped answering."""
        if task != self._task:
            self._task, self._left = task, self._most

    def smallest(
        self,
        function: Any,
        record: CallRecord,
        right: Answer,
        way: Way | None = None,
        *,
        tenths: bool = False,
    ) -> Call | None:
        """The smallest of the ladder's calls whose answer is wrong in the same way; None where none is.

        function: the reference. record: a call that was answered wrongly. right: what is right. way: says in which way
        an answered call is wrong, for ways that the answer alone does not tell. tenths: numbers are 0.1 to 0.9.
        """
        way = _way_of_answer if way is None else way
        kind = way(record, right)
        if not any(isinstance(value, Tensor) for value in (*record.args, *record.kwargs.values())):
            return self._with_smallest_numbers(function, record, right, way)
        try:
            calls = SmallCalls(function, record, right, tenths=tenths)
        except ValueError:
            return None
        self._student.begin_test(SECONDS)
        found: tuple[Sizes, Call] | None = None
        tried: set[Sizes] = set()
        for steps in range(MOST_STEPS + 1):
            sizes = tuple(min(most, n + steps) for n, most in zip(calls.least, calls.original, strict=True))
            shown = None if sizes in tried else self._shows(calls, sizes, kind, way)
            tried.add(sizes)
            if shown is not None:
                found = sizes, shown
                break
        return self._group_by_group(calls, found, kind, way)

    def _group_by_group(
        self, calls: SmallCalls, found: tuple[Sizes, Call] | None, kind: str, way: Way
    ) -> Call | None:
        """Shorten one group of axes after another, from what the ladder has found, else from the original."""
        sizes, best = (calls.original, None) if found is None else found
        for number, least in enumerate(calls.least):
            # Where no small call shows it, some length may have to differ from another one.
            halfway = () if found is not None else ((least + calls.original[number]) // 2,)
            for size in (least, *halfway):
                fewer = (*sizes[:number], size, *sizes[number + 1 :])
                shown = self._shows(calls, fewer, kind, way) if fewer != sizes else None
                if shown is not None:
                    sizes, best = fewer, shown
                    break
        return best

    def _shows(self, calls: SmallCalls, sizes: Sizes, kind: str, way: Way) -> Call | None:
        """The call of these sizes with the student's answer, where that is wrong in the same way."""
        call = calls.call(sizes)
        return None if call is None else self._wrong(call, kind, way)

    def _with_smallest_numbers(
        self, function: Any, record: CallRecord, right: Answer, way: Way
    ) -> Call | None:
        """Of a call without tensors."""
        kind = way(record, right)
        try:
            calls = SmallNumbers(function, record, right)
        except ValueError:
            return None
        self._student.begin_test(SECONDS)
        return calls.smallest(lambda call: self._wrong(call, kind, way))

    def _wrong(self, call: Call, kind: str, way: Way) -> Call | None:
        """The call with the student's answer, where that is wrong in the same way."""
        if self._is_silent or self._left <= 0:
            return None
        self._left -= 1
        answered = self._answered(call.record)
        if answered is None or way(answered, call.right) != kind:
            return None
        return Call(answered, call.right)

    def _answered(self, record: CallRecord) -> CallRecord | None:
        """The record of a call put to the student's code; None where it gives no answer, and no call follows then."""
        args = [self._sendable(value) for value in record.args]
        kwargs = {key: self._sendable(value) for key, value in record.kwargs.items()}
        before = len(self._student.calls)
        try:
            getattr(self._student, record.name).options(**record.options)(*args, **kwargs)
        except StudentError:
            pass
        except (StudentTimeout, StudentCrashed):
            self._is_silent = True
            return None
        return self._student.calls[-1] if len(self._student.calls) > before else None

    def _sendable(self, value: Any) -> Any:
        if not isinstance(value, Made):
            return value
        return self._student.make(value.driver, called=value.called, **value.arguments)


def _way_of_answer(record: CallRecord, right: Answer) -> str:
    """An exception from another line is another one: small calls raise much that large ones do not."""
    line = record.failure.at if isinstance(record.failure, StudentError) else ""
    return f"{kind_of(answer_of(record), right)} {line}".strip()


def kind_of(answer: Answer, right: Answer) -> str:
    """In which way an answer is wrong; "" for a right one."""
    if same(right, answer):
        return ""
    if isinstance(answer, str):
        return f"error {answer}"
    if isinstance(right, str):
        return "no error"
    out, expected = answer[0], right[0]
    if same((expected, None), (out, None)):
        return "gradient"
    if not isinstance(out, Tensor) or not isinstance(expected, Tensor):
        return f"value {type(out).__name__}"
    if out.dtype != expected.dtype:
        return "dtype"
    if out.shape != expected.shape:
        return "shape"
    return "values" if bool(torch.isfinite(out).all()) else "not finite"
