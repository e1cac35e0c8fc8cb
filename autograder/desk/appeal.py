"""`autograder appeal`: one page for staff with all that made a mark, and how to change it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup
from pydantic import ValidationError

from autograder.course.manifest import Manifest
from autograder.desk.words import APPEAL
from autograder.errors import UsageError
from autograder.grading.again.code import Piece
from autograder.grading.again.graded import nobody
from autograder.grids.html import STYLE, as_html
from autograder.results.decisions import OVERRIDE_COLUMNS, OVERRIDES_NAME
from autograder.results.grade import Grade, TaskResult, TestResult
from autograder.results.marked import Marked
from autograder.results.published import Told, read_published
from autograder.results.report.causes import reason_of
from autograder.results.report.environment import templates
from autograder.results.store import Store, write_atomically
from autograder.tables.spreadsheet import csv_text
from autograder.text import Lang

FOLDER, ATTEMPTS = "appeal", "attempts"


@dataclass(frozen=True)
class Attempt:
    """One time that the student handed in: its number, when (as text), its score as graded, its status."""

    number: int
    at: str
    score: float
    status: str


@dataclass(frozen=True)
class Case:
    """All that there is on one mark.

    Args:
        code: task -> what was handed in.
        code_note: why there is no code, "" where it was read.
    """

    marked: Marked
    manifest: Manifest
    attempts: Sequence[Attempt]
    told: Told | None
    code: Mapping[str, Sequence[Piece]]
    code_note: str = ""


def marked_of(store: Store, manifest: Manifest, student: str) -> Marked:
    """What counts for one student. Raises: UsageError, with the closest name."""
    store.beside(manifest).require()
    found = next((one for one in store.marked(manifest) if one.grade.student == student), None)
    if found is None:
        raise UsageError(nobody(store, student))
    return found


def write_appeal(store: Store, case: Case, lang: Lang) -> Path:
    """Write `appeal/<student>.html`. Raises: StoreError."""
    path = store.out / FOLDER / f"{case.marked.grade.student}.html"
    write_atomically(path, render(store.out, case, lang).encode("utf-8"))
    return path


def case_of(
    store: Store,
    manifest: Manifest,
    marked: Marked,
    code: Mapping[str, Sequence[Piece]],
    code_note: str = "",
) -> Case:
    """What the folder of results knows of a student. Raises: UsageError."""
    student = marked.grade.student
    earlier = sorted((store.out / ATTEMPTS / student).glob("*.json"))
    grades = [grade for path in earlier if (grade := _read(path)) is not None]
    attempts = [_attempt(grade) for grade in sorted([*grades, marked.grade], key=lambda one: one.attempt)]
    return Case(marked, manifest, attempts, read_published(store.out).get(student), code, code_note)


def _read(path: Path) -> Grade | None:
    try:
        return Grade.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def _attempt(grade: Grade) -> Attempt:
    at = grade.submitted_at or grade.started_at
    return Attempt(grade.attempt, f"{at.astimezone():%Y-%m-%d %H:%M}", grade.score, grade.status)


def render(out: Path, case: Case, lang: Lang) -> str:
    """The page as text; whatever a student wrote is escaped by the template engine."""
    manifest, marked = case.manifest, case.marked
    sentences = {test.id: test.sentence.get(lang) for task in manifest.tasks for test in task.tests}
    student = marked.grade.student
    environment = templates(lang, "autograder.desk")
    environment.filters["drawn"] = lambda arrays: Markup(as_html(arrays, lang))
    return environment.get_template("appeal.html.j2").render(
        case=case,
        one=marked,
        grade=marked.grade,
        lang=lang,
        title=manifest.title.get(lang),
        say={name: text.get(lang) for name, text in APPEAL.items()},
        sentences=sentences,
        reason=lambda test: reason_of(test, sentences),
        lost=lambda task: [test for test in task.tests if _is_lost(test)],
        thresholds={found.id: found for found in marked.grade.thresholds},
        line=lambda task: override_line(student, task),
        header=",".join(OVERRIDE_COLUMNS),
        overrides=OVERRIDES_NAME,
        commands=commands(out, student),
        replay=lambda test: f"autograder replay {_shell(out)} {_shell(student)} {test.id}",
        grid_style=Markup(STYLE),
    )


def override_line(student: str, task: TaskResult) -> str:
    """The line of `overrides.csv` that gives a task all its points; reason and name are to be filled in."""
    return ",".join([csv_text(student), task.id, f"{task.max_score:g}", "…", "…"])


def commands(out: Path, student: str) -> list[str]:
    """What follows a line of `overrides.csv`, and what judges the student once more."""
    folder, name = _shell(out), _shell(student)
    return [
        f"autograder report {folder}",
        f"autograder regrade {folder} --student {name}",
        f"autograder publish {folder}",
    ]


def _shell(text: str | Path) -> str:
    return shlex.quote(str(text))


def _is_lost(test: TestResult) -> bool:
    return test.points < test.max_points
