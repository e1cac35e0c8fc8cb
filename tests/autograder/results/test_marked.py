"""What marks come to in a table: nothing before all that is written has one, and the stored grade stays as it is."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.results.beside import Beside
from autograder.results.grade import Grade
from autograder.results.marked import Marked, with_beside
from autograder.results.marks import parse_marks
from autograder.results.store import Store, scores_csv
from tests.autograder.manifests import small, with_rows
from tests.autograder.results.marks_support import answered
from tests.autograder.results.support import make_grade

W = with_rows()
BOTH = {"filter": "An edge.", "input": "Two channels."}


def marked(grade: Grade, lines: str = "") -> Marked:
    marks = parse_marks(f"student,task,row,points,by,remark\n{lines}", "manual.csv", W, [grade.student])
    assert marks.problems == ()
    return with_beside(W, grade, Beside(marks=marks))


def seen(one: Marked) -> tuple[str, str, float]:
    return one.shown("W"), one.status, one.score


@pytest.mark.parametrize(
    ("texts", "lines", "expected"),
    [
        (BOTH, "", ("–", "awaiting W", 7.5)),
        (BOTH, "anna,W,filter,3,ta,\n", ("–", "awaiting W", 7.5)),
        (BOTH, "anna,W,filter,3,ta,\nanna,W,input,0.5,ta,\n", ("3.5", "graded", 11)),
        (BOTH, "anna,W,filter,0,ta,\nanna,W,input,0,ta,\n", ("0", "graded", 7.5)),
        ({"filter": "An edge."}, "anna,W,filter,2,ta,\n", ("2", "graded", 9.5)),
        ({"filter": "An edge."}, "anna,W,input,2,ta,\n", ("–", "awaiting W", 7.5)),
        ({}, "", ("–", "graded", 7.5)),
        # Written on paper, or where the grader does not look: a person decides.
        ({}, "anna,W,input,2,ta,\n", ("2", "graded", 9.5)),
        (BOTH, "anna,W,filter,3,ta,\nanna,W,filter,2,prof,\nanna,W,input,1,ta,\n", ("3.5", "graded", 11)),
        (BOTH, "anna,W,filter,1.005,ta,\nanna,W,input,0,ta,\n", ("1.01", "graded", 8.51)),
    ],
)
def test_a_task_counts_when_all_that_is_written_is_marked(
    texts: dict[str, str], lines: str, expected: tuple[str, str, float]
) -> None:
    assert seen(marked(answered(**texts), lines)) == expected


@pytest.mark.parametrize("status", ["partial", "crashed", "timeout"])
def test_another_status_stays(status: str) -> None:
    one = marked(answered(status=status, **BOTH))
    assert (one.status, one.awaiting) == (status, ("W",))
    one = marked(answered(status=status, **BOTH), "anna,W,filter,3,ta,\nanna,W,input,2,ta,\n")
    assert seen(one) == ("5", status, 12.5)


@pytest.mark.parametrize("status", ["rejected", "missing"])
def test_what_could_not_be_read_keeps_its_marks_for_later(status: str) -> None:
    grade = answered(status=status).model_copy(update={"score": 0.0})
    tasks = tuple(task.model_copy(update={"score": 0.0}) for task in grade.tasks)
    one = marked(grade.model_copy(update={"tasks": tasks}), "anna,W,filter,3,ta,\n")
    assert seen(one) == ("–", status, 0)


def test_a_grade_of_an_older_manifest_knows_no_such_task() -> None:
    one = marked(make_grade(), "anna,W,filter,3,ta,\n")
    assert seen(one) == ("", "graded", 7.5)


def test_without_written_tasks_nothing_changes() -> None:
    one = with_beside(small(), make_grade())
    assert (one.status, one.score, one.shown("A1"), one.rows) == ("graded", 7.5, "7.5", {})


@given(st.integers(0, 300), st.integers(0, 200))
def test_the_total_is_what_the_columns_add_up_to(first: int, second: int) -> None:
    lines = f"anna,W,filter,{first / 100},ta,\nanna,W,input,{second / 100},ta,\n"
    grade = answered(**BOTH)
    before = grade.model_dump_json()
    one = marked(grade, lines)
    assert one.score == pytest.approx(7.5 + (first + second) / 100, abs=1e-9)
    assert one.percent == pytest.approx(100 * one.score / 19)
    assert grade.model_dump_json() == before


def test_the_table_of_scores_holds_the_marks(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for grade in (answered("anna", **BOTH), answered("boris", **BOTH), answered("vera")):
        store.save(grade)
    path = tmp_path / "manual.csv"
    path.write_bytes(b"student;task;row;points;by;remark\r\nanna;W;filter;2,5;ta;\r\nanna;W;input;1;ta;\r\n")
    before = path.read_bytes()
    table = store.save_scores(W).read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [(row["student"], row["W"], row["score"], row["percent"], row["status"]) for row in rows] == [
        ("anna", "3.5", "11", "57.9", "graded"),
        ("boris", "–", "7.5", "39.5", "awaiting W"),
        ("vera", "–", "7.5", "39.5", "graded"),
    ]
    assert path.read_bytes() == before
    assert sorted(item.name for item in tmp_path.iterdir()) == ["manual.csv", "results", "scores.csv"]


def test_two_tasks_that_await_are_one_field_of_the_table() -> None:
    one = with_beside(W, answered(**BOTH))
    both = replace(one, awaiting=("V", "W"))
    (row,) = csv.DictReader(io.StringIO(scores_csv(W, [both])))
    assert row["status"] == "awaiting V, W"
