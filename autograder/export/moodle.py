"""Moodle's grading worksheet, filled in. The importer skips in silence what it does not take; it is named here."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.errors import UsageError
from autograder.export.counting import Counted, named, plain
from autograder.export.worksheet import (
    Columns,
    as_number,
    decimal_sign,
    find_columns,
    is_foreign_date,
    is_locked,
    number_of,
    participant_rows,
)
from autograder.roster.worksheet import Participant, is_worksheet, read_worksheet
from autograder.tables.delimited import Delimited, read_delimited
from autograder.tables.reading import read_table
from autograder.tables.spreadsheet import guard_formula

WHAT = "the worksheet"


@dataclass(frozen=True)
class Filled:
    """The worksheet with its grades.

    Args:
        content: of the file.
        lines: what somebody should know, a sentence each.
        students: number of the participant -> name in Moodle and student, for the feedback files.
        own: number of the participant -> grades that this program has put there, with the one of `content` as the last.
    """

    content: bytes
    lines: tuple[str, ...]
    students: Mapping[str, tuple[str, Counted]]
    own: Mapping[str, Sequence[float]]


@dataclass
class _Said:
    """Names by what happened to their rows. sign: between whole and decimals of a grade."""

    sign: str
    clipped: list[str] = field(default_factory=list)
    locked: list[str] = field(default_factory=list)
    regraded: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    own: dict[str, tuple[float, ...]] = field(default_factory=dict)
    filled: int = 0


def fill_worksheet(
    path: Path,
    everybody: Sequence[Counted],
    since: Path | None = None,
    own: Mapping[str, Sequence[float]] | None = None,
) -> Filled:
    """Put each score into its row.

    Rows that are locked, or that somebody has graded in Moodle since then, stay as they are. A grade that equals the
    score, or that this program has written earlier, is nobody's.

    Args:
        since: the same worksheet as it was downloaded earlier, when work was collected.
        own: `Filled.own` of the last time.

    Raises: UsageError: no worksheet that can be filled, its maximum is another than that of the scores, or two students
    are one participant.
    """
    name = f"{WHAT} {path}"
    participants = _participants(path)
    sheet = read_delimited(path, WHAT)
    columns = find_columns(sheet, name)
    maximum = _checked_maximum(sheet, columns, everybody, name)
    earlier = _modified(since) if since is not None else None
    students = join(participants, everybody)
    said = _Said(
        decimal_sign(sheet, columns), own={number: tuple(grades) for number, grades in (own or {}).items()}
    )
    for row in participant_rows(sheet):
        cells = sheet.cells(row)
        number = number_of(cells[0])
        _guard(sheet, row, columns)
        if number in students:
            _fill(sheet, row, columns, students[number], maximum, earlier, said)
    return Filled(
        sheet.as_bytes(),
        tuple(_lines(said, participants, students, everybody)),
        {one.number: (one.name, students[one.number]) for one in participants if one.number in students},
        said.own,
    )


def read_own(path: Path) -> dict[str, list[float]]:
    """`Filled.own` as it was kept; nothing where no file is. Raises: UsageError."""
    try:
        return {
            str(number): [float(grade) for grade in grades]
            for number, grades in json.loads(path.read_bytes()).items()
        }
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise UsageError(
            f"{path}, the grades that were exported to Moodle before, cannot be read; remove it, and with --since all "
            "of them count as given in Moodle"
        ) from error


def own_as_json(own: Mapping[str, Sequence[float]]) -> bytes:
    """The content of that file."""
    return json.dumps(own, indent=1).encode("utf-8") + b"\n"


def join(participants: Sequence[Participant], everybody: Sequence[Counted]) -> dict[str, Counted]:
    """Number of a participant -> student. By the number that the roster gives, by e-mail, by the number of the person.

    A name alone joins nobody. A student without a roster is known by the number in the name that `collect` gives.

    Raises: UsageError where two students are one participant, or one student is two.
    """
    found: dict[str, list[Counted]] = defaultdict(list)
    for participant in participants:
        for is_same in (_by_participant, _by_email, _by_id, _by_collected_name):
            if same := [one for one in everybody if is_same(participant, one)]:
                found[participant.number] = same
                break
    owners: dict[str, str] = {}
    for number, same in found.items():
        if len(same) > 1:
            raise UsageError(
                f"participant {number} is {' and '.join(one.student for one in same)}; mend the roster and grade again"
            )
        if (other := owners.setdefault(same[0].student, number)) != number:
            raise UsageError(f"participants {other} and {number} are both {same[0].student}; mend the roster")
    return {number: same[0] for number, same in found.items()}


def _by_participant(participant: Participant, one: Counted) -> bool:
    person = one.marked.person
    return person is not None and person.participant == participant.number


def _by_email(participant: Participant, one: Counted) -> bool:
    person = one.marked.person
    is_free = person is not None and person.participant in ("", participant.number)
    return bool(
        is_free and person and participant.email and participant.email.casefold() == person.email.casefold()
    )


def _by_id(participant: Participant, one: Counted) -> bool:
    """The number of the person; that of the participant too, where the name is the same and nothing says otherwise."""
    person = one.marked.person
    if person is None or not person.id or person.participant not in ("", participant.number):
        return False
    if participant.id:
        return participant.id.casefold() == person.id.casefold()
    is_named = bool(participant.name) and _words(participant.name) == _words(person.name)
    return is_named and person.id == participant.number


def _by_collected_name(participant: Participant, one: Counted) -> bool:
    name, _, number = one.student.rpartition("_")
    return (
        one.marked.person is None
        and number == participant.number
        and (not participant.name or _words(name) == _words(participant.name))
    )


def _words(name: str) -> list[str]:
    return sorted(name.replace("_", " ").casefold().split())


def _participants(path: Path) -> list[Participant]:
    """Raises: UsageError."""
    table = read_table(path, WHAT)
    if not is_worksheet(table):
        raise UsageError(
            f"{table.name} is not Moodle's grading worksheet, whose first column holds a word and a number on every "
            "line; download it anew and leave its columns as they are"
        )
    return read_worksheet(table)[0]


def _checked_maximum(sheet: Delimited, columns: Columns, everybody: Sequence[Counted], name: str) -> float:
    """Raises: UsageError where points of one scale would be taken for those of another."""
    text = sheet.cells(columns.start)[columns.maximum]
    maximum = as_number(text) or 0.0
    ours = everybody[0].max_score
    if abs(maximum - ours) > 1e-9:
        raise UsageError(
            f"{name} gives grades of {plain(maximum)}, these are of {plain(ours)}: say --scale-to {plain(maximum)}, or "
            "change the maximum grade in Moodle and download the worksheet anew"
        )
    return maximum


def _modified(path: Path) -> dict[str, tuple[str, str]]:
    """Number -> grade and time of its last change in an earlier worksheet. Raises: UsageError."""
    _participants(path)
    sheet = read_delimited(path, WHAT)
    columns = find_columns(sheet, f"{WHAT} {path}")
    return {
        number_of(cells[0]): _state(cells, columns)
        for cells in (sheet.cells(row) for row in participant_rows(sheet))
    }


def _state(cells: Sequence[str], columns: Columns) -> tuple[str, str]:
    at = cells[columns.modified].strip() if columns.modified is not None else ""
    return cells[columns.grade].strip(), "" if at == "-" else at


def _guard(sheet: Delimited, row: int, columns: Columns) -> None:
    """Names and answers of students never become formulas; the importer reads neither."""
    last = columns.modified if columns.modified is not None else len(sheet.records[row])
    for column, text in enumerate(sheet.cells(row)[:last]):
        if column not in (0, columns.grade, columns.maximum) and text.strip() != "-":
            guarded = guard_formula(text)
            if guarded != text:
                sheet.put(row, column, guarded)


def _fill(
    sheet: Delimited,
    row: int,
    columns: Columns,
    one: Counted,
    maximum: float,
    earlier: Mapping[str, tuple[str, str]] | None,
    said: _Said,
) -> None:
    cells = sheet.cells(row)
    stands, at = _state(cells, columns)
    score = min(one.score, maximum)
    if columns.changeable is not None and is_locked(cells[columns.changeable]):
        said.locked.append(one.student)
        return
    number, grade = number_of(cells[0]), as_number(stands)
    own = said.own.get(number, ())
    if grade in own:
        # What was written before it stands there no longer: whoever gives that again is a person.
        own = own[own.index(grade) :]
    elif earlier is not None and grade != score and earlier.get(number, ("", "")) != (stands, at):
        said.regraded.append(f"{one.student} ({stands or 'no grade'} in Moodle, {plain(one.score)} here)")
        return
    if one.score > maximum:
        said.clipped.append(f"{one.student} ({plain(one.score)})")
    if is_foreign_date(at) and as_number(stands) != score:
        said.stale.append(one.student)
    sheet.put(row, columns.grade, plain(score).replace(".", said.sign))
    said.own[number] = (*(one for one in own if one != score), score)
    said.filled += 1


def _lines(
    said: _Said,
    participants: Sequence[Participant],
    students: Mapping[str, Counted],
    everybody: Sequence[Counted],
) -> list[str]:
    joined = {one.student for one in students.values()}
    without = [f"{one.name or one.word} ({one.number})" for one in participants if one.number not in students]
    absent = [one.student for one in everybody if one.student not in joined]
    lines = [f"{said.filled} of {len(participants)} participants filled in"]
    for names, sentence in (
        (said.clipped, "Above the maximum, which Moodle skips in silence; they get the maximum"),
        (said.locked, "Locked in the gradebook, left as they are"),
        (
            said.stale,
            "Have a grade in Moodle already, and it cannot read the date of the worksheet: tick the box to update "
            "records that were modified since, or these are skipped in silence",
        ),
        (without, "Participants without a result, left empty"),
        (absent, "With a result, but no participant of the worksheet"),
    ):
        if names:
            lines.append(f"{sentence} ({len(names)}): {named(names)}")
    if said.regraded:  # somebody has to compare each of them
        start = f"Graded in Moodle since the earlier worksheet, left as they are ({len(said.regraded)}): "
        lines.append(start + ", ".join(said.regraded))
    return lines
