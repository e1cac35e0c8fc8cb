"""A network of lazy layers is told so, wherever its weights are asked for before it has run."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import nn

from autograder.course.symbol import Symbol
from autograder.remote.failures import StudentError
from autograder.remote.student import Student
from autograder.sandbox.runner.executor import Executor
from autograder.sandbox.runner.in_process import InProcess
from autograder.student.public_tests import explain
from tests.autograder.sandbox_support import LIMITS

MODULE = "a_module_of_lazy_networks"


class Lazy(nn.Module):
    """The length of the vector is left to the first call."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3)
        self.last = nn.LazyLinear(3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.last(self.conv(x).flatten(1))


@pytest.fixture
def student() -> Iterator[Student]:
    module = types.ModuleType(MODULE)
    vars(module).update(Lazy=Lazy)
    sys.modules[MODULE] = module
    yield Student(lambda: InProcess(Executor()), [Symbol(MODULE, "Lazy")], LIMITS)
    del sys.modules[MODULE]


@pytest.mark.parametrize(
    "ask",
    [
        lambda student, net: student.parameters(net),
        lambda student, net: student.parameters(net, unregistered=True),
        lambda student, net: student.state_dict(net),
        lambda student, net: student.module_table(net),
        lambda student, _: student.blueprint("Lazy"),
    ],
)
def test_weights_that_are_not_there_yet_are_no_zero(
    student: Student, ask: Callable[[Student, Any], object]
) -> None:
    with pytest.raises(StudentError) as caught:
        ask(student, student.Lazy())
    assert caught.value.kind == "LazyLayersError"
    said, is_unwritten = explain(caught.value, "en")
    assert said.startswith("Layers of the network have no weights yet: nn.LazyLinear")
    assert not is_unwritten
    assert explain(caught.value, "ru")[0].startswith("У слоёв сети ещё нет весов: nn.LazyLinear")


def test_after_the_first_call_they_are_there(student: Student) -> None:
    net = student.Lazy()
    student.predict(net, torch.zeros(1, 1, 4, 4))
    assert {name: tuple(value.shape) for name, value in student.parameters(net).items()} == {
        "conv.weight": (2, 1, 3, 3),
        "conv.bias": (2,),
        "last.weight": (3, 8),
        "last.bias": (3,),
    }
