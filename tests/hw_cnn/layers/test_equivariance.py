"""What moves along with its image and what does not: layers of torch, and functions made to deceive."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from hw_cnn.layers.equivariance import check_equivariant

DIAGONAL = torch.eye(2)[None, None]
SHIFTS = st.tuples(st.integers(-4, 4), st.integers(-4, 4))


def _image(seed: int = 0, *shape: int) -> torch.Tensor:
    return torch.randn(shape or (2, 2, 12, 13), generator=torch.Generator().manual_seed(seed))


def _layer(layer: nn.Module) -> nn.Module:
    torch.manual_seed(1)
    for value in layer.parameters():
        nn.init.uniform_(value, 0.1, 1.0)
    return layer.requires_grad_(False)


def test_the_slides_pair_of_images():
    image = torch.zeros(1, 1, 4, 4)
    image[..., :2, :2] = DIAGONAL

    def convolution(x):
        return torch.nn.functional.conv2d(x, DIAGONAL)

    assert convolution(image)[0, 0].tolist() == [[2, 0, 0], [0, 1, 0], [0, 0, 0]]
    assert convolution(image.roll((2, 2), (2, 3)))[0, 0].tolist() == [[0, 0, 0], [0, 1, 0], [0, 0, 2]]
    assert check_equivariant(convolution, image, (2, 2))


@given(shift=SHIFTS, seed=st.integers(0, 9))
def test_a_convolution_moves_along(shift, seed):
    assert check_equivariant(_layer(nn.Conv2d(2, 3, 3)), _image(seed), shift)


@given(shift=SHIFTS.filter(lambda shift: shift != (0, 0)), seed=st.integers(0, 9))
def test_a_dense_layer_does_not(shift, seed):
    dense = nn.Sequential(nn.Flatten(), _layer(nn.Linear(312, 99)), nn.Unflatten(1, (1, 9, 11)))
    dense[1].weight.copy_(torch.randn(99, 312, generator=torch.Generator().manual_seed(seed)))
    assert not check_equivariant(dense, _image(seed), shift)


@given(shift=SHIFTS, stride=st.integers(2, 3))
def test_a_stride_divides_the_shift_or_the_answer_is_no(shift, stride):
    strided = _layer(nn.Conv2d(2, 3, 2, stride=stride))
    divides = shift[0] % stride == 0 and shift[1] % stride == 0
    assert check_equivariant(strided, _image().repeat(1, 1, 2, 2), shift, stride=stride) == divides


@pytest.mark.parametrize("padding", [1, 2])
def test_padding_is_seen_outside_of_the_margin(padding):
    padded = _layer(nn.Conv2d(2, 3, 2 * padding + 1, padding=padding))
    x = _image().abs() + 1
    assert not check_equivariant(padded, x, (1, 1), margin=padding - 1)
    assert check_equivariant(padded, x, (1, 1), margin=padding)


def test_invariance_is_not_equivariance():
    image = torch.zeros(1, 1, 8, 8)
    image[..., 3:5, 3:5] = 1
    rows = torch.arange(8.0)[:, None].expand(8, 8)
    assert not check_equivariant(lambda x: x.sum((2, 3), keepdim=True) * rows, image, (1, 0))


@pytest.mark.parametrize(("shift", "margin"), [((12, 0), 0), ((0, -13), 0), ((1, 0), 6), ((0, 0), 7)])
def test_nothing_left_is_refused(shift, margin):
    with pytest.raises(ValueError, match="leave no place of a map of 12 x 13 to compare"):
        check_equivariant(nn.Identity(), _image(), shift, margin=margin)


def test_the_last_place_is_compared():
    x = _image()
    assert check_equivariant(nn.Identity(), x, (11, -12))
    ramp = torch.arange(12.0)[:, None]
    assert not check_equivariant(lambda image: image + ramp, x, (11, -12))
