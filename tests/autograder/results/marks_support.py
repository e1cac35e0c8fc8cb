"""Grades with answers in words, for the tests of marks."""

from __future__ import annotations

from autograder.results.grade import AnswerResult, Grade, TaskResult
from tests.autograder.results.support import make_grade


def answered(student: str = "anna", status: str = "graded", **texts: str) -> Grade:
    """A grade of `with_rows()`: 7.5 points of A1, and these answers of W."""
    answers = tuple(AnswerResult(row=row, text=text) for row, text in texts.items())
    written = TaskResult(
        id="W", title="In words", score=0, max_score=5, source="W-filter", tests=(), answers=answers
    )
    plain = make_grade(student)
    return plain.model_copy(update={"tasks": (*plain.tasks, written), "max_score": 19, "status": status})
