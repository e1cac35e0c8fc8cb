"""Maps as matrices: the same numbers as the function that they were made of."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from autograder.sandbox.runner.drivers import Affine
from autograder.testing import affine_of

KERNEL = torch.arange(24.0, dtype=torch.float64).reshape(3, 2, 2, 2)


@given(seed=st.integers(0, 99), stride=st.integers(1, 2), padding=st.integers(0, 2))
def test_it_gives_what_the_function_gives(seed, stride, padding):
    def function(x):
        return F.conv2d(x, KERNEL, torch.tensor([1.0, 2, 3]).double(), stride=stride, padding=padding)

    gives, matrix, offset = affine_of(function, (2, 5, 6))
    module = Affine((2, 5, 6), gives)
    module.load_state_dict({"matrix": matrix, "offset": offset})
    x = torch.randn(4, 2, 5, 6, generator=torch.Generator().manual_seed(seed))
    torch.testing.assert_close(module(x), function(x.double()).float(), rtol=1e-4, atol=1e-3)


def test_nothing_in_it_is_trained():
    module = Affine((1, 3, 3), (1, 2, 2))
    assert not list(module.parameters())
    assert not module(torch.ones(1, 1, 3, 3)).requires_grad
