"""Hidden tests run by the real pytest: what is collected, what a test is given, and what is made of its end."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.course.manifest import Manifest, Threshold
from autograder.errors import UsageError
from autograder.grading.hidden_tests import Case, HiddenTests, Measurement, judge_failure, serve_hidden_tests
from autograder.remote.failures import StudentCrashed, StudentError, StudentFailure, StudentTimeout
from autograder.remote.records import CallRecord
from autograder.remote.student import Student
from autograder.results.grade import Outcome
from autograder.sandbox.host.connection import ZygoteEndedError
from autograder.text import Lang
from autograder.wire.errors import WorkerCrashed, WorkerTimeout
from autograder.wire.frames import Arrays, Message
from autograder.wire.reasons import Reason
from tests.autograder.manifests import plain

CORE, CORNER, ACCURACY = "test_a1.py::test_core", "test_a1.py::test_corner", "test_b1.py::test_accuracy"
FILES = {
    "test_a1.py": "def test_core(student):\n    pass\n\ndef test_corner(student):\n    pass\n",
    "test_b1.py": "def test_accuracy(threshold):\n    threshold.record(0.7)\n",
}


def manifest(**limits: Any) -> Manifest:
    return Manifest.model_validate(
        {**plain(), "limits": {"call_s": 50, "test_s": 20, "submission_s": 100, **limits}}
    )


@dataclass
class Workers:
    """Workers of one submission: each answers a call of `conv2d` with its argument, or fails as the argument says."""

    asked: list[tuple[int, str, float]] = field(default_factory=list)
    number: int = 0

    def connect(self) -> Worker:
        self.number += 1
        return Worker(self, self.number)


@dataclass
class Worker:
    workers: Workers
    number: int

    def request(self, message: Message, arrays: Arrays, **limits: Any) -> tuple[Message, Arrays]:
        what = message["args"][0] if message["op"] == "call" else message["op"]
        self.workers.asked.append((self.number, what, limits["timeout_s"]))
        match what:
            case "hang":
                raise WorkerTimeout(Reason("no answer", {"seconds": 2}))
            case "leave":
                raise WorkerCrashed(Reason("exit", {"code": 3}))
            case "zygote":
                raise ZygoteEndedError("the zygote has ended")
            case "raise" | "unwritten":
                kind = "ValueError" if what == "raise" else "NotImplementedError"
                return {"ok": False, "error": {"type": kind, "text": f"{kind}: mine"}}, {}
        return {"ok": True, "values": {"out": what}}, {}

    def close(self) -> None:
        pass


@dataclass
class Ran:
    """What a run of the hidden tests gave."""

    outcomes: dict[str, Outcome]
    told: list[tuple[str, bool, list[str]]]
    workers: Workers


@dataclass
class Course:
    """An assignment folder whose hidden tests a test writes."""

    folder: Path

    def run(
        self, tests: Sequence[str] | None = None, lang: Lang = "en", worker: str = "submission", **files: str
    ) -> Ran:
        """Write the files `test_a1`, `test_b1`... and run the hidden tests for one submission."""
        found = manifest(worker=worker)
        ran = Ran({}, [], Workers())
        self.write(**files)

        def told(test: str, failed: bool, calls: Sequence[CallRecord]) -> None:
            ran.told.append((test, failed, [str(call.args[0]) for call in calls]))

        def serve(hidden: HiddenTests) -> None:
            student = Student(ran.workers.connect, found.tasks[0].tops, found.limits)
            case = Case(found, student, salt, lang, told, self.unwritten)
            hidden.run(case, tests)
            ran.outcomes = case.outcomes

        serve_hidden_tests(self.folder, found, serve)
        return ran

    def write(self, **files: str) -> None:
        """Write the files, in place of those that a run before has imported."""
        for name in ("test_a1", "test_b1", "test_c1"):
            sys.modules.pop(name, None)
        (self.folder / "hidden").mkdir(exist_ok=True)
        for name, text in {**FILES, **{f"{name}.py": text for name, text in files.items()}}.items():
            (self.folder / "hidden" / name).write_text(text, encoding="utf-8")

    unwritten: dict[str, str] = field(default_factory=dict)


def salt(purpose: str) -> bytes:
    return hashlib.sha256(purpose.encode()).digest()


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return Course(tmp_path)


def core(body: str) -> str:
    return f"def test_core(student):\n    {body}\n\ndef test_corner():\n    pass\n"


def append(path: Path, expression: str) -> str:
    """A line of a hidden test that appends text to a file."""
    return f"with open({str(path)!r}, 'a') as log: log.write({expression})"


# --- Collecting.


def test_every_hidden_test_is_run_in_the_order_of_the_manifest(course: Course) -> None:
    ran = course.run()
    assert list(ran.outcomes) == [CORE, CORNER, ACCURACY]
    assert {outcome.verdict for outcome in ran.outcomes.values()} == {"passed"}
    assert {outcome.message for outcome in ran.outcomes.values()} == {""}
    assert [name for name, _, _ in ran.told] == [CORE, CORNER, ACCURACY]
    assert all(outcome.test == name for name, outcome in ran.outcomes.items())
    assert all(0 <= outcome.seconds < 60 for outcome in ran.outcomes.values())


def test_only_the_tests_that_were_asked_for_are_run(course: Course) -> None:
    assert list(course.run([ACCURACY, CORE]).outcomes) == [CORE, ACCURACY]
    assert course.run([]).outcomes == {}


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            {"test_a1": "def test_core():\n    pass\n"},
            "the manifest of small names test_a1.py::test_corner, which hidden/ does not define",
        ),
        (
            {"test_c1": "def test_x():\n    pass\ndef test_y():\n    pass\n"},
            "hidden/ of small defines test_c1.py::test_x, test_c1.py::test_y, which the manifest does not price",
        ),
        (
            {"test_a1": "def test_core():\n    pass\ndef test_corner_2():\n    pass\n"},
            "the manifest of small names test_a1.py::test_corner, which hidden/ does not define; "
            "hidden/ of small defines test_a1.py::test_corner_2, which the manifest does not price",
        ),
        (
            {"test_a1": "import nothing_of_that_name\n"},
            "the hidden tests of small cannot be collected: test_a1.py: E   ModuleNotFoundError: "
            "No module named 'nothing_of_that_name'",
        ),
    ],
)
def test_hidden_tests_that_do_not_fit_the_manifest_are_refused(
    course: Course, files: dict[str, str], said: str
) -> None:
    course.write(**files)
    served: list[HiddenTests] = []
    with pytest.raises(UsageError) as caught:
        serve_hidden_tests(course.folder, manifest(), served.append)
    assert str(caught.value) == said
    assert served == []


def test_an_assignment_without_hidden_tests_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="hidden does not exist; an assignment keeps its hidden tests there"):
        serve_hidden_tests(tmp_path, manifest(), print)


@pytest.mark.parametrize("error", [OSError("disk"), KeyboardInterrupt(), SystemExit(3)])
def test_what_goes_wrong_while_serving_comes_through(course: Course, error: BaseException) -> None:
    course.write()

    def serve(hidden: HiddenTests) -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        serve_hidden_tests(course.folder, manifest(), serve)
    assert caught.value is error


def test_settings_around_the_hidden_tests_do_not_count(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither the machine's options, nor a file beside the tests; nothing is said, and nothing left there."""
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no_such_plugin")
    for folder in (course.folder, course.folder / "hidden"):
        folder.mkdir(exist_ok=True)
        (folder / "pytest.ini").write_text("[pytest]\naddopts = -p no_such_plugin\n", encoding="utf-8")
    assert list(course.run().outcomes) == [CORE, CORNER, ACCURACY]
    assert capsys.readouterr() == ("", "")
    assert not (course.folder / "hidden" / ".pytest_cache").exists()


