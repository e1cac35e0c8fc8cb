"""Public tests of G1: a 4x4 picture that can be checked by hand."""

from __future__ import annotations

import torch

from autograder.testing import assert_close

PICTURE = [[1, 3, 2, 4], [5, 7, 6, 8], [9, 2, 1, 0], [3, 4, 5, 6]]


def _image(rows: list[list[float]]) -> torch.Tensor:
    """(H, W) -> (1, 1, H, W)."""
    return torch.tensor(rows, dtype=torch.float32)[None, None]


def test_max(student):
    """максимум в окнах 2x2 / maximum of 2x2 windows"""
    actual = student.pool2d(_image(PICTURE), 2, mode="max")
    assert_close(actual, _image([[7, 8], [9, 6]]), what="максимум в окнах 2x2 / maximum of 2x2 windows")


def test_mean(student):
    """среднее в окнах 2x2 / mean of 2x2 windows"""
    actual = student.pool2d(_image(PICTURE), 2, mode="mean")
    assert_close(actual, _image([[4, 5], [4.5, 3]]), what="среднее в окнах 2x2 / mean of 2x2 windows")


def test_overlapping_windows(student):
    """окна 3x3 с шагом 1 / 3x3 windows with stride 1"""
    actual = student.pool2d(_image(PICTURE), 3, stride=1, mode="max")
    assert_close(actual, _image([[9, 8], [9, 8]]), what="окна 3x3 с шагом 1 / 3x3 windows, stride 1")
