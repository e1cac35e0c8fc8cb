"""Tables come as spreadsheets, platforms and people save them; a wrong one is told with what was found."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograder.errors import UsageError
from autograder.tables.reading import read_table
from autograder.tables.spreadsheet import FIELD_SEPARATORS
from autograder.wire.safe_text import clean_line

HEADER = ("student", "Имя", "email")
LINES = (("0012345", "Ёлкина, Аня", "a@b.ru"), ("boris", 'Борис "Боб"', ""))
ENCODINGS = ("utf-8", "utf-8-sig", "cp1251", "utf-16", "utf-16-le", "utf-16-be")


def saved(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def written(separator: str, line_end: str, first: str = "") -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=separator, lineterminator=line_end)
    writer.writerows((HEADER, *LINES))
    return first + stream.getvalue()


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("separator", FIELD_SEPARATORS)
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("is_named", [False, True])
def test_every_way_of_saving_gives_the_same(
    tmp_path: Path, encoding: str, separator: str, line_end: str, is_named: bool
) -> None:
    first = f"sep={separator}{line_end}" if is_named else ""
    path = saved(tmp_path / "t.csv", written(separator, line_end, first).encode(encoding))
    table = read_table(path, "the roster")
    assert table.header == HEADER
    assert tuple(row.fields for row in table.rows) == LINES
    assert [row.line for row in table.rows] == [2 + is_named, 3 + is_named]


def test_a_workbook_is_read_as_it_looks(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["student", "id", "hours", "at"])
    sheet.append(["anna", 12345, 1.5, datetime(2026, 12, 1, 23, 59)])
    sheet.append([None, None, None, None])
    sheet.append(["boris", "0012345", 2.0, None])
    book.save(tmp_path / "t.xlsx")
    table = read_table(tmp_path / "t.xlsx", "the roster")
    assert [(row.line, row.fields) for row in table.rows] == [
        (2, ("anna", "12345", "1.5", "2026-12-01 23:59:00")),
        (4, ("boris", "0012345", "2", "")),
    ]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (None, "cannot read the roster .*: No such file"),
        (b"", "is empty; its first line must name the columns"),
        (b"\xef\xbb\xbf\r\n;;\r\n", "is empty"),
        (
            b"a;b\n1;2;3\n",
            "line 2: it has 3 fields, the header 2; put text that holds a separator into quotes",
        ),
        (b'a;b\n1;2\n"open;2\n', "line 3.*; see to the quotes there"),
        (b"PK\x03\x04nonsense", "is no workbook that can be read; save it as .xlsx or as CSV UTF-8"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is a workbook of an old Excel; save it as .xlsx"),
    ],
)
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, data: bytes | None, said: str) -> None:
    path = tmp_path / "t.csv"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(UsageError, match=said):
        read_table(path, "the roster")


def test_short_lines_are_filled_and_empty_ones_left_out(tmp_path: Path) -> None:
    path = saved(tmp_path / "t.csv", b"Extension Hours;b;c\n\n1\n;;\n2;;;;\n")
    table = read_table(path, "the roster")
    assert [row.fields for row in table.rows] == [("1", "", ""), ("2", "", "")]
    assert table.columns == {"extension_hours": 0, "b": 1, "c": 2}
    assert table.found() == "Extension Hours; b; c"


def test_a_column_that_stands_there_twice_is_refused(tmp_path: Path) -> None:
    table = read_table(saved(tmp_path / "t.csv", b"student;Student\na;b\n"), "the roster")
    with pytest.raises(UsageError, match="has the column student twice; keep one"):
        table.refuse_twice(["id", "student"])


WORDS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=9).filter(
    lambda text: text == clean_line(text)
)


@given(st.lists(WORDS, min_size=2, max_size=4), st.data())
@example(["a;b", "c,d"], None)
def test_what_a_program_writes_comes_back(
    tmp_path_factory: pytest.TempPathFactory, header: list[str], data: st.DataObject | None
) -> None:
    names = [f"column{place}" for place in range(len(header))]
    separator = ";" if data is None else data.draw(st.sampled_from(FIELD_SEPARATORS))
    stream = io.StringIO()
    csv.writer(stream, delimiter=separator).writerows([names, header])
    path = saved(tmp_path_factory.mktemp("t") / "t.csv", stream.getvalue().encode("utf-8-sig"))
    assert [row.fields for row in read_table(path, "the table").rows] == [tuple(header)]
