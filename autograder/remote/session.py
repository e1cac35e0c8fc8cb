"""One student's line to a worker: the clock, values to frames and back, a new worker after a time-out or crash."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, TypeVar, runtime_checkable

import numpy as np
import torch
from torch import Tensor

from autograder.remote.failures import StudentCrashed, StudentError, StudentFailure, StudentTimeout
from autograder.remote.forbidden import Watch
from autograder.wire.errors import ProtocolError, WorkerCrashed, WorkerTimeout
from autograder.wire.frames import Arrays, Message
from autograder.wire.reasons import Reason
from autograder.wire.safe_text import clean_text
from autograder.wire.values import decode_tree, encode_tree

if TYPE_CHECKING:
    from autograder.course.manifest import Limits

FOREVER = float("inf")
BACKWARD = "backward"
MAX_LINE = 1_000_000


class Transport(Protocol):
    """One worker: `autograder.sandbox.host.zygote_client.Worker`, or `InProcess` for a student's own check."""

    def request(
        self, message: Message, arrays: Mapping[str, Any], *, timeout_s: float, cpu_s: float | None = None
    ) -> tuple[Message, Arrays]:
        """Raises: WorkerTimeout, WorkerCrashed, ProtocolError."""
        ...

    def close(self) -> object:
        """End the worker and everything it started."""
        ...


@runtime_checkable
class Accounted(Protocol):
    """A worker whose processor time the kernel counts; what it says about itself does not matter."""

    def cpu_s(self) -> float:
        """Processor seconds so far, those of its children included."""
        ...


@dataclass(frozen=True)
class Remote:
    """An object that stays in the worker. `lifetime`: which worker and which test group it belongs to."""

    number: int
    type_name: str
    lifetime: tuple[int, int]


@dataclass(frozen=True)
class Home:
    """Workers that hold the submission in one state.

    Args:
        connect: gives a worker with the submission loaded; called again after a time-out or a crash.
        unavailable: "module:Name" (or "module" for all in it) -> why it cannot be called.
        explain: gives an exception its true reason.
    """

    connect: Callable[[], Transport]
    unavailable: Mapping[str, StudentFailure]
    explain: Callable[[StudentError], StudentError]


