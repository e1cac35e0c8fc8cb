"""`autograder export --format nbgrader`: what counts for a class into the gradebook of a course, again and again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autograder.errors import UsageError
from autograder.export.counting import Rule, count, named, unready
from autograder.gradebook.course_folder import CourseFolder, open_course
from autograder.gradebook.structure import find_notebook, note_due_date
from autograder.gradebook.writing import Place, write_marks, write_student
from autograder.results.marked import Marked
from autograder.results.report.page import stored_manifest
from autograder.results.store import Store


def export_to_gradebook(folder: Path, course: Path, name: str = "", *, anyway: bool = False) -> list[str]:
    """Write the class into the gradebook, and say what was done, a sentence a line.

    Args:
        folder: the results.
        course: the folder of the course.
        name: of the assignment there; "" for our own.
        anyway: although marks are missing or results need staff.

    Raises: UsageError: nothing to write, not ready, or a gradebook of other cells; StoreError.
    """
    manifest, store = stored_manifest(folder), Store(folder)
    marked = store.marked(manifest)
    if not marked:
        raise UsageError(f"{folder} holds no results; give the folder that was --out of `autograder grade`")
    lines = _waiting(folder, store, marked, anyway=anyway)
    opened, assignment = open_course(course), name or manifest.name
    with opened.gradebook() as gradebook:
        place = Place(assignment, find_notebook(opened, gradebook, manifest, assignment))
        note_due_date(gradebook, manifest, assignment)
        known = {one.student.id for one in gradebook.assignment_submissions(assignment)}
        written: list[str] = []
        kept: list[str] = []
        for one in marked:
            student = one.grade.student
            write_student(gradebook, student, one.person)
            # A submission of nothing would look like work.
            if one.grade.status == "missing" and not one.score and student not in known:
                continue
            written.append(student)
            if said := write_marks(gradebook, place, manifest, one):
                kept.append(f"{student}: {', '.join(said)}")
        have = {one.grade.student for one in marked}
        for student, person in store.people().items():
            if student not in have:
                write_student(gradebook, student, person)
    lines.append(
        f"{len(written)} students written into {assignment}/{place.notebook} of {opened.directory.db_url}"
    )
    if handed := len(marked) - len(written):
        lines.append(f"{handed} handed in nothing: they have no submission there, which nbgrader counts as 0")
    if kept:
        lines.append(f"Kept as somebody has set it in formgrader ({len(kept)}): {'; '.join(kept)}")
    if strange := sorted(known - have):
        lines.append(f"With a submission in the gradebook, but without a result here: {named(strange)}")
    return [*lines, *_without_notebook(opened, assignment, written)]


def _waiting(folder: Path, store: Store, marked: Sequence[Marked], *, anyway: bool) -> list[str]:
    """Raises: UsageError where somebody waits, unless `anyway`."""
    said = unready(count(stored_manifest(folder), marked, Rule()))
    if lost := [one.student for one in store.unreadable()]:
        said.append(f"{len(lost)} have a result that cannot be read: {named(lost)}")
    if said and not anyway:
        raise UsageError(f"not exported, since {'; '.join(said)}. See to them, or export with --anyway")
    return [f"Exported although {'; '.join(said)}"] if said else []


def _without_notebook(course: CourseFolder, assignment: str, students: Sequence[str]) -> list[str]:
    """Of whom formgrader and feedback have no notebook to show yet."""
    directory = course.directory
    folder = directory.autograded_directory
    lacking = [one for one in students if not Path(directory.format_path(folder, one, assignment)).is_dir()]
    if not lacking:
        return []
    return [
        f"Formgrader and feedback have nothing to show yet of {len(lacking)} ({named(lacking)}): "
        f"run `nbgrader autograde {assignment}`, which takes these marks"
    ]
