"""Other machines than this one: a filter of system calls, installed first, refuses what they would not have.

    container           a container engine's default profile: no namespaces, no mounts
    no Landlock         a kernel that has it switched off
    no mount_setattr    a filter that knows no call of Linux 5.12: no private root
    old kernel          Linux 5.10: no Landlock (5.13), no mount_setattr (5.12)
    nothing             no namespaces, no Landlock, no seccomp
    other system        nothing that only Linux has: no /proc, prctl, pidfd, SEQPACKET pairs

`as_on(kind, command)` for tests; `python -m tests.machines KIND COMMAND...` for all others. The functions `needs_...`
skip a test where this machine lacks what it needs, and say what that is.
"""

from __future__ import annotations

import errno
import os
import platform
import socket
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from autograder.sandbox.kernel import libc, mounts, seccomp
from autograder.sandbox.kernel.seccomp import Rule

ROOT = Path(__file__).resolve().parents[1]
AUTOGRADER = Path(sys.executable).parent / "autograder"
ENV = {**os.environ, "OMP_NUM_THREADS": "1"}
AS_USER = "--as-user"

_PRCTL, _PR_SET_SECCOMP = 157, 22
_SOCKETPAIR, _SEQPACKET, _CLOEXEC = 53, 5, 0o2000000
_NO_LANDLOCK = [Rule(call, errno.ENOSYS) for call in seccomp.LANDLOCK]
_NO_MOUNT_SETATTR = [Rule(442, errno.ENOSYS)]
_NO_FILTER = [Rule(317, errno.ENOSYS), Rule(_PRCTL, errno.EINVAL, argument=0, values=(_PR_SET_SECCOMP,))]
_NOTHING = [*seccomp.container_rules(), *_NO_LANDLOCK, *_NO_FILTER]
RULES: dict[str, Sequence[Rule]] = {
    "plain": [],
    "container": seccomp.container_rules(),
    "no Landlock": _NO_LANDLOCK,
    "no mount_setattr": _NO_MOUNT_SETATTR,
    "old kernel": [*_NO_LANDLOCK, *_NO_MOUNT_SETATTR],
    "nothing": _NOTHING,
    "other system": [
        *_NOTHING,
        Rule(_PRCTL, errno.EINVAL),
        Rule(_SOCKETPAIR, errno.EPROTONOSUPPORT, argument=1, values=(_SEQPACKET, _SEQPACKET | _CLOEXEC)),
        # memfd_create, pidfd_send_signal, pidfd_open, close_range
        *(Rule(call, errno.ENOSYS) for call in (319, 424, 434, 436)),
    ],
}
TIERS = {
    "plain": "A", "container": "B", "no Landlock": "A-", "no mount_setattr": "B",
    "old kernel": "C", "nothing": "C", "other system": "C",
}  # fmt: skip
"""What is left of a machine that has tier A."""
TIERS_THAT_HIDE = ("A", "A-", "B")
KINDS_WITH_FILES_HIDDEN = ("plain", "container", "no Landlock")
"""One machine of each tier that takes code that is not trusted."""


_UNSHARE = """
import ctypes, os, sys
if sys.argv[1] == "user" and os.geteuid() == 0:
    os.setresuid(65534, 65534, 65534)
libc = ctypes.CDLL(None, use_errno=True)
sys.exit(ctypes.get_errno() if libc.unshare(0x10000000) else 0)  # CLONE_NEWUSER
"""


CHANGED = 3
_CHROOT = f"""
import os, sys
before = os.stat("/")
os.chroot(sys.argv[1])
for _ in range(50):
    os.chdir("..")
os.chroot(".")
sys.exit(0 if os.path.samestat(before, os.stat("/")) else {CHANGED})
"""


@cache
def user_namespaces_refused(by: str = "self") -> str:
    """Why this machine gives this process (or, for `user`, an ordinary user) no user namespace; empty if it does."""
    if sys.platform != "linux":
        return "user namespaces are Linux's"
    asked = subprocess.run([sys.executable, "-S", "-c", _UNSHARE, by], check=False).returncode
    return f"this machine gives no user namespaces (unshare: {os.strerror(asked)})" if asked else ""


def needs_user_namespaces(by: str = "self") -> None:
    """Skip the test where `by` (this process, or an ordinary `user`) gets none: many containers and desktops."""
    reason = user_namespaces_refused(by)
    if reason:
        pytest.skip(reason)


def needs_host_name() -> None:
    """Skip the test where the machine's own name has no address: processes that train together ask for it."""
    name = socket.gethostname()
    try:
        socket.getaddrinfo(name, None)
    except OSError as error:
        pytest.skip(f"the name of this machine, {name}, cannot be resolved ({error.strerror})")


def needs_an_unchanged_root() -> None:
    """Skip the test for root in a chroot: what leaves one root folder leaves that one, too."""
    asked = subprocess.run([sys.executable, "-S", "-c", _CHROOT, ROOT / "tests"], check=False).returncode
    if asked == CHANGED:
        pytest.skip("the tests run in a chroot: who leaves it is where no file of theirs is")


def reach_the_interpreter(writable: Sequence[Path] = ()) -> bool:
    """For root: let another user read an interpreter in a closed folder (root's home). False where that is refused.

    It is a worker's, or this process's later on, where mounts are refused.
    """
    paths = [
        Path(sys.executable).resolve().parent,
        Path(sys.base_prefix),
        ROOT,
        *map(Path, filter(None, sys.path)),
    ]
    return mounts.expose([path for path in paths if path.exists()], writable)


def become(kind: str) -> None:
    """From here on this process runs on such a machine. Cannot be undone."""
    if os.geteuid() == 0:
        reach_the_interpreter()
    _refuse(kind)


def _become_user(kind: str) -> None:
    """The same as an ordinary user, who can still read what lies in root's home, such as this interpreter."""
    uid, gid = os.geteuid(), os.getegid()
    other = kind == "other system"
    if uid == 0 or other:
        libc.unshare(libc.CLONE_NEWUSER | (libc.CLONE_NEWNS if other else 0))
        maps = {"setgroups": "deny", "uid_map": f"1000 {uid} 1", "gid_map": f"1000 {gid} 1"}
        for name, text in maps.items():
            Path("/proc/self", name).write_text(text)
    libc.forbid_new_privileges()
    if other:
        libc.mount("none", "/", None, libc.MS_REC | libc.MS_PRIVATE)
        libc.mount("tmpfs", "/proc", "tmpfs", libc.MS_RDONLY)
    _refuse(kind)


def _refuse(kind: str) -> None:
    if RULES[kind]:
        libc.forbid_new_privileges()
        seccomp.install(seccomp.program(RULES[kind], unknown=False))


def as_on(
    kind: str, command: Sequence[str | Path], timeout_s: float = 120.0, cwd: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """Run `command` (absolute path first) as an ordinary user there, and give what it said."""
    if platform.machine() != "x86_64" or sys.platform != "linux":
        pytest.skip("the filters are written for Linux on x86-64")
    if os.geteuid() == 0 or kind == "other system":
        needs_user_namespaces()  # Root becomes an ordinary user in one, and there anybody may take /proc away.
    return subprocess.run(
        [sys.executable, "-m", "tests.machines", AS_USER, kind, *map(str, command)],
        cwd=cwd,
        env={**ENV, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


def main(arguments: Sequence[str]) -> None:
    as_user = arguments[0] == AS_USER
    kind, *command = arguments[1:] if as_user else arguments
    (_become_user if as_user else become)(kind)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
