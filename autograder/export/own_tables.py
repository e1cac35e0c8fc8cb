"""Our own table as CSV and as a workbook."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.export.columns import Cell
from autograder.export.counting import plain
from autograder.tables.spreadsheet import csv_text
from autograder.text import Lang

MARK = "\ufeff"


def as_csv(header: Sequence[str], rows: Sequence[Sequence[Cell]], lang: Lang) -> bytes:
    """Numbers bare, text guarded. In Russian as Excel there reads it: semicolons, decimal commas, a byte order mark."""
    separator, decimal, mark = (";", ",", MARK) if lang == "ru" else (",", ".", "")
    lines = [separator.join(map(csv_text, header))]
    for row in rows:
        lines.append(separator.join(_field(cell, decimal) for cell in row))
    return (mark + "\r\n".join([*lines, ""])).encode("utf-8")


def _field(cell: Cell, decimal: str) -> str:
    if cell is None:
        return ""
    return csv_text(cell) if isinstance(cell, str) else plain(cell).replace(".", decimal)
