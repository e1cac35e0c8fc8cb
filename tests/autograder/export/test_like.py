"""The course's own table, filled in its own order: only the points change, and nobody gets another one's."""

from __future__ import annotations

import io
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.chart import BarChart
from openpyxl.styles import PatternFill

from autograder.errors import UsageError
from autograder.export.choices import Format
from autograder.export.exporting import Options, export
from autograder.export.like import fill_like
from autograder.export.people import Kind, People
from autograder.roster.person import Person
from tests.autograder.export.support import counted, graded, saved, stored
from tests.autograder.manifests import small

PEOPLE = [
    Person(student="anna", id="007", email="anna@uni.ru", name="Анна Ёлкина"),
    Person(student="boris", id="008", email="boris@uni.ru", name="Boris Elkin"),
    Person(student="ivan1", id="009", email="ivan1@uni.ru", name="Ivan Ivanov"),
    Person(student="ivan2", id="010", email="ivan2@uni.ru", name="Ivan Ivanov"),
]
GRADES = [graded(person.student, score) for score, person in enumerate(PEOPLE, start=1)]


def filled(path: Path, column: str = "") -> tuple[str, list[str]]:
    content, lines = fill_like(path, small(), People(counted(GRADES, PEOPLE)), column)
    return content.decode(), lines


@pytest.mark.parametrize(
    ("head", "cells", "kind"),
    [
        ("№ зачётки", ("007", "008", "009", "010"), "id"),
        ("Почта", ("Anna@uni.ru", "boris@UNI.ru", "ivan1@uni.ru", "ivan2@uni.ru"), "email"),
        ("login", ("anna", "boris", "ivan1", "ivan2"), "student"),
    ],
)
def test_students_are_found_by_what_the_table_has(
    tmp_path: Path, head: str, cells: tuple[str, ...], kind: str
) -> None:
    rows = "".join(f"{place};{cell};;=A1\r\n" for place, cell in reversed(list(enumerate(cells))))
    text, lines = filled(saved(tmp_path / "t.csv", f"n;{head};Small;sum\r\n{rows}"))
    assert text == f"n;{head};Small;sum\r\n" + "".join(
        f"{place};{cell};{place + 1};=A1\r\n" for place, cell in reversed(list(enumerate(cells)))
    )
    assert lines == [f"Students by {kind}, column {head!r}; points into column 'Small': 4 rows filled"]


def test_namesakes_are_listed_and_not_matched(tmp_path: Path) -> None:
    text, lines = filled(
        saved(
            tmp_path / "t.csv",
            "Имя,small\nЕлкина Анна,\nИванов Пётр,\nIvan  IVANOV,\nElkin Boris,0\nMean,1\n",
        )
    )
    assert text == "Имя,small\nЕлкина Анна,1\nИванов Пётр,\nIvan  IVANOV,\nElkin Boris,2\nMean,1\n"
    assert lines == [
        "Students by name, column 'Имя'; points into column 'small': 2 rows filled",
        "Not filled, since it is not certain who is meant: row 4 (Ivan IVANOV: several people are called so)",
        "In the table, but without a result: row 3 (Иванов Пётр), row 6 (Mean)",
        "With a result, but not filled in: ivan1, ivan2",
    ]


def test_a_name_that_somebody_without_a_result_has_is_shared() -> None:
    other = Person(student="other", name="Анна Елкина")
    alone, shared = (People(counted(GRADES, PEOPLE), [*PEOPLE, *more]) for more in ([], [other]))
    assert alone.find(Kind.name, "Ёлкина Анна") is not None
    assert shared.find(Kind.name, "Ёлкина Анна") is None
    assert shared.is_shared(Kind.name, "Ёлкина Анна")


