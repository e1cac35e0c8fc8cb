"""The page of the class: what it says, what it leaves to the students' pages, and that it runs one script of ours."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.course.manifest import Dates
from autograder.results.beside import Beside
from autograder.results.decisions import Decision, Decisions
from autograder.results.grade import Diagnosis, Grade, KindOfDifference, SandboxReport, TaskResult, TestResult
from autograder.results.marked import all_with_beside
from autograder.results.marks import Mark, Marks
from autograder.results.report.class_page import MISCONCEPTIONS_SHOWN, SCRIPT, render_class
from autograder.results.report.names import page_names
from autograder.results.report.overview import task_shares
from autograder.roster.person import Person
from autograder.sandbox.host import tiers
from autograder.wire.safe_text import clean_line
from benchmarks.made_class import made_class
from tests.autograder.manifests import small, with_rows
from tests.autograder.results.marks_support import answered
from tests.autograder.results.report.pages import BREAKOUTS, HOSTILE, hostile_grade, read, refuse_foreign
from tests.autograder.results.support import class_page_of, make_grade, with_all


def scored(student: str, score: float, **changes: object) -> Grade:
    task = TaskResult(id="A1", title="First", score=score, max_score=10, source="cell A1", tests=())
    return make_grade(student).model_copy(update={"score": score, "tasks": (task,), **changes})


def test_one_script_of_ours_may_run_and_is_all_that_may() -> None:
    page = class_page_of(small(), [hostile_grade()])
    (script,) = re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    assert policy[1] == (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
        f"script-src 'sha256-{digest}'"
    )
    assert script == SCRIPT
    assert "</" not in SCRIPT
    assert not re.search(r"innerHTML|insertAdjacent|document\.write|eval|fetch|Function", SCRIPT)


def test_what_students_write_never_becomes_markup() -> None:
    page = class_page_of(small(), [hostile_grade().model_copy(update={"needs_staff": True})])
    refuse_foreign(page)
    assert read(page).scripts == 1
    assert read(page).text.count(HOSTILE) == 2, "why staff must look, and their note"


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(BREAKOUTS) | st.text(st.characters(), max_size=30), min_size=6, max_size=6))
def test_no_text_changes_the_page_around_it(texts: list[str]) -> None:
    def page(said: list[str]) -> str:
        student, message, reason, note, name, group = (f"x{clean_line(text)}" for text in said)
        task = TaskResult(
            id="A1", title="First", score=0, max_score=10, source="", tests=(), withheld=2, message=message,
            diagnosis=(Diagnosis(bug="bug", message=message),),
        )  # fmt: skip
        plain = make_grade(student).model_dump(by_alias=True)
        grade = Grade.model_validate({**plain, "tasks": [task], "reason": reason, "staff_notes": [note]})
        needs = grade.model_copy(update={"needs_staff": True})
        people = {student: Person(student=student, name=name, group=group)}
        marked = all_with_beside(small(), [needs], Beside(people=people))
        return render_class(small(), marked, page_names([student]), unreadable=[student], doubts=[note])

    def shape(said: list[str]) -> list[tuple[str, list[str]]]:
        return [(tag, sorted(attributes)) for tag, attributes in read(page(said)).tags]

    assert shape(texts) == shape(["plain"] * 6)
    refuse_foreign(page(texts))


def test_details_of_students_are_left_to_their_pages() -> None:
    grade = hostile_grade()
    said = read(class_page_of(small(), [grade])).said
    assert "ValueError" not in said
    assert "An example" not in said
    assert len(class_page_of(small(), [hostile_grade(f"s{n}") for n in range(100)])) < 100_000


def test_each_student_has_a_row_with_a_link() -> None:
    grades = [make_grade(name) for name in ("anna", "Ёлкин №1?#%.x", "javascript:alert(1)")]
    reader = read(class_page_of(small(), grades))
    links = [link for link in reader.links if link.startswith("students/")]
    assert sorted(links) == sorted(
        [
            "students/anna.html",
            "students/%D0%81%D0%BB%D0%BA%D0%B8%D0%BD%20%E2%84%961_%23%25.x-" + links_number(links) + ".html",
            "students/javascript_alert%281%29-"
            + next(link for link in links if "alert" in link)[-13:-5]
            + ".html",
        ]
    )


def links_number(links: list[str]) -> str:
    return next(link for link in links if "%D0%81" in link)[-13:-5]


def test_missing_and_rejected_do_not_count() -> None:
    grades = [
        scored("a", 10), scored("b", 5), scored("c", 0),
        scored("d", 0, status="missing", tasks=()), scored("e", 0, status="rejected", tasks=(), reason="no zip"),
    ]  # fmt: skip
    said = read(class_page_of(small(), grades)).said
    assert "Submissions: 5 (not counted: 2) · median 5 of 14" in said
    assert "3 submissions · median 5 · mean 5.0 · half of the class: 2.5–7.5" in said
    # share, all points, no points
    assert "A1. First 50 % 1 1 B1." in said
    assert "B1. Second – 0 0" in said


@pytest.mark.parametrize(
    ("source", "end", "counted"),
    [
        ("not written", {"passed": False}, "1 B1."),
        ("", {"passed": False}, "1 B1."),
        ("cannot be read", {"passed": False}, "1 B1."),
        ("cell A1", {"passed": False}, "1 B1."),
        ("cell A1", {"passed": False, "difference": KindOfDifference(kind="values")}, "B1."),
    ],
)
def test_what_does_not_load_is_not_called_unwritten(source: str, end: dict[str, Any], counted: str) -> None:
    test = TestResult(id="t", points=0, max_points=10, message="", **end)
    task = TaskResult(id="A1", title="First", score=0, max_score=10, source=source, tests=(test,))
    grade = scored("a", 0, tasks=(task,))
    said = read(class_page_of(small(), [grade])).said
    assert f"A1. First 0 % 0 1 {counted}" in said
    (share, _) = task_shares(small(), with_all(small(), [grade]))
    is_unwritten = source in ("not written", "")
    assert share.num_silent == is_unwritten
    assert share.num_broken == (not is_unwritten and "difference" not in end)


def test_a_class_that_handed_in_nothing_has_a_page() -> None:
    said = read(class_page_of(small(), [scored("a", 0, status="missing", tasks=())])).said
    assert "No submission has been read yet." in said
    assert "Nobody: everything is graded and marked." in said


def test_the_picture_of_the_distribution_is_told_in_words() -> None:
    page = read(class_page_of(small(), [scored("a", 1.4), scored("b", 14), scored("c", 15)]))
    (label,) = [a["aria-label"] for tag, a in page.tags if tag == "svg" and "aria-label" in a]
    assert label == "Submissions with so many points: 0–1.4: 1; 12.6–14: 1; 14–15.4: 1"


def test_misconceptions_stand_by_number_with_the_names_behind() -> None:
    def with_bugs(student: str, *bugs: str) -> Grade:
        task = scored(student, 1).tasks[0]
        found = tuple(Diagnosis(bug=bug, message=f"Message of {bug}.") for bug in bugs)
        return make_grade(student).model_copy(
            update={"tasks": (task.model_copy(update={"diagnosis": found}),)}
        )

    grades = [with_bugs("anna", "rare", "often"), with_bugs("boris", "often"), with_bugs("vera")]
    said = read(class_page_of(small(), grades)).said
    assert "A1. Message of often. 2 (67 %) anna boris A1. Message of rare. 1 (33 %) anna" in said
    assert "Less frequent" not in said
    many = [with_bugs("anna", *(f"bug{n}" for n in range(MISCONCEPTIONS_SHOWN + 3)))]
    assert "Less frequent ones: 3" in read(class_page_of(small(), many)).said


def test_who_needs_a_person_stands_on_top() -> None:
    withheld = TaskResult(
        id="A1",
        title="First",
        score=0,
        max_score=10,
        source="",
        tests=(),
        withheld=8,
        message="F.conv2d ran.",
    )
    short = withheld.model_copy(
        update={"calls": "F.conv2d (cell A1, line 3)", "message": "Then hand in again."}
    )
    grades = [
        scored("anna", 0, needs_staff=True, status="partial", reason="the grader failed"),
        scored("boris", 0, status="rejected", reason="no zip"),
        answered("vera", filter="x"),
        make_grade("gleb").model_copy(update={"tasks": (withheld,)}),
        make_grade("hugo").model_copy(update={"tasks": (short,)}),
        make_grade("dora").model_copy(update={"staff_notes": ("two files tie",)}),
    ]
    said = read(class_page_of(with_rows(), grades)).said
    order = [
        "Who needs you", "Staff must look: 1 anna: the grader failed", "Rejected: 1 boris: no zip",
        "Awaiting a mark: 1 (answers: 1) vera: W: filter", "open the answers (report/marking.html)",
        "Points withheld: a forbidden call: 2 gleb: A1, 8: F.conv2d ran. hugo: A1, 8: F.conv2d (cell A1, line 3) "
        'To give the points back: autograder restore DIR STUDENT TASK --by "..." --reason "..."',
        "Notes for staff: 1 dora: two files tie",
        "How it went",
    ]  # fmt: skip
    places = [said.index(text) for text in order]
    assert places == sorted(places)
    assert "hand in again" not in said, "that speaks to the student"
    lines = tuple(Decision(student, "A1", 8, "fine", "ta", 2) for student in ("gleb", "hugo"))
    decided = Beside(decisions=Decisions(lines))
    page = render_class(
        with_rows(), all_with_beside(with_rows(), grades, decided), page_names(g.student for g in grades)
    )
    assert "withheld" not in read(page).said, "somebody has decided"


def test_the_mean_of_what_few_have_says_over_how_many() -> None:
    grades = [answered(name, filter="text", input="text") for name in ("a", "b", "c")]
    marks = Marks(
        tuple(Mark("a", "W", row, 1.0, "", "", line) for line, row in enumerate(("filter", "input"), 2))
    )
    said = read(class_page_of(with_rows(), grades, marks)).said
    assert "W. In words 40 % (over 1 of 3)" in said
    assert "A1. First 75 % 0" in said, "all have points of it"


def test_namesakes_are_told_apart_in_every_list() -> None:
    def often(student: str) -> Grade:
        one = scored(student, 1)
        found = (Diagnosis(bug="often", message="Often."),)
        return one.model_copy(update={"tasks": (one.tasks[0].model_copy(update={"diagnosis": found}),)})

    grades = [
        scored("ivanov1", 0, needs_staff=True, status="partial", reason="it failed"),
        scored("ivanov2", 0, status="rejected", reason="no zip"),
        often("ivanov3"),
        often("orlov"),
        make_grade("petrov").model_copy(update={"staff_notes": ("two files tie",)}),
    ]
    names = ("Фёдор Иванов", "Федор  Иванов", "фёдор иванов", "Орлова Вера", "Пётр Петров")
    people = {
        one.student: Person(student=one.student, name=name) for one, name in zip(grades, names, strict=True)
    }
    marked = all_with_beside(small(), grades, Beside(people=people))
    said = read(render_class(small(), marked, page_names(one.student for one in grades))).said
    above, _, table = said.partition("All submissions")
    assert "Фёдор Иванов (ivanov1): it failed" in above
    assert "Федор Иванов (ivanov2): no zip" in above
    assert "фёдор иванов (ivanov3)" in above
    assert "Орлова Вера (" not in said
    assert "Пётр Петров: two files tie" in above
    assert "(ivanov" not in table, "it has a column of its own for them"


def test_columns_of_the_roster_appear_where_there_is_one() -> None:
    grades = [make_grade("a1"), make_grade("b2")]
    plain = read(class_page_of(small(), grades))
    assert "Group" not in plain.said
    people = {"a1": Person(student="a1", name="Ёлкин Пётр", group="231")}
    marked = all_with_beside(small(), grades, Beside(people=people))
    said = read(render_class(small(), marked, page_names(["a1", "b2"]))).said
    assert "name student group A1 /10 B1 /4 total /14 status" in said
    assert "Ёлкин Пётр a1 231 7.5" in said


def test_lateness_has_a_column_where_somebody_is_late() -> None:
    grade = make_grade()
    due = grade.started_at
    manifest = small().model_copy(update={"dates": Dates(due=due, percent_per_day=10)})
    late = grade.model_copy(update={"submitted_at": due.replace(year=due.year + 1)})
    assert "late" not in read(class_page_of(manifest, [grade])).said
    assert "−100 %" in read(class_page_of(manifest, [late])).said
    person = Person(student="anna", late_days=1000)
    free = all_with_beside(manifest, [late], Beside(people={"anna": person}))
    said = read(render_class(manifest, free, page_names(["anna"]))).said
    assert " 0 %" in said
    assert "−0 %" not in said


def test_the_first_order_is_that_of_people() -> None:
    names = ["Жуков", "ёлкин", "Егоров", "Ежов", "st10", "st9", "Ёлкин 2", "Ёлкин 10"]
    page = class_page_of(small(), [make_grade(name) for name in names])
    rows = page[page.index("<tbody>", page.index('id="class"')) :]
    shown = re.findall(r"<bdi>(.*?)</bdi>", rows)
    assert shown == ["st9", "st10", "Егоров", "Ежов", "ёлкин", "Ёлкин 2", "Ёлкин 10", "Жуков"]


def test_the_gaps_of_the_protection_are_said() -> None:
    report = SandboxReport(tier="B", layers=("Landlock",), gaps=("the disk is not limited",))
    grade = make_grade().model_copy(update={"sandbox": report})
    said = read(class_page_of(small(), [grade, grade])).text
    assert "What this does not protect from" in said
    assert said.count("the disk is not limited") == 1


def test_a_russian_page_is_russian() -> None:
    report = SandboxReport(tier="C: files not hidden", layers=("own uid",), gaps=tiers.gaps("C"))
    grade = scored("anna", 7.5, sandbox=report, lang="ru")
    said = read(class_page_of(small(), [grade])).said
    for text in (
        "Защита: C: файлы не скрыты",
        "от выхода в сеть",
        "медиана 7,5 из 14",
        "Кому нужны вы",
        "проверена",
    ):
        assert text in said
    assert not [gap for gap in (*report.gaps, "files not hidden") if gap in said]


@pytest.mark.parametrize("lang", ["ru", "en"])
def test_a_large_class_is_in_one_small_page(lang: str) -> None:
    manifest, marked = made_class(120, "ru" if lang == "ru" else "en")
    names = page_names(one.grade.student for one in marked)
    page = render_class(manifest, marked, names)
    refuse_foreign(page)
    assert len(page.encode()) < 300_000
    assert page == render_class(manifest, list(reversed(marked)), names), (
        "in whatever order the results are read"
    )
