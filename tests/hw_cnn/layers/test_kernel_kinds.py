"""Kinds of kernels against what they do to images, by torch's convolution."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given
from hypothesis import strategies as st

from hw_cnn.interpret.kernels import KERNELS
from hw_cnn.layers.kernel_kinds import kernel_kind

SIDES = st.sampled_from([1, 3, 5])


@st.composite
def kernels(draw):
    height, width = draw(SIDES), draw(SIDES)
    weights = draw(st.lists(st.integers(-9, 9), min_size=height * width, max_size=height * width))
    return torch.tensor(weights, dtype=torch.float64).reshape(height, width)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("identity", "identity"),
        ("edge", "edge"),
        ("blur", "blur"),
        ("sharpen", "sharpen"),
        ("misprint", "blur"),
    ],
)
def test_the_lectures_kernels(name, kind):
    assert kernel_kind(KERNELS[name]) == kind


@given(kernel=kernels())
def test_the_kind_is_what_happens_to_two_images(kernel):
    assume(bool(kernel.any()))
    rows, columns = torch.meshgrid(torch.arange(12), torch.arange(13), indexing="ij")
    board = 1.0 - 2.0 * ((rows + columns) % 2)
    answers = [
        float(F.conv2d(image[None, None].double(), kernel[None, None])[0, 0, 0, 0].abs())
        for image in (torch.ones(12, 13), board)
    ]
    is_single = kernel.count_nonzero() == 1
    assume(
        answers[0] != answers[1] or bool(is_single and kernel_kind(kernel) == "identity")
    )  # neither weaker nor stronger
    kind = kernel_kind(kernel)
    middle = kernel[kernel.shape[0] // 2, kernel.shape[1] // 2].abs()
    if kind == "identity":
        assert middle == kernel.abs().sum()
    elif kind == "edge":
        assert answers[0] == 0
    elif kind == "blur":
        assert answers[1] < answers[0]
    else:
        assert kind == "sharpen"
        assert answers[1] > answers[0] > 0


@given(kernel=kernels(), factor=st.sampled_from([-1.0, 1e-6, -3e4]))
def test_a_factor_changes_nothing(kernel, factor):
    height, width = kernel.shape
    rows, columns = torch.arange(height)[:, None], torch.arange(width)
    board = (kernel * (1 - 2 * ((rows + columns) % 2))).sum().abs()
    assume(
        bool(kernel.any()) and board != kernel.sum().abs()
    )  # neither weaker nor stronger: rounding would decide
    assert kernel_kind(factor * kernel) == kernel_kind(kernel)


@pytest.mark.parametrize("kernel", [torch.ones(2, 2), torch.ones(3, 2), torch.zeros(3, 3), torch.ones(3)])
def test_refuses(kernel):
    with pytest.raises(ValueError, match="odd sides, and a weight that is not zero"):
        kernel_kind(kernel)
