"""Read a folder or a file below the folder of submissions; what is checked is what is read.

Every step goes from an open folder to a name in it, with O_NOFOLLOW (open(2)), and a file is judged by `fstat` of the
descriptor that it is read from: somebody who swaps a file or a folder for a link meanwhile gains nothing.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autograder.intake.uploads.collecting import Collector, Files, Wanted
from autograder.intake.uploads.names import Name, check_collisions, check_depth, ignored, printable, safe_name
from autograder.intake.uploads.refusals import (
    check_count,
    check_size,
    hard_link,
    link,
    special,
    too_big,
)
from autograder.intake.uploads.rejection import Rejected, refuse

NOT_THE_SAME = (errno.ELOOP, errno.ENOTDIR)


def read_folder(path: Path, base: Path, wanted: Wanted, upload_mb: int) -> Files:
    """The wanted files. `base`: the folder above that the grader was told to trust.

    Raises: Rejected; OSError when the grader itself may not read the disk.
    """
    reading = _FolderReading(wanted, upload_mb)
    with _open_below(path, base) as folder:
        reading.walk(folder, "", 1)
    check_collisions(reading.files, reading.folders)
    return reading.collector.files()


def read_file(path: Path, base: Path, upload_mb: int) -> tuple[bytes, float]:
    """The bytes of one regular file, and when it was changed. Raises: Rejected, OSError."""
    with _open_below(path.parent, base) as folder:
        return _read(folder, path.name, path.name, upload_mb)


@contextmanager
def _open_below(path: Path, base: Path) -> Iterator[int]:
    """A descriptor of the folder `path`, reached from `base` without following a link."""
    folder = os.open(base, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in path.relative_to(base).parts:
            inner = _open_folder(folder, part, part)
            os.close(folder)
            folder = inner
        yield folder
    finally:
        os.close(folder)


def _open_folder(folder: int, name: str, shown: str) -> int:
    try:
        return os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
    except OSError as error:
        if error.errno in NOT_THE_SAME:
            raise link(shown) from error
        raise


class _FolderReading:
    """One walk through a folder: every file is met, judged and read once."""

    def __init__(self, wanted: Wanted, upload_mb: int) -> None:
        self.collector = Collector(wanted, upload_mb, too_big)
        self.files: list[Name] = []
        self.folders: list[Name] = []
        self._upload_mb = upload_mb

    def walk(self, folder: int, prefix: str, depth: int) -> None:
        """Files first: of data there is room for so many, and what lies near the work is more likely to be needed."""
        inner_folders: list[str] = []
        for entry in self._entries(folder, prefix):
            raw = prefix + entry
            check_depth(depth, raw)
            name = safe_name(raw)
            status = os.stat(entry, dir_fd=folder, follow_symlinks=False)
            if stat.S_ISDIR(status.st_mode):
                self.folders.append(name)
                inner_folders.append(entry)
                continue
            _check_kind(status, raw)
            self.files.append(name)
            if self.collector.admits(name.path, status.st_size):
                self.collector.add(name.path, *_read(folder, entry, raw, self._upload_mb))
        for entry in inner_folders:
            inner = _open_folder(folder, entry, prefix + entry)
            try:
                self.walk(inner, f"{prefix}{entry}/", depth + 1)
            finally:
                os.close(inner)

    def _entries(self, folder: int, prefix: str) -> list[str]:
        """Names in a folder without litter, sorted; counted while they are listed."""
        names: list[str] = []
        with os.scandir(folder) as entries:
            for entry in entries:
                if not ignored(prefix + entry.name):
                    names.append(entry.name)
                    check_count(len(self.files) + len(self.folders) + len(names))
        return sorted(names)


def _read(folder: int, entry: str, shown: str, upload_mb: int) -> tuple[bytes, float]:
    # Looked at before it is opened, too: to open a device can have effects.
    _check_kind(os.stat(entry, dir_fd=folder, follow_symlinks=False), shown)
    try:
        # O_NONBLOCK: to open a pipe would wait for its writer.
        handle = os.open(entry, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY, dir_fd=folder)
    except OSError as error:
        if error.errno in NOT_THE_SAME:
            raise link(shown) from error
        raise
    try:
        status = os.fstat(handle)
        _check_kind(status, shown)
        check_size(status.st_size, shown, upload_mb)
        with os.fdopen(handle, "rb", closefd=False) as file:
            data = file.read(status.st_size + 1)
    finally:
        os.close(handle)
    if len(data) != status.st_size:
        raise _changing(shown)
    return data, status.st_mtime


def _check_kind(status: os.stat_result, shown: str) -> None:
    if stat.S_ISLNK(status.st_mode):
        raise link(shown)
    if not stat.S_ISREG(status.st_mode):
        raise special(shown)
    if status.st_nlink > 1:
        raise hard_link(shown)


def _changing(shown: str) -> Rejected:
    return refuse(
        f"файл «{printable(shown)}» менялся, пока его читали; дождитесь конца записи и сдайте его снова",
        f"the file {printable(shown)!r} changed while it was read; wait until it is written, then hand it in again",
    )
