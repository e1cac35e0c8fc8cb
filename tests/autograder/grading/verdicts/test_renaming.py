"""Weights of two networks are matched by their shapes, a bias with its weight, equal ones by their order."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from autograder.grading.verdicts.renaming import match_names


def tensors(**shapes: tuple[int, ...]) -> dict[str, Tensor]:
    return {name.replace("__", "."): torch.zeros(shape) for name, shape in shapes.items()}


def test_equal_names_stay() -> None:
    state = nn.Linear(3, 3).state_dict()
    assert match_names(state, nn.Linear(3, 3).state_dict()) == {"weight": "weight", "bias": "bias"}


def test_other_names_in_another_order_are_matched_by_shape() -> None:
    theirs = tensors(fc__bias=(4,), fc__weight=(4, 9), conv__weight=(2, 1, 3, 3), conv__bias=(2,))
    ours = tensors(a__weight=(2, 1, 3, 3), a__bias=(2,), b__weight=(4, 9), b__bias=(4,))
    assert match_names(theirs, ours) == {
        "conv.weight": "a.weight", "conv.bias": "a.bias", "fc.weight": "b.weight", "fc.bias": "b.bias",
    }  # fmt: skip


def test_biases_of_one_length_go_with_their_weights() -> None:
    theirs = tensors(out__weight=(6, 8), out__bias=(6,), conv__weight=(6, 1, 5, 5), conv__bias=(6,))
    ours = tensors(c__weight=(6, 1, 5, 5), c__bias=(6,), d__weight=(6, 8), d__bias=(6,))
    names = match_names(theirs, ours)
    assert names is not None
    assert (names["conv.bias"], names["out.bias"]) == ("c.bias", "d.bias")


def test_weights_of_one_shape_go_by_their_order() -> None:
    theirs, ours = tensors(a=(3, 3), b=(3, 3)), tensors(p=(3, 3), q=(3, 3))
    assert match_names(theirs, ours) == {"a": "p", "b": "q"}


def test_biases_that_stand_elsewhere_are_matched_by_shape_alone() -> None:
    theirs, ours = tensors(w=(4, 9), b=(4,)), tensors(d__weight=(4, 9), d__bias=(4,))
    assert match_names(theirs, ours) == {"w": "d.weight", "b": "d.bias"}


@pytest.mark.parametrize(
    "ours", [{"w": (4, 9)}, {"w": (4, 9), "b": (5,)}, {"w": (4, 9), "b": (4,), "c": (4,)}]
)
def test_other_shapes_are_another_network(ours: dict[str, tuple[int, ...]]) -> None:
    assert match_names(tensors(w=(4, 9), b=(4,)), tensors(**ours)) is None
