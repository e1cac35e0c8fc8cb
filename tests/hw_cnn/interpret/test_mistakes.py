"""Mistakes by brute force."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from hw_cnn.interpret.mistakes import mistakes


@given(st.integers(0, 12), st.integers(2, 5), st.integers(0, 8), st.integers(0, 999))
def test_by_brute_force(count, num_classes, k, seed):
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(count, num_classes, generator=generator, dtype=torch.float64)
    labels = torch.randint(num_classes, (count,), generator=generator)
    wrong = []
    for number, (row, label) in enumerate(zip(logits.tolist(), labels.tolist(), strict=True)):
        answer = row.index(max(row))
        if answer != label:
            weights = torch.tensor(row).double().exp()
            wrong.append((number, answer, float(weights[answer] / weights.sum())))
    wrong.sort(key=lambda one: -one[2])
    found = mistakes(logits, labels, k)
    assert found.indices.tolist() == [one[0] for one in wrong[:k]]
    assert found.predicted.tolist() == [one[1] for one in wrong[:k]]
    assert found.confidence.tolist() == pytest.approx([one[2] for one in wrong[:k]])


def test_equally_sure_mistakes_come_in_their_order():
    logits = torch.tensor([[1.0, 2.0, 0.0], [0.0, 3.0, 0.0]]).repeat(3, 1)
    found = mistakes(logits, torch.tensor([0, 0, 1, 2, 2, 2]), 4)
    assert found.indices.tolist() == [1, 3, 5, 0]
    assert found.predicted.tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize(("shape", "count", "k"), [((4,), 4, 1), ((4, 3), 5, 1), ((4, 3), 4, -1)])
def test_refusals(shape, count, k):
    with pytest.raises(ValueError, match=r"expected \(N, num_classes\), \(N,\) and at least 0"):
        mistakes(torch.zeros(shape), torch.zeros(count, dtype=torch.int64), k)
