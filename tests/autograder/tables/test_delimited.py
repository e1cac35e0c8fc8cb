"""Tables of text that are changed in one cell: the rest stays, to the byte."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import UsageError
from autograder.tables.delimited import read_delimited

CELL = st.text(st.sampled_from('aЖё ,;\t"\n=-@1.'), max_size=6)
ROWS = st.integers(2, 4).flatmap(
    lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=1, max_size=5)
)


def written(data: bytes) -> Path:
    with tempfile.NamedTemporaryFile(suffix=".csv", delete=False) as file:
        file.write(data)
    return Path(file.name)


@given(
    ROWS,
    st.sampled_from(",;\t"),
    st.sampled_from(("utf-8", "utf-8-sig", "utf-16", "cp1251")),
    st.sampled_from(("\n", "\r\n")),
    st.sampled_from((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)),
)
def test_what_is_not_changed_stays(
    rows: list[list[str]], separator: str, encoding: str, end: str, quoting: int
) -> None:
    header = [f"name{place}" for place in range(len(rows[0]))]
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=separator, lineterminator=end, quoting=quoting).writerows([header, *rows])  # type: ignore[arg-type]
    path = written(stream.getvalue().encode(encoding))
    try:
        sheet = read_delimited(path, "the table")
        assert sheet.as_bytes() == path.read_bytes()
        assert [sheet.cells(row) for row in range(sheet.num_rows)] == [header, *rows]
        sheet.put(1, 1, "7,5")
        changed = list(
            csv.reader(io.StringIO(sheet.as_bytes().decode(encoding), newline=""), delimiter=separator)
        )
        expected = [header, *[list(row) for row in rows]]
        expected[1][1] = "7,5"
        assert changed == expected
    finally:
        path.unlink()


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("a;b\n1;2\n", ","),
        ("a,b\n1,2\n", "."),
        ("a;b\n1;2.5\n", "."),
        # A date is no number: in Russia 7.5 would be read as another one.
        ("a;b\n1;31.12\n", ","),
        ('a,b\n1,"2,5"\n', ","),
    ],
)
def test_numbers_are_written_as_the_table_writes_them(tmp_path: Path, text: str, sign: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text, encoding="utf-8")
    sheet = read_delimited(path, "the table")
    sheet.put_number(1, 0, "7.5")
    assert sheet.cells(1)[0] == f"7{sign}5"


def test_a_short_record_grows(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"sep=;\r\na;b;c\r\nanna\r\n")
    sheet = read_delimited(path, "the table")
    sheet.put(1, 2, "7")
    assert sheet.as_bytes() == b"sep=;\r\na;b;c\r\nanna;;7\r\n"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'a,b\n"x,1\n', "line 2: a quote is not closed"),
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"a,\x98\xff\n", "no text that can be read"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(data)
    with pytest.raises(UsageError, match=said):
        read_delimited(path, "the table")
    with pytest.raises(UsageError, match="cannot read the table"):
        read_delimited(tmp_path / "absent.csv", "the table")
