"""Control groups of workers (cgroup v2): the kernel itself limits memory and tasks of a worker and all it starts.

Groups can be made only in a folder of the cgroup tree that was given to this process ("delegated") and holds no
process but the grader's: everything else in the tree belongs to the system's manager. The grader steps aside first,
because a folder that limits others may hold no process itself:

    <given folder>/hw-cnn-grader        the grader, its judges and the zygote
    <given folder>/worker-<zygote>-<n>  one worker

Sources: the kernel's Documentation/admin-guide/cgroup-v2.rst; systemd's docs/CGROUP_DELEGATION.md; cgroups(7).
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from autograder.sandbox.kernel import processes

GRADER = "hw-cnn-grader"
CONTROLLERS = ("memory", "pids")
# Pages that a worker copies from the zygote while it locks itself down, its page tables, buffers of its pipes.
START_MB = 32
MB = 1 << 20
PATIENCE_S = 5.0
TRY_MB = 48


class NotGiven(OSError):  # noqa: N818 - the system's answer, no mistake of anybody
    """No folder of the tree may be used here. The text says why, and how to get one."""


def own_folder(process: Path = Path("/proc/self")) -> Path:
    """Where the group of a process is in the file system. Raises: NotGiven, OSError."""
    lines = (process / "cgroup").read_text(encoding="utf-8").splitlines()
    inside = next((line[3:] for line in lines if line.startswith("0::")), None)
    if any("memory" in line.split(":")[1].split(",") for line in lines):
        raise NotGiven("memory belongs to the older cgroup v1 tree on this machine")
    if inside is None:
        raise NotGiven("this kernel has no cgroup v2 tree")
    for line in (process / "mountinfo").read_text(encoding="utf-8").splitlines():
        mount, _, kind = line.partition(" - ")
        root, target = (_unescaped(field) for field in mount.split()[3:5])
        if kind.split()[0] == "cgroup2" and Path(inside).is_relative_to(root) and ".." not in inside:
            return Path(target, Path(inside).relative_to(root))
    raise NotGiven("the cgroup v2 tree is not mounted where this process could use it")


def _unescaped(field: str) -> str:
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        field = field.replace(code, character)
    return field


def prepare(grader: int, proc: Path = Path("/proc")) -> Path:
    """The folder in which workers' groups can be made; the process `grader` and all below it move to `GRADER`.

    Once that is done it only gives the folder again. Raises: NotGiven, OSError; then nothing has changed.
    """
    folder = own_folder(proc / str(grader))
    if folder.name == GRADER:
        return folder.parent
    _check(folder, grader)
    leaf = folder / GRADER
    leaf.mkdir(exist_ok=True)
    try:
        _move_all(folder, leaf)
        _write(folder / "cgroup.subtree_control", " ".join(f"+{name}" for name in CONTROLLERS))
    except OSError:
        with contextlib.suppress(OSError):
            _move_all(leaf, folder)
            leaf.rmdir()
        raise
    return folder


def _check(folder: Path, grader: int) -> None:
    present = (folder / "cgroup.controllers").read_text(encoding="ascii").split()
    if missing := [name for name in CONTROLLERS if name not in present]:
        raise NotGiven(f"its cgroup v2 folder has no controller {' and '.join(missing)}; {_advice()}")
    if not os.access(folder, os.W_OK) or not os.access(folder / "cgroup.procs", os.W_OK):
        raise NotGiven(f"its cgroup v2 folder is not given to this user; {_advice()}")
    if others := set(members(folder)) - {grader, *processes.descendants(grader)}:
        raise NotGiven(f"its cgroup v2 folder holds {len(others)} other processes; {_advice()}")


def _advice() -> str:
    user = "" if os.geteuid() == 0 else "--user "
    return f"`systemd-run {user}--scope -p Delegate=yes autograder ...` gives the grader a folder of its own"


def members(folder: Path) -> list[int]:
    """Processes in a group itself; 0 stands for one that this process cannot see."""
    return [int(line) for line in (folder / "cgroup.procs").read_text(encoding="ascii").split()]


def _move_all(source: Path, target: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while pids := members(source):
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                _write(target / "cgroup.procs", str(pid))
        if time.monotonic() > deadline:
            raise OSError(errno.EBUSY, "processes of the group cannot be moved")


def _write(path: Path, text: str) -> None:
    """In one write, as these files want it."""
    fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(fd, text.encode())
    finally:
        os.close(fd)


class Groups:
    """Makes groups below a folder. It holds the folder open: the zygote moves to a root from which no path leads there.

    Args:
        folder: as `prepare` gave it.
        number: differs between the zygotes that use this folder.
    """

    def __init__(self, folder: Path, number: int) -> None:
        self.fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._prefix, self._count = f"worker-{number}-", 0

    def make(self, memory_mb: int, tasks: int) -> Group:
        """A group in which nothing runs yet. Raises: OSError."""
        self._count += 1
        group = Group(self.fd, f"{self._prefix}{self._count}")
        os.mkdir(group.name, dir_fd=self.fd)
        try:
            group.write("memory.max", str((memory_mb + START_MB) * MB))
            with contextlib.suppress(FileNotFoundError):  # a kernel without swap
                group.write("memory.swap.max", "0")
            group.write("memory.oom.group", "1")
            group.write("pids.max", str(tasks))
        except OSError:
            group.remove()
            raise
        return group

    def clear(self) -> None:
        """End and remove all groups of this zygote."""
        for name in os.listdir(self.fd):  # noqa: PTH208 - a descriptor has no path
            if name.startswith(self._prefix):
                with contextlib.suppress(OSError):
                    Group(self.fd, name).remove()


@dataclass(frozen=True)
class Group:
    """One group, below the folder that `parent` has open."""

    parent: int
    name: str

    def enter(self) -> None:
        """Move the present process; what it starts from now on belongs to the group, too. Raises: OSError."""
        self.write("cgroup.procs", "0")

    def ran_out_of_memory(self) -> bool:
        """Whether the kernel has ended a process of it because of `memory.max`, not because the machine was full."""
        events = dict(line.split() for line in self._read("memory.events").splitlines())
        return int(events["oom"]) > 0 and int(events["oom_kill"]) > 0

    def kill(self) -> None:
        """End all processes of it at once; before Linux 5.14 one by one."""
        try:
            self.write("cgroup.kill", "1")
        except FileNotFoundError:
            for pid in map(int, self._read("cgroup.procs").split()):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def remove(self) -> None:
        """End what is in it and remove it. Raises: TimeoutError when something cannot be ended."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                os.rmdir(self.name, dir_fd=self.parent)
                return
            except FileNotFoundError:
                return
            except OSError as error:
                if error.errno != errno.EBUSY or time.monotonic() > deadline:
                    raise TimeoutError(f"a control group cannot be emptied: {error}") from error
            self.kill()
            time.sleep(0.001)

    def write(self, name: str, text: str) -> None:
        """Raises: OSError."""
        fd = os.open(f"{self.name}/{name}", os.O_WRONLY | os.O_CLOEXEC, dir_fd=self.parent)
        try:
            os.write(fd, text.encode())
        finally:
            os.close(fd)

    def _read(self, name: str) -> str:
        fd = os.open(f"{self.name}/{name}", os.O_RDONLY | os.O_CLOEXEC, dir_fd=self.parent)
        with os.fdopen(fd, encoding="ascii") as stream:
            return stream.read()


def attempt(grader: int) -> None:
    """Let a child take more memory than its group may have. Raises: NotGiven, OSError saying what does not work."""
    groups = Groups(prepare(grader), os.getpid())
    group = groups.make(memory_mb=TRY_MB - START_MB, tasks=4)
    try:
        pid = os.fork()
        if pid == 0:
            try:
                group.enter()
                bytearray(b"x") * (4 * TRY_MB * MB)
            finally:
                os._exit(0)
        _, status = os.waitpid(pid, 0)
        if os.waitstatus_to_exitcode(status) != -signal.SIGKILL or not group.ran_out_of_memory():
            raise OSError("a cgroup is accepted and does not limit memory")
    finally:
        group.remove()
        os.close(groups.fd)
