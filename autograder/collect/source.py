"""What a platform gave, as entries that are read one by one: a folder or a zip; a bad entry says why."""

from __future__ import annotations

import os
import unicodedata
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.errors import UsageError
from autograder.intake.uploads.folders import read_file
from autograder.intake.uploads.names import ignored, printable, safe_name
from autograder.intake.uploads.refusals import check_ratio, check_size, damaged
from autograder.intake.uploads.rejection import Rejected
from autograder.intake.uploads.zips import ERRORS, check_kind, check_readable, member_name

# Of a single file that a student has handed in; `grade` has the limit of the assignment for all of them.
MAX_FILE_MB = 200
# Of a class: 300 students with a repository each are a tenth of it.
MAX_ENTRIES = 500_000
# What Moodle writes behind a student's name: nobody can rename what stands before it.
PLATFORM_WORD = "_assignsubmission_"
UNSEEN = ("Cf", "Zl", "Zp")


@dataclass(frozen=True)
class Entry:
    """One file. problem: why it cannot be taken, "" where it may be. read: its bytes; raises Rejected or OSError."""

    path: str
    read: Callable[[], bytes]
    problem: str = ""


@contextmanager
def entries(source: Path) -> Iterator[list[Entry]]:
    """The files of a folder or a zip by path, without the litter of systems. Raises: UsageError."""
    if source.is_dir():
        yield _folder_entries(source)
        return
    if not source.exists():
        raise UsageError(f"there is no {source}; give the folder or the zip that the platform gave")
    try:
        archive = zipfile.ZipFile(source)
    except ERRORS as error:
        raise UsageError(
            f"{source} is no zip that can be opened: it is damaged or was not downloaded completely; download it "
            "again, or unpack it and give the folder"
        ) from error
    with archive:
        yield _zip_entries(archive, source.name)


def _zip_entries(archive: zipfile.ZipFile, name: str) -> list[Entry]:
    members = archive.infolist()
    seen_names = _SeenNames(map(member_name, members))
    if len(members) > MAX_ENTRIES:
        raise UsageError(f"{name} holds more than {MAX_ENTRIES} files, which no class hands in")
    found: list[Entry] = []
    seen: set[str] = set()
    for member in members:
        raw = member_name(member)
        if raw.endswith("/"):
            continue
        entry = Entry(printable(raw), lambda member=member: _member(archive, member, name))  # type: ignore[misc]  # mypy cannot type the default
        try:
            path = safe_name(seen_names.of(raw)).path
            if ignored(path):
                continue
            entry = replace(entry, path=path)
            check_kind(member, path)
            check_size(member.file_size, path, MAX_FILE_MB)
            check_ratio(member.file_size, member.compress_size, path)
            if path in seen:
                entry = replace(entry, problem="the name appears twice: the first file was taken")
            seen.add(path)
        except Rejected as rejection:
            entry = replace(entry, problem=rejection.text.en)
        found.append(entry)
    return sorted(found, key=lambda entry: entry.path)


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> bytes:
    """Raises: Rejected."""
    check_readable(member, name)
    try:
        return archive.read(member)  # at most as many bytes as it has said, which were checked
    except ERRORS as error:
        raise damaged(member_name(member)) from error


def _folder_entries(root: Path) -> list[Entry]:
    raws: dict[str, Path] = {}

    def unreadable(error: OSError) -> None:
        raise UsageError(f"cannot read {error.filename}: {error.strerror}; check its permissions")

    for folder, inner, names in os.walk(root, onerror=unreadable):
        links = [name for name in inner if Path(folder, name).is_symlink()]
        for name in [*names, *links]:
            path = Path(folder, name)
            raws[path.relative_to(root).as_posix()] = path
        inner[:] = sorted(name for name in inner if name not in links and not ignored(name))
    seen_names = _SeenNames(raws)
    found: list[Entry] = []
    for raw, path in raws.items():
        entry = Entry(printable(raw), lambda path=path: read_file(path, root, MAX_FILE_MB)[0])  # type: ignore[misc]  # mypy cannot type the default
        try:
            entry = replace(entry, path=safe_name(seen_names.of(raw)).path)
        except Rejected as rejection:
            entry = replace(entry, problem=rejection.text.en)
        if not ignored(raw):
            found.append(entry)
    return sorted(found, key=lambda entry: entry.path)


class _SeenNames:
    """Names of a source without the characters that nobody sees in a platform's own words.

    Where two names of the platform differ by such characters alone, both stay, so that no one passes for another.
    """

    def __init__(self, raws: Iterable[str]) -> None:
        self._spelled: dict[str, set[str]] = defaultdict(set)
        for raw in raws:
            head = raw.partition(PLATFORM_WORD)[0]
            self._spelled[_seen(head)].add(head)

    def of(self, raw: str) -> str:
        head, word, rest = raw.partition(PLATFORM_WORD)
        return _seen(head) + word + rest if word and len(self._spelled[_seen(head)]) == 1 else raw


def _seen(text: str) -> str:
    return "".join(char for char in text if unicodedata.category(char) not in UNSEEN)
