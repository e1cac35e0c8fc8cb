"""`overrides.csv` and `voids.csv` as people write them, and what they do to a mark."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograder.course.assignment import find_assignment
from autograder.errors import UsageError
from autograder.results.beside import Beside
from autograder.results.decisions import (
    OVERRIDE_COLUMNS,
    VOID_COLUMNS,
    Decisions,
    parse_overrides,
    parse_voids,
    read_decisions,
)
from autograder.results.grade import Override
from autograder.results.marked import Marked, with_beside
from autograder.results.report.student_page import StudentPages
from autograder.results.store import Store
from tests.autograder.results.decided_support import CORE, CORNER, SECOND, a_class, judged, manifest_of_tests

ROOT = Path(__file__).parents[3]
M = manifest_of_tests()
CLASS = ("anna", "Борис Ёлкин")
HEAD = ",".join(OVERRIDE_COLUMNS) + "\n"
VOID_HEAD = ",".join(VOID_COLUMNS) + "\n"


def decided(lines: str, voids: str = "", **update: object) -> Marked:
    decisions, problems = parse_overrides(HEAD + lines, "overrides.csv", M, CLASS)
    voided, also = parse_voids(VOID_HEAD + voids, "voids.csv", M)
    assert problems + also == ()
    grade = judged("anna", (CORE,)).model_copy(update=update)
    return with_beside(M, grade, Beside(decisions=Decisions(decisions, (), voided)))


def test_exactly_these_points_count_whether_more_or_less() -> None:
    assert decided("").score == 8
    one = decided("anna,A1,9.5,the statement was unclear,M. Ivanova\n")
    assert (one.shown("A1"), one.score, one.decisions["A1"].points) == ("9.5", 13.5, 9.5)
    assert decided("anna,a1,0,copied,M. Ivanova\n").score == 4
    assert decided("anna,A1,9,first,ta\nanna,A1,7,second thoughts,ta\n").score == 11, "the later line counts"


def test_withheld_points_come_back_by_one_line() -> None:
    withheld = (
        judged("anna").tasks[0].model_copy(update={"score": 0.0, "withheld": 10.0, "message": "F.conv2d"})
    )
    grade = judged("anna")
    grade = grade.model_copy(update={"tasks": (withheld, grade.tasks[1]), "score": 4.0})
    decisions, _ = parse_overrides(HEAD + "anna,A1,10,only compares,ta\n", "overrides.csv", M, CLASS)
    one = with_beside(M, grade, Beside(decisions=Decisions(decisions)))
    assert (one.score, one.tasks[0].withheld, one.tasks[0].message) == (14, 0, "")


@pytest.mark.parametrize("status", ["rejected", "missing"])
def test_nothing_is_decided_of_what_could_not_be_read(status: str) -> None:
    assert decided("anna,A1,9,why,ta\n", f"{CORE},full,why,ta\n", status=status).score == 8


def test_one_line_explains_it_on_the_page_escaped() -> None:
    decisions, _ = parse_overrides(HEAD + "anna,A1,9.5,<b>unclear</b>,ta\n", "o", M, CLASS)
    voids, _ = parse_voids(VOID_HEAD + f"{SECOND},drop,wrong,ta\n", "v", M)
    beside = Beside(decisions=Decisions(decisions, (), voids))
    one = with_beside(M, judged("anna"), beside)
    assert one.explained("A1", "en") == (
        "This check was found wrong and does not count; the others share its points. wrong (ta)",
        "Decided by staff: 9.5 of 10. <b>unclear</b> (ta)",
    )
    assert "9,5 из 10" in one.explained("A1", "ru")[1]
    assert one.explained("B1", "en") == ()


def test_the_page_of_the_student_tells_it_and_not_who_decided(tmp_path: Path) -> None:
    store = a_class(tmp_path, judged("anna", (CORE,)))
    (tmp_path / "overrides.csv").write_text(HEAD + "anna,A1,9.5,<i>unclear</i>,ta\n")
    (one,) = store.marked(M)
    page = StudentPages(M).render(one)
    assert "Decided by staff: 9.5 of 10. &lt;i&gt;unclear&lt;/i&gt;<" in page


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("ana,A1,1,why,ta", "there is no student 'ana'; did you mean 'anna'?"),
        ("anna,Z9,1,why,ta", "there is no task 'Z9'; there are A1, B1"),
        ("anna,A1,11,why,ta", "points are 11, task A1 has 10 at most"),
        ("anna,A1,,why,ta", "points are '', which is no number"),
        ("anna,A1,-1,why,ta", "negative"),
        ("anna,A1,1,,ta", "reason and by cannot be empty"),
        ("anna,A1,1,why,", "reason and by cannot be empty"),
        ("anna,A1,9,5,why,ta", "it has 6 fields, the header 5"),
    ],
)
def test_a_wrong_override_is_named_and_the_others_count(line: str, words: str) -> None:
    found, problems = parse_overrides(
        f"{HEAD}anna,A1,1,a,b\n{line}\nanna,B1,2,a,b\n", "overrides.csv", M, CLASS
    )
    (problem,) = problems
    assert problem.startswith("overrides.csv, line 3: ")
    assert words in problem
    assert [one.task for one in found] == ["A1", "B1"]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("test_x,full,why,ta", "there is no hidden test 'test_x'; there are test_a1.py::test_core"),
        ("core,full,why,ta", "there is no hidden test 'core'; there are test_a1.py::test_core"),
        ("test_core,half,why,ta", "as is 'half'; it is `full`"),
        ("test_core,full,,ta", "reason and by cannot be empty"),
        (f"test_core,full,a,ta\n{CORE},drop,a,ta", "stands in line 2 already"),
        ("test_accuracy,drop,a,ta", "no test of task B1 is left"),
        ("test_core,drop,a,t\ntest_second,drop,a,t\ntest_corner,drop,a,t", "no test of task A1 is left"),
    ],
)
def test_a_wrong_void_is_named(lines: str, words: str) -> None:
    _, problems = parse_voids(VOID_HEAD + lines + "\n", "voids.csv", M)
    (problem,) = problems
    assert words in problem


def test_a_spreadsheets_files_are_read_and_left_as_they_are(tmp_path: Path) -> None:
    overrides, voids = tmp_path / "overrides.csv", tmp_path / "voids.csv"
    overrides.write_bytes(
        "student;task;points;reason;by\r\nБорис Ёлкин;A1;9,5;неясно;Иванова\r\n".encode("cp1251")
    )
    voids.write_bytes("test\tas\treason\tby\r\ntest_corner\tfull\tневерен\tИванова\r\n".encode("utf-16"))
    before = overrides.read_bytes(), voids.read_bytes()
    found = read_decisions(tmp_path, M, CLASS)
    assert found.problems == ()
    decision = found.of("Борис Ёлкин", "A1")
    assert decision is not None
    assert (decision.points, decision.by, decision.line) == (9.5, "Иванова", 2)
    assert [(void.test, void.how) for void in found.voids] == [(CORNER, "full")]
    assert (overrides.read_bytes(), voids.read_bytes()) == before


def test_no_files_decide_nothing_and_a_folder_is_refused(tmp_path: Path) -> None:
    assert read_decisions(tmp_path, M, CLASS) == Decisions()
    (tmp_path / "voids.csv").mkdir()
    with pytest.raises(UsageError, match=r"cannot read .*voids\.csv"):
        read_decisions(tmp_path, M, CLASS)


def test_a_store_reads_them_and_requires_them_right(tmp_path: Path) -> None:
    a_class(tmp_path, judged("anna", (CORE,)))
    (tmp_path / "overrides.csv").write_text(HEAD + "anna,A1,9,why,ta\nboris,A1,9,why,ta\n")
    beside = Store(tmp_path).beside(M)
    with pytest.raises(UsageError, match="line 3: there is no student 'boris'"):
        beside.require()
    (one,) = Store(tmp_path).marked(M)
    assert one.score == 13


def test_a_line_goes_before_what_was_restored() -> None:
    restored = Override(task="A1", points=9, reason="r", by="b", at=datetime.now(UTC))
    grade = judged("anna", (CORE,), overrides=(restored,))
    grade = grade.model_copy(
        update={"tasks": (grade.tasks[0].model_copy(update={"score": 9.0}), grade.tasks[1]), "score": 13.0}
    )
    assert with_beside(M, grade).score == 13
    decisions, _ = parse_overrides(HEAD + "anna,A1,2,second thoughts,ta\n", "o", M, CLASS)
    assert with_beside(M, grade, Beside(decisions=Decisions(decisions))).score == 6


def test_a_test_that_multiplies_is_no_test_to_void() -> None:
    manifest = find_assignment("seminar_cnn", ROOT / "assignments").manifest
    (test,) = [task.multiplier.test for task in manifest.tasks if task.multiplier is not None]
    for how in ("full", "drop"):
        voids, problems = parse_voids(VOID_HEAD + f"{test},{how},wrong,ta\n", "voids.csv", manifest)
        assert voids == ()
        assert "multiplies the points of task" in problems[0]
