"""Which works of one task are near each other, once what was given and what many write is taken away."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

from autograder.similarity.prints import Print, Work

# A task of which less was written looks alike by itself.
LINES = 15
# What more works than this have is an idiom of the class: a tenth, and in a class below fifty five works.
IDIOM_SHARE, IDIOM_WORKS = 0.1, 5
# Shares of equal fingerprints. Public solutions of another course's homework on convolution, by twelve people: what is
# unrelated by the look of it has at most .60, what is nearly the same .71 and more. Copies in disguise: see the tests.
NEAR = 0.65
# So many equal fingerprints at least, which are about four statements in a row.
COMMON = 40


@dataclass(frozen=True)
class Pair:
    """Two works. shares: which part of the first one's code is in the second, and the other way round.

    common: the fingerprints that both have.
    """

    first: Work
    second: Work
    shares: tuple[float, float]
    common: frozenset[Print]

    @property
    def share(self) -> float:
        return max(self.shares)


@dataclass(frozen=True)
class Alike:
    """Of one task: works that differ in nothing but names, numbers, texts and layout, and pairs that are near.

    num_works: how many were long enough to be compared.
    """

    num_works: int
    groups: tuple[tuple[Work, ...], ...]
    pairs: tuple[Pair, ...]


def alike(
    works: Sequence[Work], given: frozenset[Print], teams: Mapping[str, str], *, lines: int = LINES
) -> Alike:
    """Compare everybody with everybody. Of a group that has the very same, one stands for all.

    Args:
        given: fingerprints of what every student has.
        teams: student -> the name of a team, which hands in one work together and is not compared with itself.
        lines: works of no more statements than this are left out.
    """
    long = [work for work in works if work.num_lines(given) > lines]
    same: dict[object, list[Work]] = defaultdict(list)
    for work in long:
        same[work.whole].append(work)
    groups = [tuple(group) for group in same.values() if len({_team(work, teams) for work in group}) > 1]
    # A group is told in any case, so it counts as one: else many copies would hide what is near them.
    idioms = _idioms([group[0] for group in same.values()], teams)
    own = [(group, group[0].prints - given - idioms) for group in same.values()]
    pairs = [
        Pair(*apart, shares, common)
        for (first, one), (second, other) in combinations(own, 2)
        if (shares := _near(one, other, common := one & other)) is not None
        and (apart := _of_two_teams(first, second, teams)) is not None
    ]
    pairs.sort(key=lambda pair: (-pair.share, -len(pair.common)))
    return Alike(len(long), tuple(sorted(groups, key=len, reverse=True)), tuple(pairs))


def _team(work: Work, teams: Mapping[str, str]) -> tuple[bool, str]:
    team = teams.get(work.student)
    return (False, work.student) if team is None else (True, team)


def _idioms(works: Sequence[Work], teams: Mapping[str, str]) -> frozenset[Print]:
    by_team: dict[tuple[bool, str], set[Print]] = defaultdict(set)
    for work in works:
        by_team[_team(work, teams)] |= work.prints
    counts = Counter(one for found in by_team.values() for one in found)
    most = max(IDIOM_WORKS, IDIOM_SHARE * len(by_team))
    return frozenset(one for one, count in counts.items() if count > most)


def _near(
    one: frozenset[Print], other: frozenset[Print], common: frozenset[Print]
) -> tuple[float, float] | None:
    if len(common) < COMMON:
        return None
    shares = (len(common) / len(one), len(common) / len(other))
    return shares if max(shares) >= NEAR else None


def _of_two_teams(
    group: Sequence[Work], other: Sequence[Work], teams: Mapping[str, str]
) -> tuple[Work, Work] | None:
    """The first two, one of each group, that are not of one team."""
    return next(
        (pair for pair in product(group, other) if len({_team(one, teams) for one in pair}) > 1), None
    )
