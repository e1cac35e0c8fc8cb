"""What a forked worker does to itself before it reads a byte of a student's code, in the only order that works.

Any step that fails ends the worker: it never runs with less than was asked for. What is asked for was found by trying
(`probe`): namespaces and a private root, Landlock, seccomp, each where the system has it.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import socket
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from autograder.sandbox.jail import gpu
from autograder.sandbox.kernel import cgroups, landlock, libc, namespaces, processes, root, seccomp

EXIT_CODE = 98
REQUEST_FD, RESPONSE_FD, FIRST_FREE_FD = 3, 4, 5
MB = 1 << 20
# Address space that no page stands behind: thread stacks, arenas of the allocator, mapped libraries.
SLACK_MB = 1024
FILE_MB = 64
OPEN_FILES = 256
# More workers than this do not run at once for one user.
NEIGHBOURS = 64
HOST_NAME = "worker"
_DEVICES = ("null", "zero", "full", "random", "urandom")
# What torch asks about the machine; it names no process.
_MACHINE = tuple(
    map(Path, ("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/sys/vm/overcommit_memory"))
)

# What a program may want to know of itself. Not among them: `mountinfo` and its like, which name the judge's folders,
# and `net`, which without a network namespace is the machine's.
_OWN_PROCESS = (
    "cmdline", "comm", "limits", "maps", "oom_score", "schedstat", "smaps", "smaps_rollup", "stat", "statm", "status",
)  # fmt: skip

# What a step does, and the layer or layers that hold afterwards, by the names in `results.protection`.
Step = Callable[[], str | list[str] | None]


class LockdownError(Exception):
    """A step failed. The text names the step."""


@dataclass(frozen=True)
class Confinement:
    """What one worker may use.

    Args:
        tmp: its own folder, the working directory.
        overlay: the student's edition of the library.
        uid: a user (and group) of its own, or None to stay what the zygote is.
        memory_mb: None leaves the address space alone: CUDA maps more than any machine has.
        other_tasks: of the same user; the kernel counts them against the limit of processes.
        own_count: enter a user namespace, where the kernel counts the worker's tasks alone.
        namespaces: which to enter (CLONE_NEW*), 0 for none. With them, the root is the zygote's private one.
        landlock_abi: version of the kernel's Landlock, 0 without it.
        readable: files and folders that Landlock leaves readable beside the own ones.
        devices: device nodes of a GPU.
        group: control group that limits memory and tasks, made for it alone; None where there is none.
    """

    tmp: Path
    overlay: Path
    uid: int | None
    memory_mb: int | None
    processes: int
    cpu_s: int
    parent: int
    other_tasks: int = 0
    own_count: bool = False
    namespaces: int = 0
    landlock_abi: int = 0
    seccomp: bool = False
    readable: tuple[Path, ...] = ()
    devices: tuple[Path, ...] = ()
    group: cgroups.Group | None = None


def lock_down(plan: Confinement, request_fd: int, response_fd: int) -> list[str]:
    """Go through all steps; returns the layers that hold. Raises: LockdownError."""
    layers: list[str] = []
    for name, step in _steps(plan, request_fd, response_fd):
        try:
            gained = step()
        except Exception as error:
            raise LockdownError(f"{name}: {error}") from error
        layers += [gained] if isinstance(gained, str) else gained or []
    return layers


def _steps(plan: Confinement, request_fd: int, response_fd: int) -> list[tuple[str, Step]]:
    group = plan.group
    steps: list[tuple[str, Step]] = []
    if group is not None:  # first: the next steps copy memory and close the folder of the group
        steps.append(("control group", lambda: _control_group(group)))
    steps += [
        ("session", os.setsid),
        ("parent death signal", lambda: libc.die_with_parent(signal.SIGKILL)),
        ("descriptors", lambda: _descriptors(request_fd, response_fd)),
        ("signals", _default_signals),
    ]
    if plan.namespaces:
        steps += [("namespaces", lambda: _namespaces(plan)), ("private root", lambda: _private_root(plan))]
    steps.append(("working directory", lambda: _working_directory(plan)))
    if plan.own_count:  # after all mounts, which belong to the namespace around it; before the limits
        steps.append(("own count of processes", _own_count))
    steps += [
        ("user", lambda: _own_user(plan)),
        ("limits", lambda: _limits(plan)),
        ("capabilities", _no_capabilities),
        ("no new privileges", _no_new_privileges),
        ("parent death signal after the change of user", lambda: _still_watched(plan)),
        ("dumpable", lambda: _hidden(plan)),
    ]
    if plan.landlock_abi:
        steps.append(("Landlock", lambda: _landlock(plan)))
    if plan.seccomp:  # last: it refuses much of what the steps above do
        steps.append(("seccomp", lambda: _seccomp(plan)))
    return steps


def _control_group(group: cgroups.Group) -> str:
    group.enter()
    return "memory and processes limited by a cgroup"


def _namespaces(plan: Confinement) -> list[str]:
    libc.unshare(plan.namespaces)
    if plan.namespaces & libc.CLONE_NEWUTS:  # a new one begins with the name of the machine
        socket.sethostname(HOST_NAME)
    names = [name for name, flag in namespaces.OF_A_WORKER.items() if plan.namespaces & flag]
    return ["pid namespace", *names]


def _private_root(plan: Confinement) -> str:
    root.cover_for_worker(plan.overlay.name, plan.uid, gpu=bool(plan.devices))
    return "private root"


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
    if plan.uid is not None and not plan.namespaces:
        os.chown(plan.tmp, plan.uid, plan.uid)
    os.chdir(plan.tmp)
    os.umask(0o077)
    for name in ("HOME", "TMPDIR"):
        os.environ[name] = str(plan.tmp)
    tempfile.tempdir = None
    return "private temporary folder"


def _own_count() -> str:
    libc.show_process()  # the maps can be written only by who owns them; a later step hides the process again
    namespaces.enter_user_namespace()
    return "own count of processes"


def _own_user(plan: Confinement) -> str | None:
    uid = plan.uid
    if uid is None and not plan.namespaces and not plan.own_count:
        return None
    with contextlib.suppress(PermissionError):  # root without CAP_SETPCAP; the sets are emptied below
        libc.drop_bounding_set()
    if uid is None:
        return None
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    if os.getresuid() != (uid, uid, uid) or os.getresgid() != (uid, uid, uid):
        raise OSError("the user did not change")
    return "own uid"


def _limits(plan: Confinement) -> list[str]:
    limits = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: plan.cpu_s,
        resource.RLIMIT_FSIZE: FILE_MB * MB,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_MSGQUEUE: 0,
    }
    binding = ["processor time", "file size", "open files"]
    limits[resource.RLIMIT_NPROC] = _most_tasks(plan)
    # For root the kernel does not look at it; the judge's watch counts instead.
    if os.getuid() != 0 or plan.own_count:
        binding.append("processes")
    if plan.memory_mb is not None:
        limits[resource.RLIMIT_MEMLOCK] = 0
        limits[resource.RLIMIT_AS] = _address_space_kb() * 1024 + (plan.memory_mb + SLACK_MB) * MB
        binding.append("address space")
    for kind, value in limits.items():
        hard = resource.getrlimit(kind)[1]
        wanted = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (wanted, wanted))
    return [f"limit of {what}" for what in binding]


def _most_tasks(plan: Confinement) -> int:
    """What the kernel compares with all tasks that it counts together with this worker's."""
    if plan.uid is not None or plan.own_count:
        return plan.processes
    # A shared user needs room for what runs already, and where a group counts this worker's own, for what neighbours
    # will start.
    return plan.other_tasks + plan.processes * (1 if plan.group is None else NEIGHBOURS)


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


