"""A stored grade together with the marks that people gave, for a table and a page. The grade stays as it is.

A written task counts once all answers that are written have a mark. Several marks of one answer, by several people,
count as their mean.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from autograder.course.manifest import Manifest, Task
from autograder.course.rows import PublicRow
from autograder.results.grade import Grade, TaskResult
from autograder.results.marks import NO_MARKS, Mark, Marks
from autograder.results.totals import round_half_up, total

AWAITING = "awaiting"
UNREAD = ("rejected", "missing")
NO_POINTS = "\N{EN DASH}"


@dataclass(frozen=True)
class MarkedRow:
    """One row of a written task: what the student wrote, "" for nothing, and the marks of it."""

    row: PublicRow
    text: str
    marks: tuple[Mark, ...]

    @property
    def points(self) -> float | None:
        """The mean of the marks; None where nobody has marked."""
        if not self.marks:
            return None
        return round_half_up(statistics.fmean(mark.points for mark in self.marks))

    @property
    def is_seen(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.text or self.marks)

    @property
    def is_awaiting(self) -> bool:
        """Whether there is something to read that nobody has marked."""
        return bool(self.text) and not self.marks


@dataclass(frozen=True)
class Marked:
    """A grade with its marks.

    scores: task -> its points, None for a written task that has none yet. rows: of each written task. awaiting: ids of
    the tasks in which an answer waits for a person.
    """

    grade: Grade
    scores: Mapping[str, float | None]
    rows: Mapping[str, tuple[MarkedRow, ...]]
    awaiting: tuple[str, ...]
    score: float

    @property
    def percent(self) -> float:
        """Score as a share of the compulsory maximum, in percent."""
        return 100.0 * self.score / self.grade.max_score if self.grade.max_score else 0.0

    @property
    def is_awaiting(self) -> bool:
        """Whether a person is all that is missing."""
        return self.grade.status == "graded" and bool(self.awaiting)

    @property
    def status(self) -> str:
        """That of the grade, or "awaiting W" where a person is all that is missing."""
        return f"{AWAITING} {', '.join(self.awaiting)}" if self.is_awaiting else self.grade.status

    def shown(self, task: str) -> str:
        """The points of a task as a table shows them; "" for a task that the grade does not know."""
        if task not in self.scores:
            return ""
        score = self.scores[task]
        return NO_POINTS if score is None else f"{score:g}"


def with_marks(manifest: Manifest, grade: Grade, marks: Marks = NO_MARKS) -> Marked:
    """The grade of one student with the marks of that student; none count for what could not be read."""
    written = {task.id: task for task in manifest.written}
    tasks: list[TaskResult] = []
    scores: dict[str, float | None] = {}
    rows: dict[str, tuple[MarkedRow, ...]] = {}
    awaiting: list[str] = []
    for result in grade.tasks:
        task = written.get(result.id)
        if task is None:
            scores[result.id] = result.score
            tasks.append(result)
            continue
        own = rows[task.id] = _rows(task, result, grade, marks)
        if any(row.is_awaiting for row in own):
            awaiting.append(task.id)
        scores[task.id] = score = _score(own)
        tasks.append(result.model_copy(update={"score": score or 0.0}))
    return Marked(grade, scores, rows, tuple(awaiting), total(tasks) if rows else grade.score)


def all_with_marks(manifest: Manifest, grades: Iterable[Grade], marks: Marks = NO_MARKS) -> list[Marked]:
    """The same for a class, in the order given."""
    return [with_marks(manifest, grade, marks) for grade in grades]


def _rows(task: Task, result: TaskResult, grade: Grade, marks: Marks) -> tuple[MarkedRow, ...]:
    texts = {answer.row: answer.text for answer in result.answers}
    count = grade.status not in UNREAD
    return tuple(
        MarkedRow(
            row.public, texts.get(row.id, ""), marks.of(grade.student, task.id, row.id) if count else ()
        )
        for row in task.rows
    )


def _score(rows: Iterable[MarkedRow]) -> float | None:
    """The sum of the marks; None while one is missing, and where there is none."""
    own = list(rows)
    points = [row.points for row in own if row.points is not None]
    if not points or any(row.is_awaiting for row in own):
        return None
    return round_half_up(sum(points))
