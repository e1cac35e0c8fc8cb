"""`autograder viva`: run a graded submission in the sandbox, and write the page of questions."""

from __future__ import annotations

from collections.abc import Callable

from autograder.errors import UsageError
from autograder.grading.again.graded import Graded
from autograder.grading.again.workers import workers_of
from autograder.intake.uploads.rejection import Rejected
from autograder.results.store import write_atomically
from autograder.text import Lang
from autograder.viva.asking import questions, require_probes, running, seeded
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
