"""A mark of a text that has changed since is told to staff; it counts, and once changed is one of the new text."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course.assignment import Assignment
from autograder.desk.status import standing
from autograder.errors import UsageError
from autograder.grading.inputs import check_marks
from autograder.progress import staff_lines
from autograder.results.marked import outdated_rows
from autograder.results.report.page import write_report
from autograder.results.store import Store
from tests.autograder.manifests import with_rows
from tests.autograder.results.marks_support import answered
from tests.autograder.results.report.pages import read

W = with_rows()
HEAD = "student,task,row,points,by,remark\n"
MARKS = "anna,W,filter,2,ta,well seen\nanna,W,input,1,ta,\n"
TOLD = "Marked before the text changed"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Anna's answers are marked, and the report has been made."""
    store = Store(tmp_path / "out")
    store.save_manifest(W)
    store.save(answered(filter="An edge.", input="Two channels."))
    mark(store, MARKS)
    write_report(store.out)
    return store


def mark(store: Store, lines: str) -> None:
    (store.out / "manual.csv").write_text(HEAD + lines, encoding="utf-8")


def outdated(store: Store) -> str:
    write_report(store.out)
    return outdated_rows(store.marked(W)[0])


def told(store: Store) -> list[str]:
    return [line for line in staff_lines(store, W) if TOLD in line]


def page(store: Store) -> str:
    return read((store.out / "report" / "marking.html").read_text(encoding="utf-8")).text


def test_staff_are_told_everywhere_and_the_mark_counts(store: Store) -> None:
    assert (outdated(store), told(store)) == ("", [])
    assert TOLD.lower() not in page(store).lower()
    store.save(answered(filter="Not an edge at all."))
    assert outdated(store) == "W filter, input"
    (line,) = told(store)
    assert line.startswith(f"{TOLD}: anna (W filter, input); the marks count as they are.")
    (named,) = standing(store, W).groups["marked before the text changed"]
    assert (named.student, named.why) == ("anna", "W filter, input")
    said = page(store)
    assert f"{TOLD}: 2." in said
    assert f"anna · filter · {TOLD.lower()}: 2 (ta) well seen Not an edge at all." in " ".join(said.split())
    assert f"anna · input · {TOLD.lower()}: 1 (ta) not written" in " ".join(said.split())
    assert store.marked(W)[0].scores["W"] == 3


def test_it_stays_until_the_mark_changes(store: Store) -> None:
    store.save(answered(filter="Not an edge.", input="Two channels."))
    assert [outdated(store), outdated(store)] == ["W filter", "W filter"]
    mark(store, MARKS.replace("well seen", "read again"))
    assert outdated(store) == ""
    store.save(answered(filter="Something else.", input="Two channels."))
    assert outdated(store) == "W filter"
    mark(store, MARKS.replace("anna,W,filter,2", "anna,W,filter,0"))
    assert outdated(store) == ""


def test_other_line_breaks_or_the_old_text_again_are_no_change(store: Store) -> None:
    store.save(answered(filter="An\n  edge.", input="Two channels.\n"))
    assert outdated(store) == ""
    store.save(answered(filter="Other.", input="Two channels."))
    assert outdated(store) == "W filter"
    store.save(answered(filter="An edge.", input="Two channels."))
    assert outdated(store) == ""


def test_each_of_several_who_mark_has_a_text_of_her_own(store: Store) -> None:
    store.save(answered(filter="Not an edge.", input="Two channels."))
    mark(store, f"{MARKS}anna,W,filter,1,prof,\n")
    write_report(store.out)
    (row, _) = store.marked(W)[0].rows["W"]
    assert [one.by for one in row.outdated] == ["ta"]


def test_a_line_that_is_wrong_for_a_while_forgets_nothing(store: Store) -> None:
    store.save(answered(filter="Not an edge.", input="Two channels."))
    mark(store, MARKS.replace("filter,2", "filter,99"))
    write_report(store.out)
    mark(store, MARKS)
    assert outdated(store) == "W filter"
    mark(store, "")
    assert outdated(store) == ""
    mark(store, MARKS)
    assert outdated(store) == ""


def test_a_rejected_upload_between_them_forgets_nothing(store: Store) -> None:
    store.save(answered(status="rejected"))
    assert outdated(store) == ""
    store.save(answered(filter="Not an edge.", input="Two channels."))
    assert outdated(store) == "W filter"


def test_marks_are_seen_before_a_new_submission_is_graded(tmp_path: Path) -> None:
    store = Store(tmp_path / "out")
    store.save_manifest(W)
    store.save(answered(filter="An edge."))
    mark(store, "anna,W,filter,2,ta,\n")
    (tmp_path / "subs" / "anna").mkdir(parents=True)
    (tmp_path / "subs" / "anna" / "solution.py").write_text("x = 1\n")
    check_marks(Assignment(tmp_path, W, ()), tmp_path / "subs", store, ())
    store.save(answered(filter="Not an edge."))
    assert outdated(store) == "W filter"


def test_codes_stand_for_names_where_marking_is_blind(store: Store) -> None:
    store.save(answered(filter="Not an edge."))
    (store.out / "codes.json").write_text('{"anonymous": true, "codes": {"anna": "bcdfg"}}')
    write_report(store.out)
    (line,) = told(store)
    assert "anna" not in line + page(store)
    assert "bcdfg (W filter, input)" in line


def test_a_damaged_file_is_a_sentence(store: Store) -> None:
    (store.out / "marked_texts.json").write_text("{")
    with pytest.raises(
        UsageError, match=r"marked_texts.json cannot be read: .* or remove it; no mark is lost"
    ):
        write_report(store.out)
