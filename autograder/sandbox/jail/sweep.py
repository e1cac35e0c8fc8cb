"""End processes for certain: everything a worker left behind, however it hides.

Whatever a dead worker leaves becomes a child of the nearest subreaper, the zygote, or of the guardian once the zygote
is dead. Zombies are not waited for during a scan, so a process that keeps forking itself away still leaves a trace.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Collection

from autograder.sandbox.kernel import processes

PATIENCE_S = 5.0


def kill(pid: int, number: int = signal.SIGKILL) -> None:
    """Send a signal to a child; nothing happens if it is gone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def strangers(known: Collection[int]) -> list[int]:
    """Children of this process that it did not start itself."""
    return [pid for pid in processes.children(os.getpid()) if pid not in known]


def sweep(known: Collection[int], is_over: Callable[[int], bool] = lambda _: True) -> int:
    """Kill every child outside `known`, everything below it, and every process of a user for whom `is_over(uid)`.

    Returns how many were found.

    Raises: TimeoutError when some are left after several seconds.
    """
    deadline = time.monotonic() + PATIENCE_S
    total = 0
    while swept := sweep_once(known, is_over):
        total += swept
        if time.monotonic() > deadline:
            raise TimeoutError("a process cannot be ended")
    return total


def sweep_once(known: Collection[int], is_over: Callable[[int], bool]) -> int:
    """One round of `sweep`. What forks meanwhile is left for the next round."""
    orphans = strangers(known)
    if not orphans:
        return 0
    tree = orphans + [below for pid in orphans for below in processes.descendants(pid)]
    uids = {processes.owner(pid) for pid in tree} - {None, 0, os.getuid()}
    for number in (signal.SIGSTOP, signal.SIGKILL):  # what is stopped cannot fork itself away
        for pid in tree:
            kill(pid, number)
    for uid in uids:
        if uid is not None and is_over(uid):
            kill_user(uid)
    for pid in orphans:
        _reap(pid)
    return len(tree)


def kill_user(uid: int) -> None:
    """Kill every process of a user at once: kill(-1) from a process of that user. Needs to be root."""
    pid = os.fork()
    if pid == 0:
        try:
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
            while True:
                os.kill(-1, signal.SIGKILL)
        except OSError:
            os._exit(0)  # nobody is left
        finally:
            os._exit(1)
    if not _reap(pid):  # one of them was quicker and stopped the helper; the next round repeats this
        kill(pid)
        os.waitpid(pid, 0)


def _reap(pid: int) -> bool:
    for _ in range(200):
        try:
            if os.waitpid(pid, os.WNOHANG)[0]:
                return True
        except ChildProcessError:
            return True
        time.sleep(0.001)
    return False
