"""One submission -> one Grade: read it, load it into a worker, run the hidden tests, turn outcomes into points.

Runs in a child of the pool, which has the hidden tests collected and the course key; the student's code runs in
another process and meets neither.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from autograder.course.manifest import Task, Test
from autograder.course.rows import cell_id
from autograder.course.symbol import Symbol
from autograder.grading import unjudged
from autograder.grading.diagnosis import Diagnostician, Seen
from autograder.grading.examples.example import References
from autograder.grading.glyphs.bars import Examiner
from autograder.grading.glyphs.notes import about_time
from autograder.grading.glyphs.reference import reference_worker
from autograder.grading.hidden_tests import Case, HiddenTests
from autograder.grading.points import coarse, lacks_verdict, score_task, score_thresholds, status_of
from autograder.grading.salts import make_salt
from autograder.grading.settings import Settings
from autograder.grading.verdicts.limits import Overrun, limited
from autograder.grading.verdicts.places import Places
from autograder.grading.verdicts.reference import reference_student
from autograder.grading.withheld import only_named, with_overrides, withhold
from autograder.intake.students import Upload
from autograder.intake.submission import Submission
from autograder.intake.uploads.rejection import Rejected
from autograder.remote.failures import StudentError
from autograder.remote.forbidden import Watch
from autograder.remote.loading import Loaded, load_all
from autograder.remote.session import Transport
from autograder.remote.student import Student
from autograder.remote.transcript import Transcript
from autograder.results.grade import AnswerResult, Diagnosis, Grade, TaskResult
from autograder.results.totals import total
from autograder.sandbox.host.bare import BareWorkers
from autograder.sandbox.host.gpus import OnGpu
from autograder.sandbox.host.reader import Reader
from autograder.sandbox.host.stage import Stage
from autograder.sandbox.host.zygote_client import ZygoteClient
from autograder.text import LANGS, Lang, Text

# Of all examples of a submission.
EXAMPLES_S = 20.0
NO_DIAGNOSIS = Text(
    ru="поиск известных ошибок в задании {task} прерван: {error}",
    en="the search for known mistakes in task {task} stopped: {error}",
)
UNWRITTEN = "NotImplementedError"
NOT_WRITTEN = Text(ru="Задание {task} ещё не написано", en="Task {task} is not written yet")


@dataclass(frozen=True)
class Workers:
    """Where a judge has a submission read, and gets workers that see its package files."""

    stage: Stage
    zygote: ZygoteClient | BareWorkers
    reader: Reader

    @contextmanager
    def holding(self, submission: Submission) -> Iterator[Callable[[], Transport]]:
        """A function that spawns a fresh worker for `submission`; what it saw of it is removed at the end."""
        overlay = self.stage.make_overlay(submission.package)
        try:
            yield lambda: self._spawn(overlay)
        finally:
            self.stage.remove_overlay(overlay)

    def _spawn(self, overlay: Path) -> Transport:
        worker = self.zygote.spawn(overlay)
        return OnGpu(worker) if worker.device == "cuda" else worker


def judge(
    settings: Settings,
    upload: Upload,
    workers: Workers,
    hidden: HiddenTests,
    diagnostician: Diagnostician,
    previous: Grade | None,
    *,
    examiner: Examiner | None = None,
    regrade: bool = False,
    only: frozenset[str] | None = None,
) -> Grade:
    """Grade one submission, or give the `previous` grade if it still holds.

    examiner: gives the glyphs, where a test asks for them. regrade: the previous grade does not hold. only: the hidden
    tests to run (validation); the others have no verdict.
    """
    started, clock = datetime.now(UTC), time.monotonic()
    try:
        submission = workers.reader.read(upload)
    except Rejected as rejection:
        reason = rejection.text.get(settings.lang)
        return unjudged.rejected_grade(settings, upload.student, reason, previous, started)
    if previous is not None and unjudged.is_current(previous, settings, submission.digest, regrade=regrade):
        return previous
    seen: dict[str, list[Seen]] = {task.id: [] for task in settings.manifest.tested}

    def on_test(test: str, failure: BaseException | None, transcript: Transcript) -> None:
        task = settings.manifest.task_of_test(test)
        if not _is_unwritten(failure):
            seen[task.id].append(Seen(failure is not None, transcript, test))
        if test == task.tests[-1].id and not any(one.failed for one in seen[task.id]):
            seen[task.id].clear()  # there is nothing to explain, and transcripts are large

    # Before the submission's own time begins: the first of a run waits for the training of the reference.
    exam = None if examiner is None else examiner.examination(_wanted(submission, settings, only))
    hidden.examination = exam
    watch = Watch({task.id: task.forbidden for task in settings.manifest.tasks}, submission.code_files)
    case, loaded = _run(settings, submission, workers, hidden, on_test, only, watch)
    with ExitStack() as stack:
        connect = _stand_ins(settings, workers, stack)
        diagnoses, problems = _diagnoses(settings, diagnostician, seen, connect)
        forgiven = _forgiven(diagnostician, seen, connect)
    tasks = tuple(
        _written(task, submission, settings.lang)
        if task.is_written
        else withhold(
            score_task(
                task,
                case.outcomes,
                _source(task.tops, submission, settings.lang),
                settings.lang,
                diagnoses[task.id],
                only,
                forgiven,
            ),
            watch.seen.get(task.id, ()),
            settings.lang,
        )
        for task in settings.manifest.tasks
    )
    base = unjudged.empty_grade(settings, upload.student, "graded", "", started)
    grade = base.model_copy(
        update={
            "score": total(tasks),
            "status": status_of(
                load_timeout=any(report.timed_out for report in loaded.reports),
                load_crashed=any(report.crashed for report in loaded.reports),
                tasks=tasks,
            ),
            "needs_staff": lacks_verdict(tasks),
            "reason": unjudged.without_verdict(case.outcomes.values()),
            "submitted_at": submission.submitted_at,
            "late": unjudged.is_late(settings.manifest.dates.due, submission.submitted_at),
            "tasks": tasks,
            "placeless": submission.placeless,
            "thresholds": score_thresholds(settings.manifest, case.outcomes, settings.lang, only),
            "notes": tuple(note.get(settings.lang) for note in (*submission.notes, *loaded.left_out)),
            "staff_notes": (
                *(
                    note.get(settings.lang)
                    for note in (
                        *submission.staff_notes,
                        *problems,
                        *about_time(case.student.trainings, exam),
                    )
                ),
                *only_named(submission.named, watch.seen, settings.lang),
            ),
            "seconds": coarse(time.monotonic() - clock),
            "submission_sha256": submission.digest,
            **unjudged.carried_over(previous, submission.digest),
        }
    )
    return with_overrides(grade)


def _is_unwritten(failure: BaseException | None) -> bool:
    """Whether a test asked for something that was not handed in, beside what was."""
    return isinstance(failure, StudentError) and failure.kind == UNWRITTEN and not failure.of_call


def _stand_ins(settings: Settings, workers: Workers, stack: ExitStack) -> Callable[[], Transport] | None:
    """Gives workers with the reference; they end with `stack`. None where each would import torch anew."""
    stage, zygote = workers.stage, workers.zygote
    if isinstance(zygote, BareWorkers):
        return None
    return lambda: stack.enter_context(reference_worker(stage, zygote, settings.manifest))


def _diagnoses(
    settings: Settings,
    diagnostician: Diagnostician,
    seen: Mapping[str, Sequence[Seen]],
    connect: Callable[[], Transport] | None,
) -> tuple[dict[str, tuple[Diagnosis, ...]], list[Text]]:
    """Task -> the misconceptions that are recognised; and for staff, where the search for them stopped.

    It compares a student's answers, which may be anything, so it may stop without the grade suffering.
    """
    found: dict[str, tuple[Diagnosis, ...]] = {}
    problems = []
    for task, tests in seen.items():
        try:
            with limited():
                found[task] = diagnostician.explain(task, tests, settings.lang, connect)
        except (Exception, Overrun) as error:
            found[task] = ()
            problems.append(
                Text(
                    **{
                        lang: NO_DIAGNOSIS.get(lang).format(task=task, error=type(error).__name__)
                        for lang in LANGS
                    }
                )
            )
    return found, problems


def _forgiven(
    diagnostician: Diagnostician,
    seen: Mapping[str, Sequence[Seen]],
    connect: Callable[[], Transport] | None,
) -> frozenset[str]:
    """The passed tests that have met a wrong answer. Answers may be anything: where they cannot be compared, none."""
    found: set[str] = set()
    for task, tests in seen.items():
        with contextlib.suppress(Exception, Overrun), limited():
            found |= diagnostician.forgiven(task, tests, connect)
    return frozenset(found)


def _run(
    settings: Settings,
    submission: Submission,
    workers: Workers,
    hidden: HiddenTests,
    on_test: Callable[[str, BaseException | None, Transcript], None],
    only: frozenset[str] | None,
    watch: Watch,
) -> tuple[Case, Loaded]:
    manifest = settings.manifest
    with workers.holding(submission) as connect:
        started = time.monotonic()
        loaded = load(connect, submission, settings)
        # Loading is part of the submission's time.
        left_s = max(1.0, manifest.limits.submission_s - (time.monotonic() - started))
        student = student_of(settings, submission, loaded, left_s, watch)
        case = Case(
            manifest,
            student,
            make_salt(settings.key, manifest.name, submission.student),
            settings.lang,
            on_test,
            unwritten_tasks(submission, settings),
            lambda: reference_student(manifest, settings.checkpoint),
            places_of(submission),
        )
        with closing(student):
            hidden.run(case, only)
        # Only now: a worker for examples lives beside none that has met a hidden test.
        if settings.examples and case.explicable:
            with closing(student_of(settings, submission, loaded, EXAMPLES_S)) as fresh:
                hidden.add_examples(case, fresh, References(manifest, fresh))
    return case, loaded


def student_of(
    settings: Settings,
    submission: Submission,
    loaded: Loaded,
    submission_s: float,
    watch: Watch | None = None,
) -> Student:
    """The submission as a test sees it, in workers of its own; all calls together have `submission_s` seconds."""
    manifest = settings.manifest
    return Student(
        loaded.first.home.connect,
        [symbol for task in manifest.tasks for symbol in task.tops],
        manifest.limits.model_copy(update={"submission_s": submission_s}),
        loaded.first.unavailable,
        submission.checkpoint,
        loaded.first.home.explain,
        loaded.homes(),
        watch,
    )


def places_of(submission: Submission) -> Places:
    statements = [statement for world in submission.worlds for statement in world.statements]
    return Places(statements, {**submission.own, **submission.package})


def load(connect: Callable[[], Transport], submission: Submission, settings: Settings) -> Loaded:
    """Load a submission; what was not handed in is unavailable in each of its plans."""
    manifest = settings.manifest
    trained = [task.id for task in manifest.tasks if any(test.trains for test in task.tests)]
    plans, training_plans = submission.load_plans(), submission.training_plans()
    loaded = load_all(connect, plans, manifest.limits.load_s, training_plans, trained)
    for report in loaded.reports:
        report.unavailable |= _unwritten(submission, settings.lang)
    return loaded


def _unwritten(submission: Submission, lang: Lang) -> dict[str, StudentError]:
    failures: dict[str, StudentError] = {}
    for source in submission.sources:
        if source.kind == "missing":
            not_written = NOT_WRITTEN.get(lang).format(task=source.task)
            message = source.problem.get(lang) if source.problem is not None else not_written
            failures[str(source.symbol)] = StudentError(kind=UNWRITTEN, text=message)
    return failures


def _wanted(submission: Submission, settings: Settings, only: frozenset[str] | None) -> tuple[Test, ...]:
    """The hidden tests that will meet the student's code."""
    unwritten = unwritten_tasks(submission, settings)
    return tuple(
        test
        for task in settings.manifest.tasks
        for test in task.tests
        if task.id not in unwritten and (only is None or test.id in only)
    )


def unwritten_tasks(submission: Submission, settings: Settings) -> dict[str, str]:
    """Task -> what to tell the student, for the tested tasks of which no symbol was handed in."""
    failures = _unwritten(submission, settings.lang)
    return {
        task.id: failures[str(task.tops[0])].text
        for task in settings.manifest.tested
        if all(str(symbol) in failures for symbol in task.tops)
    }


def _written(task: Task, submission: Submission, lang: Lang) -> TaskResult:
    """A task that a person marks: no points, and what there is to read."""
    answers = [answer for answer in submission.answers if answer.task == task.id]
    return score_task(
        task, {}, ", ".join(cell_id(task.id, answer.row) for answer in answers), lang
    ).model_copy(
        update={"answers": tuple(AnswerResult(row=answer.row, text=answer.text) for answer in answers)}
    )


def _source(symbols: Sequence[Symbol], submission: Submission, lang: Lang) -> str:
    wanted = [source for source in submission.sources if source.symbol in symbols]
    return ", ".join(dict.fromkeys(source.place.get(lang) for source in wanted))
