"""What a test that was found wrong does to the points of a task: rescored from the stored result, nothing runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from autograder.course.manifest import Task
from autograder.results.decisions import Void
from autograder.results.grade import Override, TaskResult, TestResult
from autograder.results.totals import round_half_up


def rescored(
    result: TaskResult, task: Task, voids: Mapping[str, Void], overrides: Iterable[Override] = ()
) -> TaskResult:
    """A task as it counts. One of which no code was handed in stays as it is.

    Args:
        voids: test -> what was decided of it, of any task.
        overrides: of the student: points that a person has restored, of any task.
    """
    chosen = {test.id: voids[test.id] for test in result.tests if test.id in voids}
    if not chosen or not result.is_handed_in:
        return result
    left = task.points - sum(
        test.points for test in task.tests if test.id in chosen and chosen[test.id].how == "drop"
    )
    multiplied = {test.id for test in task.tests if task.is_multiplied(test)}
    share = result.multiplier.share if result.multiplier else 1.0
    exact = [
        _exact(test, chosen, share if test.id in multiplied else 1.0, task.points / left)
        for test in result.tests
    ]
    tests = tuple(
        _counted(test, chosen, points, most) for test, (points, most) in zip(result.tests, exact, strict=True)
    )
    total = round_half_up(sum(points for points, _ in exact))
    restored = [one.points for one in overrides if one.task == task.id]
    # What staff have restored of withheld points grows with them; by itself a void gives nothing that is withheld.
    base = 0.0 if result.message else total
    if result.message and restored:
        base = result.score + max(0.0, total - result.score - result.withheld)
    score = round_half_up(min(task.points, max([base, *restored])))
    withheld = round_half_up(max(0.0, total - score)) if result.message else 0.0
    return result.model_copy(update={"tests": tests, "score": score, "withheld": withheld})


def _exact(test: TestResult, chosen: Mapping[str, Void], share: float, factor: float) -> tuple[float, float]:
    """Points of a test, not rounded, and the most that it gives."""
    if test.id not in chosen:
        return test.points * factor, test.max_points * factor
    if chosen[test.id].how == "drop":
        return 0.0, 0.0
    return test.max_points * share * factor, test.max_points * factor


def _counted(test: TestResult, chosen: Mapping[str, Void], points: float, most: float) -> TestResult:
    """A test as pages show it: what a wrong test said of a student's code is no longer told."""
    update: dict[str, object] = {"points": round_half_up(points), "max_points": round_half_up(most)}
    if test.id in chosen:
        update |= {"passed": True, "message": "", "difference": None, "example": None, "forgiven": False}
    return test.model_copy(update=update)
