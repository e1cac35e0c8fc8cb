"""One submission in Gradescope's container: the same reading and grading as `autograder grade`, into `results.json`."""

from __future__ import annotations

import shutil
import sys
import tempfile
import traceback
from dataclasses import replace
from pathlib import Path

from autograder.course.assignment import Assignment, find_assignment
from autograder.errors import GraderError, StoreError, UsageError
from autograder.gradescope import words
from autograder.gradescope.metadata import student_of
from autograder.gradescope.results_json import Results
from autograder.gradescope.settings import KEY_NAME, Home, Settings
from autograder.gradescope.telling import told, untold
from autograder.grading.batch import Options, grade
from autograder.grading.inputs import read_key
from autograder.results.marked import Marked
from autograder.results.store import Store, write_atomically
from autograder.sandbox.host import tiers
from autograder.sandbox.host.probe import probe

FAILED = 1


def run(root: Path) -> int:
    """Grade what lies in `root` (/autograder); the exit code, 0 where there is a verdict. It raises nothing.

    What is printed is for staff. Before anything else the results say that there is no mark, so whatever ends this
    process leaves neither an old score nor none of the platform's sentences.
    """
    home = Home(root)
    try:
        home.results.parent.mkdir(parents=True, exist_ok=True)
        settings = home.settings()
        _write(home, untold(words.STOPPED, settings.lang))
        _close(home)
        results = _graded(home, settings)
    except Exception as error:
        _tell_failure(home, error)
        return FAILED
    _write(home, results)
    return 0


def _tell_failure(home: Home, error: Exception) -> None:
    print("NOT GRADED. The student reads that there is no mark yet; press `Regrade` once this is mended:")
    if isinstance(error, UsageError | GraderError):
        print(error)
    else:
        traceback.print_exc(file=sys.stdout)
    try:
        lang = home.settings().lang
    except UsageError:
        lang = "en"
    _write(home, untold(words.FAILED, lang))


def _write(home: Home, results: Results) -> None:
    write_atomically(home.results, results.to_json())


def _close(home: Home) -> None:
    """Only root may look into what no student's code may see: a second wall behind that of the workers."""
    for folder in (home.source, home.submission, home.results.parent):
        folder.chmod(0o700)
    if home.metadata.exists():
        home.metadata.chmod(0o600)


def _graded(home: Home, settings: Settings) -> Results:
    """Raises: UsageError, GraderError, OSError."""
    protection = probe()
    gaps = ", ".join(protection.gaps)
    print(f"protection: tier {tiers.shown(protection.tier)}; not protected from: {gaps}")
    tiers.require(protection.tier, settings.require_tier, trusted_code=settings.trusted_code)
    student, remark = student_of(home.metadata)
    print(f"student: {student}")
    if remark:
        print(remark)
    with tempfile.TemporaryDirectory(prefix="gradescope-") as name:
        submissions, out = Path(name, "submissions"), Path(name, "out")
        shutil.copytree(home.submission, submissions / student, symlinks=True)
        assignment = assignment_of(home, settings)
        store = Store(out)
        store.prepare(assignment.name, assignment.manifest.chosen)
        secrets = (home.source, home.submission, home.results.parent, home.metadata)
        options = Options(read_key(home.source / KEY_NAME, out), settings.lang, secrets=secrets)
        grade(assignment, submissions, store, options, lambda _: None)
        one = next(iter(store.marked(assignment.manifest)), None)
        if one is None:
            raise StoreError("the result could not be read back")
    _tell_staff(one)
    return told(assignment.manifest, one, settings.visibility)


def assignment_of(home: Home, settings: Settings) -> Assignment:
    """That of the zip, with the platform's time as its limit. Raises: UsageError."""
    found = find_assignment(
        str(home.source / settings.assignment), tasks=",".join(settings.tasks) if settings.tasks else None
    )
    limits = found.manifest.limits
    limits = limits.model_copy(update={"submission_s": min(limits.submission_s, settings.submission_s)})
    return replace(found, manifest=found.manifest.model_copy(update={"limits": limits}))


def _tell_staff(one: Marked) -> None:
    grade = one.grade
    print(f"{one.before:g} points, {one.status}, {grade.seconds:.1f} s, device {grade.device}")
    print(
        f"layers: {', '.join(grade.sandbox.layers)}; salt {grade.salt_id}; grader {grade.grader_sha256[:16]}"
    )
    for note in grade.staff_notes:
        print(f"for staff: {note}")
    if one.needs_staff:
        print(f"STAFF MUST LOOK: {grade.reason or 'some hidden tests gave no verdict'}")
