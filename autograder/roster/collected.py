"""`_collected.csv` beside collected submissions: what became of each file, whose it is and when it came in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from autograder.errors import UsageError
from autograder.intake.students import COLLECTED_NAME, EARLIER
from autograder.roster.moments import read_moment
from autograder.tables.reading import read_table
from autograder.tables.spreadsheet import csv_text, guard_formula
from autograder.wire.safe_text import clean_line

COLUMNS = ("student", "submitted_at", "source", "fate", "attempt", "place")


@dataclass(frozen=True)
class Collected:
    """One file of what a platform gave.

    Args:
        student: "" for a file that is nobody's.
        submitted_at: when the attempt that it belongs to came in, where that is known.
        source: the archive or folder, and the path in it.
        fate: what became of it, in a few words.
        attempt: of the student, from 1 in the order of collecting; 0 for a file that was not taken.
        place: where it lies now, below the folder; "" for a file that was not taken.
    """

    student: str
    submitted_at: datetime | None
    source: str
    fate: str
    attempt: int
    place: str

    @property
    def is_current(self) -> bool:
        """Whether it is what will be graded."""
        return bool(self.place) and not self.place.startswith(f"{EARLIER}/")


def read_collected(folder: Path) -> list[Collected]:
    """The rows beside the submissions in `folder`; none where nothing was collected. Raises: UsageError."""
    path = folder / COLLECTED_NAME
    if not path.exists():
        return []
    table = read_table(path, "the list of what was collected,")
    places = table.columns
    if missing := [name for name in COLUMNS if name not in places]:
        raise UsageError(
            f"{table.name} has no column {', '.join(missing)}; the header holds: {table.found()}. Collect anew"
        )
    rows: list[Collected] = []
    for row in table.rows:
        student, at, source, fate, attempt, place = (row.fields[places[name]] for name in COLUMNS)
        if not (attempt.isdigit() or attempt == ""):
            raise UsageError(
                f"{table.name}, line {row.line}: attempt is {attempt!r}, which is no whole number"
            )
        try:
            rows.append(
                Collected(
                    _bare(student), read_moment(at), _bare(source), fate, int(attempt or 0), _bare(place)
                )
            )
        except UsageError as error:
            raise UsageError(f"{table.name}, line {row.line}: {error}") from error
    return rows


def collected_times(folder: Path) -> dict[str, datetime | None]:
    """`time_key` of each student with collected work -> when what will be graded came in. Raises: UsageError."""
    return {time_key(row.student): row.submitted_at for row in read_collected(folder) if row.is_current}


def time_key(student: str) -> str:
    """A student's name, or other text of strangers, as it comes back from the list."""
    return clean_line(student)


def as_csv(rows: Iterable[Collected]) -> str:
    """The whole file."""
    lines = [",".join(COLUMNS)]
    for row in rows:
        at = "" if row.submitted_at is None else row.submitted_at.astimezone().isoformat(timespec="seconds")
        number = str(row.attempt) if row.attempt else ""
        texts = [csv_text(text) for text in (row.student, row.source, row.fate, row.place)]
        lines.append(",".join([texts[0], at, texts[1], texts[2], number, texts[3]]))
    return "\n".join([*lines, ""])


def _bare(text: str) -> str:
    """Text without the apostrophe that `csv_text` has put before what a spreadsheet would run."""
    return text[1:] if text.startswith("'") and guard_formula(text[1:]) == text else text
