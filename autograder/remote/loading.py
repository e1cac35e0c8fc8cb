"""Load a submission into a worker: statements, then symbols set on their modules, then package modules.

A statement that hangs or kills the worker is left out and a new worker takes in the rest, so that one endless loop
costs the symbols that need it and no others.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from autograder.intake.load_plan import LoadPlan
from autograder.remote.failures import StudentCrashed, StudentFailure, StudentTimeout
from autograder.remote.session import Transport, student_error
from autograder.wire.errors import ProtocolError, WorkerCrashed, WorkerTimeout
from autograder.wire.frames import Message
from autograder.wire.reasons import Reason
from autograder.wire.safe_text import clean_text

MAX_WORKERS = 5


@dataclass(frozen=True)
class _Step:
    """One request, and the symbols ("module:Name"; "module" for a whole file) that are lost if it fails."""

    message: Message
    symbols: tuple[str, ...]
    statement: int | None = None
    makes_available: bool = False


@dataclass
class LoadReport:
    """What came of loading. `connect` gives loaded workers: first the one at hand, then new ones.

    Attributes:
        unavailable: "module:Name", or "module" where a whole file fails -> why it cannot be called.
        failures: position of a statement -> how it failed (an ordinary exception included).
    """

    connect: Callable[[], Transport]
    unavailable: dict[str, StudentFailure] = field(default_factory=dict)
    failures: dict[int, StudentFailure] = field(default_factory=dict)
    timed_out: bool = False
    crashed: bool = False


def load(connect: Callable[[], Transport], plan: LoadPlan, load_s: float) -> LoadReport:
    """Load `plan` into a worker from `connect`. Each pass over the plan has `load_s` seconds.

    A failure of the student's code is in the report, never raised.
    """
    loader = _Loader(connect, plan, load_s)
    loader.first()
    return loader.report


class _Loader:
    def __init__(self, connect: Callable[[], Transport], plan: LoadPlan, load_s: float) -> None:
        self._connect, self._load_s = connect, load_s
        self._steps = _steps(plan)
        self._left_out: set[int] = set()
        self._ready: Transport | None = None
        self.report = LoadReport(self._next)

    def first(self) -> None:
        for _ in range(MAX_WORKERS):
            transport = self._connect()
            failed = self._pass(transport)
            if failed is None:
                self._ready = transport
                return
            transport.close()
            self._left_out.add(failed)
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
            deadline = time.monotonic() + self._load_s
            for position, step in enumerate(self._steps):
                if position not in self._left_out:
                    transport.request(step.message, {}, timeout_s=_left(deadline, self._load_s))
        except BaseException:
            transport.close()
            raise
        return transport

    def _pass(self, transport: Transport) -> int | None:
        """Run every step that is not left out; the position of the step that ended the worker, or None."""
        deadline = time.monotonic() + self._load_s
        for position, step in enumerate(self._steps):
            if position in self._left_out:
                continue
            failure: StudentFailure | None
            try:
                timeout_s = _left(deadline, self._load_s)
                reply, _ = transport.request(step.message, {}, timeout_s=timeout_s)
                failure = _failure(reply)
            except WorkerTimeout as error:
                self.report.timed_out = True
                failure = StudentTimeout(replace(error.reason, loading=True))
            except WorkerCrashed as error:
                self.report.crashed = True
                failure = StudentCrashed(replace(error.reason, loading=True))
            except ProtocolError as error:
                self.report.crashed = True
                problem = {"problem": clean_text(str(error))}
                failure = StudentCrashed(Reason("unreadable", problem, loading=True))
            self._note(step, failure)
            if isinstance(failure, StudentTimeout | StudentCrashed):
                return position
        return None

    def _note(self, step: _Step, failure: StudentFailure | None) -> None:
        unavailable = self.report.unavailable
        if failure is not None and step.statement is not None:
            self.report.failures[step.statement] = failure
        for symbol in step.symbols:
            if failure is None and step.makes_available:
                unavailable.pop(symbol, None)
            elif failure is not None and step.statement is not None:
                unavailable[symbol] = failure
            elif failure is not None:
                unavailable.setdefault(symbol, failure)  # why its statement failed says more


def _steps(plan: LoadPlan) -> list[_Step]:
    steps = []
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
        steps.append(_Step(message, symbols, index))
        for namespace, name, module in bound:
            message = {"op": "bind", "namespace": namespace, "name": name, "module": module}
            steps.append(_Step(message, (f"{module}:{name}",), makes_available=True))
    for module in plan.imports:
        steps.append(_Step({"op": "import", "module": module}, (module,), makes_available=True))
    return steps


def _failure(reply: Message) -> StudentFailure | None:
    return None if reply.get("ok") is True else student_error(reply)


def _left(deadline: float, whole: float) -> float:
    return max(0.02 * whole, deadline - time.monotonic())
