"""The saved work of a student: files of the folder, read by the grader's own extractor, loaded in this process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.calls import StudentError, StudentFailure
from autograder.loading import LoadPlan, load
from autograder.proxy import Student
from autograder.public import PublicManifest
from autograder.sandbox.inprocess import InProcess
from autograder.spec import UsageError
from autograder.student import words
from autograder.student.running import UNWRITTEN, OwnExecutor, make_student
from autograder.submission import Found, Submission, read_tree

CHECKPOINTS = ("model.safetensors", "model.ckpt")
NAMESPACES = {"cell": "notebook", "notebook": "notebook", "solution.py": "solution"}


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
    return Work(folder, files, read_tree(Found("student", folder), files, public, public.edition_files))


def load_work(work: Work, public: PublicManifest) -> Student:
    """Execute the statements in this process and give the `student` object over them."""
    submission = work.submission
    executor = OwnExecutor()
    binds = []
    unavailable: dict[str, StudentFailure] = {}
    for source in submission.sources:
        module, name = source.symbol.split(":")
        if source.kind in NAMESPACES:
            binds.append((NAMESPACES[source.kind], name, module))
        elif source.kind == "missing":
            text = source.problem.get(public.lang) if source.problem else source.place.get(public.lang)
            unavailable[source.symbol] = StudentError(text=text, kind=UNWRITTEN)
    plan = LoadPlan(submission.statements, tuple(binds))
    loaded = load(lambda: InProcess(executor), plan, public.limits.load_s)
    return make_student(public, executor, {**unavailable, **loaded.unavailable})
