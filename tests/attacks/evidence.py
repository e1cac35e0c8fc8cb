"""How the tests know that an attack has begun, whether it works or not, and whether its worker lives to tell.

Every worker may read the installed packages, so each attack is given a file of its own there, which nothing else opens,
and opens it when it begins. The kernel tells the tests (inotify): no answer, message or file of the attack is needed,
no protection is in the way, and an attack that was never read leaves no trace. Which file is whose is drawn anew for
each scene, among files that no other scene on this machine has at that time: several test processes run side by side,
and what one of them opens must say nothing for another.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import random
import struct
import tempfile
from functools import cache
from pathlib import Path

NUM_SHARES = 16
_IN_OPEN, _IN_ONESHOT = 0x20, 0x80000000
_EVENT = struct.Struct("iIII")


@cache
def _unused_files() -> tuple[Path, list[str]]:
    """The folder of torch, and headers below it for those who compile: readable in each worker, opened by none."""
    import torch

    folder = Path(torch.__file__).parent
    return folder, sorted(str(path.relative_to(folder)) for path in (folder / "include").rglob("*.h"))


def _take_share() -> tuple[int, int]:
    """A share of the files that is ours until the descriptor is closed, and that descriptor."""
    for share in range(NUM_SHARES):
        name = Path(tempfile.gettempdir(), f"hw-cnn-evidence-{share}.lock")
        try:
            descriptor = os.open(name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except PermissionError:
            continue  # another user's
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
        else:
            return share, descriptor
    raise OSError(f"{NUM_SHARES} scenes of attacks run on this machine already")


class Trace:
    """Files of which the first opening is noticed, by name. A context."""

    def __init__(self, token: str) -> None:
        self._folder, files = _unused_files()
        share, self._lock = _take_share()
        self._order = files[share::NUM_SHARES]
        random.Random(token).shuffle(self._order)
        self._names: dict[int, str] = {}
        self._seen: set[str] = set()
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._fd = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._fd < 0:
            raise OSError(ctypes.get_errno(), "inotify_init1")

    def __enter__(self) -> Trace:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._fd)
        os.close(self._lock)

    def file_for(self, name: str) -> str:
        """A file that is watched from now on, for whoever is to leave a trace under this name: its path below torch."""
        path = self._order.pop()
        self.watch(self._folder / path, name)
        return path

    def watch(self, path: Path, name: str) -> None:
        """Notice who opens this file."""
        number = self._libc.inotify_add_watch(
            self._fd, os.fsencode(path), ctypes.c_uint32(_IN_OPEN | _IN_ONESHOT)
        )
        if number < 0:
            raise OSError(ctypes.get_errno(), f"inotify_add_watch {path}")
        self._names[number] = name

    def seen(self) -> set[str]:
        """Names of all that has been opened."""
        while True:
            try:
                data = os.read(self._fd, 1 << 16)
            except BlockingIOError:
                return self._seen
            start = 0
            while start < len(data):
                number, mask, _, length = _EVENT.unpack_from(data, start)
                start += _EVENT.size + length
                if mask & _IN_OPEN:
                    self._seen.add(self._names[number])
