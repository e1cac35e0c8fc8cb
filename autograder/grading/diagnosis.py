"""Which misconception explains a failed test: the recorded calls, replayed through the planted bugs.

Runs on the trusted side with the course's own bugs; of the student only arrays are used. A bug is named when it gives
the student's outputs and gradients on every recorded call of a test, and not the reference's on at least one.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course.manifest import Manifest
from autograder.course.variants import Variant
from autograder.grading.verdicts.replays import answer_of, replay, same
from autograder.remote.records import CallRecord
from autograder.results.grade import Diagnosis
from autograder.text import Lang

MAX_NAMED = 2


@dataclass(frozen=True)
class Seen:
    """One hidden test of a submission: whether it failed, and its recorded calls."""

    failed: bool
    calls: tuple[CallRecord, ...]


@dataclass(frozen=True)
class PlantedBug:
    """One planted bug of a task, with the functions it replaces."""

    variant: Variant
    functions: Mapping[str, Callable[..., Any]]


class Diagnostician:
    """Names the planted bugs of an assignment that a student's calls agree with.

    The reference and the bugs of a task are loaded when a call of theirs is to be explained: the modules of other tasks
    (K3's imports Lightning) may cost seconds, and calls that train are never recorded.
    """

    def __init__(self, folder: Path, manifest: Manifest, variants: Sequence[Variant]) -> None:
        self._modules = {symbol.name: symbol.module for task in manifest.tasks for symbol in task.tops}
        self._reference: dict[str, Callable[..., Any] | None] = {}
        self._bugs: dict[str, list[PlantedBug]] = {}
        self._variants: dict[str, list[tuple[Variant, Path, set[str]]]] = {}
        for variant in variants:
            names = {symbol.name for symbol in manifest.task(variant.task).tops}
            path = folder / "wrong" / f"{variant.id}.py"
            if variant.kind == "bug" and path.is_file():
                self._variants.setdefault(variant.task, []).append((variant, path, names))

    def explain(self, task: str, seen: Sequence[Seen], lang: Lang) -> tuple[Diagnosis, ...]:
        """Name the planted bugs that explain most of what was seen of a task, at most two.

        A bug comes into question when it behaves like the student in every call of a failed test, and not like the
        reference in one of them. Among those the ones win that agree with the student in most tests, passed ones too.
        """
        if not any(test.failed for test in seen):
            return ()
        usable = [
            (test.failed, [record for record in test.calls if self._reference_of(record.name) is not None])
            for test in seen
        ]
        usable = [(has_failed, records) for has_failed, records in usable if records]
        failed = [records for has_failed, records in usable if has_failed]
        passed = [records for has_failed, records in usable if not has_failed]
        bugs = self._bugs_of(task) if failed else []
        scores: dict[str, int] = {}
        for bug in bugs:
            agreed = [records for records in failed if self._agrees(bug, records)]
            # Most bugs are out here, before the longer part.
            if any(not self._is_right(bug, records) for records in agreed):
                scores[bug.variant.id] = len(agreed) + sum(self._agrees(bug, records) for records in passed)
        best = max(scores.values(), default=0)
        named = [bug.variant for bug in bugs if scores.get(bug.variant.id) == best]
        return tuple(Diagnosis(bug=bug.id, message=bug.what.get(lang)) for bug in named[:MAX_NAMED] if best)

    def _agrees(self, bug: PlantedBug, records: Sequence[CallRecord]) -> bool:
        return all(
            same(replay(bug.functions.get(record.name), record), answer_of(record)) for record in records
        )

    def _is_right(self, bug: PlantedBug, records: Sequence[CallRecord]) -> bool:
        return all(
            same(
                replay(bug.functions.get(record.name), record),
                replay(self._reference_of(record.name), record),
            )
            for record in records
        )

    def _reference_of(self, name: str) -> Callable[..., Any] | None:
        """The reference's function of this name; None for a class, and for what is none of the tasks'."""
        if name not in self._modules:
            return None
        if name not in self._reference:
            symbol = getattr(importlib.import_module(self._modules[name]), name)
            self._reference[name] = None if isinstance(symbol, type) else symbol
        return self._reference[name]

    def _bugs_of(self, task: str) -> list[PlantedBug]:
        if task not in self._bugs:
            self._bugs[task] = [
                PlantedBug(variant, _functions(path, wanted))
                for variant, path, names in self._variants.get(task, [])
                if (wanted := {name for name in names if self._reference_of(name) is not None})
            ]
        return self._bugs[task]


def _functions(path: Path, names: set[str]) -> dict[str, Callable[..., Any]]:
    namespace: dict[str, Any] = {"__name__": f"planted_{path.stem}"}
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), namespace)
    return {name: namespace[name] for name in names if name in namespace}
