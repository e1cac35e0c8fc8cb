"""Hidden tests of A2, `to_gray` and `bgr_to_rgb`: each looks at one property and is blind to the others.

Batches have the axes (N, 3, H, W) in all tests but `test_axes`, which compares with the student's own result for a
batch. Whether the channel's axis is there is seen by `test_axes` alone: elsewhere the numbers are read without it.
Numbers are float32 in all tests but `test_unchanged`: what fails for float64 costs that one alone.
How exactly the weights add up is seen by `test_grey_stays` alone, the others compare to three digits.
"""

from __future__ import annotations

import torch
from torch import Tensor

from autograder.testing import as_tensor, assert_close, randn

CASES = 3


def _batch(rng, dtype: torch.dtype = torch.float32) -> Tensor:
    """Colours from 0 to 1, (N, 3, H, W); neither side is 3."""
    n, height = int(rng.integers(2, 5)), int(rng.integers(4, 7))
    shape = (n, 3, height, height + int(rng.integers(1, 4)))
    return torch.from_numpy(rng.random(shape)).to(dtype)


def _plane(value: object, images: Tensor) -> Tensor:
    """Brightness (N, H, W) in double precision: a channel's axis may be missing, or hold the same several times."""
    tensor = as_tensor(value).detach().double()
    n, _, height, width = images.shape
    if tensor.shape == (n, 3, height, width):
        tensor = tensor[:, 0]
    assert tensor.numel() == n * height * width, f"the result has shape {tuple(tensor.shape)}"
    assert bool(torch.isfinite(tensor).all()), "the result holds NaN or infinity"
    assert float(tensor.std()) > 1e-3, "the result does not depend on the image"
    return tensor.reshape(n, height, width)


def test_weights(rng, student):
    answers = []
    for _ in range(CASES):
        images = _batch(rng)
        answers.append((images.double(), student.to_gray(images)))
    for images, found in answers:
        expected = 0.299 * images[:, 0] + 0.587 * images[:, 1] + 0.114 * images[:, 2]
        assert_close(_plane(found, images), expected, rtol=0, atol=1e-3)


def test_grey_stays(rng, student):
    answers = []
    for _ in range(CASES):
        colours = _batch(rng)
        images = colours[:, :1].expand_as(colours).contiguous()
        answers.append((images.double(), student.to_gray(images)))
    # Only for the diagnosis: a weight of red that is slightly off is seen best in red.
    red = torch.zeros_like(colours)
    red[:, 0] = colours[:, 0]
    student.to_gray(red)
    for images, found in answers:
        assert_close(_plane(found, images), images[:, 0], rtol=0, atol=1e-6)


def test_linear(rng, student):
    answers = []
    for _ in range(CASES):
        first = _batch(rng)
        second, factor = torch.from_numpy(rng.random(tuple(first.shape))).float(), 1.5 + float(rng.random())
        grey = [student.to_gray(images) for images in (first, second, factor * first - second)]
        answers.append((first, factor, grey))
    for images, factor, grey in answers:
        own, other, mixed = (_plane(value, images) for value in grey)
        assert_close(mixed, factor * own - other, rtol=1e-5, atol=1e-5)


def test_axes(rng, student):
    answers = []
    for _ in range(CASES):
        images = _batch(rng)
        grey, flipped = student.to_gray(images), student.bgr_to_rgb(images)
        single = [student.to_gray(images[0]), student.bgr_to_rgb(images[0])]
        films = [
            student.to_gray(torch.stack([images, images])),
            student.bgr_to_rgb(torch.stack([images, images])),
        ]
        answers.append((images, (grey, flipped), single, films))
    for images, (grey, flipped), single, films in answers:
        own = _plane(grey, images)[:, None]
        assert tuple(as_tensor(grey).shape) == tuple(own.shape), f"shape {tuple(as_tensor(grey).shape)}"
        assert_close(as_tensor(single[0]), own[0], rtol=1e-6, atol=1e-6, any_float=True)
        assert_close(as_tensor(films[0]), torch.stack([own, own]), rtol=1e-6, atol=1e-6, any_float=True)
        colours = as_tensor(flipped).double()
        assert_close(as_tensor(single[1]), colours[0], rtol=1e-6, atol=1e-6, any_float=True)
        assert_close(
            as_tensor(films[1]), torch.stack([colours, colours]), rtol=1e-6, atol=1e-6, any_float=True
        )


def test_order(rng, student):
    pairs = []
    for _ in range(CASES):
        images = _batch(rng)
        pairs.append((student.bgr_to_rgb(images), images[:, [2, 1, 0]]))
    for found, expected in pairs:
        assert_close(found, expected, rtol=0, atol=1e-6, any_float=True)


def test_twice(rng, student):
    answers = []
    for _ in range(CASES):
        images = _batch(rng)
        once = as_tensor(student.bgr_to_rgb(images))
        answers.append((images, once, student.bgr_to_rgb(once)))
    for images, once, twice in answers:
        assert once.shape == images.shape, f"shape {tuple(once.shape)}"
        assert not torch.equal(once.double(), images.double()), "nothing changes"
        assert_close(twice, images, rtol=0, atol=1e-6, any_float=True)


def test_unchanged(rng, student):
    """Numbers of float64 were computed in it: what is right to seven digits is right to ten, other weights are not."""
    colours, results = _batch(rng, torch.float64), []
    grey = student.to_gray(colours)
    for dtype in (torch.float32, torch.float64):
        for call in (student.to_gray, student.bgr_to_rgb):
            images = _batch(rng, dtype)
            asked = call.options(want=("out", "inputs_after", "dtype"), layout="permuted")
            results.append((images, asked(images)))
    exact = 0.299 * colours[:, 0] + 0.587 * colours[:, 1] + 0.114 * colours[:, 2]
    error = float((_plane(grey, colours) - exact).abs().max())
    assert not 1e-10 < error < 1e-6, "float64 numbers are right to seven digits only"
    for images, result in results:
        out = as_tensor(result.out)
        assert float(out.double().std()) > 1e-3, "the result does not depend on the image"
        assert out.dtype == images.dtype, f"{images.dtype} became {out.dtype}"
        assert_close(result.inputs_after[0], images, rtol=0, atol=0, what="the image after the call")


def test_gradients(rng, student):
    """A small step: what is no sum of channels has a gradient, too."""
    results = []
    for call in (student.to_gray, student.bgr_to_rgb):
        images = _batch(rng)
        step = 1e-3 * randn(rng, *images.shape, dtype=torch.float32)
        low, high = as_tensor(call(images - step)), as_tensor(call(images + step))
        upstream = randn(rng, *low.shape, dtype=low.dtype)
        asked = call.options(requires_grad=(0,), upstream=upstream)
        results.append((high.double() - low.double(), upstream, step, asked(images).grads[0]))
    for change, upstream, step, gradient in results:
        terms = 2 * as_tensor(gradient, "gradient").double() * step
        size = float(terms.abs().sum())
        assert size > 1e-6, "the result does not depend on the image"
        assert abs(float(terms.sum() - (change * upstream).sum())) < 0.02 * size, (
            "the gradient has wrong values"
        )
