"""A graded student as `viva`, `appeal` and `replay` need one, found before torch loads: a wrong name ends at once."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

from autograder.course.assignment import Assignment, find_assignment
from autograder.errors import UsageError
from autograder.intake.students import Upload, find_submissions
from autograder.results.grade import Grade
from autograder.results.report.page import stored_manifest
from autograder.results.store import Store
from autograder.sandbox.host import tiers
from autograder.sandbox.host.probe import probe


@dataclass(frozen=True)
class Graded:
    """A stored grade, its assignment, and the submission as it lies there now. out: the --out of the grade."""

    out: Path
    grade: Grade
    assignment: Assignment
    upload: Upload


def find_graded(out: Path, student: str, submissions: Path | None, *, trusted_code: bool) -> Graded:
    """Args:
        submissions: where they are now, if not where they were graded.

    Raises: UsageError, StoreError, GraderError when this machine cannot protect the run.
    """
    tiers.require(probe().tier, None, trusted_code=trusted_code)
    store, chosen = Store(out), stored_manifest(out).chosen
    grade = store.load(student)
    if grade is None:
        raise UsageError(nobody(store, student))
    places = store.places()
    assignment = find_assignment(str(places.assignment), None, ",".join(chosen) or None)
    return Graded(out, grade, assignment, _upload(submissions or places.submissions, assignment, student))


def _upload(submissions: Path, assignment: Assignment, student: str) -> Upload:
    found = next(
        (one for one in find_submissions(submissions, assignment.name) if one.student == student), None
    )
    if found is None:
        raise UsageError(f"{submissions} holds nothing of {student}; say where it is now with --submissions")
    return found


def nobody(store: Store, student: str) -> str:
    """What to tell of a student who has no result, with the closest name."""
    known = [grade.student for grade in store.grades()]
    close = difflib.get_close_matches(student, known, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    return f"{store.out} holds no result of {student!r}{hint}"
