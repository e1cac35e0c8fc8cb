"""Find the submissions of a class: a folder or file per student, or nbgrader's
submitted/<student>/<assignment>/.
"""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.errors import UsageError
from autograder.intake.uploads.names import IGNORED_FILES, IGNORED_FOLDERS, printable
from autograder.intake.uploads.taking import ARCHIVES, FOREIGN_ARCHIVES
from autograder.text import Text

# Longer ones first: ".tar.gz" before ".gz".
FILE_SUFFIXES = (*ARCHIVES, ".ipynb", ".py", *FOREIGN_ARCHIVES)
NBGRADER_FOLDER, TIMESTAMP = "submitted", "timestamp.txt"
# What `collect` keeps beside the submissions: the list of where they came from, and what newer ones have replaced.
COLLECTED_NAME, EARLIER = "_collected.csv", "_earlier"
MAX_NAME = 100
MAX_NAME_BYTES = 200  # a result is the file <student>.json, and a file system takes names of 255 bytes
OTHERS = IGNORED_FOLDERS | IGNORED_FILES | {COLLECTED_NAME, EARLIER}
FORBIDDEN = set('/\\:*?"<>|')


@dataclass(frozen=True)
class Upload:
    """A student and the folder or file handed in.

    `problem`: why it cannot be read (two uploads, an unsafe name). `root`: the folder of all submissions, below
    which no link is followed; by default the folder above.
    """

    student: str
    path: Path
    problem: Text | None = None
    root: Path | None = None


def find_submissions(root: Path, assignment: str) -> list[Upload]:
    """All submissions below `root`, sorted by student; of a course of nbgrader, those of this assignment.

    Raises: UsageError when `root` cannot be read.
    """
    if not root.is_dir():
        raise UsageError(
            f"{root} is not a folder; give the folder that holds one folder or zip for each student"
        )
    by_student: dict[str, list[Upload]] = defaultdict(list)
    holder = _holder(root)
    entries = list(filter(_is_somebodys, _entries(holder)))
    is_course = holder.name == NBGRADER_FOLDER and any(
        (holder / one.name / assignment).is_dir() for one in entries
    )
    for entry in entries:
        is_folder = entry.is_dir(follow_symlinks=False)
        if is_folder and _is_of_others(Path(entry.path), assignment, is_course=is_course):
            continue
        suffix = "" if is_folder else _suffix(entry.name)
        name = entry.name[: len(entry.name) - len(suffix)]
        path = Path(entry.path)
        upload = _upload(name, _work_folder(path, assignment) if is_folder else path, root)
        by_student[upload.student].append(upload)
    return [_single(upload) for _, upload in sorted(by_student.items())]


def left_aside(root: Path) -> list[str]:
    """Names in `root` that are nobody's work for `find_submissions` and might have been meant to be, cleaned.

    Hidden files, what systems put into archives and what `collect` keeps are not among them.
    """
    holder = _holder(root)
    return [
        printable(entry.name)
        for entry in _entries(holder)
        if not (entry.name.startswith(".") or entry.name in OTHERS or _is_somebodys(entry))
    ]


def _holder(root: Path) -> Path:
    inner = root / NBGRADER_FOLDER
    return inner if inner.is_dir() and not inner.is_symlink() else root


def _is_somebodys(entry: os.DirEntry[str]) -> bool:
    if entry.name.startswith((".", "_")) or entry.name in IGNORED_FOLDERS:
        return False
    return entry.is_dir(follow_symlinks=False) or entry.is_symlink() or bool(_suffix(entry.name))


def _entries(root: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(root) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise UsageError(f"cannot read {root}: {error.strerror}; check its permissions") from error


def _suffix(name: str) -> str:
    return next((suffix for suffix in FILE_SUFFIXES if name.lower().endswith(suffix)), "")


def _work_folder(path: Path, assignment: str) -> Path:
    """nbgrader keeps the work of a student one level below, in a folder named like the assignment."""
    inner = path
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if not entry.is_dir(follow_symlinks=False):
                    return path
                if entry.name == assignment:
                    inner = path / assignment
    except OSError:
        return path  # this submission cannot be read, the others can: its own verdict says so
    return inner


def _is_of_others(path: Path, assignment: str, *, is_course: bool) -> bool:
    """Whether a student's folder of nbgrader holds work for other assignments alone.

    is_course: whether another student of the same course has a folder for this one.
    """
    try:
        with os.scandir(path) as entries:
            below = list(entries)
        if not below or not all(entry.is_dir(follow_symlinks=False) for entry in below):
            return False
    except OSError:
        return False
    if any(entry.name == assignment for entry in below):
        return False
    return is_course or any((Path(entry.path) / TIMESTAMP).is_file() for entry in below)


def _upload(name: str, path: Path, root: Path) -> Upload:
    student = safe_student(name)
    if student == unicodedata.normalize("NFC", name):
        return Upload(student, path, root=root)
    shown = printable(name)
    problem = Text(
        ru=f"«{shown}» не годится как имя студента: недопустимые символы или слишком длинно; переименуйте",
        en=f"{shown!r} cannot be the name of a student: it holds forbidden characters or is too long; rename it",
    )
    return Upload(student, path, problem, root)


def safe_student(name: str) -> str:
    """The name under which results are kept: composed letters, and usable as the name of a file.

    An unsafe name gets a safe one of its own, so that it cannot pass for another student's.
    """
    normal = unicodedata.normalize("NFC", name)
    fits = 0 < len(normal) <= MAX_NAME and len(normal.encode(errors="replace")) <= MAX_NAME_BYTES
    if fits and not any(map(_unsafe, normal)) and normal == normal.strip().lstrip("."):
        return normal
    kept = "".join("_" if _unsafe(char) else char for char in normal.strip().lstrip("."))
    number = hashlib.sha256(normal.encode(errors="surrogatepass")).hexdigest()[:8]
    return f"{kept[: MAX_NAME // 4]}-{number}"


def _unsafe(char: str) -> bool:
    return char in FORBIDDEN or unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def _single(uploads: list[Upload]) -> Upload:
    first = uploads[0]
    if len(uploads) == 1:
        return first
    names = ", ".join(printable(item.path.name) for item in uploads)
    problem = Text(
        ru=f"работа сдана несколько раз ({names}); оставьте одну",
        en=f"handed in more than once ({names}); keep one",
    )
    return replace(first, problem=problem)
