"""A course of nbgrader on disk: its settings, its folders, and its gradebook, opened."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import StoreError, UsageError

CONFIG = "nbgrader_config.py"

Gradebook = Any  # nbgrader.api.Gradebook, which is not typed


@dataclass(frozen=True)
class CourseFolder:
    """A course as its own settings describe it.

    Args:
        root: where `nbgrader_config.py` lies.
        config: all of its settings, of `traitlets`.
        directory: nbgrader's `CourseDirectory`.
    """

    root: Path
    config: Any
    directory: Any

    def notebooks_of(self, assignment: str) -> list[Path]:
        """The notebooks of an assignment as students get them; as they lie in `source` while none is generated."""
        for step in (self.directory.release_directory, self.directory.source_directory):
            folder = Path(self.directory.format_path(step, ".", assignment))
            if found := sorted(folder.glob("*.ipynb")):
                return found
        return []

    @contextmanager
    def gradebook(self) -> Iterator[Gradebook]:
        """The gradebook, made where there is none. Raises: StoreError where the database refuses."""
        from nbgrader.api import Gradebook as OfNbgrader
        from sqlalchemy.exc import SAWarning, SQLAlchemyError

        find_commands()
        try:
            # nbgrader builds its rows in an order of which SQLAlchemy warns; they are right in the end.
            with (
                warnings.catch_warnings(category=SAWarning, action="ignore"),
                OfNbgrader(self.directory.db_url, self.directory.course_id) as gradebook,
            ):
                yield gradebook
        except SQLAlchemyError as error:
            raise StoreError(
                f"the gradebook {self.directory.db_url} cannot be used ({type(error).__name__}): close what else "
                "writes to it, check its permissions, or run `nbgrader db upgrade`; what was written is kept"
            ) from error


def open_course(root: Path) -> CourseFolder:
    """The course in a folder. Raises: UsageError where it is none, or its settings cannot be read."""
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import PyFileConfigLoader

    path = root / CONFIG
    if not path.is_file():
        raise UsageError(
            f"{root} holds no {CONFIG}; give the folder of a course, or make it one with `autograder nbgrader-setup`"
        )
    try:
        config = PyFileConfigLoader(CONFIG, path=str(root.resolve())).load_config()
    except Exception as error:  # it is Python, and may raise anything
        raise UsageError(f"{path} cannot be read: {type(error).__name__}: {error}") from error
    if "root" not in config.CourseDirectory:
        config.CourseDirectory.root = str(root.resolve())
    return CourseFolder(root.resolve(), config, CourseDirectory(config=config))


def find_commands() -> None:
    """Put the commands of this Python first on the path: nbgrader calls `alembic` by its name."""
    here = str(Path(sys.executable).parent)
    parts = os.environ.get("PATH", "").split(os.pathsep)
    if parts[0] != here:
        os.environ["PATH"] = os.pathsep.join([here, *parts])
