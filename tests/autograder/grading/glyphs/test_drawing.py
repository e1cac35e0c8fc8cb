"""Glyphs are decided by their key alone, and differ as the course says: pairs in one stroke, samples in everything."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.grading.glyphs import drawing
from autograder.grading.glyphs.drawing import Glyphs

KEYS = [f"key {number}".encode() for number in range(4)]


def test_a_key_says_everything() -> None:
    one, again = (Glyphs(b"a key").draw("train", 60) for _ in range(2))
    assert np.array_equal(one.images, again.images)
    assert np.array_equal(one.labels, again.labels)


@pytest.mark.parametrize(
    "other", [Glyphs(b"another key").draw("train", 60), Glyphs(b"a key").draw("val", 60)]
)
def test_another_key_or_split_gives_other_images(other: drawing.Split) -> None:
    images = {image.tobytes() for image in Glyphs(b"a key").draw("train", 60).images}
    assert len(images) == 60
    assert not images & {image.tobytes() for image in other.images}


def test_images_are_like_the_digits() -> None:
    split = Glyphs(b"a key").draw("train", 1000)
    assert (split.images.dtype, split.images.shape) == (np.uint8, (1000, 28, 28))
    assert (split.labels.dtype, split.labels.shape) == (np.int64, (1000,))
    assert np.array_equal(np.bincount(split.labels), np.full(10, 100))
    assert (np.diff(split.labels) < 0).any(), "the labels must not be sorted"
    # The digits have a mean of 33: much black, little ink; each glyph has some.
    assert 15 < split.images.mean() < 60
    assert split.images.reshape(1000, -1).max(1).min() > 200


@pytest.mark.parametrize("key", KEYS)
def test_two_of_a_pair_differ_in_one_stroke(key: bytes) -> None:
    classes = Glyphs(key)._classes
    for pair in range(drawing.NUM_PAIRS):
        one, other = classes[2 * pair], classes[2 * pair + 1]
        assert np.array_equal(one[:-1], other[:-1])
        gaps = np.sqrt(((drawing._points(one[-1])[:, None] - drawing._points(other[-1])[None]) ** 2).sum(-1))
        assert min(gaps.min(0).max(), gaps.min(1).max()) >= drawing.MIN_DISTANCE
    first = {classes[2 * pair].tobytes() for pair in range(drawing.NUM_PAIRS)}
    assert len(first) == drawing.NUM_PAIRS
    assert np.abs(classes).max() <= drawing.EXTENT


def test_a_curve_goes_from_its_first_point_to_its_last() -> None:
    points = drawing._points(np.array([[0, 0], [1, 1], [2, 0]], np.float32))
    assert np.allclose(points[[0, -1]], [[0, 0], [2, 0]])
    # A parabola: y = x(2 - x)/2.
    assert np.allclose(points[:, 1], points[:, 0] * (2 - points[:, 0]) / 2, atol=1e-6)


def test_a_pixel_is_as_bright_as_it_is_near(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("JITTER", 0.0), ("TURN_RAD", 0.0), ("SLANT", 0.0), ("SHIFT", 0.0)):
        monkeypatch.setattr(drawing, name, value)
    monkeypatch.setattr(drawing, "SCALE", (1.0, 1.0))
    monkeypatch.setattr(drawing, "PEN", (0.1, 0.1))
    classes = Glyphs(b"a key")._classes[:1]
    image = drawing._draw(classes, np.random.default_rng(0))[0]
    axis = np.linspace(-1, 1, 28)
    points = drawing._points(classes[0]).reshape(-1, 2)
    for row, column in ((3, 5), (14, 14), (20, 9), (8, 17)):
        squares = ((np.array([axis[column], axis[row]]) - points) ** 2).sum(1)
        assert abs(int(image[row, column]) - 255 * np.exp(-squares.min() / 0.02)) <= 1
