"""`manual.csv` as people write it: by which program whatever, and a sentence for each line that cannot be meant."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import UsageError
from autograder.results.marks import COLUMNS, Mark, parse_marks, read_marks
from autograder.tables.spreadsheet import FIELD_SEPARATORS
from autograder.wire.safe_text import clean_line
from tests.autograder.manifests import small, with_rows

W = with_rows()
CLASS = ("anna", "Борис Ёлкин", "=HYPERLINK(1)", "o'neil; jr", "йод")
HEAD = "student,task,row,points,by,remark\n"


def problems(lines: str, head: str = HEAD) -> tuple[str, ...]:
    return parse_marks(head + lines, "manual.csv", W, CLASS).problems


def marks(text: str) -> list[tuple[str, str, float, str, str]]:
    found = parse_marks(text, "manual.csv", W, CLASS)
    assert found.problems == ()
    return [(mark.student, mark.row, mark.points, mark.by, mark.remark) for mark in found.marks]


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
wholes = st.sampled_from([("filter", 3), ("input", 2)])


@st.composite
def tables(draw: st.DrawFn) -> list[Mark]:
    """Marks that are all right: no person marks one answer twice."""
    found = draw(
        st.lists(st.tuples(st.sampled_from(CLASS), wholes, st.integers(0, 100), texts, texts), max_size=8)
    )
    made: dict[tuple[str, str, str], Mark] = {}
    for number, (student, (row, most), share, name, remark) in enumerate(found):
        by = f"p{number} {name}"
        made[student, row, by] = Mark(
            student,
            "W",
            row,
            round(most * share / 100, 2),
            clean_line(by, 2000),
            clean_line(remark, 2000),
            number + 2,
        )
    return list(made.values())


@given(
    tables(),
    st.sampled_from(FIELD_SEPARATORS),
    st.sampled_from([".", ","]),
    st.sampled_from(["\n", "\r\n"]),
    st.permutations(COLUMNS),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_any_spreadsheet_saves_is_read(
    wanted: list[Mark], separator: str, point: str, end: str, order: list[str], encoding: str
) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=separator, lineterminator=end)
    writer.writerow(order)
    for mark in wanted:
        values = {**vars(mark), "points": f"{mark.points:g}".replace(".", point)}
        writer.writerow([values[name] for name in order])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "manual.csv"
        path.write_bytes(stream.getvalue().encode(encoding))
        before = path.read_bytes()
        found = read_marks(path, W, CLASS)
        assert path.read_bytes() == before
    assert found.problems == ()
    assert [(m.student, m.row, m.points) for m in found.marks] == [
        (m.student, m.row, m.points) for m in wanted
    ]
    assert [(m.by, m.remark) for m in found.marks] == [(m.by, m.remark) for m in wanted]


@given(
    st.text(st.characters(), max_size=300)
    | st.binary(max_size=300).map(lambda data: data.decode("cp1251", "replace"))
)
def test_no_text_stops_the_reader(text: str) -> None:
    for whole in (text, HEAD + text, HEAD + "anna,W,filter,1,x,\n" + text):
        found = parse_marks(whole, "manual.csv", W, CLASS)
        for mark in found.marks:
            assert mark.student in CLASS
            assert 0 <= mark.points <= 3
        for problem in found.problems:
            assert problem.startswith("manual.csv, line ")
            assert problem.isprintable()


def test_the_code_page_of_russian_windows(tmp_path: Path) -> None:
    path = tmp_path / "manual.csv"
    path.write_bytes(
        "student;task;row;points;by;remark\r\nБорис Ёлкин;W;filter;2,5;Иванова;хорошо\r\n".encode("cp1251")
    )
    (mark,) = read_marks(path, W, CLASS).marks
    assert (mark.student, mark.points, mark.by, mark.remark) == ("Борис Ёлкин", 2.5, "Иванова", "хорошо")


def test_no_file_is_no_marks_and_a_folder_is_refused(tmp_path: Path) -> None:
    assert read_marks(tmp_path / "manual.csv", W, CLASS).marks == ()
    (tmp_path / "manual.csv").mkdir()
    with pytest.raises(UsageError, match=r"cannot read .*manual\.csv"):
        read_marks(tmp_path / "manual.csv", W, CLASS)


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "anna,W,filter,2.5,ta,\n",
        "sep=;\nstudent;task;row;points;by;remark\nanna;W;filter;2,5;ta;\n",
        HEAD + "\n , , ,,,\nanna,w,FILTER, 2.5 ,ta\n",
        " Student\tTASK\tRow\tPoints\tBy\n" + "anna\tW\tfilter\t2,50\tta\n",
        "row,points,student,group,task,by\nfilter,2.5,anna,101,W,ta\n",
        HEAD + 'anna,W,filter,"2,5",ta,\n',
        HEAD + "anna,W,input,,,\nanna,W,filter,2.5,ta,\n",
    ],
)
def test_harmless_differences_do_not_matter(text: str) -> None:
    assert marks(text) == [("anna", "filter", 2.5, "ta", "")]


def test_names_are_known_as_the_tables_write_them() -> None:
    """With the apostrophe that keeps a spreadsheet from running them, and with letters in two parts."""
    lines = "'=HYPERLINK(1),W,filter,1,ta,\n\"o'neil; jr\",W,filter,1,ta,\nи\u0306од,W,filter,1,ta,\n"
    assert [mark[0] for mark in marks(HEAD + lines)] == ["=HYPERLINK(1)", "o'neil; jr", "йод"]


def test_two_people_may_mark_one_answer() -> None:
    assert len(marks(HEAD + "anna,W,filter,2,ta,\nanna,W,filter,3,prof,\n")) == 2


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("ana,W,filter,1,ta,", "there is no student 'ana'; did you mean 'anna'?"),
        ("zzz,W,filter,1,ta,", "there is no student 'zzz'; write the name as in scores.csv"),
        ("anna,V,filter,1,ta,", "there is no task 'V'; marked by hand: W"),
        ("anna,A1,filter,1,ta,", "task A1 is judged by tests and not marked by hand; marked by hand: W"),
        ("anna,W,fliter,1,ta,", "W has no row 'fliter'; its rows are filter, input"),
        ("anna,W,filter,many,ta,", "points are 'many', which is no number; give 0 to 3, like 2.5 or 2,5"),
        ("anna,W,filter,nan,ta,", "points are 'nan', which is no number"),
        ("anna,W,filter,1e0,ta,", "points are '1e0', which is no number"),
        ("anna,W,filter,-1,ta,", "points are -1, which is negative; give 0 to 3"),
        ("anna,W,filter,3.01,ta,", "points are 3.01, the row has 3 at most"),
        ("anna,W,filter,99999999999999999999,ta,", "is no number"),
        ("anna,W,filter,2,5,ta,good", "it has 7 fields, the header 6; put a remark or a number"),
        ("anna,W,filter,2,5", "by is '5', which is no name; put points with a decimal comma into quotes"),
    ],
)
def test_a_wrong_line_is_named_and_the_others_count(line: str, words: str) -> None:
    found = parse_marks(f"{HEAD}anna,W,input,1,ta,\n{line}\nйод,W,input,1,ta,\n", "manual.csv", W, CLASS)
    (problem,) = found.problems
    assert problem.startswith("manual.csv, line 3: ")
    assert words in problem
    assert [(mark.student, mark.row) for mark in found.marks] == [("anna", "input"), ("йод", "input")]


def test_the_second_mark_of_a_person_is_refused() -> None:
    (problem,) = problems("anna,W,filter,2,Ta,\nйод,W,filter,2,Ta,\nanna,W,filter,3,ta,\n")
    assert (
        problem
        == "manual.csv, line 4: 'ta' has marked W, row 'filter', of 'anna' in line 2 already; keep one"
    )
    (problem,) = problems("anna,W,filter,2,,\nanna,W,filter,3,,\n")
    assert "somebody without a name in `by` has marked" in problem


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ("anna,W,filter,2,ta,\n", "line 1: the header has no column student, task, row, points"),
        (
            "student,task,points\n",
            "line 1: the header has no column row; the first line must be student,task,row",
        ),
        ("student,task,row,points,points\n", "line 1: the header has the column points twice"),
    ],
)
def test_without_a_header_nothing_is_guessed(head: str, words: str) -> None:
    found = parse_marks(head + "anna,W,filter,1,ta,\n", "manual.csv", W, CLASS)
    assert found.marks == ()
    (problem,) = found.problems
    assert words in problem


def test_a_quote_that_is_not_closed_swallows_nothing() -> None:
    (problem,) = problems('anna,W,filter,1,ta,\nanna,W,input,1,ta,"good\nйод,W,input,1,ta,\n')
    assert problem.startswith("manual.csv, line 3: ")
    assert "nothing below is read" in problem


def test_all_problems_are_said_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        parse_marks(f"{HEAD}x,W,filter,1,,\nanna,W,filter,9,,\n", "manual.csv", W, CLASS).require()
    lines = str(caught.value).split("\n")
    assert [line[:19] for line in lines[:2]] == ["manual.csv, line 2:", "manual.csv, line 3:"]
    assert lines[2] == "mend it and repeat the command; nothing was changed"
    parse_marks(HEAD, "manual.csv", W, CLASS).require()


def test_an_assignment_that_tests_judge_has_nothing_to_mark() -> None:
    found = parse_marks(f"{HEAD}anna,A1,x,1,ta,\n", "manual.csv", small(), CLASS)
    assert "marked by hand: none" in found.problems[0]
