"""How a student's code can give no answer, as a student and as the log read it."""

from __future__ import annotations

import pytest

from autograder.remote.failures import StudentCrashed, StudentError, StudentTimeout
from autograder.wire.reasons import end_of_process


def test_an_exception_is_told_in_the_students_own_words() -> None:
    error = StudentError("Ошибка: x", "ValueError")
    assert error.said("ru") == error.said("en") == "Ошибка: x"
    assert (error.kind, str(error)) == ("ValueError", "ValueError: Ошибка: x")
    assert str(StudentError()) == "Error"


@pytest.mark.parametrize(("failure", "kind"), [(StudentTimeout, "Timeout"), (StudentCrashed, "Crashed")])
def test_an_end_is_told_in_the_readers_language(
    failure: type[StudentTimeout] | type[StudentCrashed], kind: str
) -> None:
    reason = end_of_process(7)
    ended = failure(reason)
    assert ended.said("ru") == reason.said("ru") != ended.said("en")
    assert (ended.kind, str(ended)) == (kind, f"{kind}: {reason.said('en')}")


@pytest.mark.parametrize(
    ("text", "is_stated"),
    [
        ('  File "a.py", line 3, in f\n    raise ValueError("no")\nValueError: no', True),
        ('  File "a.py", line 3, in f\n    assert n > 0, "no"\nAssertionError: no', True),
        ('  File "a.py", line 3, in f\n    if n: raise ValueError\nValueError', True),
        ('  File "a.py", line 1, in g\n    f()\n  File "a.py", line 3, in f\n    raise E\nE', True),
        ('  File "a.py", line 3, in f\n    return torch.stack([])\nRuntimeError: raise', False),
        ('  File "a.py", line 3, in f\n    raised = 1 / 0\nZeroDivisionError: x', False),
        ('  File "a.py", line 3, in f\n    raise E\n  File "b.py", line 9, in g\nE', False),
        ('  File "a.py", line 3, in f\nValueError: no', False),
        ("ValueError: no", False),
    ],
)
def test_an_exception_that_the_code_raises_by_itself(text: str, is_stated: bool) -> None:
    assert StudentError(text, at=("a.py", 3)).is_stated is is_stated
