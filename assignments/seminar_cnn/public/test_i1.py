"""Public tests of I1: shapes and numbers of parameters."""

from __future__ import annotations

import torch

from autograder.testing import as_tensor


def _parameters(student, net) -> int:
    return sum(value.numel() for value in student.parameters(net).values())


def test_shape_of_logits(student):
    """форма логитов / shape of the logits"""
    logits = as_tensor(student.predict(student.SeminarCNN(), torch.zeros(2, 1, 28, 28)), "логиты / logits")
    assert tuple(logits.shape) == (2, 10), (
        f"логиты / logits: {tuple(logits.shape)}, ожидалось / expected (2, 10)"
    )


def test_parameters(student):
    """число параметров / number of parameters"""
    for settings, expected in (({}, 44_426), ({"preset": "hse"}, 47_658)):
        count = _parameters(student, student.SeminarCNN(**settings))
        assert count == expected, (
            f"параметров / parameters: {count}, ожидалось / expected {expected} ({settings})"
        )


def test_colour_images(student):
    """цветные картинки 3x32x32 / colour images 3x32x32"""
    net = student.SeminarCNN(in_channels=3, image_size=32)
    count = _parameters(student, net)
    assert count == 62_006, f"параметров / parameters: {count}, ожидалось / expected 62006 (3x32x32)"
    logits = as_tensor(student.predict(net, torch.zeros(2, 3, 32, 32)), "логиты / logits")
    assert tuple(logits.shape) == (2, 10), (
        f"логиты / logits: {tuple(logits.shape)}, ожидалось / expected (2, 10)"
    )
