"""Wrong solutions beside the planted bugs, `wrong/other/<task>_<name>.py`, of which it is known how they are named.

Most match no planted bug, and nothing may be named for them. Others are a planted bug in other words, and say which.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.course.assignment import CHECKPOINT, Assignment, package_root
from autograder.course.edition import read_package
from autograder.course.manifest import Manifest
from autograder.course.variants import Variant
from autograder.errors import UsageError
from autograder.validation.class_of_variants import (
    OTHER,
    SOLUTION,
    check_syntax,
    needed,
    reference_package,
)
from autograder.validation.reach import Reach

NAMED = re.compile(r"# named: (.+)")


@dataclass(frozen=True)
class OtherMistake:
    """One wrong solution: its file, the task, what is wrong with it, and the planted bugs that it may be named as."""

    path: Path
    task: str
    what: str
    named: frozenset[str] = frozenset()

    @property
    def student(self) -> str:
        """The name under which it is graded; no variant can have it."""
        return f"{OTHER}-{self.path.stem}"


def load_other_mistakes(folder: Path, manifest: Manifest, variants: Sequence[Variant]) -> list[OtherMistake]:
    """All of an assignment, none where it has no such folder.

    Raises: UsageError for a file whose name begins with no task, that is no Python, that does not say in its first line
    what is wrong, or that names a bug which its task does not have.
    """
    inside = folder / "wrong" / OTHER
    if not inside.is_dir():
        return []
    bugs = {
        task.id: {v.id for v in variants if v.kind == "bug" and v.task == task.id} for task in manifest.tasks
    }
    found = []
    for path in sorted(inside.iterdir()):
        if path.name == "__pycache__" or path.name.startswith("."):
            continue
        if path.suffix != ".py":
            raise UsageError(f"{path} is no wrong solution: remove it")
        check_syntax(path)
        found.append(_read(path, manifest, bugs))
    return found


def _read(path: Path, manifest: Manifest, bugs: dict[str, set[str]]) -> OtherMistake:
    tasks = [task.id for task in manifest.tasks if path.stem.startswith(f"{task.id.lower()}_")]
    if not tasks:
        raise UsageError(
            f"{path}: its name begins with no task; call it <task>_<name>.py, for example f1_noise.py"
        )
    first, *rest = path.read_text(encoding="utf-8").split("\n")
    what = first.removeprefix("#").strip()
    if not first.startswith("#") or not what:
        raise UsageError(f"{path}: say in the first line, in a comment, what is wrong")
    match = NAMED.fullmatch(rest[0].strip()) if rest else None
    named = frozenset(match[1].replace(",", " ").split()) if match else frozenset()
    if unknown := sorted(named - bugs[tasks[0]]):
        raise UsageError(f"{path}: {', '.join(unknown)} is no planted bug of {tasks[0]}")
    return OtherMistake(path, tasks[0], what, named)


def write_other_submissions(
    assignment: Assignment,
    mistakes: Sequence[OtherMistake],
    out: Path,
    chosen: Mapping[str, frozenset[str]],
) -> None:
    """One submission folder each: the reference, as far as the tests `chosen` use it, with these definitions."""
    package, reach = reference_package(assignment.manifest), Reach(read_package(package_root()))
    for mistake in mistakes:
        if mistake.student not in chosen:
            continue
        solution = mistake.path.read_bytes()
        own = needed(assignment.manifest, reach, package, chosen[mistake.student], solution)
        files = own | {SOLUTION: solution}
        if assignment.checkpoint is not None:
            files[CHECKPOINT] = assignment.checkpoint
        for name, content in files.items():
            target = out / mistake.student / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)


def choose_tests_of_others(
    manifest: Manifest, mistakes: Sequence[OtherMistake], *, first: bool
) -> dict[str, frozenset[str]]:
    """Which hidden tests run for whom: those of the own task; those that train in the first round only."""
    return {
        mistake.student: tests
        for mistake in mistakes
        if (
            tests := frozenset(
                test.id for test in manifest.task(mistake.task).tests if first or not test.trains
            )
        )
    }
