"""topk_error against a sort in plain Python, and by its laws."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hw_cnn import metrics


def brute_force(logits: list[list[float]], targets: list[int], k: int) -> float:
    wrong = 0
    for row, target in zip(logits, targets, strict=True):
        # Among equal logits the true class comes last.
        guesses = sorted(range(len(row)), key=lambda c: (-row[c], c == target))
        wrong += target not in guesses[:k]
    return wrong / len(targets)


@st.composite
def scored_images(draw):
    num_images, num_classes = draw(st.integers(1, 6)), draw(st.integers(1, 7))
    # Few different values, so that ties are common.
    value = st.integers(-3, 3).map(float)
    logits = [draw(st.lists(value, min_size=num_classes, max_size=num_classes)) for _ in range(num_images)]
    targets = [draw(st.integers(0, num_classes - 1)) for _ in range(num_images)]
    return logits, targets


@settings(deadline=None, max_examples=300)
@given(case=scored_images())
def test_equals_brute_force(case):
    logits, targets = case
    ks = tuple(range(1, len(logits[0]) + 1))
    result = metrics.topk_error(torch.tensor(logits), torch.tensor(targets), ks)
    assert result == {k: pytest.approx(brute_force(logits, targets, k), abs=1e-12) for k in ks}


def test_laws():
    generator = torch.Generator().manual_seed(1)
    logits = torch.randn(200, 10, generator=generator)
    targets = torch.randint(0, 10, (200,), generator=generator)
    errors = metrics.topk_error(logits, targets, (1, 5, 10))
    assert 0 <= errors[10] <= errors[5] <= errors[1] <= 1
    assert errors[10] == 0
    assert metrics.topk_error(3 * logits + 7, targets, (1, 5, 10)) == errors
    permutation = torch.randperm(10, generator=generator)
    assert metrics.topk_error(logits[:, permutation], permutation.argsort()[targets], (1, 5, 10)) == errors


def test_class_zero_counts():
    assert metrics.topk_error(torch.tensor([[2.0, 1.0]]), torch.tensor([0]), (1,)) == {1: 0.0}


def test_ties_and_nan_count_against_the_network():
    assert metrics.topk_error(torch.zeros(4, 10), torch.arange(4)) == {1: 1.0, 5: 1.0}
    logits = torch.tensor([[math.nan, 1.0, 0.0], [1.0, 0.0, math.nan]])
    assert metrics.topk_error(logits, torch.tensor([0, 0]), (1, 2)) == {1: 1.0, 2: 0.5}


@pytest.mark.parametrize(
    ("shape", "targets", "ks", "message"),
    [
        ((2, 3), [0, 1], (4,), r"k \(=4\) must lie in 1..3"),
        ((2, 3), [0, 1], (0,), r"k \(=0\) must lie in 1..3"),
        ((2, 3), [0], (1,), "expected \\(N, C\\) and \\(N,\\)"),
        ((0, 3), [], (1,), "N > 0"),
        ((2, 3), [0, 3], (1,), "expected 0..2"),
        ((2, 3), [0, -1], (1,), "expected 0..2"),
    ],
)
def test_refuses(shape, targets, ks, message):
    with pytest.raises(ValueError, match=message):
        metrics.topk_error(torch.zeros(shape), torch.tensor(targets, dtype=torch.int64), ks)
