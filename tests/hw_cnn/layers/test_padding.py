"""pad2d against numpy's padding, by its laws, and by finite differences."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from hw_cnn.layers.padding import MODES, pad2d

NUMPY = {"zeros": "constant", "reflect": "reflect", "replicate": "edge"}
WIDTHS = st.tuples(*[st.integers(0, 3)] * 4)


@st.composite
def images(draw):
    shape = (*draw(st.lists(st.integers(1, 3), max_size=3)), draw(st.integers(4, 7)), draw(st.integers(4, 7)))
    return torch.from_numpy(np.random.default_rng(draw(st.integers(0, 99))).standard_normal(shape))


@pytest.mark.parametrize("mode", MODES)
@given(x=images(), widths=WIDTHS)
def test_equals_numpy(mode, x, widths):
    top, bottom, left, right = widths
    frame = [(0, 0)] * (x.dim() - 2) + [(top, bottom), (left, right)]
    expected = torch.from_numpy(np.pad(x.numpy(), frame, mode=NUMPY[mode]))
    assert torch.equal(pad2d(x, widths, mode), expected)


def test_the_lectures_row():
    row = torch.arange(5)[None]
    assert pad2d(row, (0, 0, 2, 2), "reflect").tolist() == [[2, 1, 0, 1, 2, 3, 4, 3, 2]]
    assert pad2d(row, (0, 0, 2, 2), "replicate").tolist() == [[0, 0, 0, 1, 2, 3, 4, 4, 4]]
    assert pad2d(row + 1, (0, 0, 2, 2)).tolist() == [[0, 0, 1, 2, 3, 4, 5, 0, 0]]


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int64, torch.float16, torch.float64])
@pytest.mark.parametrize("mode", MODES)
def test_keeps_the_number_type(mode, dtype):
    assert pad2d(torch.ones(3, 4, dtype=dtype), (1, 2, 2, 1), mode).dtype == dtype


@pytest.mark.parametrize("mode", MODES)
def test_gradient(mode):
    x = torch.randn(2, 3, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    x.requires_grad_()
    assert torch.autograd.gradcheck(lambda image: pad2d(image, (1, 2, 3, 0), mode), (x,))


def test_the_widest_frame_of_each_mode():
    x = torch.arange(6.0).reshape(2, 3)
    assert pad2d(x, (1, 1, 2, 2), "reflect").shape == (4, 7)
    assert pad2d(x, (5, 5, 9, 9), "replicate").shape == (12, 21)


@pytest.mark.parametrize(
    ("widths", "mode"),
    [
        ((2, 0, 0, 0), "reflect"),
        ((0, 2, 0, 0), "reflect"),
        ((0, 0, 3, 0), "reflect"),
        ((0, 0, 0, 3), "reflect"),
        ((0, -1, 0, 0), "zeros"),
        ((0, 0, 0, -1), "replicate"),
        ((1, 1), "zeros"),
        ((1, 1, 1, 1), "mirror"),
    ],
)
def test_refuses(widths, mode):
    with pytest.raises(ValueError, match="must be"):
        pad2d(torch.ones(2, 3), widths, mode)
