"""Run public tests through pytest and keep what came of each, for words instead of pytest's report."""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import re
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from autograder.course.public import PublicManifest
from autograder.course.symbol import Symbol
from autograder.intake.submission import CodeFile
from autograder.remote.advice import advice_line, in_place_of
from autograder.remote.failures import StudentError, StudentFailure
from autograder.remote.forbidden import Watch, in_words
from autograder.remote.loading import Loaded
from autograder.remote.plain_pytest import plain_pytest
from autograder.remote.records import cut_off_argument
from autograder.remote.session import Transport
from autograder.remote.student import Student
from autograder.remote.words.requests import failed_request
from autograder.sandbox.runner.executor import Executor
from autograder.student import words
from autograder.student.seen.refusals import is_own_refusal
from autograder.student.seen.values import NOTHING_SEEN, SeenValues, parameter_names, seen_values
from autograder.testing import Difference
from autograder.text import Lang, in_one, points

# pytest's watch over what nobody caught collects garbage twice, among all of torch.
OPTIONS = (
    "-p", "no:cacheprovider", "-p", "no:terminal", "-p", "no:logging", "-p", "no:unraisableexception",
    "-p", "no:threadexception", "--import-mode=importlib", "--capture=no", "-c", os.devnull, "--noconftest",
)  # fmt: skip
UNWRITTEN = "NotImplementedError"
# What an emptied task raises.
STUB = re.compile(r"NotImplementedError: task (\w+)")
HEADER = "Traceback (most recent call last):\n"
GRADER = str(Path(__file__).resolve().parents[1])
# ipykernel compiles each cell as a file of its own below such a folder; a plain `<ipython-input-...>` is a terminal's.
KERNEL_FOLDER, NOTEBOOK_NAME = re.compile(r"[\\/]ipykernel_\d+[\\/]|<ipython-input"), "<notebook>"


@dataclass(frozen=True)
class PublicOutcome:
    """One public test: its name for people, why it failed (None: it passed), whether code was not written yet.

    withheld: no test of the bundle, but forbidden calls that ran while they did. test: "test_f1.py::test_slide".
    reason: equal where one cause failed several tests, whatever `why` says of each; "" where nothing but the call can
    tell. values: what a failed one saw.
    """

    name: str
    why: str | None
    unwritten: bool = False
    withheld: bool = False
    test: str = ""
    reason: str = ""
    values: SeenValues = NOTHING_SEEN

    @property
    def cause(self) -> str:
        """What is told once: a reason, or a sentence with the call that it is about; "" for what stands for itself.

        One verdict on two calls may have two reasons.
        """
        if self.reason or not self.values.call:
            return self.reason
        return "\n".join([self.why or "", *self.values.lines("en")])

    def is_told(self, told: Collection[str]) -> bool:
        """Whether its cause is among those that were told."""
        return bool(self.cause) and self.cause in told


