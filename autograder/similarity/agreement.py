"""All that agrees within a class, and for two people everything that agrees between them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations

from autograder.course.manifest import Task
from autograder.similarity.bugs import RareBug
from autograder.similarity.pairs import Alike
from autograder.similarity.reading import Handed


@dataclass(frozen=True)
class TaskCode:
    """One task, and whose code of it is alike."""

    task: Task
    alike: Alike


@dataclass(frozen=True)
class Together:
    """Two students, or several who have the very same. What all of them have in common:

    Args:
        code: task -> which part of the first one's code the second has, and the other way round; 1 where it is equal.
    """

    students: tuple[str, ...]
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
    """Who agrees in code or weights, or in two rare misconceptions; those with most signs first."""
    groups = {
        task.task.id: [frozenset(work.student for work in group) for group in task.alike.groups]
        for task in found.tasks
    }
    near: dict[tuple[str, ...], dict[str, tuple[float, float]]] = defaultdict(dict)
    for task in found.tasks:
        for pair in task.alike.pairs:
            names = (pair.first.student, pair.second.student)
            near[tuple(sorted(names))][task.task.id] = (
                pair.shares if names == tuple(sorted(names)) else pair.shares[::-1]
            )
    weights = [frozenset(group) for group in found.weights]
    rows = {*near, *_with_two_bugs(found.bugs, teams)}
    rows |= {tuple(sorted(group)) for group in chain(weights, *groups.values())}

    def signs(students: tuple[str, ...]) -> Together:
        everybody = frozenset(students)
        equal = {
            task: (1.0, 1.0) for task, some in groups.items() if any(everybody <= group for group in some)
        }
        code = {**near.get(students, {}), **equal}
        return Together(
            students,
            dict(sorted(code.items())),
            any(everybody <= group for group in weights),
            tuple(bug for bug in found.bugs if everybody <= set(bug.students)),
        )

    return sorted(map(signs, sorted(rows)), key=lambda one: (-one.num_signs, -_most(one)))


def _most(one: Together) -> float:
    return max((share for shares in one.code.values() for share in shares), default=0.0)


def _with_two_bugs(bugs: Iterable[RareBug], teams: Mapping[str, str]) -> set[tuple[str, ...]]:
    pairs = Counter(pair for bug in bugs for pair in combinations(sorted(bug.students), 2))
    return {pair for pair, count in pairs.items() if count > 1 and not _is_one_team(pair, teams)}
