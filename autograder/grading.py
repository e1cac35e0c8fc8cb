"""Grade many submissions: stage the student edition, start the zygote, collect the hidden tests, run the engine."""

from __future__ import annotations

import csv
import os
import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.course import Assignment, environment_sha256, versions
from autograder.engine import local
from autograder.finding import safe_student
from autograder.result import Grade, SandboxReport
from autograder.spec import GraderError, Lang, Text, UsageError, Variant, has_variants, load_variants
from autograder.store import Store, StoreError
from autograder.submission import Found, find_submissions
from hw_cnn import _memory

if TYPE_CHECKING:
    from autograder.judge import Settings
    from autograder.sandbox.bare import BareWorkers
    from autograder.sandbox.client import Zygote
    from autograder.sandbox.stage import Stage

KEY_NAME = "course.key"
MIN_KEY_BYTES = 16
JUDGE_FAILED = Text(
    ru="Проверяющая программа не смогла закончить: баллы не начислены, работу посмотрит преподаватель.",
    en="The grader could not finish: no points, and a member of staff will look at it.",
)
# What a judge sends when the zygote ended under it; a grade is JSON.
_ZYGOTE_ENDED = b"zygote ended"
_MOST_RESTARTS = 2
NOTHING_HANDED_IN = Text(ru="Работа не сдана.", en="Nothing was handed in.")


@dataclass(frozen=True)
class Options:
    """What the command line decides about a run. `secrets`: files beside the run's own that no worker may read."""

    key: bytes
    lang: Lang = "ru"
    device: str = "cpu"
    jobs: int = 1
    regrade: bool = False
    roster: tuple[str, ...] = ()
    only: Mapping[str, frozenset[str]] = field(default_factory=dict)
    secrets: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Event:
    """One finished submission: its grade, whether it was kept from an earlier run, and what the grader failed at."""

    grade: Grade
    kept: bool
    failure: str = ""


def read_key(path: Path | None, out: Path) -> bytes:
    """The course key from `--key`, or one made once below `--out`. Raises: UsageError, StoreError."""
    if path is None:
        path = out / KEY_NAME
        if not path.exists():
            _make_key(path)
    try:
        key = path.read_bytes().strip()
    except OSError as error:
        raise UsageError(f"cannot read the course key {path}: {error.strerror}") from error
    if len(key) < MIN_KEY_BYTES:
        raise UsageError(
            f"the course key {path} holds {len(key)} bytes, at least {MIN_KEY_BYTES} are needed; "
            "make one with `openssl rand -hex 32`"
        )
    return key


