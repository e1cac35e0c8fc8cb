"""How points are rounded and added up, and whether those of a stored result do add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from autograder.results.grade import Grade, TaskResult, TestResult

BONUS_CAP = 20.0
# Less than the last digit of what is stored.
SLACK = 0.004


def round_half_up(points: float, digits: int = 2) -> float:
    """Round half away from zero in decimal, as people do: 0.125 -> 0.13, 2.675 -> 2.68."""
    quantum = Decimal(1).scaleb(-digits)
    return float(Decimal(repr(points)).quantize(quantum, rounding=ROUND_HALF_UP))


def total(tasks: Iterable[TaskResult]) -> float:
    """Compulsory points plus bonus, the bonus capped at 20."""
    scores = [(task.score, task.bonus) for task in tasks]
    compulsory = sum(score for score, is_bonus in scores if not is_bonus)
    bonus = sum(score for score, is_bonus in scores if is_bonus)
    return round_half_up(compulsory + min(BONUS_CAP, bonus))


def contradiction(grade: Grade) -> str:
    """What of the points of a grade no grader has written: the first thing, as a part of a sentence; "" where all fits.

    Whoever edits a score does not edit the tests that it comes from: each number is held against those below it.
    """
    for ids, what in (
        ([task.id for task in grade.tasks], "task"),
        ([test.id for task in grade.tasks for test in task.tests], "test"),
    ):
        if twice := [one for one, number in Counter(ids).items() if number > 1]:
            return f"the {what} {twice[0]} stands there twice"
    for task in grade.tasks:
        decided = [override.points for override in grade.overrides if override.task == task.id]
        if problem := next(filter(None, map(_of_test, task.tests)), "") or _of_task(task, decided):
            return problem
    most = sum(task.max_score for task in grade.tasks if not task.bonus)
    if grade.max_score < most - SLACK:
        return f"a maximum of {grade.max_score:g}, and the tasks have {most:g}"
    if _differ(grade.score, total(grade.tasks)):
        return f"{grade.score:g} points in all, and the tasks come to {total(grade.tasks):g}"
    return ""


def _of_test(test: TestResult) -> str:
    if test.points > test.max_points + SLACK:
        return f"the test {test.id} has {test.points:g} of {test.max_points:g} points"
    if test.passed is None and test.points:
        return f"the test {test.id} has points, {test.points:g}, and no verdict"
    return ""


def _of_task(task: TaskResult, decided: Iterable[float]) -> str:
    """decided: points that people have restored. Without them nothing of a forbidden call's task counts."""
    if task.score > task.max_score + SLACK:
        return f"the task {task.id} has {task.score:g} of {task.max_score:g} points"
    earned = round_half_up(sum(test.points for test in task.tests))
    is_withheld = bool(task.withheld or task.message)
    # What could not be judged keeps its decisions and has no points.
    expected = max([0.0 if is_withheld else earned, *(decided if task.tests else ())])
    if _differ(task.score, expected) and not (not task.tests and task.score in decided):
        return f"the task {task.id} has {task.score:g} points, and its tests come to {expected:g}"
    left = max(0.0, earned - task.score) if is_withheld else 0.0
    if _differ(task.withheld, left):
        return f"{task.withheld:g} points of the task {task.id} are withheld, and its tests leave {left:g}"
    return ""


def _differ(one: float, other: float) -> bool:
    return abs(one - other) > SLACK
