"""A grade for the tests of results."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from autograder.course.manifest import Manifest
from autograder.results.beside import Beside
from autograder.results.grade import Grade
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


def class_page_of(manifest: Manifest, grades: Sequence[Grade], marks: Marks = NO_MARKS) -> str:
    """The page of the class."""
    names = page_names(grade.student for grade in grades)
    return render_class(manifest, with_all(manifest, grades, marks), names)


def student_page_of(manifest: Manifest, grade: Grade, marks: Marks = NO_MARKS) -> str:
    """A student's own page."""
    (one,) = with_all(manifest, [grade], marks)
    return StudentPages(manifest).render(one)
