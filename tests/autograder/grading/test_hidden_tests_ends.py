"""What is made of the end of a hidden test: the verdict, what a student may read, what is told further."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.grading.hidden_tests import Case, HiddenTests, serve_hidden_tests
from autograder.remote.student import Student
from autograder.results.grade import KindOfDifference, Outcome
from autograder.sandbox.host.connection import ZygoteEndedError
from tests.autograder.hidden_tests_support import (
    ACCURACY,
    CORE,
    CORNER,
    Course,
    Workers,
    append,
    core,
    manifest,
    salt,
)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return Course(tmp_path)


CALL = "student.conv2d({!r})"


@pytest.mark.parametrize(
    ("body", "verdict", "message"),
    [
        ("assert student.conv2d('fine') == 'fine'", "passed", ""),
        ("assert student.conv2d('fine') == 'secret'", "failed", "core"),
        ("raise AssertionError('secret')", "failed", "core"),
        (CALL.format("raise"), "error", "core\nYour code stopped with an error: ValueError"),
        (
            CALL.format("unwritten"),
            "error",
            "core\nNot written yet, or what is called is not made for such values: NotImplementedError",
        ),
        (CALL.format("hang"), "timeout", "core\nYour code did not answer in time: no answer in time"),
        (
            CALL.format("leave"), "crashed",
            "core\nThe process that ran your code ended: the process ended itself (os._exit or sys.exit)",
        ),
        ("1 / 0", None, "ZeroDivisionError: division by zero"),
        ("student.no_such_task", None, "AttributeError: 'no_such_task' is no task symbol"),
    ],
)  # fmt: skip
def test_the_verdict_and_what_a_student_may_read(
    course: Course, body: str, verdict: str | None, message: str
) -> None:
    ran = course.run(test_a1=core(body))
    assert (ran.outcomes[CORE].verdict, ran.outcomes[CORE].message) == (verdict, message)
    assert [(name, failed) for name, failed, _ in ran.told] == [
        (CORE, verdict != "passed"), (CORNER, False), (ACCURACY, False),
    ]  # fmt: skip
    assert ran.outcomes[CORNER].verdict == "passed", "one test's end is not another's"


def test_a_verdict_speaks_the_language_of_the_run(course: Course) -> None:
    outcomes = course.run(lang="ru", test_a1=core(CALL.format("hang"))).outcomes
    assert outcomes[CORE].message == (
        "core (ru)\nВаш код не уложился в отведённое время: нет ответа за отведённое время"
    )


def test_the_first_exception_of_a_test_counts(course: Course) -> None:
    """Also that of a fixture, and not the one that follows from it when the test is cleaned up."""
    text = (
        "import pytest\n\n@pytest.fixture\ndef broken(student):\n    yield\n    1 / 0\n\n"
        "def test_core(broken):\n    assert False\n\ndef test_corner(broken):\n    pass\n"
    )
    outcomes = course.run(test_a1=text).outcomes
    assert outcomes[CORE].verdict == "failed"
    assert (outcomes[CORNER].verdict, outcomes[CORNER].message) == (
        None,
        "ZeroDivisionError: division by zero",
    )


def test_calls_are_told_of_the_test_that_made_them(course: Course) -> None:
    text = (
        "def test_core(student):\n    student.conv2d('one')\n    student.conv2d('two')\n\n"
        "def test_corner(student):\n    student.conv2d('three')\n"
    )
    assert [calls for _, _, calls in course.run(test_a1=text).told] == [["one", "two"], ["three"], []]


def test_nobody_need_listen(course: Course) -> None:
    course.write()
    found = manifest()
    case = Case(found, Student(Workers().connect, found.tasks[0].tops, found.limits), salt, "en")
    serve_hidden_tests(course.folder, found, lambda hidden: hidden.run(case))
    assert list(case.outcomes) == [CORE, CORNER, ACCURACY]


def test_tests_of_an_unwritten_task_are_not_run(course: Course) -> None:
    course.unwritten = {"A1": "Task A1 is not written yet"}
    ran = course.run(test_a1=core("student.conv2d('fine')"))
    for name in (CORE, CORNER):
        assert ran.outcomes[name] == Outcome(test=name, verdict="error", message="Task A1 is not written yet")
    assert ran.outcomes[ACCURACY].verdict == "passed"
    assert [name for name, _, _ in ran.told] == [ACCURACY]


def test_when_the_zygote_ends_the_whole_submission_is_judged_again(course: Course) -> None:
    with pytest.raises(ZygoteEndedError):
        course.run(test_a1=core(CALL.format("zygote")))


def test_a_fixture_that_many_tests_share_is_made_once(course: Course, tmp_path: Path) -> None:
    """pytest is told which test follows; else it would tear everything down after each."""
    log = tmp_path / "made"
    text = (
        "import pytest\n\n@pytest.fixture(scope='module')\ndef shared():\n"
        f"    {append(log, repr('x'))}\n\n"
        "def test_core(shared):\n    pass\n\ndef test_corner(shared):\n    pass\n"
    )
    course.run(test_a1=text)
    assert log.read_text() == "x"
    course.run([CORE], test_a1=text)
    assert log.read_text() == "xx"
    course.run([CORE, CORNER], test_a1=text)
    assert log.read_text() == "xxx"


# --- A test that ends in another way than the two that there are.

STRANGE = "student.conv2d('fine') + 1"


def answers(value: str) -> Callable[[], Student]:
    """A reference that answers each call with `value`."""
    found = manifest()
    told = Workers(answer=value)
    return lambda: Student(told.connect, found.tasks[0].tops, found.limits)


def test_a_value_that_leads_to_a_strange_end_is_the_students(course: Course) -> None:
    """It ends well with the reference's answer, so the test is not to blame."""
    outcome = course.run(test_a1=core("1 / (student.conv2d('') != '')"), reference=answers("right")).outcomes[
        CORE
    ]
    assert (outcome.verdict, outcome.difference) == ("failed", KindOfDifference(kind="not comparable"))
    assert outcome.message == (
        "core\nYour result cannot be compared with the right one: "
        "its type, dtype or shape is not what the task asks for"
    )


