"""What a test may ask of a network: shapes without numbers (`blueprint`), and the gradients of its parameters."""

from __future__ import annotations

import subprocess
import sys
import types
from collections.abc import Iterator

import pytest
import torch
from torch import nn

from autograder.course.symbol import Symbol
from autograder.remote.failures import StudentCrashed, StudentError
from autograder.remote.session import Remote
from autograder.remote.student import Handle, Student
from autograder.sandbox.runner.executor import Executor
from autograder.sandbox.runner.in_process import InProcess
from autograder.wire.frames import Arrays, Message
from tests.autograder.sandbox_support import LIMITS, ROOT

MODULE = "a_module_of_big_networks"


class Huge(nn.Module):
    """4 TB of numbers, half of them frozen, and a buffer."""

    def __init__(self, side: int = 1_000_000) -> None:
        super().__init__()
        self.layer = nn.Linear(side, side, bias=False)
        self.frozen = nn.Parameter(torch.empty(side, side // 2), requires_grad=False)
        # As students find the length of a feature vector: by running layers on an empty image.
        self.head = nn.Linear(nn.Conv2d(1, 2, 3)(torch.zeros(1, 1, 5, 5)).numel(), 1)
        self.register_buffer("table", torch.tensor([1.0, 2.0, 3.0]))


class Drawn(nn.Module):
    """1 TB of numbers that are drawn twice."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(1_000_000, 1_000_000, bias=False)
        nn.init.normal_(self.layer.weight)
        nn.init.kaiming_normal_(self.layer.weight)


class Scale(nn.Module):
    """x -> a x + b, where b gets no gradient and c is no part of the sum."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.c = (nn.Parameter(torch.ones(2)) for _ in range(3))
        self.fixed = nn.Parameter(torch.ones(2), requires_grad=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.a * x + self.b.detach()


@pytest.fixture
def student() -> Iterator[Student]:
    module = types.ModuleType(MODULE)
    vars(module).update(Huge=Huge, Scale=Scale, number=lambda: 3)
    sys.modules[MODULE] = module
    symbols = [Symbol(MODULE, name) for name in ("Huge", "Scale", "number", "missing")]
    failures = {f"{MODULE}:missing": StudentError("not handed in", "NotImplementedError")}
    yield Student(lambda: InProcess(Executor()), symbols, LIMITS, failures)
    del sys.modules[MODULE]


def test_shapes_come_without_numbers(student: Student) -> None:
    shapes, trainable = student.blueprint("Huge")
    assert shapes == {
        "frozen": (1_000_000, 500_000),
        "table": (3,),
        "layer.weight": (1_000_000, 1_000_000),
        "head.weight": (1, 18),
        "head.bias": (1,),
    }
    assert trainable == 10**12 + 19
    shapes, _ = student.blueprint("Huge", side=4)
    assert shapes["layer.weight"] == (4, 4)
    # What is built afterwards has numbers again.
    assert torch.zeros(2).device.type == "cpu"


def test_first_weights_cost_no_compiler() -> None:
    code = (
        "import sys, torch; from autograder.sandbox.runner.drivers import blueprint\n"
        "import tests.autograder.sandbox.runner.test_blueprint as here\n"
        "before = set(sys.modules)\n"
        "print(blueprint(torch.device('cpu'), f'{here.__name__}:Drawn', {})['trainable'])\n"
        "print(sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    count, imported = done.stdout.splitlines()
    assert count == str(10**12)
    assert "torch._dynamo" not in imported


def test_what_is_no_network_is_the_students_mistake(student: Student) -> None:
    with pytest.raises(StudentError, match=r"number gave a int; an nn\.Module is needed"):
        student.blueprint("number")
    with pytest.raises(StudentError, match="unexpected keyword argument"):
        student.blueprint("Huge", depth=3)
    with pytest.raises(StudentError, match="not handed in"):
        student.blueprint("missing")


def test_gradients_of_parameters(student: Student) -> None:
    x, upstream = torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[1.0, -1.0], [2.0, 5.0]])
    net = student.Scale()
    for _ in range(2):  # gradients of an earlier call are not added
        found = student.parameter_gradients(net, x, upstream)
        assert list(found) == ["a", "b", "c"]
        assert found["a"] is not None
        assert found["a"].tolist() == [1.0 + 6.0, -2.0 + 20.0]
        assert found["b"] is found["c"] is None


@pytest.mark.parametrize(
    "out",
    [
        "text",
        ["dict", []],
        ["dict", [["shapes", ["dict", [["a", 3]]]], ["trainable", 1]]],
        ["dict", [["shapes", ["dict", [["a", ["tuple", [1.5]]]]]], ["trainable", 1]]],
        ["dict", [["shapes", ["dict", []]], ["trainable", "many"]]],
    ],
)
def test_an_answer_that_makes_no_sense_is_a_crash(student: Student, out: object) -> None:
    class Scripted:
        def request(self, *_: object, **__: object) -> tuple[Message, Arrays]:
            return {"ok": True, "values": {"out": out}}, {}

        def close(self) -> None: ...

    liar = Student(Scripted, student._symbols.values(), LIMITS)
    with pytest.raises(StudentCrashed):
        liar.blueprint("Huge")
    if out != ["dict", []]:
        with pytest.raises(StudentCrashed):
            liar.parameter_gradients(Handle(liar, Remote(1, "Net", (1, 0))), torch.ones(1), torch.ones(1))
