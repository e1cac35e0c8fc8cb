"""A class of results on disk, as `grade` leaves it, for the tests of exports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder.course.manifest import Manifest
from autograder.export.counting import Counted, Rule, count
from autograder.results.beside import Beside
from autograder.results.grade import Grade
from autograder.results.marked import all_with_beside
from autograder.results.store import Store
from autograder.roster.person import Person
from tests.autograder.manifests import plain, small
from tests.autograder.results.support import earning, make_grade


def graded(student: str, score: float = 7.5, **update: Any) -> Grade:
    """A grade of `small()`, of 14 points; what is above 10 was earned in B1."""
    first = make_grade(student)
    task = first.tasks[0]
    tasks = (
        earning(task, min(score, 10.0)),
        earning(task, max(score - 10.0, 0.0), id="B1", title="u", max_score=4),
    )
    return Grade.model_validate({**first.model_dump(by_alias=True), "tasks": tasks, "score": score, **update})


def counted(
    grades: Iterable[Grade],
    people: Iterable[Person] = (),
    rule: Rule | None = None,
    manifest: Manifest | None = None,
) -> list[Counted]:
    known = {person.student: person for person in people}
    used = manifest or small()
    return count(used, all_with_beside(used, grades, Beside(people=known)), rule or Rule())


def stored(
    out: Path, grades: Iterable[Grade], people: Iterable[Person] = (), manifest: Manifest | None = None
) -> Path:
    """The folder that is --out of such a run."""
    store = Store(out)
    store.save_manifest(manifest or small())
    for grade in grades:
        store.save(grade)
    store.save_people({person.student: person for person in people})
    return out


def due(at: datetime, percent_per_day: float = 10) -> Manifest:
    """`small()` with a date, after which each day costs so much."""
    dates: Mapping[str, Any] = {"due": at.isoformat(), "percent_per_day": percent_per_day}
    return Manifest.model_validate({**plain(), "dates": dates})


def saved(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_text(text, encoding=encoding, newline="")
    return path