class Session:
    """See the module.

    `home`: where calls go at first. `wrap` makes what a test sees of a `Remote`; `unwrap` gives the `Remote` back, or
    None. `watch`: the calls that are forbidden in each task; nothing is watched without it.
    """

    def __init__(
        self,
        home: Home,
        limits: Limits,
        wrap: Callable[[Remote], object],
        unwrap: Callable[[object], Remote | None],
        watch: Watch | None = None,
    ) -> None:
        self.limits = limits
        self.watch = Watch({}) if watch is None else watch
        self.home, self._wrap, self._unwrap = home, wrap, unwrap
        self._transport: Transport | None = None
        self._waiting: dict[int, Transport] = {}
        self._worker = self._group = 0
        self._submission_ends = time.monotonic() + limits.submission_s
        self._test_ends = FOREVER
        self.sent_tensors = 0
        self.trained_s = 0.0

    def go_to(self, home: Home) -> None:
        """Let calls go to other workers. Those of the state before are kept for a return."""
        if home is self.home:
            return
        if self._transport is not None:
            self._waiting[id(self.home)] = self._transport
        self.home, self._transport = home, self._waiting.pop(id(home), None)
        self._worker += 1

    def begin_test(self, budget_s: float) -> None:
        """Start the clock of a test, and count anew the tensors that are sent."""
        self.sent_tensors = 0
        self._test_ends = time.monotonic() + budget_s

    def end_group(self) -> None:
        """Drop the objects in the worker. A worker that cannot do even that is replaced."""
        self._group += 1
        self._test_ends = FOREVER
        if self._transport is not None:
            self.request({"op": "free"}, {}, self.limits.call_s)

    def drop(self) -> None:
        """End the worker; the next request takes a new one."""
        transport, self._transport = self._transport, None
        self._worker += 1
        if transport is not None:
            transport.close()

    def close(self) -> None:
        """End all workers."""
        self.drop()
        while self._waiting:
            self._waiting.popitem()[1].close()

    def left_s(self) -> float:
        """Seconds left of this test, or of the submission if that is less."""
        return min(self._test_ends, self._submission_ends) - time.monotonic()

    def watched(self, message: Message) -> Message:
        """The request with what is forbidden in the task that is tested."""
        order = self.watch.order
        return message if order is None else {**message, "watch": order}

    def train(self, message: Message, arrays: Arrays, cpu_s: float, wall_s: float) -> dict[str, Any]:
        """A request with the limits of training; the clock of the test stands still meanwhile.

        `trained_s` is what it took: processor time as the kernel counts it, or time where nobody counts it.
        """
        started = time.monotonic()
        try:
            timeout_s = min(wall_s, self._submission_ends - started)
            return self._exchange(message, arrays, timeout_s, cpu_s)
        finally:
            self._test_ends += time.monotonic() - started

    def request(self, message: Message, arrays: Arrays, timeout_s: float) -> dict[str, Any]:
        """Send one request and give the decoded values of the answer.

        Raises: StudentError, StudentTimeout, StudentCrashed.
        """
        return self._exchange(message, arrays, min(timeout_s, self.left_s()), None)

    def _exchange(
        self, message: Message, arrays: Arrays, timeout_s: float, cpu_s: float | None
    ) -> dict[str, Any]:
        if timeout_s <= 0:
            whole = self._submission_ends <= min(self._test_ends, time.monotonic())
            raise _of_call(StudentTimeout(Reason("submission time" if whole else "test time")))
        try:
            if self._transport is None:
                self._transport = self.home.connect()
            started = _spent_s(self._transport) if cpu_s is not None else 0.0
            reply, received = self._transport.request(message, arrays, timeout_s=timeout_s, cpu_s=cpu_s)
            if cpu_s is not None:
                self.trained_s = _spent_s(self._transport) - started
            return self._values(reply, received)
        except WorkerTimeout as error:
            self.drop()
            raise _of_call(StudentTimeout(error.reason)) from None
        except WorkerCrashed as error:
            self.drop()
            raise _of_call(StudentCrashed(error.reason)) from None
        except ProtocolError as error:
            self.refuse(str(error))

    def refuse(self, problem: str) -> NoReturn:
        """End a worker whose answer makes no sense. Raises: StudentCrashed, always."""
        self.drop()
        raise _of_call(StudentCrashed(Reason("unreadable", {"problem": clean_text(problem)}))) from None

    def _values(self, reply: Message, received: Arrays) -> dict[str, Any]:
        if "seen" in reply:
            self.watch.take(reply["seen"])
        if reply.get("ok") is not True:
            raise _of_call(self.home.explain(student_error(reply)))
        values = reply.get("values")
        if type(values) is not dict:
            raise ProtocolError("the worker's answer has no values")
        return {key: self._decode(value, received) for key, value in values.items()}

    def check_alive(self, remote: Remote) -> None:
        """Raises: StudentCrashed if its worker has ended; RuntimeError if a test kept it beyond its group."""
        worker, group = remote.lifetime
        if group != self._group:
            raise RuntimeError("a test uses an object of an earlier test; make it anew")
        if worker != self._worker:
            raise _of_call(StudentCrashed(Reason("holder ended")))

    def encode(self, value: Any, arrays: Arrays) -> Any:
        """Turn a value of a test into JSON, its tensors going to `arrays`. Raises: TypeError for anything else."""

        def leaf(item: Any) -> list[Any]:
            remote = self._unwrap(item)
            if remote is not None:
                self.check_alive(remote)
                return ["handle", remote.number]
            if isinstance(item, Tensor):
                kind, array = "tensor", item.detach().cpu().resolve_conj().numpy()
            elif isinstance(item, np.ndarray):
                kind, array = "ndarray", item
            else:
                raise TypeError(f"a {type(item).__name__} cannot be sent to a worker")
            name = f"a{len(arrays)}"
            arrays[name] = array
            self.sent_tensors += 1
            return [kind, name]

        return encode_tree(value, leaf)

    def _decode(self, tree: Any, arrays: Arrays) -> Any:
        def leaf(tag: str, rest: list[Any]) -> object:
            match tag, rest:
                case "tensor", [str(name)] if name in arrays:
                    return torch.from_numpy(arrays[name])
                case "ndarray", [str(name)] if name in arrays:
                    return arrays[name]
                case "handle", [int(number), str(kind)]:
                    return self._wrap(Remote(number, clean_text(kind, 100), (self._worker, self._group)))
            raise ProtocolError("a value is encoded wrongly")

        return decode_tree(tree, leaf)


Failure = TypeVar("Failure", bound=StudentFailure)


def _of_call(failure: Failure) -> Failure:
    failure.of_call = True
    return failure


def _spent_s(transport: Transport) -> float:
    return transport.cpu_s() if isinstance(transport, Accounted) else time.monotonic()


def student_error(reply: Message) -> StudentError:
    """The exception in an answer. Raises: ProtocolError when there is none."""
    error = reply.get("error")
    if type(error) is not dict:
        raise ProtocolError("the worker's answer says neither yes nor no")
    return StudentError(
        clean_text(error.get("text")),
        clean_text(error.get("type"), 100),
        name=clean_text(error.get("name"), 200),
        line=_line(error.get("line")),
        at=(clean_text(error.get("file"), 500), _line(error.get("last_line"))),
        message=clean_text(error.get("message")),
        during=BACKWARD if error.get("during") == BACKWARD else "",
    )


def _line(number: object) -> int:
    return number if type(number) is int and 0 < number < MAX_LINE else 0
