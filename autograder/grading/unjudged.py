"""What can be said of a submission without running anything: its grade when nothing could be judged, whether an
earlier grade still holds, which attempt it is, whether it is late. Pure functions.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from autograder.grading.salts import salt_id
from autograder.grading.settings import Settings
from autograder.results.grade import Grade, Outcome, Status, TaskResult
from autograder.sandbox.host import tiers
from autograder.text import Text

NOTHING_HANDED_IN = Text(ru="Работа не сдана.", en="Nothing was handed in.")
JUDGE_FAILED = Text(
    ru="Проверяющая программа не смогла закончить: баллы не начислены, работу посмотрит преподаватель.",
    en="The grader could not finish: no points, and a member of staff will look at it.",
)


def empty_grade(
    settings: Settings, student: str, status: Status, reason: str, started: datetime | None = None
) -> Grade:
    """A grade without points, to be filled or to stay: rejected, missing, or without a verdict."""
    manifest, lang = settings.manifest, settings.lang
    tasks = tuple(
        TaskResult(
            id=task.id, title=task.title.get(lang), score=0.0, max_score=task.points, bonus=task.bonus,
            source="", tests=(),
        )
        for task in manifest.tasks
    )  # fmt: skip
    return Grade(
        student=student, assignment=manifest.name, lang=lang, score=0.0, max_score=manifest.max_score,
        status=status, needs_staff=False, reason=reason, tasks=tasks, seconds=0.0,
        sandbox=settings.sandbox, device=settings.device,
        salt_id=salt_id(settings.key, manifest.name, student),
        submission_sha256="", grader_sha256=settings.grader_sha256,
        environment_sha256=settings.environment_sha256, versions=dict(settings.versions),
        started_at=started or datetime.now(UTC),
    )  # fmt: skip


def missing_grade(settings: Settings, student: str) -> Grade:
    """Of a student of the roster who handed in nothing."""
    return empty_grade(settings, student, "missing", NOTHING_HANDED_IN.get(settings.lang))


def failed_grade(settings: Settings, student: str, detail: str) -> Grade:
    """Of a submission that the grader failed on: no points, and a case for staff. `detail` says at what."""
    reason = f"{JUDGE_FAILED.get(settings.lang)} {detail}".strip()
    return empty_grade(settings, student, "partial", reason).model_copy(update={"needs_staff": True})


def is_current(previous: Grade | None, settings: Settings, digest: str, *, regrade: bool = False) -> bool:
    """Whether a stored grade is what this grader would give to the submission with this digest once more.

    It is not, whatever agrees, where staff must look, or with `regrade`.
    """
    if previous is None or regrade or previous.needs_staff:
        return False
    return (
        previous.submission_sha256 == digest
        and previous.grader_sha256 == settings.grader_sha256
        and previous.environment_sha256 == settings.environment_sha256
        and previous.salt_id == salt_id(settings.key, settings.manifest.name, previous.student)
        and previous.lang == settings.lang
        and previous.device == settings.device
        and not tiers.is_less(previous.sandbox.tier, settings.sandbox.tier)
    )


def attempt(previous: Grade | None, digest: str) -> int:
    """The number of the attempt: the first is 1, and another submission than the graded one is one more."""
    if previous is None:
        return 1
    return previous.attempt + (previous.submission_sha256 != digest)


def is_late(due: datetime | None, submitted_at: datetime | None) -> bool:
    """Whether it came after the date; at the very moment is in time, and without a date nothing is late."""
    return due is not None and submitted_at is not None and submitted_at.astimezone(UTC) > due.astimezone(UTC)


def without_verdict(outcomes: Iterable[Outcome]) -> str:
    """What the grader failed at, of the first test that gave no verdict; empty where all gave one."""
    return next((outcome.message for outcome in outcomes if outcome.verdict is None), "")
