"""The saved work of a student: files of the folder, read by the grader's own extractor. Needs no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.course.public import PublicManifest
from autograder.errors import UsageError
from autograder.intake.students import Upload
from autograder.intake.submission import Submission, read_tree
from autograder.student import words

CHECKPOINTS = ("model.safetensors", "model.ckpt")


@dataclass(frozen=True)
class Work:
    """Files of the folder that may count, and what the extractor made of them."""

    folder: Path
    files: Mapping[str, bytes]
    submission: Submission


def read_work(folder: Path, public: PublicManifest) -> Work:
    """Read the folder. Raises: UsageError when it does not exist; Rejected as the grader would."""
    if not folder.is_dir():
        raise UsageError(words.NO_FOLDER.get(public.lang).format(where=folder))
    files = {}
    for path in sorted(folder.iterdir()):
        counts = path.suffix in (".ipynb", ".py") or path.name in CHECKPOINTS
        if counts and path.is_file() and not path.name.startswith("."):
            files[path.name] = path.read_bytes()
    for name in public.stubs:
        if (folder / name).is_file():
            files[name] = (folder / name).read_bytes()
    return Work(folder, files, read_tree(Upload("student", folder), files, public, public.edition_files))
