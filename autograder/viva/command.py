"""`autograder viva`: find a graded submission, run it in the sandbox, and write the page."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from autograder.course.assignment import Assignment, find_assignment
from autograder.errors import UsageError
from autograder.grading.judge import Workers
from autograder.intake.students import Upload, find_submissions
from autograder.intake.uploads.rejection import Rejected
from autograder.results.report.page import stored_manifest
from autograder.results.store import Store, write_atomically
from autograder.sandbox.host import tiers
from autograder.sandbox.host.bare import BareWorkers
from autograder.sandbox.host.probe import can_supervise, probe
from autograder.sandbox.host.reader import Reader
from autograder.sandbox.host.stage import Stage
from autograder.sandbox.host.zygote_client import ZygoteClient
from autograder.text import Lang
from autograder.viva.asking import questions, require_probes, running, seeded
from autograder.viva.page import render

FOLDER = "viva"


def make_viva(
    out: Path,
    student: str,
    submissions: Path | None,
    lang: Lang | None,
    say: Callable[[str], None],
    *,
    trusted_code: bool,
) -> list[str]:
    """Write `out/viva/<student>.html`; what to tell.

    submissions: where they are now, if not where they were graded. lang: of the page, else that of the grade.
    say: what is told before the code runs, once all that is needed has been found.

    Raises: UsageError, StoreError, GraderError.
    """
    tiers.require(probe().tier, None, trusted_code=trusted_code)
    store, chosen = Store(out), stored_manifest(out).chosen
    grade = store.load(student)
    if grade is None:
        raise UsageError(_nobody(store, student))
    places = store.places()
    assignment = find_assignment(str(places.assignment), None, ",".join(chosen) or None)
    require_probes(assignment.manifest)
    upload = _upload(submissions or places.submissions, assignment, student)
    language = lang or grade.lang
    say("running the student's code...")
    with workers_of(assignment, (assignment.folder, upload.path, out)) as workers:
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
    path = out / FOLDER / f"{student}.html"
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


def _upload(submissions: Path, assignment: Assignment, student: str) -> Upload:
    found = next(
        (one for one in find_submissions(submissions, assignment.name) if one.student == student), None
    )
    if found is None:
        raise UsageError(f"{submissions} holds nothing of {student}; say where it is now with --submissions")
    return found


def _nobody(store: Store, student: str) -> str:
    known = [grade.student for grade in store.grades()]
    close = difflib.get_close_matches(student, known, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    return f"{store.out} holds no result of {student!r}{hint}"
