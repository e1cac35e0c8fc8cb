"""The reference in the place of a student, and a question put to it in a process that is thrown away."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import time
from collections.abc import Callable

from autograder.course.manifest import Manifest
from autograder.remote.student import Student
from autograder.sandbox.runner.executor import Executor
from autograder.sandbox.runner.in_process import InProcess

MOST_BYTES = 10_000


def reference_student(manifest: Manifest, checkpoint: bytes | None = None) -> Student:
    """The course's own library in this process, as a hidden test sees a student's code. Nothing limits its calls.

    checkpoint: the weights that belong to the assignment.
    """
    symbols = [symbol for task in manifest.tasks for symbol in task.tops]
    return Student(lambda: InProcess(Executor()), symbols, manifest.limits, checkpoint=checkpoint)


def ask_a_fork(question: Callable[[], str], deadline_s: float) -> str | None:
    """The answer of `question` in a fork of this process; None where none came in time.

    Whatever it imports, changes or uses up is gone with the fork. This process must have no other thread.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            os.close(reader)
            os.write(writer, b"\0" + question().encode("utf-8", "replace")[:MOST_BYTES])
            code = 0
        finally:
            os._exit(code)
    os.close(writer)
    try:
        answer = _read(reader, time.monotonic() + deadline_s)
    finally:
        os.close(reader)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    return answer[1:].decode("utf-8", "replace") if answer[:1] == b"\0" else None


def _read(pipe: int, deadline: float) -> bytes:
    poller = select.poll()
    poller.register(pipe, select.POLLIN)
    chunks: list[bytes] = []
    while poller.poll(max(0.0, deadline - time.monotonic()) * 1000):
        chunk = os.read(pipe, 1 << 16)
        if not chunk:
            return b"".join(chunks)
        chunks.append(chunk)
    return b""
