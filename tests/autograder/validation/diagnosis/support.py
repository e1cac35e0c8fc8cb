"""Grades made by hand: who lost what, and what was named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from autograder.results.grade import Diagnosis, Grade, SandboxReport, TaskResult, TestResult
from autograder.validation.problems import Verdicts
from tests.autograder.manifests import small

MANIFEST = small()
CORE, CORNER = (test.id for test in MANIFEST.task("A1").tests)
MEASURED = MANIFEST.task("B1").tests[0].id


def grade(
    student: str, failed: Sequence[str] = (), named: Mapping[str, Sequence[str]] | None = None
) -> Grade:
    """A grade of `student`: hidden tests that failed, and task -> bugs that were named."""
    names = named or {}
    tasks = tuple(
        TaskResult(
            id=task.id,
            title="",
            score=0,
            max_score=task.points,
            source="",
            tests=tuple(
                TestResult(
                    id=test.id,
                    passed=test.id not in failed,
                    points=0 if test.id in failed else test.points,
                    max_points=test.points,
                    message="",
                )
                for test in task.tests
            ),
            diagnosis=tuple(Diagnosis(bug=bug, message="") for bug in names.get(task.id, ())),
        )
        for task in MANIFEST.tasks
    )
    return Grade(
        student=student, assignment="small", lang="en", score=0, max_score=14, status="graded", needs_staff=False,
        tasks=tasks, thresholds=(), seconds=0, sandbox=SandboxReport(tier="A"), device="cpu", salt_id="",
        submission_sha256="", grader_sha256="", environment_sha256="", started_at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip


def verdicts(*grades: Grade) -> Verdicts:
    """One round: all tests ran for everybody."""
    everything = frozenset(test.id for task in MANIFEST.tasks for test in task.tests)
    return Verdicts({one.student: one for one in grades}, {one.student: everything for one in grades})
