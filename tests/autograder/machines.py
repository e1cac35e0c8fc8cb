"""Run a command as if the machine were another: `python -m tests.autograder.machines container COMMAND...`.

    container     namespaces and mounts are refused, as a container's default profile does: tier B
    no-landlock   the kernel has no Landlock: tier A-
    bare          neither, and no filter of system calls: tier C

A filter of system calls refuses what the machine would not have, with the error that it would give. It holds for
the command and all it starts.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from autograder.sandbox import libc, mounts, seccomp

_SECCOMP, _PRCTL, _PR_SET_SECCOMP = 317, 157, 22
_NO_LANDLOCK = [seccomp.Rule(call, errno.ENOSYS) for call in seccomp.LANDLOCK]
_NO_FILTER = [
    seccomp.Rule(_SECCOMP, errno.ENOSYS),
    seccomp.Rule(_PRCTL, errno.EINVAL, argument=0, values=(_PR_SET_SECCOMP,)),
]
RULES: dict[str, Sequence[seccomp.Rule]] = {
    "plain": [],
    "container": seccomp.container_rules(),
    "no-landlock": _NO_LANDLOCK,
    "bare": [*seccomp.container_rules(), *_NO_LANDLOCK, *_NO_FILTER],
}
TIERS = {"plain": "A", "container": "B", "no-landlock": "A-", "bare": "C"}


def become(machine: str) -> None:
    """From here on this process runs on such a machine. Cannot be undone."""
    if os.geteuid() == 0:
        # Without namespaces a worker of another user cannot be given an interpreter in root's own folder.
        paths = [
            Path(sys.executable).resolve().parent,
            Path(sys.base_prefix),
            *map(Path, filter(None, sys.path)),
        ]
        mounts.expose([path for path in paths if path.exists()])
    if RULES[machine]:
        libc.forbid_new_privileges()
        seccomp.install(seccomp.program(RULES[machine]))


if __name__ == "__main__":
    become(sys.argv[1])
    os.execvp(sys.argv[2], sys.argv[2:])
