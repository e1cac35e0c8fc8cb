"""One worker as the judge holds it: requests within limits, and how it ended.

Deadlines, memory and processor time are enforced here, by the judge's clock and /proc; nothing that a worker says
about itself is believed.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import select
import signal
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autograder.course.manifest import GraderError
from autograder.sandbox.host.replies import reply_caps
from autograder.sandbox.host.watch import Watch, exceeded
from autograder.sandbox.kernel import processes
from autograder.wire.frames import (
    Arrays,
    Channel,
    Closed,
    Message,
    ProtocolError,
    WorkerCrashed,
    WorkerTimeout,
)

if TYPE_CHECKING:
    from autograder.course.manifest import Limits

SPAWN_S = 30.0


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


class Worker:
    """One locked-down process with a student's code. Made by `Zygote.spawn`; a context that closes it."""

    def __init__(
        self, request_fd: int, response_fd: int, lease: socket.socket, limits: Limits, device: str
    ) -> None:
        self._fds = (request_fd, response_fd)
        self._lease = lease
        self._started = time.monotonic()
        self._report: dict[str, Any] | None = None
        self._closed = False
        self._timeout_s = SPAWN_S
        self._watch: Watch | None = None
        self._memory_mb = limits.memory_mb
        self._channel = Channel(response_fd, request_fd, self._wait)
        self._pidfd = -1
        try:
            born = self._receive_lease(SPAWN_S, with_pidfd=True)
        except WorkerTimeout as error:
            self.close()
            raise SandboxError(str(error)) from None
        except SandboxError:
            self.close()
            raise
        self.pid = processes.pid_behind(self._pidfd)
        self.uid: int | None = born["uid"]
        self.layers = self._await_ready()
        self._watch = Watch(self.pid, self.uid, limits.memory_mb, limits.processes)
        self.device = device

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def request(
        self,
        message: Message,
        arrays: Mapping[str, Any],
        *,
        timeout_s: float,
        cpu_s: float | None = None,
    ) -> tuple[Message, Arrays]:
        """Send one request, wait for its answer. After any of its exceptions the worker is dead and swept.

        Raises: WorkerTimeout, WorkerCrashed, ProtocolError; SandboxError if the zygote has ended.
        """
        if self._closed:
            raise WorkerCrashed("the process has ended before")
        assert self._watch is not None
        nonce = secrets.token_hex(16)
        self._timeout_s = timeout_s
        deadline = time.monotonic() + timeout_s
        caps = reply_caps(arrays)
        try:
            if self._channel.pending():
                raise ProtocolError("bytes arrived before the request")
            self._watch.start(cpu_s)
            question = {"nonce": nonce, "request": message, "reply_bytes": caps.body}
            self._channel.send(question, arrays, deadline)
            answer, received = self._channel.receive(deadline, caps)
            reply = answer.get("reply")
            if answer.get("nonce") != nonce or type(reply) is not dict:
                raise ProtocolError("the answer belongs to no request")
            if self._channel.pending():
                raise ProtocolError("bytes arrived after the answer")
        except Closed:
            reason = self._how_it_ended()
            self.close()
            raise WorkerCrashed(reason) from None
        except (WorkerTimeout, WorkerCrashed, ProtocolError):
            self.close()
            raise
        return reply, received

    def close(self) -> Usage:
        """Kill the worker, wait until nothing of it is left, and say what it used. May be called again.

        Raises: SandboxError if something of it cannot be ended.
        """
        if not self._closed:
            self._closed = True
            self._kill()
            if self._report is None:
                with contextlib.suppress(OSError, SandboxError, WorkerTimeout):
                    self._lease.send(b"reap")
                    self._report = self._receive_lease(SPAWN_S)
            self._lease.close()
            for fd in {*self._fds, self._pidfd} - {-1}:
                os.close(fd)
            self._ended = time.monotonic()
        report = self._report or {}
        if "survivors" in report:
            raise SandboxError(f"something of a worker is left: {report['survivors']}")
        return Usage(
            wall_s=self._ended - self._started,
            cpu_s=report.get("cpu_s", 0.0),
            peak_mb=self._watch.peak_mb if self._watch is not None else 0.0,
            exit_code=report.get("exit"),
        )

    def _kill(self) -> None:
        if self._pidfd >= 0 and self._report is None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    def _wait(self, fd: int, events: int, deadline: float | None) -> None:
        """Wait for a pipe while looking after memory, processor time and the worker's end."""
        assert deadline is not None
        poller = select.poll()
        poller.register(fd, events)
        poller.register(self._lease.fileno(), select.POLLIN)
        while True:
            now = time.monotonic()
            due = min(deadline, self._watch.due() if self._watch is not None else deadline)
            ready = dict(poller.poll(max(0.0, due - now) * 1000))
            if fd in ready:
                return
            if ready:
                raise Closed("the worker has ended")
            if time.monotonic() >= deadline:
                raise WorkerTimeout(f"no answer within {self._timeout_s:g} s")
            if self._watch is not None and time.monotonic() >= self._watch.due():
                self._watch.check()

    def _await_ready(self) -> list[str]:
        answer = await_ready(self._channel, SPAWN_S, self._how_it_ended)
        if isinstance(answer, str):
            self.close()
            raise SandboxError(f"a worker cannot be locked down: {answer}")
        return answer

    def _how_it_ended(self) -> str:
        """Words for the end of the process, after its pipe has closed."""
        if self._report is None:
            try:
                self._report = self._receive_lease(0.5)
            except WorkerTimeout:
                return "the process closed its connection to the grader"
        if self._report.get("out_of_memory"):
            return exceeded(self._memory_mb)
        return describe_exit(self._report["exit"])

    def _receive_lease(self, timeout_s: float, with_pidfd: bool = False) -> dict[str, Any]:
        """The zygote's next message. Raises: WorkerTimeout, SandboxError."""
        if not select.select([self._lease], [], [], timeout_s)[0]:
            raise WorkerTimeout("the zygote does not answer")
        try:
            raw, fds, _, _ = socket.recv_fds(self._lease, 1 << 12, 1, socket.MSG_CMSG_CLOEXEC)
        except ConnectionError:
            raw, fds = b"", []
        if fds:
            self._pidfd = fds[0]
        if not raw:
            raise ZygoteEndedError("the zygote has ended")
        message: dict[str, Any] = json.loads(raw)
        if "error" in message or (with_pidfd and not fds):
            raise SandboxError(message.get("error", "the zygote sent no pidfd"))
        return message


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
