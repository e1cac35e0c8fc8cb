"""Files of this machine that are not handed in: in the trial they are not found, as where the work is graded."""

from __future__ import annotations

import contextlib
import errno
import importlib
import os
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from autograder.course.public import PUBLIC_NAME
from autograder.student.grader_packages import library_folders

# Of the operating system, the same on any machine or harmless.
OF_THE_SYSTEM = (
    "/dev",
    "/etc",
    "/lib",
    "/lib64",
    "/opt",
    "/proc",
    "/sys",
    "/usr",
    "C:/Windows",
    "C:/Program Files",
)
OF_THE_HOMEWORK = ("hw_cnn", "autograder", "public", PUBLIC_NAME)


@contextlib.contextmanager
def only_packed_files(folder: Path, home: Path) -> Iterator[None]:
    """In this block a file outside of `folder` that was there before cannot be opened, by any absolute path.

    What Python, its packages and the system keep for themselves is not touched, nor is what the homework in `home`
    brings, nor are hidden folders (caches).
    """
    _install()
    _guards.append(_Guard([folder, *(home / name for name in OF_THE_HOMEWORK)]))
    # The library is imported by now; modules beside the work are found where they were unpacked, not in its folder.
    searched = sys.path[:]
    sys.path[:] = [entry for entry in searched if not entry or Path(entry).resolve() != home.resolve()]
    try:
        yield
    finally:
        sys.path[:] = [*(entry for entry in sys.path if entry not in searched), *searched]
        _guards.pop()


class _Guard:
    def __init__(self, known: Iterable[Path]) -> None:
        self._started = time.time()
        packages = [
            str(Path(importlib.import_module(name).__file__ or "").parent)
            for name in ("hw_cnn", "autograder")
        ]
        places: list[str | Path] = [
            sys.prefix,
            sys.base_prefix,
            *library_folders(),
            *OF_THE_SYSTEM,
            *packages,
        ]
        self._known = tuple({_shown(path) for path in (*places, *known)})
        self.busy = False

    def hides(self, name: str) -> bool:
        """Whether the grader would not have the file or folder."""
        path = _shown(name)
        if path.startswith(self._known) or any(part.startswith(".") for part in path.split("/")):
            return False
        try:
            return os.lstat(name).st_mtime < self._started
        except OSError:
            return False


def _shown(path: str | Path) -> str:
    return os.path.realpath(path).replace(os.sep, "/").rstrip("/") + "/"


_guards: list[_Guard] = []
_installed: list[bool] = []


def _install() -> None:
    """Python cannot take an audit hook off again, so there is one, which asks the guards of the moment."""
    if not _installed:
        _installed.append(True)
        sys.addaudithook(_on_event)


def _on_event(event: str, arguments: tuple[Any, ...]) -> None:
    if event != "open" or not _guards or _guards[-1].busy:
        return
    name = arguments[0]
    if not isinstance(name, str | bytes | os.PathLike):
        return
    guard = _guards[-1]
    guard.busy = True
    try:
        hidden = guard.hides(os.fsdecode(name))
    finally:
        guard.busy = False
    if hidden:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), os.fsdecode(name))
