"""A pool of forks: one child per job, at most `slots` at a time, on this machine.

A child inherits the collected hidden tests and what this process has imported, so a job costs a fork and not an
import; what one student's tests leave behind ends with the child. Modules that a child has imported nevertheless
(torch imports hundreds with the first optimiser, or the first gradient) are imported here before the next fork.
What is inherited is kept from a child's garbage collector: by counting it, a full collection would write to, and so
copy, every page of it (108 MB and 0.36 s with torch imported).
The caller must be single-threaded.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import selectors
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from autograder.grading import stopping
from autograder.wire.safe_text import clean_text

Job = TypeVar("Job")

CHUNK = 1 << 16


@dataclass(frozen=True)
class Done(Generic[Job]):
    """A finished job: what its child sent, or why nothing came."""

    job: Job
    payload: bytes | None
    reason: str
    seconds: float


@dataclass
class _Running(Generic[Job]):
    job: Job
    slot: int
    pid: int
    pipe: int
    started: float
    chunks: list[bytes] = field(default_factory=list)
    killed: bool = False


def run(
    jobs: Sequence[Job],
    work: Callable[[Job], bytes],
    *,
    slots: int,
    deadline_s: float,
    enter: Callable[[int], None] = lambda _: None,
) -> Generator[Done[Job], None, None]:
    """Run `work(job)` in a child for each job and yield results as they finish.

    Before that a child calls `enter` with the number of its slot: two that run at once never have the same.
    A child that dies, or is still there after `deadline_s` seconds, yields `payload=None` and a reason.
    Children are killed when the caller stops early.

    Raises: KeyboardInterrupt, where stopping was asked for.
    """
    # What the batch before has left; from here to the next batch the collector ignores what was there at a fork.
    gc.unfreeze()
    gc.collect()
    waiting = list(reversed(jobs))
    selector = selectors.DefaultSelector()
    running: dict[int, _Running[Job]] = {}
    try:
        while waiting or running:
            stopping.check()
            while waiting and len(running) < slots:
                slot = min(set(range(slots)) - {child.slot for child in running.values()})
                child = _fork(waiting.pop(), work, slot, enter)
                running[child.pipe] = child
                selector.register(child.pipe, selectors.EVENT_READ)
            for key, _ in selector.select(timeout=0.5):
                child = running[key.fd]
                chunk = os.read(key.fd, CHUNK)
                if chunk:
                    child.chunks.append(chunk)
                    continue
                selector.unregister(key.fd)
                del running[key.fd]
                done, imported = _finish(child, deadline_s)
                stopping.check()  # a signal to all of the terminal may have spoiled it: it is judged again
                if waiting:
                    _import(imported)
                yield done
            _kill_overdue(running.values(), deadline_s)
    finally:
        for child in running.values():
            with contextlib.suppress(ProcessLookupError):
                os.kill(child.pid, signal.SIGKILL)
            os.waitpid(child.pid, 0)
            os.close(child.pipe)
        selector.close()


def be_quiet(slot: int) -> None:
    """In a child, as `enter`: what it prints is of no interest."""
    del slot
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)


def _fork(job: Job, work: Callable[[Job], bytes], slot: int, enter: Callable[[int], None]) -> _Running[Job]:
    sys.stdout.flush()
    sys.stderr.flush()
    reader, writer = os.pipe()
    started = time.monotonic()
    gc.freeze()
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        _child(job, work, writer, slot, enter, parent)
    os.close(writer)
    return _Running(job, slot, pid, reader, started)


def _child(
    job: Job, work: Callable[[Job], bytes], writer: int, slot: int, enter: Callable[[int], None], parent: int
) -> None:
    """Never returns: the caller's stack, with its `finally` blocks, belongs to the parent."""
    code = 1
    try:
        stopping.leave_to_parent()
        _die_with(parent)
        before = set(sys.modules)
        enter(slot)
        payload = work(job)
        imported = [name for name in sys.modules if name not in before]
        with os.fdopen(writer, "wb") as stream:
            stream.write(json.dumps(imported).encode() + b"\n" + payload)
        code = 0
    except BaseException:
        # An exception may quote what a worker sent.
        print(clean_text(traceback.format_exc()), file=sys.stderr)
    finally:
        sys.stderr.flush()
        os._exit(code)


def _die_with(parent: int) -> None:
    """Nobody waits for a child whose parent was killed; on some systems it ends when it has answered, no earlier."""
    if sys.platform == "linux":
        from autograder.sandbox.kernel import libc

        with contextlib.suppress(OSError):  # a container may forbid it: then as on other systems
            libc.die_with_parent(signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _import(names: Iterable[str]) -> None:
    """Import what a child has imported, where that is possible: it saves time, and decides about nothing."""
    for name in names:
        # Not every module can be imported by its name; and the child that imported it has shown its warnings.
        with warnings.catch_warnings(), contextlib.suppress(Exception):
            warnings.simplefilter("ignore")
            importlib.import_module(name)


def _finish(child: _Running[Job], deadline_s: float) -> tuple[Done[Job], list[str]]:
    """The finished job, and the names of the modules that its child has imported."""
    os.close(child.pipe)
    _, status = os.waitpid(child.pid, 0)
    seconds = time.monotonic() - child.started
    header, _, payload = b"".join(child.chunks).partition(b"\n")
    code = os.waitstatus_to_exitcode(status)
    if code == 0 and payload:
        return Done(child.job, payload, "", seconds), json.loads(header)
    if child.killed:
        reason = f"the judge was still busy after {deadline_s:g} s and was stopped"
    elif code < 0:
        reason = f"the judge was killed by signal {-code}"
    elif code == 0:
        reason = "the judge ended without an answer"
    else:
        reason = f"the judge stopped with exit code {code}; the lines above say where"
    return Done(child.job, None, reason, seconds), []


def _kill_overdue(children: Iterable[_Running[Job]], deadline_s: float) -> None:
    now = time.monotonic()
    for child in children:
        if not child.killed and now - child.started > deadline_s:
            child.killed = True
            with contextlib.suppress(ProcessLookupError):
                os.kill(child.pid, signal.SIGKILL)
