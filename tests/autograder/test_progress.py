"""What a terminal shows: names and messages as they are, never as markup, emoji or codes of the terminal."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.course.manifest import Dates, load_manifest
from autograder.progress import Progress, awaiting_line, left_aside_line, scores_table
from autograder.results.beside import Beside
from autograder.results.decisions import Decision, Decisions
from autograder.results.finished import Finished
from autograder.results.grade import Grade
from autograder.results.marks import Mark, Marks
from autograder.roster.person import Person
from autograder.wire.safe_text import clean_line
from tests.autograder.grading_support import ROOT
from tests.autograder.manifests import small, with_rows
from tests.autograder.results.marks_support import answered
from tests.autograder.results.support import make_grade, with_all

MARKUP = [
    "[red]",
    "[/]",
    "[/red]",
    "[bold",
    "[link=http://x]a[/link]",
    "[@click=app.quit]",
    "\\",
    ":skull:",
    "\\[",
    "x",
]


def table_of(*grades: Grade) -> str:
    """The table of a class that nobody has marked by hand."""
    return scores_table(small(), with_all(small(), grades))


@pytest.mark.parametrize("name", [*MARKUP, "[red]anna[/red]", "anna\\", "[not closed", "Анна [1] :smile:"])
def test_a_name_is_shown_literally(name: str) -> None:
    assert f" {name} " in table_of(make_grade(name))


@given(
    st.lists(st.sampled_from(MARKUP), min_size=1, max_size=4).map("".join)
    | st.text(st.characters(), max_size=30)
)
def test_no_name_drives_the_terminal(name: str) -> None:
    table = table_of(make_grade(name), make_grade("boris"))
    table.encode()
    assert "\x1b" not in table
    assert len(table.split("\n")) == len(table_of(make_grade("anna"), make_grade("boris")).split("\n"))
    if len(clean_line(name)) <= 10:
        assert clean_line(name) in table


def test_a_long_name_leaves_room_for_the_points() -> None:
    table = table_of(make_grade("н" * 100))
    row = next(line for line in table.split("\n") if "ннн" in line)
    assert re.search(r"н{30,}… +7\.5 +7\.5 +graded +0\.1$", row.rstrip()), row


def test_lines_of_progress_are_lines(capfd: pytest.CaptureFixture[str]) -> None:
    progress = Progress(small())
    hostile = "\x1b[2Jan\nna\r\u202e"
    progress.show(Finished(make_grade(hostile), kept=False, failure="disk\nfull \x1b]0;x\x07"))
    assert capfd.readouterr().err == "an na: 7.5 of 14, graded, 0.1 s\n"
    assert progress.failures == [("an na", "disk full")]


def test_what_was_not_graded_is_named_with_what_to_do() -> None:
    assert left_aside_line([]) == ""
    line = left_aside_line(["_x", "report.docx"])
    assert "Not graded: _x, report.docx. " in line
    assert "rename it" in line
    assert "\n" not in line
    many = left_aside_line([f"_{number}" for number in range(300)])
    assert "and 290 more" in many
    assert len(many) < 400


def test_what_awaits_a_mark_is_in_the_table_and_named_below_it() -> None:
    grades = with_all(with_rows(), [answered("anna", filter="x", input="y"), answered("boris", filter="z")])
    row = next(line for line in scores_table(with_rows(), grades).split("\n") if "anna" in line)
    assert re.search(r" 7\.5 +– +7\.5 +awaiting W ", row), row
    assert (
        awaiting_line(grades, Path("grades"))
        == "To mark: 3 answers of 2 submissions, grades/report/marking.html"
    )
    assert awaiting_line(with_all(with_rows(), [answered()]), Path("grades")) == ""


@pytest.mark.parametrize(("width", "has_tasks"), [(130, True), (70, False)])
def test_a_table_that_is_too_wide_says_where_the_tasks_are(width: int, has_tasks: bool) -> None:
    manifest = load_manifest(ROOT / "assignments" / "seminar_cnn")
    table = scores_table(manifest, (), width)
    assert max(map(len, table.split("\n"))) <= width
    assert "total" in table
    assert ("K3" in table) == has_tasks
    assert ("points of each task: scores.csv" in table) != has_tasks


def test_no_number_is_cut_off_in_a_file() -> None:
    manifest = load_manifest(ROOT / "assignments" / "seminar_cnn")
    table = scores_table(manifest, with_all(small(), [make_grade("н" * 100)]))
    assert "…" not in table.replace("н…", "")
    assert all(task.id in table for task in manifest.tasks)


LONG = "not a zip " * 30


def rejected(student: str, reason: str) -> Grade:
    """As the grader makes it: tasks without points and without a source."""
    grade = make_grade(student)
    task = grade.tasks[0].model_copy(update={"score": 0.0, "source": ""})
    return grade.model_copy(update={"status": "rejected", "score": 0.0, "reason": reason, "tasks": (task,)})


def test_the_reason_of_a_rejection_is_in_its_line_and_in_the_table(capfd: pytest.CaptureFixture[str]) -> None:
    grade = rejected("anna", "no zip\n\x1b[2J")
    Progress(small()).show(Finished(grade, kept=False))
    assert capfd.readouterr().err == "anna: 0 of 14, rejected (no zip), 0.1 s\n"
    row = next(line for line in table_of(grade).split("\n") if "anna" in line)
    assert re.search(r"anna +– +– +rejected: no zip +0\.1", row), row


def test_a_long_reason_drives_no_points_away() -> None:
    manifest = load_manifest(ROOT / "assignments" / "seminar_cnn")
    table = scores_table(manifest, with_all(small(), [rejected("anna", LONG)]), 130)
    assert "K3" in table
    assert max(map(len, table.split("\n"))) <= 130


def test_a_dash_stands_for_what_was_not_written_and_a_zero_for_what_was_wrong() -> None:
    grade = make_grade()
    task = grade.tasks[0].model_copy(update={"score": 0.0})
    wrong, unwritten = (
        table_of(grade.model_copy(update={"tasks": (task.model_copy(update={"source": source}),)}))
        for source in ("cell A1", "")
    )
    assert re.search(r"anna +0 +7\.5", wrong)
    assert re.search(r"anna +– +7\.5", unwritten)


DUE = datetime(2026, 11, 30, 20, tzinfo=UTC)
DATED = small().model_copy(update={"dates": Dates(due=DUE, percent_per_day=10, late_days=0)})


def handed_in(student: str, days_late: int) -> Grade:
    return make_grade(student).model_copy(update={"submitted_at": DUE + timedelta(days=days_late)})


def test_points_that_lateness_took_are_explained_in_the_table() -> None:
    grades = [handed_in("anna", 0), handed_in("boris", 2), rejected("carl", "no zip")]
    grades[2] = grades[2].model_copy(update={"submitted_at": DUE + timedelta(days=3)})
    lines = scores_table(DATED, with_all(DATED, grades)).split("\n")
    anna, boris, carl = (next(line for line in lines if name in line) for name in ("anna", "boris", "carl"))
    assert any(re.search(r" late +total ", line) for line in lines)
    assert re.search(r"7\.5 +7\.5 +graded", anna), anna
    assert re.search(r"7\.5 +-20 % +6 +graded", boris), boris
    assert "%" not in carl
    in_time = scores_table(DATED, with_all(DATED, grades[:1]))
    assert " late " not in in_time


def test_a_line_of_progress_says_that_lateness_is_not_in_it(capfd: pytest.CaptureFixture[str]) -> None:
    progress = Progress(DATED, Beside(people={"boris": Person(student="boris", extension_hours=72)}))
    nothing = handed_in("carl", 2).model_copy(update={"score": 0.0})
    for grade in (handed_in("anna", 0), handed_in("anna", 2), handed_in("boris", 2), nothing):
        progress.show(Finished(grade, kept=False))
    assert capfd.readouterr().err.splitlines() == [
        "anna: 7.5 of 14, graded, 0.1 s",
        "anna: 7.5 of 14 before lateness, 6 after it, graded, 0.1 s",
        "boris: 7.5 of 14, graded, 0.1 s",
        "carl: 0 of 14, graded, 0.1 s",
    ]


def test_a_line_of_progress_has_marks_by_hand_decisions_and_what_was_published(
    capfd: pytest.CaptureFixture[str],
) -> None:
    manifest = with_rows().model_copy(update={"dates": DATED.dates})
    marks = Marks((Mark("anna", "W", "filter", 3, "", "", 2), Mark("boris", "W", "filter", 2.5, "", "", 3)))
    decisions = Decisions((Decision("carl", "A1", 9, "why", "who", 2),))
    progress = Progress(
        manifest, Beside(marks=marks, decisions=decisions, published={"boris": 9.5, "anna": 1})
    )
    for student, days in (("anna", 0), ("boris", 2), ("carl", 0), ("dora", 0)):
        grade = answered(student, filter="text").model_copy(
            update={"submitted_at": DUE + timedelta(days=days)}
        )
        progress.show(Finished(grade, kept=False))
    assert capfd.readouterr().err.splitlines() == [
        "anna: 10.5 of 19, graded, 0.1 s",
        "boris: 10 of 19 before lateness, 8 after it, 9.5 was published and counts, graded, 0.1 s",
        "carl: 9 of 19, awaiting W, 0.1 s",
        "dora: 7.5 of 19, awaiting W, 0.1 s",
    ]
