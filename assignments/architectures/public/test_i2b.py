"""Public test of I2b: one image, two classes, by hand."""

from __future__ import annotations

import math

import torch

from autograder.testing import as_tensor


def test_two_classes(student):
    """две картинки, два класса / two images, two classes"""
    loss = as_tensor(
        student.rbf_loss(torch.tensor([[0.0, 1.0], [2.0, 0.5]]), torch.tensor([0, 0]), 1.0),
        "ответ / output",
    )
    first = 0.0 + math.log(math.exp(-1) + 1 + math.exp(-1))
    second = 2.0 + math.log(math.exp(-1) + math.exp(-2) + math.exp(-0.5))
    expected = (first + second) / 2
    assert loss.numel() == 1, (
        f"ответ / output: {tuple(loss.shape)}, ожидалось одно число / expected one number"
    )
    assert abs(float(loss) - expected) < 1e-4, (
        f"ответ / output: {float(loss):.4f}, ожидалось / expected {expected:.4f}"
    )