def _still_watched(plan: Confinement) -> str:
    libc.die_with_parent(signal.SIGKILL)
    if not plan.namespaces and os.getppid() != plan.parent:  # a namespace ends with the zygote's own
        raise OSError("the zygote has ended")
    return "ends with the zygote"


def _hidden(plan: Confinement) -> str | None:
    if plan.devices:  # CUDA names its threads in /proc, by files that would belong to root
        libc.show_process()
        return None
    libc.hide_process()
    return "not dumpable"


def _landlock(plan: Confinement) -> str:
    rules = landlock.Ruleset(plan.landlock_abi)
    rules.allow([*plan.readable, plan.overlay])
    own, process = [plan.tmp], Path("/proc", str(os.getpid()))
    rules.allow([Path("/proc") if plan.namespaces else process], landlock.READ_DIR)
    rules.allow([process / name for name in _OWN_PROCESS])
    if plan.namespaces:
        own.append(Path("/dev/shm"))
    else:
        rules.allow(_MACHINE)
    rules.allow(own, rules.everything())
    rules.allow([Path("/dev", name) for name in _DEVICES], landlock.READ | landlock.WRITE_FILE)
    if plan.devices:
        rules.allow(plan.devices, landlock.READ | landlock.WRITE_FILE | landlock.IOCTL_DEV)
        rules.allow([*gpu.PROC_FILES, *_MACHINE])
        rules.allow([process], landlock.READ | landlock.WRITE_FILE)
    rules.restrict_self()
    return "Landlock"


def _seccomp(plan: Confinement) -> str:
    rules = seccomp.worker_rules(
        namespaced=bool(plan.namespaces),
        own_pid=os.getpid(),
        signals_scoped=plan.landlock_abi >= landlock.SCOPE_ABI,
        truncate_handled=plan.landlock_abi >= landlock.TRUNCATE_ABI,
        memory_limited=plan.group is not None,
        gpu=bool(plan.devices),
    )
    seccomp.install(seccomp.program(rules))
    return "seccomp"
