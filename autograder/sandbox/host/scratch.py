"""Temporary folders of this project: removed at the end, and by the next run where the one before was killed.

While a folder is in use, the process that made it, or a fork of it, holds a lock on the file `.used` in it (flock(2)).
The kernel gives the lock back however a process ends, so a folder whose lock is free is nobody's any more; that holds
for several users, containers and re-used process ids, too.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import tempfile
import time
from pathlib import Path

from autograder.sandbox.kernel.trees import remove_tree

PREFIX = "hw-cnn-"
USED = ".used"
# A folder without a lock file is one that is being made, or whose maker was killed then.
MAKING_S = 3600.0


class Scratch:
    """A new folder, for the user alone. Use as a context, or `close` it. `kind` stands in its name.

    A first look sweeps what killed runs of the same user have left in the same place.
    """

    def __init__(self, kind: str, base: Path | None = None) -> None:
        place = Path(base or tempfile.gettempdir())
        sweep(place)
        self.root = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{kind}-", dir=place)).resolve()
        self._owner = os.getpid()
        being_made = (
            self.root / f"{USED}.new"
        )  # it gets its name when it is locked: no sweep can come between
        self._lock = os.open(being_made, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        being_made.rename(self.root / USED)

    def __enter__(self) -> Path:
        return self.root

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove the folder. A forked child leaves it alone."""
        if os.getpid() != self._owner or self._lock < 0:
            return
        if self.root.exists():
            remove_tree(self.root)
        os.close(self._lock)
        self._lock = -1


def sweep(place: Path) -> list[Path]:
    """Remove the folders of killed runs in `place`: ours by name and owner, and no living process uses them."""
    swept = []
    with contextlib.suppress(OSError), os.scandir(place) as entries:
        for entry in entries:
            # What others have put there, a link or a folder that vanishes meanwhile is none of our business.
            if entry.name.startswith(PREFIX):
                with contextlib.suppress(OSError):
                    if _sweep_one(entry):
                        swept.append(Path(entry.path))
    return swept


def _sweep_one(entry: os.DirEntry[str]) -> bool:
    status = entry.stat(follow_symlinks=False)
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
        return False
    try:
        lock = os.open(Path(entry.path, USED), os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        if time.time() - status.st_mtime <= MAKING_S:
            return False
        remove_tree(Path(entry.path))
        return True
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # The lock keeps other sweeps away; under another name the guardian of the killed run does not meet it, either.
        own = Path(entry.path).rename(f"{entry.path}.swept")
        remove_tree(own)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    return True
