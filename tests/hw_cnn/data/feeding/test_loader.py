"""TensorLoader's contract, each image followed by its own grey value; shift against a loop over pixels."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torch.testing import assert_close

from hw_cnn.data.feeding import loader


def numbered(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Images filled with their own number, which is also the label."""
    labels = torch.arange(count)
    return labels.to(torch.uint8)[:, None, None].expand(count, 4, 5).clone(), labels


@settings(deadline=None, max_examples=40)
@given(count=st.integers(1, 50), batch_size=st.integers(1, 60), shuffle=st.booleans(), seed=st.integers(0, 9))
def test_each_pass_gives_every_image_once_with_its_label(count, batch_size, shuffle, seed):
    batches = loader.TensorLoader(*numbered(count), batch_size, shuffle=shuffle, seed=seed)
    for _ in range(2):
        given_batches = list(batches)
        assert len(given_batches) == len(batches)
        assert all(len(labels) == batch_size for _, labels in given_batches[:-1])
        images, labels = (torch.cat(parts) for parts in zip(*given_batches, strict=True))
        assert images.shape == (count, 1, 4, 5)
        assert_close(images[:, 0, 0, 0] * 255, labels.float())
        assert sorted(labels.tolist()) == list(range(count))
        assert shuffle or labels.tolist() == list(range(count))


def test_normalises_as_by_hand():
    images = torch.tensor([[[0, 51], [102, 255]]], dtype=torch.uint8)
    ((batch, _),) = loader.TensorLoader(images, torch.tensor([3]), mean=0.5, std=0.25)
    assert batch.dtype == torch.float32
    assert_close(batch, torch.tensor([[[[-2.0, -1.2], [-0.4, 2.0]]]]))


def order(batches: loader.TensorLoader) -> list[int]:
    return torch.cat([labels for _, labels in batches]).tolist()


def test_shuffle_is_new_in_each_pass_and_follows_the_seed():
    first, same, other = (
        loader.TensorLoader(*numbered(40), 8, shuffle=True, seed=seed) for seed in (1, 1, 2)
    )
    passes = [order(first), order(first)]
    assert passes[0] != passes[1]
    assert passes == [order(same), order(same)]
    assert passes[0] != order(other)


def shift_by_loops(image: torch.Tensor, down: int, right: int) -> torch.Tensor:
    result = torch.zeros_like(image)
    height, width = image.shape[1:]
    for y in range(height):
        for x in range(width):
            if 0 <= y + down < height and 0 <= x + right < width:
                result[:, y + down, x + right] = image[:, y, x]
    return result


@settings(deadline=None, max_examples=30)
@given(moves=st.lists(st.tuples(st.integers(-5, 5), st.integers(-5, 5)), min_size=1, max_size=4))
def test_shift_equals_a_loop_over_pixels(moves):
    images = torch.randint(1, 256, (len(moves), 2, 4, 5), dtype=torch.uint8)
    expected = [shift_by_loops(image, *move) for image, move in zip(images, moves, strict=True)]
    assert torch.equal(loader.shift(images, torch.tensor(moves)), torch.stack(expected))


def random_images(count: int, channels: int = 3, height: int = 6, width: int = 5) -> torch.Tensor:
    generator = torch.Generator().manual_seed(count)
    return torch.randint(1, 256, (count, channels, height, width), dtype=torch.uint8, generator=generator)


def bytes_of(batches: loader.TensorLoader) -> torch.Tensor:
    """One pass, unnormalised, in the order of the labels."""
    images, labels = (torch.cat(parts) for parts in zip(*batches, strict=True))
    return (images * 255).round().to(torch.uint8)[labels.argsort()]


@settings(deadline=None, max_examples=15)
@given(
    limit=st.integers(1, 7), channels=st.integers(1, 3), shuffle=st.booleans(), pad=st.integers(0, 2),
    seed=st.integers(0, 99),
)  # fmt: skip
def test_each_shifted_image_is_the_image_at_one_of_the_places(limit, channels, shuffle, pad, seed):
    images = random_images(7, channels)
    batches = loader.TensorLoader(
        images, torch.arange(7), 3, max_shift_px=limit, shuffle=shuffle, pad_px=pad, seed=seed
    )
    padded = torch.nn.functional.pad(images, [pad] * 4)
    moves = [(down, right) for down in range(-limit, limit + 1) for right in range(-limit, limit + 1)]
    for given_image, image in zip(bytes_of(batches), padded, strict=True):
        assert any(torch.equal(given_image, shift_by_loops(image, *move)) for move in moves)


