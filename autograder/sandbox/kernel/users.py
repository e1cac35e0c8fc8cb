"""User ids that belong to nobody, one for each worker, so that workers cannot signal or trace one another.

Ranges follow systemd's table of unused ids (https://systemd.io/UIDS-GIDS).
"""

from __future__ import annotations

import os
from pathlib import Path

from autograder.sandbox.kernel import processes

BIG_FIRST, BIG_LAST = 0x70000000, 0x7FFFFFFF
SMALL_FIRST, SMALL_LAST = 60_600, 61_100
PER_ZYGOTE = 256


class Users:
    """Hands out user ids of a range, the longest unused first."""

    def __init__(self, first: int, count: int, check_in_use: bool) -> None:
        self._first, self._count, self._check_in_use = first, count, check_in_use
        self._next = 0

    @classmethod
    def for_this_process(cls, number: int) -> Users | None:
        """None when this process may not change its user (it is not root, or has lost the capability).

        Args:
            number: differs between the zygotes of one machine, so that no two of them use the same ids.
        """
        if os.geteuid() != 0 or not _may_change_user():
            return None
        if _mapped(BIG_FIRST, BIG_LAST):
            block = number % ((BIG_LAST + 1 - BIG_FIRST) // PER_ZYGOTE)
            return cls(BIG_FIRST + block * PER_ZYGOTE, PER_ZYGOTE, check_in_use=False)
        if _mapped(SMALL_FIRST, SMALL_LAST):
            return cls(SMALL_FIRST, SMALL_LAST + 1 - SMALL_FIRST, check_in_use=True)
        return None

    def take(self) -> int:
        """The next id. Raises: OSError when all are in use."""
        used = {processes.owner(pid) for pid in processes.pids()} if self._check_in_use else set()
        for _ in range(self._count):
            uid = self._first + self._next
            self._next = (self._next + 1) % self._count
            if uid not in used:
                return uid
        raise OSError("all user ids for workers are in use")


def _mapped(first: int, last: int) -> bool:
    for line in Path("/proc/self/uid_map").read_text().splitlines():
        start, _, count = map(int, line.split())
        if start <= first and last < start + count:
            return True
    return False


def _may_change_user() -> bool:
    needed = (1 << 6) | (1 << 7)  # CAP_SETGID, CAP_SETUID
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("CapEff:"):
            return int(line.split()[1], 16) & needed == needed
    return False
