"""Marks in a real gradebook: totals are ours, nothing doubles, and what a person has set stays."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.course.manifest import Manifest
from autograder.gradebook.writing import withdraw_marks, write_marks, write_student
from autograder.results.decisions import Decision, Decisions
from autograder.results.marked import Marked
from autograder.results.totals import round_half_up
from autograder.roster.person import Person
from tests.autograder.gradebook.support import (
    PLACE,
    SEMINAR,
    comment_of,
    graded,
    made_gradebook,
    marked,
    moment,
    row_of,
    total,
)

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # nbgrader's own
ROWS = [(task.id, row.id) for task in SEMINAR.written for row in task.rows]
W = [row for row in ROWS if row[0] == "W"]
FULL_W = dict.fromkeys(W, 2.0)
DUE = {"due": "2026-12-01T23:59:00", "percent_per_day": 10}
LATE = Manifest.model_validate({**SEMINAR.model_dump(by_alias=True), "dates": DUE})
NUMBERS = count()


@pytest.fixture(scope="module")
def gradebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with made_gradebook(tmp_path_factory.mktemp("course")) as opened:
        yield opened


def write(gradebook: Any, one: Marked) -> list[str]:
    write_student(gradebook, one.grade.student, one.person)
    return write_marks(gradebook, PLACE, SEMINAR, one)


def points(most: float) -> st.SearchStrategy[float]:
    return st.integers(0, round(100 * most)).map(lambda cents: cents / 100)


@st.composite
def anybody(draw: st.DrawFn) -> Marked:
    """Any points, answers all marked, decisions, lateness, and something that was told."""
    student = f"student{next(NUMBERS)}"
    scores = {task.id: draw(points(task.points)) for task in SEMINAR.tested}
    written = draw(st.booleans())
    at = draw(st.sampled_from([None, "2026-11-30T12:00:00", "2026-12-02T12:00:00", "2026-12-05T12:00:00"]))
    most = {(task.id, row.id): row.points for task in SEMINAR.written for row in task.rows}
    marks = {row: draw(points(most[row])) for row in ROWS} if written else {}
    decided = draw(st.lists(st.sampled_from([task.id for task in SEMINAR.tasks]), max_size=3, unique=True))
    decisions = tuple(
        Decision(student, task, draw(points(SEMINAR.task(task).points)), "why", "who", 2) for task in decided
    )
    told = {student: draw(points(100))} if draw(st.integers(0, 3)) == 0 else {}
    whole = sum(scores.values())
    grade = graded(
        student, scores, ROWS if written else (), score=round_half_up(whole), submitted_at=at and moment(at)
    )
    return marked(grade, marks, LATE, decisions=Decisions(decisions), published=told)


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(one=anybody())
def test_the_total_is_ours(gradebook: Any, one: Marked):
    assert write(gradebook, one) == []
    assert total(gradebook, one.grade.student) == pytest.approx(one.score, abs=1e-9)


def test_again_nothing_doubles_and_a_new_mark_takes_the_place_of_the_old(gradebook: Any):
    grade = graded("again", {"J1": 3.0}, W)
    write(gradebook, marked(grade, FULL_W))
    before = len(gradebook.find_submission_notebook(PLACE.notebook, PLACE.assignment, "again").grades)
    assert write(gradebook, marked(grade, {**FULL_W, W[0]: 3.0})) == []
    assert row_of(gradebook, "again", "W-filter").manual_score == 3.0
    assert total(gradebook, "again") == pytest.approx(3.0 + 7.0)
    assert len(gradebook.find_submission_notebook(PLACE.notebook, PLACE.assignment, "again").grades) == before


def test_what_a_person_has_set_stays_is_counted_and_is_named(gradebook: Any):
    late = moment("2026-12-02T12:00:00")
    one = marked(graded("edited", {"J1": 3.0}, W, submitted_at=late), FULL_W, LATE)
    write(gradebook, one)
    row_of(gradebook, "edited", "W-filter").manual_score = 4.0
    row_of(gradebook, "edited", "J1-test").manual_score = 3.0  # the same number, but nobody else writes there
    row_of(gradebook, "edited", "C1-test").extra_credit = 1.0
    comment_of(gradebook, "edited", "J1").manual_comment = "Well done"
    gradebook.db.commit()
    better = marked(graded("edited", {"J1": 4.0}, W, submitted_at=late), {**FULL_W, W[0]: 1.0}, LATE)
    said = write(gradebook, better)
    assert "W-filter 4 (here 1)" in said
    assert "J1-test 3 (here 4)" in said
    assert "C1-test +1 of extra credit" in said
    assert "the comment on J1" in said
    assert row_of(gradebook, "edited", "W-filter").manual_score == 4.0
    assert comment_of(gradebook, "edited", "J1").comment == "Well done"
    assert total(gradebook, "edited") == pytest.approx(0.9 * (3.0 + 1.0 + 4.0 + 2.0 + 2.0))


def test_what_waits_for_a_person_is_no_mark(gradebook: Any):
    one = marked(graded("waits", {"J1": 3.0}, W), {W[0]: 2.0})
    write(gradebook, one)
    row = row_of(gradebook, "waits", "W-filter")
    assert (row.auto_score, row.manual_score, row.needs_manual_grade) == (None, None, True)
    assert not row_of(gradebook, "waits", "J1-test").needs_manual_grade
    assert total(gradebook, "waits") == one.score == 3.0
    assert comment_of(gradebook, "waits", "W-mistake").auto_comment == "- Not marked yet"
    row.manual_score = row_of(gradebook, "waits", "W-mistake").manual_score = 4.0
    gradebook.db.commit()
    assert write(gradebook, one) == ["W-filter 4 (here not marked)", "W-mistake 4 (here not marked)"]
    assert row_of(gradebook, "waits", "W-filter").manual_score == 4.0
    assert comment_of(gradebook, "waits", "W-mistake").auto_comment is None


def test_a_test_without_a_verdict_is_flagged(gradebook: Any):
    grade = graded("flagged", {"J1": 3.0}, status="partial", needs_staff=True)
    tasks = [
        task.model_copy(update={"tests": (task.tests[0].model_copy(update={"passed": None}), *task.tests[1:])})
        if task.id == "F1" else task
        for task in grade.tasks
    ]  # fmt: skip
    write(gradebook, marked(grade.model_copy(update={"tasks": tuple(tasks)})))
    assert row_of(gradebook, "flagged", "F1-test").needs_manual_grade
    assert not row_of(gradebook, "flagged", "J1-test").needs_manual_grade


def test_marks_are_withdrawn_but_not_those_of_people(gradebook: Any):
    write(gradebook, marked(graded("withdrawn", {"J1": 3.0}, W), FULL_W))
    row_of(gradebook, "withdrawn", "W-input").manual_score = 1.5
    withdraw_marks(gradebook, PLACE, "withdrawn")
    assert total(gradebook, "withdrawn") == 1.5
    assert row_of(gradebook, "withdrawn", "J1-test").needs_manual_grade
    assert not row_of(gradebook, "withdrawn", "W-input").needs_manual_grade
    assert comment_of(gradebook, "withdrawn", "J1").comment is None


def test_a_student_is_added_and_what_stands_there_stays(gradebook: Any):
    write_student(gradebook, "new", Person(student="new", name="Иванова, Анна", email="a@uni.ru"))
    known = gradebook.find_student("new")
    assert (known.last_name, known.first_name, known.email) == ("Иванова", "Анна", "a@uni.ru")
    write_student(gradebook, "new", Person(student="new", name="Somebody Else", email="b@uni.ru"))
    known = gradebook.find_student("new")
    assert (known.last_name, known.first_name, known.email) == ("Иванова", "Анна", "a@uni.ru")
    write_student(gradebook, "nobody", None)
    assert gradebook.find_student("nobody").last_name is None
    write_student(gradebook, "whole", Person(student="whole", name="Иванова Анна"))
    assert gradebook.find_student("whole").last_name == "Иванова Анна"


def test_when_it_came_in_and_an_extension(gradebook: Any):
    at = moment("2026-12-02T12:00:00")
    person = Person(student="extended", extension_hours=48)
    gradebook.update_or_create_assignment(PLACE.assignment, duedate=moment("2026-12-01T23:59:00"))
    write(
        gradebook,
        marked(graded("extended", {"J1": 4.0}, submitted_at=at), None, LATE, people={"extended": person}),
    )
    write(gradebook, marked(graded("delayed", {"J1": 4.0}, submitted_at=at), None, LATE))
    found = {name: gradebook.find_submission(PLACE.assignment, name) for name in ("extended", "delayed")}
    assert found["extended"].total_seconds_late == 0
    assert found["delayed"].total_seconds_late == 12 * 3600 + 60
    assert total(gradebook, "extended") == 4.0
    assert total(gradebook, "delayed") == pytest.approx(3.6)