def test_rows_that_contradict_themselves_and_repeat_are_listed(tmp_path: Path) -> None:
    text, lines = filled(
        saved(
            tmp_path / "t.csv",
            "id,email,small\n007,boris@uni.ru,\n008,,\n008,,\n009,ivan1@uni.ru,\n010,ivan2@uni.ru,\n",
        )
    )
    assert text.splitlines()[1:] == [
        "007,boris@uni.ru,",
        "008,,",
        "008,,",
        "009,ivan1@uni.ru,3",
        "010,ivan2@uni.ru,4",
    ]
    assert lines[1] == (
        "Not filled, since it is not certain who is meant: row 2 (anna by id, but boris by email), "
        "row 3 (boris stands there 2 times), row 4 (boris stands there 2 times)"
    )


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("id,HW1\n007,\n", "", "no column is called 'small' or 'Small \\(ru\\)' or 'Small'; name"),
        ("id,HW,HW\n007,,\n", "hw", "2 columns are called so"),
        ("nick,small\nzoe,\n", "", "no column names the students"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(tmp_path: Path, text: str, column: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        filled(saved(tmp_path / "t.csv", text), column)


@settings(deadline=None)
@given(st.permutations(PEOPLE), st.sets(st.sampled_from(range(4))), st.booleans())
def test_any_order_of_rows_gives_each_their_own(
    order: list[Person], absent: set[int], with_names: bool
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Course", None, None])
    sheet.append(["Name" if with_names else "n", "id", "small"])
    rows = [person for place, person in enumerate(order) if place not in absent]
    for number, person in enumerate(rows):
        sheet.append([person.name if with_names else number, person.id, None])
    results = People(counted(GRADES, PEOPLE))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "like.xlsx"
        book.save(path)
        if not rows:
            with pytest.raises(UsageError, match="no column names"):
                fill_like(path, small(), results, "")
            return
        content, _ = fill_like(path, small(), results, "")
    expected = {person.id: place for place, person in enumerate(PEOPLE, start=1)}
    read = openpyxl.load_workbook(io.BytesIO(content)).active
    assert {row[1]: row[2] for row in read.iter_rows(min_row=3, values_only=True)} == {
        person.id: expected[person.id] for person in rows
    }


def workbook(path: Path, change: Any = None) -> Path:
    book = openpyxl.Workbook()
    other = book.active
    other.title = "About"
    other["A1"] = "Points of the course"
    sheet = book.create_sheet("Points")
    sheet.append(["id", "Small", "all"])
    sheet.append(["007", None, "=B2*2"])
    sheet.append(["008", 1, "=B3*2"])
    sheet["B2"].fill = PatternFill("solid", fgColor="FFFF00")
    sheet["B2"].number_format = "0.0"
    sheet["A3"].value, sheet["A3"].data_type = "008", "s"
    sheet["D2"].value, sheet["D2"].data_type = "=1+1", "s"
    sheet.freeze_panes = "B2"
    if change is not None:
        change(sheet)
    book.save(path)
    return path


def test_a_workbook_keeps_its_formats_formulas_and_sheets(tmp_path: Path) -> None:
    out = stored(tmp_path / "grades", GRADES, PEOPLE)
    lines = export(out, Format.xlsx, Options(like=workbook(tmp_path / "points.xlsx")))
    assert lines[0] == "Students by id, column 'id'; points into column 'Small': 2 rows filled"
    book = openpyxl.load_workbook(out / "exports" / "small-points.xlsx")
    sheet = book["Points"]
    assert book.sheetnames == ["About", "Points"]
    assert [(cell.value, cell.data_type) for cell in sheet["B"][1:]] == [(1, "n"), (2, "n")]
    assert [cell.data_type for cell in sheet["C"][1:]] == ["f", "f"]
    assert (sheet["B2"].fill.fgColor.rgb, sheet["B2"].number_format) == ("00FFFF00", "0.0")
    assert (sheet["D2"].value, sheet["D2"].data_type) == ("=1+1", "s"), "text stays text"
    assert sheet.freeze_panes == "B2"


def with_formula(sheet: Any) -> None:
    sheet["B2"] = "=1+1"


def with_chart(sheet: Any) -> None:
    sheet.add_chart(BarChart(), "F1")


@pytest.mark.parametrize(
    ("change", "said"),
    [(with_formula, "cell B2 of the sheet Points holds a formula"), (with_chart, "holds a chart")],
)
def test_nothing_of_a_workbook_is_lost_in_silence(tmp_path: Path, change: Any, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        filled(workbook(tmp_path / "points.xlsx", change))


def test_a_damaged_workbook_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no workbook that can be read"):
        filled(saved(tmp_path / "t.xlsx", "id,small\n"))
    with pytest.raises(UsageError, match="cannot read the table"):
        filled(tmp_path / "absent.xlsx")
