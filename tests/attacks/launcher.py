"""Become another user or a process in a container, wait for a line on standard input, then run a program.

The program keeps this process's number, so an attack can be told whom to go for before the grader starts. Run as
`python -m tests.attacks.launcher SPECIFICATION`, a JSON object: uid, container, landlock, argv.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import sys
from pathlib import Path
from typing import Any

from autograder.sandbox.kernel import libc, seccomp
from tests.machines import RULES, reach_the_interpreter

UNREACHABLE = 77
_CAPSET = 126
# Docker's default set (moby, oci/caps/defaults.go): CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, SETGID, SETUID,
# SETPCAP, NET_BIND_SERVICE, NET_RAW, SYS_CHROOT, MKNOD, AUDIT_WRITE, SETFCAP.
CONTAINER_CAPABILITIES = 0xA80425FB


def own_mounts() -> None:
    """What an attack mounts, unmounts or names is not this machine's. Without the right to do this neither has it."""
    with contextlib.suppress(OSError):
        libc.unshare(libc.CLONE_NEWNS | 0x04000000 | 0x08000000)  # and CLONE_NEWUTS, CLONE_NEWIPC
        libc.mount("none", "/", None, libc.MS_REC | libc.MS_PRIVATE)


def keep_capabilities(wanted: int) -> None:
    """Drop all others from the bounding set and the process itself."""
    for number in range(64):
        if not wanted >> number & 1:
            try:
                libc.prctl(libc.PR_CAPBSET_DROP, number)
            except OSError:
                break
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    data = (ctypes.c_uint32 * 6)(wanted, wanted, 0, 0, 0, 0)
    if ctypes.CDLL(None, use_errno=True).syscall(ctypes.c_long(_CAPSET), header, data) != 0:
        raise OSError(ctypes.get_errno(), "capset")


def main() -> None:
    specification: dict[str, Any] = json.loads(sys.argv[1])
    uid, is_root = specification["uid"], os.getuid() == 0
    if is_root:
        own_mounts()
    another_user = is_root and (uid != 0 or specification["container"])
    if another_user and not reach_the_interpreter([Path(specification["base"])]):
        sys.exit(UNREACHABLE)
    rules: list[seccomp.Rule] = []
    if specification["container"]:
        rules += RULES["container"]
    if not specification["landlock"]:
        rules += RULES["no Landlock"]
    if rules:
        if not is_root:
            libc.forbid_new_privileges()
        seccomp.install(seccomp.program(rules, unknown=False))
    if is_root and specification["container"] and uid == 0:
        keep_capabilities(CONTAINER_CAPABILITIES)
    if uid != os.getuid():
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    os.umask(0o022)
    sys.stdin.readline()
    argv = specification["argv"]
    os.execv(argv[0], argv)


if __name__ == "__main__":
    main()
