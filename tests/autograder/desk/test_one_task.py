"""A task that is judged alone takes the place of its old result, and nothing else of the grade changes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from autograder.desk.one_task import is_alone, with_task
from autograder.results.grade import Grade, Override, ThresholdResult
from tests.autograder.manifests import plain
from tests.autograder.results.decided_support import ACCURACY, CORE, SECOND, judged, manifest_of_tests

M = manifest_of_tests()
A1, B1 = M.task("A1"), M.task("B1")


def unjudged(grade: Grade, task: str) -> Grade:
    """As a run of other tests gives it: no verdict on this task's."""
    tasks = tuple(
        one.model_copy(
            update={
                "score": 0.0,
                "tests": tuple(test.model_copy(update={"passed": None, "points": 0.0}) for test in one.tests),
            }
        )
        if one.id == task
        else one
        for one in grade.tasks
    )
    return grade.model_copy(update={"tasks": tasks, "status": "partial", "needs_staff": True})


def test_the_other_tasks_stay() -> None:
    old = judged("anna", (CORE, ACCURACY), attempt=3, grader_sha256="old", notes=("n",))
    new = unjudged(judged("anna", (SECOND,), grader_sha256="new"), "B1")
    merged = with_task(old, new, A1)
    assert [(task.id, task.score) for task in merged.tasks] == [("A1", 7), ("B1", 0)]
    assert (merged.score, merged.status, merged.needs_staff) == (7, "graded", False)
    assert (merged.attempt, merged.grader_sha256, merged.notes) == (3, "old", ("n",))


def test_what_a_person_restored_stays() -> None:
    restored = Override(task="A1", points=9, reason="r", by="b", at=datetime.now(UTC))
    old = judged("anna", (CORE,), overrides=(restored,))
    merged = with_task(old, unjudged(judged("anna", (CORE, SECOND)), "B1"), A1)
    assert (merged.tasks[0].score, merged.score, merged.overrides) == (9, 13, (restored,))


def test_a_verdict_that_is_missing_elsewhere_stays_a_case_for_staff() -> None:
    old = unjudged(judged("anna"), "B1").model_copy(update={"reason": "why"})
    new = unjudged(judged("anna"), "B1")
    assert (with_task(old, new, A1).status, with_task(old, new, A1).reason) == ("partial", "why")
    healed = with_task(old, unjudged(judged("anna"), "A1"), B1)
    assert (healed.status, healed.needs_staff, healed.reason, healed.score) == ("graded", False, "", 14)


@pytest.mark.parametrize("status", ["timeout", "crashed"])
def test_how_it_was_loaded_is_told(status: str) -> None:
    new = unjudged(judged("anna"), "B1").model_copy(update={"status": status})
    assert with_task(judged("anna"), new, A1).status == status


def test_what_was_measured_is_that_of_the_new_run() -> None:
    def measured(test: str, value: float) -> ThresholdResult:
        return ThresholdResult(id=test, metric="m", value=value, low=0, high=1, points=1, max_points=4)

    old = judged("anna", thresholds=(measured(CORE, 0.1), measured(ACCURACY, 0.2)))
    new = judged("anna", thresholds=(measured(CORE, 0.8), measured(ACCURACY, 0.9)))
    merged = with_task(old, new, B1)
    assert [(found.id, found.value) for found in merged.thresholds] == [(CORE, 0.1), (ACCURACY, 0.9)]


def test_a_task_is_judged_alone_where_the_others_are_what_they_were() -> None:
    data = plain()
    data["tasks"][0]["tests"][0]["sentence"]["en"] = "another sentence"
    changed = type(M).model_validate(data)
    original = type(M).model_validate(plain())
    assert is_alone(original, original, original.task("B1"))
    assert is_alone(original, changed, original.task("A1"))
    assert not is_alone(original, changed, original.task("B1"))
