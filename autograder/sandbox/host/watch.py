"""Memory, processor time and processes of one worker and all it starts, read from /proc while a call runs.

RLIMIT_AS counts address space and each process alone; here resident memory of the whole tree is added up. Pages that a
process shares with the zygote since the fork are not counted: each process starts from the worker's own baseline.
"""

from __future__ import annotations

import time

from autograder.sandbox.kernel import processes
from autograder.wire.errors import WorkerCrashed, WorkerTimeout
from autograder.wire.reasons import Reason

PATIENCE_S = 0.05
PERIOD_S = 0.02


class Watch:
    """Made when a worker is ready and has run nothing yet."""

    def __init__(self, pid: int, uid: int | None, memory_mb: int, max_processes: int) -> None:
        self._pid, self._uid = pid, uid
        self._memory_mb, self._max_processes = memory_mb, max_processes
        self._baseline_mb = processes.private_mb(pid)
        self._tree = {pid}
        self._others = set(processes.pids()) - {pid}
        self._cpu_limit_s: float | None = None
        self._next_check = 0.0
        self.peak_mb = 0.0

    def start(self, cpu_s: float | None) -> None:
        """A call begins; it may use `cpu_s` seconds of processor time, its children included."""
        self._next_check = time.monotonic() + PATIENCE_S
        self._cpu_limit_s = None
        if cpu_s is not None:
            self._cpu_limit_s = self._cpu_s() + cpu_s
            self._allowed_s = cpu_s

    def due(self) -> float:
        """When to look next, in monotonic seconds."""
        return self._next_check

    def check(self) -> None:
        """Look now. Raises: WorkerCrashed or WorkerTimeout naming the limit that is exceeded."""
        self._next_check = time.monotonic() + PERIOD_S
        self._update_tree()
        used_mb = sum(max(0.0, processes.private_mb(pid) - self._baseline_mb) for pid in self._tree)
        self.peak_mb = max(self.peak_mb, used_mb)
        if used_mb > self._memory_mb:
            raise WorkerCrashed(Reason("memory", {"megabytes": self._memory_mb}))
        if len(self._tree) > self._max_processes + 1:
            raise WorkerCrashed(Reason("processes", {"number": self._max_processes}))
        if self._cpu_limit_s is not None and self._cpu_s() > self._cpu_limit_s:
            raise WorkerTimeout(Reason("processor time", {"seconds": self._allowed_s}))

    def used_s(self) -> float:
        """Processor seconds of the worker and its children so far."""
        self._update_tree()
        return self._cpu_s()

    def _update_tree(self) -> None:
        """Read only processes that are new: what was no part of the tree cannot become one."""
        present = set(processes.pids())
        self._tree &= present
        self._others &= present
        new = present - self._tree - self._others
        parents = {pid: stat.parent for pid in new if (stat := processes.read_stat(pid)) is not None}
        grew = True
        while grew:
            joined = {pid for pid, parent in parents.items() if parent in self._tree} - self._tree
            self._tree |= joined
            grew = bool(joined)
        for pid in parents.keys() - self._tree:
            # A daemon has lost its parent, but not its user.
            if self._uid is not None and processes.owner(pid) == self._uid:
                self._tree.add(pid)
            else:
                self._others.add(pid)

    def _cpu_s(self) -> float:
        stats = (processes.read_stat(pid) for pid in self._tree)
        return sum(stat.cpu_s for stat in stats if stat is not None)
