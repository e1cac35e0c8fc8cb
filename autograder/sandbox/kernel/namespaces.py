"""Namespaces: what a process sees of other processes, the network and mounts is its own.

Sources: namespaces(7), user_namespaces(7), pid_namespaces(7), unshare(2), setns(2).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from autograder.sandbox.kernel import libc

OF_A_WORKER = {
    "mount namespace": libc.CLONE_NEWNS,
    "net namespace": libc.CLONE_NEWNET,
    "ipc namespace": libc.CLONE_NEWIPC,
    "uts namespace": libc.CLONE_NEWUTS,
    "cgroup namespace": libc.CLONE_NEWCGROUP,
}


def enter_user_namespace() -> None:
    """Become able to make other namespaces, as the same user and group as outside. One thread only.

    Tasks of this process and of all that it starts are counted apart from those of its user elsewhere (Linux 5.14),
    and only here does a limit hold that is set (RLIMIT_NPROC) afterwards.

    Raises: OSError: the system does not allow it.
    """
    uid, gid = os.geteuid(), os.getegid()
    libc.unshare(libc.CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")  # without it an ordinary user may map no group
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")


class PidNamespaces:
    """Forks children each of which is process 1 of a pid namespace of its own: nothing of it outlives it."""

    def __init__(self) -> None:
        self._own = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)

    def fork(self) -> int:
        """As os.fork, whose result alone says who is who: parent and child may both be process 1."""
        libc.unshare(libc.CLONE_NEWPID)
        pid = -1
        try:
            pid = os.fork()
        finally:
            if pid != 0:
                libc.setns(self._own, libc.CLONE_NEWPID)
        return pid


def fork_as_first(run: Callable[[], int]) -> int:
    """Run `run()` as process 1 of a new pid namespace; gives its pid as this process sees it."""
    libc.unshare(libc.CLONE_NEWPID)
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            code = run()
        except Exception as error:
            print(error, file=sys.stderr, flush=True)
        finally:
            os._exit(code)
    return pid
