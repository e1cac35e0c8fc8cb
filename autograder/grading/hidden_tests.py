"""The pytest plugin of the judge: collect the hidden tests once, run them for one submission after another.

pytest is asked to collect and then handed back through `pytest_runtestloop`; everything between is the batch's.
The fixtures are `student`, `rng`, `small`, `threshold` and `glyphs`; a hidden test reaches nothing else of a student.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from autograder.course.manifest import Manifest, Task, Test, Threshold
from autograder.errors import GraderError, UsageError
from autograder.grading.examples.example import References, failure_on_public_digits
from autograder.grading.examples.explainer import Explainer
from autograder.grading.glyphs.exam import Examination
from autograder.grading.verdicts.ends import End, dtype_in, end_of, not_comparable
from autograder.grading.verdicts.limits import TEST_CPU_S, Overrun, limited
from autograder.grading.verdicts.places import Places
from autograder.grading.verdicts.reference import ask_a_fork
from autograder.remote.failures import StudentCrashed, StudentTimeout
from autograder.remote.plain_pytest import plain_pytest
from autograder.remote.records import cut_off_argument
from autograder.remote.student import Student
from autograder.remote.transcript import Transcript
from autograder.results.grade import Example, Outcome
from autograder.sandbox.host.connection import MachineError
from autograder.testing import Difference
from autograder.text import Lang

CHECKPOINT_METRIC = "checkpoint_accuracy"
NO_ANSWER = "the reference gave no answer in time"


@dataclass
class Case:
    """One submission under the hidden tests: its proxy, its salt, and what has been seen so far.

    `unwritten` says for each task of which nothing was handed in what to tell the student; its tests are not run.
    `reference` makes what stands for the student when it must be told whose fault a strange end is; without it such an
    end gives no verdict. `places`: the lines that were handed in. `explicable`: tests of which an example can be made.
    `is_small`: a test that has the fixture `small` draws what people can read.
    """

    manifest: Manifest
    student: Student
    salt: Callable[[str], bytes]
    lang: Lang
    on_test: Callable[[str, BaseException | None, Transcript], None] | None = None
    unwritten: Mapping[str, str] = field(default_factory=dict)
    reference: Callable[[], Student] | None = None
    places: Places | None = None
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    explicable: list[Test] = field(default_factory=list)
    is_small: bool = False


@dataclass
class Measurement:
    """The `threshold` fixture: a test hands over what it measured, the manifest says what that is worth."""

    threshold: Threshold | None = None
    value: float | None = None
    values: tuple[float, ...] = ()
    num_images: int | None = None
    low: float | None = None
    high: float | None = None

    def record(
        self,
        value: float,
        values: Sequence[float] = (),
        num_images: int | None = None,
        bars: tuple[float, float] | None = None,
    ) -> None:
        """Report the metric. `values` are the single measurements behind it (for instance one per seed).

        num_images: how many different images an accuracy was measured on, for its interval. bars: low and high, for a
        threshold that has a margin.
        """
        self.value, self.values = float(value), tuple(float(v) for v in values)
        self.num_images = num_images
        if bars is not None:
            self.low, self.high = map(float, bars)

    def is_full(self, value: float) -> bool:
        """Whether a value earns all points, so that no other measurement could earn more."""
        assert self.threshold is not None, "this test has no threshold in the manifest"
        assert self.threshold.high is not None, "the bars of this threshold are measured"
        return value >= self.threshold.high


class HiddenTests:
    """Collected hidden tests. `serve` is called once, inside pytest, with this object."""

    def __init__(self, manifest: Manifest, serve: Callable[[HiddenTests], None]) -> None:
        self.manifest = manifest
        self._serve = serve
        self._items: dict[str, pytest.Item] = {}
        self._case: Case | None = None
        self._measurement = Measurement()
        self._failure: BaseException | None = None
        self.problem: BaseException | None = None
        self.examination: Examination | None = None

    @pytest.fixture(name="student")
    def _student(self) -> Student:
        return self._current.student

    @pytest.fixture(name="rng")
    def _rng(self, request: pytest.FixtureRequest) -> np.random.Generator:
        seed = int.from_bytes(self._current.salt(_relative_id(request.node)), "big")
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed)))

    @pytest.fixture(name="small")
    def _small(self) -> bool:
        return self._current.is_small

    @pytest.fixture(name="threshold")
    def _threshold(self) -> Measurement:
        return self._measurement

    @pytest.fixture(name="glyphs")
    def _glyphs(self) -> Examination:
        if self.examination is None:
            raise GraderError("the manifest has no threshold with a margin, so there are no glyphs")
        return self.examination

    @property
    def _current(self) -> Case:
        assert self._case is not None, "hidden tests run only inside HiddenTests.run"
        return self._case

    def pytest_configure(self, config: pytest.Config) -> None:
        """Spare pytest its own account of a failure: to look for the lines of source around it takes time."""
        config.option.tbstyle = "line"

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Replace pytest's own loop: check the collection against the manifest, then serve."""
        self._items = {_relative_id(item): item for item in session.items}
        expected = {test.id for task in self.manifest.tasks for test in task.tests}
        collected = set(self._items)
        if session.testsfailed:
            self.problem = UsageError(f"the hidden tests of {self.manifest.name} cannot be collected")
        elif expected != collected:
            self.problem = UsageError(_difference(self.manifest.name, expected, collected))
        else:
            try:
                self._serve(self)
            except BaseException as error:  # pytest would turn it into its own report; the caller wants it
                self.problem = error
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, call: pytest.CallInfo[None]) -> Generator[None, object, object]:
        """Keep the first exception of an item: its type says whose fault it is."""
        if call.excinfo is not None and self._failure is None:
            self._failure = call.excinfo.value
        report = yield
        return report

    def run(self, case: Case, tests: Collection[str] | None = None) -> None:
        """Run the hidden tests (all, or those in `tests`) for one submission, filling `case.outcomes`."""
        self._case = case
        chosen: list[tuple[Task, Test]] = [
            (task, test)
            for task in self.manifest.tasks
            for test in task.tests
            if tests is None or test.id in tests
        ]
        for position, (task, test) in enumerate(chosen):
            following = chosen[position + 1][1].id if position + 1 < len(chosen) else None
            if self.manifest.limits.worker == "task" and position and chosen[position - 1][0] is not task:
                case.student.renew()
            if task.id in case.unwritten:
                case.outcomes[test.id] = Outcome(
                    test=test.id, verdict="error", message=case.unwritten[task.id]
                )
                continue
            case.outcomes[test.id] = self._run_one(case, test, following)
        self._case = None

    def _run_one(self, case: Case, test: Test, following: str | None) -> Outcome:
        start = time.monotonic()
        failure = self._failure_of(case, test, following)
        seconds = time.monotonic() - start
        measured = self._measurement
        if case.on_test is not None:
            case.on_test(test.id, failure, case.student.transcript)
        case.student.free_handles()
        if isinstance(failure, Difference) and failure.is_without_gradient:
            failure.cut_off = cut_off_argument(case.student.calls, References(case.manifest).parameters)
        end = end_of(failure, case.lang, self._times, case.places)
        if end.verdict is None and failure is not None:
            end = self._whose_fault(case, test, failure)
        if end.difference is not None and end.verdict in ("failed", "error"):
            case.explicable.append(test)
        message = end.words
        if end.verdict not in ("passed", None):
            message = f"{test.sentence.get(case.lang)}\n{message}".strip()
        return Outcome(
            test=test.id,
            verdict=end.verdict,
            message=message,
            seconds=round(seconds, 4),
            value=measured.value,
            values=measured.values,
            num_images=measured.num_images,
            difference=end.difference,
            low=measured.low,
            high=measured.high,
        )

    def _failure_of(
        self, case: Case, test: Test, following: str | None, cpu_s: float = TEST_CPU_S
    ) -> BaseException | None:
        """How a test ends, None where it passes. `cpu_s`: of this process. Raises: MachineError."""
        item, limits = self._items[test.id], self.manifest.limits
        self._failure, self._measurement = None, Measurement(test.threshold)
        case.student.begin_task(self.manifest.task_of_test(test.id).id, trains=test.trains)
        case.student.begin_test(limits.test_s if test.threshold is None else limits.submission_s)
        next_item = self._items[following] if following is not None else None
        try:
            with limited(cpu_s):
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=next_item)
        except (Exception, Overrun) as error:  # not in the test: in what pytest makes of its end
            self._failure = self._failure or error
        if isinstance(self._failure, MachineError):  # nobody's test: the whole submission is judged again
            raise self._failure
        if isinstance(self._failure, Overrun):  # an answer may have been half read
            case.student.renew()
        return self._failure

    def _whose_fault(self, case: Case, test: Test, failure: BaseException) -> End:
        """Repeat a test that ended strangely with the reference: only where that fails, too, it is the test's fault."""
        if case.reference is None:
            return End(None, f"{type(failure).__name__}: {failure}")
        make_reference, limits = case.reference, self.manifest.limits
        # The reference computes in that process itself.
        longest_s = 3 * limits.train_wall_s if test.trains else limits.test_s

        def repeat() -> str:
            self._case = again = Case(case.manifest, make_reference(), case.salt, case.lang)
            other = self._failure_of(again, test, None, longest_s)
            return "" if other is None else f"{type(other).__name__}: {other}"

        answer = ask_a_fork(repeat, longest_s)
        if answer == "":
            return not_comparable(failure, case.lang)
        # What the student's value led to is not told: it may quote the value.
        return End(None, answer or NO_ANSWER)

    def add_examples(self, case: Case, student: Student, references: References) -> None:
        """Repeat the failed tests with other numbers and add what that shows to their outcomes.

        student: workers that have met no hidden test. The images of tests that train or measure weights are the same
        for everybody: of these only an error is shown, as it comes about on public digits. A test that draws nothing
        and still sends tensors is left out.
        """
        self._case = again = Case(
            case.manifest, student, lambda name: case.salt(f"example {name}"), case.lang
        )
        explainer = Explainer(case.manifest, student, references, again.salt, case.lang)
        for test in case.explicable:
            task = self.manifest.task_of_test(test.id)
            if test.trains or _is_of_checkpoint(test):
                failure = self._on_public_digits(case, test, student)
                example = explainer.example(task, failure)
            else:
                item = self._items[test.id]
                fixtures = getattr(item, "fixturenames", ())
                failure = self._smaller_failure_of(again, test) if "small" in fixtures else None
                failure = failure or self._failure_of(again, test, None)
                may_be_shown = "rng" in fixtures or not student.sent_tensors
                module = getattr(item, "module", None)
                example = (
                    explainer.example(task, failure, student.calls, test, module) if may_be_shown else None
                )
            case.outcomes[test.id] = _with_example(case.outcomes[test.id], example, case.lang)
            student.free_handles()
            if isinstance(failure, StudentTimeout | StudentCrashed):  # the next one may wait as long
                break
        self._case = None

    def _smaller_failure_of(self, case: Case, test: Test) -> BaseException | None:
        """How a test ends on what people can read; None where it passes there, and larger numbers are needed."""
        case.is_small = True
        failure = self._failure_of(case, test, None)
        case.is_small = False
        if failure is None:
            case.student.free_handles()
        return failure

    def _on_public_digits(self, case: Case, test: Test, student: Student) -> BaseException | None:
        if case.outcomes[test.id].verdict != "error":
            return None
        student.begin_task(self.manifest.task_of_test(test.id).id, trains=test.trains)
        student.begin_test()
        return failure_on_public_digits(student, of_checkpoint=_is_of_checkpoint(test))

    @property
    def _times(self) -> set[float]:
        """Seconds of the manifest."""
        limits = self.manifest.limits
        return {
            limits.call_s, limits.test_s, limits.test_s / 2, limits.submission_s, limits.train_cpu_s,
            limits.train_wall_s,
        }  # fmt: skip


