"""Hidden tests to doubt: strong students fail them, so perhaps the test or its sentence is wrong, not the students."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.course.manifest import Manifest, Task, Test
from autograder.results.grade import TaskResult, TestResult
from autograder.results.marked import UNREAD, Marked
from autograder.text import Lang, Text

STRONG, MANY = 0.9, 0.2
DOUBT = Text(
    ru="{task}, {test}: не прошли {failed} из {strong}, у кого за остальное не меньше 90 %: {sentence}",
    en="{task}, {test}: failed by {failed} of the {strong} who otherwise have at least 90 %: {sentence}",
)


@dataclass(frozen=True)
class Doubt:
    """A test that at least a fifth fail of those who have at least 90 % of all other points.

    Args:
        failed: how many of them fail it.
        strong: how many of them handed in its task.
    """

    task: Task
    test: Test
    failed: int
    strong: int

    def sentence(self, lang: Lang) -> str:
        """One line that tells it."""
        return DOUBT.get(lang).format(
            task=self.task.id,
            test=self.test.id,
            failed=self.failed,
            strong=self.strong,
            sentence=self.test.sentence.get(lang),
        )


def tests_to_doubt(manifest: Manifest, marked: Sequence[Marked]) -> list[Doubt]:
    """In the order of the manifest. Tests that were found wrong already are left out.

    A measured test counts as failed below half of its points: hardly anybody has all of them. Who handed in nothing of
    a task has not failed its tests.
    """
    read = [one for one in marked if one.grade.status not in UNREAD]
    doubts = []
    for task in manifest.tested:
        for test in task.tests:
            ends = [end for one in read if (end := _end(manifest, one, task, test)) is not None]
            failed = sum(ends)
            if failed and failed >= MANY * len(ends):
                doubts.append(Doubt(task, test, failed, len(ends)))
    return doubts


def _end(manifest: Manifest, one: Marked, task: Task, test: Test) -> bool | None:
    """Whether a strong student fails a test; None for another student, and where there is nothing to say."""
    results = {result.id: result for result in one.tasks}
    own = results.get(task.id)
    result = next((item for item in own.tests if item.id == test.id), None) if own is not None else None
    if own is None or result is None or not own.could_run or test.id in one.voids or result.passed is None:
        return None
    others = [results[item.id] for item in manifest.tested if not item.bonus and item.id in results]
    most = sum(item.max_score for item in others) - (0.0 if task.bonus else result.max_points)
    points = sum(_points(item) for item in others) - (0.0 if task.bonus else result.points)
    if most <= 0 or points < STRONG * most - 1e-9:
        return None
    return _is_failed(result, test)


def _points(result: TaskResult) -> float:
    """What the tests gave, also where it is withheld or decided otherwise."""
    return sum(test.points for test in result.tests)


def _is_failed(result: TestResult, test: Test) -> bool:
    return result.points < result.max_points / 2 if test.threshold is not None else result.passed is False
