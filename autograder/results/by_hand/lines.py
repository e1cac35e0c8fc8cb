"""The tables that people write beside the results (`manual.csv`, `overrides.csv`, `voids.csv`), line by line.

Separated by a semicolon, a tab or a comma; UTF-8, UTF-16 or Windows-1251; a decimal point or comma. A line that cannot
be meant becomes a sentence with its number, and the others count.
"""

from __future__ import annotations

import csv
import difflib
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from autograder.errors import UsageError
from autograder.intake.encodings import decode
from autograder.tables.spreadsheet import guard_formula, read_records
from autograder.wire.safe_text import clean_line

T = TypeVar("T")
MAX_FIELD = 2000
NUMBER = re.compile(r"[0-9]{1,9}(?:[.,][0-9]{0,9})?|[.,][0-9]{1,9}")
NEGATIVE = re.compile(rf"[-−–]\s*(?:{NUMBER.pattern})")


class Wrong(ValueError):  # noqa: N818 -- becomes a sentence of `problems`
    """Why a line cannot be used."""


@dataclass(frozen=True)
class Columns:
    """The columns of one kind of table.

    Args:
        names: all, in the order in which the program writes them.
        needed: those without which nothing can be understood.
        by_person: one that may stand there once for each person, as `points_anna`.
    """

    names: tuple[str, ...]
    needed: tuple[str, ...]
    by_person: str = ""

    def places(self, fields: Sequence[str]) -> dict[str, int]:
        """Name of a column -> its place, of a header. Raises: Wrong."""
        shown = [clean_line(field, MAX_FIELD).strip() for field in fields]
        names = [self._own(name) if self.is_somebodys(name.casefold()) else name.casefold() for name in shown]
        if missing := [name for name in self.needed if not self._is_there(name, names)]:
            raise Wrong(
                f"the header has no column {', '.join(missing)}; the first line must be {','.join(self.names)}, or "
                "the same with semicolons or tabs"
            )
        known = [name.casefold() for name in names if name in self.names or self.is_somebodys(name)]
        if twice := [name for name in known if known.count(name) > 1]:
            raise Wrong(f"the header has the column {twice[0]} twice; keep one")
        # A column that is not ours must still be counted: the last place says how many fields a line may have.
        return {name or f"column {place}": place for place, name in enumerate(names)}

    def is_somebodys(self, name: str) -> bool:
        """Whether a column is that of one person."""
        return bool(self.by_person) and name.startswith(f"{self.by_person}_") and name != f"{self.by_person}_"

    def _own(self, name: str) -> str:
        """The column of a person, whose name stays as it is written."""
        return self.by_person + name[len(self.by_person) :]

    def _is_there(self, wanted: str, names: Iterable[str]) -> bool:
        return any(name == wanted or (wanted == self.by_person and self.is_somebodys(name)) for name in names)


def read_lines(path: Path) -> str:
    """The text of a table, "" where there is none. Raises: UsageError where it is there and cannot be read."""
    try:
        return decode(path.read_bytes())
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise UsageError(
            f"cannot read {path}: {error.strerror}; check that it is a file you may read"
        ) from error


def parse_lines(
    text: str, name: str, columns: Columns, understand: Callable[[Mapping[str, str], int], Iterable[T]]
) -> tuple[tuple[T, ...], tuple[str, ...]]:
    """What the lines of a table say, and a sentence for each that is wrong.

    Args:
        name: of the file, for the sentences.
        understand: from the fields of a line by column, and its number, to what it says; it may raise `Wrong`.
    """
    found: list[T] = []
    problems: list[str] = []
    places: dict[str, int] | None = None
    try:
        for line, fields in read_records(text):
            try:
                if places is None:
                    places = columns.places(fields)
                else:
                    found += understand(_values(fields, places), line)
            except Wrong as problem:
                problems.append(f"{name}, line {line}: {problem}")
                if places is None:
                    break  # nothing below can be understood
    except csv.Error as error:
        problems.append(f"{name}, {error}; see to the quotes there, nothing below is read")
    return tuple(found), tuple(problems)


def _values(fields: Sequence[str], places: Mapping[str, int]) -> dict[str, str]:
    width = 1 + max(places.values())
    if any(field.strip() for field in fields[width:]):
        raise Wrong(
            f"it has {len(fields)} fields, the header {width}; put a remark or a number that holds a separator into "
            'quotes ("...")'
        )
    return {
        name: clean_line(fields[place], MAX_FIELD) if place < len(fields) else ""
        for name, place in places.items()
    }


class Names:
    """Students as people and spreadsheets write them. aliases: other names of them, such as codes."""

    def __init__(self, students: Collection[str], aliases: Mapping[str, str] | None = None) -> None:
        names = {name: name for name in students}
        # As the program's tables and a spreadsheet write them, too.
        self._students = {guard_formula(plain(name)): student for name, student in names.items()}
        self._students |= {plain(name): student for name, student in names.items()}
        self._students |= {
            plain(name): student
            for name, student in (aliases or {}).items()
            if plain(name) not in self._students
        }

    def student(self, name: str) -> str:
        """Who is meant. Raises: Wrong, with the closest name."""
        if (known := self._students.get(plain(name))) is not None:
            return known
        near = difflib.get_close_matches(name, sorted(self._students), n=1)
        mend = f"did you mean {near[0]!r}?" if near else "write the name as in scores.csv"
        raise Wrong(f"there is no student {name!r}; {mend}")


def plain(text: str) -> str:
    """One line of it, with composed letters: what spreadsheets of two systems make of a name is the same."""
    return unicodedata.normalize("NFC", clean_line(text, MAX_FIELD))


def points(text: str, most: float, of: str) -> float:
    """The number in a field, 0 to `most`, which is what `of` has. Raises: Wrong."""
    if NEGATIVE.fullmatch(text):
        raise Wrong(f"points are {text}, which is negative; give 0 to {most:g}")
    if not NUMBER.fullmatch(text):
        raise Wrong(f"points are {text!r}, which is no number; give 0 to {most:g}, like 2.5 or 2,5")
    value = float(text.replace(",", "."))
    if value > most:
        raise Wrong(f"points are {text}, {of} has {most:g} at most")
    return value


def refuse_number(by: str) -> None:
    """Raises: Wrong where a number stands in place of a name: half of a decimal comma."""
    if NUMBER.fullmatch(by):
        raise Wrong(
            f"by is {by!r}, which is no name; put points with a decimal comma into quotes where commas separate"
        )


def require(problems: Sequence[str]) -> None:
    """Raises: UsageError with all sentences, a line each, where there are any."""
    if problems:
        raise UsageError("\n".join((*problems, "mend it and repeat the command; nothing was changed")))
