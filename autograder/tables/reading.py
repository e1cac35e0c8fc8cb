"""A table as Excel, Google Sheets, Moodle or a person has saved it: a header and rows, each with its line."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UsageError
from autograder.intake.encodings import decode
from autograder.tables.spreadsheet import read_records
from autograder.wire.safe_text import clean_line

MAX_TABLE_BYTES = 50_000_000
MAX_FIELD = 2000
SHOWN_COLUMNS = 12
WORKBOOK, OLD_WORKBOOK = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True)
class Row:
    """One line under the header: its number in the file, from 1, and its fields, as many as the header has."""

    line: int
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """What a file holds.

    Args:
        name: of the file, for sentences.
        header: names of the columns as they stand there.
    """

    name: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def columns(self) -> dict[str, int]:
        """Name of each column, in lower case with _ for a space, -> its place; of two with one name the first."""
        named = {plain(name): place for place, name in reversed(list(enumerate(self.header)))}
        return {name: place for name, place in named.items() if name}

    def found(self) -> str:
        """What stands in the header, for a sentence on a file that is not what it should be."""
        shown = "; ".join(filter(None, self.header[:SHOWN_COLUMNS])) or "nothing"
        return shown + ("; ..." if len(self.header) > SHOWN_COLUMNS else "")

    def refuse_twice(self, names: Sequence[str]) -> None:
        """Raises: UsageError where the header has one of these columns twice."""
        held = [plain(name) for name in self.header]
        if twice := [name for name in names if held.count(name) > 1]:
            raise UsageError(f"{self.name}: the header has the column {twice[0]} twice; keep one")


def plain(name: str) -> str:
    """The name of a column as it is looked for: "Extension hours" is "extension_hours"."""
    return "_".join(name.casefold().split())


def read_table(path: Path, what: str) -> Table:
    """Read a table: separated by semicolons, tabs or commas in UTF-8, UTF-16 or Windows-1251, or an Excel workbook.

    what: the file in the sentences, as "the roster". Raises: UsageError naming the file and what is wrong with it.
    """
    name = f"{what} {path}"
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_TABLE_BYTES + 1)
    except OSError as error:
        raise UsageError(f"cannot read {name}: {error.strerror}") from error
    if len(data) > MAX_TABLE_BYTES:
        raise UsageError(
            f"{name} is larger than {MAX_TABLE_BYTES // 1_000_000} MB, which no table of a class is"
        )
    if data.startswith(OLD_WORKBOOK):
        raise UsageError(f"{name} is a workbook of an old Excel; save it as .xlsx or as CSV UTF-8")
    try:
        records = iter(_workbook(path, name) if data.startswith(WORKBOOK) else read_records(_text(data)))
        return _table(name, records)
    except csv.Error as error:
        raise UsageError(f"{name}, {error}; see to the quotes there") from error


def _text(data: bytes) -> str:
    if b"\x00" in data and not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        # Two bytes a character without a mark: of separators and line ends one byte is 0.
        is_little = data[1::2].count(0) >= data[::2].count(0)
        return decode(data.decode("utf-16-le" if is_little else "utf-16-be", errors="replace").encode())
    return decode(data)


def _workbook(path: Path, name: str) -> Iterator[tuple[int, list[str]]]:
    """The lines of the first sheet. Raises: UsageError."""
    import openpyxl  # only where it is needed: a third of a second

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        lines = list(book.worksheets[0].iter_rows(values_only=True)) if book.worksheets else []
    # openpyxl passes on whatever zipfile, the XML parser and its own readers raise on a damaged file.
    except Exception as error:
        raise UsageError(
            f"{name} is no workbook that can be read; save it as .xlsx or as CSV UTF-8"
        ) from error
    for number, cells in enumerate(lines, start=1):
        fields = [_cell(cell) for cell in cells]
        if any(fields):
            yield number, fields


def _cell(value: object) -> str:
    """A cell as text: a whole number without ".0", a moment as ISO."""
    if value is None:
        return ""
    return f"{value:.15g}" if isinstance(value, float) else str(value).strip()


def _table(name: str, records: Iterator[tuple[int, list[str]]]) -> Table:
    """Raises: UsageError, csv.Error."""
    first = next(records, None)
    if first is None:
        raise UsageError(f"{name} is empty; its first line must name the columns")
    header = tuple(clean_line(field, MAX_FIELD) for field in first[1])
    rows: list[Row] = []
    for line, fields in records:
        cleaned = [clean_line(field, MAX_FIELD) for field in fields]
        if any(cleaned[len(header) :]):
            raise UsageError(
                f"{name}, line {line}: it has {len(fields)} fields, the header {len(header)}; "
                'put text that holds a separator into quotes ("...")'
            )
        padded = cleaned[: len(header)] + [""] * (len(header) - len(cleaned))
        rows.append(Row(line, tuple(padded)))
    return Table(name, header, tuple(rows))
