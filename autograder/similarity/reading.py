"""The works of a class as they lie there now, read as the grader reads them, each in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass

from autograder.course.assignment import Assignment
from autograder.grading.again.code import Piece
from autograder.intake.students import Upload
from autograder.intake.uploads.rejection import Rejected
from autograder.sandbox.host.reader import Reader
from autograder.sandbox.host.stage import Stage
from autograder.similarity.checkpoints import content
from autograder.similarity.code import code_of
from autograder.text import Lang


@dataclass(frozen=True)
class Handed:
    """What is compared of one student. code: by task. checkpoint: a digest of the weights, "" without any."""

    student: str
    code: Mapping[str, tuple[Piece, ...]]
    checkpoint: str


@dataclass(frozen=True)
class Class:
    """left_out: student -> why their upload cannot be read."""

    handed: tuple[Handed, ...]
    left_out: Mapping[str, str]


def read_class(
    assignment: Assignment, uploads: Iterable[Upload], lang: Lang, tell: Callable[[int], None]
) -> Class:
    """tell: is given the number of uploads that were read, after each. Raises: SandboxError, OSError."""
    tasks = assignment.manifest.tested
    names = {task.id: frozenset(symbol.name for symbol in task.tops) for task in tasks}
    others = {task: frozenset().union(*names.values()) - own for task, own in names.items()}
    handed: list[Handed] = []
    left_out: dict[str, str] = {}
    with ExitStack() as stack:
        stage = stack.enter_context(Stage(assignment.edition))
        reader = stack.enter_context(Reader(assignment.manifest, assignment.edition, stage.home))
        for number, upload in enumerate(uploads, start=1):
            try:
                submission = reader.read(upload)
            except Rejected as rejection:
                left_out[upload.student] = rejection.text.get(lang)
            else:
                code = {task.id: tuple(code_of(submission, task, others[task.id], lang)) for task in tasks}
                weights = submission.checkpoint
                handed.append(Handed(upload.student, code, "" if weights is None else content(weights)))
            tell(number)
    return Class(tuple(handed), left_out)
