"""Public tests of L1: a network of two layers whose numbers can be followed by hand."""

from __future__ import annotations

import torch

from autograder.testing import as_tensor, assert_close

NETWORK = [("inside.dense", "Linear", 2, 2), ("inside.relu", "ReLU"), ("last", "Linear", 2, 1)]
STATE = {
    "inside.dense.weight": torch.tensor([[1.0, 1.0], [1.0, -1.0]]),
    "inside.dense.bias": torch.tensor([0.0, -2.0]),
    "last.weight": torch.tensor([[1.0, 10.0]]),
    "last.bias": torch.tensor([0.5]),
}
INPUT = torch.tensor([[3.0, 4.0], [5.0, 1.0]])


def _outputs(student, names: list[str]) -> object:
    net = student.make("network", layers=NETWORK, seed=0, state=STATE)
    return student.layer_outputs(net, INPUT, names)


def test_numbers(student):
    """числа двух слоёв / numbers of two layers"""
    names = ["inside.dense", "inside.relu", "last"]
    found = _outputs(student, names)
    assert isinstance(found, dict), (
        f"ответ / output: {type(found).__name__}, ожидался словарь / expected a dict"
    )
    right = {
        "inside.dense": [[7.0, -3.0], [6.0, 2.0]],
        "inside.relu": [[7.0, 0.0], [6.0, 2.0]],
        "last": [[7.5], [26.5]],
    }
    for name in names:
        assert_close(as_tensor(found.get(name), name), torch.tensor(right[name]), what=name)


def test_order_of_names(student):
    """порядок имён / order of the names"""
    names = ["last", "inside.dense"]
    found = _outputs(student, names)
    assert isinstance(found, dict), (
        f"ответ / output: {type(found).__name__}, ожидался словарь / expected a dict"
    )
    assert list(found) == names, f"слои / layers: {list(found)}, ожидалось / expected {names}"


def test_hooks_are_removed(student):
    """хуки сняты / hooks are removed"""
    net = student.make("network", layers=NETWORK, seed=0, state=STATE)
    found = student.layer_outputs(net, INPUT, ["last"])
    assert isinstance(found, dict), (
        f"ответ / output: {type(found).__name__}, ожидался словарь / expected a dict"
    )
    left = student.condition(net)["hooks"]
    assert left == 0, f"хуков осталось / hooks left: {left}"
