"""The system calls that Python's standard library does not offer, typed, for Linux.

Sources: prctl(2), capset(2), unshare(2), setns(2), mount(2), umount(2), pivot_root(2), mount_setattr(2), close_range(2)
of the Linux man-pages.
"""

from __future__ import annotations

import ctypes
import os
import platform

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_CAPBSET_READ = 23
PR_CAPBSET_DROP = 24
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_CLEAR_ALL = 4

CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = (
    1, 2, 4, 8, 32, 4096, 16384, 1 << 18,
)  # fmt: skip
MNT_DETACH = 2
MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV, MOUNT_ATTR_NOEXEC = 1, 2, 4, 8

_CAPABILITY_VERSION_3 = 0x20080522
# Calls since Linux 5.1 have the same number on every architecture; this older one does not.
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_CLOSE_RANGE, _MOUNT_SETATTR = 436, 442
# Counted from the field behind the name in /proc/PID/stat; the next one is where they end (proc(5)).
_ARG_START = 45
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000

_libc = ctypes.CDLL(None, use_errno=True)


class _MountAttr(ctypes.Structure):
    _fields_ = (
        ("attr_set", ctypes.c_uint64),
        ("attr_clr", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("userns_fd", ctypes.c_uint64),
    )


class _CapHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _CapData(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def _check(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def prctl(option: int, value: int = 0, name: str = "prctl") -> int:
    """Raises: OSError."""
    arguments = [ctypes.c_ulong(number) for number in (value, 0, 0, 0)]
    return _check(_libc.prctl(ctypes.c_int(option), *arguments), name)


def die_with_parent(signal_number: int) -> None:
    """Get a signal when the thread that made this process ends. Cleared by a change of uid."""
    prctl(PR_SET_PDEATHSIG, signal_number, "PR_SET_PDEATHSIG")


def hide_process() -> None:
    """No core files, and no process of the same user may trace this one or read its memory."""
    prctl(PR_SET_DUMPABLE, 0, "PR_SET_DUMPABLE")


def show_process() -> None:
    """Undo `hide_process`: the files of this process in /proc belong to its user again."""
    prctl(PR_SET_DUMPABLE, 1, "PR_SET_DUMPABLE")


def adopt_orphans() -> None:
    """Processes that lose their parent below this one become its children."""
    prctl(PR_SET_CHILD_SUBREAPER, 1, "PR_SET_CHILD_SUBREAPER")


def forbid_new_privileges() -> None:
    """setuid programs run without privilege from here on."""
    prctl(PR_SET_NO_NEW_PRIVS, 1, "PR_SET_NO_NEW_PRIVS")


def drop_bounding_set() -> None:
    """No capability can be gained again by running a program. Needs CAP_SETPCAP."""
    for capability in range(64):
        try:
            if prctl(PR_CAPBSET_READ, capability) == 1:
                prctl(PR_CAPBSET_DROP, capability, "PR_CAPBSET_DROP")
        except OSError:
            if capability <= 40:
                raise
            return  # above the last one that this kernel knows


def drop_capabilities() -> None:
    """Empty the ambient, effective, permitted and inheritable sets."""
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, "PR_CAP_AMBIENT")
    header = _CapHeader(_CAPABILITY_VERSION_3, 0)
    _check(_libc.capset(ctypes.byref(header), (_CapData * 2)()), "capset")


def rename_process(*arguments: str) -> None:
    """Show these arguments, cut to the room that there is, in place of those that this process was executed with.

    Raises: OSError: /proc does not say where they lie.
    """
    with open("/proc/self/stat", encoding="utf-8", errors="replace") as stream:  # noqa: PTH123 - this module knows no paths
        fields = stream.read().rpartition(")")[2].split()
    start, end = int(fields[_ARG_START]), int(fields[_ARG_START + 1])
    if not start or end <= start:
        raise OSError("/proc/self/stat does not say where the arguments are")
    shown = b"\0".join(map(os.fsencode, arguments))[: end - start - 1]
    ctypes.memset(start, 0, end - start)
    ctypes.memmove(start, shown, len(shown))


def close_from(first: int) -> None:
    """Close every descriptor from `first` on."""
    result = _libc.syscall(
        ctypes.c_long(_CLOSE_RANGE), ctypes.c_uint(first), ctypes.c_uint(0xFFFFFFFF), ctypes.c_uint(0)
    )
    if result < 0:
        for entry in list(os.scandir("/proc/self/fd")):
            if int(entry.name) >= first:
                _libc.close(ctypes.c_int(int(entry.name)))


def syscall(number: int, *arguments: int | ctypes.Array[ctypes.c_char] | None, name: str) -> int:
    """A system call by its number; see syscall(2). Raises: OSError."""
    passed = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    return _check(_libc.syscall(ctypes.c_long(number), *passed), name)


def unshare(flags: int) -> None:
    """Raises: OSError."""
    _check(_libc.unshare(ctypes.c_int(flags)), "unshare")


def setns(fd: int, kind: int) -> None:
    """Enter the namespace behind a descriptor (for CLONE_NEWPID: its later children do). Raises: OSError."""
    _check(_libc.setns(ctypes.c_int(fd), ctypes.c_int(kind)), "setns")


def mount(source: str, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    """Raises: OSError."""
    arguments = [None if text is None else os.fsencode(text) for text in (source, target, kind, data)]
    result = _libc.mount(*arguments[:3], ctypes.c_ulong(flags), arguments[3])
    _check(result, f"mount on {target}")


def umount(target: str, flags: int = 0) -> None:
    """Raises: OSError."""
    _check(_libc.umount2(os.fsencode(target), ctypes.c_int(flags)), f"umount of {target}")


def protect_mount(target: str, attributes: int) -> None:
    """Add MOUNT_ATTR_* to a mount and all below it; what a stricter owner has locked stays. Raises: OSError."""
    attr = _MountAttr(attributes, 0, 0, 0)
    result = _libc.syscall(
        ctypes.c_long(_MOUNT_SETATTR),
        ctypes.c_int(_AT_FDCWD),
        os.fsencode(target),
        ctypes.c_uint(_AT_RECURSIVE),
        ctypes.byref(attr),
        ctypes.c_size_t(ctypes.sizeof(attr)),
    )
    _check(result, f"mount_setattr of {target}")


def pivot_root_here() -> None:
    """Make the working directory, a mount, the root of this mount namespace and let go of the old one.

    Raises: OSError.
    """
    number = _PIVOT_ROOT.get(platform.machine())
    if number is None:
        raise OSError(f"pivot_root has no number here for {platform.machine()}")
    _check(_libc.syscall(ctypes.c_long(number), b".", b"."), "pivot_root")
    umount(".", MNT_DETACH)  # the old root lies on top of the new one (pivot_root(2), NOTES)
    os.chdir("/")
