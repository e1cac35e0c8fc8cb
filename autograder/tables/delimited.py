"""A table of separated text that is changed cell by cell: whatever is not changed stays as it was, to the byte."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UsageError
from autograder.tables.spreadsheet import FIELD_SEPARATORS

MARK = "\ufeff"
QUOTED = re.compile(r'"[^"]*(?:""[^"]*)*"')
LINE_END = re.compile(r"\r\n|\r|\n")
EXCEL_HINT = re.compile(r'"?sep=(.)"?(?:\r\n|\r|\n)', re.IGNORECASE)
# 31.12 may be a day.
COMMA_NUMBER, POINT_NUMBER = re.compile(r"\s*\d+,\d+\s*"), re.compile(r"\s*(?!\d\d\.\d\d\s*$)\d+\.\d+\s*")


@dataclass
class Delimited:
    """The file in pieces that give it back when they are joined.

    Args:
        encoding: of the bytes; a byte order mark is a part of `before`.
        separator: between two fields.
        before: what stands before the first record.
        records: the fields of each, with their quotes.
        ends: what ends each record.
    """

    encoding: str
    separator: str
    before: str
    records: list[list[str]]
    ends: list[str]

    @property
    def num_rows(self) -> int:
        return len(self.records)

    def cells(self, row: int) -> list[str]:
        """The fields of a record without their quotes."""
        return [_bare(field) for field in self.records[row]]

    def put(self, row: int, column: int, text: str) -> None:
        """Write one cell; a record that is too short grows."""
        record = self.records[row]
        record.extend([""] * (column + 1 - len(record)))
        needs_quotes = any(sign in text for sign in (self.separator, '"', "\n", "\r"))
        is_quoted = record[column].startswith('"')
        record[column] = '"' + text.replace('"', '""') + '"' if needs_quotes or is_quoted else text

    def put_number(self, row: int, column: int, text: str) -> None:
        """Write a number, given with a decimal point, with the decimal sign of this table."""
        self.put(row, column, text.replace(".", self.decimal_sign))

    @property
    def decimal_sign(self) -> str:
        """The sign of the numbers that are there; without any, a comma where semicolons separate, as in Russia."""
        texts = [cell for row in range(self.num_rows) for cell in self.cells(row)]
        if any(map(COMMA_NUMBER.fullmatch, texts)):
            return ","
        if any(map(POINT_NUMBER.fullmatch, texts)):
            return "."
        return "," if self.separator == ";" else "."

    def as_bytes(self) -> bytes:
        lines = (
            self.separator.join(fields) + end for fields, end in zip(self.records, self.ends, strict=True)
        )
        return (self.before + "".join(lines)).encode(self.encoding)


def read_delimited(path: Path, what: str) -> Delimited:
    """Read a file of text separated by semicolons, tabs or commas, in UTF-8, UTF-16 or Windows-1251.

    what: the file in the sentences, as "the worksheet". Raises: UsageError.
    """
    name = f"{what} {path}"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {name}: {error.strerror}") from error
    encoding = _encoding(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UsageError(f"{name} is no text that can be read; save it as CSV UTF-8") from error
    return _parsed(text, encoding, name)


def _encoding(data: bytes) -> str:
    """Raises nothing: the last guess is Windows-1251."""
    if data.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le"
    if data.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be"
    if b"\x00" in data:  # of separators and line ends one byte of two is 0
        return "utf-16-le" if data[1::2].count(0) >= data[::2].count(0) else "utf-16-be"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1251"
    return "utf-8"


def _parsed(text: str, encoding: str, name: str) -> Delimited:
    """Raises: UsageError where a quote is not closed or nothing is there."""
    before = MARK if text.startswith(MARK) else ""
    separator = ""
    if hint := EXCEL_HINT.match(text, len(before)):
        before, separator = text[: hint.end()], hint[1]
    place = len(before)
    if separator not in FIELD_SEPARATORS:
        head = LINE_END.split(QUOTED.sub("", text[place:].lstrip("\r\n")), maxsplit=1)[0]
        separator = max(FIELD_SEPARATORS, key=head.count)
    plain = re.compile(rf"[^{re.escape(separator)}\r\n]*")
    records: list[list[str]] = []
    ends: list[str] = []
    fields: list[str] = []
    while place < len(text) or fields:
        start = place
        if text.startswith('"', place):
            if (quoted := QUOTED.match(text, place)) is None:
                raise UsageError(
                    f"{name}, line {len(LINE_END.findall(text[:place])) + 1}: a quote is not closed"
                )
            place = quoted.end()
        if (rest := plain.match(text, place)) is not None:
            place = rest.end()
        fields.append(text[start:place])
        if text.startswith(separator, place) and place < len(text):
            place += len(separator)
            continue
        end = LINE_END.match(text, place)
        records.append(fields)
        ends.append(end[0] if end else "")
        place, fields = end.end() if end else place, []
    if not any(any(record) for record in records):
        raise UsageError(f"{name} is empty; its first line must name the columns")
    return Delimited(encoding, separator, before, records, ends)


def _bare(field: str) -> str:
    quoted = QUOTED.match(field)
    if quoted is None:
        return field
    return quoted[0][1:-1].replace('""', '"') + field[quoted.end() :]
