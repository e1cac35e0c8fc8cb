"""A grade for the tests of results."""

from __future__ import annotations

from datetime import UTC, datetime

from autograder.results.grade import Grade


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