def test_shifts_are_those_that_are_drawn_after_the_order():
    """The random stream is part of the contract: measured accuracies and thresholds depend on it."""
    images = random_images(20, 1)
    generator = torch.Generator().manual_seed(4)
    batches = loader.TensorLoader(images, torch.arange(20), 8, max_shift_px=2, shuffle=True, seed=4)
    for _ in range(3):
        order = torch.randperm(20, generator=generator)
        shifts = torch.randint(-2, 3, (20, 2), generator=generator)
        given_images, labels = (torch.cat(parts) for parts in zip(*batches, strict=True))
        assert torch.equal(labels, order)
        assert torch.equal(given_images, loader.shift(images, shifts)[order].float() / 255)


@settings(deadline=None, max_examples=20)
@given(count=st.integers(1, 30), seed=st.integers(0, 99), shift=st.integers(0, 2), first=st.integers(0, 5))
def test_alternating_flips_show_both_versions_in_two_consecutive_epochs(count, seed, shift, first):
    images = random_images(count)
    batches = loader.TensorLoader(images, torch.arange(count), 4, flip="alternating", shuffle=True, seed=seed)
    batches.set_epoch(first)
    one, two = bytes_of(batches), bytes_of(batches)
    for image, a, b in zip(images, one, two, strict=True):
        assert {a.numpy().tobytes(), b.numpy().tobytes()} == {
            image.numpy().tobytes(), image.flip(-1).numpy().tobytes()
        }  # fmt: skip
    assert torch.equal(bytes_of(batches), one)


def test_alternating_and_random_flips_begin_with_a_coin():
    images = random_images(1000, 1)
    for flip in ("alternating", "random"):
        batches = loader.TensorLoader(images, torch.arange(1000), 64, flip=flip)
        passes = [bytes_of(batches), bytes_of(batches)]
        are_flipped = [(given_images != images).flatten(1).any(1) for given_images in passes]
        for given_images, is_flipped in zip(passes, are_flipped, strict=True):
            assert torch.equal(given_images[is_flipped], images[is_flipped].flip(-1))
            # Five standard deviations of 1,000 coins.
            assert 420 < int(is_flipped.sum()) < 580
        num_changed = int((are_flipped[0] != are_flipped[1]).sum())
        assert num_changed == 1000 if flip == "alternating" else 420 < num_changed < 580


@settings(deadline=None, max_examples=30)
@given(side=st.integers(1, 8), channels=st.integers(1, 3), seed=st.integers(0, 99))
def test_cutout_blackens_one_square_around_a_pixel_of_the_image(side, channels, seed):
    images = random_images(20, channels)
    batches = loader.TensorLoader(images, torch.arange(20), 8, cutout_px=side, seed=seed)
    for given_image, image in zip(bytes_of(batches), images, strict=True):
        candidates = []
        for y in range(6):
            for x in range(5):
                cut = image.clone()
                top, left = y - side // 2, x - side // 2
                cut[:, max(top, 0) : top + side, max(left, 0) : left + side] = 0
                candidates.append(cut)
        assert any(torch.equal(given_image, cut) for cut in candidates)


def test_cutout_reaches_every_centre():
    images = torch.full((2000, 1, 6, 5), 255, dtype=torch.uint8)
    (batch,) = loader.TensorLoader(images, torch.arange(2000), 2000, cutout_px=1)
    assert {tuple(place) for place in (batch[0][:, 0] == 0).nonzero()[:, 1:].tolist()} == {
        (y, x) for y in range(6) for x in range(5)
    }


def test_padding_is_black_before_normalising():
    images = torch.full((1, 28, 28), 255, dtype=torch.uint8)
    ((batch, _),) = loader.TensorLoader(
        images, torch.zeros(1, dtype=torch.int64), pad_px=2, mean=0.1, std=1.275**-1
    )
    # The scale of LeNet (LeCun 1998, section II.B): background -0.1 · 1.275 here, ink 1.1475.
    expected = torch.nn.functional.pad(torch.full((1, 1, 28, 28), 0.9 * 1.275), [2] * 4, value=-0.1 * 1.275)
    assert_close(batch, expected)


