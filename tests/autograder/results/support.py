"""A grade for the tests of results."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from autograder.course.manifest import Manifest
from autograder.results.beside import Beside
from autograder.results.grade import Grade, TaskResult, TestResult
from autograder.results.marked import Marked, all_with_beside
from autograder.results.marks import NO_MARKS, Marks
from autograder.results.report.class_page import render_class
from autograder.results.report.names import page_names
from autograder.results.report.student_page import StudentPages


def make_grade(student: str = "anna") -> Grade:
    return Grade.model_validate(
        {
            "student": student,
            "assignment": "small",
            "lang": "en",
            "score": 7.5,
            "max_score": 14,
            "status": "graded",
            "needs_staff": False,
            "tasks": [
                {
                    "id": "A1",
                    "title": "t",
                    "score": 7.5,
                    "max_score": 10,
                    "source": "cell A1",
                    "tests": [
                        {
                            "id": "test_a1.py::test_a1",
                            "passed": False,
                            "points": 7.5,
                            "max_points": 10,
                            "message": "",
                        }
                    ],
                }
            ],
            "seconds": 0.1,
            "sandbox": {"tier": "C: files not hidden"},
            "device": "cpu",
            "salt_id": "00",
            "submission_sha256": "00",
            "grader_sha256": "00",
            "environment_sha256": "00",
            "started_at": datetime.now(UTC),
        }
    )


def earning(task: TaskResult, score: float, **update: Any) -> TaskResult:
    """The task with so many points, and one test that gives them."""
    changed = task.model_copy(update={"score": score, **update})
    test = TestResult(
        id=f"test_{changed.id.lower()}.py::test_it",
        passed=False,
        points=score,
        max_points=changed.max_score,
        message="",
    )
    return changed.model_copy(update={"tests": (test,)})


def with_all(manifest: Manifest, grades: Sequence[Grade], marks: Marks = NO_MARKS) -> list[Marked]:
    return all_with_beside(manifest, grades, Beside(marks=marks))


def class_page_of(manifest: Manifest, grades: Sequence[Grade], marks: Marks = NO_MARKS) -> str:
    """The page of the class."""
    names = page_names(grade.student for grade in grades)
    return render_class(manifest, with_all(manifest, grades, marks), names)


def student_page_of(manifest: Manifest, grade: Grade, marks: Marks = NO_MARKS) -> str:
    """A student's own page."""
    (one,) = with_all(manifest, [grade], marks)
    return StudentPages(manifest).render(one)
