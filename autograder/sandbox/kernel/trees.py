"""Remove a folder that an untrusted process has filled: nested however deeply, closed to its own user, with links."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

PLACES_FOR_ALL = ("/tmp", "/var/tmp", "/dev/shm")


def remove_tree(root: Path) -> None:
    """Remove `root` and all below it, following no link. Nobody may be writing there any more."""
    waiting, moved = [root], 0
    folders = []
    token = secrets.token_hex(8)
    while waiting:
        folder = waiting.pop()
        folders.append(folder)
        with contextlib.suppress(PermissionError):
            folder.chmod(0o700)
        for entry in list(os.scandir(folder)):
            path = Path(entry.path)
            if not entry.is_dir(follow_symlinks=False):
                path.unlink()
                continue
            with contextlib.suppress(PermissionError):
                path.chmod(0o700)
            # Moved up at once: a path would otherwise become longer than the system allows.
            moved += 1
            waiting.append(path.rename(root / f"{token}-{moved:x}"))
    for folder in reversed(folders):
        folder.rmdir()


def remove_files_of(uid: int) -> None:
    """Remove what a user has left in the places where everybody may write."""
    for place in PLACES_FOR_ALL:
        with contextlib.suppress(OSError), os.scandir(place) as entries:
            for entry in entries:
                if entry.stat(follow_symlinks=False).st_uid == uid:
                    if entry.is_dir(follow_symlinks=False):
                        remove_tree(Path(entry.path))
                    else:
                        Path(entry.path).unlink()
