"""Which hidden tests are open, from the two kill matrices, and whether the assignment says the same."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from autograder.course.manifest import Manifest
from autograder.course.open_tests import OPEN_NAME, is_current, open_points, stored_open_tests
from autograder.course.variants import Variant
from autograder.validation.public_tests.run import Outcomes

KILLED = ("x", "~")
AGAIN = "run `autograder validate NAME --store-open` and commit it"


def find_open(
    manifest: Manifest,
    variants: Sequence[Variant],
    matrix: Mapping[str, Mapping[str, str]],
    outcomes: Outcomes,
) -> list[str]:
    """Hidden tests that catch bugs of their task, and none but those that its public tests catch too.

    matrix: bug -> hidden test -> mark, as `kill_matrix` gives it.
    """
    found = []
    for task in manifest.tasks:
        bugs = [variant for variant in variants if variant.task == task.id and variant.kind == "bug"]
        for test in task.tests:
            caught = [bug for bug in bugs if matrix[bug.id][test.id] in KILLED]
            if caught and all(outcomes.kills(bug) for bug in caught):
                found.append(test.id)
    return found


def open_problems(folder: Path, manifest: Manifest, found: Collection[str], *, quick: bool) -> list[str]:
    """What is wrong with the stored list as far as `manifest` goes; a course may have none.

    quick: bugs ran on one salt, so more may seem open.

    Raises: UsageError.
    """
    stored = stored_open_tests(folder)
    if stored is None:
        return []
    if not is_current(stored, folder):
        return [f"{OPEN_NAME} was made for other tests or other variants: {AGAIN}"]
    listed = {test.id for task in manifest.tasks for test in task.tests if test.id in stored.open}
    wrong = sorted(listed - set(found)) if quick else sorted(listed ^ set(found))
    return [f"{OPEN_NAME} is wrong about {', '.join(wrong)}: {AGAIN}"] if wrong else []


def open_summary(manifest: Manifest, found: Collection[str]) -> list[str]:
    """A line with the points of each task, and the tests that are not open."""
    worth = open_points(manifest, found)
    parts = [f"{task.id} {worth[task.id]:g} of {task.points:g}" for task in manifest.tested]
    closed = [test.id for task in manifest.tasks for test in task.tests if test.id not in found]
    total = f"{sum(worth.values()):g} of {sum(task.points for task in manifest.tested):g} points"
    line = f"{manifest.name}: open tests {total} ({', '.join(parts)})"
    return [f"{line}; not open: {', '.join(closed)}" if closed else line]
