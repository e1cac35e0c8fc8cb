"""Hidden tests of I2b, `rbf_loss`: LeCun's equation 9, written out in float64."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from autograder.testing import as_tensor, assert_close, randn

CLASSES = 10


def _oracle(distances: Tensor, targets: Tensor, j: float) -> Tensor:
    rows = []
    for row, target in zip(distances.double(), targets.tolist(), strict=True):
        rows.append(row[target] + torch.log(math.exp(-j) + torch.exp(-row).sum()))
    return torch.stack(rows).mean()


def _batch(rng, n: int, classes: int = CLASSES) -> tuple[Tensor, Tensor]:
    """Distances of about 1, so that both terms of the sum matter, and targets."""
    distances = randn(rng, n, classes, dtype=torch.float32).square() * 1.5
    return distances, torch.from_numpy(rng.integers(0, classes, n))


def _check(loss: object, expected: Tensor) -> None:
    found = as_tensor(loss, "loss")
    assert found.numel() == 1, f"the loss has shape {tuple(found.shape)}, expected one number"
    assert_close(found.reshape(()), expected.float(), rtol=1e-4, atol=1e-5, what="loss")


def test_value(rng, student):
    for n in (2, int(rng.integers(5, 30))):
        distances, targets = _batch(rng, n)
        _check(student.rbf_loss(distances, targets, 1.0), _oracle(distances, targets, 1.0))


def test_rejection(rng, student):
    distances, targets = _batch(rng, 8)
    for j in (0.1, 3.0, float(rng.uniform(0.5, 2))):
        _check(student.rbf_loss(distances, targets, j), _oracle(distances, targets, j))


def test_gradient(rng, student):
    distances, targets = _batch(rng, 6)
    asked = student.rbf_loss.options(requires_grad=(0,), upstream=torch.ones(()), want=("grads",))
    grad = asked(distances, targets, 1.0).grads[0]
    leaf = distances.double().requires_grad_()
    _oracle(leaf, targets, 1.0).backward()
    assert_close(grad, leaf.grad.float(), rtol=1e-4, atol=1e-6, what="gradient")


def test_far_away(rng, student):
    # exp(-150) is zero in float32; at the beginning of training distances are that large.
    distances, targets = _batch(rng, 6)
    far = 150.0
    expected = _oracle(
        distances, targets, 1.0
    )  # the loss does not change when all distances and j grow alike
    _check(student.rbf_loss(distances + far, targets, 1.0 + far), expected)


def test_batch_of_one(rng, student):
    distances, targets = _batch(rng, 1)
    _check(student.rbf_loss(distances, targets, 1.0), _oracle(distances, targets, 1.0))
