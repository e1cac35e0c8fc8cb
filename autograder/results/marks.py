"""`manual.csv`, the marks that people give for answers in words: read here, and written by people only.

Columns student, task, row, points, by, remark; separated by a semicolon, a tab or a comma; UTF-8 or Windows-1251; a
decimal point or comma. A line without points is one that is still to be marked.
"""

from __future__ import annotations

import csv
import difflib
import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.course.manifest import Manifest, Task
from autograder.errors import UsageError
from autograder.intake.encodings import decode
from autograder.tables.spreadsheet import guard_formula, read_records
from autograder.wire.safe_text import clean_line

MANUAL_NAME = "manual.csv"
COLUMNS = ("student", "task", "row", "points", "by", "remark")
NEEDED = COLUMNS[:4]
MAX_FIELD = 2000
NUMBER = re.compile(r"[0-9]{1,9}(?:[.,][0-9]{0,9})?|[.,][0-9]{1,9}")
NEGATIVE = re.compile(rf"[-−–]\s*(?:{NUMBER.pattern})")


@dataclass(frozen=True)
class Mark:
    """The points that one person gives for one row. line: of the file, from 1."""

    student: str
    task: str
    row: str
    points: float
    by: str
    remark: str
    line: int


@dataclass(frozen=True)
class Marks:
    """What a file holds: the marks of the lines that are right, and a sentence for each line that is not."""

    marks: tuple[Mark, ...] = ()
    problems: tuple[str, ...] = ()

    def of(self, student: str, task: str, row: str) -> tuple[Mark, ...]:
        """All marks of one answer, in the order of the file."""
        wanted = (student, task, row)
        return tuple(mark for mark in self.marks if (mark.student, mark.task, mark.row) == wanted)

    def require(self) -> None:
        """Raises: UsageError with all sentences, a line each, where something is wrong."""
        if self.problems:
            raise UsageError(
                "\n".join((*self.problems, "mend it and repeat the command; nothing was changed"))
            )


NO_MARKS = Marks()


class _Wrong(ValueError):  # noqa: N818 -- becomes a sentence of `problems`
    """Why a line cannot be used."""


