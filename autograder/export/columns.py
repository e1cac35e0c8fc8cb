"""The columns of our own tables, in both languages: text, numbers, and nothing where there is nothing."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.course.manifest import Dates, Manifest
from autograder.export.counting import Counted
from autograder.results.lateness import in_zone_of_due
from autograder.results.report.words import status_in_words
from autograder.text import Lang, Text

Cell = str | float | None

HEADERS = {
    "student": Text(ru="студент", en="student"),
    "id": Text(ru="номер", en="id"),
    "email": Text(ru="почта", en="email"),
    "name": Text(ru="имя", en="name"),
    "group": Text(ru="группа", en="group"),
    "assignment": Text(ru="работа", en="assignment"),
    "score": Text(ru="итог", en="score"),
    "max_score": Text(ru="из", en="max_score"),
    "percent": Text(ru="процент", en="percent"),
    "published": Text(ru="объявлено", en="published"),
    "points": Text(ru="баллы до учёта опоздания", en="points"),
    "lateness": Text(ru="опоздание", en="lateness"),
    "status": Text(ru="статус", en="status"),
    "submitted_at": Text(ru="сдано", en="submitted_at"),
}
OF_PERSON = ("id", "email", "name", "group")


def table(
    manifest: Manifest, everybody: Sequence[Counted], lang: Lang, without: Sequence[str] = ()
) -> tuple[list[str], list[list[Cell]]]:
    """Header and rows. Columns of the roster, and of what was told, are there where one of their cells is filled."""
    people = [field for field in OF_PERSON if any(_of_person(one, field) for one in everybody)]
    tasks = [task.id for task in manifest.tasks if task.id not in without]
    there = [*people, *(["published"] if any(one.marked.published is not None for one in everybody) else [])]
    names = [name for name in HEADERS if name not in (*OF_PERSON, "published") or name in there]
    header = [*(HEADERS[name].get(lang) for name in names), *tasks]
    rows: list[list[Cell]] = []
    for one in everybody:
        cells = _cells(one, manifest.dates, lang) | {field: _of_person(one, field) for field in people}
        rows.append([*(cells[name] for name in names), *(one.scores.get(task) for task in tasks)])
    return header, rows


def _cells(one: Counted, dates: Dates, lang: Lang) -> dict[str, Cell]:
    at = one.grade.submitted_at
    return {
        "student": one.student,
        "assignment": one.grade.assignment,
        "score": one.score,
        "max_score": one.max_score,
        "percent": round(one.percent, 1),
        "published": one.marked.published,
        "points": one.points,
        "lateness": one.marked.late.line(lang),
        "status": status_in_words(one.marked, lang),
        "submitted_at": "" if at is None else in_zone_of_due(dates, at).isoformat(" ", "minutes"),
    }


def _of_person(one: Counted, field: str) -> str:
    person = one.marked.person
    return "" if person is None else str(getattr(person, field))
