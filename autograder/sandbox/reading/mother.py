"""The process that readers are forked from: it has imported what reading takes, and holds nothing that is secret.

It is executed, not forked: what it knows is the public part of the manifest and the student edition, from its standard
input. Then each byte on its socket asks for one reader and carries three descriptors: the pipe with the request, the
one for the answer, and one on which the mother says how the reader ended. It ends with the last process that holds the
other end of the socket. POSIX only.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from autograder.course.public import PublicManifest
from autograder.intake.students import Upload
from autograder.intake.submission import read_tree
from autograder.sandbox.reading import child, parcels
from autograder.wire.channel import Channel

READY = b"r"
ASK = b"?"
DESCRIPTORS = 3
MAX_EDITION_BYTES = 1 << 29
# A reader that is still there so long after its limit has got rid of the timer that should have ended it.
PATIENCE_S = 1.0
# What is imported when it is first used, IPython's transformer above all, is so before the first reader.
WARM_UP = {
    "nbformat": 4,
    "cells": [{"cell_type": "code", "metadata": {}, "source": "%matplotlib inline\nx = !ls\n"}],
}


def main(judge_pid: int, control_fd: int) -> None:
    """Serve until nobody can ask any more. judge_pid: of the process that has executed this one."""
    _die_with(judge_pid)
    control = socket.socket(fileno=control_fd)
    _, arrays = Channel(0, -1, wait=None).receive(caps=parcels.caps(MAX_EDITION_BYTES))
    orders = parcels.unpack(arrays)
    manifest = PublicManifest.model_validate_json(orders["manifest"])
    notebook = json.dumps(WARM_UP).encode()
    read_tree(
        Upload("nobody", Path("nowhere")), {f"{manifest.name}.ipynb": notebook}, manifest, orders["edition"]
    )
    gc.collect()
    gc.freeze()
    control.sendall(READY)
    Mother(control, manifest, orders["edition"]).serve()


def _die_with(parent: int) -> None:
    """Where a system has no such thing, the end of the socket ends the mother, and their limits end its readers."""
    if sys.platform == "linux":
        from autograder.sandbox.kernel import libc

        with contextlib.suppress(OSError):
            libc.die_with_parent(signal.SIGKILL)
            libc.hide_process()
    if os.getppid() != parent:
        os._exit(1)


@dataclass
class Child:
    """A living reader. `report`: where to say how it ended."""

    report: int
    deadline: float
    overdue: bool = False


class Mother:
    """The loop that serves requests and waits for readers."""

    def __init__(
        self, control: socket.socket, manifest: PublicManifest, edition: Mapping[str, bytes]
    ) -> None:
        self._control, self._manifest, self._edition = control, manifest, edition
        self._readers: dict[int, Child] = {}
        self._wake_read, wake_write = os.pipe()
        for fd in (self._wake_read, wake_write):
            os.set_blocking(fd, False)
        signal.set_wakeup_fd(wake_write)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def serve(self) -> None:
        """Until all judges have closed the socket."""
        poller = select.poll()
        for fd in (self._control.fileno(), self._wake_read):
            poller.register(fd, select.POLLIN)
        while True:
            ready = {fd for fd, _ in poller.poll(self._wait_ms())}
            if self._wake_read in ready:
                os.read(self._wake_read, 1 << 12)
            self._end_overdue()
            self._collect()
            if self._control.fileno() in ready and not self._on_request():
                break
        for pid in self._readers:
            os.kill(pid, signal.SIGKILL)

    def _wait_ms(self) -> float | None:
        deadlines = [reader.deadline for reader in self._readers.values() if not reader.overdue]
        return max(0.0, min(deadlines) - time.monotonic()) * 1000 + 1 if deadlines else None

    def _end_overdue(self) -> None:
        for pid, reader in self._readers.items():
            if not reader.overdue and time.monotonic() > reader.deadline:
                reader.overdue = True
                os.kill(pid, signal.SIGKILL)

    def _collect(self) -> None:
        for pid, reader in list(self._readers.items()):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                del self._readers[pid]
                self._report(
                    reader.report, {"exit": os.waitstatus_to_exitcode(status), "overdue": reader.overdue}
                )

    def _report(self, fd: int, report: Mapping[str, object]) -> None:
        """One short line into an empty pipe: that never waits. A judge may be gone."""
        with contextlib.suppress(OSError):
            os.write(fd, json.dumps(report).encode())
        os.close(fd)

    def _on_request(self) -> bool:
        asked, fds, _, _ = socket.recv_fds(self._control, len(ASK), DESCRIPTORS)
        if len(fds) == DESCRIPTORS:
            self._fork(*fds)
        else:
            for fd in fds:
                os.close(fd)
        return bool(asked)

    def _fork(self, request: int, answer: int, report: int) -> None:
        deadline = time.monotonic() + self._manifest.limits.read_wall_s + PATIENCE_S
        mother = os.getpid()
        try:
            pid = os.fork()
        except OSError as error:
            self._report(report, {"error": f"no process can be made to read in: {error.strerror}"})
        else:
            if pid == 0:
                self._become_reader(mother, request, answer)
            self._readers[pid] = Child(report, deadline)
        os.close(request)
        os.close(answer)

    def _become_reader(self, mother: int, request: int, answer: int) -> NoReturn:
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _die_with(mother)
            first, second = sorted((request, answer))
            os.closerange(3, first)
            os.closerange(first + 1, second)
            os.closerange(second + 1, os.sysconf("SC_OPEN_MAX"))
            child.main(request, answer, self._manifest, self._edition)
        finally:
            os._exit(1)
