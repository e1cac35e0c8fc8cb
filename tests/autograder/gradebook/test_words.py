"""What comments say: public sentences and the words of staff, in which nothing is active."""

from __future__ import annotations

import pytest

from autograder.gradebook.cells import cell_marks
from autograder.gradebook.words import check_output, literal
from autograder.results.decisions import Decision, Decisions
from autograder.results.grade import Diagnosis
from tests.autograder.gradebook.support import SEMINAR, graded, marked

TASK = SEMINAR.task("J1")


def test_a_comment_has_the_sentences_of_lost_tests_and_the_misconception():
    grade = graded("anna", {"J1": 0.0})
    tasks = tuple(
        task.model_copy(update={"diagnosis": (Diagnosis(bug="secret_bug", message="You count classes."),)})
        if task.id == "J1" else task
        for task in grade.tasks
    )  # fmt: skip
    marks = {
        mark.about: mark.comment
        for mark in cell_marks(SEMINAR, marked(grade.model_copy(update={"tasks": tasks})))
    }
    for test in TASK.tests:
        assert test.sentence.en in marks["J1"]
        assert test.id not in marks["J1"]
    assert "You count classes." in marks["J1"]
    assert "secret_bug" not in marks["J1"]


def test_a_task_without_a_loss_has_no_comment():
    grade = graded("anna", {"J1": 0.0})
    tests = [
        test.model_copy(update={"passed": True, "points": test.max_points}) for test in grade.tasks[0].tests
    ]
    first = grade.tasks[0].model_copy(update={"tests": tuple(tests), "score": 1.0})
    whole = grade.model_copy(update={"tasks": (first, *grade.tasks[1:])})
    assert cell_marks(SEMINAR, marked(whole))[0].comment == ""


def test_a_decision_names_nobody():
    decided = Decisions((Decision("anna", "J1", 2.0, "shown <b>at</b> the board", "M. Ivanova", 2),))
    marks = cell_marks(SEMINAR, marked(graded("anna", {"J1": 0.0}), decisions=decided))
    (mark,) = [mark for mark in marks if mark.cell == "J1-test"]
    assert mark.points == 2.0
    assert "\\<b>at\\</b> the board" in mark.comment
    assert "Ivanova" not in mark.comment


def test_why_a_work_was_rejected_stands_at_the_first_cell():
    grade = graded("anna", {}, status="rejected", reason="the file is empty").model_copy(update={"tasks": ()})
    marks = cell_marks(SEMINAR, marked(grade))
    assert "the file is empty" in marks[0].comment
    assert {mark.points for mark in marks} == {0.0}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<script>alert(1)</script>", "\\<script>alert(1)\\</script>"),
        ("![x](http://evil/x.png)", "!\\[x](http://evil/x.png)"),
        ("[click](http://evil)", "\\[click](http://evil)"),
        ("a < b, two\nlines", "a < b, two lines"),
        ("\x1b[31mred\u202e", "red"),
    ],
)
def test_text_of_others_is_not_active(text: str, shown: str):
    assert literal(text) == shown


def test_the_output_of_a_check_cell_is_public():
    said = check_output(TASK, marked(graded("anna", {"J1": 1.5})))
    assert said.startswith("J1: 1.5 of 4\n")
    assert all(test.sentence.en in said for test in TASK.tests)
    assert check_output(TASK, marked(graded("anna", {}).model_copy(update={"tasks": ()}))) == ""