def _is_of_checkpoint(test: Test) -> bool:
    return test.threshold is not None and test.threshold.metric == CHECKPOINT_METRIC


def _with_example(outcome: Outcome, example: Example | None, lang: Lang) -> Outcome:
    """The outcome with its example, and where a test asked for a property, the dtype that the example shows."""
    is_property = outcome.difference is not None and outcome.difference.kind == "property"
    seen = dtype_in(example, lang) if is_property else ""
    message = f"{outcome.message}\n{seen}" if seen else outcome.message
    return outcome.model_copy(update={"example": example, "message": message})


def _relative_id(item: pytest.Item | pytest.Collector) -> str:
    return f"{item.path.name}::{item.name}"


def _difference(name: str, expected: set[str], collected: set[str]) -> str:
    parts = []
    if missing := sorted(expected - collected):
        parts.append(f"the manifest of {name} names {', '.join(missing)}, which hidden/ does not define")
    if extra := sorted(collected - expected):
        parts.append(f"hidden/ of {name} defines {', '.join(extra)}, which the manifest does not price")
    return "; ".join(parts)


class _Quiet:
    """Collects what pytest would say about a broken hidden test, so that it fits in one sentence."""

    def __init__(self) -> None:
        self.errors: list[str] = []

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.errors.append(f"{report.nodeid}: {str(report.longrepr).strip().splitlines()[-1]}")


