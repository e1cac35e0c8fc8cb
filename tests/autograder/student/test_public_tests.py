"""Outcomes of public tests in words: short, without repetition, in the language of the course."""

from __future__ import annotations

from autograder.remote.failures import StudentError
from autograder.student import public_tests
from autograder.testing import Difference
from autograder.text import Text


def test_the_report_does_not_repeat_itself() -> None:
    outcomes = [
        public_tests.PublicOutcome("a", None),
        public_tests.PublicOutcome("b", "why\nnot"),
        public_tests.PublicOutcome("c", "why\nnot"),
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


def test_a_true_reason_stands_alone() -> None:
    error = StudentError("NameError: name 'helper' is not defined", "NameError")
    assert public_tests.explain(error, "en")[0] == "your code stopped with an error:\nNameError: name 'helper' is not defined"
    cause = Text(ru="ячейка 2: нет модуля", en="cell 2: no module")
    assert public_tests.explain(error.because(cause), "ru") == ("ячейка 2: нет модуля", False)
