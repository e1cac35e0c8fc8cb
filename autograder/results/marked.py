"""A stored grade together with what people have said: what counts, for tables, pages and exports.

The grade stays as it is. A written task counts once all answers that are written have a mark; several marks of one
answer, by several people, count as their mean. A test that was found wrong counts as people decided. A decision takes
the place of a task's points. Lateness takes its share of the sum, and what students were told already never falls.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from autograder.course.manifest import Manifest, Task
from autograder.course.rows import PublicRow
from autograder.results.beside import NOTHING_BESIDE, Beside
from autograder.results.by_hand.rescoring import rescored
from autograder.results.by_hand.texts import Texts, digest, key_of
from autograder.results.decisions import Decision, Void
from autograder.results.grade import Grade, Status, TaskResult
from autograder.results.lateness import IN_TIME, Lateness, lateness
from autograder.results.marks import Mark
from autograder.results.totals import round_half_up, total
from autograder.roster.person import Person
from autograder.text import Lang

AWAITING = "awaiting"
UNREAD = ("rejected", "missing")
NO_POINTS = "\N{EN DASH}"


@dataclass(frozen=True)
class MarkedRow:
    """One row of a written task: what the student wrote, "" for nothing, and the marks of it.

    outdated: of the marks, those that were given before the text changed; they count as they are.
    """

    row: PublicRow
    text: str
    marks: tuple[Mark, ...]
    outdated: tuple[Mark, ...] = ()

    @property
    def points(self) -> float | None:
        """The mean of the marks; None where nobody has marked."""
        if not self.marks:
            return None
        return round_half_up(statistics.fmean(mark.points for mark in self.marks))

    @property
    def spread(self) -> float:
        """By how much the marks of several people differ; 0 for one mark and for none."""
        points = [mark.points for mark in self.marks]
        return round_half_up(max(points) - min(points)) if points else 0.0

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
    """A grade with all that people have said.

    Args:
        scores: task -> its points, None for a written task that has none yet.
        tasks: as they count, one after the other; their tests have the points that they give now.
        rows: of each written task.
        awaiting: ids of the tasks in which an answer waits for a person.
        decisions: task -> what a person has decided of it.
        voids: test -> what was decided of it, for those that this grade knows.
        before: the points in all, before lateness.
        late: how late, and what that takes.
        score: what counts.
        published: the score that the student was told, None where none was; `score` is not below it.
        person: what the roster says of the student.
    """

    grade: Grade
    scores: Mapping[str, float | None]
    rows: Mapping[str, tuple[MarkedRow, ...]]
    awaiting: tuple[str, ...]
    decisions: Mapping[str, Decision]
    before: float
    late: Lateness
    score: float
    published: float | None = None
    person: Person | None = None
    tasks: tuple[TaskResult, ...] = ()
    voids: Mapping[str, Void] = field(default_factory=dict)

    @property
    def earned(self) -> float:
        """The score, had nothing been published."""
        return round_half_up(self.late.kept(self.before))

    def counting(self, before: float) -> float:
        """What would count, were the points in all, before lateness, so many."""
        return _counting(before, self.late, self.published)

    @property
    def percent(self) -> float:
        """Score as a share of the compulsory maximum, in percent."""
        return 100.0 * self.score / self.grade.max_score if self.grade.max_score else 0.0

    @property
    def is_awaiting(self) -> bool:
        """Whether a person is all that is missing."""
        return self.judged == "graded" and bool(self.awaiting)

    @property
    def status(self) -> str:
        """That of the grade, or "awaiting W" where a person is all that is missing."""
        return f"{AWAITING} {', '.join(self.awaiting)}" if self.is_awaiting else self.judged

    @property
    def needs_staff(self) -> bool:
        """Whether a verdict is missing, and no decision on its test stands in for it."""
        return self.grade.needs_staff and not self._is_made_good

    @property
    def judged(self) -> Status:
        """The status of the grade, which is "graded" where all tests without a verdict were found wrong."""
        return "graded" if self.grade.status == "partial" and self._is_made_good else self.grade.status

    @property
    def _is_made_good(self) -> bool:
        """Whether there are tests without a verdict, and all of them were found wrong."""
        lacking = {test.id for task in self.grade.tasks for test in task.tests if test.passed is None}
        return bool(lacking) and lacking <= set(self.voids)

    def explained(self, task: str, lang: Lang, *, named: bool = True) -> tuple[str, ...]:
        """A line for each decision of people that changes the points of a task. named: with who decided."""
        result = next((one for one in self.tasks if one.id == task), None)
        if result is None:
            return ()
        voids = [self.voids[test.id] for test in result.tests if test.id in self.voids]
        lines = [void.sentence(lang, named=named) for void in voids]
        if (decision := self.decisions.get(task)) is not None:
            lines.append(decision.sentence(result.max_score, lang, named=named))
        return tuple(lines)

    def shown(self, task: str) -> str:
        """The points of a task as a table shows them; "" for a task that the grade does not know."""
        if task not in self.scores:
            return ""
        score = self.scores[task]
        return NO_POINTS if score is None else f"{score:g}"


def outdated_rows(one: Marked) -> str:
    """Where marks were given before the text changed: `W filter, input`; "" where they were not."""
    found = {task: [row.row.id for row in rows if row.outdated] for task, rows in one.rows.items()}
    return "; ".join(f"{task} {', '.join(rows)}" for task, rows in found.items() if rows)


def with_beside(manifest: Manifest, grade: Grade, beside: Beside = NOTHING_BESIDE) -> Marked:
    """What counts for one student; marks and decisions count for nothing that could not be read."""
    known = {task.id: task for task in manifest.tasks}
    is_read = grade.status not in UNREAD
    chosen = {void.test: void for void in beside.decisions.voids} if is_read else {}
    tasks: list[TaskResult] = []
    scores: dict[str, float | None] = {}
    rows: dict[str, tuple[MarkedRow, ...]] = {}
    decisions: dict[str, Decision] = {}
    awaiting: list[str] = []
    for stored in grade.tasks:
        task = known.get(stored.id)
        result = rescored(stored, task, chosen, grade.overrides) if task is not None else stored
        score: float | None = result.score
        if task is not None and task.is_written:
            own = rows[task.id] = _rows(task, result, grade, beside)
            score = _score(own)
        decision = beside.decisions.of(grade.student, result.id) if is_read else None
        if decision is not None:
            decisions[result.id], score = decision, decision.points
        elif any(row.is_awaiting for row in rows.get(result.id, ())):
            awaiting.append(result.id)
        scores[result.id] = score
        update: dict[str, object] = {"score": score or 0.0}
        # Nothing is withheld of what a person has decided.
        tasks.append(
            result.model_copy(update=update | ({"withheld": 0.0, "message": ""} if decision else {}))
        )
    voids = {test.id: chosen[test.id] for task in tasks for test in task.tests if test.id in chosen}
    before = total(tasks) if rows or decisions or voids else grade.score
    person = beside.people.get(grade.student)
    late = lateness(manifest.dates, grade.submitted_at, person) if grade.status != "missing" else IN_TIME
    published = beside.published.get(grade.student)
    return Marked(
        grade,
        scores,
        rows,
        tuple(awaiting),
        decisions,
        before,
        late,
        _counting(before, late, published),
        published,
        person,
        tuple(tasks),
        voids,
    )


def _counting(before: float, late: Lateness, published: float | None) -> float:
    """Lateness taken off, and never below what was told."""
    score = round_half_up(late.kept(before))
    return score if published is None else max(score, published)


def all_with_beside(
    manifest: Manifest, grades: Iterable[Grade], beside: Beside = NOTHING_BESIDE
) -> list[Marked]:
    """The same for a class, in the order given."""
    return [with_beside(manifest, grade, beside) for grade in grades]


def _rows(task: Task, result: TaskResult, grade: Grade, beside: Beside) -> tuple[MarkedRow, ...]:
    texts = {answer.row: answer.text for answer in result.answers}
    count = grade.status not in UNREAD
    rows = []
    for row in task.rows:
        text = texts.get(row.id, "")
        marks = beside.marks.of(grade.student, task.id, row.id) if count else ()
        rows.append(MarkedRow(row.public, text, marks, _outdated(marks, text, beside.texts)))
    return tuple(rows)


def _outdated(marks: Iterable[Mark], text: str, texts: Texts) -> tuple[Mark, ...]:
    now = digest(text)
    return tuple(mark for mark in marks if texts.get(key_of(mark), now) != now)


def _score(rows: Iterable[MarkedRow]) -> float | None:
    """The sum of the marks; None while one is missing, and where there is none."""
    own = list(rows)
    points = [row.points for row in own if row.points is not None]
    if not points or any(row.is_awaiting for row in own):
        return None
    return round_half_up(sum(points))
