"""Stratified splits and streamed statistics, against exact arithmetic and torch in double precision."""

from __future__ import annotations

from fractions import Fraction

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.testing import assert_close

from hw_cnn.data.feeding import splits


@settings(deadline=None, max_examples=60)
@given(labels=st.lists(st.integers(0, 5), min_size=1, max_size=80), data=st.data(), seed=st.integers(0, 99))
def test_split_is_disjoint_complete_seeded_and_stratified(labels, data, seed):
    size = data.draw(st.integers(0, len(labels) - 1))
    rest, chosen = splits.stratified_split(torch.tensor(labels), size, seed)
    assert len(chosen) == size
    assert sorted(rest.tolist() + chosen.tolist()) == list(range(len(labels)))
    assert rest.tolist() == sorted(rest.tolist())
    assert chosen.tolist() == sorted(chosen.tolist())
    for label in set(labels):
        share = Fraction(labels.count(label) * size, len(labels))
        assert abs(sum(labels[index] == label for index in chosen) - share) < 1
    again = splits.stratified_split(torch.tensor(labels), size, seed)
    assert torch.equal(chosen, again[1])


def test_seeds_choose_differently_and_every_image_can_be_chosen():
    labels = torch.arange(40) % 4
    choices = [frozenset(splits.stratified_split(labels, 10, seed)[1].tolist()) for seed in range(40)]
    assert len(set(choices)) == 40
    assert frozenset.union(*choices) == frozenset(range(40))


@pytest.mark.parametrize("size", [-1, 3, 4])
def test_refuses_a_size_that_leaves_nothing(size):
    with pytest.raises(
        ValueError, match=rf"size \(={size}\) of a part must be in 0\.\.2: there are 3 images"
    ):
        splits.stratified_split(torch.zeros(3, dtype=torch.int64), size, 0)


@settings(deadline=None, max_examples=30)
@given(
    sizes=st.lists(st.integers(1, 9), min_size=1, max_size=4),
    channels=st.integers(1, 3),
    low=st.integers(0, 254),
    seed=st.integers(0, 9),
)
def test_statistics_of_ragged_batches_equal_those_of_all_pixels(sizes, channels, low, seed):
    generator = torch.Generator().manual_seed(seed)
    images = torch.randint(low, 256, (sum(sizes), channels, 3, 4), dtype=torch.uint8, generator=generator)
    mean, std = splits.channel_statistics(images.split(sizes))
    pixels = images.double() / 255
    assert_close(torch.tensor(mean, dtype=torch.float64), pixels.mean((0, 2, 3)), rtol=1e-12, atol=0)
    expected = pixels.std((0, 2, 3), correction=0)
    assert_close(torch.tensor(std, dtype=torch.float64), expected, rtol=1e-9, atol=1e-12)


def test_statistics_of_nothing():
    with pytest.raises(ValueError, match="need at least one training image"):
        splits.channel_statistics([torch.zeros(0, 1, 2, 2, dtype=torch.uint8)])
