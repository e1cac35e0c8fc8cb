"""What a planted bug costs, and what it may cost: one misconception, one price (docs/grading.md, "Prices").

A bug may cost 35 % of its task; the one that is the lesson of its task 50 %; more only where it was measured that its
numbers are wrong everywhere. A training one of whose numbers lies at or below its bar of no points has been measured to
be worthless, too: what it loses in tests that train or measure does not count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograder.course.manifest import Manifest, Task
from autograder.course.variants import Variant
from autograder.results.totals import round_half_up
from autograder.validation.problems import Verdicts

COMMON, LESSON, EVERYTHING = 0.35, 0.50, 1.0
WRONG_EVERYWHERE = 0.95
ROUNDING = 1e-9


@dataclass(frozen=True)
class Price:
    """The price of one bug.

    Attributes:
        points, task_points: what it loses of its task, at most over all salts, and what there is to lose.
        measured_points: the part lost by a training that was measured to be worthless.
        wrong_share: share of the task's numbers that it gets wrong; None where that was not measured.
    """

    bug: Variant
    points: float
    task_points: float
    measured_points: float = 0.0
    wrong_share: float | None = None

    @property
    def share(self) -> float:
        return self.points / self.task_points

    @property
    def allowed_share(self) -> float:
        """Of the points that no measurement of training took."""
        if self.wrong_share is not None and self.wrong_share >= WRONG_EVERYWHERE:
            return EVERYTHING
        return LESSON if self.bug.lesson else COMMON

    @property
    def is_dear(self) -> bool:
        """Whether it costs more than it may."""
        counted = self.points - self.measured_points
        return counted > self.allowed_share * self.task_points + ROUNDING


def price_list(
    manifest: Manifest,
    variants: Sequence[Variant],
    rounds: Sequence[Verdicts],
    wrong_shares: Mapping[str, float] | None = None,
) -> list[Price]:
    """The prices of all bugs in the order of `variants`; `wrong_shares` (bug -> share) are what was measured."""
    measured = wrong_shares or {}
    prices = []
    for bug in variants:
        if bug.kind == "bug":
            task = manifest.task(bug.task)
            points, below = max(_lost(bug, task, verdicts) for verdicts in rounds)
            prices.append(Price(bug, points, task.points, below, measured.get(bug.id)))
    return prices


def _lost(bug: Variant, task: Task, verdicts: Verdicts) -> tuple[float, float]:
    """Points lost over the tests that ran, and the part of them that a training below a bar has lost."""
    lost = {test.id: test.max_points - test.points for test in verdicts.tests(bug.id, task)}
    grade = verdicts.grades.get(bug.id)
    thresholds = grade.thresholds if grade is not None else ()
    is_worthless = any(
        result.id in lost
        and result.value is not None
        and result.low is not None
        and result.value <= result.low
        for result in thresholds
    )
    of_training = {test.id for test in task.tests if test.trains or test.threshold is not None}
    below = sum(points for test, points in lost.items() if test in of_training) if is_worthless else 0.0
    return round_half_up(sum(lost.values())), round_half_up(below)


def price_problems(prices: Sequence[Price]) -> list[str]:
    """One sentence for each bug that costs more than it may, or keeps more points than it may."""
    problems = []
    for price in prices:
        bug, kept = price.bug, round_half_up(price.task_points - price.points)
        if price.is_dear:
            measured = (
                "" if price.wrong_share is None else f", {price.wrong_share:.1%} of its numbers are wrong"
            )
            problems.append(
                f"{bug.id} costs {price.points:g} of the {price.task_points:g} points of {bug.task} "
                f"({price.share:.0%}), at most {price.allowed_share:.0%} allowed{measured}: "
                "let the tests of other properties be blind to it"
            )
        if bug.at_most is not None and kept > bug.at_most + ROUNDING:
            problems.append(
                f"{bug.id} keeps {kept:g} of {price.task_points:g} points, at most {bug.at_most:g} allowed"
            )
    return problems
