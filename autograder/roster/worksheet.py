"""Moodle's grading worksheet: which number of an assignment is which student, and when the work came in.

The headers are in the language of who has downloaded it, so a worksheet is known by its structure: the first column
holds a word and a number, "Participant 12345", with the same word on every line (`mod/assign/gradingtable.php`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from autograder.errors import UsageError
from autograder.roster.moments import UNSAID, read_moment
from autograder.tables.reading import Row, Table

IDENTIFIER = re.compile(r"(\D*[^\W\d_]\D*?)\s*(\d+)")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
# Headers in the languages that are known; in others a column is found by what it holds.
NAMES = ("full_name", "полное_имя", "фамилия_и_имя", "имя_/_фамилия")
STATUSES = ("status", "состояние", "статус")
IDS = ("id_number", "индивидуальный_номер", "идентификационный_номер")
TEAMS = ("group", "группа", "gruppe", "groupe", "grupo", "gruppo", "groep")
TIMES = ("last_modified_(submission)", "последнее_изменение_(ответ)", "последнее_изменение_(ответа)")


@dataclass(frozen=True)
class Participant:
    """One row: the number, the word before it, what the row says of the person, and when the work came in."""

    number: str
    word: str
    line: int
    name: str = ""
    email: str = ""
    id: str = ""
    team: str = ""
    submitted_at: datetime | None = None


@dataclass(frozen=True)
class _Columns:
    """The place of each column, None where it does not stand there."""

    name: int | None
    email: int | None
    id: int | None
    team: int | None
    time: int | None


def is_worksheet(table: Table) -> bool:
    """Whether this is a grading worksheet, by what its first column holds."""
    if len(table.header) < 2 or "student" in table.columns:
        return False
    found = [match for row in table.rows if (match := IDENTIFIER.fullmatch(row.fields[0]))]
    words, numbers = {match[1] for match in found}, {match[2] for match in found}
    # "Group 1" on every line is no participant.
    return len(found) == len(table.rows) < 2 * len(numbers) and len(words) == 1


def read_worksheet(table: Table, zone: ZoneInfo | None = None) -> tuple[list[Participant], list[str]]:
    """The participants of a table that `is_worksheet`, and sentences on times that cannot be read.

    Moodle writes times without a zone: they are those of `zone`, or of this machine.

    Raises: UsageError naming two lines of one number.
    """
    columns = _columns(table)
    people: list[Participant] = []
    unread: list[str] = []
    lines: dict[str, int] = {}
    for row in table.rows:
        found = IDENTIFIER.fullmatch(row.fields[0])
        assert found is not None  # `is_worksheet`
        word, number = found.groups()
        if (first := lines.setdefault(number, row.line)) != row.line:
            raise UsageError(
                f"{table.name}: lines {first} and {row.line} are the same participant {number}; keep one"
            )
        at = None
        try:
            at = read_moment(_text(row, columns.time), zone)
        except UsageError as error:
            unread.append(f"line {row.line}: {error}")
        name, email, id_, team = (
            _text(row, place) for place in (columns.name, columns.email, columns.id, columns.team)
        )
        people.append(Participant(number, word.strip(), row.line, name, email, id_, team, at))
    more = f" (and {len(unread) - 1} more lines)" if len(unread) > 1 else ""
    return people, [f"{table.name}, {unread[0]}{more}"] if unread else []


def _text(row: Row, place: int | None) -> str:
    return "" if place is None else row.fields[place]


def _columns(table: Table) -> _Columns:
    places = table.columns
    others = range(1, len(table.header))
    name = _named(places, NAMES)
    if name is None and _named(places, STATUSES) != 1 and _differ(table, 1):
        name = 1
    time = _named(places, TIMES)
    if time is None:
        # Of the two times of a worksheet the submission's stands before the grade's.
        time = next((place for place in others if _all_are(table, place, _is_moment)), None)
    return _Columns(
        name=name,
        email=next((place for place in others if _all_are(table, place, EMAIL.fullmatch)), None),
        id=_named(places, IDS),
        team=_named(places, TEAMS),
        time=time,
    )


def _named(places: Mapping[str, int], names: Sequence[str]) -> int | None:
    return next((places[name] for name in names if name in places), None)


def _differ(table: Table, place: int) -> bool:
    """Whether a column tells people apart, as names do and states do not."""
    values = [row.fields[place] for row in table.rows]
    return all(values) and 2 * len(set(values)) > len(values) and not _all_are(table, place, EMAIL.fullmatch)


def _all_are(table: Table, place: int, test: Callable[[str], object]) -> bool:
    """Whether every cell of a column that is not empty is such a thing, and one is there."""
    values = [row.fields[place] for row in table.rows if row.fields[place] not in UNSAID]
    return bool(values) and all(map(test, values))


def _is_moment(text: str) -> bool:
    try:
        return read_moment(text) is not None
    except UsageError:
        return False
