"""Let workers of another user read an interpreter that lives in a closed folder, such as root's home.

The zygote (root) takes a mount namespace of its own, covers the closed folder with an empty one there and binds into
it, read-only, only what a worker must read. Nothing changes outside, and nothing else of that folder is reachable.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path

from autograder.sandbox.kernel import libc


def closed_above(path: Path) -> Path | None:
    """The outermost folder on the way to `path` that other users may not enter, or None."""
    for folder in [*reversed(path.parents)]:
        if not folder.stat().st_mode & stat.S_IXOTH:
            return folder
    return None


def readable(path: Path) -> bool:
    """Whether other users may reach and read `path`."""
    mode = path.stat().st_mode
    needed = stat.S_IROTH | (stat.S_IXOTH if stat.S_ISDIR(mode) else 0)
    return mode & needed == needed and closed_above(path) is None


def expose(paths: Iterable[Path], writable: Sequence[Path] = ()) -> bool:
    """Make all of `paths` and `writable` reachable for workers of another user, by mounts if it must be.

    Returns False when they are not and mounts are not allowed here, or do not help.
    """
    open_ended = {path.resolve() for path in writable}
    wanted = _outermost({path.resolve() for path in paths} | open_ended)

    def reached(path: Path) -> bool:
        return closed_above(path) is None if path in open_ended else readable(path)

    blocked = [path for path in wanted if not reached(path)]
    if not blocked:
        return True
    previous = os.umask(0o022)  # folders made here must be open, whatever the user's umask is
    try:
        _replace(wanted, blocked, open_ended)
    except PermissionError:
        return False
    finally:
        os.umask(previous)
    return all(map(reached, wanted))


def _replace(wanted: Sequence[Path], blocked: Sequence[Path], writable: set[Path]) -> None:
    covers = _outermost({cover for path in blocked if (cover := closed_above(path)) is not None})
    libc.unshare(libc.CLONE_NEWNS)
    libc.mount("none", "/", None, libc.MS_REC | libc.MS_PRIVATE)
    for cover in covers:
        _cover(cover, [path for path in wanted if path.is_relative_to(cover)], writable)


def _cover(cover: Path, inside: Sequence[Path], writable: set[Path]) -> None:
    # What is to be bound is opened first: after the mount its path leads into the empty folder.
    sources = [(path, os.open(path, os.O_PATH)) for path in inside]
    libc.mount("tmpfs", str(cover), "tmpfs", libc.MS_NOSUID | libc.MS_NODEV, "mode=0755,size=4m")
    for path, source in sources:
        if stat.S_ISDIR(os.fstat(source).st_mode):
            path.mkdir(parents=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        libc.mount(f"/proc/self/fd/{source}", str(path), None, libc.MS_BIND)
        if path not in writable:
            _bind_flags(path)
        os.close(source)
    _remount_read_only(cover)


def _bind_flags(path: Path) -> None:
    flags = libc.MS_REMOUNT | libc.MS_BIND | libc.MS_RDONLY | libc.MS_NOSUID | libc.MS_NODEV
    libc.mount("none", str(path), None, flags)


def _remount_read_only(cover: Path) -> None:
    flags = libc.MS_REMOUNT | libc.MS_RDONLY | libc.MS_NOSUID | libc.MS_NODEV
    libc.mount("none", str(cover), None, flags, "mode=0755,size=4m")


def _outermost(paths: set[Path]) -> list[Path]:
    return [path for path in sorted(paths) if not any(parent in paths for parent in path.parents)]
