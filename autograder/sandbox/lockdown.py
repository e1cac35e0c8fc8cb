"""What a forked worker does to itself before it reads a byte of a student's code, in the only order that works.

Any step that fails ends the worker: it never runs with less than was asked for. Namespaces, mounts, Landlock and
seccomp are not in the sequence yet, so files are not hidden; `TIER` says so and every result repeats it.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from autograder.sandbox import libc, processes

TIER = "C: files not hidden"
EXIT_CODE = 98
REQUEST_FD, RESPONSE_FD, FIRST_FREE_FD = 3, 4, 5
MB = 1 << 20
# Address space that no page stands behind: thread stacks, arenas of the allocator, mapped libraries.
SLACK_MB = 1024
FILE_MB = 64
OPEN_FILES = 256


class LockdownError(Exception):
    """A step failed. The text names the step."""


@dataclass(frozen=True)
class Confinement:
    """What one worker may use.

    Args:
        tmp: its own folder, the working directory.
        uid: a user (and group) of its own, or None to stay what the zygote is.
        memory_mb: None leaves the address space alone: CUDA maps more than any machine has.
    """

    tmp: Path
    uid: int | None
    memory_mb: int | None
    processes: int
    cpu_s: int
    parent: int


def lock_down(plan: Confinement, request_fd: int, response_fd: int) -> list[str]:
    """Go through all steps; returns the layers that hold. Raises: LockdownError."""
    layers = []
    for name, step in _steps(plan, request_fd, response_fd):
        try:
            layer = step()
        except Exception as error:
            raise LockdownError(f"{name}: {error}") from error
        if layer:
            layers.append(layer)
    return layers


def _steps(
    plan: Confinement, request_fd: int, response_fd: int
) -> list[tuple[str, Callable[[], str | None]]]:
    return [
        ("session", os.setsid),
        ("parent death signal", lambda: libc.die_with_parent(signal.SIGKILL)),
        ("descriptors", lambda: _descriptors(request_fd, response_fd)),
        ("signals", _default_signals),
        # Namespaces (mount, ipc, uts, net, cgroup) and the worker's own root of read-only mounts belong here.
        ("working directory", lambda: _working_directory(plan)),
        ("user", lambda: _own_user(plan.uid)),
        ("limits", lambda: _limits(plan)),
        ("capabilities", _no_capabilities),
        ("no new privileges", _no_new_privileges),
        ("parent death signal after the change of user", lambda: _still_watched(plan.parent)),
        ("dumpable", _hidden),
        # Landlock, then seccomp as the last step, belong here.
    ]


def _descriptors(request_fd: int, response_fd: int) -> str:
    null = os.open(os.devnull, os.O_RDWR)
    # Above all targets first: a source must not be overwritten before it is copied.
    high = [os.dup(fd) for fd in (request_fd, response_fd, null)]
    while min(high) <= FIRST_FREE_FD:
        high = [os.dup(fd) for fd in high]
    for source, target in zip(
        (high[2], high[2], high[2], high[0], high[1]), range(FIRST_FREE_FD), strict=True
    ):
        os.dup2(source, target, inheritable=target < REQUEST_FD)
    libc.close_from(FIRST_FREE_FD)
    return "closed descriptors"


def _default_signals() -> None:
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def _working_directory(plan: Confinement) -> str:
    if plan.uid is not None:
        os.chown(plan.tmp, plan.uid, plan.uid)
    os.chdir(plan.tmp)
    os.umask(0o077)
    for name in ("HOME", "TMPDIR"):
        os.environ[name] = str(plan.tmp)
    tempfile.tempdir = None
    return "private temporary folder"


def _own_user(uid: int | None) -> str | None:
    if uid is None:
        return None
    with contextlib.suppress(PermissionError):  # root without CAP_SETPCAP; the sets are emptied below
        libc.drop_bounding_set()
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    if os.getresuid() != (uid, uid, uid) or os.getresgid() != (uid, uid, uid):
        raise OSError("the user did not change")
    return "own uid"


def _limits(plan: Confinement) -> str:
    limits = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: plan.cpu_s,
        resource.RLIMIT_FSIZE: FILE_MB * MB,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_MSGQUEUE: 0,
    }
    binding = ["processor time", "file size", "open files"]
    # The kernel compares with all tasks of the user, so a shared user needs room for what runs already.
    others = 0 if plan.uid is not None else processes.count_tasks(os.getuid())
    limits[resource.RLIMIT_NPROC] = others + plan.processes
    if os.getuid() != 0:  # for root the kernel does not look at it; the judge's watch counts instead
        binding.append("processes")
    if plan.memory_mb is not None:
        limits[resource.RLIMIT_MEMLOCK] = 0
        limits[resource.RLIMIT_AS] = _address_space_kb() * 1024 + (plan.memory_mb + SLACK_MB) * MB
        binding.append("address space")
    for kind, value in limits.items():
        hard = resource.getrlimit(kind)[1]
        wanted = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (wanted, wanted))
    return f"limits: {', '.join(binding)}"


def _address_space_kb() -> int:
    status = processes.read_status(os.getpid(), "VmSize")
    if not status:
        raise OSError("/proc/self/status has no VmSize")
    return status["VmSize"]


def _no_capabilities() -> str:
    libc.drop_capabilities()
    return "no capabilities"


def _no_new_privileges() -> str:
    libc.forbid_new_privileges()
    return "no new privileges"


def _still_watched(parent: int) -> str:
    libc.die_with_parent(signal.SIGKILL)
    if os.getppid() != parent:
        raise OSError("the zygote has ended")
    return "ends with the zygote"


def _hidden() -> str:
    libc.hide_process()
    return "not dumpable"
