"""Hidden tests of X1, `own_digits`: how many of the ten images are a digit of one's own, of the class of their number.

What is looked at stands in `hw_cnn.data.likeness`, which students have: there is nothing here that they cannot see.
"""

from __future__ import annotations

import torch
from torch import Tensor

from autograder.testing import as_tensor
from hw_cnn.data import likeness

SHAPE = (10, 28, 28)
NO_POINTS = 5


def _drawn(student) -> Tensor:
    answer = as_tensor(student.own_digits())
    assert tuple(answer.shape) == SHAPE, f"the images have shape {tuple(answer.shape)}, expected {SHAPE}"
    assert not answer.is_complex(), f"the images have dtype {answer.dtype}"
    assert bool(torch.isfinite(answer).all()), "the images hold NaN or infinity"
    return answer


def test_own_digits(student, threshold):
    student.stop_recording()  # nobody's digits stand beside the reference's
    found = likeness.examine_digits(_drawn(student))
    threshold.record(found.count("fine") / len(found))


def test_same_again(student, threshold):
    student.stop_recording()
    first, second = _drawn(student), _drawn(student)
    assert likeness.examine_digits(first).count("fine") > NO_POINTS, "too few images count"
    threshold.record(sum(torch.equal(*pair) for pair in zip(first, second, strict=True)) / len(first))
