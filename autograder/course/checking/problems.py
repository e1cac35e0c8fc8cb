"""All that is unfair or ambiguous about a manifest whose values are right one by one: a sentence for each problem.

An author mends a manifest in one go, so a check goes on after the first problem.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from autograder.course.checking.shapes import ManifestShape, TaskShape
from autograder.course.rows import RESERVED, points_of
from autograder.errors import UsageError
from autograder.wire.forbidden_calls import CALLS

ROUNDING = 1e-9
LEAST_CORE, MOST_OF_CORNER = 0.6, 0.1


def refuse(problems: Iterable[str]) -> None:
    """Raises: ValueError with a line for each problem, where there is one."""
    if found := list(problems):
        raise ValueError("\n".join(found))


def repeats(what: str, values: Sequence[str]) -> Iterator[str]:
    """A sentence for each value that appears twice."""
    for value in dict.fromkeys(values):
        if values.count(value) > 1:
            yield f"{what} {value!r} appears more than once"


def of_task(task: TaskShape) -> Iterator[str]:
    """What is wrong with one task."""
    if task.rows:
        yield from _of_written(task)
        return
    needed = {"symbols": task.symbols, "tests": task.tests}
    if missing := [name for name, values in needed.items() if not values]:
        yield (
            f"task {task.id} has no {' and no '.join(missing)}: students write symbols and tests judge them, "
            "or it has rows, which a person marks"
        )
    yield from _of_calls(task)
    yield from _of_multiplier(task)
    if task.tests:
        yield from _of_points(task)


def _of_written(task: TaskShape) -> Iterator[str]:
    of_code = ("symbols", "tests", "remove", "forbidden", "multiplier")
    if held := [name for name in of_code if getattr(task, name)]:
        yield (
            f"task {task.id} has rows, which a person marks, so it has no {' and no '.join(held)}; remove them, or "
            "make two tasks of it"
        )
    yield from repeats(f"task {task.id}: row", [row.id for row in task.rows])
    for row in task.rows:
        if row.id in RESERVED:
            yield f"task {task.id}: a row cannot be named {row.id!r}, its cell would be that of the check"
    total = points_of(task.rows)
    if abs(total - task.points) > ROUNDING:
        yield f"task {task.id}: its rows add up to {total:g} points, the task has {task.points:g}"


def _of_calls(task: TaskShape) -> Iterator[str]:
    yield from repeats(f"task {task.id}: forbidden call", task.forbidden)
    for name in dict.fromkeys(task.forbidden):
        if name not in CALLS:
            yield f"task {task.id}: nobody can watch for {name!r}; forbidden may hold {', '.join(CALLS)}"
    if task.hints is not None:
        try:
            task.hints.refuse_calls([name for name in task.forbidden if name in CALLS])
        except ValueError as error:
            yield f"task {task.id}: {error}"


def _of_multiplier(task: TaskShape) -> Iterator[str]:
    if task.multiplier is None:
        return
    tests = {test.id: test for test in task.tests}
    for name in (task.multiplier.test, *task.multiplier.spares):
        if name not in tests:
            yield f"task {task.id}: its multiplier names {name!r}, which is none of its tests"
    multiplying = tests.get(task.multiplier.test)
    if multiplying is not None and multiplying.threshold is None:
        yield f"task {task.id}: {multiplying.id} multiplies, so it needs a threshold"


def _of_points(task: TaskShape) -> Iterator[str]:
    total = sum(test.points for test in task.tests)
    if abs(total - task.points) > ROUNDING:
        yield f"task {task.id}: its tests add up to {total:g} points, the task has {task.points:g}"
    core = sum(test.points for test in task.tests if test.core)
    if core < LEAST_CORE * task.points - ROUNDING:
        yield f"task {task.id}: core tests give {core:g} of {task.points:g} points, at least 60 % needed"
    for test in task.tests:
        if not test.core and test.points > MOST_OF_CORNER * task.points + ROUNDING:
            yield f"task {task.id}: corner case {test.id} costs {test.points:g}, more than 10 %"


def of_manifest(manifest: ManifestShape) -> Iterator[str]:
    """What is wrong between tasks that are right one by one."""
    tasks = manifest.tasks
    repeated = [
        *repeats("task id", [task.id for task in tasks]),
        *repeats("test id", [test.id for task in tasks for test in task.tests]),
        *repeats("symbol", [str(symbol) for task in tasks for symbol in task.symbols]),
        *repeats("preset", [preset.id for preset in manifest.presets]),
    ]
    yield from repeated
    known = {task.id for task in tasks}
    strange = [
        f"task {task.id}: depends_on names {other!r}, which is not another task"
        for task in tasks
        for other in task.depends_on
        if other not in known or other == task.id
    ]
    yield from strange
    minutes = sum(task.minutes for task in tasks if not task.bonus)
    if minutes > manifest.budget_minutes:
        yield f"compulsory tasks take {minutes} minutes, the budget is {manifest.budget_minutes}"
    if not repeated and not strange:  # else there is no telling what depends on what
        yield from _of_parts(manifest)


def _of_parts(manifest: ManifestShape) -> Iterator[str]:
    try:
        for task in manifest.tasks:
            manifest.closure(task.id)
    except ValueError as error:
        yield str(error)
        return
    for preset in manifest.presets:
        try:
            manifest.ids(preset.tasks)
        except UsageError as error:
            yield f"preset {preset.id!r}: {error}"
