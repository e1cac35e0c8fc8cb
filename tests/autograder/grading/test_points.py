"""Points are a pure function of what the judge saw, and never appear from a missing verdict."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.course.manifest import Manifest
from autograder.grading.points import (
    Bars,
    coarse,
    ramp,
    score_task,
    score_thresholds,
    status_of,
)
from autograder.results.grade import Diagnosis, Example, KindOfDifference, Outcome
from autograder.results.totals import round_half_up, total
from autograder.text import Lang
from hw_cnn.evaluation import wilson
from tests.autograder.manifests import plain, small

MANIFEST = small()
FIRST, SECOND = MANIFEST.tasks
CORE, CORNER, ACCURACY = FIRST.tests[0].id, FIRST.tests[1].id, SECOND.tests[0].id


def outcome(test: str, verdict: str | None, value: float | None = None, **more: object) -> Outcome:
    return Outcome.model_validate({"test": test, "verdict": verdict, "value": value, **more})


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
    bars = Bars(0.25, 0.75)
    assert 0 <= ramp(one, bars) <= 1
    assert (ramp(one, bars) <= ramp(other, bars)) or one > other
    assert (ramp(0.25, bars), ramp(0.5, bars), ramp(0.75, bars)) == (0, 0.5, 1)
    assert ramp(math.nan, bars) == 0


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
    assert f"Measured {value:g}" in result.tests[0].message
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
    assert threshold.interval == rounded(wilson.wilson(0.7, 2000))
    nothing = {ACCURACY: outcome(ACCURACY, "passed", math.nan).model_copy(update={"num_images": 2000})}
    assert score_thresholds(manifest, nothing, "ru")[0].interval is None
    (unmeasured,) = score_thresholds(manifest, {}, "en")
    assert (unmeasured.note, unmeasured.interval) == ("may have seen", None)


def test_a_result_says_what_was_wrong_and_nothing_when_all_is_well() -> None:
    difference, example = KindOfDifference(kind="values", power=-3), Example(got="1", expected="2")
    seen = {
        CORE: outcome(CORE, "passed", message="said nevertheless"),
        CORNER: outcome(CORNER, "failed", message="corner", difference=difference, example=example),
    }
    core, corner = score_task(FIRST, seen, "", "en").tests
    assert (core.id, core.message, core.points, core.max_points) == (CORE, "", 9, 9)
    assert (corner.id, corner.message, corner.points, corner.max_points) == (CORNER, "corner", 0, 1)
    assert (core.difference, core.example) == (None, None)
    assert (corner.difference, corner.example) == (difference, example)


def test_what_was_measured_has_three_decimals() -> None:
    """More of them would tell what a network answered to single hidden images."""
    seen = {ACCURACY: outcome(ACCURACY, "passed", 0.70149, values=(0.70149, 0.69951), num_images=2000)}
    (threshold,) = score_thresholds(MANIFEST, seen, "en")
    assert (threshold.value, threshold.values) == (0.701, (0.701, 0.7))
    assert threshold.interval == rounded(wilson.wilson(0.70149, 2000))
    assert threshold.points == 2.01
    assert score_task(SECOND, seen, "", "en").score == 2.01
    edge = {ACCURACY: outcome(ACCURACY, "passed", 0.8999)}
    assert score_thresholds(MANIFEST, edge, "en")[0].value == 0.9
    assert score_task(SECOND, edge, "", "en").score == 4.0
    below = {ACCURACY: outcome(ACCURACY, "passed", 0.8979)}
    assert (score_thresholds(MANIFEST, below, "en")[0].value, score_task(SECOND, below, "", "en").score) == (
        0.898,
        3.98,
    )


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.0, 0.0), (0.0123, 0.012), (1.449, 1.4), (12.6, 13.0), (104.9, 100.0), (615.0, 620.0)],
)
def test_a_time_has_two_digits(seconds: float, shown: float) -> None:
    assert coarse(seconds) == shown


def rounded(interval: tuple[float, float]) -> tuple[float, float]:
    return round(interval[0], 3), round(interval[1], 3)


@pytest.mark.parametrize(
    ("lang", "title", "no_verdict", "measured"),
    [
        ("en", "Second", "This check gave no verdict", "Measured"),
        ("ru", "Second (ru)", "Проверка не дала", "Измерено"),
    ],
)
def test_a_result_speaks_the_language_asked(lang: Lang, title: str, no_verdict: str, measured: str) -> None:
    for seen in ({}, {ACCURACY: outcome(ACCURACY, None)}, {ACCURACY: outcome(ACCURACY, "passed")}):
        result = score_task(SECOND, seen, "", lang)
        assert result.title == title
        assert result.tests[0].message.startswith(no_verdict)
    result = score_task(SECOND, {ACCURACY: outcome(ACCURACY, "passed", 0.95)}, "", lang)
    words = result.tests[0].message.replace(",", ".") if lang == "ru" else result.tests[0].message
    assert words.startswith(f"{measured} 0.95: ")
    assert words.endswith(" 0.9.")


def test_a_task_keeps_what_it_was_told() -> None:
    explained = (Diagnosis(bug="a1_flipped", message="the kernel is flipped"),)
    result = score_task(FIRST.model_copy(update={"bonus": True}), {}, "cell A1", "en", explained)
    assert (result.id, result.bonus, result.source, result.max_score) == ("A1", True, "cell A1", 10)
    assert result.diagnosis == explained
    assert score_task(FIRST, {}, "", "en").bonus is False


def test_every_ramp_is_shown_wherever_it_stands() -> None:
    data = plain()
    measured = data["tasks"][1]["tests"][0]
    other = {"id": "test_b1.py::test_other", "points": 1, "core": True, "sentence": measured["sentence"]}
    data["tasks"][1]["tests"] = [other, {**measured, "points": 3}]
    seen = {ACCURACY: outcome(ACCURACY, "passed", 0.7, values=(0.6, 0.7, 0.8))}
    (threshold,) = score_thresholds(Manifest.model_validate(data), seen, "en")
    assert (threshold.id, threshold.metric, threshold.values) == (ACCURACY, "accuracy", (0.6, 0.7, 0.8))
    assert (threshold.points, threshold.max_points, threshold.note) == (1.5, 3, "")


@pytest.mark.parametrize(
    ("value", "num_images", "has_interval"),
    [(0.0, 10, True), (1.0, 10, True), (-0.01, 10, False), (1.01, 10, False), (1.5, 10, False), (0.5, 1, True),
     (0.5, 0, False), (0.5, None, False)],
)  # fmt: skip
def test_only_a_share_of_images_has_an_interval(
    value: float, num_images: int | None, has_interval: bool
) -> None:
    seen = {ACCURACY: outcome(ACCURACY, "passed", value, num_images=num_images)}
    (threshold,) = score_thresholds(MANIFEST, seen, "en")
    assert threshold.value == value
    expected = rounded(wilson.wilson(value, num_images or 0)) if has_interval else None
    assert threshold.interval == expected


# A task that is multiplied: its glyph test is worth 1, `eval` .5 is spared, the other two are a plain one and a ramp.
GLYPHS, SEED, EVAL, RAMP = (f"test_b1.py::test_{name}" for name in ("glyphs", "seed", "eval", "ramp"))


def multiplied() -> Manifest:
    data = plain()
    sentence = {"ru": "режим eval", "en": "eval mode"}
    data["tasks"][1] |= {
        "points": 10,
        "multiplier": {"test": GLYPHS, "spares": [EVAL]},
        "tests": [
            {"id": SEED, "points": 2, "core": True, "sentence": sentence},
            {"id": EVAL, "points": 0.5, "core": False, "sentence": sentence},
            {"id": GLYPHS, "points": 1, "core": True, "sentence": sentence,
             "threshold": {"metric": "glyph_accuracy", "margin": 0.1, "provenance": "made up"}},
            {"id": RAMP, "points": 6.5, "core": True, "sentence": sentence,
             "threshold": {"metric": "accuracy", "low": 0.5, "high": 0.9, "provenance": "made up"}},
        ],
    }  # fmt: skip
    return Manifest.model_validate(data)


def seen_with(glyphs: Outcome | None) -> dict[str, Outcome]:
    seen = {
        SEED: outcome(SEED, "passed"), EVAL: outcome(EVAL, "passed"), RAMP: outcome(RAMP, "passed", 0.7),
    }  # fmt: skip
    return seen if glyphs is None else seen | {GLYPHS: glyphs}


def on_glyphs(value: float | None, verdict: str | None = "passed", **more: object) -> Outcome:
    return outcome(GLYPHS, verdict, value, **{"low": 0.7, "high": 0.9, **more})


@pytest.mark.parametrize(
    ("glyphs", "share", "points"),
    [
        (on_glyphs(0.95), 1.0, [2, 0.5, 1, 3.25]),
        (on_glyphs(0.9), 1.0, [2, 0.5, 1, 3.25]),
        (on_glyphs(0.75), 0.25, [0.5, 0.5, 0.25, 0.81]),
        (on_glyphs(0.7), 0.0, [0, 0.5, 0, 0]),
        (on_glyphs(0.1), 0.0, [0, 0.5, 0, 0]),
        (on_glyphs(math.nan), 0.0, [0, 0.5, 0, 0]),
        (on_glyphs(0.95, "failed"), 0.0, [0, 0.5, 0, 0]),
        (on_glyphs(None, "timeout"), 0.0, [0, 0.5, 0, 0]),
        (on_glyphs(0.95, None), 0.0, [0, 0.5, 0, 0]),
        (on_glyphs(0.95, low=None), 0.0, [0, 0.5, 0, 0]),
        (on_glyphs(0.95, low=0.9), 0.0, [0, 0.5, 0, 0]),
        (None, 0.0, [0, 0.5, 0, 0]),
    ],
)
def test_a_share_multiplies_all_points_but_those_that_are_spared(
    glyphs: Outcome | None, share: float, points: list[float]
) -> None:
    manifest, seen = multiplied(), seen_with(glyphs)
    result = score_task(manifest.task("B1"), seen, "", "en")
    assert [test.points for test in result.tests] == points
    assert result.score == pytest.approx(sum(points))
    assert result.multiplier is not None
    assert result.multiplier.share == pytest.approx(share)
    # What was passed stays passed; the words at the task say what it was multiplied by.
    assert [test.passed for test in result.tests[:2]] == [True, True]
    thresholds = score_thresholds(manifest, seen, "en")
    assert [threshold.points for threshold in thresholds] == points[2:]


@pytest.mark.parametrize("glyphs", [on_glyphs(0.95, None), on_glyphs(0.95, low=None), None])
def test_a_share_that_nobody_measured_is_a_case_for_staff(glyphs: Outcome | None) -> None:
    result = score_task(multiplied().task("B1"), seen_with(glyphs), "", "en")
    assert [test.id for test in result.tests if test.passed is None] == [GLYPHS]


@pytest.mark.parametrize(
    ("value", "lang", "said"),
    [
        (0.9504, "en", "gets 0.95 of them right (no points at 0.7, all at 0.9): the task keeps all its points."),
        (0.75, "en", 'the points of the task are multiplied by 0.25. Not multiplied: "eval mode"'),
        (0.95, "ru", "верных ответов 0,95 (ноль баллов при 0,7, все при 0,9): баллы задания сохраняются полностью."),
        (0.75, "ru", "баллы задания умножены на 0,25. Не умножены баллы за: «режим eval»"),
    ],
)  # fmt: skip
def test_a_share_is_said_in_words(value: float, lang: Lang, said: str) -> None:
    result = score_task(multiplied().task("B1"), seen_with(on_glyphs(value)), "", lang)
    assert result.multiplier is not None
    assert result.multiplier.message.endswith(said)


def test_tests_that_were_not_asked_for_the_share_keep_their_points() -> None:
    result = score_task(multiplied().task("B1"), seen_with(None), "", "en", asked=frozenset({SEED, EVAL}))
    assert [test.points for test in result.tests] == [2, 0.5, 0, 3.25]
    assert result.multiplier is None


def test_where_there_are_no_points_nothing_is_multiplied() -> None:
    failed = {test: outcome(test, "error") for test in (GLYPHS, SEED, EVAL, RAMP)}
    assert score_task(multiplied().task("B1"), failed, "", "en").multiplier is None
    assert score_task(FIRST, {CORE: outcome(CORE, "passed")}, "", "en").multiplier is None
