"""All that agrees within a class, and for two people everything that agrees between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from autograder.course.manifest import Task
from autograder.similarity.bugs import RareBug
from autograder.similarity.pairs import Alike
from autograder.similarity.reading import Handed

# Of a larger group with one source all are named, but not each with each other.
PAIRED = 6


@dataclass(frozen=True)
class TaskCode:
    """One task, and whose code of it is alike."""

    task: Task
    alike: Alike


@dataclass(frozen=True)
class Together:
    """Two students. code: task -> which part of the first one's code the second has, and the other way round."""

    first: str
    second: str
    code: Mapping[str, tuple[float, float]]
    same_weights: bool
    bugs: tuple[RareBug, ...]

    @property
    def num_signs(self) -> int:
        return len(self.code) + self.same_weights + len(self.bugs)


@dataclass(frozen=True)
class Found:
    """A class. tasks: those of which code was compared. weights: groups of students with the same."""

    num_works: int
    tasks: tuple[TaskCode, ...]
    weights: tuple[tuple[str, ...], ...]
    bugs: tuple[RareBug, ...]
    left_out: Mapping[str, str]
    num_teams: int = 0

    @property
    def num_pairs(self) -> int:
        return sum(len(one.alike.pairs) for one in self.tasks)

    @property
    def num_groups(self) -> int:
        return sum(len(one.alike.groups) for one in self.tasks)


def same_weights(handed: Sequence[Handed], teams: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    """Groups of students whose weights are equal; what only one team has is none."""
    groups: dict[str, list[str]] = defaultdict(list)
    for one in handed:
        if one.checkpoint:
            groups[one.checkpoint].append(one.student)
    several = (tuple(group) for group in groups.values() if not _is_one_team(group, teams))
    return tuple(sorted(several, key=len, reverse=True))


def _is_one_team(group: Sequence[str], teams: Mapping[str, str]) -> bool:
    return len(group) == 1 or (all(one in teams for one in group) and len({teams[one] for one in group}) == 1)


def together(found: Found, teams: Mapping[str, str]) -> list[Together]:
    """Pairs that agree in code or weights, or in two rare misconceptions; those with most signs first."""
    code: dict[tuple[str, str], dict[str, tuple[float, float]]] = defaultdict(dict)
    for one in found.tasks:
        for group in one.alike.groups:
            for pair in _pairs(tuple(work.student for work in group), teams):
                code[pair][one.task.id] = (1.0, 1.0)
        for near in one.alike.pairs:
            first, second = near.first.student, near.second.student
            shares = near.shares if first < second else near.shares[::-1]
            code[min(first, second), max(first, second)][one.task.id] = shares
    weights = {pair for group in found.weights for pair in _pairs(group, teams)}
    bugs: dict[tuple[str, str], list[RareBug]] = defaultdict(list)
    for bug in found.bugs:
        for pair in _pairs(bug.students, teams):
            bugs[pair].append(bug)
    several = {pair for pair, common in bugs.items() if len(common) > 1}
    everything = [
        Together(*pair, code.get(pair, {}), pair in weights, tuple(bugs.get(pair, ())))
        for pair in sorted({*code, *weights, *several})
    ]
    return sorted(everything, key=lambda one: (-one.num_signs, -_most(one)))


def _most(one: Together) -> float:
    return max((share for shares in one.code.values() for share in shares), default=0.0)


def _pairs(group: Sequence[str], teams: Mapping[str, str]) -> list[tuple[str, str]]:
    if len(group) > PAIRED:
        return []
    return [
        (first, second)
        for first, second in combinations(sorted(group), 2)
        if first not in teams or teams[first] != teams.get(second)
    ]
