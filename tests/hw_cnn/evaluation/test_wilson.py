"""Wilson's interval against published figures and its own equation."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hw_cnn.evaluation import wilson


# Newcombe 1998, Statistics in Medicine 17, 857-872, table I, method 3.
@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0000, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_published(right, n, low, high):
    assert wilson.wilson(right / n, n) == pytest.approx((low, high), abs=5e-5)


@given(n=st.integers(1, 100_000), data=st.data())
def test_its_ends_are_where_the_measured_share_is_just_z_deviations_away(n, data):
    share = data.draw(st.integers(0, n)) / n
    low, high = wilson.wilson(share, n)
    assert 0 <= low <= share + 1e-12
    assert share - 1e-12 <= high <= 1
    for end in (low, high):
        if 1e-6 < end < 1 - 1e-6:
            assert abs(share - end) == pytest.approx(1.96 * math.sqrt(end * (1 - end) / n), abs=1e-9)


@pytest.mark.parametrize(("share", "n"), [(0.5, 0), (1.1, 10), (-0.1, 10), (float("nan"), 10)])
def test_refuses(share, n):
    with pytest.raises(ValueError, match="must lie in"):
        wilson.wilson(share, n)