class PublicTests:
    """A pytest plugin with the fixtures of public tests; it keeps the outcomes."""

    def __init__(self, student: Student, lang: Lang, task_id: str, symbols: Sequence[Symbol] = ()) -> None:
        self._student, self._lang, self._task_id, self._symbols = student, lang, task_id, symbols
        self.outcomes: list[PublicOutcome] = []

    def pytest_configure(self, config: pytest.Config) -> None:
        """No report of pytest's own is shown; the default one reads the source of each frame."""
        config.option.tbstyle = "line"

    @pytest.fixture(name="student")
    def student_fixture(self) -> Iterator[Student]:
        """The student's code."""
        self._student.begin_test(float("inf"))
        yield self._student
        self._student.free_handles()

    @pytest.fixture(name="rng")
    def rng_fixture(self, request: pytest.FixtureRequest) -> np.random.Generator:
        """The same random numbers in every run of a test."""
        return np.random.default_rng(zlib.crc32(request.node.name.encode()))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
        """Keep the first exception of a test."""
        report = yield
        if call.excinfo is not None:
            if isinstance(call.excinfo.value, KeyboardInterrupt):
                raise call.excinfo.value
            if isinstance(call.excinfo.value, Difference) and call.excinfo.value.is_without_gradient:
                call.excinfo.value.cut_off = cut_off_argument(
                    self._student.calls, lambda name: parameter_names(name, self._symbols)
                )
            why, unwritten = explain(call.excinfo.value, self._lang, self._task_id)
            reason = reason_of(call.excinfo.value, why)
            values = seen_values(call.excinfo.value, self._student.calls, self._symbols, self._lang)
            if isinstance(call.excinfo.value, StudentError) and not unwritten and not values.call:
                request = failed_request(self._student.transcript, call.excinfo.value, self._lang)
                values = replace(values, call=request)
            if is_own_refusal(call.excinfo.value, item.path):
                values = replace(values, note=words.NO_ERROR.get(self._lang))
            self.outcomes.append(
                PublicOutcome(
                    title(item, self._lang), why, unwritten, test=name_of(item), reason=reason, values=values
                )
            )
        elif call.when == "call":
            self.outcomes.append(PublicOutcome(title(item, self._lang), None, test=name_of(item)))
        return report

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A test file that cannot be imported is a failure of the bundle, and must not look like success."""
        if report.failed:
            why = words.BROKEN_TESTS.get(self._lang).format(why=str(report.longrepr).strip().split("\n")[-1])
            self.outcomes.append(PublicOutcome(report.nodeid, why))


def name_of(item: pytest.Item) -> str:
    """File and function of a test, as a manifest names hidden ones."""
    return f"{item.path.name}::{item.name}"


def title(item: pytest.Item, lang: Lang) -> str:
    """The first line of the test's docstring ("ru / en"), else its name."""
    doc = (getattr(getattr(item, "obj", None), "__doc__", None) or "").strip().split("\n")[0]
    return in_one(doc, lang) or item.name.removeprefix("test_").replace("_", " ")


def reason_of(error: BaseException, why: str) -> str:
    """Equal for failures of one cause: exceptions of one type from one line, values of one kind. "" where only the call
    can tell, as with a plain assertion. why: what is said of it."""
    if isinstance(error, Difference):
        return error.reason
    if not isinstance(error, StudentError):
        return why if isinstance(error, StudentFailure) else ""
    says_more = error.cause is not None or in_place_of(error.kind, error.text) is not None
    if says_more or error.kind == UNWRITTEN or not error.at[1]:
        return why
    return f"{error.kind} {error.at} {error.during}"


def explain(error: BaseException, lang: Lang, task_id: str = "") -> tuple[str, bool]:
    """(why, whether it is only not written yet) in one sentence or with the student's own traceback.

    task_id: the task that is tested; the code of another one may be missing.
    """
    if isinstance(error, StudentError):
        return _of_student(error, lang, task_id)
    if isinstance(error, StudentFailure):
        return error.said(lang), False
    if isinstance(error, Difference):
        return error.said(lang), False
    if isinstance(error, AssertionError):
        return in_one(str(error).strip().split("\n")[0], lang) or "assert", False
    return f"{type(error).__name__}: {error}", False


def _of_student(error: StudentError, lang: Lang, task_id: str) -> tuple[str, bool]:
    said = error.said(lang)
    if error.cause is not None:
        # A cause says where and why; the NameError that it led to would only hide it.
        return said, error.kind == UNWRITTEN
    if error.kind == UNWRITTEN:
        stub = STUB.search(said)
        if stub is not None and task_id and stub[1] != task_id:
            return words.NEEDS.get(lang).format(task=task_id, other=stub[1]), False
        if stub is not None or UNWRITTEN not in said:
            return said, True
    own = in_place_of(error.kind, error.text)
    if own is not None:
        return own.get(lang), False
    advice = advice_line(error, lang)
    lines = [said.removeprefix(HEADER), *([advice] if advice else [])]
    text = words.STOPPED_IN_BACKWARD if error.during == "backward" else words.STOPPED
    return text.get(lang).format(text="\n".join(lines)), False


