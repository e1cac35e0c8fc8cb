"""From what calls take and give to grids."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from autograder.grids.grid import Grid
from autograder.grids.tensors import answer, arguments, illustrated, pair


def shown(grid: Grid) -> list[list[Any]]:
    return [list(row) for row in grid.parts[0].rows]


def test_arguments_that_are_tensors_by_their_names() -> None:
    x, w = torch.ones(2), torch.zeros(1)
    grids = arguments(["x", "k"], (x, 3, w), {"bias": w, "stride": 2})
    assert [(grid.name, grid.role) for grid in grids] == [("x", "input"), ("[2]", "input"), ("bias", "input")]


@pytest.mark.parametrize(
    ("value", "numbers", "kind"),
    [
        (torch.tensor([1.5, 2.0], dtype=torch.float16), [[1.5, 2]], "(2,) float16"),
        (torch.tensor([1.5, 2.0], dtype=torch.bfloat16), [[1.5, 2]], "(2,) bfloat16"),
        (torch.tensor([1.0], requires_grad=True), [[1]], "(1,) float32"),
        (torch.tensor(2.5), [[2.5]], "float32"),
        (torch.tensor([True]), [[1]], "(1,) bool"),
        (np.array([[1, 2]]), [[1, 2]], "(1, 2) int64"),
        (0.25, [[0.25]], ""),
        (3, [[3]], ""),
        (1 << 70, [[1.181e21]], ""),
        ({1: 0.5, 5: 0}, [[0.5, 0]], "dict"),
        ([0.5, 1], [[0.5, 1]], "list"),
    ],
)
def test_answers(value: Any, numbers: list[list[float]], kind: str) -> None:
    (grid,) = answer(value, "got")
    assert (shown(grid), grid.kind) == (numbers, kind)


@pytest.mark.parametrize(
    "value", [None, "text", {}, [], {1: "a"}, object(), [torch.ones(1)], dict.fromkeys(range(99), 1)]
)
def test_what_is_no_array_is_not_drawn(value: Any) -> None:
    assert answer(value, "got") == ()


def test_a_pair_of_numbers() -> None:
    got, expected = pair(2.0, 2.5, "loss")
    assert (got.title("en"), expected.title("ru")) == ("got: loss", "ожидалось: loss")
    assert (got.num_marked, expected.num_marked) == (1, 1)


def test_keys_that_differ_are_told() -> None:
    for got in ({"1": 0.5}, {2: 0.5}, [0.5]):
        one, other = pair(got, {1: 0.5})
        assert (one.other, other.other) == (isinstance(got, list), False)
        assert one.other_labels == (() if isinstance(got, list) else (0,))
        assert one.num_marked == (0 if isinstance(got, list) else 1)
        assert not any(part.marked for part in one.parts), "the keys differ, not the numbers"


def test_keys_that_are_not_asked_for_are_marked_and_those_that_are_missing() -> None:
    one, other = pair({"top1": 0.5, 5: 0.25, 7: 0.0}, {1: 0.5, 5: 0.25, 7: 1.0})
    assert one.labels == ("'top1'", "5", "7")
    assert one.other_labels == other.other_labels == (0,)
    assert one.parts[0].marked == other.parts[0].marked == ((0, 2),), (
        "the number, where the key is on both sides"
    )
    one, other = pair({7: 1.0, 1: 0.5}, {1: 0.5, 5: 0.25, 7: 1.0})
    assert (one.other_labels, other.other_labels) == ((), (1,))
    assert [part.marked for grid in (one, other) for part in grid.parts] == [(), ()]


def test_where_only_one_side_can_be_drawn() -> None:
    assert [grid.role for grid in pair("text", torch.ones(1))] == ["expected"]
    (got,) = pair(torch.ones(1), None)
    assert (got.role, got.other) == ("got", True)
    assert pair("one", "other") == ()


def test_of_a_collection_the_first_item_that_differs() -> None:
    one = {"a": torch.ones(1), "b": torch.ones(2)}
    got, _ = pair(one, {"a": torch.ones(1), "b": torch.zeros(2)})
    assert got.name == "['b']"
    got, _ = pair((torch.ones(1), torch.ones(2)), (torch.zeros(1), torch.ones(2)))
    assert got.name == "[0]"
    assert pair(one, one) == ()
    assert pair(one, {"c": torch.ones(1)}) == ()


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (np.asarray([1, 2], np.float32), "numpy.ndarray (2,) float32"),
        ([1.0, 2.0], "list"),
        ((1.0, 2.0), "tuple"),
    ],
)
def test_another_type_is_told_though_the_numbers_agree(value: Any, kind: str) -> None:
    one, other = pair(value, torch.tensor([1.0, 2.0]))
    assert (one.kind, one.other) == (kind, True)
    assert (other.kind, other.other) == ("torch.Tensor (2,) float32", False)
    assert one.num_marked == 0


def test_a_number_in_place_of_a_tensor() -> None:
    one, other = pair(2.0, torch.tensor(2.0))
    assert (one.kind, one.other, other.kind) == ("float", True, "torch.Tensor float32")


def test_equal_types_are_not_told() -> None:
    parameter = torch.nn.Parameter(torch.ones(1))
    for got, expected in ((torch.ones(1), torch.zeros(1)), (1.0, 2.0), (parameter, torch.zeros(1))):
        assert [grid.type for grid in pair(got, expected)] == ["", ""]


def test_a_tensor_with_frames() -> None:
    grid = illustrated((torch.tensor([[1.0, 2.0]]), torch.tensor([[True, False]])), "f(x)")
    assert (grid.title("en"), grid.parts[0].marked) == ("f(x)", ((0, 0),))
    assert illustrated(torch.ones(1), "x").num_marked == 0


def test_the_tolerance_reaches_items_of_a_tuple() -> None:
    right = torch.tensor([0.1], dtype=torch.float64)
    one, _ = pair((right, right + 1e-9), (right, right), tolerance=(1e-10, 1e-10))
    assert (one.name, one.num_marked) == ("[1]", 1)
