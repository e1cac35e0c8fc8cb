"""From what the judge saw to points: pure functions, nothing is read or run here.

Points are rounded half-up to two decimals, what was measured to three; every missing verdict is zero points and a case
for staff.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from autograder.course.manifest import Manifest, Task, Test
from autograder.results.grade import (
    Diagnosis,
    MultiplierResult,
    Outcome,
    Status,
    TaskResult,
    TestResult,
    ThresholdResult,
)
from autograder.results.totals import round_half_up
from autograder.text import Lang, Text, number
from hw_cnn.evaluation.wilson import wilson

DECIMALS = 3

NO_VERDICT = Text(
    ru="Проверка не дала ответа: баллы не начислены, работу посмотрит преподаватель.",
    en="This check gave no verdict: no points, and a member of staff will look at it.",
)
HALF_WAY = Text(
    ru="Измерено {value}: ноль баллов при {low}, все при {high}.",
    en="Measured {value}: no points at {low}, all of them at {high}.",
)
NEW_CLASSES = Text(
    ru="Обучение на десяти классах, которых раньше нигде не было: доля верных ответов {value} (ноль баллов при {low}, "
    "все при {high})",
    en="Your training on ten classes that have never been anywhere before gets {value} of them right (no points at "
    "{low}, all at {high})",
)
NOTHING_LEARNT = Text(
    ru="Обучение на десяти классах, которых раньше нигде не было, не дало результата",
    en="Your training on ten classes that have never been anywhere before gave no result",
)
ALL_POINTS = Text(ru="баллы задания сохраняются полностью.", en="the task keeps all its points.")
MULTIPLIED = Text(
    ru="баллы задания умножены на {share}.", en="the points of the task are multiplied by {share}."
)
BUT_SPARED = Text(ru=" Не умножены баллы за: «{what}»", en=' Not multiplied: "{what}"')


class Bars(NamedTuple):
    """No points at `low`, all of them at `high`."""

    low: float
    high: float


def shown_value(value: float) -> float:
    """A measured value as results and pages hold it."""
    return round_half_up(value, DECIMALS) if math.isfinite(value) else value


def coarse(seconds: float) -> float:
    """Two digits of a time: a student's code decides how long it takes, and could say more with more of them."""
    return float(f"{seconds:.2g}")


def ramp(value: float, bars: Bars) -> float:
    """The share of the points that `value` earns: 0 at `low`, 1 at `high`, linear between; 0 for NaN."""
    if math.isnan(value):
        return 0.0
    share = (value - bars.low) / (bars.high - bars.low)
    return min(1.0, max(0.0, share))


def bars_of(test: Test, outcome: Outcome | None) -> Bars | None:
    """Those of the manifest, or what was measured in their place; None where neither says anything."""
    bars = outcome if test.threshold is not None and test.threshold.margin is not None else test.threshold
    if bars is None or bars.low is None or bars.high is None or not bars.low < bars.high:
        return None
    return Bars(bars.low, bars.high)


def multiplier_of(
    task: Task, outcomes: Mapping[str, Outcome], lang: Lang, asked: Collection[str] | None = None
) -> MultiplierResult | None:
    """By what the points of a task are multiplied: 0 where that was to be measured and was not.

    asked: the tests that were to run, None for all. None for a task without a multiplier, or that was not asked for it.
    """
    chosen = task.multiplier
    if chosen is None or (asked is not None and chosen.test not in asked):
        return None
    test = next(test for test in task.tests if test.id == chosen.test)
    outcome = outcomes.get(test.id)
    bars = bars_of(test, outcome)
    if outcome is None or outcome.verdict != "passed" or outcome.value is None or bars is None:
        share, what = 0.0, NOTHING_LEARNT.get(lang)
    else:
        share = ramp(outcome.value, bars)
        value, low, high = (number(shown_value(one), lang) for one in (outcome.value, *bars))
        what = NEW_CLASSES.get(lang).format(value=value, low=low, high=high)
    if share == 1:
        words = ALL_POINTS.get(lang)
    else:
        words = MULTIPLIED.get(lang).format(share=number(round_half_up(share), lang))
        spared = [test.sentence.get(lang) for test in task.tests if test.id in chosen.spares]
        words += "".join(BUT_SPARED.get(lang).format(what=sentence) for sentence in spared)
    return MultiplierResult(test=test.id, share=share, message=f"{what}: {words}")


