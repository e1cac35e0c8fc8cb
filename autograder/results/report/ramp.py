"""The picture of a threshold: the reference's runs as dots, both bars, and where a submission stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.course.manifest import Manifest
from autograder.results.grade import ThresholdResult

PAD = 0.05
MARGIN_PERCENT = 3.0
DOT_PERCENT, LEVELS = 1.6, 4
TOP_PX, LEVEL_PX = 34, 7


@dataclass(frozen=True)
class Dot:
    """x in percent of the width, y in pixels."""

    x: float
    y: float


@dataclass(frozen=True)
class Ramp:
    """Places in percent of the width, so that the picture fits a telephone and its letters keep their size."""

    dots: tuple[Dot, ...]
    low_x: float
    high_x: float
    value_x: float | None
    low: float
    high: float


def ramp_picture(manifest: Manifest, result: ThresholdResult) -> Ramp:
    """Place the reference's runs, the two bars and the value on one axis. Raises: ValueError without bars."""
    runs = _runs(manifest, result.id)
    if result.low is None or result.high is None:
        raise ValueError(f"{result.id} has a value and no bars")
    everything = [*runs, result.low, result.high, *([result.value] if result.value is not None else [])]
    start, end = min(everything), max(everything)
    pad = PAD * (end - start)
    start, end = start - pad, end + pad

    def place(value: float) -> float:
        return round(MARGIN_PERCENT + (value - start) / (end - start) * (100 - 2 * MARGIN_PERCENT), 2)

    dots: list[Dot] = []
    for run in sorted(runs):
        x = place(run)
        level = sum(abs(dot.x - x) < DOT_PERCENT for dot in dots) % LEVELS
        dots.append(Dot(x, TOP_PX - LEVEL_PX * level))
    value_x = place(result.value) if result.value is not None else None
    return Ramp(tuple(dots), place(result.low), place(result.high), value_x, result.low, result.high)


def _runs(manifest: Manifest, test_id: str) -> Sequence[float]:
    tests = (test for task in manifest.tasks for test in task.tests if test.id == test_id)
    return next((test.threshold.dots for test in tests if test.threshold is not None), ())
