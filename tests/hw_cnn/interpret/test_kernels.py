"""The lecture's kernels: what each does to constants, ramps and chequerboards, and the sliding itself by loops."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hw_cnn import usage
from hw_cnn.interpret import kernels

# Sum: what becomes of a constant 1. Gain: what becomes of a chequerboard of +1 and -1.
FACTS = {"identity": (1, 1), "edge": (0, -8), "blur": (1, 1 / 9), "sharpen": (1, 9), "misprint": (9, 1)}


@pytest.mark.parametrize("name", kernels.KERNELS)
def test_sum_and_chequerboard(name):
    total, gain = FACTS[name]
    kernel = kernels.KERNELS[name]
    assert float(kernel.sum()) == pytest.approx(total, abs=1e-6)
    assert torch.equal(kernel, kernel.flip(0, 1))
    constant = torch.full((1, 2, 5, 6), 3.0)
    torch.testing.assert_close(kernels.apply(constant, kernel), total * constant, rtol=1e-5, atol=1e-5)
    board = ((torch.arange(6)[:, None] + torch.arange(7)) % 2 * 2.0 - 1).expand(3, 6, 7)
    torch.testing.assert_close(kernels.apply(board, kernel), gain * board, rtol=1e-5, atol=1e-5)


def test_sharpening_overshoots_at_a_step_and_the_misprint_does_not():
    step = torch.tensor([0.0, 0, 0, 1, 1, 1]).expand(1, 1, 4, 6)
    sharpened = kernels.apply(step, kernels.KERNELS["sharpen"])[0, 0, 0]
    assert sharpened.tolist() == [0, 0, -1, 2, 1, 1]
    misprint = kernels.apply(step, kernels.KERNELS["misprint"])[0, 0, 0] / 9
    assert (misprint.diff() >= 0).all()
    assert kernels.apply(step, kernels.KERNELS["edge"])[0, 0, 0].tolist() == [0, 0, 1, -1, 0, 0]


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_sliding_by_loops(data):
    odd, seed = st.sampled_from([1, 3, 5]), data.draw(st.integers(0, 99))
    kernel_shape = (data.draw(odd), data.draw(odd))
    shape = (data.draw(st.integers(1, 2)), data.draw(st.integers(1, 3)), data.draw(st.integers(3, 6)), 5)
    rng = np.random.default_rng(seed)
    images, kernel = rng.normal(size=shape), rng.normal(size=kernel_shape)
    half = [side // 2 for side in kernel_shape]
    framed = np.pad(images, [(0, 0), (0, 0), (half[0],) * 2, (half[1],) * 2], mode="reflect")
    expected = np.zeros(shape)
    for row in range(shape[2]):
        for column in range(shape[3]):
            window = framed[:, :, row : row + kernel_shape[0], column : column + kernel_shape[1]]
            expected[:, :, row, column] = (window * kernel).sum((2, 3))
    images, kernel = torch.from_numpy(images), torch.from_numpy(kernel)
    np.testing.assert_allclose(kernels.apply(images, kernel), expected, atol=1e-12)
    np.testing.assert_allclose(kernels.apply(images[0], kernel), expected[0], atol=1e-12)


def test_bytes_do_not_overflow():
    image = torch.full((3, 4, 4), 200, dtype=torch.uint8)
    assert (kernels.apply(image, kernels.KERNELS["misprint"]) == 1800).all()


@pytest.mark.parametrize("shape", [(2, 3), (3, 2), (9, 3), (3, 11)])
def test_kernels_without_middle_or_too_large_are_refused(shape):
    with pytest.raises(ValueError, match=r"expected odd sides, and halves smaller than the image's \(4, 5\)"):
        kernels.apply(torch.zeros(1, 4, 5), torch.zeros(shape))


def test_photo():
    pytest.importorskip("matplotlib", reason="pictures need matplotlib, of the extra `explain`")
    photo = kernels.photo()
    assert photo.shape == (3, 512, 512)
    assert photo.dtype == torch.uint8
    assert photo.float().std() > 40
    photo[:] = 0
    assert kernels.photo().max() > 0


def test_without_matplotlib_one_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(
        usage.InputError, match="the photograph ships with matplotlib, which is not installed"
    ):
        kernels.photo()
