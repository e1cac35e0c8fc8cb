"""Grids as text: side by side where they fit, without codes that only a terminal understands."""

from __future__ import annotations

import torch

from autograder.grids.plain import WIDTH, as_lines
from autograder.grids.tensors import arguments, pair

X = torch.tensor([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]])
KERNEL = torch.tensor([[[[1.0, 0.0], [0.0, -1.0]]]])


def test_side_by_side_with_captions_and_marks() -> None:
    grids = (
        *arguments(["x", "weight"], (X, KERNEL), {}),
        *pair(torch.tensor([[4.0]]), torch.tensor([[-4.0]])),
    )
    assert as_lines(grids, "en") == [
        "x                       weight                  got               expected",
        "(1, 1, 2, 3) float32    (1, 1, 2, 2) float32    (1, 1) float32    (1, 1) float32",
        " 1   2   3               1    0                 [4]               [-4]",
        " 4   5   6               0   -1",
        "What stands in square brackets differs.",
    ]
    russian = as_lines(grids, "ru")
    assert "получено" in russian[0]
    assert "ожидалось" in russian[0]
    assert russian[-1] == "В квадратных скобках — то, что отличается."


def test_nothing_is_marked_where_nothing_differs() -> None:
    lines = as_lines(arguments(["x"], (X,), {}), "en")
    assert lines == ["x", "(1, 1, 2, 3) float32", " 1   2   3", " 4   5   6"]


def test_another_shape_is_marked() -> None:
    lines = as_lines(pair(torch.zeros(3), torch.zeros(2)), "en")
    assert lines[1] == "[(3,) float32]    (2,) float32"
    assert lines[-1] == "What stands in square brackets differs."


def test_answers_stand_together_where_not_everything_fits_in_a_row() -> None:
    wide = torch.arange(20.0).reshape(2, 10) / 7
    lines = as_lines((*arguments(["x", "y"], (wide, wide), {}), *pair(wide[:, :3], wide[:, :3] + 1)), "en")
    assert max(map(len, lines)) <= WIDTH
    assert [line for line in lines if "got" in line] == [line for line in lines if "expected" in line]


def test_a_narrow_terminal_gets_them_one_below_the_other() -> None:
    lines = as_lines((*arguments(["x"], (X,), {}), *pair(X, X + 1)), "en", width=24)
    assert max(map(len, lines[:-1])) <= 24
    assert [line for line in lines if line in ("x", "got", "expected")] == ["x", "got", "expected"]


def test_a_dictionary_has_its_keys_above() -> None:
    assert as_lines(pair({1: 0.5, 3: 0.25}, {1: 0.5, 3: 0.0}), "en") == [
        "got             expected",
        "dict            dict",
        "   1      3        1   3",
        " 0.5  [0.25]     0.5  [0]",
        "What stands in square brackets differs.",
    ]


def test_empty_tensors_are_said_to_be_empty() -> None:
    assert as_lines(pair(torch.zeros(0, 2), torch.zeros(0, 2)), "en")[2] == "empty             empty"


def test_of_two_dictionaries_the_keys_are_marked_that_differ() -> None:
    lines = as_lines(pair({"top1": 0.5, 3: 0.0}, {1: 0.5, 3: 0.25}), "en")
    assert lines == [
        "got             expected",
        "dict            dict",
        "['top1']  3       [1]     3",
        "    0.5  [0]     0.5  [0.25]",
        "What stands in square brackets differs.",
    ]
