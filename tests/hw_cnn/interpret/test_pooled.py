"""What pooling is for: counted operations, and cosines from sums written out."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from hw_cnn.data.reading.embedded import load_digits
from hw_cnn.interpret.pooled import pool_report
from hw_cnn.summary import trace


def maps(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@settings(deadline=None, max_examples=30)
@given(
    number=st.integers(1, 3),
    channels=st.integers(1, 3),
    size=st.tuples(st.integers(3, 7), st.integers(3, 7)),
    kernel=st.tuples(st.integers(1, 3), st.integers(1, 3)),
)
def test_cosine_is_that_of_the_maxima(number, channels, size, kernel):
    features, shifted = maps(number, channels, *size), maps(number, channels, *size, seed=1)
    cosines = []
    for one, other in zip(features, shifted, strict=True):
        rows = [
            [
                float(plane[i : i + kernel[0], j : j + kernel[1]].max())
                for plane in image
                for i in range(0, size[0] - kernel[0] + 1, kernel[0])
                for j in range(0, size[1] - kernel[1] + 1, kernel[1])
            ]
            for image in (one, other)
        ]
        inner = sum(a * b for a, b in zip(*rows, strict=True))
        cosines.append(inner / math.hypot(*rows[0]) / math.hypot(*rows[1]))
    ratio, cosine = pool_report(features, shifted, kernel)
    assert cosine == pytest.approx(sum(cosines) / number, abs=1e-10)
    places = (size[0] // kernel[0]) * (size[1] // kernel[1])
    assert ratio == pytest.approx(places / (size[0] * size[1]))


@pytest.mark.parametrize(("size", "kernel"), [((8, 8), 2), ((12, 20), 4), ((7, 9), 2), ((6, 8), (3, 1))])
def test_the_ratio_is_that_of_counted_operations(size, kernel):
    following = nn.Conv2d(6, 16, 5, padding=2)
    plain = trace.trace(nn.Sequential(following), (6, *size))[-1].num_macs
    pooled = trace.trace(nn.Sequential(nn.MaxPool2d(kernel), following), (6, *size))[-1].num_macs
    features = maps(1, 6, *size)
    assert pool_report(features, features, kernel) == (pytest.approx(pooled / plain), pytest.approx(1))


def test_all_of_the_map_in_one_window_knows_no_shift():
    image = torch.zeros(2, 3, 9, 11)
    image[:, :, 3:6, 3:6] = maps(2, 3, 3, 3).float().abs()
    ratio, cosine = pool_report(image, torch.roll(image, (2, -3), (2, 3)), (9, 11))
    assert (ratio, cosine) == (pytest.approx(1 / 99), pytest.approx(1))


def test_maps_of_zeros_have_no_direction():
    assert pool_report(torch.zeros(1, 1, 2, 2), torch.ones(1, 1, 2, 2), 2) == (0.25, 0.0)


@pytest.mark.parametrize(
    ("features", "shifted", "kernel", "words"),
    [
        ((2, 1, 4, 4), (1, 1, 4, 4), 2, "expected"),
        ((0, 1, 4, 4), (0, 1, 4, 4), 2, "at least 1"),
        ((1, 4, 4), (1, 4, 4), 2, "expected"),
        ((1, 1, 4, 6), (1, 1, 4, 6), 5, "does not fit"),
        ((1, 1, 4, 6), (1, 1, 4, 6), (1, 0), "does not fit"),
    ],
)
def test_refuses_what_cannot_be_compared(features, shifted, kernel, words):
    with pytest.raises(ValueError, match=words):
        pool_report(torch.zeros(features), torch.zeros(shifted), kernel)


@pytest.mark.nightly
@pytest.mark.parametrize("distance", [1, 2])
def test_more_pooling_leaves_less_of_a_shift_of_real_digits(distance):
    """With random filters of 5x5, over 20 draws of them; one window for all is exact, as no digit leaves the image."""
    digits = F.pad(load_digits("val")[0][:300, None].float() / 255, (2, 2, 2, 2))
    for seed in range(20):
        filters = torch.randn(8, 1, 5, 5, generator=torch.Generator().manual_seed(seed))
        plain, moved = (
            F.conv2d(images, filters, padding=2).relu() for images in (digits, digits.roll(distance, 3))
        )
        cosines = [pool_report(plain, moved, kernel)[1] for kernel in (1, 2, 4, 32)]
        assert cosines == sorted(cosines)
        assert min(b - a for a, b in itertools.pairwise(cosines)) > 0.03
        assert cosines[3] == pytest.approx(1, abs=1e-5)
