"""Passes through shuffled data agree in any order; what is not shuffled, and what differs in more, does not."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from autograder.grading.verdicts.agreement import same_value
from autograder.grading.verdicts.passes import in_order

IMAGES = torch.randn(7, 1, 2, 3, generator=torch.Generator().manual_seed(0))


def batches(order: list[int], size: int = 3, images: Tensor = IMAGES) -> list[tuple[Tensor, Tensor]]:
    places = torch.tensor(order)
    return [(images[some], some % 2) for some in places.split(size)]


IN_ORDER = list(range(7))
SOME, OTHER = [3, 0, 6, 1, 5, 2, 4], [6, 5, 4, 3, 2, 1, 0]
MORE = [4, 1, 0, 2, 6, 5, 3]


def same(one: list[Any], other: list[Any]) -> bool:
    return same_value(in_order(one), in_order(other))


def test_any_order_that_is_drawn_anew_is_the_same() -> None:
    assert same([batches(SOME), batches(OTHER)], [batches(MORE), batches(IN_ORDER)])
    nearly = IMAGES + 1e-6
    assert same([batches(SOME), batches(OTHER)], [batches(MORE, images=nearly), batches(SOME, images=nearly)])


def test_one_order_in_all_passes_is_another_answer() -> None:
    shuffled, once = [batches(SOME), batches(OTHER)], [batches(SOME), batches(SOME)]
    assert not same(shuffled, once)
    assert not same(once, [batches(OTHER), batches(OTHER)])
    assert same(once, [batches(SOME), batches(SOME)])
    assert in_order(once) is once
    assert not same([batches(SOME)], [batches(OTHER)])


@pytest.mark.parametrize(
    "other",
    [
        [batches(MORE, size=4), batches(SOME, size=4)],
        [batches(MORE, images=IMAGES[:, 0]), batches(SOME, images=IMAGES[:, 0])],
        [batches(MORE, images=IMAGES.double()), batches(SOME, images=IMAGES.double())],
        [batches(MORE, images=IMAGES + 1), batches(SOME, images=IMAGES + 1)],
        [batches(MORE[:-1]), batches(SOME[:-1])],
        [batches(MORE), batches(SOME), batches(OTHER)],
        [[(images, 1 - labels) for images, labels in batches(order)] for order in (MORE, SOME)],
    ],
    ids=["sizes", "shape", "type", "numbers", "an image less", "a pass more", "labels"],
)
def test_what_differs_in_more_than_order(other: list[Any]) -> None:
    assert not same([batches(SOME), batches(OTHER)], other)


@pytest.mark.parametrize(
    "odd",
    [
        [],
        [[]],
        [None],
        ["text"],
        [[3, 4]],
        [[(IMAGES,)]],
        [[(IMAGES, 3)]],
        [[(IMAGES, torch.zeros(6))]],
        [[(torch.zeros(()), torch.zeros(()))]],
        [[(torch.zeros(2), torch.zeros(2, 1))]],
        [[(torch.zeros(2, 3), torch.zeros(2)), (torch.zeros(2, 4), torch.zeros(2))]],
    ],
)
def test_what_is_no_pass_stays_as_it_is(odd: list[Any]) -> None:
    assert in_order(odd) is odd
    mixed = [*odd, batches(SOME), batches(OTHER)]
    assert not odd or in_order(mixed) is mixed


def test_numbers_that_are_none_can_be_sorted() -> None:
    images = torch.full((4, 2), torch.nan)
    images[0], images[1] = torch.inf, -torch.inf
    found = in_order([batches([0, 1, 2, 3], images=images), batches([1, 0, 3, 2], images=images)])
    assert len(found) == 2
