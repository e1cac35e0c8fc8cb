"""A worker that the zygote has made and leased to this judge.

Deadlines, memory and processor time are enforced here, by the judge's clock and /proc.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import time
from typing import TYPE_CHECKING, Any

from autograder.sandbox.host import gpus
from autograder.sandbox.host.connection import Connection, SandboxError, Usage, ZygoteEndedError
from autograder.sandbox.host.watch import Watch
from autograder.sandbox.kernel import processes
from autograder.wire.errors import Closed, WorkerTimeout
from autograder.wire.reasons import Reason, end_of_process

if TYPE_CHECKING:
    from autograder.course.manifest import Limits

SPAWN_S = 30.0
# A worker for a GPU makes its context of CUDA before it says that it is ready.
SPAWN_ON_GPU_S = 120.0


class ZygoteSilentError(SandboxError):
    """The zygote says nothing of a worker, in time."""


class Worker(Connection):
    """One locked-down process with a student's code. Made by `Zygote.spawn`; a context that closes it."""

    def __init__(
        self, request_fd: int, response_fd: int, lease: socket.socket, limits: Limits, device: str
    ) -> None:
        self._fds = (request_fd, response_fd)
        self._lease = lease
        self._started = time.monotonic()
        self._report: dict[str, Any] | None = None
        self._closed = False
        self._watch: Watch | None = None
        self._memory_mb = gpus.host_memory_mb(limits.memory_mb, device)
        ready_s = SPAWN_ON_GPU_S if device == "cuda" else SPAWN_S
        super().__init__(response_fd, request_fd, ready_s)
        self._pidfd = -1
        try:
            born = self._receive_lease(SPAWN_S, with_pidfd=True)
        except SandboxError:
            self.close()
            raise
        self.pid = processes.pid_behind(self._pidfd)
        self.uid: int | None = born["uid"]
        self.layers = self._await_ready(ready_s, "a worker cannot be locked down")
        self._watch = Watch(self.pid, self.uid, self._memory_mb, limits.processes)
        self.device = device

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    def close(self) -> Usage:
        """Kill the worker, wait until nothing of it is left, and say what it used. May be called again.

        Raises: SandboxError if something of it cannot be ended.
        """
        if not self._closed:
            self._closed = True
            self._kill()
            if self._report is None:
                with contextlib.suppress(OSError, SandboxError):
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

    def cpu_s(self) -> float:
        """Processor seconds so far as the kernel counts them, those of its children included."""
        assert self._watch is not None
        return self._watch.used_s()

    def _kill(self) -> None:
        if self._pidfd >= 0 and self._report is None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    def _begin(self, cpu_s: float | None) -> None:
        assert self._watch is not None
        self._watch.start(cpu_s)

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
                raise WorkerTimeout(Reason("no answer", {"seconds": self._timeout_s}))
            if self._watch is not None and time.monotonic() >= self._watch.due():
                self._watch.check()

    def _how_it_ended(self) -> Reason:
        """Of the process, after its pipe has closed."""
        if self._report is None:
            try:
                self._report = self._receive_lease(0.5)
            except ZygoteSilentError:
                return Reason("closed")
        if self._report.get("out_of_memory"):
            return Reason("memory", {"megabytes": self._memory_mb})
        return end_of_process(self._report["exit"])

    def _receive_lease(self, timeout_s: float, with_pidfd: bool = False) -> dict[str, Any]:
        """The zygote's next message. Raises: SandboxError."""
        if not select.select([self._lease], [], [], timeout_s)[0]:
            raise ZygoteSilentError("the zygote does not answer")
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
