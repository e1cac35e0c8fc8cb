"""conv2d_gray against numpy's full convolution of polynomials, torch's cross-correlation, and its laws."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch.testing import assert_close

from hw_cnn.layers.convolution_gray import conv2d_gray

SIDES = st.integers(1, 4)


def draw(seed: int, *shape: int) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(seed).standard_normal(shape))


@given(p=SIDES, q=SIDES, more_h=st.integers(0, 4), more_w=st.integers(0, 4), seed=st.integers(0, 99))
def test_equals_torch_with_the_kernel_turned_round(p, q, more_h, more_w, seed):
    image, kernel = draw(seed, p + more_h, q + more_w), draw(seed + 1, p, q)
    expected = F.conv2d(image[None, None], kernel.flip(0, 1)[None, None])[0, 0]
    assert_close(conv2d_gray(image, kernel), expected, rtol=1e-12, atol=1e-12)


@given(p=SIDES, q=SIDES, seed=st.integers(0, 99))
def test_a_separable_kernel_is_two_convolutions_of_rows(p, q, seed):
    image, column, row = draw(seed, 6, 7), draw(seed + 1, p, 1), draw(seed + 2, 1, q)
    by_columns = [np.convolve(line, column.flatten().numpy(), "valid") for line in image.T.numpy()]
    by_rows = [np.convolve(line, row.flatten().numpy(), "valid") for line in np.array(by_columns).T]
    expected = torch.from_numpy(np.array(by_rows))
    assert_close(conv2d_gray(image, column * row), expected, rtol=1e-12, atol=1e-12)


def test_a_single_pixel_shows_the_kernel():
    image, kernel = torch.zeros(5, 5), torch.arange(1.0, 10).reshape(3, 3)
    image[2, 2] = 1
    assert torch.equal(conv2d_gray(image, kernel), kernel)


def test_the_lectures_picture():
    image = torch.zeros(4, 4)
    image[2, 2] = image[3, 3] = 1
    assert conv2d_gray(image, torch.eye(2)).tolist() == [[0, 0, 0], [0, 1, 0], [0, 0, 2]]


def test_gradient():
    image, kernel = draw(0, 5, 6).requires_grad_(), draw(1, 2, 3).requires_grad_()
    assert torch.autograd.gradcheck(conv2d_gray, (image, kernel))


@pytest.mark.parametrize("shapes", [((3, 3), (4, 1)), ((3, 3), (1, 4)), ((3,), (1, 1)), ((3, 3), (1, 1, 1))])
def test_refuses(shapes):
    with pytest.raises(ValueError, match=r"does not fit|expected two axes"):
        conv2d_gray(torch.ones(shapes[0]), torch.ones(shapes[1]))
