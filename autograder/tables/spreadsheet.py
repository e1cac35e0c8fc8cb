"""Text of strangers in a table that a spreadsheet may open: quoted, and never a formula."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator

from autograder.wire.safe_text import clean_line

# https://owasp.org/www-community/attacks/CSV_Injection; wide forms of these characters are narrowed before the look.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
# What people's programs put between fields.
FIELD_SEPARATORS = (";", "\t", ",")
QUOTED = re.compile(r'"[^"]*"')
SEPARATORS = (",", ";", "\t", '"', "'", "\n", "\r")


def csv_text(text: str) -> str:
    """Text as one field of a CSV file, quoted if any program could take a part of it for a separator.

    Excel in Russia splits at semicolons: unquoted, `a;=1+1` would be two cells there, the second a formula.
    """
    field = guard_formula(clean_line(text))
    if any(separator in field for separator in SEPARATORS):
        return '"' + field.replace('"', '""') + '"'
    return field


def guard_formula(text: str) -> str:
    """Text that a spreadsheet would run as a formula gets a leading apostrophe."""
    first = unicodedata.normalize("NFKC", text.lstrip()[:1])
    return f"'{text}" if text.startswith(FORMULA_STARTS) or first.startswith(FORMULA_STARTS) else text


def separator_of(text: str) -> str:
    """What separates fields in a CSV file, by its first line, or as Excel's own line above it says."""
    lines, separator = text.split("\n"), ""
    if _says_separator(lines[0]):
        separator = lines[0].strip(' "\r')[len("sep=") :][:1]
        lines = lines[1:]
    head = QUOTED.sub("", next((line for line in lines if line.strip()), ""))
    if separator not in FIELD_SEPARATORS or separator not in head:
        separator = max(FIELD_SEPARATORS, key=head.count)
    return separator


def _says_separator(line: str) -> bool:
    return line.strip(' "\r').lower().startswith("sep=")


def read_records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Number of the first line and fields of each record of a CSV file that is not empty, whatever separates fields.

    Raises: csv.Error naming the line.
    """
    lines = text.split("\n")
    separator, before = separator_of(text), 0
    if _says_separator(lines[0]):
        lines, before = lines[1:], 1
    reader = csv.reader(io.StringIO("\n".join(lines), newline=""), delimiter=separator, strict=True)
    first = 1
    while True:
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise csv.Error(f"line {before + first}: {error}") from error
        if any(field.strip() for field in fields):
            yield before + first, fields
        first = reader.line_num + 1
