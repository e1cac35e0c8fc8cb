"""TensorLoader's contract, each image followed by its own grey value; shift against a loop over pixels."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.testing import assert_close

from hw_cnn.data import loader


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


def test_shifts_stay_in_range_reach_every_place_and_do_not_depend_on_the_batch_size():
    images = torch.zeros(400, 7, 7, dtype=torch.uint8)
    images[:, 3, 3] = 255
    labels = torch.arange(400)
    whole, parts = (loader.TensorLoader(images, labels, size, max_shift_px=2, seed=5) for size in (400, 64))
    ((moved, _),) = whole
    places = {tuple(place) for place in moved[:, 0].nonzero()[:, 1:].tolist()}
    assert places == {(y, x) for y in range(1, 6) for x in range(1, 6)}
    assert torch.equal(moved, torch.cat([batch for batch, _ in parts]))


def test_images_stay_unchanged():
    images, labels = torch.randint(0, 256, (9, 3, 6, 6), dtype=torch.uint8), torch.arange(9)
    copy = images.clone()
    for batch, _ in loader.TensorLoader(images, labels, 4, max_shift_px=1, shuffle=True):
        batch.zero_()
    assert torch.equal(images, copy)


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
