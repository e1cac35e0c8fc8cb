"""What the page of a class says of it: how the tasks went, which misconceptions it has, and who needs a person."""

from __future__ import annotations

import re
import statistics
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.course.manifest import Manifest, Task
from autograder.results.grade import TaskResult
from autograder.results.marked import UNREAD, Marked
from autograder.results.report.behind import Behind
from autograder.text import Lang, Text, number
from autograder.wire.safe_text import clean_text

DIGITS = re.compile(r"(\d+)")
COUNTS = Text(ru="считается попытка {attempt}", en="attempt {attempt} counts")
EARLIER = Text(ru="баллы прежних попыток:", en="points of earlier attempts:")


@dataclass(frozen=True)
class TaskShare:
    """How one task went over those who were read and have points of it.

    percent: the mean share of its points; None where nobody has any.
    num_full, num_none: who has all points, and no points.
    num_silent, num_broken: in whose work nothing of it is written, and in whose it is there and does not load.
    """

    task: Task
    percent: float | None
    num: int
    num_full: int
    num_none: int
    num_silent: int
    num_broken: int


@dataclass(frozen=True)
class Misconception:
    """A mistake that was recognised, and who makes it. percent: of those who were read."""

    task: Task
    message: str
    who: tuple[Marked, ...]
    percent: float


@dataclass(frozen=True)
class Case:
    """One student who needs a person, and why, in one line."""

    one: Marked
    why: str


@dataclass(frozen=True)
class Needs:
    """Whom staff must look at. notes: what is only worth knowing."""

    staff: tuple[Case, ...]
    rejected: tuple[Case, ...]
    awaiting: tuple[Case, ...]
    withheld: tuple[Case, ...]
    notes: tuple[Case, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.staff or self.rejected or self.awaiting or self.withheld)


def shown_name(one: Marked) -> str:
    """The name of the roster, or the one under which results are kept."""
    return one.person.name if one.person is not None and one.person.name else one.grade.student


def in_order(marked: Sequence[Marked]) -> list[Marked]:
    """By name as people sort: whatever the case, Ё beside Е, 2 before 10."""
    return sorted(marked, key=lambda one: (_natural(shown_name(one)), one.grade.student))


def namesakes(marked: Sequence[Marked]) -> set[str]:
    """Students whose name, as people read it, somebody else has too: lists of names need their logins."""
    who: dict[str, list[str]] = {}
    for one in marked:
        who.setdefault(" ".join(_plain(shown_name(one)).split()), []).append(one.grade.student)
    return {student for students in who.values() if len(students) > 1 for student in students}


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold().replace("ё", "е")


def _natural(name: str) -> list[tuple[bool, int, str]]:
    parts = DIGITS.split(_plain(name))
    return [(not part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts if part]


def were_read(marked: Sequence[Marked]) -> list[Marked]:
    """Those who handed in something that could be read."""
    return [one for one in marked if one.grade.status not in UNREAD]


def task_shares(manifest: Manifest, read: Sequence[Marked]) -> list[TaskShare]:
    """In the order of the manifest. Of a task that people mark, over those who were marked."""
    shares = []
    for task in manifest.tasks:
        points = [score for one in read if (score := one.scores.get(task.id)) is not None]
        found = [result for one in read for result in one.tasks if result.id == task.id]
        shares.append(
            TaskShare(
                task,
                100 * statistics.fmean(points) / task.points if points else None,
                num=len(points),
                num_full=sum(score >= task.points for score in points),
                num_none=sum(score == 0 for score in points),
                num_silent=sum(_is_silent(result) for result in found),
                num_broken=sum(_is_broken(result) for result in found),
            )
        )
    return shares


def _is_silent(result: TaskResult) -> bool:
    return not result.is_handed_in and not result.answers


def _is_broken(result: TaskResult) -> bool:
    """A lost test says how an answer differs; of a task that does not load there is no answer."""
    gave_nothing = (
        test.passed is False and test.difference is None and not test.points for test in result.tests
    )
    return result.is_handed_in and bool(result.tests) and all(gave_nothing)


def misconceptions(manifest: Manifest, read: Sequence[Marked]) -> list[Misconception]:
    """Those that most of the class has first, else in the order of the manifest."""
    who: dict[tuple[str, str], list[Marked]] = {}
    messages: dict[tuple[str, str], str] = {}
    for one in read:
        for result in one.tasks:
            for found in result.diagnosis:
                key = (result.id, found.bug)
                who.setdefault(key, []).append(one)
                messages.setdefault(key, found.message)
    tasks = {task.id: task for task in manifest.tasks}
    order = list(tasks)
    found_all = [
        Misconception(tasks[task], messages[task, bug], tuple(own), 100 * len(own) / len(read))
        for (task, bug), own in who.items()
        if task in tasks
    ]
    return sorted(found_all, key=lambda one: (-len(one.who), order.index(one.task.id), one.message))


def needs(marked: Sequence[Marked], lang: Lang) -> Needs:
    """Each student at every place where something is to be done."""

    def cases(*found: tuple[Marked, str]) -> tuple[Case, ...]:
        return tuple(Case(one, clean_text(why)) for one, why in found)

    awaiting = [
        (one, "; ".join(f"{task}: {_rows_awaiting(one, task)}" for task in one.awaiting))
        for one in marked
        if one.awaiting
    ]
    withheld = [
        (one, f"{result.id}, {number(result.withheld, lang)}: {result.calls or result.message}")
        for one in marked
        for result in one.tasks
        if result.withheld and result.id not in one.decisions
    ]
    rejected = [one for one in marked if one.grade.status == "rejected" and not one.needs_staff]
    return Needs(
        staff=cases(*((one, one.grade.reason) for one in marked if one.needs_staff)),
        rejected=cases(*((one, one.grade.reason) for one in rejected)),
        awaiting=cases(*awaiting),
        withheld=cases(*withheld),
        notes=cases(*((one, " ".join(one.grade.staff_notes)) for one in marked if one.grade.staff_notes)),
    )


def handed_in_again(marked: Sequence[Marked], behind: Behind, lang: Lang) -> list[Case]:
    """Who has handed in more than once: which attempt counts, and the points of earlier ones as they were graded."""
    cases = []
    for one in marked:
        earlier = behind.earlier.get(one.grade.student, ())
        if one.grade.attempt > 1 or earlier:
            kept = [f"{grade.attempt}: {number(grade.score, lang)}" for grade in earlier]
            said = COUNTS.get(lang).format(attempt=one.grade.attempt)
            cases.append(Case(one, said + (f"; {EARLIER.get(lang)} {', '.join(kept)}" if kept else "")))
    return cases


def _rows_awaiting(one: Marked, task: str) -> str:
    return ", ".join(row.row.id for row in one.rows.get(task, ()) if row.is_awaiting)
