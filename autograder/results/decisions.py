"""What people decide on a task beside its tests: `overrides.csv`, and `voids.csv`, the tests that were found wrong.

Both are read here. The first is written by people only; `autograder void` adds lines to the second.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from autograder.course.manifest import Manifest, Task, Test
from autograder.results.by_hand.lines import (
    Columns,
    Names,
    Wrong,
    parse_lines,
    points,
    read_lines,
    refuse_number,
)
from autograder.text import Lang, Text, number

OVERRIDES_NAME, VOIDS_NAME = "overrides.csv", "voids.csv"
OVERRIDE_COLUMNS = ("student", "task", "points", "reason", "by")
VOID_COLUMNS = ("test", "as", "reason", "by")
OVERRIDES = Columns(OVERRIDE_COLUMNS, OVERRIDE_COLUMNS)
VOIDS = Columns(VOID_COLUMNS, VOID_COLUMNS)

How = Literal["full", "drop"]
HOWS: tuple[How, ...] = ("full", "drop")
DECIDED = Text(
    ru="Решение преподавателя: {points} из {most}. {reason}",
    en="Decided by staff: {points} of {most}. {reason}",
)
VOIDED: Mapping[How, Text] = {
    "full": Text(
        ru="Эта проверка признана неверной, баллы за неё есть у всех, кто сдал задание. {reason}",
        en="This check was found wrong; everybody who handed in the task has its points. {reason}",
    ),
    "drop": Text(
        ru="Эта проверка признана неверной и не считается; её баллы разделены между остальными. {reason}",
        en="This check was found wrong and does not count; the others share its points. {reason}",
    ),
}


@dataclass(frozen=True)
class Decision:
    """One person gives a task of one student exactly so many points. line: of the file, from 1."""

    student: str
    task: str
    points: float
    reason: str
    by: str
    line: int

    def sentence(self, most: float, lang: Lang, *, named: bool = True) -> str:
        """One line that explains it. most: the points that the task has. named: with who decided."""
        given = {"points": number(self.points, lang), "most": number(most, lang)}
        return DECIDED.get(lang).format(**given, reason=self.reason) + (f" ({self.by})" if named else "")


@dataclass(frozen=True)
class Void:
    """A hidden test that does not count as it ended: all points for it, or none and no maximum."""

    test: str
    how: How
    reason: str
    by: str
    line: int

    def sentence(self, lang: Lang, *, named: bool = True) -> str:
        """One line that explains it. named: with who decided."""
        return VOIDED[self.how].get(lang).format(reason=self.reason) + (f" ({self.by})" if named else "")


@dataclass(frozen=True)
class Decisions:
    """What the two files hold: of the lines that are right, and a sentence for each line that is not."""

    decisions: tuple[Decision, ...] = ()
    problems: tuple[str, ...] = ()
    voids: tuple[Void, ...] = ()

    def of(self, student: str, task: str) -> Decision | None:
        """The last one: a later line takes the place of an earlier one."""
        own = [one for one in self.decisions if (one.student, one.task) == (student, task)]
        return own[-1] if own else None

    def void(self, test: str) -> Void | None:
        """What was decided of a hidden test."""
        return next((one for one in self.voids if one.test == test), None)


NO_DECISIONS = Decisions()


def read_decisions(folder: Path, manifest: Manifest, students: Collection[str]) -> Decisions:
    """Read both files below a folder of results; one that is not there says nothing.

    Args:
        students: those who are known.

    Raises: UsageError where a file is there and cannot be read.
    """
    path = folder / OVERRIDES_NAME
    decisions, wrong = parse_overrides(read_lines(path), str(path), manifest, students)
    path = folder / VOIDS_NAME
    voids, also_wrong = parse_voids(read_lines(path), str(path), manifest)
    return Decisions(decisions, (*wrong, *also_wrong), voids)


def parse_overrides(
    text: str, name: str, manifest: Manifest, students: Collection[str]
) -> tuple[tuple[Decision, ...], tuple[str, ...]]:
    """The decisions in the text of a file, and what is wrong with it. name: of the file, for the sentences."""
    names = Names(students)

    def understand(values: Mapping[str, str], line: int) -> list[Decision]:
        student = names.student(values["student"])
        task = _task(values["task"], manifest)
        given = points(values["points"], task.points, f"task {task.id}")
        reason, by = _said(values)
        return [Decision(student, task.id, given, reason, by, line)]

    return parse_lines(text, name, OVERRIDES, understand)


def parse_voids(text: str, name: str, manifest: Manifest) -> tuple[tuple[Void, ...], tuple[str, ...]]:
    """The same of the tests that were found wrong."""
    first: dict[str, int] = {}
    dropped: dict[str, float] = {}

    def understand(values: Mapping[str, str], line: int) -> list[Void]:
        task, test = voidable_test(values["test"], manifest)
        how = next((how for how in HOWS if how == values["as"].casefold()), None)
        if how is None:
            raise Wrong(
                f"as is {values['as']!r}; it is `full` (all get its points) or `drop` (it does not count)"
            )
        reason, by = _said(values)
        if test.id in first:
            raise Wrong(f"{test.id} stands in line {first[test.id]} already; keep one of the two lines")
        if how == "drop":
            if dropped.get(task.id, 0.0) + test.points > task.points - 1e-9:
                raise Wrong(
                    f"without {test.id} no test of task {task.id} is left; void one of them as `full`, or give points "
                    f"in {OVERRIDES_NAME}"
                )
            dropped[task.id] = dropped.get(task.id, 0.0) + test.points
        first[test.id] = line
        return [Void(test.id, how, reason, by, line)]

    return parse_lines(text, name, VOIDS, understand)


def find_test(name: str, manifest: Manifest) -> tuple[Task, Test]:
    """A test by its id, or by the part of it that no other has. Raises: Wrong."""
    tests = [(task, test) for task in manifest.tasks for test in task.tests]
    found = [one for one in tests if name in (one[1].id, one[1].id.partition("::")[2])]
    if len(found) > 1:
        raise Wrong(f"{name!r} is the name of several tests: {', '.join(test.id for _, test in found)}")
    if not found:
        part = name.casefold()
        near = [test.id for _, test in tests if part and part in test.id] or [test.id for _, test in tests]
        more = f" and {len(near) - 5} more" if len(near) > 5 else ""
        raise Wrong(f"there is no hidden test {name!r}; there are {', '.join(near[:5])}{more}")
    return found[0]


def voidable_test(name: str, manifest: Manifest) -> tuple[Task, Test]:
    """The same, of a test that can be taken out of the marks. Raises: Wrong."""
    task, test = find_test(name, manifest)
    if task.multiplier is not None and task.multiplier.test == test.id:
        raise Wrong(
            f"{test.id} multiplies the points of task {task.id}, which cannot be undone without grading; give the "
            f"points in {OVERRIDES_NAME}"
        )
    return task, test


def _task(name: str, manifest: Manifest) -> Task:
    known = {task.id.casefold(): task for task in manifest.tasks}
    if name.casefold() not in known:
        raise Wrong(f"there is no task {name!r}; there are {', '.join(task.id for task in manifest.tasks)}")
    return known[name.casefold()]


def _said(values: Mapping[str, str]) -> tuple[str, str]:
    """Reason and name, which a student may read. Raises: Wrong where one is missing."""
    reason, by = values["reason"], values["by"]
    if not reason or not by:
        raise Wrong("reason and by cannot be empty: the student reads them")
    refuse_number(by)
    return reason, by
