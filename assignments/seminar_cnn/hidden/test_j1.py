"""Hidden tests of J1, `topk_error`: against sorting in numpy, and the laws of the metric.

Values may be plain numbers or tensors with one element. Logits are drawn from a continuous distribution: no ties.
Half of the labels are the best guess; none is class 0, which has a test of its own.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from autograder.remote.failures import StudentError
from autograder.testing import randn

TOLERANCE = 1e-6


def _draw(rng, n: int | None = None, num_classes: int | None = None) -> tuple[Tensor, Tensor]:
    n = n or int(rng.integers(30, 90))
    num_classes = num_classes or int(rng.integers(8, 15))
    logits, y = (
        randn(rng, n, num_classes, dtype=torch.float32),
        torch.from_numpy(rng.integers(1, num_classes, n)),
    )
    best = logits.argmax(dim=1)
    easy = torch.from_numpy(rng.random(n) < 0.5) & (best > 0)
    return logits, torch.where(easy, best, y)


def _errors(value: object, ks: tuple[int, ...]) -> dict[int, float]:
    """The student's answer as {k: number}."""
    assert isinstance(value, dict), f"the answer is a {type(value).__name__}, expected a dict"
    assert set(value) == set(ks), f"the keys are {sorted(map(str, value))}, expected {sorted(map(str, ks))}"
    numbers = {}
    for k, error in value.items():
        single = isinstance(error, Tensor) and error.numel() == 1
        plain = isinstance(error, (int, float)) and not isinstance(error, bool)
        assert single or plain, f"error of top {k} is a {type(error).__name__}, expected a number"
        numbers[int(k)] = float(error)
    return numbers


def _expected(logits: Tensor, y: Tensor, k: int) -> float:
    """Share of examples whose class is not among the k largest logits."""
    best = np.argsort(-logits.numpy().astype(np.float64), axis=1)[:, :k]
    return float(np.mean([label not in row for label, row in zip(y.numpy(), best, strict=True)]))


def _check(student, logits: Tensor, y: Tensor, ks: tuple[int, ...]) -> None:
    errors = _errors(student.topk_error(logits, y, ks=ks), ks)
    for k in ks:
        assert abs(errors[k] - _expected(logits, y, k)) < TOLERANCE, f"error of top {k} has a wrong value"


def test_top1(rng, student):
    for _ in range(3):
        logits, y = _draw(rng)
        _check(student, logits, y, (1,))


def test_topk(rng, student):
    for _ in range(3):
        logits, y = _draw(rng)
        _check(student, logits, y, (int(rng.integers(2, 4)), int(rng.integers(4, 7))))


def test_permutation(rng, student):
    logits, y = _draw(rng)
    ks = (1, 3)
    before = _errors(student.topk_error(logits, y, ks=ks), ks)
    assert 0 < before[1] < 1, "some of these examples are right, some are wrong"
    classes = torch.from_numpy(np.concatenate([[0], 1 + rng.permutation(logits.shape[1] - 1)]))
    rows = torch.from_numpy(rng.permutation(len(y)))
    after = _errors(student.topk_error(logits[rows][:, classes], torch.argsort(classes)[y[rows]], ks=ks), ks)
    assert all(abs(before[k] - after[k]) < TOLERANCE for k in ks), (
        "another order of classes changes the error"
    )


def test_scale(rng, student):
    logits, y = _draw(rng)
    ks = (1, 3)
    before = _errors(student.topk_error(logits, y, ks=ks), ks)
    assert 0 < before[1] < 1, "some of these examples are right, some are wrong"
    after = _errors(student.topk_error(2.5 * logits - 40, y, ks=ks), ks)
    assert all(abs(before[k] - after[k]) < TOLERANCE for k in ks), (
        "the error depends on the scale of the logits"
    )


def test_class_zero(rng, student):
    logits, y = _draw(rng, n=40)
    y = torch.zeros_like(y)
    logits[:25, 0] = 10
    _check(student, logits, y, (1,))


def test_all_classes(rng, student):
    logits, y = _draw(rng)
    num_classes = logits.shape[1]
    errors = _errors(student.topk_error(logits, y, ks=(1, num_classes)), (1, num_classes))
    assert abs(errors[num_classes]) < TOLERANCE, "with k equal to the number of classes nobody errs"
    assert errors[1] > 0, "on random logits some examples are wrong"


def test_default_ks(rng, student):
    logits, y = _draw(rng)
    expected = {k: _expected(logits, y, k) for k in (1, 5)}
    errors = _errors(student.topk_error(logits, y), (1, 5))
    assert all(abs(errors[k] - expected[k]) < TOLERANCE for k in (1, 5)), "without ks the values are wrong"


def test_one_example(rng, student):
    for place in (0, 2, 6):
        logits, _ = _draw(rng, n=1)
        logits[:, 0] = logits.min() - 1
        _check(student, logits, logits.argsort(dim=1, descending=True)[:, place], (1, 4))


def test_too_large(rng, student):
    logits, y = _draw(rng)
    student.topk_error(logits, y, ks=(1, logits.shape[1]))  # code that raises on everything proves nothing
    kind = "nothing"
    try:
        student.topk_error(logits, y, ks=(1, logits.shape[1] + 1))
    except StudentError as error:
        kind = error.kind
    assert kind == "ValueError", f"k above the number of classes raises {kind}, expected ValueError"
