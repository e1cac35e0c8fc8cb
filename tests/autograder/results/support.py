"""A grade for the tests of results."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from autograder.course.manifest import Manifest
from autograder.results.beside import Beside
from autograder.results.grade import Grade
from autograder.results.marked import Marked, all_with_beside
from autograder.results.marks import NO_MARKS, Marks
from autograder.results.report.page import render


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
                {"id": "A1", "title": "t", "score": 7.5, "max_score": 10, "source": "cell A1", "tests": []}
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


def with_all(manifest: Manifest, grades: Sequence[Grade], marks: Marks = NO_MARKS) -> list[Marked]:
    return all_with_beside(manifest, grades, Beside(marks=marks))


def page_of(manifest: Manifest, grades: Sequence[Grade], marks: Marks = NO_MARKS) -> str:
    return render(manifest, with_all(manifest, grades, marks))
