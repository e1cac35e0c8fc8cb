"""What is decided about a submission without running it: tables of cases, one thing changed at a time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from autograder.grading import unjudged
from autograder.grading.salts import salt_id
from autograder.grading.settings import Settings
from autograder.results.grade import Grade, Outcome, Override, SandboxReport
from tests.autograder.manifests import small

DIGEST, OTHER_DIGEST = "aa", "bb"
SETTINGS = Settings(
    manifest=small(),
    edition={},
    key=b"key of the course",
    lang="en",
    device="cpu",
    sandbox=SandboxReport(tier="A-", layers=("seccomp",), gaps=("a gap",)),
    versions={"torch": "2.14"},
    grader_sha256="grader",
    environment_sha256="environment",
)
OVERRIDE = Override(
    task="A1", points=3, reason="explained in person", by="ta", at=datetime(2026, 10, 1, tzinfo=UTC)
)


def graded(**changes: Any) -> Grade:
    """A grade of today's grader for the submission `DIGEST`."""
    grade = unjudged.empty_grade(SETTINGS, "anna", "graded", "")
    return grade.model_copy(update={"submission_sha256": DIGEST, **changes})


# --- Is a stored grade still current?


def test_a_grade_of_this_grader_for_this_submission_is_current() -> None:
    assert unjudged.is_current(graded(), SETTINGS, DIGEST)


@pytest.mark.parametrize("status", ["graded", "partial", "crashed", "timeout"])
def test_the_status_of_a_grade_does_not_decide(status: str) -> None:
    assert unjudged.is_current(graded(status=status), SETTINGS, DIGEST)


@pytest.mark.parametrize(
    "change",
    [
        {"submission_sha256": OTHER_DIGEST},
        {"submission_sha256": ""},
        {"grader_sha256": "older"},
        {"environment_sha256": "older"},
        {"device": "cuda"},
        {"salt_id": "00"},
        {"lang": "ru"},
        {"needs_staff": True},
        {"sandbox": SandboxReport(tier="B")},
        {"sandbox": SandboxReport(tier="C: files not hidden")},
        {"sandbox": SandboxReport(tier="of another version")},
    ],
    ids=str,
)
def test_each_difference_alone_makes_a_grade_old(change: dict[str, Any]) -> None:
    assert not unjudged.is_current(graded(**change), SETTINGS, DIGEST)


@pytest.mark.parametrize(
    "change",
    [
        {"key": b"another key of the course"},
        {"lang": "ru"},
        {"device": "cuda"},
        {"sandbox": SandboxReport(tier="A")},
        {"grader_sha256": "newer"},
        {"environment_sha256": "newer"},
        {"manifest": small().model_copy(update={"name": "large"})},
    ],
    ids=str,
)
def test_each_change_of_the_run_alone_makes_a_grade_old(change: dict[str, Any]) -> None:
    assert not unjudged.is_current(graded(), replace(SETTINGS, **change), DIGEST)


@pytest.mark.parametrize(
    "change",
    [
        {"sandbox": SandboxReport(tier="A")},  # it was protected better
        {"sandbox": SandboxReport(tier="A-", gaps=("another gap",))},
        {"versions": {}},
        {"attempt": 5},
        {"overrides": (OVERRIDE,)},
        {"late": True},
    ],
    ids=str,
)
def test_what_says_nothing_about_the_points_leaves_a_grade_current(change: dict[str, Any]) -> None:
    assert unjudged.is_current(graded(**change), SETTINGS, DIGEST)


def test_regrade_makes_every_grade_old_and_no_grade_is_never_current() -> None:
    assert not unjudged.is_current(graded(), SETTINGS, DIGEST, regrade=True)
    assert not unjudged.is_current(None, SETTINGS, DIGEST)
    assert not unjudged.is_current(None, SETTINGS, DIGEST, regrade=True)


# --- Which attempt is it?


