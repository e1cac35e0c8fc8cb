"""`published.json`: what students were told. Afterwards a mark only rises, unless it is published anew as it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from autograder.errors import UsageError
from autograder.results.marked import Marked
from autograder.text import Value

PUBLISHED_NAME = "published.json"


class Told(Value):
    """What one student was told: score, points of each task (None for one that awaits a mark), and when."""

    score: float
    tasks: dict[str, float | None]
    at: datetime


_FILE = TypeAdapter(dict[str, Told])


@dataclass(frozen=True)
class Change:
    """A student whose mark is another one than what was told.

    Args:
        told: the published score, None for somebody who was told nothing yet.
        counts: the score now, which is not below that.
        earned: what it would be, had nothing been published.
        tasks: whose points differ: id -> points then and now, None for none.
    """

    student: str
    told: float | None
    counts: float
    earned: float
    tasks: Mapping[str, tuple[float | None, float | None]]


def read_published(folder: Path) -> dict[str, Told]:
    """Student -> what they were told; empty where nothing was published. Raises: UsageError."""
    path = folder / PUBLISHED_NAME
    try:
        return _FILE.validate_json(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValidationError) as error:
        raise UsageError(
            f"{path} cannot be read: take it from a backup; marks rise only above what stands there"
        ) from error


def published_text(
    marked: Iterable[Marked], before: Mapping[str, Told], at: datetime, *, lower: bool
) -> bytes:
    """The file for what counts now. Who is told nothing new keeps the moment at which it was told.

    What was told to somebody who is not in `marked`, since the result cannot be read or is gone, stays as it is:
    otherwise the mark could fall once the result is back.

    lower: marks are told as they are earned, also below what was told.
    """
    told = dict(before)
    for one in marked:
        student, score, tasks = one.grade.student, one.earned if lower else one.score, dict(one.scores)
        old = before.get(student)
        is_same = old is not None and (old.score, old.tasks) == (score, tasks)
        told[student] = old if old is not None and is_same else Told(score=score, tasks=tasks, at=at)
    return _FILE.dump_json(dict(sorted(told.items())), indent=2) + b"\n"


def published_changes(published: Mapping[str, Told], marked: Iterable[Marked]) -> list[Change]:
    """Who has another mark than was published, by student; empty where nothing was published at all."""
    if not published:
        return []
    changes = []
    for one in marked:
        told = published.get(one.grade.student)
        tasks = _tasks(told, one)
        if told is None or tasks or one.earned != told.score:
            score = None if told is None else told.score
            changes.append(Change(one.grade.student, score, one.score, one.earned, tasks))
    return changes


def _tasks(told: Told | None, one: Marked) -> dict[str, tuple[float | None, float | None]]:
    if told is None:
        return {}
    return {
        task: (told.tasks.get(task), points)
        for task, points in one.scores.items()
        if told.tasks.get(task) != points
    }
