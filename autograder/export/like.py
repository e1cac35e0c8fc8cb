"""Fill the course's own table, in its order of rows: one column of numbers, nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from autograder.course.manifest import Manifest
from autograder.errors import UsageError
from autograder.export.counting import Counted, named, plain
from autograder.export.people import Kind, People, key
from autograder.tables.delimited import read_delimited
from autograder.tables.workbook import read_sheets
from autograder.wire.safe_text import clean_line

WHAT = "the table"
HEADER_ROWS = 20


class Table(Protocol):
    """What can be filled: rows and columns count from 0."""

    @property
    def num_rows(self) -> int: ...

    def cells(self, row: int) -> list[str]: ...

    def put_number(self, row: int, column: int, text: str) -> None: ...

    def as_bytes(self) -> bytes: ...


@dataclass(frozen=True)
class _Place:
    """Where the header is and which column takes the points."""

    table: Table
    header: int
    column: int


@dataclass(frozen=True)
class _Found:
    """One way to know the students: a column, what it holds, and the student of each row."""

    kind: Kind
    column: int
    students: dict[int, Counted]


def fill_like(path: Path, manifest: Manifest, people: People, column: str) -> tuple[bytes, list[str]]:
    """The filled copy and sentences on what was done. column: its name, "" for that of the assignment.

    Raises: UsageError: the file cannot be read, or the column of points or that of students is not there.
    """
    place = _place(path, manifest, column)
    table, header = place.table, place.table.cells(place.header)
    found = _ways(place, people)
    if not found:
        raise UsageError(
            f"{WHAT} {path}: no column names the students of these results, by id, email, name of the submission or "
            "full name; grade with a --roster that has the column that the table has"
        )
    best, others = found[0], found[1:]
    certain, doubtful = _certain(best, others)
    for row, one in certain.items():
        table.put_number(row, place.column, plain(one.score))
    lines = [
        f"Students by {best.kind.value}, column {clean_line(header[best.column])!r}; "
        f"points into column {clean_line(header[place.column])!r}: {len(certain)} rows filled"
    ]
    return table.as_bytes(), [*lines, *_left(place, best, people, certain, doubtful)]


def _place(path: Path, manifest: Manifest, column: str) -> _Place:
    """Raises: UsageError."""
    wanted = [column] if column else [manifest.name, manifest.title.ru, manifest.title.en]
    keys = {key(Kind.student, name) for name in wanted}
    is_workbook = path.suffix.lower() in (".xlsx", ".xlsm")
    tables: Sequence[Table] = read_sheets(path, WHAT) if is_workbook else [read_delimited(path, WHAT)]
    for table in tables:
        for row in range(min(HEADER_ROWS, table.num_rows)):
            places = [place for place, cell in enumerate(table.cells(row)) if key(Kind.student, cell) in keys]
            if len(places) > 1:
                raise UsageError(f"{WHAT} {path}: {len(places)} columns are called so; give one an own name")
            if places:
                return _Place(table, row, places[0])
    raise UsageError(
        f"{WHAT} {path}: no column is called {' or '.join(map(repr, dict.fromkeys(wanted)))}; "
        "name the column of the points with --column"
    )


def _ways(place: _Place, people: People) -> list[_Found]:
    """Each kind with the column that knows most students by it, the best first."""
    lines = {row: place.table.cells(row) for row in range(place.header + 1, place.table.num_rows)}
    width = max((len(cells) for cells in lines.values()), default=0)
    best: list[_Found] = []
    for kind in Kind:
        ways = [
            _Found(
                kind,
                column,
                {
                    row: one
                    for row, cells in lines.items()
                    if column < len(cells) and (one := people.find(kind, cells[column])) is not None
                },
            )
            for column in range(width)
            if column != place.column
        ]
        if ways and (most := max(ways, key=lambda way: len(way.students))).students:
            best.append(most)
    return sorted(best, key=lambda way: -len(way.students))


def _certain(best: _Found, others: Sequence[_Found]) -> tuple[dict[int, Counted], dict[int, str]]:
    """Rows with their students, and rows that are not filled with the reason."""
    # A column that knows few rows does so by chance: numbers of rows that are somebody's number.
    weighty = [way for way in others if 2 * len(way.students) >= len(best.students)]
    counts = Counter(one.student for one in best.students.values())
    certain: dict[int, Counted] = {}
    doubtful: dict[int, str] = {}
    for row, one in best.students.items():
        other = next((way for way in weighty if way.students.get(row, one) is not one), None)
        if counts[one.student] > 1:
            doubtful[row] = f"{one.student} stands there {counts[one.student]} times"
        elif other is not None:
            who = other.students[row].student
            doubtful[row] = f"{one.student} by {best.kind.value}, but {who} by {other.kind.value}"
        else:
            certain[row] = one
    return certain, doubtful


def _left(
    place: _Place, best: _Found, people: People, certain: dict[int, Counted], doubtful: dict[int, str]
) -> list[str]:
    """Who is on one side only, and which rows are nobody's for certain."""
    unknown: list[str] = []
    unsure = [f"row {row + 1} ({why})" for row, why in doubtful.items()]
    for row in range(place.header + 1, place.table.num_rows):
        cells = place.table.cells(row)
        text = clean_line(cells[best.column]) if best.column < len(cells) else ""
        if row in best.students or not text:
            continue
        if people.is_shared(best.kind, text):
            unsure.append(f"row {row + 1} ({text}: several people are called so)")
        else:
            unknown.append(f"row {row + 1} ({text})")
    filled = {one.student for one in certain.values()}
    absent = [one.student for one in people.everybody if one.student not in filled]
    lines = []
    if unsure:
        lines.append(f"Not filled, since it is not certain who is meant: {named(unsure)}")
    if unknown:
        lines.append(f"In the table, but without a result: {named(unknown)}")
    if absent:
        lines.append(f"With a result, but not filled in: {named(absent)}")
    return lines
