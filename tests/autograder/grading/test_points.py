"""Points are a pure function of what the judge saw, and never appear from a missing verdict."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.course.manifest import Manifest, Threshold
from autograder.grading.points import ramp, round_half_up, score_task, score_thresholds, status_of, total
from autograder.results.grade import Outcome
from hw_cnn.evaluation import wilson
from tests.autograder.manifests import plain, small

MANIFEST = small()
FIRST, SECOND = MANIFEST.tasks
CORE, CORNER, ACCURACY = FIRST.tests[0].id, FIRST.tests[1].id, SECOND.tests[0].id


def outcome(test: str, verdict: str | None, value: float | None = None) -> Outcome:
    return Outcome.model_validate({"test": test, "verdict": verdict, "value": value})


@pytest.mark.parametrize(
    ("points", "expected"),
    [(0.125, 0.13), (2.675, 2.68), (1.005, 1.01), (0.0, 0.0), (2.0, 2.0), (1 / 3, 0.33)],
)
def test_rounding_is_half_up_in_decimal(points: float, expected: float) -> None:
    assert round_half_up(points) == expected


@given(st.integers(0, 100_000))
def test_rounding_agrees_with_exact_fractions(thousandths: int) -> None:
    exact = Fraction(thousandths, 1000)
    expected = math.floor(exact * 100 + Fraction(1, 2)) / 100
    assert round_half_up(thousandths / 1000) == pytest.approx(expected, abs=1e-12)


@given(st.floats(-1, 2), st.floats(-1, 2))
def test_the_ramp_is_monotone_between_its_ends(one: float, other: float) -> None:
    threshold = Threshold(metric="accuracy", low=0.25, high=0.75, provenance="made up")
    assert 0 <= ramp(one, threshold) <= 1
    assert (ramp(one, threshold) <= ramp(other, threshold)) or one > other
    assert (ramp(0.25, threshold), ramp(0.5, threshold), ramp(0.75, threshold)) == (0, 0.5, 1)
    assert ramp(math.nan, threshold) == 0


@pytest.mark.parametrize("verdict", ["failed", "error", "timeout", "crashed"])
def test_a_failed_test_costs_its_own_points_only(verdict: str) -> None:
    result = score_task(
        FIRST, {CORE: outcome(CORE, "passed"), CORNER: outcome(CORNER, verdict)}, "cell A1", "en"
    )
    assert result.score == 9
    assert [test.passed for test in result.tests] == [True, False]


@pytest.mark.parametrize("seen", [{}, {CORE: outcome(CORE, None)}])
def test_a_missing_verdict_is_zero_points(seen: dict[str, Outcome]) -> None:
    result = score_task(FIRST, seen, "", "en")
    assert result.score == 0
    assert result.tests[0].passed is None
    assert "a member of staff will look at it" in result.tests[0].message


def test_a_threshold_test_that_measured_nothing_has_no_verdict() -> None:
    result = score_task(SECOND, {ACCURACY: outcome(ACCURACY, "passed")}, "", "en")
    assert (result.score, result.tests[0].passed) == (0, None)


@pytest.mark.parametrize(("value", "points", "passed"), [(0.4, 0, False), (0.7, 2, False), (0.9, 4, True)])
def test_a_threshold_gives_partial_points(value: float, points: float, passed: bool) -> None:
    seen = {ACCURACY: outcome(ACCURACY, "passed", value)}
    result = score_task(SECOND, seen, "", "en")
    assert (result.score, result.tests[0].passed) == (points, passed)
    assert f"Measured {value:.4f}" in result.tests[0].message
    (threshold,) = score_thresholds(MANIFEST, seen, "en")
    assert (threshold.value, threshold.points, threshold.low, threshold.high) == (value, points, 0.5, 0.9)


@pytest.mark.parametrize("value", [0.7, 0.95])
def test_a_threshold_test_that_failed_gives_nothing_whatever_it_measured(value: float) -> None:
    seen = {ACCURACY: outcome(ACCURACY, "failed", value)}
    assert score_task(SECOND, seen, "", "en").score == 0
    (threshold,) = score_thresholds(MANIFEST, seen, "en")
    assert (threshold.value, threshold.points) == (None, 0)


def test_the_bonus_is_capped() -> None:
    full = score_task(FIRST, {CORE: outcome(CORE, "passed"), CORNER: outcome(CORNER, "passed")}, "", "en")
    bonus = full.model_copy(update={"bonus": True})
    assert total((full, bonus)) == 20
    assert total((full, bonus, bonus, bonus)) == 30


@pytest.mark.parametrize(
    ("timeout", "crashed", "seen", "expected"),
    [
        (True, True, {}, "timeout"),
        (False, True, {}, "crashed"),
        (False, False, {}, "partial"),
        (False, False, {CORE: outcome(CORE, "failed"), CORNER: outcome(CORNER, "passed")}, "graded"),
    ],
)
def test_the_first_status_that_fits(
    timeout: bool, crashed: bool, seen: dict[str, Outcome], expected: str
) -> None:
    tasks = (score_task(FIRST, seen, "", "en"),)
    assert status_of(load_timeout=timeout, load_crashed=crashed, tasks=tasks) == expected


def test_a_threshold_shows_its_interval_and_its_note() -> None:
    data = plain()
    data["tasks"][1]["tests"][0]["threshold"]["note"] = {"ru": "могли видеть", "en": "may have seen"}
    manifest = Manifest.model_validate(data)
    seen = {ACCURACY: outcome(ACCURACY, "passed", 0.7).model_copy(update={"num_images": 2000})}
    (threshold,) = score_thresholds(manifest, seen, "ru")
    assert threshold.note == "могли видеть"
    assert threshold.interval == wilson.wilson(0.7, 2000)
    nothing = {ACCURACY: outcome(ACCURACY, "passed", math.nan).model_copy(update={"num_images": 2000})}
    assert score_thresholds(manifest, nothing, "ru")[0].interval is None
    (unmeasured,) = score_thresholds(manifest, {}, "en")
    assert (unmeasured.note, unmeasured.interval) == ("may have seen", None)
