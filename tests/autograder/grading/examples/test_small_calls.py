"""Smaller calls of the same kind: which axes belong together, how short they get, which numbers stand in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from autograder.grading.examples.small_calls import SmallCalls, spread, whole_numbers
from autograder.grading.verdicts.replays import replay
from autograder.remote.records import CallRecord, Made
from hw_cnn.layers.convolution import conv2d
from hw_cnn.layers.pooling import pool2d
from hw_cnn.metrics import topk_error


def small(function: Callable[..., Any], *args: Any, **kwargs: Any) -> SmallCalls:
    return of_record(function, CallRecord(function.__name__, args, kwargs, {}))


def of_record(function: Callable[..., Any], record: CallRecord) -> SmallCalls:
    right = replay(function, record)
    assert right is not None
    return SmallCalls(function, record, right)


def least_shapes(calls: SmallCalls) -> list[tuple[int, ...]]:
    call = calls.call(calls.least)
    assert call is not None
    values = (*call.record.args, *call.record.kwargs.values())
    return [tuple(value.shape) for value in values if isinstance(value, Tensor)]


def images(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(
    "settings", [{}, {"stride": 2}, {"stride": (1, 2), "padding": 1}, {"padding": (0, 1)}]
)
def test_a_convolution_becomes_one_channel_of_three_by_three(settings: dict[str, Any]) -> None:
    calls = small(conv2d, images(2, 3, 8, 8), images(4, 3, 3, 3), torch.zeros(4), **settings)
    assert least_shapes(calls) == [(1, 1, 3, 3), (1, 1, 2, 2), (1,)]
    call = calls.call(calls.least)
    assert call is not None
    assert call.record.kwargs == settings, "what the call is about stays"
    assert isinstance(call.right, tuple)
    assert torch.equal(call.right[0], conv2d(*call.record.args, **settings))


def test_axes_that_are_equal_by_chance_stay_apart() -> None:
    calls = small(conv2d, images(3, 3, 3, 3), images(3, 3, 3, 3), torch.zeros(3))
    x, weight, bias = least_shapes(calls)
    assert x[1] == weight[1] == 1
    assert weight[0] == bias[0] == 1
    assert x[0] == 1


def test_a_pooling_window_bounds_the_image() -> None:
    assert least_shapes(small(pool2d, images(2, 1, 9, 9), 4, stride=2)) == [(1, 1, 4, 4)]


def test_rows_of_logits_and_labels_belong_together() -> None:
    targets = torch.arange(40) % 11
    assert least_shapes(small(topk_error, images(40, 11), targets, (1, 3))) == [(1, 3), (1,)]
    assert least_shapes(small(topk_error, images(40, 11), targets, (1, 5))) == [(1, 5), (1,)]
    calls = small(topk_error, images(40, 11), targets, (1, 3))
    call = calls.call(calls.original[:1] + calls.least[1:])
    assert call is not None
    assert int(call.record.args[1].max()) == 2, "labels are classes that there are"


@pytest.mark.parametrize("seed", range(20))
def test_labels_do_not_depend_on_chance(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn((71, 10), generator=generator)
    targets = torch.randint(10, (71,), generator=generator)
    calls = small(topk_error, logits, targets, (1, 2))
    rights = []
    for rows in (1, 2, 3):
        call = calls.call((rows, *calls.least[1:]))
        assert call is not None
        assert isinstance(call.right, tuple)
        rights.append(call.right[0])
    assert rights[0] == {1: 0.0, 2: 0.0}, "one row, and it is right"
    assert rights[1] == {1: 0.5, 2: 0.5}, "the second is wrong"
    assert rights[2] == pytest.approx({1: 2 / 3, 2: 1 / 3}), "the third is the second best class"


def test_a_refusal_stays_the_same_refusal() -> None:
    targets = torch.arange(20) % 9
    calls = small(topk_error, images(20, 9), targets, (1, 12))
    logits, labels = least_shapes(calls)
    assert logits[0] == labels[0] == 1


def test_gradients_are_asked_for_the_smaller_output() -> None:
    options = {"requires_grad": (0, 1), "upstream": images(2, 4, 6, 6), "call_s": 30.0}
    args = (images(2, 3, 8, 8), images(4, 3, 3, 3), torch.zeros(4))
    calls = of_record(conv2d, CallRecord("conv2d", args, {}, options))
    call = calls.call(calls.least)
    assert call is not None
    assert call.record.options["upstream"].shape == (1, 1, 2, 2)
    assert call.record.options["call_s"] is None
    assert isinstance(call.right, tuple)
    assert [tuple(grad.shape) for grad in call.right[1] or () if grad is not None] == [
        (1, 1, 3, 3),
        (1, 1, 2, 2),
    ]


def test_what_is_no_tensor_stays() -> None:
    def first(network: object, x: Tensor) -> Tensor:
        return x * 2

    made = Made("network", {"layers": [("flat", "Flatten")], "seed": 0})
    calls = of_record(first, CallRecord("first", (made, images(5, 7)), {}, {}))
    call = calls.call(calls.least)
    assert call is not None
    assert call.record.args[0] is made
    assert least_shapes(calls) == [(1, 3)]


@pytest.mark.parametrize("args", [(1,), (torch.ones(1, 1),), (torch.ones(0, 3),), (torch.ones((2,) * 13),)])
def test_what_cannot_be_shortened_is_refused(args: tuple[Any, ...]) -> None:
    with pytest.raises(ValueError, match=r"axis|axes"):
        small(lambda x: x, *args)


def test_both_ends_are_kept_so_that_symmetry_is() -> None:
    kernel = torch.tensor([[1.0, 2.0, 1.0], [3.0, 4.0, 3.0], [1.0, 2.0, 1.0]])
    assert spread(kernel, (2, 2)).tolist() == [[1, 1], [1, 1]]
    assert spread(torch.arange(7), (3,)).tolist() == [0, 3, 6]
    assert spread(kernel, (3, 3)).equal(kernel)


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([0.3, 0.1, 0.2], [3, 1, 2]),
        ([-0.5, 0.5, 2.0], [-1, 1, 2]),
        ([0.0, 0.7, -0.7], [0, 1, -1]),
        ([0.0, 0.0], [0, 0]),
        ([-5.0, -7.0], [-1, -2]),
        ([], []),
        ([float(n) for n in range(1, 19)], [(n + 1) // 2 for n in range(1, 19)]),
    ],
)
def test_small_whole_numbers_keep_order_sign_and_ties(numbers: list[float], expected: list[int]) -> None:
    given = torch.tensor(numbers, dtype=torch.float64)
    assert whole_numbers(given).tolist() == expected
    assert whole_numbers(given).dtype == given.dtype


def test_what_takes_the_reference_long_is_not_repeated_often() -> None:
    def slow(x: Tensor) -> Tensor:
        for _ in range(2000):
            x = x + 1
        return x

    with pytest.raises(ValueError, match="too long"):
        small(slow, images(5, 7))


@pytest.mark.parametrize(
    ("shapes", "expected"),
    [
        (((2, 3, 6, 8), (4, 3, 3, 3)), [(1, 1, 3, 4), (1, 1, 2, 2)]),
        (((2, 3, 8, 6), (4, 3, 3, 3)), [(1, 1, 4, 3), (1, 1, 2, 2)]),
        (((1, 1, 6, 6), (1, 1, 2, 4)), [(1, 1, 3, 3), (1, 1, 2, 3)]),
        (((1, 1, 6, 8), (1, 1, 1, 4)), [(1, 1, 3, 4), (1, 1, 1, 2)]),
    ],
)
def test_what_is_not_square_stays_so(
    shapes: tuple[tuple[int, ...], ...], expected: list[tuple[int, ...]]
) -> None:
    """Else whoever takes the height for the width would read of it beside a square."""
    assert least_shapes(small(conv2d, *(images(*shape) for shape in shapes))) == expected


def test_labels_stand_on_both_sides_of_each_k() -> None:
    logits, targets = images(60, 9), torch.arange(60) % 9
    calls = small(topk_error, logits, targets, (3, 6))
    call = calls.call((6, *calls.least[1:]))
    assert call is not None
    few, labels = call.record.args[:2]
    order = few.argsort(dim=1, descending=True, stable=True)
    assert few.shape == (6, 6)
    assert (order == labels[:, None]).nonzero()[:, 1].tolist() == [0, 5, 2, 3, 1, 4]
