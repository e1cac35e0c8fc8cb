"""The columns of Moodle's grading worksheet, whose headers are in the language of who has downloaded it.

Known by their order and what they hold (`mod/assign/gradingtable.php`): ... grade, maximum grade, perhaps the state of
the marking, whether the grade can be changed, ..., the time of the last change of the grade, comments.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from autograder.errors import UsageError
from autograder.tables.delimited import Delimited

NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
MOMENT = re.compile(r"(?=.*\d{4})(?=.*\d{1,2}:\d{2}).+", re.DOTALL)
IDENTIFIER = re.compile(r"(\D*[^\W\d_]\D*?)\s*(\d+)")
UNSAID = "-"
NO = frozenset(
    ("no", "нет", "ні", "не", "nein", "non", "nee", "nej", "nei", "não", "nie", "ne", "hayır", "否")
)
# A date of which PHP's `strtotime` knows every word.
ENGLISH = re.compile(
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:tember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?|(?:mon|tues|wednes|thurs|fri|satur|sun)day|mon|tue|wed|thu|fri|sat|sun|[ap]m",
    re.IGNORECASE,
)
WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Columns:
    """Places in a row; None where the column is not there or cannot be told.

    Args:
        grade, maximum: the points, and of how many.
        changeable: "no" where the grade is locked in the gradebook.
        modified: when the grade was changed last.
        start: the first row with a student.
    """

    grade: int
    maximum: int
    changeable: int | None
    modified: int | None
    start: int = 1


def find_columns(sheet: Delimited, name: str) -> Columns:
    """Raises: UsageError where no grade in points can be put into this file."""
    rows = participant_rows(sheet)
    lines = [sheet.cells(row) for row in rows]
    width = min((len(cells) for cells in lines), default=0)
    values = [[cells[column].strip() for cells in lines] for column in range(width)]
    maximum = next(
        (column for column in range(width - 1, 1, -1) if _is_maximum(values[column], values[column - 1])),
        None,
    )
    if maximum is None:
        raise UsageError(
            f"{name} has no column of grades with their maximum beside it: is it Moodle's grading worksheet, and is "
            "the assignment graded in points, not by a scale?"
        )
    return Columns(
        grade=maximum - 1,
        maximum=maximum,
        changeable=_changeable(values, maximum),
        modified=next(
            (
                column
                for column in range(width - 1, maximum, -1)
                if all(value == UNSAID or MOMENT.fullmatch(value) for value in values[column])
            ),
            None,
        ),
        start=rows[0],
    )


def participant_rows(sheet: Delimited) -> list[int]:
    """The rows whose first cell is a word and a number, as "Participant 12345"."""
    return [row for row in range(sheet.num_rows) if IDENTIFIER.fullmatch(sheet.cells(row)[0].strip())]


def number_of(cell: str) -> str:
    """The number of such a cell."""
    found = IDENTIFIER.fullmatch(cell.strip())
    return found[2] if found else ""


def as_number(text: str) -> float | None:
    """A number with a decimal point or comma; None for anything else."""
    text = text.strip()
    return float(text.replace(",", ".")) if NUMBER.fullmatch(text) else None


def decimal_sign(sheet: Delimited, columns: Columns) -> str:
    """That of maximum and grades. Moodle reads a point in every language, a comma only where it writes one itself."""
    cells = (sheet.cells(row) for row in participant_rows(sheet))
    has_comma = any("," in line[columns.grade] or "," in line[columns.maximum] for line in cells)
    return "," if has_comma else "."


def is_locked(cell: str) -> bool:
    """Whether a cell says that the grade cannot be changed."""
    return cell.strip().casefold() in NO


def is_foreign_date(cell: str) -> bool:
    """Whether it is a date with words that are not English."""
    return not all(map(ENGLISH.fullmatch, WORD.findall(cell)))


def _is_maximum(values: list[str], before: list[str]) -> bool:
    """One positive number on all rows, and left of it nothing but numbers and empty cells."""
    number = as_number(values[0]) if len(set(values)) == 1 else None
    return bool(number) and all(value == "" or as_number(value) is not None for value in before)


def _changeable(values: list[list[str]], maximum: int) -> int | None:
    """The column of yes and no: behind the maximum, or one further where marking has a state."""
    for column in range(maximum + 1, min(maximum + 3, len(values))):
        if any(map(is_locked, values[column])):
            return column
    return None
