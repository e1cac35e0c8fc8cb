"""Ten classes of glyphs drawn from a key: five pairs, and the two of a pair differ in one stroke.

A glyph is three quadratic Bezier curves in the square [-0.7, 0.7]². A sample moves every control point a little, then
slants, turns, scales and shifts the whole, and draws it with a pen of its own width: a pixel at distance d from the
nearest curve has the value exp(-d²/2w²). A key says everything: the same key gives the same images anywhere.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

NUM_PAIRS, NUM_CLASSES, SIDE_PX = 5, 10, 28
STROKES, CONTROL_POINTS = 3, 3
EXTENT, JITTER = 0.7, 0.10
TURN_RAD, SLANT, SHIFT = 0.25, 0.25, 0.2
SCALE, PEN = (0.85, 1.15), (0.05, 0.10)
# A stroke that is a dot, or that lies on the one it replaces, would make two classes look the same.
MIN_LENGTH, MIN_DISTANCE = 0.7, 0.5
POINTS_PER_STROKE = 24
AT_ONCE = 500

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Split:
    """images: (N, 28, 28) uint8, white on black like the digits; labels: (N) int64, as many of each class."""

    images: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.int64]


class Glyphs:
    """The classes of one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._classes = _classes(self._generator("classes"))

    def draw(self, split: str, count: int) -> Split:
        """`count` samples, in random order; another name of the split gives other samples of the same classes."""
        rng = self._generator(f"split {split}")
        labels = rng.permutation(np.arange(count) % NUM_CLASSES)
        images = [
            _draw(self._classes[labels[start : start + AT_ONCE]], rng) for start in range(0, count, AT_ONCE)
        ]
        return Split(np.concatenate(images), labels.astype(np.int64))

    def _generator(self, purpose: str) -> np.random.Generator:
        seed = hashlib.sha256(self._key + b"\0" + purpose.encode()).digest()
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(int.from_bytes(seed, "big"))))


def _classes(rng: np.random.Generator) -> Floats:
    """Control points (NUM_CLASSES, STROKES, CONTROL_POINTS, 2); classes 2i and 2i+1 share all strokes but the last."""
    classes = np.empty((NUM_CLASSES, STROKES, CONTROL_POINTS, 2), np.float32)
    for pair in range(NUM_PAIRS):
        classes[2 * pair] = [_stroke(rng) for _ in range(STROKES)]
        classes[2 * pair + 1] = classes[2 * pair]
        classes[2 * pair + 1, -1] = _other_stroke(rng, classes[2 * pair, -1])
    return classes


def _stroke(rng: np.random.Generator) -> Floats:
    while True:
        stroke = rng.uniform(-EXTENT, EXTENT, (CONTROL_POINTS, 2)).astype(np.float32)
        steps = np.diff(_points(stroke), axis=0)
        if np.sqrt((steps**2).sum(-1)).sum() >= MIN_LENGTH:
            return stroke


def _other_stroke(rng: np.random.Generator, stroke: Floats) -> Floats:
    """A stroke of which some part is far from all of `stroke`, and the other way round."""
    while True:
        other = _stroke(rng)
        gaps = np.sqrt(((_points(stroke)[:, None] - _points(other)[None]) ** 2).sum(-1))
        if min(gaps.min(0).max(), gaps.min(1).max()) >= MIN_DISTANCE:
            return other


def _points(strokes: Floats) -> Floats:
    """Points on curves: (..., CONTROL_POINTS, 2) -> (..., POINTS_PER_STROKE, 2)."""
    t = np.linspace(0, 1, POINTS_PER_STROKE, dtype=np.float32)
    weights = np.stack([(1 - t) ** 2, 2 * t * (1 - t), t**2], axis=1)
    return np.asarray(weights @ strokes, np.float32)


def _draw(classes: Floats, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """One sample of each: (N, STROKES, CONTROL_POINTS, 2) -> (N, 28, 28) uint8."""
    count = len(classes)
    control = classes + rng.normal(0, JITTER, classes.shape).astype(np.float32)
    points = _points(control).reshape(count, -1, 2) @ _transforms(rng, count)
    points = points + rng.uniform(-SHIFT, SHIFT, (count, 1, 2)).astype(np.float32)
    pen = rng.uniform(*PEN, (count, 1, 1)).astype(np.float32)
    axis = np.linspace(-1, 1, SIDE_PX, dtype=np.float32)
    # exp(-(dx² + dy²)/2w²) is a product of one factor for the column and one for the row.
    columns, rows = (np.exp(-((axis - points[..., i, None]) ** 2) / (2 * pen**2)) for i in (0, 1))
    ink = np.zeros((count, SIDE_PX, SIDE_PX), np.float32)
    for number in range(points.shape[1]):
        np.maximum(ink, rows[:, number, :, None] * columns[:, number, None, :], out=ink)
    return np.rint(ink * 255).astype(np.uint8)


def _transforms(rng: np.random.Generator, count: int) -> Floats:
    """Slant, then turn and scale, as matrices (N, 2, 2) for points written as rows."""
    turn = rng.uniform(-TURN_RAD, TURN_RAD, count)
    slant = rng.uniform(-SLANT, SLANT, count)
    scale = rng.uniform(*SCALE, count)
    slanting = np.zeros((count, 2, 2))
    slanting[:, 0, 0] = slanting[:, 1, 1] = 1
    slanting[:, 1, 0] = slant
    cos, sin = np.cos(turn), np.sin(turn)
    turning = np.stack([np.stack([cos, sin], -1), np.stack([-sin, cos], -1)], 1)
    return np.asarray(scale[:, None, None] * (slanting @ turning), np.float32)
