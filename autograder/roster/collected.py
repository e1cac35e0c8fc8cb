"""`_collected.csv` beside collected submissions: what became of each file, whose it is and when it came in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from autograder.errors import UsageError
from autograder.intake.students import COLLECTED_NAME, EARLIER
from autograder.roster.moments import read_moment
from autograder.roster.zones import named_zone, zone_of
from autograder.tables.reading import read_table
from autograder.tables.spreadsheet import csv_text, guard_formula
from autograder.text import counted
from autograder.wire.safe_text import clean_line

COLUMNS = ("student", "submitted_at", "source", "fate", "attempt", "place")
ZONE = "zone"  # a column that older lists do not have


@dataclass(frozen=True)
class Collected:
    """One file of what a platform gave.

    Args:
        student: "" for a file that is nobody's.
        submitted_at: when the attempt that it belongs to came in, where that is known; its `tzinfo` is the zone in
            which it was read (`zone_of`), or the offset that it came with.
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
        zone = row.fields[places[ZONE]] if ZONE in places else ""
        if not (attempt.isdigit() or attempt == ""):
            raise UsageError(
                f"{table.name}, line {row.line}: attempt is {attempt!r}, which is no whole number"
            )
        try:
            rows.append(
                Collected(
                    _bare(student), _moment(at, zone), _bare(source), fate, int(attempt or 0), _bare(place)
                )
            )
        except UsageError as error:
            raise UsageError(f"{table.name}, line {row.line}: {error}") from error
    return rows


def collected_times(folder: Path) -> dict[str, datetime | None]:
    """`time_key` of each student with collected work -> when what will be graded came in. Raises: UsageError."""
    return {
        time_key(row.student): _plain(row.submitted_at) for row in read_collected(folder) if row.is_current
    }


def not_taken(folder: Path) -> dict[str, str]:
    """`time_key` of each who handed in something, of whom nothing is in the folder -> why, by the first file.

    Raises: UsageError.
    """
    rows = read_collected(folder)
    there = {row.student for row in rows if row.is_current}
    why: dict[str, str] = {}
    for row in rows:
        if row.student and row.student not in there:
            why.setdefault(row.student, f"{row.source}: {row.fate}")
    return why


def zone_line(folder: Path, due: datetime | None) -> str:
    """A warning where times were read in a zone that had another offset than `due` at that moment; "" otherwise.

    due: of the assignment, with its offset; without one it is no word on any zone. Raises: UsageError.
    """
    if due is None or due.utcoffset() is None:
        return ""
    current = [row for row in read_collected(folder) if row.is_current]
    read = {row.student: zone for row in current if (zone := zone_of(row.submitted_at)) is not None}
    others = Counter(zone for zone in read.values() if due.astimezone(zone).utcoffset() != due.utcoffset())
    if not others:
        return ""
    said = ", ".join(
        f"in {zone.key} ({_offset(due.astimezone(zone))}) for {counted(number, 'en', ('', '', ''), 'student')}"
        for zone, number in others.most_common()
    )
    return (
        f"Times without a zone were read {said}, and `due` is of {_offset(due)}: if the platform shows times of "
        "another zone, collect again with --zone, then grade; nobody is graded anew"
    )


def _offset(moment: datetime) -> str:
    return str(timezone(moment.utcoffset() or timedelta(0)))


def time_key(student: str) -> str:
    """A student's name, or other text of strangers, as it comes back from the list."""
    return clean_line(student)


def as_csv(rows: Iterable[Collected]) -> str:
    """The whole file."""
    lines = [",".join((*COLUMNS, ZONE))]
    for row in rows:
        at = "" if row.submitted_at is None else row.submitted_at.isoformat(timespec="seconds")
        number = str(row.attempt) if row.attempt else ""
        texts = [csv_text(text) for text in (row.student, row.source, row.fate, row.place)]
        zone = zone_of(row.submitted_at)
        name = "" if zone is None else zone.key
        lines.append(",".join([texts[0], at, texts[1], texts[2], number, texts[3], name]))
    return "\n".join([*lines, ""])


def _moment(text: str, zone: str) -> datetime | None:
    """A time of the list in the zone in which it was read, "" for one that came with its own. Raises: UsageError."""
    if not zone:
        return read_moment(text)
    known = named_zone(zone)
    moment = read_moment(text, known)
    return None if moment is None else moment.astimezone(known)


def _plain(moment: datetime | None) -> datetime | None:
    """With an offset in place of a zone, as it comes back from a result."""
    if moment is None or (offset := moment.utcoffset()) is None:
        return moment
    return moment.astimezone(timezone(offset))


def _bare(text: str) -> str:
    """Text without the apostrophe that `csv_text` has put before what a spreadsheet would run."""
    return text[1:] if text.startswith("'") and guard_formula(text[1:]) == text else text
