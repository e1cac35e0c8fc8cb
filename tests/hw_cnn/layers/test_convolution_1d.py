"""The lecture's formula against numpy, and the laws of convolution."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from hw_cnn.layers.convolution_1d import conv1d_lecture

WHOLE = st.integers(-9, 9).map(float)


@given(
    signal=arrays.arrays(np.float64, st.integers(7, 20), elements=WHOLE),
    kernel=arrays.arrays(np.float64, st.sampled_from([1, 3, 5, 7]), elements=WHOLE),
)
def test_is_numpys_valid_convolution(signal, kernel):
    out = conv1d_lecture(torch.from_numpy(signal), torch.from_numpy(kernel))
    np.testing.assert_allclose(out.numpy(), np.convolve(signal, kernel, "valid"), atol=1e-9)


def test_an_impulse_gives_the_kernel_in_its_own_order():
    impulse = torch.tensor([0.0, 0, 1, 0, 0])
    assert conv1d_lecture(impulse, torch.tensor([1.0, 2, 3])).tolist() == [1, 2, 3]


def test_gradients():
    signal = torch.randn(9, dtype=torch.float64, requires_grad=True)
    kernel = torch.randn(3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(conv1d_lecture, (signal, kernel))


@pytest.mark.parametrize(
    ("signal", "kernel", "message"),
    [
        (9, 2, "odd length"),
        (9, 4, "odd length"),
        (3, 5, "at most that of the signal"),
        ((1, 9), 3, "one axis each"),
        (9, (1, 3), "one axis each"),
        (9, 0, "odd length"),
    ],
)
def test_refuses(signal, kernel, message):
    with pytest.raises(ValueError, match=message):
        conv1d_lecture(torch.zeros(signal), torch.zeros(kernel))