def score_test(test: Test, outcome: Outcome | None, lang: Lang) -> TestResult:
    """Points of one test. A test that nobody ran has no verdict."""
    if outcome is None or outcome.verdict is None:
        message = NO_VERDICT.get(lang)
        return TestResult(id=test.id, passed=None, points=0.0, max_points=test.points, message=message)
    points, message = 0.0, outcome.message
    if outcome.verdict == "passed" and test.threshold is None:
        points = test.points
    elif outcome.verdict == "passed" and test.threshold is not None:
        bars = bars_of(test, outcome)
        if outcome.value is None or bars is None:
            return TestResult(
                id=test.id, passed=None, points=0.0, max_points=test.points, message=NO_VERDICT.get(lang)
            )
        points = round_half_up(test.points * ramp(outcome.value, bars))
        value, low, high = (number(shown_value(one), lang) for one in (outcome.value, *bars))
        message = HALF_WAY.get(lang).format(value=value, low=low, high=high)
    passed = points >= test.points
    return TestResult(
        id=test.id,
        passed=passed,
        points=points,
        max_points=test.points,
        message=message if not passed or test.threshold else "",
        difference=outcome.difference,
        example=outcome.example,
    )


def score_task(
    task: Task,
    outcomes: Mapping[str, Outcome],
    source: str,
    lang: Lang,
    diagnosis: tuple[Diagnosis, ...] = (),
    asked: Collection[str] | None = None,
    forgiven: Collection[str] = (),
) -> TaskResult:
    """Points of one task: the sum of its tests, multiplied where the task says so; 0 for a written one.

    asked: the tests that were to run, None for all. forgiven: passed tests that have met a wrong answer.
    """
    alone = [score_test(test, outcomes.get(test.id), lang) for test in task.tests]
    multiplier = multiplier_of(task, outcomes, lang, asked) if any(test.points for test in alone) else None
    tests = tuple(
        _multiplied(result, task, test, multiplier).model_copy(
            update={"forgiven": result.passed is True and test.id in forgiven}
        )
        for result, test in zip(alone, task.tests, strict=True)
    )
    return TaskResult(
        id=task.id,
        title=task.title.get(lang),
        score=round_half_up(sum(test.points for test in tests)),
        max_score=task.points,
        bonus=task.bonus,
        source=source,
        tests=tests,
        multiplier=multiplier,
        diagnosis=diagnosis,
    )


def _multiplied(
    result: TestResult, task: Task, test: Test, multiplier: MultiplierResult | None
) -> TestResult:
    if multiplier is None or not task.is_multiplied(test):
        return result
    return result.model_copy(update={"points": round_half_up(result.points * multiplier.share)})


def score_thresholds(
    manifest: Manifest,
    outcomes: Mapping[str, Outcome],
    lang: Lang,
    asked: Collection[str] | None = None,
) -> tuple[ThresholdResult, ...]:
    """Every ramp of the assignment with what was measured, its 95 % interval, the bars and the points.

    Points come from the value alone; the interval is shown beside it. More decimals would tell what a network answered
    to single hidden images.
    """
    results = []
    for task in manifest.tasks:
        multiplier = multiplier_of(task, outcomes, lang, asked)
        for test in task.tests:
            if test.threshold is None:
                continue
            outcome = outcomes.get(test.id)
            bars = bars_of(test, outcome)
            has_value = outcome is not None and outcome.verdict == "passed" and bars is not None
            value = outcome.value if outcome is not None and has_value else None
            share = ramp(value, bars) if value is not None and bars is not None else 0.0
            if multiplier is not None and task.is_multiplied(test):
                share *= multiplier.share
            results.append(
                ThresholdResult(
                    id=test.id,
                    metric=test.threshold.metric,
                    value=None if value is None else shown_value(value),
                    values=tuple(map(shown_value, outcome.values)) if outcome else (),
                    low=shown_value(bars.low) if bars is not None else None,
                    high=shown_value(bars.high) if bars is not None else None,
                    points=round_half_up(test.points * share),
                    max_points=test.points,
                    interval=_interval(value, outcome.num_images if outcome is not None else None),
                    note=test.threshold.note.get(lang) if test.threshold.note is not None else "",
                )
            )
    return tuple(results)


def _interval(value: float | None, num_images: int | None) -> tuple[float, float] | None:
    """What was measured is shown in any case; an interval only around a share of at least one image."""
    if value is None or not num_images or not 0 <= value <= 1:
        return None
    low, high = wilson(value, num_images)
    return shown_value(low), shown_value(high)


def status_of(*, load_timeout: bool, load_crashed: bool, tasks: tuple[TaskResult, ...]) -> Status:
    """The first status that fits, for a submission that could be read."""
    if load_timeout:
        return "timeout"
    if load_crashed:
        return "crashed"
    return "partial" if lacks_verdict(tasks) else "graded"


def lacks_verdict(tasks: Iterable[TaskResult]) -> bool:
    """Whether a test has no verdict: then staff must look."""
    return any(test.passed is None for task in tasks for test in task.tests)