class OwnExecutor(Executor):
    """Runs code in this process. Tracebacks show the student's cells and files, and nothing of the grader.

    names: of a kernel's cells, by the file names that it compiled them under.
    """

    def __init__(self, names: Mapping[str, str] | None = None) -> None:
        library = Path(importlib.import_module("hw_cnn").__file__ or "").parent.parent
        super().__init__(package_root=library)
        self._names = names or {}

    def _shown_name(self, filename: str) -> str | None:
        if filename in self._names:
            return self._names[filename]
        if filename.startswith(GRADER):
            return None
        if KERNEL_FOLDER.search(filename):
            return NOTEBOOK_NAME
        return super()._shown_name(filename) or self._beside_the_notebook(filename)

    @staticmethod
    def _beside_the_notebook(filename: str) -> str | None:
        here = f"{Path.cwd()}{os.sep}"
        is_own = filename.startswith(here) and "site-packages" not in filename
        return filename.removeprefix(here).replace(os.sep, "/") if is_own else None


def make_student(
    public: PublicManifest,
    connect: Callable[[], Transport],
    loaded: Loaded | None = None,
    files: Mapping[str, CodeFile] | None = None,
) -> Student:
    """The `student` object over code in this process, where no limit can be enforced.

    files: cells and files with code, by the names that tracebacks show, to say where a forbidden call stands.
    """
    watch = Watch({task.id: task.forbidden for task in public.tasks}, files or {})
    generous = public.limits.model_copy(update={"submission_s": 1e9, "test_s": 1e9, "call_s": 1e9})
    if loaded is None:
        return Student(connect, public.tops, generous, watch=watch)
    first = loaded.first
    return Student(
        first.home.connect,
        public.tops,
        generous,
        first.unavailable,
        explain=first.home.explain,
        homes=loaded.homes(),
        watch=watch,
    )


def run_tests(
    home: Path, public: PublicManifest, task_id: str, student: Student, *, one_failure: bool = False
) -> list[PublicOutcome]:
    """Run the public tests of one task; with `one_failure` none after the first that fails."""
    plugin = PublicTests(student, public.lang, task_id, public.tops)
    student.begin_task(task_id)
    path = home / public.task(task_id).test_file
    if not path.is_file():
        return [PublicOutcome(path.name, words.BROKEN_TESTS.get(public.lang).format(why=f"{path}?"))]
    with plain_pytest(), contextlib.redirect_stderr(io.StringIO()) as errors:
        options = [*OPTIONS, *(["--exitfirst"] if one_failure else []), f"--rootdir={path.parent}"]
        code = pytest.main([*options, str(path)], plugins=[plugin])
    if not plugin.outcomes:
        why = errors.getvalue().strip().split("\n")[-1] or f"pytest {int(code)}"
        return [PublicOutcome(path.name, words.BROKEN_TESTS.get(public.lang).format(why=why))]
    return [*plugin.outcomes, *_withheld(public, task_id, student)]


def _withheld(public: PublicManifest, task_id: str, student: Student) -> list[PublicOutcome]:
    """What the grader will say of forbidden calls, where some ran."""
    calls, lang = student.forbidden_calls(task_id), public.lang
    if not calls:
        return []
    task = public.task(task_id)
    said = in_words(calls, "", lang)
    why = words.WITHHELD.get(lang).format(task=task.id, points=points(task.points, lang), calls=said)
    return [PublicOutcome(words.READY_MADE.get(lang), why, withheld=True)]


def report(task_id: str, outcomes: Sequence[PublicOutcome], used: str, lang: Lang) -> list[str]:
    """The lines that a student reads about one task. used: where its symbols were taken from."""
    bad = [outcome for outcome in outcomes if outcome.why is not None]
    if bad and all(outcome.unwritten for outcome in outcomes):
        return [words.NOT_WRITTEN.get(lang).format(task=task_id), f"  {used}"]
    lines = [words.TASK_PASSED.get(lang).format(task=task_id, n=len(outcomes))]
    if bad:
        lines = [words.failed_line(task_id, len(bad), len(outcomes), lang)]
    told: set[str] = set()
    for outcome in outcomes:
        mark, word = ("+", words.PASSED) if outcome.why is None else ("-", words.FAILED)
        same = f", {words.SAME.get(lang)}" if outcome.is_told(told) else ""
        lines.append(f"  {mark} {outcome.name}: {word.get(lang)}{same}")
        if outcome.why is not None and not same:
            lines += [f"      {line}" for line in outcome.why.split("\n") if line]
            lines += [f"      {line}".rstrip() for line in outcome.values.lines(lang)]
            told.add(outcome.cause)
    return [*lines, f"  {used}"]
