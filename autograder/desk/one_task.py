"""Judge one task of graded submissions again: its hidden tests alone run, the results of the others stay."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from autograder.course.assignment import Assignment
from autograder.course.manifest import Manifest, Task
from autograder.grading.batch import Options, grade
from autograder.grading.points import lacks_verdict
from autograder.grading.withheld import with_overrides
from autograder.results.finished import Finished
from autograder.results.grade import Grade, Status
from autograder.results.store import Store

# Where `grading.glyphs` keeps what it has measured for a class.
GLYPHS = "glyphs"


def is_alone(stored: Manifest, current: Manifest, task: Task) -> bool:
    """Whether the other tasks are those of the stored results, so that these can stand beside a new one."""
    before = [one for one in stored.tasks if one.id != task.id]
    return before == [one for one in current.tasks if one.id != task.id]


def judge_task(
    store: Store,
    assignment: Assignment,
    submissions: Path,
    task: Task,
    before: Mapping[str, Grade],
    options: Options,
    on_finished: Callable[[Finished], None],
    on_start: Callable[[int], None],
) -> frozenset[str]:
    """Judge the task of everybody in `before`, and store what comes of it.

    Returns: students whose submission is another one now than that of the grade, so that all of it must be judged;
    nothing of theirs was changed.

    Raises: UsageError, StoreError, GraderError.
    """
    others: set[str] = set()

    def keep(finished: Finished) -> None:
        new, old = finished.grade, before[finished.grade.student]
        if new.submission_sha256 != old.submission_sha256 or new.salt_id != old.salt_id:
            others.add(new.student)
            return
        merged = with_task(old, new, task)
        store.save(merged)
        on_finished(replace(finished, grade=merged))

    tests = frozenset(test.id for test in task.tests)
    chosen = replace(
        options,
        regrade=True,
        only=dict.fromkeys(before, tests),
        # What the run writes lies elsewhere, and the results stay hidden from what it runs.
        secrets=(*options.secrets, store.out),
    )
    with tempfile.TemporaryDirectory(prefix="autograder-") as scratch:
        if (store.out / GLYPHS).is_dir():
            shutil.copytree(store.out / GLYPHS, Path(scratch) / GLYPHS)
        try:
            grade(assignment, submissions, Store(Path(scratch)), chosen, keep, on_start)
        finally:  # stopped, too: what was judged until then counts
            store.save_manifest(assignment.manifest)
            store.save_scores(assignment.manifest)
    return frozenset(others)


def with_task(old: Grade, new: Grade, task: Task) -> Grade:
    """The old grade with one task of the new one. It still counts as given by the grader that gave the rest."""
    results = {result.id: result for result in new.tasks}
    tasks = tuple(results.get(one.id, one) if one.id == task.id else one for one in old.tasks)
    tests = {test.id for test in task.tests}
    measured = {
        found.id: found for found in (*old.thresholds, *(one for one in new.thresholds if one.id in tests))
    }
    lacking = lacks_verdict(tasks)
    status: Status = "partial" if lacking else "graded"
    merged = old.model_copy(
        update={
            "tasks": tasks,
            "thresholds": tuple(measured.values()),
            "status": new.status if new.status in ("timeout", "crashed") else status,
            "needs_staff": lacking,
            "reason": (new.reason or old.reason) if lacking else "",
        }
    )
    return with_overrides(merged)
