"""Nearest neighbours against brute force."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hw_cnn.transfer import retrieval


def brute_force(features: torch.Tensor, query: int, k: int) -> list[int]:
    """One number at a time, in Python."""
    rows = features.double().tolist()

    def cosine(one: list[float], other: list[float]) -> float:
        lengths = math.hypot(*one) * math.hypot(*other)
        return math.fsum(a * b for a, b in zip(one, other, strict=True)) / lengths if lengths else 0.0

    others = [row for row in range(len(rows)) if row != query]
    return sorted(others, key=lambda row: (-round(cosine(rows[query], rows[row]), 10), row))[:k]


@given(count=st.integers(2, 30), num_features=st.integers(1, 6), seed=st.integers(0, 99), data=st.data())
@settings(max_examples=60, deadline=None)
def test_brute_force(count, num_features, seed, data):
    generator = torch.Generator().manual_seed(seed)
    # Small whole numbers: rows of zeros, duplicates, opposite and parallel rows are common.
    features = torch.randint(-2, 3, (count, num_features), generator=generator).float()
    k = data.draw(st.integers(1, count - 1))
    queries = torch.randint(count, (data.draw(st.integers(0, 5)),), generator=generator)
    found = retrieval.nearest(features, queries, k)
    assert found.dtype == torch.int64
    assert found.tolist() == [brute_force(features, query, k) for query in queries.tolist()]


def test_blocks_do_not_matter(monkeypatch):
    features = torch.randn(50, 7, generator=torch.Generator().manual_seed(1))
    queries = torch.arange(50).flip(0)
    whole = retrieval.nearest(features, queries, 9)
    for number in (1, 120, 1000):
        monkeypatch.setattr(retrieval, "NUM_AT_ONCE", number)
        assert torch.equal(retrieval.nearest(features, queries, 9), whole)


@given(seed=st.integers(0, 20), copies=st.integers(2, 9))
@settings(max_examples=20, deadline=None)
def test_duplicates_come_in_order(seed, copies):
    # Far apart and of another length, so that they are multiplied in other blocks of the processor.
    generator = torch.Generator().manual_seed(seed)
    features = torch.randn(300, 61, generator=generator)
    places = torch.randperm(300, generator=generator)[: copies + 1]
    features[places] = features[places[0]] * (1 + torch.arange(copies + 1.0))[:, None]
    found = retrieval.nearest(features, places[:1], copies)
    assert found[0].tolist() == sorted(places[1:].tolist())


def test_length_does_not_matter_and_nothing_changes():
    features = torch.randn(40, 5, generator=torch.Generator().manual_seed(2))
    before = features.clone()
    scale = torch.rand(40, 1, generator=torch.Generator().manual_seed(3)) * 10 + 0.1
    queries = torch.arange(40)
    assert torch.equal(
        retrieval.nearest(features, queries, 3), retrieval.nearest(features * scale, queries, 3)
    )
    assert torch.equal(features, before)


@pytest.mark.parametrize(
    ("queries", "k", "message"),
    [
        ([0], 0, r"k \(=0\) must be in 1..3"),
        ([0], 4, r"k \(=4\) must be in 1..3"),
        ([0, 4], 1, r"queries \(=\[0, 4\]\) must be a list of row numbers in 0..3"),
        ([-1], 1, "row numbers in 0..3"),
        ([[0]], 1, "must be a list"),
    ],
)
def test_refuses(queries, k, message):
    with pytest.raises(ValueError, match=message):
        retrieval.nearest(torch.eye(4), torch.tensor(queries), k)