def test_normalises_each_channel_with_its_own_numbers():
    images = random_images(6)
    mean, std = (0.1, 0.5, 0.7), (0.2, 0.3, 0.4)
    ((batch, _),) = loader.TensorLoader(images, torch.arange(6), mean=mean, std=std)
    for channel in range(3):
        expected = (images[:, channel].double() / 255 - mean[channel]) / std[channel]
        assert_close(batch[:, channel].double(), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("size", [4, 6, 11])
def test_resizes_like_pillow(size):
    images = random_images(3, 1, 8, 8)
    ((batch, _),) = loader.TensorLoader(images, torch.arange(3), image_size=size)
    assert batch.shape == (3, 1, size, size)
    for given_image, image in zip(batch[:, 0], images[:, 0], strict=True):
        resized = Image.fromarray(image.numpy()).resize((size, size), Image.Resampling.BILINEAR)
        # Pillow rounds to whole grey values in each direction.
        assert_close(given_image * 255, torch.from_numpy(np.array(resized)).float(), atol=1.01, rtol=0)


def test_augmentations_do_not_depend_on_the_batch_size():
    images, labels = random_images(50), torch.arange(50)
    settings_ = {"shuffle": True, "max_shift_px": 2, "flip": "random", "cutout_px": 3, "seed": 5}
    whole, in_parts = (loader.TensorLoader(images, labels, size, **settings_) for size in (50, 7))
    assert torch.equal(next(iter(whole))[0], torch.cat([batch for batch, _ in in_parts]))


def test_no_image_gives_no_batch():
    empty = torch.zeros(0, 1, 4, 4, dtype=torch.uint8), torch.zeros(0, dtype=torch.int64)
    assert list(loader.TensorLoader(*empty, shuffle=True, max_shift_px=1, flip="random")) == []


def test_shifts_stay_in_range_reach_every_place_and_do_not_depend_on_the_batch_size():
    images = torch.zeros(400, 7, 7, dtype=torch.uint8)
    images[:, 3, 3] = 255
    labels = torch.arange(400)
    whole, parts = (loader.TensorLoader(images, labels, size, max_shift_px=2, seed=5) for size in (400, 64))
    ((moved, _),) = whole
    places = {tuple(place) for place in moved[:, 0].nonzero()[:, 1:].tolist()}
    assert places == {(y, x) for y in range(1, 6) for x in range(1, 6)}
    assert torch.equal(moved, torch.cat([batch for batch, _ in parts]))


@pytest.mark.parametrize(
    "arguments", [{}, {"max_shift_px": 1, "shuffle": True, "flip": "random", "cutout_px": 2}]
)
def test_images_and_labels_stay_unchanged(arguments):
    images, labels = random_images(9), torch.arange(9)
    copies = images.clone(), labels.clone()
    for batch, batch_labels in loader.TensorLoader(images, labels, 4, **arguments):
        batch.zero_()
        batch_labels.zero_()
    assert torch.equal(images, copies[0])
    assert torch.equal(labels, copies[1])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((torch.zeros(2, 4, 4), torch.zeros(2)), "expected uint8"),
        ((torch.zeros(4, 4, dtype=torch.uint8), torch.zeros(4)), "expected uint8"),
        ((torch.zeros(2, 4, 4, dtype=torch.uint8), torch.zeros(3)), "one per image"),
        ((torch.zeros(2, 4, 4, dtype=torch.uint8), torch.zeros(2), 0), "at least 1"),
    ],
)
def test_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        loader.TensorLoader(*arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"flip": "sometimes"}, r"flip \(='sometimes'\) must be one of 'none', 'random', 'alternating'"),
        ({"cutout_px": -1}, r"cutout_px \(=-1\)"),
        ({"pad_px": -1}, r"pad_px \(=-1\)"),
        ({"image_size": 0}, r"image_size \(=0\) must be at least 1 pixel, or None"),
        ({"mean": (0.1, 0.2)}, r"mean \(=\(0.1, 0.2\)\) holds 2 numbers; .* each of 3 channels"),
        ({"rank": 2, "world_size": 2}, r"rank \(=2\) must be in 0..1"),
    ],
)
def test_refuses_an_augmentation(arguments, message):
    with pytest.raises(ValueError, match=message):
        loader.TensorLoader(random_images(2), torch.arange(2), **arguments)
