"""Outcomes of public tests in words: short, without repetition, in the language of the course."""

from __future__ import annotations

from typing import Any

import pytest

from autograder.remote.failures import StudentError
from autograder.student import public_tests
from autograder.student.seen.values import SeenValues
from autograder.testing import Difference
from autograder.text import Text


def test_the_report_does_not_repeat_itself() -> None:
    outcomes = [
        public_tests.PublicOutcome("a", None),
        public_tests.PublicOutcome("b", "why\nnot", reason="one"),
        public_tests.PublicOutcome("c", "why\nnot", reason="one"),
    ]
    lines = public_tests.report("F1", outcomes, "used: f", "en")
    assert lines[0] == "F1: 2 of 3 public tests fail"
    assert lines[-2:] == ["  - c: failed, for the same reason", "  used: f"]
    assert lines.count("      why") == 1


def test_a_difference_is_told_in_the_language_of_the_course() -> None:
    difference = Difference("values", "карта / map")
    assert public_tests.explain(difference, "ru") == ("карта: неверные значения", False)
    assert public_tests.explain(difference, "en") == ("map: wrong values", False)


def test_unwritten_code_is_recognised() -> None:
    assert public_tests.explain(StudentError("NotImplementedError: task F1", "NotImplementedError"), "en")[1]
    assert not public_tests.explain(StudentError("ValueError: x", "ValueError"), "en")[1]
    assert public_tests.explain(AssertionError("first\nassert 1 == 2"), "en") == ("first", False)


def test_an_assertion_is_told_in_one_language() -> None:
    error = AssertionError("ошибки нет / nothing is raised\nassert None")
    assert public_tests.explain(error, "ru") == ("ошибки нет", False)
    assert public_tests.explain(error, "en") == ("nothing is raised", False)
    # No two halves: shown whole.
    assert public_tests.explain(AssertionError("a / b, c / d"), "en") == ("a / b, c / d", False)


@pytest.mark.parametrize(
    ("text", "task", "said", "is_unwritten"),
    [
        ("NotImplementedError: task F1", "F1", "NotImplementedError: task F1", True),
        ("NotImplementedError: task I1", "K3", "K3 calls the task I1, which is not written yet", False),
        ("task F1 is not written yet: conv2d", "F1", "task F1 is not written yet: conv2d", True),
        (
            'NotImplementedError: Module [Net] is missing the required "forward" function',
            "I1",
            "no method forward",
            False,
        ),
        ("NotImplementedError: negative numbers", "F1", "your code stopped with an error:", False),
    ],
)
def test_only_an_empty_task_is_not_written(text: str, task: str, said: str, is_unwritten: bool) -> None:
    why, unwritten = public_tests.explain(StudentError(text, "NotImplementedError"), "en", task)
    assert said in why
    assert unwritten is is_unwritten


def test_an_exception_is_told_once_with_its_lines_and_with_advice() -> None:
    text = 'Traceback (most recent call last):\n  File "cell In[1]", line 2, in f\nIndexError: index 4 is out of bounds'
    why, _ = public_tests.explain(StudentError(text, "IndexError"), "en")
    first, *middle, last = why.split("\n")
    assert first == "your code stopped with an error:"
    assert middle == ['  File "cell In[1]", line 2, in f', "IndexError: index 4 is out of bounds"]
    assert last.startswith("Advice: The index leaves the tensor")


def test_one_cause_is_told_once_although_it_fails_several_values() -> None:
    found = [Difference("type", "first", found="ndarray"), Difference("type", "second", found="ndarray")]
    outcomes = [public_tests.PublicOutcome(one.what, one.said("en"), reason=one.reason) for one in found]
    assert public_tests.report("F1", outcomes, "used: f", "en")[1:-1] == [
        "  - first: failed",
        "      first: got a value of type ndarray where a tensor was expected; return a tensor and stay within torch: "
        "numbers outside of it have no gradient",
        "  - second: failed, for the same reason",
    ]
    assert Difference("values", "first").reason == ""


def test_a_true_reason_stands_alone() -> None:
    error = StudentError("NameError: name 'helper' is not defined", "NameError")
    assert (
        public_tests.explain(error, "en")[0]
        == "your code stopped with an error:\nNameError: name 'helper' is not defined"
    )
    cause = Text(ru="ячейка 2: нет модуля", en="cell 2: no module")
    assert public_tests.explain(error.because(cause), "ru") == ("ячейка 2: нет модуля", False)


def test_one_verdict_on_two_calls_is_told_with_each() -> None:
    values = [SeenValues(call) for call in ("f(shift=(1, 0))", "f(shift=(0, 1))", "f(shift=(0, 1))")]
    outcomes = [
        public_tests.PublicOutcome(name, "False, True is right", values=one)
        for name, one in zip("abc", values, strict=True)
    ]
    lines = public_tests.report("D5", outcomes, "used: f", "en")
    assert lines.count("      False, True is right") == 2
    assert lines[-2:] == ["  - c: failed, for the same reason", "  used: f"], "the very same call"
    unseen = [public_tests.PublicOutcome(name, "False, True is right") for name in "ab"]
    assert public_tests.report("D5", unseen, "used: f", "en").count("      False, True is right") == 2


def raised(text: str, kind: str, line: int, **more: Any) -> StudentError:
    return StudentError(text, kind, at=("solution.py", line), **more)


def test_exceptions_are_of_one_cause_where_type_and_line_are_the_same() -> None:
    def reason(error: BaseException) -> str:
        return public_tests.reason_of(error, public_tests.explain(error, "en")[0])

    first = reason(raised("RuntimeError: shape (4)", "RuntimeError", 3))
    assert reason(raised("RuntimeError: shape (5)", "RuntimeError", 3)) == first
    others = [
        raised("RuntimeError: shape (4)", "RuntimeError", 4),
        raised("ValueError: shape (4)", "ValueError", 3),
        raised("RuntimeError: shape (4)", "RuntimeError", 3, during="backward"),
    ]
    assert len({first, *map(reason, others)}) == 4
    assert reason(AssertionError("2, expected 3")) == ""
    assert reason(Difference("answer", "f", found="NoneType")) == "answer NoneType"
    without = [Difference("type", "gradient", found="NoneType") for _ in range(3)]
    without[0].cut_off, without[1].cut_off = "x", "weight"
    assert len({reason(one) for one in without}) == 3, "another argument, another cause"
