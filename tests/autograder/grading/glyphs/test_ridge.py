"""The lower bar is the best ridge there is, found in closed form."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.grading.glyphs.drawing import Glyphs, Split
from autograder.grading.glyphs.ridge import PENALTIES, ridge_accuracy

TRAIN, TEST = (Glyphs(b"a key").draw(name, count) for name, count in (("train", 600), ("hidden", 300)))


def plain_accuracy(penalty: float) -> float:
    """The textbook: (X'X + penalty)^-1 X'Y on centred pixels."""
    pixels, asked = (split.images.reshape(len(split.images), -1) / 255 for split in (TRAIN, TEST))
    targets = np.eye(10)[TRAIN.labels]
    centred = pixels - pixels.mean(0)
    weights = np.linalg.solve(
        centred.T @ centred + penalty * np.eye(784), centred.T @ (targets - targets.mean(0))
    )
    return float((((asked - pixels.mean(0)) @ weights + targets.mean(0)).argmax(1) == TEST.labels).mean())


def test_it_is_the_best_of_ridges() -> None:
    each = [plain_accuracy(penalty) for penalty in PENALTIES]
    assert ridge_accuracy(TRAIN, TEST) == pytest.approx(max(each), abs=0.004)
    assert max(each) > min(each), "the penalty must matter, or there is nothing to choose"


def test_labels_that_mean_nothing_are_guessed() -> None:
    shuffled = Split(TRAIN.images, np.random.default_rng(0).permutation(TRAIN.labels))
    assert ridge_accuracy(shuffled, TEST) < 0.25
