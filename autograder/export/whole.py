"""Everything that counts as one JSON file, as `docs/results.md` describes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from autograder.course.manifest import Manifest
from autograder.export.counting import Counted, Rule
from autograder.roster.person import Person
from autograder.text import Lang, Value


class LatenessSaid(Value):
    """How late, what it takes in percent of the points, and both in one line; "" for work in time."""

    hours: float
    percent: float
    line: str


class DecisionSaid(Value):
    """What a person has decided of a task."""

    points: float
    reason: str
    by: str


class TaskSaid(Value):
    """One task: points, None while a mark is missing, of how many."""

    id: str
    points: float | None
    max_points: float
    bonus: bool
    decision: DecisionSaid | None


class StudentSaid(Value):
    """One student: what counts, and what it is made of. points: before lateness and scale."""

    student: str
    person: Person | None
    score: float
    max_score: float
    percent: float
    points: float
    lateness: LatenessSaid
    status: str
    needs_staff: bool
    awaiting: tuple[str, ...]
    published: float | None
    attempt: int
    submitted_at: datetime | None
    tasks: tuple[TaskSaid, ...]


class ClassSaid(Value):
    """The class, and by which rule its totals are made."""

    schema_: Literal[1] = Field(default=1, alias="schema")
    assignment: str
    version: str
    scale_to: float | None
    without: tuple[str, ...]
    late: str
    students: tuple[StudentSaid, ...]


def as_json(manifest: Manifest, everybody: Sequence[Counted], rule: Rule, lang: Lang) -> bytes:
    """lang: of the lines on lateness."""
    said = ClassSaid(
        assignment=manifest.name,
        version=manifest.version,
        scale_to=rule.scale_to,
        without=rule.without,
        late=rule.late.value,
        students=tuple(_student(one, lang) for one in everybody),
    )
    return said.model_dump_json(indent=2, by_alias=True).encode("utf-8") + b"\n"


def _student(one: Counted, lang: Lang) -> StudentSaid:
    marked, grade = one.marked, one.grade
    late = marked.late
    return StudentSaid(
        student=one.student,
        person=marked.person,
        score=one.score,
        max_score=one.max_score,
        percent=round(one.percent, 2),
        points=one.points,
        lateness=LatenessSaid(hours=round(late.hours, 2), percent=late.percent, line=late.line(lang)),
        status=marked.status,
        needs_staff=marked.needs_staff,
        awaiting=one.awaiting,
        published=marked.published,
        attempt=grade.attempt,
        submitted_at=grade.submitted_at,
        tasks=tuple(
            TaskSaid(
                id=task.id,
                points=one.scores[task.id],
                max_points=task.max_score,
                bonus=task.bonus,
                decision=_decision(one, task.id),
            )
            for task in marked.tasks
            if task.id in one.scores
        ),
    )


def _decision(one: Counted, task: str) -> DecisionSaid | None:
    decision = one.marked.decisions.get(task)
    if decision is None:
        return None
    return DecisionSaid(points=decision.points, reason=decision.reason, by=decision.by)
