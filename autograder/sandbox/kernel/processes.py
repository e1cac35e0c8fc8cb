"""What /proc says about processes: parents, owners, memory and processor time. See proc(5)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
KB_PER_MB = 1024


@dataclass(frozen=True)
class Stat:
    """One line of /proc/PID/stat. `cpu_s` counts children that have been waited for, too."""

    parent: int
    state: str
    cpu_s: float


def pids() -> list[int]:
    """Every process that can be seen."""
    return [int(entry.name) for entry in os.scandir("/proc") if entry.name.isdigit()]


def read_stat(pid: int) -> Stat | None:
    """None if it is gone."""
    text = _read(f"/proc/{pid}/stat")
    if text is None:
        return None
    # The name in parentheses may hold anything, blanks and parentheses included.
    fields = text.rpartition(")")[2].split()
    return Stat(int(fields[1]), fields[0], sum(map(int, fields[11:15])) / TICKS_PER_S)


def read_status(pid: int, *names: str) -> dict[str, int] | None:
    """First numbers of some lines of /proc/PID/status (memory in KB); None if it is gone."""
    text = _read(f"/proc/{pid}/status")
    if text is None:
        return None
    fields = {}
    for line in text.splitlines():
        name, _, rest = line.partition(":")
        if name in names:
            fields[name] = int(rest.split()[0])
    return fields


def owner(pid: int) -> int | None:
    """The real user id; /proc/PID itself belongs to root where the process hides."""
    status = read_status(pid, "Uid")
    return None if status is None else status.get("Uid")


def private_mb(pid: int) -> float:
    """Memory that no file stands behind, pages shared with the parent since a fork included."""
    status = read_status(pid, "RssAnon", "RssShmem")
    return sum(status.values()) / KB_PER_MB if status else 0.0


def pid_behind(pidfd: int) -> int:
    """The pid, as this process sees it, that a pidfd stands for; -1 once the process has been waited for."""
    for line in Path(f"/proc/self/fdinfo/{pidfd}").read_text(encoding="ascii").splitlines():
        name, _, value = line.partition(":")
        if name == "Pid":
            return int(value)
    raise OSError(f"descriptor {pidfd} is no pidfd")


def children(pid: int) -> list[int]:
    """Direct children, zombies included."""
    direct = []
    for other in pids():
        stat = read_stat(other)
        if stat is not None and stat.parent == pid:
            direct.append(other)
    return direct


def descendants(pid: int) -> list[int]:
    """Children, their children and so on; a snapshot."""
    below: dict[int, list[int]] = {}
    for other in pids():
        stat = read_stat(other)
        if stat is not None:
            below.setdefault(stat.parent, []).append(other)
    descending, waiting = [], [pid]
    while waiting:
        waiting += (new := below.pop(waiting.pop(), []))
        descending += new
    return descending


def count_tasks(uid: int) -> int:
    """Threads of all processes of a user: what RLIMIT_NPROC is compared with."""
    total = 0
    for pid in pids():
        status = read_status(pid, "Uid", "Threads")
        if status is not None and status.get("Uid") == uid:
            total += status.get("Threads", 1)
    return total


def count_own_tasks() -> int:
    """Threads of this process."""
    return len(list(os.scandir("/proc/self/task")))


def open_descriptors() -> list[int]:
    """Of this process; the one that lists them, closed again, is among them."""
    return [int(entry.name) for entry in os.scandir("/proc/self/fd")]


def _read(path: str) -> str | None:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return None
