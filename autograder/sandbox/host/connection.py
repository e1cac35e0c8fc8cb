"""One worker as the judge asks it: a question, its answer within limits, and how the worker ended.

Nothing that a worker says about itself is believed; an answer must carry the unguessable number of its question.
"""

from __future__ import annotations

import signal
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from secrets import token_hex
from types import TracebackType
from typing import Any, Self

from autograder.errors import GraderError
from autograder.wire.channel import Channel
from autograder.wire.errors import Closed, ProtocolError, WorkerCrashed, WorkerTimeout
from autograder.wire.frames import DEFAULT_CAPS, Array, Arrays, Caps, Message

# An answer is about as large as its question (outputs, gradients); the first megabytes are for weights of networks.
REPLY_BYTES, REPLY_TIMES = 1 << 26, 16


class SandboxError(GraderError):
    """The sandbox itself does not work: nobody's submission is to blame. One sentence."""


class ZygoteEndedError(SandboxError):
    """There is nobody to ask for workers any more; all that it made have ended with it."""


@dataclass(frozen=True)
class Usage:
    """What a worker has used in all. `peak_mb` counts only calls that were long enough to be watched."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    exit_code: int | None


class Connection(ABC):
    """A worker's two pipes, and requests over them; a context that ends the worker."""

    layers: list[str]

    def __init__(self, response_fd: int, request_fd: int, start_s: float) -> None:
        self._channel = Channel(response_fd, request_fd, self._wait)
        self._timeout_s = start_s

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def request(
        self, message: Message, arrays: Mapping[str, Any], *, timeout_s: float, cpu_s: float | None = None
    ) -> tuple[Message, Arrays]:
        """Send one request, wait for its answer. After any of its exceptions the worker is dead and swept.

        cpu_s: processor time that the worker and its children may use; where nothing can watch it from outside, the
        deadline and the process's own limit stand for it.

        Raises: WorkerTimeout, WorkerCrashed, ProtocolError; SandboxError if the zygote has ended.
        """
        if self.closed:
            raise WorkerCrashed("the process has ended before")
        self._timeout_s = timeout_s
        try:
            return self._ask(message, arrays, time.monotonic() + timeout_s, cpu_s)
        except Closed:
            reason = self._how_it_ended()
            self.close()
            raise WorkerCrashed(reason) from None
        except (WorkerTimeout, WorkerCrashed, ProtocolError):
            self.close()
            raise

    def _ask(
        self, message: Message, arrays: Mapping[str, Any], deadline: float, cpu_s: float | None
    ) -> tuple[Message, Arrays]:
        if self._channel.pending():
            raise ProtocolError("bytes arrived before the request")
        nonce, caps = token_hex(16), reply_caps(arrays)
        self._begin(cpu_s)
        self._channel.send({"nonce": nonce, "request": message, "reply_bytes": caps.body}, arrays, deadline)
        answer, received = self._channel.receive(deadline, caps)
        reply = answer.get("reply")
        if answer.get("nonce") != nonce or type(reply) is not dict:
            raise ProtocolError("the answer belongs to no request")
        if self._channel.pending():
            raise ProtocolError("bytes arrived after the answer")
        return reply, received

    @property
    @abstractmethod
    def closed(self) -> bool:
        """Whether `close` was called."""

    @abstractmethod
    def close(self) -> Usage:
        """End the worker, wait until nothing of it is left, and say what it used. May be called again.

        Raises: SandboxError if something of it cannot be ended.
        """

    @abstractmethod
    def _wait(self, fd: int, events: int, deadline: float | None) -> None:
        """Return when `fd` is ready. Raises: Closed, WorkerTimeout, WorkerCrashed."""

    @abstractmethod
    def _how_it_ended(self) -> str:
        """Words for the end of the process, after its pipe has closed."""

    @abstractmethod
    def _begin(self, cpu_s: float | None) -> None:
        """A request is about to be sent, which may use `cpu_s` seconds of processor time."""


def reply_caps(arrays: Mapping[str, Array]) -> Caps:
    """What the answer to a request with these arrays may hold, so that no answer fills the judge's memory."""
    sent = sum(array.nbytes for array in arrays.values())
    return Caps(body=min(DEFAULT_CAPS.body, REPLY_BYTES + REPLY_TIMES * sent))


def await_ready(channel: Channel, timeout_s: float, how_it_ended: Callable[[], str]) -> list[str] | str:
    """The layers that a new worker has taken on, or what went wrong, in words."""
    try:
        message, _ = channel.receive(time.monotonic() + timeout_s)
    except Closed:
        return how_it_ended()
    except (WorkerTimeout, ProtocolError) as error:
        return str(error)
    return list(message["layers"]) if message.get("ready") is True else str(message.get("failed"))


def describe_exit(code: int) -> str:
    """An exit code (negative: a signal) in words that a student understands."""
    if code >= 0:
        how = "os._exit or sys.exit" if code in (0, 1) else "os._exit"
        return f"the process ended itself with status {code} ({how})"
    number = -code
    name = signal.Signals(number).name if number in set(signal.Signals) else "unknown"
    more = {
        signal.SIGKILL: "; most likely the system ran out of memory",
        signal.SIGXCPU: "; its processor time was used up",
        signal.SIGXFSZ: "; it wrote a file that is too large",
    }.get(number, "")  # type: ignore[call-overload]  # signals are integers
    return f"the process was killed by signal {number} ({name}){more}"
