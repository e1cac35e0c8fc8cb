"""Our own tables, read back: numbers are numbers, text is text, and nothing is a formula."""

from __future__ import annotations

import csv
import io
import json
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.export import columns, own_tables
from autograder.export.choices import Format
from autograder.export.counting import plain
from autograder.export.exporting import Options, export
from autograder.roster.moments import read_moment
from autograder.roster.person import Person
from autograder.tables.reading import read_table
from autograder.tables.spreadsheet import guard_formula
from autograder.tables.workbook import made_workbook
from autograder.text import Lang
from tests.autograder.export.support import counted, due, graded, stored
from tests.autograder.manifests import small

NAME = st.text(st.sampled_from("=+-@＝＋－＠aЁ,;\"' 1\t"), min_size=1, max_size=8)
POINTS = st.integers(0, 1400).map(lambda cents: cents / 100)


@given(st.lists(st.tuples(NAME, POINTS), min_size=1, max_size=5), st.sampled_from(("ru", "en")))
def test_a_table_read_back_has_the_numbers_and_no_formula(rows: list[tuple[str, float]], lang: Lang) -> None:
    header, cells = ["student", "score"], [list(row) for row in rows]
    data = own_tables.as_csv(header, cells, lang).decode("utf-8-sig")
    read = list(csv.reader(io.StringIO(data, newline=""), delimiter=";" if lang == "ru" else ","))
    assert read[0] == header
    for (name, points), (text, number) in zip(rows, read[1:], strict=True):
        assert float(number.replace(",", "." if lang == "ru" else ",")) == points
        assert guard_formula(text) == text, "a spreadsheet would run it"
        assert text.removeprefix("'") == " ".join(name.split()).removeprefix("'")
    sheet = openpyxl.load_workbook(io.BytesIO(made_workbook("Small", header, cells))).active
    for (name, points), (text, number) in zip(rows, sheet.iter_rows(min_row=2), strict=True):
        assert number.value == points
        assert (text.value or "", text.data_type) == (" ".join(name.split()), "s" if name.split() else "n")


@pytest.mark.parametrize("lang", ["ru", "en"])
def test_the_columns(lang: Lang) -> None:
    people = [Person(student="anna", id="007", name="Анна Ёлкина")]
    header, rows = columns.table(small(), counted([graded("anna", 11.25), graded("boris")], people), lang)
    shown = dict(zip(header, rows[0], strict=True))
    words = {"en": ("student", "id", "score", "status"), "ru": ("студент", "номер", "итог", "статус")}[lang]
    status = {"en": "graded", "ru": "проверена"}[lang]
    assert [shown[word] for word in words] == ["anna", "007", 11.25, status]
    assert (shown["A1"], shown["B1"]) == (10, 1.25)
    assert "email" not in header, "nobody has one"
    assert rows[1][header.index(words[1])] == ""


@pytest.mark.parametrize("format_", [Format.csv, Format.xlsx])
@pytest.mark.parametrize("machine", ["Asia/Tokyo", "UTC"])
def test_times_have_the_offset_of_the_due_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, machine: str, format_: Format
) -> None:
    monkeypatch.setenv("TZ", machine)
    time.tzset()
    try:
        at = datetime(2026, 12, 1, 16, 0, tzinfo=UTC)
        manifest = due(datetime(2026, 12, 1, 20, tzinfo=timezone(timedelta(hours=3))))
        out = stored(tmp_path / "out", [graded("anna", submitted_at=at)], manifest=manifest)
        export(out, format_, Options(out=tmp_path / f"x.{format_.value}"))
        table = read_table(tmp_path / f"x.{format_.value}", "it")
        assert table.rows[0].fields[table.columns["submitted_at"]] == "2026-12-01 19:00+03:00"
        assert read_moment("2026-12-01 19:00+03:00") == at, "as --times takes it"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_workbook_keeps_ids_as_text_and_its_header_in_sight(tmp_path: Path) -> None:
    out = stored(tmp_path / "grades", [graded("anna", 11.25)], [Person(student="anna", id="007")])
    export(out, Format.xlsx, Options())
    book = openpyxl.load_workbook(out / "exports" / "small.xlsx")
    sheet = book.active
    assert (len(book.worksheets), sheet.freeze_panes) == (1, "A2")
    cells = dict(zip((cell.value for cell in sheet[1]), sheet[2], strict=True))
    assert (cells["id"].value, cells["id"].data_type, cells["id"].number_format) == ("007", "s", "@")
    assert (cells["score"].value, cells["score"].data_type) == (11.25, "n")


def test_csv_in_russian_is_what_excel_there_reads(tmp_path: Path) -> None:
    out = stored(tmp_path / "grades", [graded("anna", 7.5)])
    lines = export(out, Format.csv, Options(out=tmp_path / "class.csv", lang="ru"))
    assert lines == [f"Written: {tmp_path / 'class.csv'}"]
    text = (tmp_path / "class.csv").read_bytes().decode("utf-8")
    header, row = text.splitlines()
    assert header.startswith("\ufeffстудент;работа;итог;из;процент;")
    assert row.startswith("anna;small;7,5;14;53,6;7,5;")


def test_json_holds_all_that_counts(tmp_path: Path) -> None:
    person = Person(student="anna", id="7", email="a@b.ru")
    out = stored(tmp_path / "grades", [graded("anna", 11.25)], [person])
    export(out, Format.json, Options())
    said = json.loads((out / "exports" / "small.json").read_text(encoding="utf-8"))
    (student,) = said["students"]
    assert (said["schema"], said["assignment"], said["late"]) == (1, "small", "applied")
    assert (student["score"], student["max_score"], student["points"]) == (11.25, 14, 11.25)
    assert student["person"] == person.model_dump()
    assert [(task["id"], task["points"], task["max_points"]) for task in student["tasks"]] == [
        ("A1", 10, 10), ("B1", 1.25, 4),
    ]  # fmt: skip
    documented = (Path(__file__).parents[3] / "docs" / "results.md").read_text(encoding="utf-8")
    unsaid = [key for key in (*said, *student) if f"`{key}`" not in documented]
    assert unsaid == [], "keys that docs/results.md does not name"


@pytest.mark.parametrize(("value", "text"), [(7.0, "7"), (7.5, "7.5"), (0, "0"), (1234567.005, "1234567.01")])
def test_numbers_have_two_decimals_at_most(value: float, text: str) -> None:
    assert plain(value) == text
