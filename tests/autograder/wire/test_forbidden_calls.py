"""The names that a manifest may forbid."""

from __future__ import annotations

import pytest

from autograder.wire.forbidden_calls import CALLS, is_layer, number_of, shown


def test_every_call_can_be_seen_and_read() -> None:
    for name, call in CALLS.items():
        assert call.operators or call.functions or call.classes, name
        assert set(call.not_as_gradient) <= set(call.operators)
        assert number_of([name], f"{name}.x" if "*" in call.names else name) == 0
        assert len(set(call.operators)) == len(call.operators), name


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("torch.nn.functional.conv2d", "F.conv2d"),
        ("torch.nn.Conv2d", "nn.Conv2d"),
        ("numpy.convolve", "numpy.convolve"),
    ],
)
def test_as_a_student_writes_it(name: str, said: str) -> None:
    assert shown(name) == said


def test_layers_are_told_from_functions() -> None:
    assert {name for name in CALLS if is_layer(name)} == {
        "torch.nn.Conv1d", "torch.nn.Conv2d", "torch.nn.Unfold", "torch.nn.MaxPool2d", "torch.nn.AvgPool2d",
        "torch.nn.MaxUnpool2d",
    }  # fmt: skip


def test_the_name_that_is_spelled_is_preferred() -> None:
    names = ["torch.nn.functional.conv2d", "torch.nn.Conv2d"]
    assert number_of(names, "torch.nn.Conv2d") == 1
    assert number_of(names, "torch.nn.Conv3d") == 0
    assert number_of(names, "torch.Tensor.unfold") is None
    assert number_of(["torch.nn.functional.unfold"], "torch.Tensor.unfold") is None
    assert number_of(names, "torchaudio.conv2d") is None


@pytest.mark.parametrize(
    ("dotted", "is_one"),
    [
        ("torch.autograd.grad", True), ("torch.autograd.backward", True), ("torch.Tensor.backward", True),
        ("torch.func.vjp", True), ("torch.autograd.functional.jacobian", True), ("torch.func.jacfwd", True),
        ("torch.func.vmap", False), ("torch.no_grad", False), ("torch.nn.grad.conv2d_input", False),
        ("torch.Tensor.grad", True), ("torch.autograd.Function", False),
    ],
)  # fmt: skip
def test_gradients_are_told_by_their_names(dotted: str, is_one: bool) -> None:
    assert (number_of(["torch.autograd"], dotted) == 0) is is_one