def test_outside_of_a_run_a_test_is_given_nothing(course: Course) -> None:
    course.write()
    hidden = HiddenTests(manifest(), print)
    with pytest.raises(AssertionError, match=r"only inside HiddenTests\.run"):
        hidden._current  # noqa: B018 -- the access itself is tested


# --- What a test is given.


def test_random_numbers_follow_the_salt_and_the_name_of_the_test(course: Course, tmp_path: Path) -> None:
    draw = append(tmp_path / "drawn", "f'{rng.random()} '")
    text = f"def test_core(rng):\n    {draw}\n\ndef test_corner(rng):\n    {draw}\n"
    course.run(test_a1=text)
    course.run(test_a1=text)
    drawn = [float(number) for number in (tmp_path / "drawn").read_text().split()]
    expected = [
        np.random.Generator(np.random.PCG64(int.from_bytes(salt(name), "big"))).random()
        for name in (CORE, CORNER)
    ]
    assert drawn == expected * 2


def test_a_measurement_is_handed_over(course: Course) -> None:
    record = "threshold.record(np.float32(0.5), [0.25, 1], num_images=2000)"
    text = f"import numpy as np\ndef test_accuracy(threshold):\n    {record}\n"
    outcome = course.run(test_b1=text).outcomes[ACCURACY]
    assert (outcome.value, outcome.values, outcome.num_images) == (0.5, (0.25, 1.0), 2000)
    assert type(outcome.value) is float
    plain_one = course.run().outcomes[ACCURACY]
    assert (plain_one.value, plain_one.values, plain_one.num_images) == (0.7, (), None)


