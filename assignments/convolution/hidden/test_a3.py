"""Hidden tests of A3, `channel_stats`: each looks at one property and is blind to the others.

- `test_mean` and `test_std` have batches that hold the same images in another order, so that it does not matter there
  how batches are put together.
- The other tests compare with what the student's own function says of the same images in one batch, of twice as many,
  of brighter ones, once it has been seen to say something of them.
- Numbers are many where n and n - 1 would make a difference, and near zero where squares would not be exact. One number
  for all channels, and lists, are read as if they were vectors; how the answer has to look is seen by `test_shape`.
- For an example images are single pixels of whole numbers, and few (`small`).
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from autograder.remote.failures import StudentError
from autograder.testing import as_number, as_tensor, assert_close, randn

CASES = 2
NEAR = {"rtol": 2e-3, "atol": 1e-3}


def _images(rng, n: int, channels: int, small: bool = False) -> Tensor:
    """(n, channels, 9, 11) float32; each channel has its own brightness and contrast. `small`: of one pixel, 0 to 4."""
    if small:
        return torch.from_numpy(rng.integers(0, 5, (n, channels, 1, 1))).float()
    level = torch.from_numpy(rng.permutation(channels) + rng.random(channels)).view(-1, 1, 1)
    width = torch.from_numpy(rng.permutation(channels) + 0.5 + 0.3 * rng.random(channels)).view(-1, 1, 1)
    return (level + width * randn(rng, n, channels, 9, 11)).float()


def _repeated(rng, n: int, channels: int, times: int, small: bool) -> Tensor:
    """`times` batches of n images: the same in another order."""
    base = _images(rng, n, channels, small)
    return torch.cat([base[torch.from_numpy(rng.permutation(n))] for _ in range(times)])


def _ask(student, images: Tensor, batch_size: int | None = None) -> object:
    labels = torch.zeros(len(images), dtype=torch.int64)
    loader = student.make(
        "loader",
        called="загрузчик / loader",
        images=images,
        labels=labels,
        batch_size=batch_size or max(1, len(images)),
    )
    return student.channel_stats(loader)


def _vector(value: object, channels: int, what: str) -> Tensor:
    """(channels) float64, finite."""
    if isinstance(value, list | tuple):
        numbers = torch.tensor([as_number(item, what) for item in value], dtype=torch.float64)
    else:
        numbers = as_tensor(value, what).detach().double().flatten()
    numbers = numbers.expand(channels) if numbers.numel() == 1 else numbers
    assert tuple(numbers.shape) == (channels,), f"{what} has {numbers.numel()} numbers, expected {channels}"
    assert bool(torch.isfinite(numbers).all()), f"{what} holds NaN or infinity"
    return numbers


def _both(answer: object, channels: int) -> tuple[Tensor, Tensor]:
    """Means and deviations."""
    assert isinstance(answer, list | tuple), f"got a {type(answer).__name__}, expected a pair"
    assert len(answer) == 2, f"got {len(answer)} values, expected a pair"
    return _vector(answer[0], channels, "mean"), _vector(answer[1], channels, "std")


def illustrate_channel_stats(
    batches: Iterable[tuple[Tensor, Tensor]],
) -> tuple[str, dict[str, Tensor | tuple[Tensor, Tensor]]]:
    """What an example shows of a call: how many images each batch has, and how bright each is."""
    parts = [images for images, _ in batches]
    sizes = ", ".join(str(len(images)) for images in parts)
    if not sizes:
        return "картинок нет / no images", {}
    images = torch.cat(parts)
    is_one_pixel = images.shape[2:].numel() == 1
    name = (
        "пиксели: строка — канал, столбец — картинка / pixels: a row is a channel, a column an image"
        if is_one_pixel
        else "среднее каждой картинки: строка — канал / mean of each image: a row is a channel"
    )
    note = f"картинок в батчах: {sizes} / images in batches: {sizes}"
    return note, {name: images.double().mean((2, 3)).T.float()}


def test_mean(rng, student, small):
    answers, size = [], 3 if small else 12
    for channels in (2, 3) if small else (3, 4):
        images = _repeated(rng, size, channels, 2 if small else 3, small)
        answers.append((images, _ask(student, images, size)))
    for images, answer in answers:
        mean, _ = _both(answer, images.shape[1])
        assert_close(mean, images.double().mean((0, 2, 3)), **NEAR, what="mean")


def test_std(rng, student, small):
    answers, size = [], 3 if small else 12
    for channels in (2, 3) if small else (3, 4):
        images = _repeated(rng, size, channels, 2 if small else 3, small)
        answers.append((images, _ask(student, images, size)))
    for images, answer in answers:
        _, std = _both(answer, images.shape[1])
        assert_close(std, images.double().std((0, 2, 3), correction=0), **NEAR, what="std")


def test_last_batch(rng, student, small):
    answers = []
    for _ in range(CASES):
        size, rest = (3, 1) if small else (int(rng.integers(6, 10)), int(rng.integers(1, 4)))
        images = _images(rng, 3 * size + rest, 2, small)
        images[-rest:] += 6 if small else 3 + float(rng.random())
        answers.append((_ask(student, images), _ask(student, images, size), _ask(student, images[:-rest])))
    for whole, parts, without in answers:
        mean, expected, other = (_both(answer, 2)[0] for answer in (parts, whole, without))
        assert float((expected - other).abs().min()) > 0.02, "the last images change nothing"
        assert_close(mean, expected, **NEAR, what="mean")


def test_between_batches(rng, student, small):
    answers = []
    for _ in range(CASES):
        size = 3 if small else int(rng.integers(6, 10))
        images = _images(rng, 3 * size, 2, small)
        images[size : 2 * size] += 9 if small else 8 + 4 * float(rng.random())
        answers.append((_ask(student, images), _ask(student, images, size), _ask(student, images[:size])))
    for whole, parts, first in answers:
        std, expected, other = (_both(answer, 2)[1] for answer in (parts, whole, first))
        assert float((expected / other.clamp(min=1e-9)).min()) > 1.3, "brightness changes nothing"
        assert_close(std, expected, **NEAR, what="std")


def test_channels(rng, student, small):
    answers, size = [], 3 if small else 10
    for _ in range(CASES):
        images = _images(rng, 2 * size, 3, small)
        changed, place = images.clone(), int(rng.integers(0, 3))
        changed[:, place] = 4 + 5 * changed[:, place]
        answers.append((place, _ask(student, images, size), _ask(student, changed, size)))
    for place, before, after in answers:
        others = [channel for channel in range(3) if channel != place]
        for old, new in zip(_both(before, 3), _both(after, 3), strict=True):
            assert abs(float(new[place] - old[place])) > 0.1, "a channel that changes changes nothing"
            assert_close(new[others], old[others], **NEAR)


def test_far_from_zero(rng, student):
    answers = []
    for _ in range(CASES):
        images, far = randn(rng, 16, 2, 8, 9, dtype=torch.float32), 3000 + 100 * int(rng.integers(0, 9))
        flat = torch.full((8, 2, 7, 7), far + 0.3)
        own, moved = _ask(student, images, 8), _ask(student, images + far, 8)
        answers.append((far, own, moved, _ask(student, flat, 4)))
    for far, own, moved, flat in answers:
        (mean, std), (new_mean, new_std) = _both(own, 2), _both(moved, 2)
        assert float((new_mean - mean - far).abs().max()) < 0.5, "the mean does not move along"
        assert float(std.min()) > 0.1, "std is zero"
        assert_close(new_std, std, rtol=0.02, atol=0, what="std")
        assert float(_both(flat, 2)[1].max()) < 0.05, "images of one brightness have no std"


def test_few_numbers(rng, student):
    answers = []
    for _ in range(CASES):
        images = randn(rng, 3, 2, 1, 1, dtype=torch.float32)
        images = images - images.mean(0) + torch.tensor([0.5, -0.5, 0.0]).view(3, 1, 1, 1)
        few, wide = _ask(student, images), _ask(student, 3 * images)
        answers.append((few, wide, _ask(student, torch.cat([images, images]))))
    for few, wide, twice in answers:
        std, wider, expected = (_both(answer, 2)[1] for answer in (few, wide, twice))
        assert float((wider / std.clamp(min=1e-9)).min()) > 2, "three times the contrast has the same std"
        assert_close(expected, std, rtol=1e-3, atol=0, what="std")


def test_shape(rng, student):
    images = _images(rng, 8, 3)
    own, wide = _ask(student, images, 4), _ask(student, 3 * images, 4)
    for value, wider, what in zip(_pair_of(own), _pair_of(wide), ("mean", "std"), strict=True):
        tensor, other = as_tensor(value, what), as_tensor(wider, what)
        assert tuple(tensor.shape) == (3,), f"{what} has shape {tuple(tensor.shape)}, expected (3,)"
        assert tensor.dtype == torch.float32, f"{what} has dtype {tensor.dtype}"
        assert other.shape == tensor.shape, f"{what} changes its shape"
        assert not torch.equal(tensor, other), f"{what} does not depend on the images"


def _pair_of(answer: object) -> list[object]:
    assert isinstance(answer, list | tuple), f"got a {type(answer).__name__}, expected a pair"
    assert len(answer) == 2, f"got {len(answer)} values, expected a pair"
    return list(answer)


def test_no_images(rng, student):
    images = _images(rng, 8, 2)
    own, wide = _ask(student, images, 4), _ask(student, 3 * images, 4)
    kind = "nothing"
    try:
        _ask(student, images[:0], 4)
    except StudentError as error:
        kind = error.kind
    assert not torch.equal(_both(own, 2)[1], _both(wide, 2)[1]), "std does not depend on the images"
    assert kind == "ValueError", f"no images raise {kind}, expected ValueError"