@pytest.mark.parametrize(
    ("previous", "digest", "expected"),
    [
        (None, DIGEST, 1),
        (None, "", 1),
        ({}, DIGEST, 1),
        ({}, OTHER_DIGEST, 2),
        ({}, "", 2),  # handed in anew, and not to be read
        ({"attempt": 4}, DIGEST, 4),
        ({"attempt": 4}, OTHER_DIGEST, 5),
        ({"attempt": 4, "needs_staff": True}, DIGEST, 4),
        ({"attempt": 2, "status": "rejected", "submission_sha256": ""}, "", 2),
        ({"attempt": 2, "status": "rejected", "submission_sha256": ""}, DIGEST, 3),
        ({"attempt": 1, "status": "missing", "submission_sha256": ""}, DIGEST, 1),
        ({"attempt": 3, "status": "missing", "submission_sha256": ""}, "", 3),
        ({"attempt": 1, "status": "partial", "submission_sha256": ""}, DIGEST, 1),
    ],
)
def test_the_number_of_the_attempt(previous: dict[str, Any] | None, digest: str, expected: int) -> None:
    assert unjudged.attempt(None if previous is None else graded(**previous), digest) == expected


# --- What outlives a new grade.


def new_grades(previous: Grade | None) -> dict[str, Grade]:
    """Every kind of grade that nobody judged, in place of a stored one."""
    return {
        "missing": unjudged.missing_grade(SETTINGS, "anna", previous),
        "rejected": unjudged.rejected_grade(SETTINGS, "anna", "why", previous, datetime.now(UTC)),
        "partial": unjudged.failed_grade(SETTINGS, "anna", "why", previous),
    }


def test_what_a_person_has_changed_outlives_every_grade() -> None:
    previous = graded(attempt=3, overrides=(OVERRIDE,))
    for grade in new_grades(previous).values():
        assert grade.overrides == (OVERRIDE,)
    assert unjudged.carried_over(previous, DIGEST) == {"attempt": 3, "overrides": (OVERRIDE,)}
    assert unjudged.carried_over(previous, OTHER_DIGEST) == {"attempt": 4, "overrides": (OVERRIDE,)}
    assert unjudged.carried_over(None, DIGEST) == {"attempt": 1, "overrides": ()}


def test_nothing_new_is_no_new_attempt() -> None:
    rejected = graded(attempt=2, status="rejected", submission_sha256="")
    for status, grade in new_grades(rejected).items():
        assert grade.attempt == 2, status
    assert unjudged.missing_grade(SETTINGS, "anna").attempt == 1


def test_a_failure_of_the_grader_does_not_begin_the_count_anew() -> None:
    failed = unjudged.failed_grade(SETTINGS, "anna", "why", graded(attempt=3))
    assert (failed.attempt, unjudged.attempt(failed, DIGEST), unjudged.attempt(failed, OTHER_DIGEST)) == (
        3,
        3,
        4,
    )
    first = unjudged.failed_grade(SETTINGS, "anna", "why")
    assert (first.attempt, unjudged.attempt(first, DIGEST)) == (1, 1)


@pytest.mark.parametrize("previous", [None, graded()])
def test_no_grade_that_nobody_judged_is_current(previous: Grade | None) -> None:
    for grade in new_grades(previous).values():
        assert not unjudged.is_current(grade, SETTINGS, DIGEST)


# --- Grades without points.


def test_a_grade_without_points_says_under_which_circumstances(started: datetime) -> None:
    grade = unjudged.empty_grade(SETTINGS, "anna", "rejected", "why", started)
    assert grade.model_dump(exclude={"tasks"}, by_alias=True) == {
        "schema": 1, "student": "anna", "assignment": "small", "lang": "en", "score": 0.0, "max_score": 14.0,
        "status": "rejected", "needs_staff": False, "reason": "why", "attempt": 1, "submitted_at": None,
        "late": False, "overrides": (), "thresholds": (), "notes": (), "staff_notes": (), "placeless": (),
            "seconds": 0.0,
        "sandbox": {"tier": "A-", "layers": ("seccomp",), "gaps": ("a gap",)}, "device": "cpu",
        "salt_id": salt_id(b"key of the course", "small", "anna"), "submission_sha256": "",
        "grader_sha256": "grader", "environment_sha256": "environment", "versions": {"torch": "2.14"},
        "started_at": started,
    }  # fmt: skip
    assert [task.model_dump() for task in grade.tasks] == [
        {"id": "A1", "title": "First", "score": 0.0, "max_score": 10.0, "bonus": False, "withheld": 0.0, "message": "",
         "calls": "", "multiplier": None,
         "source": "", "tests": (), "diagnosis": (), "answers": ()},
        {"id": "B1", "title": "Second", "score": 0.0, "max_score": 4.0, "bonus": False, "withheld": 0.0, "message": "",
         "calls": "", "multiplier": None,
         "source": "", "tests": (), "diagnosis": (), "answers": ()},
    ]  # fmt: skip


