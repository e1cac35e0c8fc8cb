"""One submission -> one Grade: read it, load it into a worker, run the hidden tests, turn outcomes into points.

Runs in a child of the engine, which has the hidden tests collected and the course key; the student's code runs in
another process and meets neither (DESIGN, section 1).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from autograder.course.manifest import Lang, Manifest, Text
from autograder.grading.diagnosis import Diagnostician, Seen
from autograder.grading.hidden_tests import Case, HiddenTests, make_salt
from autograder.grading.points import score_task, score_thresholds, status_of, total
from autograder.intake.submission import Found, Rejected, Submission, SymbolSource, read_submission
from autograder.remote.loading import LoadPlan, LoadReport, load
from autograder.remote.records import CallRecord, StudentError, StudentFailure
from autograder.remote.session import Transport
from autograder.remote.student import Student
from autograder.results.grade import Grade, SandboxReport, Status, TaskResult
from autograder.sandbox.host import tiers
from autograder.sandbox.host.bare import BareWorkers
from autograder.sandbox.host.stage import Stage
from autograder.sandbox.host.zygote_client import Zygote

NOT_WRITTEN = Text(ru="Задание {task} ещё не написано", en="Task {task} is not written yet")


@dataclass(frozen=True)
class Settings:
    """Everything about a run that is the same for all submissions."""

    manifest: Manifest
    edition: Mapping[str, bytes]
    key: bytes
    lang: Lang
    device: str
    sandbox: SandboxReport
    versions: Mapping[str, str]
    grader_sha256: str
    environment_sha256: str


@dataclass(frozen=True)
class Workers:
    """Where a judge gets workers that see one submission's package files."""

    stage: Stage
    zygote: Zygote | BareWorkers

    @contextmanager
    def holding(self, submission: Submission) -> Iterator[Callable[[], Transport]]:
        """A function that spawns a fresh worker for `submission`; what it saw of it is removed at the end."""
        overlay = self.stage.make_overlay(submission.package)
        try:
            yield lambda: self.zygote.spawn(overlay)
        finally:
            self.stage.remove_overlay(overlay)


def judge(
    settings: Settings,
    found: Found,
    workers: Workers,
    hidden: HiddenTests,
    diagnostician: Diagnostician,
    previous: Grade | None,
    only: frozenset[str] | None = None,
) -> Grade:
    """Grade one submission. `only` restricts the run to some hidden tests (validation); the rest has no verdict."""
    started, clock = datetime.now(UTC), time.monotonic()
    try:
        submission = read_submission(found, settings.manifest, settings.edition)
    except Rejected as rejection:
        return empty_grade(settings, found.student, "rejected", rejection.text, started)
    if previous is not None and is_current(previous, settings, submission.digest):
        return previous
    seen: dict[str, list[Seen]] = {task.id: [] for task in settings.manifest.tasks}

    def on_test(test: str, failed: bool, calls: Sequence[CallRecord]) -> None:
        seen[settings.manifest.task_of_test(test).id].append(Seen(failed, tuple(calls)))

    case, report = _run(settings, submission, workers, hidden, on_test, only)
    tasks = tuple(
        score_task(
            task,
            case.outcomes,
            _source(task.names, submission, settings.lang),
            settings.lang,
            diagnostician.explain(task.id, seen[task.id], settings.lang),
        )
        for task in settings.manifest.tasks
    )
    no_verdict = [outcome.message for outcome in case.outcomes.values() if outcome.verdict is None]
    base = empty_grade(settings, found.student, "graded", Text(ru=" ", en=" "), started)
    return base.model_copy(
        update={
            "score": total(tasks),
            "status": status_of(load_timeout=report.timed_out, load_crashed=report.crashed, tasks=tasks),
            "needs_staff": any(test.passed is None for task in tasks for test in task.tests),
            "reason": no_verdict[0] if no_verdict else "",
            "attempt": _attempt(previous, submission.digest),
            "submitted_at": submission.submitted_at,
            "late": _is_late(settings.manifest, submission.submitted_at),
            "overrides": previous.overrides if previous else (),
            "tasks": tasks,
            "thresholds": score_thresholds(settings.manifest, case.outcomes, settings.lang),
            "notes": tuple(note.get(settings.lang) for note in submission.notes),
            "seconds": round(time.monotonic() - clock, 3),
            "submission_sha256": submission.digest,
        }
    )


