"""`autograder appeal`: one page for staff with all that made a mark, and how to change it."""

from __future__ import annotations

import csv
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from autograder.course.manifest import Manifest
from autograder.desk.words import APPEAL
from autograder.errors import UsageError
from autograder.grading.again.code import Piece
from autograder.grading.again.graded import nobody
from autograder.grading.inputs import KEY_NAME
from autograder.grids.html import STYLE, as_html
from autograder.results.by_hand.lines import Columns, Wrong, read_lines
from autograder.results.by_hand.no_effect import why_nothing_counts
from autograder.results.decisions import OVERRIDE_COLUMNS, OVERRIDES_NAME
from autograder.results.grade import Grade, TaskResult, TestResult
from autograder.results.lateness import in_zone_of_due
from autograder.results.marked import UNREAD, Marked
from autograder.results.published import Told, read_published
from autograder.results.report.causes import reason_of
from autograder.results.report.environment import templates
from autograder.results.report.words import STATUS, moment, status_in_words
from autograder.results.store import Store, write_atomically
from autograder.tables.spreadsheet import csv_text, read_records, separator_of
from autograder.text import Lang
from autograder.wire.safe_text import clean_line

FOLDER = "appeal"


@dataclass(frozen=True)
class Case:
    """All that there is on one mark.

    Args:
        attempts: as they were graded, the one that counts last.
        code: task -> what was handed in.
        code_note: why there is no code, "" where it was read.
    """

    marked: Marked
    manifest: Manifest
    attempts: Sequence[Grade]
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
    attempts = [*store.earlier_attempts(student), marked.grade]
    return Case(marked, manifest, attempts, read_published(store.out).get(student), code, code_note)


def render(out: Path, case: Case, lang: Lang) -> str:
    """The page as text; whatever a student wrote is escaped by the template engine."""
    manifest, marked = case.manifest, case.marked
    sentences = {test.id: test.sentence.get(lang) for task in manifest.tasks for test in task.tests}
    student = marked.grade.student
    header, separator = overrides_header(out)
    has_key = not _key(out)
    environment = templates(lang, "autograder.desk")
    environment.filters["drawn"] = lambda arrays: Markup(as_html(arrays, lang))
    environment.filters["status"] = lambda one: status_in_words(one, lang)
    environment.filters["moment"] = lambda at: moment(in_zone_of_due(manifest.dates, at), lang)
    environment.filters["judged"] = lambda status: STATUS[status].get(lang)
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
        in_vain=in_vain(marked),
        line=lambda task: override_line(student, task, header, separator),
        header=separator.join(map(csv_text, header)),
        has_key=has_key,
        overrides=OVERRIDES_NAME,
        commands=commands(out, student),
        replay=lambda test: f"autograder replay {_shell(out)} {_shell(student)} {test.id}{_key(out)}",
        grid_style=Markup(STYLE),
    )


def overrides_header(out: Path) -> tuple[list[str], str]:
    """First line of `overrides.csv` and what separates its fields: of the file that is there, else as we write it.

    Raises: UsageError where the file is there and cannot be read.
    """
    text = read_lines(out / OVERRIDES_NAME)
    try:
        _, header = next(read_records(text))
        Columns(OVERRIDE_COLUMNS, OVERRIDE_COLUMNS).places(header)
    except (StopIteration, csv.Error, Wrong):
        return list(OVERRIDE_COLUMNS), ","
    return [field.strip() for field in header], separator_of(text)


def override_line(student: str, task: TaskResult, header: Sequence[str], separator: str) -> str:
    """The line below that header that gives a task all its points; reason and name are to be filled in."""
    fields = {
        "student": csv_text(student),
        "task": task.id,
        "points": f"{task.max_score:g}",
        "reason": "…",
        "by": "…",
    }
    return separator.join(fields.get(clean_line(name).strip().casefold(), "") for name in header)


def in_vain(marked: Marked) -> str:
    """The word on what helps where such a line does not; "" where it counts."""
    if not why_nothing_counts(marked):
        return ""
    return "judge" if marked.grade.status in UNREAD else "extend"


def commands(out: Path, student: str) -> list[str]:
    """What follows a line of `overrides.csv`, and what judges the student once more."""
    folder, name = _shell(out), _shell(student)
    return [
        f"autograder report {folder}",
        f"autograder regrade {folder} --student {name}{_key(out)}",
        f"autograder publish {folder}",
    ]


def _key(out: Path) -> str:
    """The option of commands that need the course key, where it does not lie with the results."""
    return "" if (out / KEY_NAME).exists() else f" --key {KEY_NAME}"


def _shell(text: str | Path) -> str:
    return shlex.quote(str(text))


def _is_lost(test: TestResult) -> bool:
    return test.points < test.max_points
