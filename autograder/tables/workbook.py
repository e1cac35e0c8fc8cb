"""An Excel workbook that is changed cell by cell, and one that is made; text is never a formula."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from autograder.errors import UsageError
from autograder.tables.spreadsheet import guard_formula
from autograder.wire.safe_text import clean_line

# openpyxl drops these when it writes a file that it has read.
LOST = re.compile(r"xl/(?:charts|media|drawings/drawing|vbaProject|embeddings|slicers)")
MAX_TITLE, FORBIDDEN_IN_TITLE = 31, re.compile(r"[\[\]:*?/\\']")
MAX_WIDTH = 40
TEXT_FORMAT = "@"


class Sheet:
    """One sheet of a workbook; rows and columns count from 0."""

    def __init__(self, book: Any, sheet: Any) -> None:
        self._book, self._sheet = book, sheet

    @property
    def num_rows(self) -> int:
        return int(self._sheet.max_row)

    def cells(self, row: int) -> list[str]:
        """What stands in a row, as text; a formula is its own text."""
        return [_text(cell.value) for cell in self._sheet[row + 1]]

    def put_number(self, row: int, column: int, text: str) -> None:
        """Write a number, given with a decimal point; the format of the cell stays. Raises: UsageError at a formula."""
        cell = self._sheet.cell(row + 1, column + 1)
        if cell.data_type == "f":
            raise UsageError(
                f"cell {cell.coordinate} of the sheet {self._sheet.title} holds a formula, which would be lost; "
                "name another column with --column"
            )
        cell.value = float(text)

    def as_bytes(self) -> bytes:
        """The whole workbook."""
        return _bytes(self._book)


def read_sheets(path: Path, what: str) -> list[Sheet]:
    """The sheets of a workbook that can be written again without loss. Raises: UsageError."""
    name = f"{what} {path}"
    try:
        with zipfile.ZipFile(path) as archive:
            lost = next(filter(LOST.match, archive.namelist()), None)
        book = openpyxl.load_workbook(path, rich_text=True)
    except OSError as error:
        raise UsageError(f"cannot read {name}: {error.strerror}") from error
    # openpyxl passes on whatever zipfile, the XML parser and its own readers raise on a damaged file.
    except Exception as error:
        raise UsageError(
            f"{name} is no workbook that can be read; save it as .xlsx or as CSV UTF-8"
        ) from error
    if lost is not None:
        raise UsageError(
            f"{name} holds a chart, a picture or a macro, which would be lost; give a copy without it, or a CSV file"
        )
    return [Sheet(book, sheet) for sheet in book.worksheets]


def made_workbook(title: str, header: Sequence[str], rows: Iterable[Sequence[str | float | None]]) -> bytes:
    """A workbook of one sheet whose first row stays in sight."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = FORBIDDEN_IN_TITLE.sub(" ", clean_line(title))[:MAX_TITLE] or "1"
    lines: list[Sequence[str | float | None]] = [header, *rows]
    for row, cells in enumerate(lines, start=1):
        for column, value in enumerate(cells, start=1):
            if value is not None:
                _write(sheet.cell(row, column), value)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for column, name in enumerate(header, start=1):
        longest = max((len(str(line[column - 1] or "")) for line in lines), default=len(name))
        sheet.column_dimensions[get_column_letter(column)].width = min(MAX_WIDTH, longest + 2)
    sheet.freeze_panes = "A2"
    return _bytes(book)


def _write(cell: Any, value: str | float) -> None:
    if not isinstance(value, str):
        cell.value = value
        return
    if not (text := clean_line(value)):
        return
    cell.value = text
    cell.data_type = "s"  # assigning "=1+1" has made a formula of it
    cell.number_format = TEXT_FORMAT
    # Typed in again, or saved as CSV, such a text would become a formula; Excel hides the apostrophe that this sets.
    cell.quotePrefix = guard_formula(text) != text


def _text(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.15g}" if isinstance(value, float) else str(value).strip()


def _bytes(book: Any) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