def _make_key(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(secrets.token_hex(32) + "\n")
    except OSError as error:
        raise StoreError(
            f"cannot write {path}: {error.strerror}; free space or choose another --out"
        ) from error


def read_roster(path: Path | None) -> tuple[str, ...]:
    """The column `student` of a CSV file, as `find_submissions` names students. Raises: UsageError."""
    if path is None:
        return ()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read the roster {path}: {error}; save it as a CSV file in UTF-8") from error
    rows = csv.DictReader(text.splitlines())
    if "student" not in (rows.fieldnames or ()):
        raise UsageError(f"the roster {path} has no column named 'student' in its first line")
    names = ((row["student"] or "").strip() for row in rows)
    return tuple(dict.fromkeys(safe_student(name) for name in names if name))


def resolve_device(wanted: str) -> str:
    """`auto` is CUDA where a GPU answers, else the CPU. Raises: UsageError for `cuda` without a GPU.

    The question is asked in another process: the grader's own must stay free of CUDA to fork.
    """
    if wanted == "cpu" or (wanted == "auto" and not Path("/dev/nvidiactl").exists()):
        return "cpu"
    import subprocess
    import sys

    code = "import torch, sys; sys.exit(0 if torch.cuda.is_available() else 3)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    if answer.returncode == 0:
        return "cuda"
    if wanted == "auto":
        return "cpu"
    raise UsageError("--device cuda: torch finds no CUDA device on this machine; use --device cpu or auto")


def grade(
    assignment: Assignment,
    submissions: Path,
    store: Store,
    options: Options,
    on_event: Callable[[Event], None],
    on_start: Callable[[int], None] | None = None,
) -> list[Grade]:
    """Grade everything below `submissions`; each result is stored, then handed to `on_event`, as it is known.

    `on_start` is told how many there are.

    Raises: UsageError for input that cannot be used, StoreError when a result cannot be written. Results that were
    stored before an error stay valid, and the next run continues after them.
    """
    found = find_submissions(submissions, assignment.manifest)
    if options.only:
        found = [item for item in found if item.student in options.only]
    absent = sorted(set(options.roster) - {item.student for item in found})
    if not found and not absent:
        raise UsageError(f"{submissions} holds no submission; each student has a folder or a zip in it")
    events: list[Event] = []
    if on_start is not None:
        on_start(len(found) + len(absent))

    def keep(event: Event) -> None:
        if not event.kept:
            store.save(event.grade)
        events.append(event)
        on_event(event)

    secrets = (assignment.folder, submissions, store.out, *options.secrets)
    _run(assignment, found, absent, store, options, keep, secrets)
    grades = sorted((event.grade for event in events), key=lambda grade: grade.student)
    store.save_scores(assignment.manifest, grades)
    store.save_manifest(assignment.manifest)
    return grades


def _run(
    assignment: Assignment,
    found: Sequence[Found],
    absent: Sequence[str],
    store: Store,
    options: Options,
    keep: Callable[[Event], None],
    secrets: Sequence[Path],
) -> None:
    from autograder.sandbox.bare import BareWorkers
    from autograder.sandbox.client import Zygote
    from autograder.sandbox.probe import can_supervise
    from autograder.sandbox.stage import Stage

    with ExitStack() as stack:
        stage = stack.enter_context(Stage(assignment.edition))
        kind: type[Zygote] | type[BareWorkers] = Zygote if can_supervise() else BareWorkers
        zygote = kind(stage, limits=assignment.manifest.limits, device=options.device, secrets=secrets)
        stack.callback(zygote.close)
        zygote.launch()  # it imports Lightning while this process imports torch
        _serve(assignment, found, absent, stage, zygote, store, options, keep)


def _serve(
    assignment: Assignment,
    found: Sequence[Found],
    absent: Sequence[str],
    stage: Stage,
    zygote: Zygote | BareWorkers,
    store: Store,
    options: Options,
    keep: Callable[[Event], None],
) -> None:
    with _memory.importing():
        import torch

        from autograder.diagnosis import Diagnostician
        from autograder.judge import Workers, empty_grade, judge
        from autograder.plugin import HiddenTests, serve_hidden_tests
        from autograder.sandbox.client import ZygoteEndedError

    torch.set_num_threads(1)  # a judge is forked: OpenMP threads of its parent would hang it
    diagnostician = Diagnostician(assignment.folder, assignment.manifest, known_variants(assignment.folder))
    workers = Workers(stage, zygote)

    def serve(hidden: HiddenTests) -> None:
        zygote.wait()
        settings = _settings(assignment, options, zygote.report)

        def work(item: Found) -> bytes:
            old = None if options.regrade else store.load(item.student)
            only = options.only.get(item.student)
            try:
                grade = judge(settings, item, workers, hidden, diagnostician, old, only)
            except ZygoteEndedError:
                return _ZYGOTE_ENDED
            except (GraderError, OSError) as error:
                grade = _failed(settings, item.student, str(error))
            return grade.model_dump_json(by_alias=True).encode()

        for student in absent:
            keep(Event(empty_grade(settings, student, "missing", NOTHING_HANDED_IN), kept=False))
        _judge_all(settings, found, work, zygote, store, options, keep)

    serve_hidden_tests(assignment.folder, assignment.manifest, serve)


def _judge_all(
    settings: Settings,
    found: Sequence[Found],
    work: Callable[[Found], bytes],
    zygote: Zygote | BareWorkers,
    store: Store,
    options: Options,
    keep: Callable[[Event], None],
) -> None:
    """Judge each submission. A zygote that ends is started again, and what was under way is judged again."""
    deadline = 1.5 * settings.manifest.limits.submission_s + 60.0
    waiting = {item.student: item for item in found}
    restarts: Counter[str] = Counter()
    while waiting:
        with closing(
            local.run(list(waiting.values()), work, slots=options.jobs, deadline_s=deadline)
        ) as done_jobs:
            for done in done_jobs:
                student = done.job.student
                if done.payload == _ZYGOTE_ENDED:
                    restarts[student] += 1
                    if restarts[student] <= _MOST_RESTARTS:
                        break
                    done = replace(done, payload=None, reason="the zygote ended each time it was judged")
                del waiting[student]
                keep(_event(settings, done, store, options))
            else:
                return
        zygote.start()


def _event(settings: Settings, done: local.Done[Found], store: Store, options: Options) -> Event:
    old = store.load(done.job.student)
    try:
        if done.payload is None:
            raise ValueError(done.reason)
        grade = Grade.model_validate_json(done.payload)
        failure = grade.reason if grade.needs_staff else ""
        if grade.needs_staff and not failure and done.job.student not in options.only:
            failure = "some hidden tests gave no verdict"
    except ValueError as error:
        failure = str(error).splitlines()[0]
        grade = _failed(settings, done.job.student, failure)
    return Event(grade, kept=old is not None and grade == old, failure=failure)


def _failed(settings: Settings, student: str, detail: str) -> Grade:
    from autograder.judge import empty_grade

    return empty_grade(settings, student, "partial", JUDGE_FAILED, needs_staff=True, detail=detail)


def known_variants(folder: Path) -> tuple[Variant, ...]:
    """The planted bugs of an assignment; a course that has none loses only the diagnosis."""
    return load_variants(folder).variants if has_variants(folder) else ()


def _settings(assignment: Assignment, options: Options, report: SandboxReport) -> Settings:
    from autograder.judge import Settings

    return Settings(
        manifest=assignment.manifest,
        edition=assignment.edition,
        key=options.key,
        lang=options.lang,
        device=options.device,
        sandbox=report,
        versions=versions(),
        grader_sha256=assignment.grader_sha256,
        environment_sha256=environment_sha256(),
    )
