"""Find the submissions of a class: a folder or file per student, or nbgrader's
submitted/<student>/<assignment>/.
"""

from __future__ import annotations

import os
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.archive import FOREIGN_ARCHIVES, IGNORED_FOLDERS, printable
from autograder.spec import Text, UsageError

FILE_SUFFIXES = (".zip", ".ipynb", ".py", *FOREIGN_ARCHIVES)
NBGRADER_FOLDER = "submitted"
MAX_NAME = 100
FORBIDDEN = set('/\\:*?"<>|')


@dataclass(frozen=True)
class Found:
    """A student and the folder or file handed in.

    `problem`: why it cannot be read (two uploads, an unsafe name).
    """

    student: str
    path: Path
    problem: Text | None = None


def find_submissions(root: Path, assignment: str) -> list[Found]:
    """All submissions below `root`, sorted by student. Raises: UsageError when `root` cannot be read."""
    if not root.is_dir():
        raise UsageError(
            f"{root} is not a folder; give the folder that holds one folder or zip for each student"
        )
    if (root / NBGRADER_FOLDER).is_dir() and not (root / NBGRADER_FOLDER).is_symlink():
        root = root / NBGRADER_FOLDER
    by_student: dict[str, list[Found]] = defaultdict(list)
    for entry in _entries(root):
        if entry.name.startswith((".", "_")) or entry.name in IGNORED_FOLDERS:
            continue
        path = Path(entry.path)
        is_folder = entry.is_dir() or entry.is_symlink()
        if not is_folder and path.suffix.lower() not in FILE_SUFFIXES:
            continue
        name = entry.name if is_folder else entry.name[: -len(path.suffix)]
        found = _found(name, _work_folder(path, assignment))
        by_student[found.student].append(found)
    return [_single(found) for _, found in sorted(by_student.items())]


def _entries(root: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(root) as found:
            return sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        raise UsageError(f"cannot read {root}: {error.strerror}; check its permissions") from error


def _work_folder(path: Path, assignment: str) -> Path:
    """nbgrader keeps the work of a student one level below, in a folder named like the assignment."""
    inner = path / assignment
    if path.is_symlink() or not inner.is_dir() or inner.is_symlink():
        return path
    others = [entry for entry in _entries(path) if entry.name != assignment and not entry.is_dir()]
    return path if others else inner


def _found(name: str, path: Path) -> Found:
    normal = unicodedata.normalize("NFC", name).strip()
    safe = "".join("_" if _unsafe(char) else char for char in normal)[:MAX_NAME]
    if safe == normal and normal == unicodedata.normalize("NFC", name) and not normal.startswith("."):
        return Found(normal, path)
    shown = printable(name)
    problem = Text(
        ru=f"«{shown}» не годится как имя студента: недопустимые символы или слишком длинно",
        en=f"{shown!r} cannot be the name of a student: it holds forbidden characters or is too long",
    )
    return Found(safe or "_", path, problem)


def _unsafe(char: str) -> bool:
    return char in FORBIDDEN or unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def _single(found: list[Found]) -> Found:
    first = found[0]
    if len(found) == 1:
        return first
    names = ", ".join(printable(item.path.name) for item in found)
    problem = Text(
        ru=f"работа сдана несколько раз ({names}); оставьте одну",
        en=f"handed in more than once ({names}); keep one",
    )
    return replace(first, problem=problem)
