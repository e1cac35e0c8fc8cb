"""Weights under the names that the network has."""

from __future__ import annotations

import pytest
import torch

from autograder.remote.checkpoints import names_of_network


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["a", "b"], ["a", "b"]),
        (["model.a", "model.b"], ["a", "b"]),
        (["model.a", "model.b", "accuracy.total"], ["a", "b"]),
        (["c"], ["c"]),
        (["model.c"], ["c"]),
    ],
)
def test_names_of_lightning(names: list[str], found: list[str]) -> None:
    state = {name: torch.tensor(float(number)) for number, name in enumerate(names)}
    assert {key: value.item() for key, value in names_of_network(state, {"a", "b"}).items()} == {
        name: float(number) for number, name in enumerate(found)
    }


def test_a_network_may_have_a_part_called_model() -> None:
    state = {"model.weight": torch.zeros(1), "head": torch.zeros(1)}
    assert set(names_of_network(state, set(state))) == {"model.weight", "head"}
