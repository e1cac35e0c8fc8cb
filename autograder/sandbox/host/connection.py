"""One worker as the judge asks it: a question, its answer within limits, and how the worker ended.

Nothing that a worker says about itself is believed; an answer must carry the unguessable number of its question.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_hex
from types import TracebackType
from typing import Any, Self

from autograder.errors import GraderError
from autograder.wire.channel import Channel
from autograder.wire.errors import Closed, ProtocolError, WorkerCrashed, WorkerTimeout
from autograder.wire.frames import DEFAULT_CAPS, Array, Arrays, Caps, Message
from autograder.wire.reasons import Reason
from autograder.wire.safe_text import clean_text

# An answer is about as large as its question (outputs, gradients); the first megabytes are for weights of networks.
REPLY_BYTES, REPLY_TIMES = 1 << 26, 16


class SandboxError(GraderError):
    """The sandbox itself does not work: nobody's submission is to blame. One sentence."""


class MachineError(SandboxError):
    """It happened in the middle of a submission, which gets no verdict of it: it is judged once more."""


class ZygoteEndedError(MachineError):
    """There is nobody to ask for workers any more; all that it made have ended with it."""


class DeviceError(MachineError):
    """The device that a worker computes on does not answer."""


class DeviceMemoryError(DeviceError):
    """The device answers, and has no memory left."""


def device_error(said: str) -> DeviceError:
    """Why a worker could not use its device, by what its library said."""
    if is_full(said):
        return DeviceMemoryError(f"the memory of the GPU is full: {said}")
    return DeviceError(said)


# How CUDA's libraries say that a GPU is full; the first is torch's own.
_FULL = ("out of memory", "CUBLAS_STATUS_ALLOC_FAILED", "CUDNN_STATUS_ALLOC_FAILED")
_FULL_TYPE = "OutOfMemoryError"


def is_full(text: object, kind: object = "") -> bool:
    """Whether what a worker or torch says means that there is no memory left on the GPU. A claim like all it says."""
    return kind == _FULL_TYPE or (isinstance(text, str) and any(words in text for words in _FULL))


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
            raise WorkerCrashed(Reason("ended before"))
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

    def _await_ready(self, start_s: float, failed: str) -> list[str]:
        """The layers that a new worker has taken on. Raises: SandboxError that says what `failed`, and why."""
        try:
            message, _ = self._channel.receive(time.monotonic() + start_s)
        except Closed:
            why = self._how_it_ended().said("en")
        except (WorkerTimeout, ProtocolError) as error:
            why = str(error)
        else:
            if message.get("ready") is True:
                return list(message["layers"])
            why = clean_text(str(message.get("failed")))
            if message.get("device") is True:
                self.close()
                raise device_error(why)
        self.close()
        raise SandboxError(f"{failed}: {why}")

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
    def _how_it_ended(self) -> Reason:
        """Of the process, after its pipe has closed."""

    @abstractmethod
    def _begin(self, cpu_s: float | None) -> None:
        """A request is about to be sent, which may use `cpu_s` seconds of processor time."""


def reply_caps(arrays: Mapping[str, Array]) -> Caps:
    """What the answer to a request with these arrays may hold, so that no answer fills the judge's memory."""
    sent = sum(array.nbytes for array in arrays.values())
    return Caps(body=min(DEFAULT_CAPS.body, REPLY_BYTES + REPLY_TIMES * sent))