@pytest.fixture
def started() -> datetime:
    return datetime(2026, 10, 1, 12, tzinfo=UTC)


def test_a_grade_without_points_knows_titles_and_bonus() -> None:
    first, second = SETTINGS.manifest.tasks
    tasks = (first, second.model_copy(update={"bonus": True}))
    settings = replace(SETTINGS, lang="ru", manifest=SETTINGS.manifest.model_copy(update={"tasks": tasks}))
    found = unjudged.empty_grade(settings, "anna", "graded", "").tasks
    assert [(task.title, task.bonus) for task in found] == [("First (ru)", False), ("Second (ru)", True)]


def test_a_grade_without_points_begins_now_where_nothing_else_is_said() -> None:
    before = datetime.now(UTC)
    assert before <= unjudged.empty_grade(SETTINGS, "anna", "graded", "").started_at <= datetime.now(UTC)


@pytest.mark.parametrize(
    ("lang", "missing", "failed"),
    [
        ("en", "Nothing was handed in.", "The grader could not"),
        ("ru", "Работа не сдана.", "Проверяющая программа"),
    ],
)
def test_missing_and_failed_grades_speak_the_language_of_the_run(
    lang: Any, missing: str, failed: str
) -> None:
    settings = replace(SETTINGS, lang=lang)
    nobody = unjudged.missing_grade(settings, "boris")
    assert (nobody.student, nobody.status, nobody.needs_staff, nobody.reason) == (
        "boris",
        "missing",
        False,
        missing,
    )
    lost = unjudged.missing_grade(settings, "boris", not_taken="b.zip/x.rar: left out: no\nfile\ud800")
    assert lost.status == "missing"
    assert lost.reason == unjudged.NOT_TAKEN.get(lang) != missing
    (note,) = lost.staff_notes
    assert note.startswith("handed in, and not taken: b.zip/x.rar: left out: no")
    assert not set(note) & {"\n", "\ud800"}, "it is cleaned like all that strangers write"
    assert nobody.staff_notes == ()
    broken = unjudged.failed_grade(settings, "boris", "killed by signal 9")
    assert (broken.student, broken.status, broken.score, broken.needs_staff) == (
        "boris",
        "partial",
        0.0,
        True,
    )
    assert broken.reason.startswith(failed)
    assert broken.reason.endswith(" killed by signal 9")
    assert unjudged.failed_grade(settings, "boris", "").reason == unjudged.JUDGE_FAILED.get(lang)


def test_a_rejected_grade_says_why_and_needs_nobody(started: datetime) -> None:
    grade = unjudged.rejected_grade(SETTINGS, "boris", "why", None, started)
    assert (grade.student, grade.status, grade.reason, grade.needs_staff) == (
        "boris",
        "rejected",
        "why",
        False,
    )
    assert (grade.started_at, grade.submission_sha256, grade.attempt) == (started, "", 1)


# --- What a judge's answer comes to.


def sent(grade: Grade) -> bytes:
    return grade.model_dump_json(by_alias=True).encode()


def receive(payload: bytes | None, previous: Grade | None = None, **more: bool) -> unjudged.Finished:
    return unjudged.received(SETTINGS, "anna", payload, "killed by signal 9", previous, **more)


def test_a_grade_that_was_sent_is_the_grade() -> None:
    grade = graded(score=7.5)
    assert receive(sent(grade)) == unjudged.Finished(grade, kept=False, failure="")
    assert receive(sent(grade), graded(score=3.0)) == unjudged.Finished(grade, kept=False, failure="")


def test_the_stored_grade_sent_again_was_kept() -> None:
    grade = graded(score=7.5)
    assert receive(sent(grade), grade) == unjudged.Finished(grade, kept=True, failure="")


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (None, "killed by signal 9"),
        (b"", "1 validation error for Grade"),
        (b"zygote", "1 validation error for Grade"),
        (b"{}", "validation errors for Grade"),
    ],
)
def test_no_grade_is_no_points_a_case_for_staff_and_a_failure(payload: bytes | None, said: str) -> None:
    previous = graded(score=7.5, attempt=2, overrides=(OVERRIDE,))
    finished = receive(payload, previous)
    assert said in finished.failure
    assert "\n" not in finished.failure
    assert finished.kept is False
    grade = finished.grade
    assert (grade.student, grade.score, grade.status, grade.needs_staff) == ("anna", 0.0, "partial", True)
    assert (grade.attempt, grade.overrides) == (2, (OVERRIDE,))
    assert said in grade.reason


