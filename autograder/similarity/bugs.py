"""Misconceptions that few of the class have, and who has them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from autograder.results.grade import Grade

# Held by at most a twentieth of those who wrote the task (by two in any case), and never by more than a quarter.
RARE, FEW, MOST = 0.05, 2, 0.25


@dataclass(frozen=True)
class RareBug:
    """task, message: which one, as the students read it. students: who has it, of `num_works` who wrote the task."""

    task: str
    message: str
    students: tuple[str, ...]
    num_works: int


def rare_bugs(grades: Iterable[Grade], teams: Mapping[str, str]) -> list[RareBug]:
    """Those that at least two have, the rarest first. A team counts once."""
    works: dict[str, set[str]] = defaultdict(set)
    holders: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    messages: dict[tuple[str, str], str] = {}
    for grade in grades:
        for task in grade.tasks:
            if task.is_handed_in:
                works[task.id].add(_one(grade.student, teams))
            for found in task.diagnosis:
                holders[task.id, found.bug].setdefault(_one(grade.student, teams), grade.student)
                messages.setdefault((task.id, found.bug), found.message)
    rare = [
        RareBug(task, messages[task, bug], tuple(sorted(who.values())), len(works[task]))
        for (task, bug), who in holders.items()
        if 2 <= len(who) <= min(max(FEW, RARE * len(works[task])), MOST * len(works[task]))
    ]
    return sorted(rare, key=lambda one: (len(one.students), one.task, one.message))


def _one(student: str, teams: Mapping[str, str]) -> str:
    return f"team {team}" if (team := teams.get(student)) is not None else f"student {student}"
