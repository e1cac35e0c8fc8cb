"""Whose task each symbol of `hw_cnn` is: what a release empties, whichever folder its assignment stands in.

The assignments that came with the package are data beside the repository and not installed. What they ask is known to
an installed package from `own_tasks.json`, which `scripts/list_own_tasks.py` writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import ValidationError

from autograder.course.manifest import MANIFEST_NAME, Manifest, Name, TaskId, load_manifest
from autograder.course.symbol import Symbol, SymbolField
from autograder.errors import UsageError
from autograder.text import Value

OWN_TASKS = Path(__file__).parent / "own_tasks.json"
OWN_FOLDER = "assignments"


class TaskSymbols(Value):
    """Of a task: what students write, and what would give it away."""

    id: TaskId
    symbols: tuple[SymbolField, ...]
    remove: tuple[SymbolField, ...] = ()

    def without(self, taken: Iterable[Symbol]) -> TaskSymbols:
        """The same but for symbols that all lie within one of `taken`."""
        outer = tuple(taken)

        def left(symbols: Iterable[Symbol]) -> tuple[Symbol, ...]:
            return tuple(one for one in symbols if not any(_within(one, other) for other in outer))

        return TaskSymbols(id=self.id, symbols=left(self.symbols), remove=left(self.remove))


class AssignmentSymbols(Value):
    """Of an assignment: the symbols of its tasks.

    `older`: a course has this name for an assignment of its own. `unasked`: they were not chosen for this homework.
    """

    name: Name
    tasks: tuple[TaskSymbols, ...]
    older: bool = False
    unasked: bool = False

    @classmethod
    def of(cls, manifest: Manifest) -> AssignmentSymbols:
        """What a manifest says of symbols; a written task has none."""
        tasks = (
            TaskSymbols(id=task.id, symbols=task.symbols, remove=task.remove) for task in manifest.tested
        )
        return cls(name=manifest.name, tasks=tuple(tasks))

    @classmethod
    def left_out_of(cls, whole: Manifest, chosen: Manifest) -> AssignmentSymbols:
        """What a manifest says of the tasks that a part of it does not ask."""
        asked = {task.id for task in chosen.tasks}
        rest = tuple(task for task in cls.of(whole).tasks if task.id not in asked)
        return cls(name=whole.name, tasks=rest, unasked=True)

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """What its tasks ask for, in order."""
        return tuple(symbol for task in self.tasks for symbol in task.symbols)

    @property
    def removed(self) -> tuple[Symbol, ...]:
        """What its tasks remove, in order."""
        return tuple(symbol for task in self.tasks for symbol in task.remove)

    def without(self, taken: Iterable[Symbol]) -> AssignmentSymbols:
        """The same but for symbols that all lie within one of `taken`."""
        outer = tuple(taken)
        return self.model_copy(update={"tasks": tuple(task.without(outer) for task in self.tasks)})


class OwnTasks(Value):
    """The content of `own_tasks.json`."""

    assignments: tuple[AssignmentSymbols, ...]


def own_assignments(package_root: Path) -> tuple[AssignmentSymbols, ...]:
    """What the assignments that came with the package ask: from their manifests where they are, else as recorded.

    package_root: the folder that holds the package `hw_cnn`. Raises: UsageError where neither can be read.
    """
    manifests = sorted((package_root / OWN_FOLDER).glob(f"*/{MANIFEST_NAME}"))
    if manifests:
        return tuple(AssignmentSymbols.of(load_manifest(path.parent)) for path in manifests)
    return recorded()


def recorded(path: Path = OWN_TASKS) -> tuple[AssignmentSymbols, ...]:
    """What `own_tasks.json` says. Raises: UsageError, so that nothing of unknown tasks is released in clear."""
    try:
        return OwnTasks.model_validate_json(path.read_bytes()).assignments
    except (OSError, ValidationError) as error:
        raise UsageError(
            f"{path} is missing or damaged, so nobody knows what the student edition must not hold; "
            "install the grader again"
        ) from error


def own_tasks_json(assignments: Sequence[AssignmentSymbols]) -> str:
    """The text of `own_tasks.json`."""
    return OwnTasks(assignments=tuple(assignments)).model_dump_json(indent=1, exclude_defaults=True) + "\n"


def emptied_for(
    manifest: Manifest,
    neighbours: Iterable[Manifest],
    own: Iterable[AssignmentSymbols],
    left_out: AssignmentSymbols | None = None,
) -> tuple[AssignmentSymbols, ...]:
    """What a release of `manifest` empties: its own tasks, which come last, and all that it does not provide.

    neighbours: the other assignments of the course. own: those that came with the package; where a course asks for
    the same symbol, it is the course's. left_out: tasks of the same assignment that this release does not ask.

    Raises: UsageError when two assignments of the course ask for one symbol, or `provides` names none.
    """
    # By name the first counts: what the same name has elsewhere is an older version of it.
    course: dict[str, AssignmentSymbols] = {}
    older: list[AssignmentSymbols] = []
    for one in (AssignmentSymbols.of(each) for each in (manifest, *neighbours)):
        if course.setdefault(one.name, one) is not one:
            older.append(one)
    older += own
    _refuse_unknown(manifest, {*course, *(one.name for one in older)})
    _refuse_two_owners(list(course.values()))
    taken = [symbol for one in course.values() for symbol in one.symbols]
    emptied: list[AssignmentSymbols] = []
    if left_out is not None:
        emptied.append(left_out)
        taken += left_out.symbols
    for one in older:
        if one.name not in manifest.provides:
            emptied.append(one.without(taken).model_copy(update={"older": one.name in course}))
            taken += one.symbols
    others = [one for one in course.values() if one.name not in (*manifest.provides, manifest.name)]
    return (*emptied, *others, course[manifest.name])


def _refuse_unknown(manifest: Manifest, known: set[str]) -> None:
    for name in manifest.provides:
        if name not in known:
            raise UsageError(
                f"{manifest.name} provides {name!r}, which is no assignment; there are {', '.join(sorted(known))}"
            )


def _refuse_two_owners(assignments: Sequence[AssignmentSymbols]) -> None:
    for number, first in enumerate(assignments):
        for second in assignments[number + 1 :]:
            for one, other in ((first, second), (second, first)):
                for symbol in one.symbols:
                    rivals = [rival for rival in (*other.symbols, *other.removed) if _overlap(symbol, rival)]
                    if rivals:
                        raise UsageError(
                            f"{symbol} is a task of {one.name}, and {rivals[0]} is named by {other.name}: a symbol "
                            "belongs to one assignment of a course; take it out of the other manifest"
                        )


def _within(inner: Symbol, outer: Symbol) -> bool:
    return inner == outer or inner.top == outer


def _overlap(one: Symbol, other: Symbol) -> bool:
    return _within(one, other) or _within(other, one)
