"""Public tests of I3: shapes and number of parameters."""

from __future__ import annotations

import torch

from autograder.testing import as_tensor


def test_shape_of_logits(student):
    """форма логитов / shape of the logits"""
    for settings, side in (({}, 32), ({"padding": 2}, 28)):
        images = torch.zeros(2, 1, side, side)
        logits = as_tensor(student.predict(student.LeNet5(**settings), images), "логиты / logits")
        assert tuple(logits.shape) == (2, 10), (
            f"логиты / logits: {tuple(logits.shape)}, ожидалось / expected (2, 10)"
        )


def test_parameters(student):
    """число параметров / number of parameters"""
    count = sum(value.numel() for value in student.state_dict(student.LeNet5()).values())
    assert count == 61_706, f"параметров / parameters: {count}, ожидалось / expected 61706"
