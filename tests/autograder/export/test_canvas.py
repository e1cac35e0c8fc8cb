"""Canvas's gradebook: who is who, and the one assignment."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from autograder.errors import UsageError
from autograder.export.canvas import fill_gradebook
from autograder.export.counting import Rule
from autograder.export.people import People
from autograder.roster.person import Person
from tests.autograder.export.support import counted, graded, saved
from tests.autograder.manifests import small

HEADER = 'Student,ID,SIS User ID,SIS Login ID,Section,Other (8),Small (77),"Small, again (9)",Current Score\n'
POSSIBLE = "    Points Possible,,,,,10,14,10,(read only)\n"
ROWS = (
    '"Petrova, Anna",501,u7,anna@uni.ru,"CNN, 1",9,,,80\n'
    '"Elkin, Boris",502,boris,b@other.ru,CNN,9,3,,80\n'
    '=HYPERLINK(1),503,,,CNN,9,,,80\n"Student, Test",599,,,CNN,,,,\n'
)
PEOPLE = [
    Person(student="anna", email="anna@uni.ru", name="Anna Petrova"),
    Person(student="cleo", id="503"),
    Person(student="dan", name="Test Student"),
]
NAMES = ("anna", "boris", "cleo", "dan")


def people(rule: Rule | None = None) -> People:
    return People(counted([graded(name, score) for score, name in enumerate(NAMES, start=1)], PEOPLE, rule))


def test_the_one_column_is_filled_and_the_others_are_left_out(tmp_path: Path) -> None:
    path = saved(tmp_path / "g.csv", f"{HEADER}    Manual Posting,,,,,,,,\n{POSSIBLE}{ROWS}", "utf-8-sig")
    content, lines = fill_gradebook(path, small(), people(), "")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert content.startswith("\ufeffStudent,ID,".encode())
    assert rows == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Small (77)"],
        ["    Manual Posting", "", "", "", "", ""],
        ["    Points Possible", "", "", "", "", "14"],
        ["Petrova, Anna", "501", "u7", "anna@uni.ru", "CNN, 1", "1"],
        ["Elkin, Boris", "502", "boris", "b@other.ru", "CNN", "2"],
        ["'=HYPERLINK(1)", "503", "", "", "CNN", "3"],
        ["Student, Test", "599", "", "", "CNN", ""],
    ]
    assert lines == [
        "3 students filled in, column 'Small (77)'",
        "In the gradebook, but without a result: Student, Test",
        "With a result, but not in the gradebook: dan",
    ]


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("Student,ID\n", "", "has no column 'Section'"),
        (HEADER.replace("Small (77)", "HW (77)"), "", "no column is called 'small' or"),
        (HEADER.replace("Other", "Small"), "", "2 columns are called"),
        (
            HEADER + POSSIBLE.replace("14", "100") + ROWS,
            "",
            "has 100 points possible, these scores are of 14: say",
        ),
        (HEADER + POSSIBLE + ROWS + ROWS, "", "row 7: anna stands there twice"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, text: str, column: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        fill_gradebook(saved(tmp_path / "g.csv", text), small(), people(), column)


def test_a_column_and_a_scale_may_be_named(tmp_path: Path) -> None:
    path = saved(tmp_path / "g.csv", HEADER + POSSIBLE + ROWS)
    content, lines = fill_gradebook(path, small(), people(Rule(scale_to=10)), "other")
    assert content.decode().splitlines()[2].endswith(",0.71")
    assert lines[0] == "3 students filled in, column 'Other (8)'"
