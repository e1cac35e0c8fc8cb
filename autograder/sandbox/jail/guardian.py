"""The zygote's parent: a small process that outlives judge and zygote just long enough to end what they leave.

It is made before anything is imported. When the judge is killed, or the zygote is, every worker and every process
that a worker has hidden becomes a child of the guardian, which kills them all and ends.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from autograder.sandbox.jail import sweep
from autograder.sandbox.kernel import cgroups, libc, namespaces, processes, trees


@dataclass(frozen=True)
class Inner:
    """Namespaces that the zygote gets. Where it has a pid namespace, all below it ends with it."""

    pid: bool = False
    user: bool = False


def guard(
    judge_pid: int, root: Path, inner: Inner, groups: cgroups.Groups | None, run: Callable[[], int]
) -> NoReturn:
    """Fork: the child runs `run()`, this process guards it and never returns. `root` goes with a killed judge."""
    if processes.count_own_tasks() != 1:
        sys.exit("the guardian has more than one thread and cannot fork")
    judge = os.pidfd_open(judge_pid)
    if os.getppid() != judge_pid:
        os._exit(1)  # the judge has ended meanwhile
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    libc.adopt_orphans()
    try:
        if inner.user:
            namespaces.enter_user_namespace()
        if inner.pid:
            libc.unshare(libc.CLONE_NEWPID)
    except OSError as error:
        sys.exit(f"the zygote cannot have namespaces of its own: {error}")
    # In another pid namespace the child cannot see who its parent is; the end of a pipe tells it.
    alive_read, alive_write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(alive_write)
        _child(alive_read, judge, run)
    os.close(alive_read)
    _guard(judge, pid, root, alive_write, groups)


def _child(alive: int, judge: int, run: Callable[[], int]) -> NoReturn:
    code = 1
    try:
        os.close(judge)
        libc.die_with_parent(signal.SIGKILL)
        if not select.select([alive], [], [], 0)[0]:
            os.close(alive)
            code = run()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)


def _guard(judge: int, zygote: int, root: Path, alive: int, groups: cgroups.Groups | None) -> NoReturn:
    wake_read, wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(wake_write)
    signal.signal(signal.SIGTERM, lambda *_: None)
    # The guardian must not keep the zygote's pipes open: the judge waits for their end.
    keep = {0, judge, wake_read, wake_write, alive} | ({groups.fd} if groups is not None else set())
    for fd in processes.open_descriptors():
        if fd not in keep:
            with contextlib.suppress(OSError):
                os.close(fd)
    libc.hide_process()
    zygote_fd = os.pidfd_open(zygote)
    poller = select.poll()
    for fd in (judge, wake_read, zygote_fd):
        poller.register(fd, select.POLLIN)
    poller.poll()
    sweep.kill(zygote)
    os.waitpid(zygote, 0)
    sweep.sweep(known=())
    if groups is not None:
        groups.clear()
    if select.select([judge], [], [], 0)[0]:
        with contextlib.suppress(OSError):
            trees.remove_tree(root)
    os._exit(0)
