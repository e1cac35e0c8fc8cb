"""The saved work of a student: files of the folder, read by the grader's own extractor. Needs no torch."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.course.public import PublicManifest, PublicTask
from autograder.errors import UsageError
from autograder.intake.files import wanted
from autograder.intake.sources.code import is_notebook
from autograder.intake.students import Upload
from autograder.intake.submission import Submission, read_tree
from autograder.intake.uploads.collecting import Collector, Files
from autograder.intake.uploads.refusals import too_big
from autograder.intake.uploads.taking import is_archive
from autograder.student import words
from autograder.text import Text

MARKER = ".release.json"
VENV = "pyvenv.cfg"
LIBRARY = "hw_cnn"
OF_THE_BUNDLE = ("autograder", "public", LIBRARY)
LITTER = ("__pycache__", "build", "dist", "node_modules")


@dataclass(frozen=True)
class Work:
    """Files of the folder that may count, when they were saved, and what the extractor made of them.

    changed, added: files of the library that hold no task, and that the grader has as they were, or not at all.
    """

    folder: Path
    files: Files
    submission: Submission
    changed: tuple[str, ...]
    added: tuple[str, ...]

    @property
    def notebook(self) -> str | None:
        """The notebook that counts."""
        return counted_notebook(self.submission)

    def answers(self, task: PublicTask) -> dict[str, str]:
        """Row -> what is written for it, in words."""
        return answers_of(self.submission, task)


def counted_notebook(submission: Submission) -> str | None:
    """The notebook that counts; others are own files that it may ask for."""
    return next((n for n in submission.files if is_notebook(n) and n not in submission.own), None)


def answers_of(submission: Submission, task: PublicTask) -> dict[str, str]:
    """Row -> what is written for it, in words."""
    return {answer.row: answer.text for answer in submission.answers if answer.task == task.id}


def read_work(folder: Path, public: PublicManifest) -> Work:
    """Read the folder. Raises: UsageError when it does not exist; Rejected as the grader would."""
    if not folder.is_dir():
        raise UsageError(words.NO_FOLDER.get(public.lang).format(where=folder))
    collector = Collector(wanted, public.limits.upload_mb, too_big)
    for name in work_files(folder, public):
        status = (folder / name).stat()
        if collector.admits(name, status.st_size):
            collector.add(name, (folder / name).read_bytes(), status.st_mtime)
    files = collector.files()
    submission = read_tree(Upload("student", folder), files, public, public.edition_files)
    brought, strange = released(folder), strange_library_files(folder, public)
    changed = tuple(name for name in strange if name in brought)
    return Work(folder, files, submission, changed, tuple(name for name in strange if name not in brought))


def work_files(folder: Path, public: PublicManifest) -> Iterator[str]:
    """Paths of what may be the student's own: not what the bundle brought, no environment, nothing hidden."""
    brought = released(folder)
    for root, folders, names in os.walk(folder):
        base = Path(root)
        is_top = base == folder
        folders[:] = [name for name in sorted(folders) if _may_hold_work(base / name, is_top)]
        for name in sorted(names):
            path = base / name
            relative = path.relative_to(folder).as_posix()
            if name.startswith(".") or is_archive(name) or not wanted(relative) or not path.is_file():
                continue
            if is_notebook(relative) or _is_changed(path, brought.get(relative)):
                yield relative
    for name in public.stubs:
        if (folder / name).is_file():
            yield name


def strange_library_files(folder: Path, public: PublicManifest) -> list[str]:
    """Modules of the library that were changed or added since the release, but for those that hold a task."""
    brought = released(folder)
    modules = sorted((folder / LIBRARY).rglob("*.py")) if brought else []
    names = {path.relative_to(folder).as_posix(): path for path in modules}
    return [
        name
        for name, path in names.items()
        if name not in public.stubs and _is_changed(path, brought.get(name))
    ]


def _is_changed(path: Path, digest: str | None) -> bool:
    return digest is None or hashlib.sha256(path.read_bytes()).hexdigest() != digest


def _may_hold_work(folder: Path, is_top: bool) -> bool:
    is_bundles = is_top and folder.name in OF_THE_BUNDLE
    return not (
        is_bundles or folder.name.startswith(".") or folder.name in LITTER or (folder / VENV).exists()
    )


def released(folder: Path) -> dict[str, str]:
    """Path -> SHA-256 (hex) of each file as it came in the bundle; empty where the folder is no bundle."""
    try:
        known = json.loads((folder / MARKER).read_bytes())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def snapshot(folder: Path, public: PublicManifest) -> dict[str, tuple[int, int]]:
    """Path -> when each file of the work was saved, and its size."""
    found = {}
    for name in work_files(folder, public):
        try:
            status = (folder / name).stat()
        except OSError:
            continue  # it is being replaced just now
        found[name] = status.st_mtime_ns, status.st_size
    return found


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """An empty current folder: the work meets its own files there, as in a worker, and writes nothing beside them."""
    with tempfile.TemporaryDirectory(prefix="hw-cnn-") as name, contextlib.chdir(name):
        yield Path(name)


def loaded_code(submission: Submission, files: Mapping[str, bytes]) -> Iterable[tuple[Text, str, int]]:
    """(place, text, its first line) of the code that is run when the work is graded."""
    for statement in dict.fromkeys(s for world in submission.worlds for s in world.statements):
        yield statement.place, statement.source, statement.first_line
    for name in submission.files:
        if name.endswith(".py") and name in files:
            yield Text(ru=name, en=name), files[name].decode(errors="replace"), 1
