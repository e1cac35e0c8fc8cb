"""Mean and deviation of channels against numpy's, over all numbers at once."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.testing import assert_close

from hw_cnn.data.moments import channel_stats


def batches_of(images: torch.Tensor, sizes: list[int]) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Images cut into batches of these sizes, with labels; the rest is the last batch."""
    parts = images.split([*sizes, len(images) - sum(sizes)])
    return [(part, torch.zeros(len(part), dtype=torch.int64)) for part in parts]


@st.composite
def images_in_batches(draw):
    count = draw(st.integers(1, 9))
    shape = (count, draw(st.integers(1, 4)), draw(st.integers(1, 4)), draw(st.integers(1, 4)))
    images = torch.from_numpy(np.random.default_rng(draw(st.integers(0, 99))).normal(3, 2, shape))
    sizes = []
    while sum(sizes) < count:
        sizes.append(draw(st.integers(0, count - sum(sizes)).filter(lambda size: size > 0 or len(sizes) < 3)))
    return images, sizes


@given(drawn=images_in_batches(), dtype=st.sampled_from([torch.float32, torch.float64]))
def test_equals_all_at_once(drawn, dtype):
    images, sizes = drawn
    images = images.to(dtype)
    mean, std = channel_stats(batches_of(images, sizes))
    assert mean.dtype == std.dtype == torch.float32
    numbers = images.double().numpy()
    assert_close(mean, torch.from_numpy(numbers.mean((0, 2, 3))).float())
    assert_close(std, torch.from_numpy(numbers.std((0, 2, 3))).float(), rtol=1e-5, atol=1e-5)


def test_large_numbers_that_lie_close_together():
    images = 1e6 + torch.randn(20, 2, 5, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    _, std = channel_stats(batches_of(images, [7, 7]))
    assert_close(std, torch.from_numpy(images.numpy().std((0, 2, 3))).float(), rtol=1e-6, atol=0)


def test_one_brightness_has_no_deviation():
    mean, std = channel_stats(batches_of(torch.full((5, 3, 2, 2), 0.1), [2]))
    assert_close(mean, torch.full((3,), 0.1))
    assert std.tolist() == [0, 0, 0]


@pytest.mark.parametrize("batches", [[], [(torch.zeros(0, 3, 4, 5), torch.zeros(0))]])
def test_refuses_nothing(batches):
    with pytest.raises(ValueError, match="at least one image"):
        channel_stats(batches)
