"""Load a submission into workers: own files, statements, then symbols set on their modules, then package modules.

A statement that hangs or kills the worker is left out and a new worker takes in the rest, so that one endless call
costs the symbols that need it and no others. Statements that are only tried (`Statement.tried`) have an alarm: the
first worker finds out which of them take too long, and where there are any, a clean one loads the rest.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from autograder.intake.load_plan import LoadPlan, Statement
from autograder.remote.causes import TOO_LONG, USED_UP, Causes
from autograder.remote.failures import StudentCrashed, StudentError, StudentFailure, StudentTimeout
from autograder.remote.session import Home, Transport, student_error
from autograder.text import Text
from autograder.wire.errors import ProtocolError, WorkerCrashed, WorkerTimeout
from autograder.wire.frames import Arrays, Message
from autograder.wire.reasons import Reason
from autograder.wire.safe_text import clean_text

MAX_WORKERS = 5
# All workers of a submission together have so many times the time of one.
TIMES = 2.0
# Processor seconds of one statement that is only tried, and of all of them in a worker.
TRY_S, ALL_TRIES_S = 1.0, 3.0
MOST_SAID = 10
# A frame takes 512 arrays.
FILES_AT_ONCE = 256
OVER_BUDGET = "OverBudget"
NAME = re.compile(r"[^\W\d]\w*")
# The alarm of `sandbox.runner.alarm` rings in the worker; where it is not heard the worker is ended.
TRY_WALL_S = 6.0
# What was quick enough in the first worker is not left out because the machine is slower now.
LATER_TIMES = 2.0


@dataclass(frozen=True)
class _Step:
    """One request, and the symbols ("module:Name"; "module" for a whole file) that are lost if it fails."""

    message: Message
    symbols: tuple[str, ...] = ()
    statement: int | None = None
    makes_available: bool = False
    tried: bool = False
    arrays: Arrays = field(default_factory=dict)


@dataclass
class LoadReport:
    """What came of loading. `home.connect` gives loaded workers: first the one at hand, then new ones.

    Attributes:
        unavailable: "module:Name", or "module" where a whole file fails -> why it cannot be called.
        failures: position of a statement -> how it failed (an ordinary exception included).
        left_out: sentences about statements that were only tried and took too long.
    """

    home: Home
    unavailable: dict[str, StudentFailure]
    failures: dict[int, StudentFailure] = field(default_factory=dict)
    left_out: list[Text] = field(default_factory=list)
    timed_out: bool = False
    crashed: bool = False


@dataclass(frozen=True)
class Loaded:
    """The report of the plan that most tasks share, and those of (task, whether it trains) with a plan of their own."""

    first: LoadReport
    others: Mapping[tuple[str, bool], LoadReport] = field(default_factory=dict)

    @property
    def reports(self) -> list[LoadReport]:
        """Each once."""
        return [self.first, *{id(report): report for report in self.others.values()}.values()]

    def homes(self) -> dict[tuple[str, bool], Home]:
        """The workers of those that have others than most."""
        return {key: report.home for key, report in self.others.items()}

    @property
    def left_out(self) -> list[Text]:
        """Sentences about statements that took too long, each once, and how many more there are."""
        said = list(dict.fromkeys(text for report in self.reports for text in report.left_out))
        more = len(said) - MOST_SAID
        if more <= 0:
            return said
        rest = Text(
            ru=f"и ещё не выполнено таких строк: {more}", en=f"and {more} more such lines were left out"
        )
        return [*said[:MOST_SAID], rest]


class Clock:
    """Time for loading: each worker has `load_s` seconds, all of a submission `TIMES` as many."""

    def __init__(self, load_s: float) -> None:
        self.load_s = load_s
        self._ends = time.monotonic() + TIMES * load_s

    def worker_ends(self, number: int) -> float:
        """When the worker `number` (from 0) must be ready: after the first, half of what is left."""
        now = time.monotonic()
        left = self._ends - now
        return now + min(self.load_s, left if number == 0 else max(left / 2, 0.0))

    def stand_still(self, seconds: float) -> None:
        """What a worker took to be there, on a GPU some seconds, is no time of the student's code."""
        self._ends += seconds

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self._ends


