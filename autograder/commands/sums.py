"""One-line sums of a class: how many of each kind, who else is in the store, whose upload is gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from autograder.intake.students import find_submissions
from autograder.progress import names_line
from autograder.results.grade import STATUSES, Grade
from autograder.results.marked import Marked
from autograder.results.report.behind import gone


def sum_line(marked: Iterable[Marked]) -> str:
    """`graded 57, rejected 2, missing 1`: what there is most of an evening first."""
    counts = Counter[str](one.grade.status for one in marked)
    return ", ".join(f"{status} {counts[status]}" for status in reversed(STATUSES) if counts[status])


def others_line(others: Sequence[Marked], out: Path) -> str:
    """How many results the folder holds that this run did not meet; empty where there is none."""
    if not others:
        return ""
    return f"{out} also holds {len(others)} more ({sum_line(others)}): scores.csv and the report have all of them"


def without_submission(grades: Iterable[Grade], submissions: Path, assignment: str) -> str:
    """Whose result has no submission behind it now; empty where there is none. Raises: UsageError."""
    there = {upload.student for upload in find_submissions(submissions, assignment)}
    names = gone(grades, there)
    if not names:
        return ""
    return (
        f"Without a submission in {submissions} now: {names_line(names)}. Their results are kept; if an upload was "
        "renamed, remove the results of its old name"
    )
