"""One student's marks by nbgrader's cells: the check cell of each task, and the cell of each answer in words.

Their sum is the sum of the tasks. The check cell of task F1 is `F1-test`, an answer's cell is `W-filter`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from autograder.course.manifest import Manifest, Task
from autograder.course.rows import cell_id
from autograder.gradebook.words import of_answer, of_student, of_task
from autograder.intake.sources.cells import CHECK_SUFFIX
from autograder.results.grade import TaskResult
from autograder.results.marked import Marked
from autograder.results.totals import round_half_up


@dataclass(frozen=True)
class CellMark:
    """What one graded cell gets.

    Args:
        cell: its id.
        points: None where a person has still to give them.
        needs_person: whether a person must look, be there points or not.
        about: the cell where the student's answer stands, which takes the comment.
        comment: "" for none.
    """

    cell: str
    points: float | None
    needs_person: bool
    about: str
    comment: str

    @property
    def is_answer(self) -> bool:
        """Whether it is an answer in words, which people mark."""
        return self.about == self.cell


def graded_cells(manifest: Manifest) -> dict[str, float]:
    """Cell -> its points, for all cells that nbgrader gives points for."""
    cells: dict[str, float] = {}
    for task in manifest.tasks:
        if task.is_written:
            cells |= {cell_id(task.id, row.id): row.points for row in task.rows}
        else:
            cells[f"{task.id}{CHECK_SUFFIX}"] = task.points
    return cells


def cell_marks(manifest: Manifest, one: Marked) -> list[CellMark]:
    """The marks of one student, in the order of the tasks; what is said of the work as a whole goes to the first."""
    marks = [mark for task in manifest.tasks for mark in _of(task, one)]
    if (said := of_student(one)) and marks:
        first = marks[0]
        comment = "\n".join(filter(None, [said, first.comment]))
        marks[0] = replace(first, comment=comment)
    return marks


def _of(task: Task, one: Marked) -> Iterator[CellMark]:
    result = next((result for result in one.tasks if result.id == task.id), None)
    if not task.is_written:
        yield CellMark(
            f"{task.id}{CHECK_SUFFIX}",
            one.scores.get(task.id) or 0.0,
            result is not None and _lacks_a_verdict(result, one),
            task.id,
            of_task(task, result, one),
        )
        return
    shares = _shares(task, one)
    rows = one.rows.get(task.id, ())
    for place, (row, points) in enumerate(zip(task.rows, shares, strict=True)):
        cell = cell_id(task.id, row.id)
        marked = rows[place] if place < len(rows) else None
        comment = of_answer(task, marked, one, is_first=place == 0)
        yield CellMark(cell, points, points is None, cell, comment)


def _lacks_a_verdict(result: TaskResult, one: Marked) -> bool:
    if result.id in one.decisions:
        return False
    return any(test.passed is None and test.id not in one.voids for test in result.tests)


def _shares(task: Task, one: Marked) -> Sequence[float | None]:
    """The points of each row, of which the task's are the sum; None for all while one waits for a mark.

    What somebody has decided for the task as a whole is divided as the rows' points are.
    """
    if task.id in one.awaiting:
        return [None] * len(task.rows)
    decided = one.decisions.get(task.id)
    if decided is None:
        rows = one.rows.get(task.id, ())
        return [row.points or 0.0 for row in rows] if rows else [0.0] * len(task.rows)
    shares = [round_half_up(decided.points * row.points / task.points) for row in task.rows[:-1]]
    return [*shares, decided.points - sum(shares)]
