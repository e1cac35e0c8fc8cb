"""The distribution of a class's points as a picture: a bar for each tenth of the maximum, more for bonus points."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

TENTHS = 10
HEIGHT_PX, HEAD_PX, GAP_PERCENT = 130, 18, 0.8


@dataclass(frozen=True)
class Bar:
    """How many have more than `start` and at most `end` points (the first bar: 0, too).

    x, width, middle in percent of the width; y, height in pixels.
    """

    start: float
    end: float
    count: int
    x: float
    width: float
    y: float
    height: float

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


@dataclass(frozen=True)
class Histogram:
    """median_x: in percent of the width. edges: place in percent and points."""

    bars: tuple[Bar, ...]
    edges: tuple[tuple[float, float], ...]
    median_x: float


def histogram(points: Sequence[float], most: float, median: float) -> Histogram:
    """Args: most: the compulsory maximum; points may lie above it."""
    step = most / TENTHS
    counts = [0] * max(TENTHS, *(math.ceil(one / step - 1e-9) for one in points))
    for one in points:
        counts[max(0, math.ceil(one / step - 1e-9) - 1)] += 1
    width, highest = 100 / len(counts), max(counts)
    bars = []
    for place, count in enumerate(counts):
        height = round(HEIGHT_PX * count / highest, 1) if highest else 0.0
        bars.append(
            Bar(
                place * step, (place + 1) * step, count,
                round(place * width + GAP_PERCENT / 2, 2), round(width - GAP_PERCENT, 2),
                round(HEAD_PX + HEIGHT_PX - height, 1), height,
            )
        )  # fmt: skip
    edges = tuple((round(place * width, 2), place * step) for place in range(len(counts) + 1))
    return Histogram(tuple(bars), edges, round(median / step * width, 2))
