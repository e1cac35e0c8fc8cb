"""`manual.csv`, the marks that people give for answers in words: read here, and written by people only.

Columns student, task, row, points, by, remark. Where several people mark, each may have a column: `points_anna`,
`points_boris`. A line, or a column of it, without points is one that is still to be marked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.course.manifest import Manifest, Task
from autograder.results.by_hand.lines import (
    Columns,
    Names,
    Wrong,
    parse_lines,
    points,
    read_lines,
    refuse_number,
    require,
)

MANUAL_NAME = "manual.csv"
COLUMNS = ("student", "task", "row", "points", "by", "remark")
LAYOUT = Columns(COLUMNS, COLUMNS[:4], by_person="points")


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
        require(self.problems)


NO_MARKS = Marks()


def read_marks(
    path: Path, manifest: Manifest, students: Collection[str], codes: Mapping[str, str] | None = None
) -> Marks:
    """Read the file; where there is none, nobody has marked.

    Args:
        students: those who are known.
        codes: code -> student, where answers were marked without names.

    Raises: UsageError where it is there and cannot be read.
    """
    return parse_marks(read_lines(path), str(path), manifest, students, codes)


def parse_marks(
    text: str,
    name: str,
    manifest: Manifest,
    students: Collection[str],
    codes: Mapping[str, str] | None = None,
) -> Marks:
    """The marks in the text of a file. name: of the file, for the sentences."""
    given: dict[tuple[str, ...], int] = {}
    names = Names(students, codes)

    def understand(values: Mapping[str, str], line: int) -> list[Mark]:
        found = list(_marks(values, line, manifest, names))
        for mark in found:
            _refuse_second(mark, given)
        return found

    return Marks(*parse_lines(text, name, LAYOUT, understand))


def _marks(values: Mapping[str, str], line: int, manifest: Manifest, names: Names) -> Iterator[Mark]:
    """The marks of one line, one a person. Raises: Wrong."""
    by, remark = values.get("by", ""), values.get("remark", "")
    given = {by: values.get("points", "")} if values.get("points") else {}
    for column, text in values.items():
        if not LAYOUT.is_somebodys(column) or not text:
            continue
        person = column.removeprefix("points_")
        if any(person.casefold() == other.casefold() for other in given):
            raise Wrong(f"{person!r} has points in the column points and in {column}; keep one")
        given[person] = text
    if not given:
        return
    refuse_number(by)
    student = names.student(values["student"])
    task = _task(values["task"], manifest)
    row = next((row for row in task.rows if row.id == values["row"].casefold()), None)
    if row is None:
        known = ", ".join(row.id for row in task.rows)
        raise Wrong(f"{task.id} has no row {values['row']!r}; its rows are {known}")
    for person, text in given.items():
        yield Mark(student, task.id, row.id, points(text, row.points, "the row"), person, remark, line)


def _refuse_second(mark: Mark, given: dict[tuple[str, ...], int]) -> None:
    first = given.setdefault((mark.student, mark.task, mark.row, mark.by.casefold()), mark.line)
    if first != mark.line:
        who = repr(mark.by) if mark.by else "somebody without a name in `by`"
        raise Wrong(
            f"{who} has marked {mark.task}, row {mark.row!r}, of {mark.student!r} in line {first} already; keep one"
        )


def _task(name: str, manifest: Manifest) -> Task:
    known = {task.id.casefold(): task for task in manifest.tasks}
    task = known.get(name.casefold())
    written = ", ".join(task.id for task in manifest.written) or "none"
    if task is None:
        raise Wrong(f"there is no task {name!r}; marked by hand: {written}")
    if not task.is_written:
        raise Wrong(f"task {task.id} is judged by tests and not marked by hand; marked by hand: {written}")
    return task
