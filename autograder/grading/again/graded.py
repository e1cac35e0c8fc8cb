"""Graded students for what looks at them again, found before torch loads: a wrong name or key ends at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from autograder.course.assignment import Assignment, find_assignment
from autograder.errors import UsageError
from autograder.grading.salts import salt_id
from autograder.intake.students import Upload, find_submissions
from autograder.results.grade import Grade
from autograder.results.report.page import stored_manifest
from autograder.results.store import Store
from autograder.sandbox.host import tiers
from autograder.sandbox.host.probe import probe
from autograder.wire.safe_text import clean_line

MOST_NAMES = 10


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


def require_key(key: bytes, grades: Iterable[Grade]) -> None:
    """Raises: UsageError where grades were given with another course key, so that their numbers would be other ones."""
    others = [one.student for one in grades if salt_id(key, one.assignment, one.student) != one.salt_id]
    if others:
        more = f" and {len(others) - MOST_NAMES} more" if len(others) > MOST_NAMES else ""
        raise UsageError(
            f"this is another course key than the one of the grade of {', '.join(map(clean_line, others[:MOST_NAMES]))}"
            f"{more}, so the numbers would be other ones; give that one with --key"
        )


def nobody(store: Store, student: str) -> str:
    """What to tell of a student who has no result, with the closest name."""
    known = [grade.student for grade in store.grades()]
    close = difflib.get_close_matches(student, known, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    return f"{store.out} holds no result of {student!r}{hint}"
