"""The page by which staff mark, the table that they fill in, and what the report shows of both."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.intake.students import safe_student
from autograder.results.marks import parse_marks
from autograder.results.report.marking import lines_to_fill, render_marking, sections
from autograder.results.report.page import write_report
from autograder.results.store import Store
from autograder.wire.safe_text import clean_text
from tests.autograder.manifests import small, with_rows
from tests.autograder.results.marks_support import answered
from tests.autograder.results.report.pages import BREAKOUTS, HOSTILE, read, refuse_foreign
from tests.autograder.results.support import class_page_of, student_page_of, with_all

W = with_rows()
HEAD = "student,task,row,points,by,remark\n"


def class_of_three(out: Path) -> Store:
    store = Store(out)
    store.save_manifest(W)
    store.save(answered("anna", filter="Anna's edge.", input="Anna's channels."))
    store.save(answered("boris", filter=f"Boris {HOSTILE}"))
    store.save(answered("vera"))
    return store


def test_the_page_goes_row_by_row_with_the_rubric_first(tmp_path: Path) -> None:
    class_of_three(tmp_path)
    write_report(tmp_path)
    said = read((tmp_path / "report" / "marking.html").read_text(encoding="utf-8")).text
    order = [
        "What is asked of filter.", "Secret rubric of the row filter", "Secret model answer of the row filter",
        "anna", "Anna's edge.", "boris", f"Boris {HOSTILE}",
        "What is asked of input.", "Secret rubric of the row input", "Anna's channels.",
    ]  # fmt: skip
    places = [said.index(text) for text in order]
    assert places == sorted(places)
    assert "vera" not in said
    assert "answers: 3 · submissions: 2" in said
    assert (
        "Enter the points into manual.csv beside results/; columns: student, task, row, points, by, remark."
        in said
    )
    assert "The lines without points are in report/marking.csv." in said


def test_the_table_holds_the_lines_that_are_still_to_be_filled_in(tmp_path: Path) -> None:
    class_of_three(tmp_path)
    write_report(tmp_path)
    table = (tmp_path / "report" / "marking.csv").read_bytes()
    assert table.decode("utf-8-sig").split("\r\n") == [
        "student;task;row;points;by;remark", "anna;W;filter;;;", "boris;W;filter;;;", "anna;W;input;;;", "",
    ]  # fmt: skip
    # Saved under its new name and filled in, it is what is read; what is not filled in yet awaits.
    filled = table.replace(b"anna;W;filter;;;", "anna;W;filter;2,5;Иванова;".encode())
    (tmp_path / "manual.csv").write_bytes(filled)
    write_report(tmp_path)
    left = (tmp_path / "report" / "marking.csv").read_text(encoding="utf-8-sig")
    assert left.split()[1:] == ["boris;W;filter;;;", "anna;W;input;;;"]
    assert "Anna's edge." not in (tmp_path / "report" / "marking.html").read_text(encoding="utf-8")
    assert (tmp_path / "manual.csv").read_bytes() == filled


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20))
def test_a_name_of_the_table_is_known_when_it_comes_back(name: str) -> None:
    student = safe_student(name)
    found = sections(W, with_all(W, [answered(student, filter="x")]))
    filled = lines_to_fill(found).replace(";;;", ";1;ta;")
    (mark,) = parse_marks(filled.replace("\r\n", "\n"), "manual.csv", W, [student]).marks
    assert mark.student == student


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(BREAKOUTS) | st.text(st.characters(), min_size=1, max_size=30))
def test_no_answer_changes_the_pages_around_it(text: str) -> None:
    def pages(said: str) -> list[str]:
        grades = [answered("anna", filter=f"x{said}")]
        marks = parse_marks(HEAD + "anna,W,input,1,ta,fine\n", "manual.csv", W, ["anna"])
        one = with_all(W, grades, marks)
        return [
            student_page_of(W, grades[0], marks),
            class_page_of(W, grades, marks),
            render_marking(W, sections(W, one), "en"),
        ]

    said = clean_text(text)
    for hostile, plain in zip(pages(said), pages("plain"), strict=True):
        assert read(hostile).tags == read(plain).tags
        refuse_foreign(hostile)


@pytest.mark.parametrize(("place", "shown"), [("by", 0), ("remark", 1)])
def test_what_a_marker_writes_is_text_as_well_and_who_has_marked_stays_with_staff(
    place: str, shown: int
) -> None:
    values = {"by": "ta", "remark": "fine", place: HOSTILE}
    lines = f'anna;W;filter;1;"{values["by"]}";"{values["remark"]}"\n'
    marks = parse_marks(HEAD.replace(",", ";") + lines, "manual.csv", W, ["anna"])
    page = student_page_of(W, answered(filter="x"), marks)
    refuse_foreign(page)
    assert read(page).text.count(HOSTILE) == shown


def test_the_pages_say_what_awaits_and_what_was_given() -> None:
    grade = answered(filter="My edge.", input="My channels.")
    said = read(class_page_of(W, [grade, answered("boris")])).said
    assert "Awaiting a mark: 1 (answers: 2) anna: W: filter, input open the answers" in said
    assert "awaiting W" in said
    assert "Total: 7.5 of 19" in read(student_page_of(W, grade)).said
    marks = parse_marks(HEAD + "anna,W,filter,2.5,M. Ivanova,no word of the sum\n", "manual.csv", W, ["anna"])
    said = read(student_page_of(W, grade, marks)).said
    assert "What is asked of filter. 2.5: no word of the sum My edge. 2.5 / 3" in said
    assert "What is asked of input. awaits a mark My channels. – / 2" in said
    assert "Secret" not in said
    marks = parse_marks(f"{HEAD}anna,W,filter,2.5,ta,\nanna,W,input,1,ta,\n", "manual.csv", W, ["anna"])
    said = read(student_page_of(W, grade, marks)).said
    assert "Total: 11 of 19" in said
    assert "graded · attempt 1 of those graded" in said
    assert "await" not in said
    assert "await" not in read(class_page_of(W, [grade], marks)).said


def test_the_report_in_russian() -> None:
    grade = answered(filter="Край.").model_copy(update={"lang": "ru"})
    marks = parse_marks(HEAD + 'anna,W,input,"1,5",ta,\n', "manual.csv", W, ["anna"])
    assert "ждёт оценки: W" in read(class_page_of(W, [grade], marks)).said
    assert "1,5 / 2" in read(student_page_of(W, grade, marks)).said
    found = sections(W, with_all(W, [grade], marks))
    said = read(render_marking(W, found, "ru")).text
    assert "Баллы впишите в manual.csv рядом с results/; столбцы: student, task" in said
    assert "Готовые строки без баллов — в report/marking.csv." in said
    assert "Образец ответа" in said


def test_without_written_tasks_there_is_nothing_to_mark(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save_manifest(small())
    store.save(answered().model_copy(update={"tasks": (), "score": 0.0}))
    write_report(tmp_path)
    assert {path.name for path in (tmp_path / "report").iterdir()} == {"index.html", "students"}
