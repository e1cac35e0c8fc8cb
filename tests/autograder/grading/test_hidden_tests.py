"""Hidden tests run by the real pytest: what is collected, what a test is given."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from autograder.course.manifest import Threshold
from autograder.errors import UsageError
from autograder.grading.examples.example import References
from autograder.grading.hidden_tests import Case, HiddenTests, Measurement, serve_hidden_tests
from autograder.remote.student import Student
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


# --- Collecting.


def test_every_hidden_test_is_run_in_the_order_of_the_manifest(course: Course) -> None:
    ran = course.run()
    assert list(ran.outcomes) == [CORE, CORNER, ACCURACY]
    assert {outcome.verdict for outcome in ran.outcomes.values()} == {"passed"}
    assert {outcome.message for outcome in ran.outcomes.values()} == {""}
    assert [name for name, _, _ in ran.told] == [CORE, CORNER, ACCURACY]
    assert all(outcome.test == name for name, outcome in ran.outcomes.items())
    assert all(0 <= outcome.seconds < 60 for outcome in ran.outcomes.values())


def test_a_result_says_how_long_its_test_took(course: Course) -> None:
    started = time.monotonic()
    outcomes = course.run(test_a1=core("__import__('time').sleep(0.05)")).outcomes
    elapsed = time.monotonic() - started
    assert 0.05 <= outcomes[CORE].seconds <= elapsed
    assert sum(outcome.seconds for outcome in outcomes.values()) <= elapsed + 0.001
    for outcome in outcomes.values():
        assert isinstance(outcome.seconds, float)
        assert outcome.seconds == round(outcome.seconds, 4) > 0


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
            {"test_a1": "def test_x():\n    pass\n"},
            "the manifest of small names test_a1.py::test_core, test_a1.py::test_corner, which hidden/ does not "
            "define; hidden/ of small defines test_a1.py::test_x, which the manifest does not price",
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
    def run_and_look(hidden: HiddenTests) -> None:
        for _ in range(2):
            with pytest.raises(AssertionError, match=r"^hidden tests run only inside HiddenTests\.run$"):
                hidden._current  # noqa: B018 -- the access itself is tested
            student = Student(Workers().connect, found.tasks[0].tops, found.limits)
            hidden.run(Case(found, student, salt, "en"))

    course.write()
    found = manifest()
    serve_hidden_tests(course.folder, found, run_and_look)


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


@pytest.mark.parametrize(
    ("fails", "drawn"),
    [("True", ["False", "True"]), ("not small", ["False", "True", "False"]), ("small", ["False"])],
)
def test_what_is_drawn_for_an_example_is_small_where_that_shows_the_failure(
    course: Course, tmp_path: Path, fails: str, drawn: list[str]
) -> None:
    def serve(hidden: HiddenTests) -> None:
        graded, fresh = (Student(Workers().connect, found.tasks[0].tops, found.limits) for _ in range(2))
        case = Case(found, graded, salt, "en")
        hidden.run(case, [CORE])
        hidden.add_examples(case, fresh, References(found))

    found = manifest()
    note = append(tmp_path / "drawn", "f'{small} '")
    text = (
        f"def test_core(rng, small):\n    {note}\n    assert not ({fails})\n\ndef test_corner():\n    pass\n"
    )
    course.write(test_a1=text)
    serve_hidden_tests(course.folder, found, serve)
    assert (tmp_path / "drawn").read_text().split() == drawn


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


@pytest.mark.parametrize(("value", "expected"), [(0.9, True), (0.95, True), (0.89, False), (0.1, False)])
def test_when_another_measurement_could_earn_more(value: float, expected: bool) -> None:
    threshold = Threshold(metric="accuracy", low=0.5, high=0.9, provenance="made up")
    assert Measurement(threshold).is_full(value) is expected


@pytest.mark.parametrize(
    ("threshold", "said"),
    [
        (None, "^this test has no threshold in the manifest$"),
        (
            Threshold(metric="glyphs", margin=0.1, provenance="made up"),
            "^the bars of this threshold are measured$",
        ),
    ],
)
def test_without_bars_in_the_manifest_nothing_is_full(threshold: Threshold | None, said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        Measurement(threshold).is_full(0.9)


def test_bars_that_were_measured_go_along(course: Course) -> None:
    text = "def test_accuracy(threshold):\n    threshold.record(0.8, [0.8], 2000, bars=(0.7, 0.9))\n"
    outcome = course.run(test_b1=text).outcomes[ACCURACY]
    assert (outcome.value, outcome.low, outcome.high) == (0.8, 0.7, 0.9)
    outcome = course.run(test_b1="def test_accuracy(threshold):\n    threshold.record(0.8)\n").outcomes[
        ACCURACY
    ]
    assert (outcome.low, outcome.high) == (None, None)


def test_a_test_that_wants_glyphs_where_there_are_none_gives_no_verdict(course: Course) -> None:
    text = (
        "def test_accuracy(threshold, glyphs):\n    threshold.record(0.8, bars=(glyphs.low, glyphs.high))\n"
    )
    outcome = course.run(test_b1=text).outcomes[ACCURACY]
    assert outcome.verdict is None
    assert "there are no glyphs" in outcome.message


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