def test_a_measurement_belongs_to_its_test_alone(course: Course) -> None:
    text = "def test_core(threshold):\n    threshold.record(0.9, [0.9], 3)\n\ndef test_corner():\n    pass\n"
    outcomes = course.run(test_a1=text, test_b1="def test_accuracy():\n    pass\n").outcomes
    assert outcomes[CORE].value == 0.9
    for name in (CORNER, ACCURACY):
        assert (outcomes[name].value, outcomes[name].values, outcomes[name].num_images) == (None, (), None)


def test_a_test_knows_its_ramp(course: Course) -> None:
    check = "assert (threshold.threshold.low, threshold.threshold.high) == (0.5, 0.9)"
    text = f"def test_accuracy(threshold):\n    {check}\n"
    assert course.run(test_b1=text).outcomes[ACCURACY].verdict == "passed"


@pytest.mark.parametrize(
    ("values", "planned", "expected"),
    [
        ([], 1, False),
        ([0.9], 1, True),
        ([0.5], 1, True),
        ([0.89], 1, False),
        ([0.51], 1, False),
        ([0.95], 2, False),
        ([0.95, 0.95], 3, True),
        ([0.95, 0.1], 3, False),
        ([0.1, 0.1], 3, True),
        ([0.95, 0.1, 0.95], 3, True),
        ([0.95, 0.95], 4, False),
        ([0.95, 0.95, 0.1, 0.1, 0.95], 5, True),
    ],
)
def test_when_more_measurements_change_nothing(values: list[float], planned: int, expected: bool) -> None:
    threshold = Threshold(metric="accuracy", low=0.5, high=0.9, provenance="made up")
    assert Measurement(threshold).decided(values, planned) is expected


def test_without_a_ramp_nothing_is_decided() -> None:
    with pytest.raises(AssertionError, match="this test has no threshold in the manifest"):
        Measurement().decided([0.9], 1)


def test_a_test_with_a_ramp_may_take_the_time_of_the_submission(course: Course) -> None:
    ask = "def test_accuracy(student, threshold):\n    student.conv2d('fine')\n    threshold.record(0.5)\n"
    workers = course.run(test_a1=core("student.conv2d('fine')"), test_b1=ask).workers
    (short, long) = [limit for _, what, limit in workers.asked if what == "fine"]
    assert 0 < short <= 20
    assert long == 50, "the limit of one call"


def test_objects_are_freed_after_each_test_and_a_worker_serves_all(course: Course) -> None:
    ask = "def test_accuracy(student):\n    student.conv2d('fine')\n"
    workers = course.run(test_a1=core("student.conv2d('fine')"), test_b1=ask).workers
    assert [(number, what) for number, what, _ in workers.asked] == [
        (1, "fine"), (1, "free"), (1, "free"), (1, "fine"), (1, "free"),
    ]  # fmt: skip


@pytest.mark.parametrize(("worker", "numbers"), [("submission", [1, 1, 1]), ("task", [1, 1, 2])])
def test_a_worker_for_each_task(course: Course, worker: str, numbers: list[int]) -> None:
    ask = "student.conv2d('fine')"
    files = {
        "test_a1": f"def test_core(student):\n    {ask}\n\ndef test_corner(student):\n    {ask}\n",
        "test_b1": f"def test_accuracy(student):\n    {ask}\n",
    }
    asked = course.run(worker=worker, **files).workers.asked
    assert [number for number, what, _ in asked if what == "fine"] == numbers
    only = course.run([ACCURACY], worker=worker, **files).workers.asked
    assert [number for number, what, _ in only if what == "fine"] == [1]


# --- What is made of the end of a test.

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