def read_marks(path: Path, manifest: Manifest, students: Collection[str]) -> Marks:
    """Read the file; where there is none, nobody has marked. students: those who are known.

    Raises: UsageError where it is there and cannot be read.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return NO_MARKS
    except OSError as error:
        raise UsageError(
            f"cannot read {path}: {error.strerror}; check that it is a file you may read"
        ) from error
    return parse_marks(decode(data), str(path), manifest, students)


def parse_marks(text: str, name: str, manifest: Manifest, students: Collection[str]) -> Marks:
    """The marks in the text of a file. name: of the file, for the sentences."""
    marks: list[Mark] = []
    problems: list[str] = []
    given: dict[tuple[str, ...], int] = {}
    table = _Table(manifest, students)
    try:
        for line, fields in read_records(text):
            try:
                mark = table.mark(line, fields)
                if mark is not None:
                    _refuse_second(mark, given)
                    marks.append(mark)
            except _Wrong as problem:
                problems.append(f"{name}, line {line}: {problem}")
                if table.columns is None:
                    break  # nothing below can be understood
    except csv.Error as error:
        problems.append(f"{name}, {error}; see to the quotes there, nothing below is read")
    return Marks(tuple(marks), tuple(problems))


def _refuse_second(mark: Mark, given: dict[tuple[str, ...], int]) -> None:
    first = given.setdefault((mark.student, mark.task, mark.row, mark.by.casefold()), mark.line)
    if first != mark.line:
        who = repr(mark.by) if mark.by else "somebody without a name in `by`"
        raise _Wrong(
            f"{who} has marked {mark.task}, row {mark.row!r}, of {mark.student!r} in line {first} already; keep one"
        )


class _Table:
    """The lines of one file, understood by its header, the manifest and the students."""

    def __init__(self, manifest: Manifest, students: Collection[str]) -> None:
        self.columns: dict[str, int] | None = None
        self._manifest = manifest
        # As `marking.csv` and a spreadsheet write them, too.
        self._students = {guard_formula(_plain(name)): name for name in students}
        self._students |= {_plain(name): name for name in students}

    def mark(self, line: int, fields: Sequence[str]) -> Mark | None:
        """None for the header, and for a line that is still without points. Raises: _Wrong."""
        if self.columns is None:
            self.columns = _header(fields)
            return None
        if any(field.strip() for field in fields[1 + max(self.columns.values()) :]):
            raise _Wrong(
                f"it has {len(fields)} fields, the header {1 + max(self.columns.values())}; put a remark or a number "
                'that holds a separator into quotes ("...")'
            )
        values = {
            name: clean_line(fields[place], MAX_FIELD) if place < len(fields) else ""
            for name, place in self.columns.items()
        }
        if not values["points"]:
            return None
        by, remark = values.get("by", ""), values.get("remark", "")
        if NUMBER.fullmatch(by):
            raise _Wrong(
                f"by is {by!r}, which is no name; put points with a decimal comma into quotes where commas separate"
            )
        student = self._student(values["student"])
        task = self._task(values["task"])
        row = next((row for row in task.rows if row.id == values["row"].casefold()), None)
        if row is None:
            known = ", ".join(row.id for row in task.rows)
            raise _Wrong(f"{task.id} has no row {values['row']!r}; its rows are {known}")
        points = _points(values["points"], row.points)
        return Mark(student, task.id, row.id, points, by, remark, line)

    def _student(self, name: str) -> str:
        if (known := self._students.get(_plain(name))) is not None:
            return known
        near = difflib.get_close_matches(name, sorted(self._students), n=1)
        mend = f"did you mean {near[0]!r}?" if near else "write the name as in scores.csv"
        raise _Wrong(f"there is no student {name!r}; {mend}")

    def _task(self, name: str) -> Task:
        known = {task.id.casefold(): task for task in self._manifest.tasks}
        task = known.get(name.casefold())
        written = ", ".join(task.id for task in self._manifest.written) or "none"
        if task is None:
            raise _Wrong(f"there is no task {name!r}; marked by hand: {written}")
        if not task.is_written:
            raise _Wrong(
                f"task {task.id} is judged by tests and not marked by hand; marked by hand: {written}"
            )
        return task


def _plain(text: str) -> str:
    """One line of it, with composed letters: what spreadsheets of two systems make of a name is the same."""
    return unicodedata.normalize("NFC", clean_line(text, MAX_FIELD))


def _header(fields: Sequence[str]) -> dict[str, int]:
    """Name of a column -> its place. Raises: _Wrong."""
    names = [field.strip().casefold() for field in fields]
    if missing := [name for name in NEEDED if name not in names]:
        raise _Wrong(
            f"the header has no column {', '.join(missing)}; the first line must be {','.join(COLUMNS)}, or the same "
            "with semicolons or tabs"
        )
    if twice := [name for name in COLUMNS if names.count(name) > 1]:
        raise _Wrong(f"the header has the column {twice[0]} twice; keep one")
    # A column that is not ours must still be counted: the last place says how many fields a line may have.
    return {name or f"column {place}": place for place, name in enumerate(names)}


def _points(text: str, most: float) -> float:
    """Raises: _Wrong."""
    if NEGATIVE.fullmatch(text):
        raise _Wrong(f"points are {text}, which is negative; give 0 to {most:g}")
    if not NUMBER.fullmatch(text):
        raise _Wrong(f"points are {text!r}, which is no number; give 0 to {most:g}, like 2.5 or 2,5")
    points = float(text.replace(",", "."))
    if points > most:
        raise _Wrong(f"points are {text}, the row has {most:g} at most")
    return points
