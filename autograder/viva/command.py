"""`autograder viva`: run a graded submission in the sandbox, and write the page of questions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from autograder.course.assignment import Assignment
from autograder.errors import UsageError
from autograder.grading.judge import Workers
from autograder.intake.uploads.rejection import Rejected
from autograder.results.store import write_atomically
from autograder.sandbox.host.bare import BareWorkers
from autograder.sandbox.host.probe import can_supervise
from autograder.sandbox.host.reader import Reader
from autograder.sandbox.host.stage import Stage
from autograder.sandbox.host.zygote_client import ZygoteClient
from autograder.text import Lang
from autograder.viva.asking import questions, require_probes, running, seeded
from autograder.viva.graded import Graded
from autograder.viva.page import render

FOLDER = "viva"


def make_viva(graded: Graded, lang: Lang | None, say: Callable[[str], None]) -> list[str]:
    """Write `viva/<student>.html` where the grades are; what to tell.

    lang: of the page, else that of the grade. say: what is told before the code runs.

    Raises: UsageError, StoreError, GraderError.
    """
    assignment, upload, grade = graded.assignment, graded.upload, graded.grade
    require_probes(assignment.manifest)
    student, language = grade.student, lang or grade.lang
    say("running the student's code...")
    with workers_of(assignment, (assignment.folder, upload.path, graded.out)) as workers:
        try:
            submission = workers.reader.read(upload)
        except Rejected as rejection:
            raise UsageError(f"{student}: {rejection.text.get(language)}") from rejection
        asked = questions(
            lambda changed: running(workers, changed, assignment.manifest),
            submission,
            assignment.manifest,
            seeded(("viva", student, submission.digest)),
        )
    path = graded.out / FOLDER / f"{student}.html"
    write_atomically(path, render(assignment.manifest, student, asked, language).encode())
    lines = [f"{len(asked)} questions for {student}: {path}"]
    lines += [f"{place}. {one.answer.get(language)}" for place, one in enumerate(asked, 1)]
    if submission.digest != grade.submission_sha256:
        lines.append(
            "the submission has changed since it was graded: these are questions on what is there now"
        )
    return lines


@contextmanager
def workers_of(assignment: Assignment, secrets: tuple[Path, ...]) -> Iterator[Workers]:
    """Sandboxed workers for submissions of an assignment, on the CPU. secrets: what they must not see."""
    with ExitStack() as stack:
        stage = stack.enter_context(Stage(assignment.edition))
        reader = stack.enter_context(Reader(assignment.manifest, assignment.edition, stage.home))
        kind: type[ZygoteClient] | type[BareWorkers] = ZygoteClient if can_supervise() else BareWorkers
        zygote = kind(stage, limits=assignment.manifest.limits, device="cpu", secrets=secrets)
        stack.callback(zygote.close)
        zygote.launch()
        zygote.wait()
        yield Workers(stage, zygote, reader)
