"""The assignment as the gradebook knows it: the notebook whose cells are ours, made from the release where it lacks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC

from autograder.course.manifest import Manifest
from autograder.errors import UsageError
from autograder.gradebook.cells import graded_cells
from autograder.gradebook.course_folder import CourseFolder, Gradebook
from autograder.release.notebook import read_notebook

NEXT = (
    "release the assignment anew, put it into `source` and run `nbgrader generate_assignment {name} --force`"
)


def find_notebook(course: CourseFolder, gradebook: Gradebook, manifest: Manifest, name: str) -> str:
    """The name of the notebook of the assignment `name` that holds the manifest's cells.

    What the gradebook does not know yet is made from the notebook in `release` or `source`, by nbgrader's own step.

    Raises: UsageError where there is no such notebook, or its cells or their points are not those of the manifest.
    """
    from nbgrader.api import MissingEntry

    try:
        notebooks = list(gradebook.find_assignment(name).notebooks)
    except MissingEntry:
        notebooks = []
    if not notebooks:
        _create(course, gradebook, name)
        notebooks = list(gradebook.find_assignment(name).notebooks)
    wanted = graded_cells(manifest)
    known: dict[str, dict[str, float]] = {
        one.name: {cell.name: cell.max_score for cell in one.grade_cells} for one in notebooks
    }
    found = max(known, key=lambda one: len(wanted.keys() & known[one].keys()))
    refuse_other_cells(manifest, known[found], f"{name}/{found}", NEXT.format(name=name))
    return found


def refuse_other_cells(manifest: Manifest, cells: Mapping[str, float], where: str, mend: str) -> None:
    """Raises: UsageError where a cell of the manifest, or its points, are not those of the gradebook's `cells`."""
    wanted = graded_cells(manifest)
    if missing := sorted(wanted.keys() - cells.keys()):
        more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
        raise UsageError(f"the gradebook's {where} has no cell {', '.join(missing[:5])}{more}: {mend}")
    if other := [cell for cell in wanted if abs(cells[cell] - wanted[cell]) > 1e-9]:
        cell = other[0]
        raise UsageError(
            f"{cell} is worth {wanted[cell]:g} here and {cells[cell]:g} in the gradebook's {where}: {mend}"
        )


def note_due_date(gradebook: Gradebook, manifest: Manifest, name: str) -> None:
    """Give the assignment the due date of the manifest; one that it has already stays."""
    due = manifest.dates.due
    if due is not None and gradebook.find_assignment(name).duedate is None:
        gradebook.update_or_create_assignment(name, duedate=due.astimezone(UTC))


def _create(course: CourseFolder, gradebook: Gradebook, name: str) -> None:
    from nbgrader.preprocessors import SaveCells

    paths = course.notebooks_of(name)
    if not paths:
        raise UsageError(
            f"neither the gradebook nor {course.root} has an assignment {name!r}: `autograder nbgrader-setup "
            f"{course.root} {name}` puts it there; if it has another name in this course, give it with --column"
        )
    gradebook.update_or_create_assignment(name)
    for path in paths:
        own = {"notebook": path.stem, "assignment": name, "db_url": course.directory.db_url}
        SaveCells().preprocess(read_notebook(path.read_text(encoding="utf-8")), {"nbgrader": own})
    gradebook.db.expire_all()
