"""What is made of the end of a hidden test: the verdict, what a student may read, what is told further."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.grading.hidden_tests import Case, judge_failure, serve_hidden_tests
from autograder.remote.failures import StudentCrashed, StudentError, StudentFailure, StudentTimeout
from autograder.remote.student import Student
from autograder.results.grade import Outcome
from autograder.sandbox.host.connection import ZygoteEndedError
from autograder.text import Lang
from autograder.wire.reasons import Reason
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
        (CALL.format("raise"), "error", "core\nYour code stopped with an error:\nValueError: mine"),
        (CALL.format("unwritten"), "error", "core\nNotImplementedError: mine"),
        (CALL.format("hang"), "timeout", "core\nYour code did not answer in time: no answer within 2 s"),
        (
            CALL.format("leave"), "crashed",
            "core\nThe process that ran your code ended: the process ended itself with status 3 (os._exit)",
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
    assert outcomes[CORE].message == ("core (ru)\nВаш код не уложился в отведённое время: нет ответа за 2 с")


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


@pytest.mark.parametrize(
    ("failure", "lang", "expected"),
    [
        (None, "en", ("passed", "")),
        (AssertionError("secret"), "en", ("failed", "")),
        (StudentTimeout(Reason("late")), "en", ("timeout", "Your code did not answer in time: no answer in time")),
        (
            StudentTimeout(Reason("late")), "ru",
            ("timeout", "Ваш код не уложился в отведённое время: нет ответа за отведённое время"),
        ),
        (
            StudentCrashed(Reason("ended before")), "ru",
            ("crashed", "Процесс с вашим кодом завершился: он закончился раньше"),
        ),
        (StudentError("mine", "ValueError"), "ru", ("error", "Ваш код остановился с ошибкой:\nmine")),
        (StudentError("not written", "NotImplementedError"), "ru", ("error", "not written")),
        (KeyError("x"), "en", (None, "KeyError: 'x'")),
        (pytest.fail.Exception("x"), "en", (None, "Failed: x")),
    ],
)  # fmt: skip
def test_what_is_said_of_an_end(
    failure: BaseException | None, lang: Lang, expected: tuple[str | None, str]
) -> None:
    assert judge_failure(failure, lang) == expected


def test_another_failure_of_a_students_code_says_itself_what_happened() -> None:
    class Strange(StudentFailure):
        def said(self, lang: Lang) -> str:
            return f"strange in {lang}"

    assert judge_failure(Strange(), "ru") == ("error", "strange in ru")
