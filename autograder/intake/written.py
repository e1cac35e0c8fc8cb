"""Which tasks are written in a notebook or script: of several, the fullest counts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from autograder.intake.answers import answer_cells, read_answers
from autograder.intake.own_modules import OwnModules
from autograder.intake.program.lines import Program
from autograder.intake.program.symbols import Target, locate, targets_of
from autograder.intake.sources.cells import TextCell
from autograder.intake.sources.code import Broken, Code, read_code
from autograder.intake.task_like import TaskLike
from autograder.intake.uploads.rejection import Rejected


def written_finder(
    tasks: Iterable[TaskLike], files: Mapping[str, bytes]
) -> Callable[[str, bytes], tuple[str, ...]]:
    """A function of path and bytes: ids of the tasks written there, none where nothing can be read.

    files: what may be included (`%run`).

    A task whose cell was turned into text or does not compile is not empty: that file is no untouched original.
    """
    tasks = list(tasks)
    ids = [task.id for task in tasks]
    targets = [target for task in tasks for target in targets_of(task.id, task.symbols)]

    own = OwnModules(files)

    def find(path: str, data: bytes) -> tuple[str, ...]:
        try:
            code = read_code(path, {**files, path: data}, ids, answer_cells(tasks))
            found = _written(code, targets, own)
            found |= {answer.task for answer in read_answers(tasks, code.answers)[0]}
        except (Rejected, RecursionError):
            return ()
        return tuple(task for task in ids if task in found)

    return find


def _written(code: Code, targets: Collection[Target], own: OwnModules) -> set[str]:
    program = Program(star_names=own.star_names)
    lost: list[Broken | TextCell] = [*code.broken, *code.texts]
    for chunk in code.chunks:
        try:
            program.add(chunk, skip_main=True)
        except (SyntaxError, RecursionError):
            lost.append(Broken(chunk.ids, code.places[chunk.filename], chunk.source))
    return {
        target.task
        for target in targets
        if locate(program.lines, target) is not None
        or any(part.holds(target.task, target.name) for part in lost)
    }
