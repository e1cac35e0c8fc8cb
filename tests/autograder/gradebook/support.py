"""A real gradebook of nbgrader with the cells of the seminar, and grades of it made up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder.course.assignment import find_assignment
from autograder.course.manifest import Manifest
from autograder.gradebook.cells import graded_cells
from autograder.gradebook.course_folder import find_commands
from autograder.gradebook.writing import Place
from autograder.results.beside import Beside
from autograder.results.grade import Grade
from autograder.results.marked import Marked, with_beside
from autograder.results.marks import Mark, Marks
from autograder.results.totals import total as sum_of_tasks
from tests.autograder.grading_support import ROOT
from tests.autograder.results.support import make_grade

SEMINAR = find_assignment("seminar_cnn", ROOT / "assignments").manifest
PLACE = Place("seminar_cnn", "seminar_cnn")


def made_gradebook(folder: Path, manifest: Manifest = SEMINAR) -> Any:
    """A gradebook that knows the assignment, and no student."""
    from nbgrader.api import Gradebook

    find_commands()
    gradebook = Gradebook(f"sqlite:///{folder / 'gradebook.db'}")
    gradebook.add_assignment(manifest.name)
    gradebook.add_notebook(manifest.name, manifest.name)
    where = (manifest.name, manifest.name)
    for cell, points in graded_cells(manifest).items():
        is_check = cell.endswith("-test")
        gradebook.add_grade_cell(cell, *where, max_score=points, cell_type="code" if is_check else "markdown")
        gradebook.add_solution_cell(cell.removesuffix("-test"), *where)
    return gradebook


def graded(
    student: str,
    scores: Mapping[str, float],
    answers: Iterable[tuple[str, str]] = (),
    manifest: Manifest = SEMINAR,
    **update: Any,
) -> Grade:
    """A grade with these points of tasks. answers: (task, row) that are written."""
    written = list(answers)
    tasks = []
    for task in manifest.tasks:
        score = scores.get(task.id, 0.0)
        tests = [
            {
                "id": test.id,
                "passed": score > 0,
                "points": score if place == 0 else 0.0,
                "max_points": task.points,
                "message": "",
            }
            for place, test in enumerate(task.tests)
        ]
        tasks.append(
            {
                "id": task.id, "title": task.title.en, "score": score, "max_score": task.points, "bonus": task.bonus,
                "source": f"cell {task.id}", "tests": tests,
                "answers": [{"row": row, "text": "my answer"} for own, row in written if own == task.id],
            }
        )  # fmt: skip
    fields = make_grade(student).model_dump(by_alias=True)
    own = {"assignment": manifest.name, "max_score": manifest.max_score, "tasks": tasks, **update}
    grade = Grade.model_validate({**fields, **own})
    return grade if "score" in update else grade.model_copy(update={"score": sum_of_tasks(grade.tasks)})


def marked(
    grade: Grade,
    marks: Mapping[tuple[str, str], float] | None = None,
    manifest: Manifest = SEMINAR,
    **beside: Any,
) -> Marked:
    """What counts. marks: (task, row) -> points."""
    lines = tuple(
        Mark(grade.student, task, row, points, "anna", "see the slide", place + 2)
        for place, ((task, row), points) in enumerate((marks or {}).items())
    )
    return with_beside(manifest, grade, Beside(marks=Marks(lines), **beside))


def total(gradebook: Any, student: str) -> float:
    """As `nbgrader export` counts it."""
    gradebook.db.expire_all()
    submission = gradebook.find_submission(PLACE.assignment, student)
    return float(max(0.0, submission.score - submission.late_submission_penalty))


def row_of(gradebook: Any, student: str, cell: str) -> Any:
    return gradebook.find_grade(cell, PLACE.notebook, PLACE.assignment, student)


def comment_of(gradebook: Any, student: str, cell: str) -> Any:
    return gradebook.find_comment(cell, PLACE.notebook, PLACE.assignment, student)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone()