def test_a_test_that_ends_strangely_with_the_reference_too_is_to_blame(course: Course) -> None:
    outcome = course.run(test_a1=core(STRANGE), reference=answers("right")).outcomes[CORE]
    assert (outcome.verdict, outcome.difference) == (None, None)
    assert outcome.message.startswith("TypeError: ")


def test_what_is_said_of_a_broken_test_is_the_references_end_not_the_students(course: Course) -> None:
    """The exception may quote the value that a student's code gave back."""
    body = "int(student.conv2d('3.14159'))"
    outcome = course.run(test_a1=core(body), reference=answers("right")).outcomes[CORE]
    assert outcome.verdict is None
    assert outcome.message == "ValueError: invalid literal for int() with base 10: 'right'"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            "[0] * (1 << 40) if student.conv2d('') == '' else None",
            "that would take more memory than there is",
        ),
        (
            "import torch; x = torch.ones(300_000); (x[:, None] - x).sum() if student.conv2d('') == '' else None",
            "that would take more memory than there is",
        ),
    ],
)
def test_a_value_that_takes_all_memory_is_the_students(course: Course, body: str, said: str) -> None:
    ran = course.run(test_a1=core(body), reference=answers("right"))
    assert ran.outcomes[CORE].verdict == "failed"
    assert said in ran.outcomes[CORE].message
    assert ran.outcomes[CORNER].verdict == ran.outcomes[ACCURACY].verdict == "passed", "the judge goes on"


def test_a_comparison_that_never_ends_is_the_students(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(HiddenTests._failure_of, "__defaults__", (0.2,))
    text = (
        "def test_core(student):\n    while student.conv2d('') == '':\n        sum(range(1000))\n\n"
        "def test_corner(student):\n    assert student.conv2d('fine') == 'fine'\n"
    )
    ran = course.run(test_a1=text, reference=answers("right"))
    assert ran.outcomes[CORE].verdict == "failed"
    assert "that takes too long" in ran.outcomes[CORE].message
    assert ran.outcomes[CORNER].verdict == "passed"
    assert ran.workers.number == 2, "the worker, whose answer may have been half read, is replaced"


def test_the_reference_is_asked_in_a_process_of_its_own(course: Course) -> None:
    course.run(
        test_a1=core("import sys; sys.left = student.conv2d(''); 1 / (sys.left != '')"),
        reference=answers("x"),
    )
    assert sys.left == ""  # type: ignore[attr-defined]
    del sys.left  # type: ignore[attr-defined]
