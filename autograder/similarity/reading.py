"""The works of a class as they lie there now, read as the grader reads them, each in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
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
    assignment: Assignment, uploads: Sequence[Upload], lang: Lang, jobs: int, tell: Callable[[int], None]
) -> Class:
    """Args:
        jobs: how many are read at once.
        tell: is given the number of uploads that were read, after each.

    Raises: SandboxError, OSError.
    """
    tasks = assignment.manifest.tested
    names = {task.id: frozenset(symbol.name for symbol in task.tops) for task in tasks}
    others = {task: frozenset().union(*names.values()) - own for task, own in names.items()}
    handed: list[Handed] = []
    left_out: dict[str, str] = {}
    with ExitStack() as stack:
        stage = stack.enter_context(Stage(assignment.edition))
        reader = stack.enter_context(Reader(assignment.manifest, assignment.edition, stage.home))
        # Threads only wait for the processes that read: the mother forks these, not this process.
        threads = ThreadPoolExecutor(jobs)
        stack.callback(threads.shutdown, cancel_futures=True)  # Ctrl-C does not wait for those not begun

        def read(upload: Upload) -> Handed | str:
            try:
                submission = reader.read(upload)
            except Rejected as rejection:
                return rejection.text.get(lang)
            code = {task.id: tuple(code_of(submission, task, others[task.id], lang)) for task in tasks}
            weights = submission.checkpoint
            return Handed(upload.student, code, "" if weights is None else content(weights))

        for number, (upload, found) in enumerate(
            zip(uploads, threads.map(read, uploads), strict=True), start=1
        ):
            if isinstance(found, str):
                left_out[upload.student] = found
            else:
                handed.append(found)
            tell(number)
    return Class(tuple(handed), left_out)
