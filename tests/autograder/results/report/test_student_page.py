"""The page that a student gets: complete, of nobody else, and deaf to what students write into it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.course.manifest import Dates, Manifest
from autograder.grids.grid import Grid, Part
from autograder.results.beside import Beside
from autograder.results.decisions import Decision, Decisions
from autograder.results.grade import (
    Diagnosis,
    Example,
    Grade,
    MultiplierResult,
    Override,
    TaskResult,
    TestResult,
)
from autograder.results.marked import with_beside
from autograder.results.marks import parse_marks
from autograder.results.report.environment import with_code
from autograder.results.report.ramp import ramp_picture
from autograder.results.report.student_page import StudentPages
from autograder.results.report.words import MARK_ROOM, PART_SHOWN, brief
from autograder.roster.person import Person
from autograder.text import Lang
from autograder.wire.safe_text import clean_line
from tests.autograder.manifests import small, with_rows
from tests.autograder.results.marks_support import answered
from tests.autograder.results.report.pages import BREAKOUTS, HOSTILE, hostile_grade, read, refuse_foreign
from tests.autograder.results.support import make_grade, student_page_of


def test_what_students_write_never_becomes_markup() -> None:
    page = student_page_of(small(), hostile_grade())
    refuse_foreign(page)
    reader = read(page)
    assert reader.scripts == 0
    assert reader.text.count(HOSTILE) == 5, (
        "reason, note, source, message, error; the staff's note is not there"
    )


def test_no_script_may_run_and_nothing_is_asked_for() -> None:
    page = student_page_of(small(), hostile_grade())
    assert (
        "content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\""
        in page
    )
    assert "//" not in page


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(BREAKOUTS) | st.text(st.characters(), max_size=30), min_size=5, max_size=5))
def test_no_text_changes_the_page_around_it(texts: list[str]) -> None:
    def shape(said: list[str]) -> list[tuple[str, dict[str, str | None]]]:
        return read(student_page_of(small(), saying(*said))).tags

    assert shape([text or "-" for text in map(clean_line, texts)]) == shape(["plain"] * 5)
    page = student_page_of(small(), saying(*texts))
    page.encode()
    refuse_foreign(page)


def test_what_is_for_staff_is_not_there() -> None:
    """Notes for staff, words of a grader that failed, salts, gaps of the protection, ids of hidden tests, markers."""
    grade = hostile_grade().model_copy(
        update={
            "staff_notes": ("two files tie",),
            "needs_staff": True,
            "reason": "the grader failed: AssertionError: expected 41.5",
            "salt_id": "5a17ed5a17ed",
            "overrides": (
                Override(task="A1", points=3, reason="only compares", by="M. Ivanova", at=datetime.now(UTC)),
            ),
        }
    )
    manifest = with_rows()
    marks = parse_marks(
        "student,task,row,points,by,remark\nanna,W,filter,2,P. Markin,well put\n", "m", manifest, ["anna"]
    )
    decisions = Decisions((Decision("anna", "B1", 4, "the test was wrong", "P. Decider", 2),))
    full = grade.model_copy(update={"tasks": (*grade.tasks, answered(filter="mine").tasks[-1])})
    page = StudentPages(manifest).render(
        with_beside(manifest, full, Beside(marks=marks, decisions=decisions))
    )
    for secret in (
        "two files tie", "41.5", "5a17ed", "Ivanova", "Markin", "Decider", "Secret", "test_a1.py", "Protection",
        "For staff",
    ):  # fmt: skip
        assert secret not in page, secret
    said = read(page).said
    assert "This is not final" in said
    assert "Decision of staff: at least 3. only compares" in said
    assert "B1. Second: 4 of 4" in said
    assert "Decided by staff: 4 of 4. the test was wrong" in said
    assert "What is asked of filter. 2: well put mine 2 / 3" in said


def test_a_rejected_and_a_missing_submission_have_their_reason_and_no_tasks() -> None:
    plain = make_grade().model_copy(update={"tasks": (), "score": 0})
    said = read(
        student_page_of(small(), plain.model_copy(update={"status": "rejected", "reason": "no zip"}))
    ).said
    assert "no zip" in said
    assert "Task by task" not in said
    assert (
        "Nothing was handed in."
        in read(student_page_of(small(), plain.model_copy(update={"status": "missing"}))).said
    )


@pytest.mark.parametrize(
    ("lang", "late", "at"),
    [
        (
            "en",
            "2 days late, 20 % of the points are taken off. Points before lateness: 7.5.",
            "2026-03-03 15:00 UTC+03:00",
        ),
        (
            "ru",
            "Опоздание 2 дня, снято 20 % баллов. Баллы до учёта опоздания: 7,5.",
            "03.03.2026 15:00 UTC+03:00",
        ),
    ],
)
def test_lateness_is_explained(lang: Lang, late: str, at: str) -> None:
    dates = Dates(due=datetime(2026, 3, 2, 3, tzinfo=timezone(timedelta(hours=3))), percent_per_day=10)
    manifest = small().model_copy(update={"dates": dates})
    handed_in = datetime(2026, 3, 3, 12, tzinfo=UTC)
    made = make_grade().model_copy(update={"submitted_at": handed_in, "lang": lang})
    said = read(student_page_of(manifest, made)).said
    stored = Grade.model_validate_json(made.model_dump_json(by_alias=True))
    assert said == read(student_page_of(manifest, stored)).said
    assert late[0].upper() + late[1:] in said
    assert at in said
    assert ("Total: 6 of 14" if lang == "en" else "Итог: 6 из 14") in said


def test_a_total_that_was_announced_stays_and_the_page_says_so() -> None:
    said = read(
        StudentPages(small()).render(with_beside(small(), make_grade(), Beside(published={"anna": 9.0})))
    ).said
    assert "Total: 9 of 14" in said
    assert "The total that was announced before stays." in said
    for lower in ({}, {"anna": 7.5}, {"anna": 2.0}):
        said = read(
            StudentPages(small()).render(with_beside(small(), make_grade(), Beside(published=lower)))
        ).said
        assert "announced" not in said


def test_the_name_of_the_roster_stands_before_that_of_the_results() -> None:
    beside = Beside(people={"anna": Person(student="anna", name="Anna Ёлкина", email="a@b.c", id="77")})
    said = read(StudentPages(small()).render(with_beside(small(), make_grade(), beside))).said
    assert "Anna Ёлкина (anna)" in said
    assert "a@b.c" not in said


def test_what_awaits_a_mark_is_said_above() -> None:
    said = read(student_page_of(with_rows(), answered(filter="My edge."))).said
    assert said.index("The total will change: answers await a mark in W.") < said.index("Task by task")


def test_a_task_that_lost_points_is_open_and_one_that_lost_none_is_folded() -> None:
    good = TestResult(id="t", passed=True, points=10, max_points=10, message="")
    full = TaskResult(id="A1", title="First", score=10, max_score=10, source="cell A1", tests=(good,))
    lost = full.model_copy(update={"id": "B1", "score": 1})
    tags = read(student_page_of(small(), make_grade().model_copy(update={"tasks": (full, lost)}))).tags
    assert [("open" in attributes) for tag, attributes in tags if tag == "details"] == [False, True, False]
    links = [attributes["href"] for tag, attributes in tags if tag == "a"]
    assert links == ["#A1", "#B1"]
    assert {"A1", "B1"} <= {attributes.get("id") for _, attributes in tags}


def test_every_lost_point_is_there() -> None:
    said = read(student_page_of(small(), hostile_grade())).said
    for text in ("core", "0 / 9", "2 / 4", "your result 70.0 % (95 % interval 68.0–72.0 %)", "may have seen"):
        assert text in said, text
    assert "60.0; 70.0; 80.0" in said
    assert "attempt 1 of those graded" in said


def test_what_was_never_graded_has_no_number() -> None:
    """`collect` counts what was handed in, the page what was graded: both may differ, and each says what it counts."""
    for status in ("missing", "rejected"):
        grade = make_grade().model_copy(update={"status": status, "tasks": (), "score": 0.0})
        assert "attempt" not in read(student_page_of(small(), grade)).said
    russian = make_grade().model_copy(update={"attempt": 2, "lang": "ru"})
    assert "попытка 2 из проверенных" in read(student_page_of(small(), russian)).said


def test_the_picture_keeps_order_and_frame() -> None:
    found = hostile_grade().thresholds[0]
    picture = ramp_picture(small(), found)
    assert picture.value_x is not None
    assert 0 < picture.low_x < picture.value_x < picture.high_x < 100
    assert picture.value_x == pytest.approx((picture.low_x + picture.high_x) / 2, abs=0.1)


def test_the_dots_of_the_reference_are_drawn() -> None:
    data = small().model_dump(by_alias=True)
    data["tasks"][1]["tests"][0]["threshold"]["dots"] = [0.85, 0.86, 0.86, 0.95]
    page = read(student_page_of(Manifest.model_validate(data), hostile_grade()))
    assert [tag for tag, _ in page.tags].count("circle") == 4
    assert "trainings of the reference: 4" in page.said


def test_a_share_that_multiplies_is_said_at_its_task() -> None:
    grade = hostile_grade()
    said = MultiplierResult(test="test_b1.py::test_accuracy", share=0.25, message="multiplied by 0.25")
    second = grade.tasks[1].model_copy(update={"multiplier": said})
    page = read(student_page_of(small(), grade.model_copy(update={"tasks": (grade.tasks[0], second)}))).said
    assert page.index("B1. Second: 2 of 4") < page.index("multiplied by 0.25")
    assert "multiplied by" not in read(student_page_of(small(), grade)).text


def saying(student: str, message: str, source: str, reason: str, note: str) -> Grade:
    """A grade with these texts at every place that is not ours, "x" in front so that none is empty."""
    test = TestResult(id="test_a1.py::test_core", passed=False, points=0, max_points=9, message=f"x{message}")
    task = TaskResult(id="A1", title="First", score=0, max_score=10, source=f"x{source}", tests=(test,))
    plain = make_grade(f"x{clean_line(student)}").model_dump(by_alias=True)
    return Grade.model_validate({**plain, "tasks": [task], "reason": f"x{reason}", "notes": [f"x{note}"]})


def test_an_example_shows_call_answer_and_what_is_right() -> None:
    def said(example: Example | None) -> str:
        test = TestResult(
            id="test_a1.py::test_core", passed=False, points=0, max_points=9, message="", example=example
        )
        task = TaskResult(id="A1", title="First", score=0, max_score=10, source="cell A1", tests=(test,))
        return read(student_page_of(small(), make_grade().model_copy(update={"tasks": (task,)}))).text

    heading = "An example with other numbers"
    assert f"{heading}\nf(x=1)\ngot: 3\nexpected: 2" in said(Example(call="f(x=1)", got="3", expected="2"))
    assert f"{heading}\nf(x=1)\nValueError: mine\nexpected: 2" in said(
        Example(call="f(x=1)", error="ValueError: mine", expected="2")
    )
    assert f"{heading}\nValueError: mine" in said(Example(error="ValueError: mine"))
    assert heading not in said(None)


def test_one_cause_is_said_once_below_all_checks_that_it_cost() -> None:
    """As where a network of lazy layers loses all of its seven checks."""
    lost = [
        TestResult(
            id=f"test_{n}", passed=False, points=0, max_points=1, message="mine",
            example=Example(call=f"f(x={n})", error=f"IndexError: index {n} is out of range"),
        )
        for n in range(3)
    ]  # fmt: skip
    good = TestResult(id="test_good", passed=True, points=1, max_points=1, message="")
    other = lost[0].model_copy(update={"id": "test_other", "message": "another reason"})
    task = TaskResult(
        id="A1",
        title="First",
        score=1,
        max_score=5,
        source="cell A1",
        tests=(lost[0], good, other, *lost[1:]),
    )
    said = read(student_page_of(small(), make_grade().model_copy(update={"tasks": (task,)}))).text
    assert [said.count(text) for text in ("mine", "IndexError", "0 / 1", "test_1", "f(x=1)")] == [
        1,
        2,
        4,
        1,
        0,
    ]
    assert said.count("These checks fail for one reason:") == 1
    places = [said.index(text) for text in ("test_0", "test_1", "test_2", "mine", "f(x=0)", "test_good")]
    assert places == sorted(places)


@pytest.mark.parametrize(("lang", "said"), [("en", "here, too"), ("ru", "и здесь")])
def test_a_row_that_is_counted_in_spite_of_a_wrong_answer_says_so(lang: Lang, said: str) -> None:
    lost = TestResult(id="test_lost", passed=False, points=0, max_points=1, message="")
    counted = TestResult(id="test_counted", passed=True, points=1, max_points=1, message="", forgiven=True)
    good = counted.model_copy(update={"id": "test_good", "forgiven": False})

    def text(*tests: TestResult) -> str:
        task = TaskResult(id="A1", title="First", score=1, max_score=2, source="cell A1", tests=tests)
        grade = make_grade().model_copy(update={"tasks": (task,), "lang": lang})
        return read(student_page_of(small(), grade)).text

    one_price = {"en": "One mistake, one price", "ru": "Одна ошибка — одна цена"}[lang]
    page = text(lost, counted, good)
    rows = page[page.index("test_lost") :]
    assert rows.index("test_counted") < rows.index(said) < rows.index("test_good")
    assert rows.count(said) == 1
    assert page.count("(✓)") == 2  # the row, and the sentence that says what it means
    assert page.count(one_price) == 1
    assert one_price not in text(good)
    assert one_price not in text(lost)
    assert one_price in text(lost, good)


def page_with(example: Example) -> str:
    test = TestResult(
        id="test_a1.py::test_core", passed=False, points=0, max_points=9, message="", example=example
    )
    task = TaskResult(id="A1", title="First", score=0, max_score=10, source="cell A1", tests=(test,))
    return student_page_of(small(), make_grade().model_copy(update={"tasks": (task,)}))


def numbers(role: Literal["input", "got", "expected"], *row: float, name: str = "") -> Grid:
    marked = ((0, 0),) if role != "input" else ()
    part = Part(rows=(row,), marked=marked)
    return Grid(name=name, role=role, shape=(1, len(row)), dtype="float32", parts=(part,))


def test_arrays_of_an_example_are_drawn_in_place_of_their_text() -> None:
    arrays = (numbers("input", 1, 2, name="x"), numbers("got", 3), numbers("expected", 4))
    page = page_with(Example(call="f(x)", got="[[3]]", expected="[[4]]", arrays=arrays))
    reader = read(page)
    assert [tag for tag, _ in reader.tags].count("figure") == 3
    assert [tag for tag, _ in reader.tags].count("mark") == 2
    assert "[[3]]" not in reader.text
    assert "[[4]]" not in reader.text
    assert "f(x)" in reader.text


@pytest.mark.parametrize(
    ("example", "texts"),
    [
        (
            Example(call="f(x)", got="no exception", expected="an exception, ValueError"),
            ("got: no exception",),
        ),
        (Example(call="f(x)", error="ValueError: mine", expected="[[4]]"), ("ValueError: mine",)),
    ],
)
def test_beside_arrays_stands_what_is_no_array(example: Example, texts: tuple[str, ...]) -> None:
    arrays = (numbers("input", 1, name="x"), *((numbers("expected", 4),) if example.error else ()))
    reader = read(page_with(example.model_copy(update={"arrays": arrays})))
    assert all(text in reader.text for text in texts)
    assert ("expected: an exception" in reader.text) != bool(example.error)
    assert "[[4]]" not in reader.text


def test_names_of_arrays_are_text() -> None:
    array = numbers("got", 1, name=HOSTILE).model_copy(update={"dtype": HOSTILE, "labels": (HOSTILE,)})
    reader = read(page_with(Example(arrays=(array,))))
    assert not {tag for tag, _ in reader.tags} & {"script", "img"}
    assert reader.text.count(HOSTILE) == 3


def test_a_russian_page_writes_numbers_with_commas() -> None:
    found = [Diagnosis(bug="a1_bug", message="Ядро перевёрнуто.")]
    grade = hostile_grade().model_copy(update={"lang": "ru", "score": 7.5})
    first = grade.tasks[0].model_copy(update={"diagnosis": tuple(found), "score": 0.25})
    page = student_page_of(small(), grade.model_copy(update={"tasks": (first, *grade.tasks[1:])}))
    said = " ".join(read(page).text.split())
    assert "7,5 из 14" in said
    assert "A1. First: 0,25 из 10" in said
    assert "ваш результат 70,0 % (95 %-й интервал 68,0–72,0 %) (обучения: 60,0; 70,0; 80,0)" in said
    assert "Похоже, вот в чём дело. Ядро перевёрнуто." in said
    assert "width:53.6%" in page, "styles keep their points"


@pytest.mark.parametrize("lang", ["ru", "en"])
def test_long_texts_are_cut_on_the_page_and_whole_in_the_result(lang: Lang) -> None:
    long = "first line\n" + "x" * 19_000 + "\nValueError: the last line"
    lost = [
        TestResult(id=f"{n}", passed=False, points=0, max_points=9, message=f"{n}: {long}") for n in range(60)
    ]
    task = TaskResult(id="A1", title="Task", score=0, max_score=10, source="", tests=tuple(lost))
    plain = make_grade("anna").model_copy(update={"lang": lang, "tasks": (), "reason": ""})
    many = plain.model_copy(
        update={
            "tasks": (task,),
            "reason": long,
            "notes": ("y" * 200,) * 300,
        }
    )
    added = len(student_page_of(small(), many)) - len(student_page_of(small(), plain))
    assert added < 130_000, "60 tests, a reason and notes; uncut they are 1.3 MB"
    text = read(student_page_of(small(), many)).text
    assert text.count("first line") == text.count("ValueError: the last line") == 61
    assert text.count("characters left out" if lang == "en" else "пропущено знаков") == 62
    assert many.tasks[0].tests[0].message == f"0: {long}"


def test_a_text_that_fits_is_shown_whole() -> None:
    limit = 2 * PART_SHOWN + MARK_ROOM
    assert brief("x" * limit, "en") == "x" * limit
    cut = brief("x" * (limit + 1), "en")
    assert f"{MARK_ROOM + 1} characters left out" in cut
    assert cut.count("x") == 2 * PART_SHOWN


@pytest.mark.parametrize(("points", "sign"), [("3", "✓"), ("1.5", "◐"), ("0", "✗")])
def test_only_all_points_of_a_row_have_a_check_mark(points: str, sign: str) -> None:
    lines = f"student,task,row,points,by,remark\nanna,W,filter,{points},ta,\n"
    marks = parse_marks(lines, "manual.csv", with_rows(), ["anna"])
    page = student_page_of(with_rows(), answered(filter="An edge."), marks)
    rows = page.partition('id="W"')[2]
    assert [one for one in "✓◐✗" if f">{one}</span>" in rows] == [sign]


@pytest.mark.parametrize(
    ("hours", "due"),
    [
        (0, "Due: 2026-11-30 23:59 UTC+03:00."),
        (24, "Due: 2026-12-01 23:59 UTC+03:00 (with an extension, hours: 24)."),
        (1.5, "Due: 2026-12-01 01:29 UTC+03:00 (with an extension, hours: 1.5)."),
    ],
)
def test_who_is_late_reads_the_due_date_with_the_extension(hours: float, due: str) -> None:
    at = datetime(2026, 11, 30, 23, 59, tzinfo=timezone(timedelta(hours=3)))
    manifest = small().model_copy(update={"dates": Dates(due=at, percent_per_day=10, late_days=0)})
    people = {"anna": Person(student="anna", extension_hours=hours)}
    late = make_grade().model_copy(update={"submitted_at": at + timedelta(days=3)})
    assert due in read(StudentPages(manifest).render(with_beside(manifest, late, Beside(people=people)))).said
    in_time = make_grade().model_copy(update={"submitted_at": at})
    page = StudentPages(manifest).render(with_beside(manifest, in_time, Beside(people=people)))
    assert "Due:" not in read(page).said


def test_what_stands_between_backticks_is_code_and_escaped() -> None:
    assert with_code("`pool2d(x)` gives <b>") == "<code>pool2d(x)</code> gives &lt;b&gt;"
    assert with_code("`<script>`") == "<code>&lt;script&gt;</code>"
    assert with_code("one ` alone") == "one ` alone"
