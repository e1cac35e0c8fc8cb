"""Copy the skeleton of an assignment, `files/`, to a new folder of a course."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from autograder.course.manifest import MANIFEST_NAME, Name
from autograder.errors import UsageError

FILES = Path(__file__).parent / "files"
HERE = 'name = "name_of_the_folder"'


def new_assignment(name: str, courses: Path) -> Path:
    """Make `courses/name`, which `autograder validate` accepts as it is; its path.

    Raises: UsageError for a name that no assignment may have, or one that is taken, or where it cannot be written.
    """
    try:
        TypeAdapter(Name).validate_python(name)
    except ValidationError as error:
        raise UsageError(
            f"an assignment cannot be called {name!r}: use a-z, 0-9 and _, a letter first"
        ) from error
    folder = courses / name
    if folder.exists() or folder.is_symlink():
        raise UsageError(f"{folder} exists already; choose another name, nothing was changed")
    try:
        courses.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=courses) as work:
            made = Path(work) / name
            shutil.copytree(FILES, made, ignore=shutil.ignore_patterns("__pycache__"))
            manifest = made / MANIFEST_NAME
            text = manifest.read_text(encoding="utf-8")
            manifest.write_text(text.replace(HERE, f'name = "{name}"'), encoding="utf-8")
            made.rename(folder)
    except OSError as error:
        raise UsageError(f"cannot write {folder}: {error.strerror}; choose another --assignments") from error
    return folder


def next_steps(folder: Path, courses: Path | None) -> list[str]:
    """What to tell the person who asked."""
    where = "" if courses is None else f" --assignments {courses}"
    return [
        f"{folder}: an assignment of one task, P1, with its tests, three planted bugs and a correct variant",
        f"try it:     autograder validate {folder.name} --quick{where}",
        "change it:  docs/task-authors.md, step by step; validate after each",
    ]
