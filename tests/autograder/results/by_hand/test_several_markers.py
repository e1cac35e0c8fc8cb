"""Several people mark one answer: a column each, the mean counts, and how far they differ is told."""

from __future__ import annotations

import pytest

from autograder.results.beside import Beside
from autograder.results.by_hand.agreement import agreement_lines, agreements
from autograder.results.by_hand.codes import NO_CODES, with_codes
from autograder.results.marked import Marked, with_beside
from autograder.results.marks import parse_marks
from tests.autograder.manifests import with_rows
from tests.autograder.results.marks_support import answered

W = with_rows()
CLASS = ("anna", "boris")
HEAD = "student;task;row;points_Anna;points_борис;remark\n"


def marked(text: str) -> list[Marked]:
    marks = parse_marks(text, "manual.csv", W, CLASS)
    assert marks.problems == ()
    grades = (answered(student, filter="a", input="b") for student in CLASS)
    return [with_beside(W, grade, Beside(marks=marks)) for grade in grades]


def test_a_column_a_person_the_mean_counts() -> None:
    anna, _ = marked(HEAD + "anna;W;filter;3;2,5;clear\nanna;W;input;1;;\n")
    assert anna.scores["W"] == 3.75
    first, second = anna.rows["W"]
    assert [(mark.by, mark.points, mark.remark) for mark in first.marks] == [
        ("Anna", 3, "clear"), ("борис", 2.5, "clear"),
    ]  # fmt: skip
    assert (first.spread, second.spread, second.points) == (0.5, 0, 1)


def test_columns_and_lines_may_be_mixed() -> None:
    anna, _ = marked(
        "student,task,row,points,by,points_boris\nanna,W,filter,3,Vera,1\nanna,W,input,,,2\nanna,W,input,1,Vera,\n"
    )
    assert anna.scores["W"] == 3.5


def test_how_far_they_differ_is_told() -> None:
    lines = "anna;W;filter;3;2,5;\nanna;W;input;1;1;\nboris;W;filter;0;3;\nboris;W;input;2;;\n"
    everybody = marked(HEAD + lines)
    (found,) = agreements(everybody)
    assert (found.first, found.second, found.answers, found.most) == ("Anna", "борис", 3, 3)
    assert found.mean == pytest.approx(3.5 / 3)
    assert found.where == ("boris", "W", "filter")
    assert agreement_lines(everybody, NO_CODES) == [
        "Anna and борис marked 3 answers both: 1.2 points apart in the mean, at most 3 (boris, W, filter)"
    ]
    codes = with_codes(NO_CODES, CLASS, anonymous=True)
    assert f"({codes.codes['boris']}, W, filter)" in agreement_lines(everybody, codes)[0]


def test_nothing_is_told_where_nobody_marked_the_same() -> None:
    assert agreement_lines(marked(HEAD + "anna;W;filter;3;;\nanna;W;input;;1;\n"), NO_CODES) == []
    assert agreement_lines(marked(HEAD + "anna;W;filter;3;3;\n"), NO_CODES) == [
        "Anna and борис marked 1 answer both: 0 points apart in the mean"
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HEAD + "anna;W;filter;3;4;\n", "line 2: points are 4, the row has 3 at most"),
        (
            HEAD + "anna;W;filter;3;;\nanna;W;filter;2;;\n",
            "line 3: 'Anna' has marked W, row 'filter', of 'anna' in line 2",
        ),
        (
            "student,task,row,points,by,points_boris\nanna,W,filter,3,Boris,1\n",
            "'boris' has points in the column points and in points_boris",
        ),
        ("student,task,row,points_a,points_A\n", "the header has the column points_a twice"),
        ("student,task,row,points_\n", "the header has no column points;"),
    ],
)
def test_what_cannot_be_meant_is_named(text: str, words: str) -> None:
    problems = parse_marks(text, "manual.csv", W, CLASS).problems
    assert len(problems) == 1
    assert words in problems[0]
