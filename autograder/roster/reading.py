"""Read the roster: a table of the course, Moodle's grading worksheet, or both joined."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from autograder.errors import UsageError
from autograder.intake.students import safe_student
from autograder.roster.moments import read_moment
from autograder.roster.person import Person
from autograder.roster.roster import NOBODY, Roster
from autograder.roster.worksheet import Participant, is_worksheet, read_worksheet
from autograder.tables.reading import Table, read_table

COLUMNS = ("student", "id", "email", "name", "group", "participant", "extension_hours", "late_days")
WHAT = "the roster"
HOURS, DAYS = re.compile(r"\d{1,5}(?:[.,]\d{1,4})?"), re.compile(r"\d{1,4}")
NOT_IN_ARCHIVES = re.compile(r"""[&<>"`|':\\/]|\.\.+""")
# What must be one person's alone.
OWN = ("student", "id", "email", "participant")


def read_rosters(paths: Iterable[Path], zone: ZoneInfo | None = None) -> Roster:
    """The class that these files speak of.

    Each is a table with the column `student` or Moodle's grading worksheet. People of a worksheet are those of a table
    who have the same e-mail or number; never those of the same name. Who is in a worksheet alone is called
    `Name_12345`, 12345 being the number of the participant, so that namesakes stay apart.

    Args:
        zone: that of times in a worksheet; None is this machine's.

    Raises: UsageError: a file cannot be read, a line of it makes no sense, or one person stands there twice.
    """
    tables = [read_table(path, WHAT) for path in paths]
    own = [table for table in tables if not is_worksheet(table)]
    sheets = [table for table in tables if is_worksheet(table)]
    if len(own) > 1 or len(sheets) > 1:
        raise UsageError("give one roster and one of Moodle's grading worksheets at most")
    people = _people(own[0]) if own else {}
    return _with_worksheet(sheets[0], people, zone) if sheets else Roster(people) if own else NOBODY


def read_times(path: Path, zone: ZoneInfo | None = None) -> dict[str, datetime | None]:
    """Student -> when the work came in, from a table with the columns `student` and `submitted_at`.

    zone: that of times which name none; None is this machine's. Raises: UsageError.
    """
    table = read_table(path, "the table of times")
    places = table.columns
    if missing := [name for name in ("student", "submitted_at") if name not in places]:
        raise UsageError(
            f"{table.name} has no column {' and no column '.join(missing)}; the header holds: {table.found()}"
        )
    times: dict[str, datetime | None] = {}
    for row in table.rows:
        name = row.fields[places["student"]]
        if not name:
            continue
        student = safe_student(name)
        if student in times:
            raise UsageError(f"{table.name}, line {row.line}: {name!r} stands there twice; keep one line")
        try:
            times[student] = read_moment(row.fields[places["submitted_at"]], zone)
        except UsageError as error:
            raise UsageError(f"{table.name}, line {row.line}: {error}") from error
    return times


def _people(table: Table) -> dict[str, Person]:
    """Raises: UsageError with a sentence for each line that makes no sense."""
    table.refuse_twice(COLUMNS)
    if "student" not in table.columns:
        raise UsageError(
            f"{table.name} has no column named 'student' in its first line, and is no grading worksheet of Moodle; "
            f"the header holds: {table.found()}"
        )
    people: dict[str, Person] = {}
    problems: list[str] = []
    lines: dict[tuple[str, str], int] = {}
    for row in table.rows:
        values = {name: row.fields[table.columns[name]] for name in COLUMNS if name in table.columns}
        if not values["student"]:
            if any(row.fields):
                problems.append(f"line {row.line}: it names no student")
            continue
        problem = _twice(values, lines, row.line) or _wrong_value(values)
        if problem:
            problems.append(f"line {row.line}: {problem}")
            continue
        student = safe_student(values["student"])
        people[student] = Person(
            **{
                **{name: value for name, value in values.items() if value},
                "student": student,
                "extension_hours": _number(values.get("extension_hours", "")) or 0.0,
                "late_days": _number(values.get("late_days", "")),
            }
        )
    if problems:
        raise UsageError("\n".join(f"{table.name}, {problem}" for problem in problems))
    return people


def _twice(values: dict[str, str], lines: dict[tuple[str, str], int], line: int) -> str:
    """What of a line is another line's already; "" where nothing is."""
    for column in OWN:
        if value := values.get(column, ""):
            key = safe_student(value) if column == "student" else value.casefold()
            if (first := lines.setdefault((column, key), line)) != line:
                return f"{column} {value!r} stands in line {first}, too; give each student one line and an own name"
    return ""


def _wrong_value(values: dict[str, str]) -> str:
    hours, days = values.get("extension_hours", ""), values.get("late_days", "")
    if values["student"].startswith("_"):
        return (
            f"student {values['student']!r} begins with _, which is nobody's submission; choose another name"
        )
    if hours and not HOURS.fullmatch(hours):
        return f"extension_hours is {hours!r}; give hours from 0 on, like 48 or 1.5"
    if days and not DAYS.fullmatch(days):
        return f"late_days is {days!r}; give whole days from 0 on"
    return ""


def _number(text: str) -> float | None:
    return float(text.replace(",", ".")) if text else None


def _with_worksheet(table: Table, people: dict[str, Person], zone: ZoneInfo | None) -> Roster:
    participants, remarks = read_worksheet(table, zone)
    joined = dict(people)
    teams: dict[str, list[str]] = defaultdict(list)
    times: dict[str, datetime] = {}
    for one in participants:
        student = _same(one, people) or safe_student(f"{_in_archive(one.name) or one.word}_{one.number}")
        if (other := joined.get(student)) is not None and other.participant not in ("", one.number):
            raise UsageError(
                f"{table.name}, line {one.line}: participants {other.participant} and {one.number} are both "
                f"{student!r} of the roster; mend e-mail and id there"
            )
        joined[student] = _known(one, student, other)
        if one.team:
            teams[one.team].append(student)
        if one.submitted_at is not None:
            times[student] = one.submitted_at
    unlisted = tuple(student for student in joined if student not in people) if people else ()
    return Roster(
        joined,
        {team: tuple(names) for team, names in teams.items()},
        times,
        unlisted,
        len(unlisted) == len(participants),
        tuple(remarks),
    )


def _in_archive(name: str) -> str:
    """A name as Moodle writes it in an archive (`clean_filename` in its `moodlelib.php`)."""
    return NOT_IN_ARCHIVES.sub("", name.replace("_", " ")).strip()


def _same(one: Participant, people: dict[str, Person]) -> str:
    """The student of the roster who is this participant; "" where nobody is."""
    for column, value in (("participant", one.number), ("email", one.email), ("id", one.id)):
        for student, person in people.items():
            if value and getattr(person, column).casefold() == value.casefold():
                return student
    return ""


def _known(one: Participant, student: str, person: Person | None) -> Person:
    """What both say; the roster's word goes first."""
    said = Person(
        student=student, id=one.id or one.number, email=one.email, name=one.name, group=one.team,
        participant=one.number,
    )  # fmt: skip
    if person is None:
        return said
    told = {name: value for name, value in person.model_dump().items() if value not in ("", None)}
    return Person(**{**said.model_dump(), **told, "participant": one.number})
