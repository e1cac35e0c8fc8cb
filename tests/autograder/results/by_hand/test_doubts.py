"""Which hidden tests are to be doubted: those that many strong students fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.progress import staff_lines
from autograder.results.beside import Beside
from autograder.results.by_hand.doubts import tests_to_doubt as to_doubt
from autograder.results.decisions import Decisions, Void
from autograder.results.grade import Grade
from autograder.results.marked import all_with_beside
from tests.autograder.results.decided_support import (
    ACCURACY,
    CORE,
    CORNER,
    SECOND,
    a_class,
    judged,
    manifest_of_tests,
)

M = manifest_of_tests()


def doubts(grades: list[Grade], beside: Beside | None = None) -> list[tuple[str, int, int]]:
    marked = all_with_beside(M, grades, beside or Beside())
    return [(one.test.id, one.failed, one.strong) for one in to_doubt(M, marked)]


def students(number: int, *failed: str, name: str = "s", without: tuple[str, ...] = ()) -> list[Grade]:
    return [judged(f"{name}{place}", failed, without=without) for place in range(number)]


@pytest.mark.parametrize(("fail", "doubted"), [(1, False), (2, True), (5, True)])
def test_a_fifth_of_the_strong_is_enough(fail: int, doubted: bool) -> None:
    found = doubts(students(10 - fail) + students(fail, SECOND, name="f"))
    assert found == ([(SECOND, fail, 10)] if doubted else [])


def test_the_weak_are_not_asked() -> None:
    """Who fails half of the rest says nothing on a test."""
    weak = students(30, CORE, SECOND, name="weak")
    assert doubts(students(9) + weak) == []
    assert doubts(students(9) + weak + students(3, CORNER, name="f")) == [(CORNER, 3, 12)]


def test_a_task_that_was_not_handed_in_has_failed_no_test() -> None:
    assert doubts(students(5) + students(5, without=("B1",), name="f")) == []


@pytest.mark.parametrize("source", ["cannot be read", "cannot be read, not written"])
def test_a_task_with_a_syntax_error_says_nothing_of_its_tests(source: str) -> None:
    failed = students(5, ACCURACY, name="f")
    assert doubts(students(5) + failed) == [(ACCURACY, 5, 10)]
    tasks = [(one.tasks[0], one.tasks[1].model_copy(update={"source": source})) for one in failed]
    broken = [one.model_copy(update={"tasks": own}) for one, own in zip(failed, tasks, strict=True)]
    assert doubts(students(5) + broken) == []


def test_the_points_of_the_test_itself_do_not_count() -> None:
    """A third of all points hang on one test: who fails it alone is strong otherwise."""
    assert doubts(students(6) + students(3, ACCURACY, name="f")) == [(ACCURACY, 3, 9)]


def test_a_test_that_was_found_wrong_is_doubted_no_more() -> None:
    grades = students(8) + students(2, SECOND, name="f")
    void = Void(SECOND, "drop", "wrong", "ta", 2)
    assert doubts(grades, Beside(decisions=Decisions(voids=(void,)))) == []


def test_what_could_not_be_read_says_nothing() -> None:
    grades = students(8) + [grade.model_copy(update={"status": "rejected"}) for grade in students(9, SECOND)]
    assert doubts(grades) == []
    assert doubts([]) == []


def test_staff_are_told_in_one_line_each(tmp_path: Path) -> None:
    store = a_class(tmp_path, *students(3), *students(1, SECOND, name="f"))
    assert staff_lines(store, M) == [
        "Tests to doubt (`autograder void` takes one out of the marks):",
        f"  A1, {SECOND}: failed by 1 of the 4 who otherwise have at least 90 %: second",
    ]
