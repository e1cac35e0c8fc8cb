"""Canvas's gradebook: the columns that say who is who, and the one of this assignment, from a downloaded gradebook.

Canvas takes every column that it finds, so the other assignments are left out: what somebody has changed in them since
the download stays.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path

from autograder.course.manifest import Manifest
from autograder.errors import UsageError
from autograder.export.counting import Counted, named, plain
from autograder.export.people import Kind, People, key
from autograder.export.worksheet import as_number
from autograder.tables.delimited import Delimited, read_delimited
from autograder.tables.spreadsheet import guard_formula

WHAT = "the gradebook"
OF_STUDENT = ("Student", "ID", "SIS User ID", "SIS Login ID", "Integration ID", "Root Account", "Section")
NEEDED = ("Student", "ID", "Section")
POSSIBLE = "points possible"
WITH_ID = re.compile(r"(.+?) \(\d+\)")
# By which column a student is known, and by which kind of our own.
WAYS = (
    ("ID", Kind.id),
    ("SIS User ID", Kind.id),
    ("SIS User ID", Kind.student),
    ("SIS Login ID", Kind.email),
    ("SIS Login ID", Kind.student),
    ("SIS Login ID", Kind.id),
)


def fill_gradebook(path: Path, manifest: Manifest, people: People, column: str) -> tuple[bytes, list[str]]:
    """The gradebook to import, and sentences. column: the assignment's name there, "" for its own name or title.

    Raises: UsageError: no gradebook, no column of this assignment, or another maximum.
    """
    sheet = read_delimited(path, WHAT)
    header = [name.strip() for name in sheet.cells(0)]
    if missing := [name for name in NEEDED if name not in header]:
        raise UsageError(
            f"{WHAT} {path} has no column {missing[0]!r}: export it in Canvas and leave its columns as they are"
        )
    target = _target(header, manifest, column, path)
    kept = [place for place, name in enumerate(header) if name in OF_STUDENT or place == target]
    rows = [[header[place] for place in kept]]
    filled: set[str] = set()
    without: list[str] = []
    for row in range(1, sheet.num_rows):
        cells = sheet.cells(row)
        cells += [""] * (len(header) - len(cells))
        if _is_student(cells, header):
            one = _student(cells, header, people)
            if one is None:
                without.append(cells[header.index("Student")].strip())
            elif one.student in filled:
                raise UsageError(f"{WHAT} {path}, row {row + 1}: {one.student} stands there twice")
            else:
                filled.add(one.student)
                cells[target] = plain(one.score)
        elif cells[0].strip().casefold() == POSSIBLE:
            _check_maximum(cells[target], people.everybody, path)
        rows.append([cells[place] if place == target else guard_formula(cells[place]) for place in kept])
    absent = [one.student for one in people.everybody if one.student not in filled]
    lines = [f"{len(filled)} students filled in, column {header[target]!r}"]
    if without:
        lines.append(f"In the gradebook, but without a result: {named(without)}")
    if absent:
        lines.append(f"With a result, but not in the gradebook: {named(absent)}")
    return _bytes(rows, sheet), lines


def _target(header: Sequence[str], manifest: Manifest, column: str, path: Path) -> int:
    """The column of the assignment, which Canvas calls "Name (12345)". Raises: UsageError."""
    wanted = [column] if column else [manifest.name, manifest.title.ru, manifest.title.en]
    keys = {key(Kind.student, name) for name in wanted}
    found = [
        place
        for place, name in enumerate(header)
        if (with_id := WITH_ID.fullmatch(name))
        and keys & {key(Kind.student, text) for text in (name, with_id[1])}
    ]
    if len(found) != 1:
        what = "no column is" if not found else f"{len(found)} columns are"
        raise UsageError(
            f"{WHAT} {path}: {what} called {' or '.join(map(repr, dict.fromkeys(wanted)))} with the assignment's "
            "number behind it; name it with --column"
        )
    return found[0]


def _is_student(cells: Sequence[str], header: Sequence[str]) -> bool:
    """Rows of a student have a number; "Points Possible" and "Manual Posting" have none."""
    return bool(cells[header.index("ID")].strip())


def _student(cells: Sequence[str], header: Sequence[str], people: People) -> Counted | None:
    for name, kind in WAYS:
        if name in header and (one := people.find(kind, cells[header.index(name)])) is not None:
            return one
    return None


def _check_maximum(text: str, everybody: Sequence[Counted], path: Path) -> None:
    """Raises: UsageError where points of one scale would be taken for those of another."""
    maximum, ours = as_number(text), everybody[0].max_score
    if maximum is not None and abs(maximum - ours) > 1e-9:
        raise UsageError(
            f"{WHAT} {path} has {plain(maximum)} points possible, these scores are of {plain(ours)}: say --scale-to "
            f"{plain(maximum)}, or change the points in Canvas and export the gradebook anew"
        )


def _bytes(rows: Sequence[Sequence[str]], sheet: Delimited) -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=sheet.separator, lineterminator="\r\n").writerows(rows)
    return (sheet.before + stream.getvalue()).encode(sheet.encoding)
