"""Run programs as on a machine whose kernel lacks parts of the sandbox: a filter that is installed first refuses them.

`as_on(kind, [program, argument])`, where kind is

    container      a container engine's default profile: no namespaces, no mounts
    no Landlock    a kernel that has it switched off
    old kernel     Linux 5.10: no Landlock (5.13), no mount_setattr (5.12)
    nothing        no namespaces, no Landlock, no seccomp
    other system   nothing that only Linux has: no /proc, prctl, pidfd, SEQPACKET pairs

Root becomes an ordinary user there: in the lower tiers root's workers have users of their own, who cannot read an
interpreter in root's home.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
AUTOGRADER = Path(sys.executable).parent / "autograder"
# Calls: 53 socketpair (type 5: SOCK_SEQPACKET), 157 prctl (option 22: PR_SET_SECCOMP), 317 seccomp, 319 memfd_create,
# 424 pidfd_send_signal, 434 pidfd_open, 436 close_range, 442 mount_setattr.
LAUNCHER = """
import errno, os, sys
from pathlib import Path
from autograder.sandbox import libc, seccomp
from autograder.sandbox.seccomp import Rule

kind, *command = sys.argv[1:]
uid, gid = os.geteuid(), os.getegid()
other = kind == "other system"
if uid == 0 or other:
    # An ordinary user from here on, who can still read what lies in root's home, such as this interpreter.
    libc.unshare(libc.CLONE_NEWUSER | (libc.CLONE_NEWNS if other else 0))
    for name, text in {"setgroups": "deny", "uid_map": f"1000 {uid} 1", "gid_map": f"1000 {gid} 1"}.items():
        Path("/proc/self", name).write_text(text)
no_landlock = [Rule(call, errno.ENOSYS) for call in seccomp.LANDLOCK]
no_seccomp = [Rule(317, errno.ENOSYS), Rule(157, errno.EINVAL, argument=0, values=(22,))]
nothing = [*seccomp.container_rules(), *no_landlock, *no_seccomp]
rules = {
    "container": seccomp.container_rules(),
    "no Landlock": no_landlock,
    "old kernel": [*no_landlock, Rule(442, errno.ENOSYS)],
    "nothing": nothing,
    "other system": [
        *nothing,
        Rule(157, errno.EINVAL),
        Rule(53, errno.EPROTONOSUPPORT, argument=1, values=(5, 5 | 0o2000000)),
        *(Rule(call, errno.ENOSYS) for call in (319, 424, 434, 436)),
    ],
}[kind]
libc.forbid_new_privileges()
if other:
    libc.mount("none", "/", None, libc.MS_REC | libc.MS_PRIVATE)
    libc.mount("tmpfs", "/proc", "tmpfs", libc.MS_RDONLY)
seccomp.install(seccomp.program(rules, unknown=False))
os.execv(command[0], command)
"""
ENV = {**os.environ, "OMP_NUM_THREADS": "1"}


def as_on(
    kind: str, command: Sequence[str | Path], timeout_s: float = 120.0, cwd: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """Run `command` (absolute path first) there, and give what it said."""
    if platform.machine() != "x86_64" or sys.platform != "linux":
        pytest.skip("the filters are written for Linux on x86-64")
    return subprocess.run(
        [sys.executable, "-c", LAUNCHER, kind, *map(str, command)],
        cwd=cwd,
        env=ENV,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