def _run(
    settings: Settings,
    submission: Submission,
    workers: Workers,
    hidden: HiddenTests,
    on_test: Callable[[str, bool, Sequence[CallRecord]], None],
    only: frozenset[str] | None,
) -> tuple[Case, LoadReport]:
    manifest = settings.manifest
    with workers.holding(submission) as connect:
        report = load(connect, load_plan(submission), manifest.limits.load_s)
        unavailable = {**report.unavailable, **_unwritten(submission, settings.lang)}
        student = Student(
            report.connect, names_of(manifest), manifest.limits, unavailable, submission.checkpoint
        )
        salt = make_salt(settings.key, manifest.name, submission.student)
        case = Case(manifest, student, salt, settings.lang, on_test, unwritten_tasks(submission, settings))
        try:
            hidden.run(case, only)
        finally:
            student.close()
    return case, report


def names_of(manifest: Manifest) -> dict[str, str]:
    """What the proxy answers to: `conv2d` -> `hw_cnn.layers.convolution:conv2d`."""
    return {name.split(":")[1]: name for task in manifest.tasks for name in task.names}


def load_plan(submission: Submission) -> LoadPlan:
    """The order in which a worker takes in a submission: package files, statements, then symbols."""
    found = [source for source in submission.sources if source.kind != "missing"]
    namespaces = {"cell": "notebook", "notebook": "notebook", "solution.py": "solution"}
    binds = []
    for source in found:
        module, name = source.symbol.split(":")
        if source.kind in namespaces:
            binds.append((namespaces[source.kind], name, module))
    modules = {source.symbol.split(":")[0] for source in found if source.kind == "package"}
    return LoadPlan(statements=submission.statements, binds=tuple(binds), imports=tuple(sorted(modules)))


def _unwritten(submission: Submission, lang: Lang) -> dict[str, StudentFailure]:
    failures: dict[str, StudentFailure] = {}
    for source in submission.sources:
        if source.kind == "missing":
            not_written = NOT_WRITTEN.get(lang).format(task=source.task)
            message = source.problem.get(lang) if source.problem is not None else not_written
            failures[source.symbol] = StudentError(kind="NotImplementedError", text=message)
    return failures


def unwritten_tasks(submission: Submission, settings: Settings) -> dict[str, str]:
    """Task -> what to tell the student, for the tasks of which no symbol was handed in."""
    failures = _unwritten(submission, settings.lang)
    return {
        task.id: failures[task.names[0]].text
        for task in settings.manifest.tasks
        if all(name in failures for name in task.names)
    }


def _source(names: tuple[str, ...], submission: Submission, lang: Lang) -> str:
    wanted: list[SymbolSource] = [source for source in submission.sources if source.symbol in names]
    return ", ".join(dict.fromkeys(source.place.get(lang) for source in wanted))


def is_current(previous: Grade, settings: Settings, digest: str) -> bool:
    """Whether a stored grade is still what this grader would give, so that it need not run again."""
    return (
        not previous.needs_staff
        and previous.submission_sha256 == digest
        and previous.grader_sha256 == settings.grader_sha256
        and previous.environment_sha256 == settings.environment_sha256
        and previous.salt_id == salt_id(settings, previous.student)
        and previous.lang == settings.lang
        and previous.device == settings.device
        and not tiers.is_less(previous.sandbox.tier, settings.sandbox.tier)
    )


def salt_id(settings: Settings, student: str) -> str:
    """Names the salt without giving it away."""
    return make_salt(settings.key, settings.manifest.name, student)("salt id").hex()[:16]


def _attempt(previous: Grade | None, digest: str) -> int:
    if previous is None:
        return 1
    return previous.attempt + (previous.submission_sha256 != digest)


def _is_late(manifest: Manifest, submitted_at: datetime | None) -> bool:
    due = manifest.dates.due
    return due is not None and submitted_at is not None and submitted_at.astimezone(UTC) > due.astimezone(UTC)


def empty_grade(
    settings: Settings,
    student: str,
    status: Status,
    reason: Text,
    started: datetime | None = None,
    *,
    needs_staff: bool = False,
    detail: str = "",
) -> Grade:
    """A grade without points for a submission that could not be judged: rejected, missing, or no verdict."""
    manifest, lang = settings.manifest, settings.lang
    message = reason.get(lang)
    tasks = tuple(
        TaskResult(
            id=task.id, title=task.title.get(lang), score=0.0, max_score=task.points, bonus=task.bonus,
            source="", tests=(),
        )
        for task in manifest.tasks
    )  # fmt: skip
    return Grade(
        student=student, assignment=manifest.name, lang=lang, score=0.0, max_score=manifest.max_score,
        status=status, needs_staff=needs_staff, reason=f"{message} {detail}".strip(), tasks=tasks, seconds=0.0,
        sandbox=settings.sandbox, device=settings.device, salt_id=salt_id(settings, student),
        submission_sha256="", grader_sha256=settings.grader_sha256,
        environment_sha256=settings.environment_sha256, versions=dict(settings.versions),
        started_at=started or datetime.now(UTC),
    )  # fmt: skip
