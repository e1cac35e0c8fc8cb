"""One student's marks into the rows of the gradebook; what a person has set there stays.

`auto_score` is always what we have written last. In the cell of an answer in words `manual_score` is the same number:
one that differs from `auto_score` was set in formgrader, and so was each in another cell. `auto_comment` is ours,
`manual_comment` is a person's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any

from autograder.course.manifest import Manifest
from autograder.gradebook.cells import CellMark, cell_marks
from autograder.gradebook.course_folder import Gradebook
from autograder.gradebook.words import without_unmarked
from autograder.results.marked import Marked
from autograder.results.totals import round_half_up
from autograder.roster.person import Person

SAME = 1e-9

Row = Any  # nbgrader.api.Grade, which is not typed


@dataclass(frozen=True)
class Place:
    """Where the marks go: an assignment of the gradebook, and its notebook."""

    assignment: str
    notebook: str


def write_student(gradebook: Gradebook, student: str, person: Person | None) -> None:
    """Add the student where the gradebook lacks them; name and e-mail are filled in where none stands."""
    own: dict[str, str] = {}
    if person is not None:
        last, comma, first = person.name.partition(",")
        # A name without a comma is not taken apart: which part is the family's differs from roster to roster.
        own = {"last_name": last.strip(), "first_name": first.strip() if comma else "", "email": person.email}
    known = gradebook.update_or_create_student(student)
    is_named = bool(known.last_name or known.first_name)
    fresh = {
        field: value
        for field, value in own.items()
        if not getattr(known, field)
        and not (is_named and field != "email")
        and (value or (field == "first_name" and own["last_name"]))
    }
    if fresh:
        gradebook.update_or_create_student(student, **fresh)


def write_marks(gradebook: Gradebook, place: Place, manifest: Manifest, one: Marked) -> list[str]:
    """Write the marks of a student whom the gradebook knows, and commit them.

    Returns: what a person has set in formgrader and was left as it is, a few words each.
    """
    student, grade = one.grade.student, one.grade
    submission = gradebook.update_or_create_submission(place.assignment, student)
    if grade.submitted_at is not None:
        submission.timestamp = grade.submitted_at.astimezone(UTC).replace(tzinfo=None)
    if one.person is not None and one.person.extension_hours and not submission.extension:
        submission.extension = timedelta(hours=one.person.extension_hours)
    notebook = gradebook.find_submission_notebook(place.notebook, place.assignment, student)
    grades = {row.name: row for row in notebook.grades}
    comments = {row.name: row for row in notebook.comments}
    kept: list[str] = []
    counted = ours = 0.0
    for mark in cell_marks(manifest, one):
        row = grades[mark.cell]
        kept += _write_points(row, mark)
        counted += (row.auto_score if row.manual_score is None else row.manual_score) or 0.0
        counted += row.extra_credit or 0.0 if (row.auto_score, row.manual_score) != (None, None) else 0.0
        ours += mark.points or 0.0
        if (comment := comments.get(mark.about)) is not None:
            is_theirs = mark.points is None and row.manual_score is not None
            comment.auto_comment = (without_unmarked(mark.comment) if is_theirs else mark.comment) or None
            if comment.manual_comment is not None:
                kept.append(f"the comment on {mark.about}")
    notebook.late_submission_penalty = _taken_off(one, counted, counted - ours)
    gradebook.db.commit()
    return kept


def withdraw_marks(gradebook: Gradebook, place: Place, student: str) -> None:
    """Leave a submission without a mark of ours, to be looked at: no result of ours is that of this work."""
    notebook = gradebook.find_submission_notebook(place.notebook, place.assignment, student)
    for row in notebook.grades:
        if row.manual_score is not None and row.manual_score == row.auto_score:
            row.manual_score = None
        row.auto_score = None
        row.needs_manual_grade = row.manual_score is None
    for comment in notebook.comments:
        comment.auto_comment = None
    notebook.late_submission_penalty = None
    gradebook.db.commit()


def _write_points(row: Row, mark: CellMark) -> list[str]:
    """Points into a row `nbgrader.api.Grade`; what was set by a person, in a few words, if anything."""
    known: float | None = row.manual_score
    last: float | None = row.auto_score
    is_set = known is not None and not (mark.is_answer and _is_ours(known, last))
    row.auto_score = mark.points
    if is_set:
        row.needs_manual_grade = False
    else:
        row.manual_score = mark.points if mark.is_answer else None
        row.needs_manual_grade = mark.needs_person
    kept = [f"{mark.cell} {known:g} (here {_shown(mark.points)})"] if is_set else []
    if credit := row.extra_credit:
        kept.append(f"{mark.cell} {credit:+g} of extra credit")
    return kept


def _is_ours(known: float, last: float | None) -> bool:
    return last is not None and abs(known - last) < SAME


def _taken_off(one: Marked, counted: float, difference: float) -> float | None:
    """What nbgrader has to take off its sum so that its total is ours; None for nothing.

    Lateness is only the most frequent reason: bonus points above their limit are taken off, too, and a score that is
    held at what was told needs more than the sum, which is a penalty below zero.

    counted: nbgrader's sum. difference: how much of it people have changed in formgrader; lateness takes its share of
    that as well.
    """
    is_edited = abs(difference) >= SAME
    target = one.counting(max(0.0, round_half_up(one.before + difference))) if is_edited else one.score
    penalty = counted - target
    return penalty if abs(penalty) > SAME else None


def _shown(points: float | None) -> str:
    return "not marked" if points is None else f"{points:g}"
