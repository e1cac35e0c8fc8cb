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