@pytest.mark.parametrize(
    ("needs_staff", "reason", "all_tests", "failure"),
    [
        (True, "ZeroDivisionError", True, "ZeroDivisionError"),
        (True, "ZeroDivisionError", False, "ZeroDivisionError"),
        (True, "", True, "some hidden tests gave no verdict"),
        (True, "", False, ""),  # the other tests were not asked for
        (False, "", True, ""),
        (False, "not a notebook", True, ""),  # a rejected submission is no failure of the grader
    ],
)
def test_a_missing_verdict_is_a_failure_of_the_grader(
    needs_staff: bool, reason: str, all_tests: bool, failure: str
) -> None:
    grade = graded(needs_staff=needs_staff, reason=reason)
    assert receive(sent(grade), all_tests=all_tests) == unjudged.Finished(grade, kept=False, failure=failure)
    if all_tests:
        assert receive(sent(grade)).failure == failure


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([], ""),
        (["passed", "failed", "error", "timeout", "crashed"], ""),
        (["passed", None], "message 1"),
        ([None, "failed", None], "message 0"),
    ],
)
def test_the_first_test_without_a_verdict_says_what_the_grader_failed_at(
    verdicts: list[str | None], expected: str
) -> None:
    outcomes = [
        Outcome.model_validate({"test": f"t{number}", "verdict": verdict, "message": f"message {number}"})
        for number, verdict in enumerate(verdicts)
    ]
    assert unjudged.without_verdict(outcomes) == expected


# --- Is it late?

DUE = datetime(2026, 10, 1, 20, 59, 59, tzinfo=UTC)
MOSCOW, NEW_YORK = timezone(timedelta(hours=3)), timezone(timedelta(hours=-4))
MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("submitted_at", "expected"),
    [
        (DUE - MOMENT, False),
        (DUE, False),
        (DUE + MOMENT, True),
        (DUE - timedelta(days=1), False),
        (DUE + timedelta(days=1), True),
        (None, False),
    ],
)
@pytest.mark.parametrize("zone", [UTC, MOSCOW, NEW_YORK], ids=str)
@pytest.mark.parametrize("due_zone", [UTC, MOSCOW, NEW_YORK], ids=str)
def test_late_is_after_the_moment_in_whatever_zone(
    submitted_at: datetime | None, expected: bool, zone: timezone, due_zone: timezone
) -> None:
    submitted_at = submitted_at and submitted_at.astimezone(zone)
    assert unjudged.is_late(DUE.astimezone(due_zone), submitted_at) is expected


@pytest.mark.parametrize("submitted_at", [None, DUE, datetime.max.replace(tzinfo=UTC)])
def test_without_a_date_nothing_is_late(submitted_at: datetime | None) -> None:
    assert unjudged.is_late(None, submitted_at) is False


def test_collected_work_has_the_time_of_the_list_also_where_its_grade_is_kept() -> None:
    after, before = DUE + timedelta(seconds=1), DUE - timedelta(days=1)
    for status in ("graded", "rejected"):
        grade = graded(status=status, submitted_at=before)
        late = unjudged.with_time(grade, DUE, {"anna": after})
        assert late == grade.model_copy(update={"submitted_at": after, "late": True})
        assert unjudged.with_time(late, DUE, {"anna": None}) == grade.model_copy(
            update={"submitted_at": None}
        )


@pytest.mark.parametrize(
    ("status", "times"), [("graded", {}), ("graded", {"boris": DUE}), ("missing", {"anna": DUE})]
)
def test_who_is_not_on_the_list_or_has_no_work_keeps_the_time(
    status: str, times: dict[str, datetime | None]
) -> None:
    grade = graded(status=status, submitted_at=None if status == "missing" else DUE)
    assert unjudged.with_time(grade, DUE, times) is grade


@pytest.fixture
def moscow(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This machine stands in Moscow."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "MSK-3")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("moscow")
@pytest.mark.parametrize(("offset", "expected"), [(-MOMENT, False), (0 * MOMENT, False), (MOMENT, True)])
def test_a_time_without_a_zone_is_of_this_machines_zone(offset: timedelta, expected: bool) -> None:
    here = (DUE + timedelta(hours=3)).replace(tzinfo=None)
    assert unjudged.is_late(here, DUE + offset) is expected
    assert unjudged.is_late(DUE, here + offset) is expected
    assert unjudged.is_late(here, here + offset) is expected
