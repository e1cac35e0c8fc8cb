"""Hidden tests of I2b, `rbf_loss`: LeCun's equation 9, written out in float64.

The value is seen by `test_value` alone, whatever becomes of j, which has a test of its own. The others compare the
student's loss with itself, once it has been seen to depend on the distances: it stays the same when all distances and
j grow alike, and its gradient is that of its own differences.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from autograder.testing import as_number, as_tensor, randn

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


def _own(student, distances: Tensor, targets: Tensor, j: float) -> float:
    return _as_loss(student.rbf_loss(distances, targets, j))


def _as_loss(answer: object) -> float:
    found = as_tensor(answer, "loss")
    assert found.numel() == 1, f"the loss has shape {tuple(found.shape)}, expected one number"
    return as_number(found, "loss")


def _is_same(one: float, other: float) -> bool:
    return abs(one - other) < 1e-4 * (1 + abs(other))


def _check_depends(rng, student) -> None:
    """Other distances give another loss."""
    distances, targets = _batch(rng, 4)
    answers = [student.rbf_loss(factor * distances, targets, 1.0) for factor in (1, 2)]
    assert not _is_same(*map(_as_loss, answers)), "the loss does not depend on the distances"


def test_value(rng, student):
    batches = [_batch(rng, n) for n in (2, int(rng.integers(5, 30)))]
    answers = [student.rbf_loss(distances, targets, 1.0) for distances, targets in batches]
    for (distances, targets), answer in zip(batches, answers, strict=True):
        found = _as_loss(answer)
        # With exp(-j), with exp(j), without j.
        expected = [float(_oracle(distances, targets, j)) for j in (1.0, -1.0, math.inf)]
        assert any(_is_same(found, value) for value in expected), "the loss has a wrong value"


def test_rejection(rng, student):
    distances, targets = _batch(rng, 8)
    small, large = (_own(student, distances, targets, j) for j in (0.1, 3.0))
    alike = []
    for j in (0.1, float(rng.uniform(0.5, 2))):
        grown = _own(student, distances + 2, targets, j + 2)
        alike.append((grown, _own(student, distances, targets, j)))
    assert small - large > 1e-2, "the loss does not fall with j"
    for grown, before in alike:
        assert _is_same(grown, before), "j and distances do not count alike"


def test_gradient(rng, student):
    distances, targets = _batch(rng, 6)
    asked = student.rbf_loss.options(requires_grad=(0,), upstream=torch.ones(()), want=("out", "grads"))
    result = asked(distances, targets, 1.0)
    directions, h = [randn(rng, *distances.shape, dtype=torch.float32) for _ in range(4)], 1e-2
    steps = [
        [_own(student, distances + sign * h * direction, targets, 1.0) for sign in (1, -1)]
        for direction in directions
    ]
    _check_depends(rng, student)
    grad = as_tensor(result.grads[0], "gradient")
    assert grad.shape == distances.shape, f"the gradient has shape {tuple(grad.shape)}"
    assert grad.is_floating_point(), f"the gradient has dtype {grad.dtype}"
    for direction, (ahead, behind) in zip(directions, steps, strict=True):
        slope = float((grad.double() * direction).sum())
        assert abs((ahead - behind) / (2 * h) - slope) < 5e-3 * (1 + abs(slope)), (
            "the gradient is not that of the loss"
        )


def test_far_away(rng, student):
    # exp(-150) is zero in float32; at the beginning of training distances are that large.
    distances, targets = _batch(rng, 6)
    far = 150.0
    answers = [
        student.rbf_loss(other, targets, j)
        for other, j in ((distances, 1.0), (2 * distances, 1.0), (distances + far, 1.0 + far))
    ]
    near, twice, grown = map(_as_loss, answers)
    assert not _is_same(near, twice), "the loss does not depend on distances"
    # Growing alike, distances and j leave it as it is; where a sign is wrong it moves with them.
    assert any(abs(grown - value) < 1e-3 * (1 + abs(value)) for value in (near, near + far, near - far)), (
        "large distances give another loss"
    )


def test_batch_of_one(rng, student):
    distances, targets = _batch(rng, 1)
    alone = _own(student, distances, targets, 1.0)
    twice = _own(student, distances.repeat(2, 1), targets.repeat(2), 1.0)
    _check_depends(rng, student)
    # A sum in place of the mean is paid for in `test_value`.
    assert _is_same(twice, alone) or _is_same(twice, 2 * alone), "a batch of one has another loss"
