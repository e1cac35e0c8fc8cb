"""What can be said of a submission without running anything: its grade when nothing could be judged, whether an
earlier grade still holds, which attempt it is, whether it is late. Pure functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from autograder.grading.salts import salt_id
from autograder.grading.settings import Settings
from autograder.results.finished import Finished
from autograder.results.grade import Grade, Outcome, Status, TaskResult
from autograder.roster.collected import time_key
from autograder.sandbox.host import tiers
from autograder.text import Text

NOTHING_HANDED_IN = Text(ru="Работа не сдана.", en="Nothing was handed in.")
NOT_TAKEN = Text(
    ru="Сданный файл не удалось принять: напишите преподавателю.",
    en="What was handed in could not be accepted: write to your teacher.",
)
JUDGE_FAILED = Text(
    ru="Проверяющая программа не смогла закончить: баллы не начислены, работу посмотрит преподаватель.",
    en="The grader could not finish: no points, and a member of staff will look at it.",
)
NO_VERDICT_SOMEWHERE = "some hidden tests gave no verdict"


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


def missing_grade(
    settings: Settings, student: str, previous: Grade | None = None, not_taken: str = ""
) -> Grade:
    """Of a student of the roster of whom there is nothing to grade.

    not_taken: why nothing of what was handed in could be taken when it was collected, for staff; "" where nothing was.
    """
    said = NOT_TAKEN if not_taken else NOTHING_HANDED_IN
    grade = empty_grade(settings, student, "missing", said.get(settings.lang))
    notes = (f"handed in, and not taken: {not_taken}",) if not_taken else ()
    return Grade.model_validate(
        {**grade.model_dump(by_alias=True), "staff_notes": notes, **carried_over(previous, "")}
    )


def rejected_grade(
    settings: Settings, student: str, reason: str, previous: Grade | None, started: datetime
) -> Grade:
    """Of a submission that cannot be read. Its digest is not known, so it never counts as graded already."""
    grade = empty_grade(settings, student, "rejected", reason, started)
    return grade.model_copy(update=carried_over(previous, ""))


def failed_grade(settings: Settings, student: str, detail: str, previous: Grade | None = None) -> Grade:
    """Of a submission that the grader failed on: no points, and a case for staff. `detail` says at what.

    Which submission it was is not known here: the count of attempts goes on from the one that was judged last.
    """
    reason = f"{JUDGE_FAILED.get(settings.lang)} {detail}".strip()
    digest = previous.submission_sha256 if previous is not None else ""
    update = {"needs_staff": True, "submission_sha256": digest, **carried_over(previous, digest)}
    return empty_grade(settings, student, "partial", reason).model_copy(update=update)


def carried_over(previous: Grade | None, digest: str) -> dict[str, object]:
    """What of a stored grade outlives the next one: the count of attempts, and what a person has changed."""
    return {"attempt": attempt(previous, digest), "overrides": previous.overrides if previous else ()}


def received(
    settings: Settings,
    student: str,
    payload: bytes | None,
    reason: str,
    previous: Grade | None,
    *,
    all_tests: bool = True,
) -> Finished:
    """What a judge's answer (a grade as JSON) comes to. A grade that needs staff is a failure of the grader.

    Args:
        payload: None where no answer came; `reason` says why.
        all_tests: whether every hidden test was to run; otherwise verdicts that are missing are no failure.
    """
    try:
        if payload is None:
            raise ValueError(reason)
        grade = Grade.model_validate_json(payload)
    except ValueError as error:
        failure = str(error).splitlines()[0]
        return Finished(failed_grade(settings, student, failure, previous), kept=False, failure=failure)
    failure = grade.reason if grade.needs_staff else ""
    if grade.needs_staff and not failure and all_tests:
        failure = NO_VERDICT_SOMEWHERE
    return Finished(grade, kept=grade == previous, failure=failure)


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
    """The number of the attempt: the first is 1, and another submission than the one before is one more.

    `digest`: of the submission; "" for one that could not be read, and for none.
    """
    if previous is None:
        return 1
    was_unknown = (
        not previous.submission_sha256 and previous.status != "rejected"
    )  # missing, or the grader failed
    return previous.attempt + (previous.submission_sha256 != digest and not was_unknown)


def is_late(due: datetime | None, submitted_at: datetime | None) -> bool:
    """Whether it came after the date; at the very moment is in time, and without a date nothing is late.

    A time without a zone is one of this machine's zone.
    """
    return due is not None and submitted_at is not None and submitted_at.astimezone() > due.astimezone()


def with_time(grade: Grade, due: datetime | None, times: Mapping[str, datetime | None]) -> Grade:
    """The grade with the time at which its work was collected, also where it is kept from an earlier run.

    times: by `time_key`; a grade of somebody who is not there stays as it is, and so does one without work.
    """
    key = time_key(grade.student)
    if grade.status == "missing" or key not in times:
        return grade
    return grade.model_copy(update={"submitted_at": times[key], "late": is_late(due, times[key])})


def without_verdict(outcomes: Iterable[Outcome]) -> str:
    """What the grader failed at, of the first test that gave no verdict; empty where all gave one."""
    return next((outcome.message for outcome in outcomes if outcome.verdict is None), "")
