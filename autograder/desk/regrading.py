"""`autograder regrade`: judge stored submissions once more, and say who gains and loses."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.course.assignment import Assignment, find_assignment
from autograder.course.manifest import Manifest, Task
from autograder.desk.changes import change_lines, changes
from autograder.desk.one_task import is_alone, judge_task
from autograder.errors import UsageError
from autograder.grading.again.graded import nobody, require_key
from autograder.grading.batch import Options, grade
from autograder.intake.students import find_submissions
from autograder.results.finished import Finished
from autograder.results.grade import Grade
from autograder.results.report.page import stored_manifest
from autograder.results.store import Store
from autograder.text import Lang

MOST_NAMES = 10


@dataclass(frozen=True)
class Regrade:
    """What is to be judged again.

    Args:
        chosen: students; None for the whole class.
        task: the only one that is judged, None for all of a submission.
        missing: students who have handed in nothing, of the whole class.
        judged: the grades of those who will have another one.
        lang: in which the class was graded.
    """

    store: Store
    assignment: Assignment
    submissions: Path
    before: Mapping[str, Grade]
    chosen: frozenset[str] | None
    task: Task | None
    missing: tuple[str, ...]
    judged: tuple[Grade, ...]
    lang: Lang

    def require_key(self, key: bytes) -> None:
        """Raises: UsageError where somebody who is to be judged has a grade of another course key."""
        require_key(key, self.judged)


def plan(out: Path, students: Collection[str], task: str | None, submissions: Path | None = None) -> Regrade:
    """Find out who is judged again, before anything runs.

    Args:
        students: only these; empty for all.
        task: only this one, of those who have handed it in. Where other tasks have changed since the class was
            graded, all of their submissions is judged.
        submissions: where they are now, if not where they were graded.

    Raises: UsageError.
    """
    store, stored = Store(out), stored_manifest(out)
    before = {one.student: one for one in store.grades()}
    if not before:
        raise UsageError(f"{out} holds no results; give the folder that was --out of `autograder grade`")
    for student in students:
        if student not in before:
            raise UsageError(nobody(store, student))
    places = store.places()
    assignment = find_assignment(str(places.assignment), None, ",".join(stored.chosen) or None)
    folder = submissions or places.submissions
    chosen = _chosen(before, students, task, assignment.manifest)
    there = {upload.student for upload in find_submissions(folder, assignment.name)}
    if gone := sorted((chosen or frozenset()) - there):
        more = f" and {len(gone) - MOST_NAMES} more" if len(gone) > MOST_NAMES else ""
        raise UsageError(
            f"{folder} holds nothing of {', '.join(gone[:MOST_NAMES])}{more}; say where it is now with --submissions"
        )
    store.beside(assignment.manifest, there).require()
    missing = tuple(name for name, one in before.items() if one.status == "missing" and name not in there)
    lang = next(iter(before.values())).lang
    only = assignment.manifest.task(task) if task is not None else None
    is_only = only is not None and is_alone(stored, assignment.manifest, only)
    return Regrade(
        store=store,
        assignment=assignment,
        submissions=folder,
        before=before,
        chosen=chosen,
        task=only if is_only else None,
        missing=missing if chosen is None else (),
        judged=tuple(one for name, one in before.items() if name in (there if chosen is None else chosen)),
        lang=lang,
    )


def _chosen(
    before: Mapping[str, Grade], students: Collection[str], task: str | None, manifest: Manifest
) -> frozenset[str] | None:
    """Who is meant; None for everybody. Raises: UsageError."""
    if not students and task is None:
        return None
    names = set(students or before)
    if task is not None:
        wanted = manifest.task(task)
        if wanted.is_written:
            raise UsageError(
                f"task {wanted.id} is marked by a person: change manual.csv, and run `autograder report`"
            )
        names = {
            name
            for name in names
            if any(one.id == wanted.id and one.is_handed_in for one in before[name].tasks)
        }
        if not names:
            raise UsageError(f"nobody of them has handed in task {wanted.id}; nothing was graded")
    return frozenset(names)


def run(
    wanted: Regrade,
    options: Options,
    on_finished: Callable[[Finished], None],
    on_start: Callable[[int], None],
) -> list[str]:
    """Judge them; what to tell. options: `only`, `roster`, `lang` and `regrade` are set here.

    Raises: UsageError, StoreError, GraderError.
    """
    store, manifest = wanted.store, wanted.assignment.manifest
    marks_before = store.marked(stored_manifest(store.out))
    lines: list[str] = []
    chosen = wanted.chosen
    options = replace(options, lang=wanted.lang, regrade=True)
    if wanted.task is not None and chosen is not None:
        before = {name: wanted.before[name] for name in chosen}
        chosen = judge_task(
            store, wanted.assignment, wanted.submissions, wanted.task, before, options, on_finished, on_start
        )
        if chosen:
            lines.append(
                f"handed in anew since, so judged as a whole: {', '.join(sorted(chosen)[:MOST_NAMES])}"
            )
    if chosen is None or chosen:
        _judge_all(wanted, chosen, options, on_finished, on_start)
    after = store.marked(manifest)
    return [*lines, *change_lines(changes(marks_before, after), len(after))]


def _judge_all(
    wanted: Regrade,
    chosen: frozenset[str] | None,
    options: Options,
    on_finished: Callable[[Finished], None],
    on_start: Callable[[int], None],
) -> None:
    """Judge whole submissions."""
    store, manifest = wanted.store, wanted.assignment.manifest
    tests = frozenset(test.id for task in manifest.tasks for test in task.tests)
    only = dict.fromkeys(chosen, tests) if chosen is not None else {}
    options = replace(options, roster=wanted.missing, only=only)
    grades = grade(wanted.assignment, wanted.submissions, store, options, on_finished, on_start)
    _keep_times(store, manifest, wanted.before, grades)


def _keep_times(
    store: Store, manifest: Manifest, before: Mapping[str, Grade], grades: Sequence[Grade]
) -> None:
    """A moment that only the first run knew (a table of times) stays with an unchanged submission."""
    changed = False
    for one in grades:
        old = before.get(one.student)
        is_same = old is not None and old.submission_sha256 == one.submission_sha256
        if old is not None and is_same and one.submitted_at is None and old.submitted_at is not None:
            store.save(one.model_copy(update={"submitted_at": old.submitted_at, "late": old.late}))
            changed = True
    if changed:
        store.save_scores(manifest)
