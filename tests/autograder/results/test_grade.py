"""What was said about a submission is cleaned and cut where it enters a result."""

from __future__ import annotations

from pathlib import Path

from autograder.results.grade import Grade, Outcome, TaskResult, TestResult
from autograder.results.store import Store
from tests.autograder.results.support import make_grade


def test_what_was_said_is_cleaned_where_it_enters_a_result(tmp_path: Path) -> None:
    hostile = "\x1b[31mred\x1b]0;t\x07 \u202etxt\ud800\x00"
    test = TestResult(id="t", passed=False, points=0, max_points=1, message=hostile)
    task = TaskResult(id="A1", title="t", score=0, max_score=1, source=hostile + "\n", tests=(test,))
    plain = make_grade().model_dump(by_alias=True)
    grade = Grade.model_validate(
        {**plain, "tasks": [task], "score": 0, "reason": hostile, "notes": [hostile]}
    )
    outcome = Outcome(test="t", verdict=None, message=hostile)
    said = [test.message, task.source, grade.reason, *grade.notes, outcome.message]
    assert said == ["red txt"] * 5
    Store(tmp_path).save(grade)
    assert Store(tmp_path).load("anna") == grade
    assert "\\u" not in Store(tmp_path).result_path("anna").read_text(encoding="utf-8")


def test_a_message_has_a_length(tmp_path: Path) -> None:
    assert len(Outcome(test="t", verdict="error", message="x" * 10**6).message) == 20_000