def load(connect: Callable[[], Transport], plan: LoadPlan, clock: Clock) -> LoadReport:
    """Load `plan` into a worker from `connect`.

    A failure of the student's code is in the report, never raised.
    """
    loader = _Loader(connect, plan, clock)
    loader.first()
    return loader.report


class _Loader:
    def __init__(self, connect: Callable[[], Transport], plan: LoadPlan, clock: Clock) -> None:
        self._connect, self._clock, self._plan = connect, clock, plan
        self._steps = _steps(plan)
        self._left_out: set[int] = set()
        self._ready: Transport | None = None
        words = {word for statement in plan.statements for word in NAME.findall(statement.source)}
        self._causes = Causes(plan.absent, tuple(plan.files), plan.folder, plan.left_aside, words)
        unavailable: dict[str, StudentFailure] = {}
        self.report = LoadReport(Home(self._next, unavailable, self._causes.explain), unavailable)

    def first(self) -> None:
        for number in range(MAX_WORKERS):
            if self._clock.is_over:
                break
            connecting = time.monotonic()
            transport = self._connect()
            self._clock.stand_still(time.monotonic() - connecting)
            before = len(self._left_out)
            self._pass(transport, self._clock.worker_ends(number), 1.0 if number == 0 else LATER_TIMES)
            if len(self._left_out) == before:
                self._ready = transport
                return
            transport.close()
        reason = StudentCrashed(Reason("given up"))
        for position, step in enumerate(self._steps):
            self._left_out.add(position)
            for symbol in step.symbols:
                self.report.unavailable.setdefault(symbol, reason)

    def _next(self) -> Transport:
        """A loaded worker. Raises: WorkerTimeout, WorkerCrashed, ProtocolError if loading fails this time."""
        transport, self._ready = self._ready, None
        if transport is not None:
            return transport
        transport = self._connect()
        try:
            ends = time.monotonic() + self._clock.load_s
            for position, step in enumerate(self._steps):
                if position not in self._left_out:
                    transport.request(step.message, step.arrays, timeout_s=_left(ends))
        except BaseException:
            transport.close()
            raise
        return transport

    def _pass(self, transport: Transport, ends: float, times: float) -> None:
        """Run every step that is not left out, until one ends the worker; what took too long is left out next time.

        times: how many times the budgets of what is only tried.
        """
        tries_left = times * ALL_TRIES_S
        for position, step in enumerate(self._steps):
            if position in self._left_out:
                continue
            if step.tried and tries_left <= 0:
                self._leave_out(position, step, USED_UP, ALL_TRIES_S)
                continue
            started = time.monotonic()
            failure = self._run(transport, step, ends, times)
            if step.tried:
                tries_left -= time.monotonic() - started
                if _over_budget(failure):
                    self._leave_out(position, step, TOO_LONG, TRY_S)
                    if isinstance(failure, StudentError):
                        continue
                    return
            self._note(step, failure)
            if isinstance(failure, StudentTimeout | StudentCrashed):
                self._left_out.add(position)
                return

    def _run(self, transport: Transport, step: _Step, ends: float, times: float) -> StudentFailure | None:
        message, timeout_s = step.message, _left(ends)
        if step.tried:
            message = {**message, "alarm_s": times * TRY_S}
            timeout_s = min(timeout_s, times * TRY_WALL_S)
        try:
            reply, _ = transport.request(message, step.arrays, timeout_s=timeout_s)
            return None if reply.get("ok") is True else student_error(reply)
        except WorkerTimeout as error:
            return StudentTimeout(replace(error.reason, loading=True))
        except WorkerCrashed as error:
            return StudentCrashed(replace(error.reason, loading=True))
        except ProtocolError as error:
            problem = {"problem": clean_text(str(error))}
            return StudentCrashed(Reason("unreadable", problem, loading=True))

    def _leave_out(self, position: int, step: _Step, why: Text, seconds: float) -> None:
        self._left_out.add(position)
        if (statement := self._statement(step)) is not None:
            self.report.left_out.append(self._causes.left_out(statement, why, seconds))

    def _statement(self, step: _Step) -> Statement | None:
        return None if step.statement is None else self._plan.statements[step.statement]

    def _note(self, step: _Step, failure: StudentFailure | None) -> None:
        statement = self._statement(step)
        if statement is not None and failure is None:
            self._causes.bound(statement)
        elif statement is not None and failure is not None:
            failure = self._causes.failed(statement, failure)
        elif isinstance(failure, StudentError):
            failure = self._causes.explain(failure)
        report = self.report
        if isinstance(failure, StudentTimeout):
            report.timed_out = True
        elif isinstance(failure, StudentCrashed):
            report.crashed = True
        if failure is not None and step.statement is not None:
            report.failures[step.statement] = failure
        for symbol in step.symbols:
            if failure is None and step.makes_available:
                report.unavailable.pop(symbol, None)
            elif failure is not None and step.statement is not None:
                report.unavailable[symbol] = failure
            elif failure is not None:
                report.unavailable.setdefault(symbol, failure)  # why its statement failed says more