def serve_hidden_tests(folder: Path, manifest: Manifest, serve: Callable[[HiddenTests], None]) -> None:
    """Collect `folder/hidden` in this process and call `serve`, inside pytest, exactly once.

    Where only a part of the tasks was chosen, files of others are not collected.

    Raises: UsageError when the hidden tests cannot be collected or do not match the manifest.
    """
    hidden = folder / "hidden"
    if not hidden.is_dir():
        raise UsageError(f"{hidden} does not exist; an assignment keeps its hidden tests there")
    plugin, quiet = HiddenTests(manifest, serve), _Quiet()
    files = sorted({test.id.partition("::")[0] for task in manifest.tasks for test in task.tests})
    places = (
        [str(hidden / name) for name in files if (hidden / name).is_file()]
        if manifest.chosen
        else [str(hidden)]
    )
    args = [
        *places, "--rootdir", str(hidden), "-c", os.devnull, "--import-mode=importlib",
        "-p", "no:cacheprovider", "-p", "no:terminal", "-p", "no:logging", "-p", "no:faulthandler",
        "-p", "no:threadexception", "-p", "no:unraisableexception", "--assert=plain", "--capture=no",
    ]  # fmt: skip
    with plain_pytest():
        pytest.main(args, plugins=[plugin, quiet])
    if quiet.errors:
        raise UsageError(f"the hidden tests of {manifest.name} cannot be collected: {quiet.errors[0]}")
    if plugin.problem is not None:
        raise plugin.problem
