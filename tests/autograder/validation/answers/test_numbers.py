"""Numbers of an answer by their place, and which of them two answers share."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.validation.answers.numbers import answers, close, numbers, stable

ARRAYS = {"a0": np.array([1.0, 2.0], np.float32), "a1": np.array([True]), "a2": np.array([3], np.uint8)}


def test_numbers_are_found_in_containers() -> None:
    tree = ["dict", [[1, 0.5], ["maps", ["list", [["tensor", "a0"], ["ndarray", "a2"]]]], ["said", "7"]]]
    found = numbers(tree, ARRAYS)
    assert {place: value.tolist() for place, value in found.items()} == {
        "/1": 0.5,
        "/maps/0": [1.0, 2.0],
        "/maps/1": [3.0],
    }


@pytest.mark.parametrize("tree", [True, None, "1", ["handle", 3, "Net"], ["tensor", "a1"], ["float", "nan"]])
def test_what_is_no_number_is_left_out(tree: object) -> None:
    assert numbers(tree, ARRAYS) == {}


def test_weights_count_by_what_they_have_moved() -> None:
    start = {"bias": np.array([1.0, 1.5])}
    (moved,) = numbers(["dict", [["bias", ["tensor", "a0"]]]], ARRAYS, start).values()
    np.testing.assert_array_equal(moved, [np.nan, 0.5])


def test_inputs_that_come_back_are_no_answer() -> None:
    values = {"out": 1, "inputs_after": ["list", [2]], "grads": ["list", [3]], "dtype": "float32"}
    assert list(numbers(answers(values), {})) == ["/out", "/grads/0"]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ([1.0, 100.0], [1.0005, 100.0], [True, True]),  # next to a hundred a half in a thousand is rounding
        ([1.0, 2.0], [1.0005, 2.0], [False, True]),
        ([0.0, 0.0], [0.0, 1e-6], [True, False]),
        ([1.0, 1.0], [np.nan, np.inf], [False, False]),
    ],
)
def test_close_numbers(one: list[float], other: list[float], same: list[bool]) -> None:
    assert close(np.array(one), np.array(other)).tolist() == same


def test_numbers_that_are_drawn_anew_do_not_count() -> None:
    first = {"/a": np.array([1.0, np.nan, 3.0]), "/b": np.array([1.0]), "/c": np.array([1.0])}
    second = {"/a": np.array([1.0, np.nan, 4.0]), "/b": np.array([1.0, 2.0])}
    found = {place: mask.tolist() for place, mask in stable(first, second).items()}
    assert found == {"/a": [True, False, False]}