def _steps(plan: LoadPlan) -> list[_Step]:
    steps = []
    names = list(plan.files)
    for start in range(0, len(names), FILES_AT_ONCE):
        part = {name: f"f{number}" for number, name in enumerate(names[start : start + FILES_AT_ONCE])}
        arrays = {key: np.frombuffer(plan.files[name], np.uint8) for name, key in part.items()}
        is_last = start + FILES_AT_ONCE >= len(names)
        steps.append(
            _Step({"op": "files", "files": part, "folder": plan.folder if is_last else None}, arrays=arrays)
        )
    for index, statement in enumerate(plan.statements):
        bound = [bind for bind in plan.binds if bind[0] == statement.namespace and bind[1] in statement.binds]
        symbols = tuple(f"{module}:{name}" for _, name, module in bound)
        message = {
            "op": "exec",
            "namespace": statement.namespace,
            "source": statement.source,
            "filename": statement.filename,
            "first_line": statement.first_line,
        }
        steps.append(_Step(message, symbols, index, tried=statement.tried))
        for namespace, name, module in bound:
            message = {"op": "bind", "namespace": namespace, "name": name, "module": module}
            steps.append(_Step(message, (f"{module}:{name}",), makes_available=True, tried=False))
    for module in plan.imports:
        steps.append(_Step({"op": "import", "module": module}, (module,), makes_available=True))
    return steps


def _over_budget(failure: StudentFailure | None) -> bool:
    return isinstance(failure, StudentTimeout) or (
        isinstance(failure, StudentError) and failure.kind == OVER_BUDGET
    )


def _left(ends: float) -> float:
    return max(0.01, ends - time.monotonic())


Plans = Sequence[tuple[Sequence[str], LoadPlan]]


def load_all(
    connect: Callable[[], Transport],
    plans: Plans,
    load_s: float,
    training_plans: Plans = (),
    trained: Collection[str] = (),
) -> Loaded:
    """Load all plans of a submission; plans of no task beside the first are for nobody.

    training_plans: those for runs that train, where they differ. trained: the tasks that have such runs.
    """
    clock = Clock(load_s)
    first, *more = [(tasks, plan) for number, (tasks, plan) in enumerate(plans) if tasks or number == 0]
    if more and not first[0]:  # each task has a plan of its own
        first = more.pop(0)
    report = load(connect, first[1], clock)
    others: dict[tuple[str, bool], LoadReport] = {}
    for tasks, plan in more:
        others |= dict.fromkeys(
            [(task, trains) for task in tasks for trains in (False, True)], load(connect, plan, clock)
        )
    for tasks, plan in training_plans:
        training = [(task, True) for task in tasks if task in trained]
        if training:
            others |= dict.fromkeys(training, load(connect, plan, clock))
    return Loaded(report, others)
