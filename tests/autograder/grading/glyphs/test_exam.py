"""What a training is given holds no hidden glyph; bars follow from what was measured."""

from __future__ import annotations

import pytest
import torch

from autograder.errors import GraderError
from autograder.grading.glyphs.exam import NUM_HIDDEN, SIZES, Bars, Examination, glyph_secret
from hw_cnn.data import DigitsDataModule

SECRET = glyph_secret(b"course key", "seminar_cnn")


def test_every_part_is_glyphs_and_as_large_as_that_of_the_digits() -> None:
    data = DigitsDataModule()
    for stage in ("fit", "test"):
        data.setup(stage)
    parts = Examination(SECRET, 0.1).parts
    assert set(parts) == set(data.splits)
    for name, (images, labels) in data.splits.items():
        assert (parts[name][0].shape, parts[name][0].dtype) == (images.shape, images.dtype)
        assert (parts[name][1].shape, parts[name][1].dtype) == (labels.shape, labels.dtype)
        assert not torch.equal(parts[name][0], images)
    assert {name: len(labels) for name, (_, labels) in parts.items()} == SIZES


def test_no_hidden_glyph_is_given_away() -> None:
    exam = Examination(SECRET, 0.1)
    given = {image.numpy().tobytes() for images, _ in exam.parts.values() for image in images}
    hidden = {image.numpy().tobytes() for image in exam.hidden[0]}
    assert len(given) == sum(SIZES.values())
    assert len(hidden) == NUM_HIDDEN
    assert not given & hidden


@pytest.mark.parametrize(("key", "name"), [(b"other key", "seminar_cnn"), (b"course key", "other")])
def test_key_and_assignment_decide(key: bytes, name: str) -> None:
    assert glyph_secret(key, name) != SECRET
    assert Examination(glyph_secret(key, name), 0.1).seed != Examination(SECRET, 0.1).seed


def test_the_bars_are_those_of_ridge_and_reference() -> None:
    exam = Examination(SECRET, 0.1, Bars(0.75, 0.99, 5.0))
    assert (exam.low, exam.high) == (0.75, pytest.approx(0.89))


@pytest.mark.parametrize("bars", [None, GraderError("the reference was not trained")])
def test_without_bars_nobody_is_judged(bars: GraderError | None) -> None:
    exam = Examination(SECRET, 0.1, bars)
    with pytest.raises(GraderError, match=r"^the reference was not trained"):
        _ = exam.low
