"""What a bug may cost: 35 % of its task, the lesson 50 %, more only where its numbers were measured to be wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from autograder.course.variants import Variant
from autograder.results.grade import Grade, SandboxReport, TaskResult, TestResult, ThresholdResult
from autograder.text import Text
from autograder.validation.prices import Price, price_list, price_problems
from autograder.validation.problems import Verdicts
from tests.autograder.manifests import small

MANIFEST = small()
CORE, CORNER = (test.id for test in MANIFEST.task("A1").tests)
ACCURACY = MANIFEST.task("B1").tests[0].id


def bug(task: str = "A1", **more: Any) -> Variant:
    return Variant(id="a_bug", task=task, kind="bug", what=Text(ru="а", en="a"), **more)


def verdicts(points: dict[str, float], value: float | None = None) -> Verdicts:
    """A grade of `a_bug` with these points, and what its accuracy was measured as."""
    tasks = tuple(
        TaskResult(
            id=task.id,
            title="",
            score=0,
            max_score=task.points,
            source="",
            tests=tuple(
                TestResult(
                    id=test.id,
                    passed=True,
                    points=points.get(test.id, test.points),
                    max_points=test.points,
                    message="",
                )
                for test in task.tests
            ),
        )
        for task in MANIFEST.tasks
    )
    ramp = ThresholdResult(
        id=ACCURACY, metric="accuracy", value=value, low=0.5, high=0.9, points=0, max_points=4
    )
    grade = Grade(
        student="a_bug", assignment="small", lang="en", score=0, max_score=14, status="graded", needs_staff=False,
        tasks=tasks, thresholds=(ramp,), seconds=0, sandbox=SandboxReport(tier="A"), device="cpu", salt_id="",
        submission_sha256="", grader_sha256="", environment_sha256="", started_at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    return Verdicts({"a_bug": grade}, {"a_bug": frozenset({CORE, CORNER, ACCURACY})})


def price(points: float, share: float | None = None, **more: Any) -> Price:
    """The price of a bug that loses `points` of the ten of A1."""
    shares = {} if share is None else {"a_bug": share}
    (found,) = price_list(MANIFEST, [bug(**more)], [verdicts({CORE: 9 - points})], shares)
    return found


@pytest.mark.parametrize(
    ("points", "more", "share", "dear"),
    [
        (3.5, {}, None, False),
        (3.51, {}, None, True),
        (5, {}, None, True),
        (5, {"lesson": True}, None, False),
        (5.01, {"lesson": True}, None, True),
        (9, {}, 0.9499, True),
        (9, {}, 0.95, False),
        (9, {"lesson": True}, 0.5, True),
    ],
)
def test_a_bug_has_its_price(points: float, more: dict[str, Any], share: float | None, dear: bool) -> None:
    found = price(points, share, **more)
    assert found.points == points
    assert found.is_dear is dear
    assert len(price_problems([found])) == dear


def test_the_dearest_salt_counts() -> None:
    rounds = [verdicts({CORE: 8}), verdicts({CORE: 4, CORNER: 0.5}), verdicts({})]
    (found,) = price_list(MANIFEST, [bug()], rounds)
    assert found.points == 5.5


def test_correct_variants_have_no_price() -> None:
    right = Variant(id="a_bug", task="A1", kind="correct", what=Text(ru="а", en="a"))
    assert price_list(MANIFEST, [right], [verdicts({CORE: 0})]) == []


@pytest.mark.parametrize(("value", "below", "dear"), [(0.5, 4, False), (0.1, 4, False), (0.51, 0, True)])
def test_a_training_below_its_bar_has_been_measured(value: float, below: float, dear: bool) -> None:
    (found,) = price_list(MANIFEST, [bug("B1")], [verdicts({ACCURACY: 0}, value)])
    assert (found.points, found.measured_points, found.is_dear) == (4, below, dear)


def test_a_training_without_a_number_has_not() -> None:
    (found,) = price_list(MANIFEST, [bug("B1")], [verdicts({ACCURACY: 0}, None)])
    assert found.is_dear


def test_the_problem_names_bug_price_and_what_was_measured() -> None:
    (sentence,) = price_problems([price(8, 0.4)])
    assert sentence.startswith(
        "a_bug costs 8 of the 10 points of A1 (80%), at most 35% allowed, 40.0% of its"
    )


@pytest.mark.parametrize(("at_most", "problems"), [(2, 0), (1.5, 1), (0, 1)])
def test_a_bug_keeps_no_more_than_it_may(at_most: float, problems: int) -> None:
    found = price_problems([price(8, 1.0, at_most=at_most)])
    assert len(found) == problems
    assert all(f"a_bug keeps 2 of 10 points, at most {at_most:g} allowed" in sentence for sentence in found)
