"""Images as tensors against numpy, and grey and colours against their formulas."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.testing import assert_close

from hw_cnn.data.pixels import bgr_to_rgb, to_chw, to_gray

SIDES = st.integers(1, 6)


def image_of_bytes(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


@st.composite
def colours(draw):
    """(..., 3, H, W) float64 with up to three axes in front."""
    shape = (*draw(st.lists(st.integers(1, 3), max_size=3)), 3, draw(SIDES), draw(SIDES))
    return torch.from_numpy(np.random.default_rng(draw(st.integers(0, 99))).random(shape))


@given(seed=st.integers(0, 99), height=SIDES, width=SIDES, channels=st.sampled_from([3, 4]))
def test_a_colour_image_is_numpys_transpose(seed, height, width, channels):
    image = image_of_bytes(seed, height, width, channels)
    expected = image[..., :3].transpose(2, 0, 1).astype(np.float32) / 255
    assert_close(to_chw(torch.from_numpy(image)), torch.from_numpy(expected))


@given(seed=st.integers(0, 99), height=SIDES, width=SIDES)
def test_a_grey_image_gets_a_channel(seed, height, width):
    image = image_of_bytes(seed, height, width)
    assert_close(to_chw(torch.from_numpy(image)), torch.from_numpy(image[None].astype(np.float32) / 255))


def test_every_byte_has_its_number():
    numbers = to_chw(torch.arange(256, dtype=torch.uint8).reshape(16, 16))
    assert_close(numbers.flatten(), torch.linspace(0, 1, 256))
    assert (float(numbers.min()), float(numbers.max())) == (0, 1)


@pytest.mark.parametrize(
    "image",
    [
        torch.zeros(4, 5),
        torch.zeros(4, 5, 3),
        torch.zeros(4, 5, 1, dtype=torch.uint8),
        torch.zeros(4, 5, 2, dtype=torch.uint8),
        torch.zeros(3, 4, 5, dtype=torch.uint8),
        torch.zeros(2, 4, 5, 3, dtype=torch.uint8),
        torch.zeros(5, dtype=torch.uint8),
    ],
)
def test_refuses_what_is_no_image_of_bytes(image):
    with pytest.raises(ValueError, match=r"expected \(H, W\), \(H, W, 3\) or \(H, W, 4\) and torch.uint8"):
        to_chw(image)


@given(images=colours())
def test_grey_is_the_formula(images):
    weights = np.array([0.299, 0.587, 0.114])
    expected = np.einsum("...chw,c->...hw", images.numpy(), weights)[..., None, :, :]
    assert_close(to_gray(images), torch.from_numpy(expected))


@given(images=colours())
def test_grey_stays_grey(images):
    grey = images[..., :1, :, :]
    assert_close(to_gray(grey.expand_as(images)), grey, rtol=0, atol=1e-12)


def test_grey_keeps_the_dtype_and_has_a_gradient():
    images = torch.rand(2, 3, 4, 5, dtype=torch.float64, requires_grad=True)
    assert to_gray(images.float()).dtype == torch.float32
    assert torch.autograd.gradcheck(to_gray, images)


@given(images=colours())
def test_colours_are_exchanged_and_come_back(images):
    before = images.clone()
    exchanged = bgr_to_rgb(images)
    assert_close(exchanged, images[..., [2, 1, 0], :, :], rtol=0, atol=0)
    assert_close(bgr_to_rgb(exchanged), images, rtol=0, atol=0)
    exchanged.zero_()
    assert torch.equal(images, before)
