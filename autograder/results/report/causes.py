"""Which lost checks of a task have one cause: a page says it once, below all of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from autograder.results.grade import DifferenceKind, TestResult

# Of these the words name the cause itself. Values or shapes may be wrong for as many reasons as there are checks.
TELLING: frozenset[DifferenceKind] = frozenset(
    ("type", "number", "answer", "dtype", "not finite", "width", "no gradient", "error", "timeout", "crashed")
)


def in_groups(tests: Sequence[TestResult], sentences: Mapping[str, str]) -> list[tuple[TestResult, ...]]:
    """The checks of a task, those that were lost for one cause together, each group at the place of its first.

    sentences: the public sentence of each check, with which its message begins.
    """
    groups: dict[object, list[TestResult]] = {}
    for number, test in enumerate(tests):
        groups.setdefault(_cause(test, sentences) or number, []).append(test)
    return [tuple(group) for group in groups.values()]


def reason_of(test: TestResult, sentences: Mapping[str, str]) -> str:
    """What its message says besides the public sentence."""
    return test.message.replace(sentences.get(test.id, ""), "", 1).strip()


def with_example(group: Sequence[TestResult]) -> TestResult:
    """The check of a group whose example stands for all: the first that has one."""
    return next((test for test in group if test.example is not None), group[0])


def _cause(test: TestResult, sentences: Mapping[str, str]) -> tuple[str, ...] | None:
    """Equal for checks of one cause; None where only the check itself can say what is wrong."""
    if test.passed is not False:
        return None
    reason, difference, example = reason_of(test, sentences), test.difference, test.example
    if difference is None or difference.kind in TELLING:
        # Shapes and sizes in an exception's text are those of the example.
        error = re.sub(r"\d+", "0", example.error.strip().rpartition("\n")[2]) if example is not None else ""
        return ("reason", reason, error) if reason else None
    return None if example is None else ("example", reason, example.model_dump_json())
