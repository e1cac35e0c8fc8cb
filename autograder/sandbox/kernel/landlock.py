"""Landlock: a process gives up all files but those it names, by the kernel's own rules and without privilege.

Sources: the kernel's Documentation/userspace-api/landlock.rst, landlock_create_ruleset(2), landlock_add_rule(2),
landlock_restrict_self(2). The numbers of the calls are the same on every architecture.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import struct
from collections.abc import Iterable
from pathlib import Path

from autograder.sandbox.kernel import libc

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG, _PATH_BENEATH = 1, 1

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_FIRST_ACCESSES = (1 << 13) - 1
_FILE_ACCESSES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
_TCP_BIND_AND_CONNECT = 3
_ABSTRACT_SOCKETS_AND_SIGNALS = 3

READ = EXECUTE | READ_FILE | READ_DIR
TRUNCATE_ABI, NET_ABI, IOCTL_ABI, SCOPE_ABI = 3, 4, 5, 6


def abi() -> int:
    """The kernel's version of Landlock, found by asking it; 0 where there is none."""
    try:
        return libc.syscall(_CREATE_RULESET, None, 0, _VERSION_FLAG, name="landlock_create_ruleset")
    except OSError as error:
        if error.errno in (errno.ENOSYS, errno.EOPNOTSUPP):
            return 0
        raise


def handled(version: int) -> int:
    """All accesses to files that this version can take away."""
    accesses = _FIRST_ACCESSES
    for first, access in ((2, REFER), (TRUNCATE_ABI, TRUNCATE), (IOCTL_ABI, IOCTL_DEV)):
        if version >= first:
            accesses |= access
    return accesses


class Ruleset:
    """Files that stay reachable; everything else is refused once `restrict_self` is called.

    With ABI 4 no TCP port can be bound or reached, with ABI 6 neither an abstract socket nor a process outside.

    Raises: OSError.
    """

    def __init__(self, version: int) -> None:
        self._accesses = handled(version)
        attributes = struct.pack("=Q", self._accesses)
        if version >= NET_ABI:
            attributes += struct.pack("=Q", _TCP_BIND_AND_CONNECT)
        if version >= SCOPE_ABI:
            attributes += struct.pack("=Q", _ABSTRACT_SOCKETS_AND_SIGNALS)
        buffer = ctypes.create_string_buffer(attributes, len(attributes))
        self._fd = libc.syscall(_CREATE_RULESET, buffer, len(attributes), 0, name="landlock_create_ruleset")

    def allow(self, paths: Iterable[Path], accesses: int = READ) -> None:
        """Grant `accesses` to files, or to folders and all below them. A path that does not exist is left out."""
        for path in paths:
            try:
                fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
            except FileNotFoundError:
                continue
            try:
                self._allow(fd, accesses)
            finally:
                os.close(fd)

    def _allow(self, fd: int, accesses: int) -> None:
        granted = accesses & self._accesses
        if not stat.S_ISDIR(os.fstat(fd).st_mode):
            granted &= _FILE_ACCESSES
        rule = ctypes.create_string_buffer(struct.pack("=Qi", granted, fd), 12)
        libc.syscall(_ADD_RULE, self._fd, _PATH_BENEATH, rule, 0, name="landlock_add_rule")

    def everything(self) -> int:
        """All accesses that are handled: for a folder of one's own."""
        return self._accesses

    def restrict_self(self) -> None:
        """From here on, for this process and all it starts. Needs no_new_privs. Cannot be undone."""
        libc.syscall(_RESTRICT_SELF, self._fd, 0, name="landlock_restrict_self")
        os.close(self._fd)
