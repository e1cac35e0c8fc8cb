"""apply_kernel against torch's convolution in groups, by its laws, and beside the kernels of the report."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch.testing import assert_close

from hw_cnn.interpret import kernels
from hw_cnn.layers.per_channel import apply_kernel

TORCH = {"zeros": "constant", "reflect": "reflect", "replicate": "replicate"}
SIDES = st.sampled_from([1, 3, 5])


def draw(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("mode", TORCH)
@given(channels=st.integers(1, 4), p=SIDES, q=SIDES, seed=st.integers(0, 99))
def test_equals_torch_in_groups(mode, channels, p, q, seed):
    image, kernel = draw(seed, channels, 6, 7), draw(seed + 1, p, q)
    framed = F.pad(image[None], (q // 2, q // 2, p // 2, p // 2), mode=TORCH[mode])
    expected = F.conv2d(framed, kernel.expand(channels, 1, p, q), groups=channels)[0]
    assert_close(apply_kernel(image, kernel, mode), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", kernels.KERNELS)
def test_the_lectures_kernels(name):
    image, kernel = draw(0, 3, 8, 9), kernels.KERNELS[name].double()
    found = apply_kernel(image, kernel)
    assert_close(found, kernels.apply(image, kernel), rtol=1e-12, atol=1e-12)
    constant = torch.full((3, 5, 6), 0.5, dtype=torch.float64)
    assert_close(apply_kernel(constant, kernel), constant * kernel.sum(), rtol=1e-12, atol=1e-12)
    if name == "identity":
        assert torch.equal(found, image)


@pytest.mark.parametrize("mode", TORCH)
def test_gradient(mode):
    image, kernel = draw(0, 2, 4, 5).requires_grad_(), draw(1, 3, 3).requires_grad_()
    assert torch.autograd.gradcheck(lambda *both: apply_kernel(*both, mode), (image, kernel))


@pytest.mark.parametrize(
    ("kernel", "mode", "why"),
    [
        ((2, 3), "reflect", "odd sides"),
        ((3, 4), "zeros", "odd sides"),
        ((3, 3), "mirror", "must be one of"),
        ((7, 3), "reflect", "too small"),
        ((3, 9), "reflect", "too small"),
    ],
)
def test_refuses(kernel, mode, why):
    with pytest.raises(ValueError, match=why):
        apply_kernel(torch.ones(3, 3, 4), torch.ones(kernel), mode)
