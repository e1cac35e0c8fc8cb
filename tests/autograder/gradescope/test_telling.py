"""What students read on Gradescope of a stored grade."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from autograder.course.manifest import load_manifest
from autograder.gradescope import words
from autograder.gradescope.telling import machine_total, told, untold
from autograder.results.grade import AnswerResult, Example, Grade, TaskResult, TestResult
from autograder.results.marked import with_beside
from autograder.text import LANGS, Lang
from tests.autograder.export.support import due, graded
from tests.autograder.grading_support import ROOT
from tests.autograder.manifests import small

SEMINAR = load_manifest(ROOT / "assignments" / "seminar_cnn")


def seminar(lang: Lang = "en", **update: object) -> Grade:
    """Everything of the seminar is right, and W is written in part."""
    tasks = tuple(
        TaskResult(
            id=task.id, title=task.title.get(lang), score=0.0 if task.is_written else task.points,
            max_score=task.points, bonus=task.bonus, source="cell", tests=(),
            answers=(AnswerResult(row=task.rows[0].id, text="because"),) if task.id == "W" else (),
        )
        for task in SEMINAR.tasks
    )  # fmt: skip
    known = graded("anna").model_dump(by_alias=True)
    score = sum(task.score for task in tasks)
    return Grade.model_validate({**known, "lang": lang, "tasks": tasks, "score": score, **update})


def test_lateness_is_left_to_the_platform() -> None:
    came = datetime(2026, 5, 4, tzinfo=UTC)
    manifest = due(came - timedelta(days=3), percent_per_day=10)
    one = with_beside(manifest, graded("anna", 8.0, submitted_at=came))
    assert one.score < 8.0
    results = told(manifest, one, "visible")
    assert results.score == 8.0
    assert words.RAW.en in results.output


@pytest.mark.parametrize("lang", LANGS)
def test_tasks_of_people_are_left_to_a_rubric(lang: Lang) -> None:
    results = told(SEMINAR, with_beside(SEMINAR, seminar(lang)), "visible")
    names = [test.name.split(".")[0] for test in results.tests]
    assert names == [task.id for task in SEMINAR.tested]
    assert "W" not in names
    assert "X2, W" in results.output
    assert words.ANSWER.get(lang).format(row="filter") in results.output
    assert words.NO_ANSWER.get(lang).format(row="mistake") in results.output
    bonus = sum(task.points for task in SEMINAR.tested if task.bonus)
    assert sum(test.max_score or 0.0 for test in results.tests) == pytest.approx(
        machine_total(SEMINAR) + bonus
    )
    assert results.score == pytest.approx(sum(test.score or 0.0 for test in results.tests))
    assert machine_total(SEMINAR) == SEMINAR.max_score - SEMINAR.task("W").points


def test_no_example_is_shown() -> None:
    grade = graded("anna", 3.0)
    example = Example(call="f(31)", got="77", expected="93")
    test = TestResult(id="t", passed=False, points=0.0, max_points=1.0, message="wrong", example=example)
    task = grade.tasks[0].model_copy(update={"tests": (test,)})
    one = with_beside(small(), grade.model_copy(update={"tasks": (task, *grade.tasks[1:])}))
    text = told(small(), one, "visible").to_json().decode()
    assert not [
        number for number in ("f(31)", "77", "93") if number in text.replace(grade.submission_sha256, "")
    ]


def test_notes_for_staff_are_not_told() -> None:
    grade = graded("anna", 3.0, staff_notes=("looks like another work",), notes=("two notebooks",))
    text = told(small(), with_beside(small(), grade), "visible").to_json().decode()
    assert "another work" not in text
    assert "two notebooks" in text


def test_a_rejected_work_has_no_points_and_the_reason() -> None:
    grade = graded("anna", 0.0, status="rejected", reason="not a zip")
    results = told(small(), with_beside(small(), grade), "after_published")
    assert results.score == 0.0
    assert "not a zip" in results.output
    assert {test.visibility for test in results.tests} == {"after_published"}


def test_what_is_not_final_says_so() -> None:
    grade = graded("anna", 3.0, status="partial", needs_staff=True, reason="the judge failed: /secret/path")
    results = told(small(), with_beside(small(), grade), "visible")
    assert "This is not final" in results.output
    assert "/secret" not in results.output


@pytest.mark.parametrize("lang", LANGS)
def test_without_a_verdict_there_is_no_number(lang: Lang) -> None:
    results = untold(words.FAILED, lang)
    assert results.score is None
    assert [(test.score, test.max_score, test.status) for test in results.tests] == [(None, None, "failed")]
