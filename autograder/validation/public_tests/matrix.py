"""What the public tests catch: the public kill matrix, what is wrong with them, and a line for each task."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autograder.course.manifest import Manifest
from autograder.course.variants import Variant
from autograder.validation.class_of_variants import REFERENCE, STUB
from autograder.validation.matrix import write_csv
from autograder.validation.public_tests.run import Outcomes

MATRIX = "public_kill_matrix.csv"


def write_public_matrix(
    manifest: Manifest, variants: Sequence[Variant], outcomes: Outcomes, out: Path
) -> None:
    """Write variant x public test below `out`: `x` fails, `.` passes, empty where it did not run.

    Raises: StoreError.
    """
    tests = [test for task in manifest.tested for test in outcomes.tests(task.id)]
    rows = [["variant", "kind", "task", *tests]]
    for variant in variants:
        found = outcomes.of(variant.id, variant.task)
        known = {} if found is None else found.tests
        marks = ["" if test not in known else "." if known[test] is None else "x" for test in tests]
        rows.append([variant.id, variant.kind, variant.task, *marks])
    write_csv(out / MATRIX, rows)


def public_problems(variants: Sequence[Variant], outcomes: Outcomes) -> list[str]:
    """What must not be: no answer, a correct variant that fails, a test that the unwritten task passes."""
    problems = []
    correct = {variant.id for variant in variants if variant.kind == "correct"} | {REFERENCE}
    for (who, task), answer in outcomes.answers.items():
        if answer.reason:
            problems.append(f"{who}: the public tests of {task} gave no answer, {answer.reason}")
        for test, why in answer.tests.items():
            if who in correct and why is not None:
                problems.append(f"{who} is right and fails the public test {test}: {why.splitlines()[0]}")
            if who == STUB and why is None:
                problems.append(f"the stub passes the public test {test}")
    return problems


def public_summary(
    manifest: Manifest, variants: Sequence[Variant], outcomes: Outcomes, *, one_failure: bool = False
) -> list[str]:
    """A line for each task: how many of its planted bugs the public tests catch, and which they do not.

    one_failure: the tests of each bug ended with the first that failed, so nothing is said of single tests.
    """
    lines = []
    for task in manifest.tested:
        bugs = [v for v in variants if v.task == task.id and v.kind == "bug"]
        left = [bug.id for bug in bugs if not outcomes.kills(bug)]
        line = f"{task.id}: public tests catch {len(bugs) - len(left)} of {len(bugs)} planted bugs"
        lines.append(f"{line}; not {', '.join(left)}" if left else line)
        for test in () if one_failure else outcomes.tests(task.id):
            answers = [outcomes.of(bug.id, task.id) for bug in bugs]
            if not any(answer is not None and answer.tests.get(test) is not None for answer in answers):
                lines.append(f"note: the public test {test} catches no planted bug")
    return lines
