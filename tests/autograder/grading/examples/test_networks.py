"""Where a network goes wrong first: into a layer, out of it, or behind the last one."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
import torch
from torch import Tensor, nn

from autograder.course.manifest import load_manifest
from autograder.course.symbol import Symbol
from autograder.grading.examples.networks import Networks, Passed, first_difference, matched
from autograder.grading.verdicts.reference import reference_student
from autograder.remote.records import CallRecord
from autograder.remote.student import Student
from autograder.results.grade import Example
from autograder.sandbox.runner.executor import Executor
from autograder.sandbox.runner.in_process import InProcess

MANIFEST = load_manifest(Path(__file__).parents[4] / "assignments" / "seminar_cnn")
X, OUT = torch.ones(1, 1, 4, 4), torch.full((1, 2, 3, 3), 2.0)
DENSE_IN, DENSE_OUT = torch.arange(4.0)[None], torch.tensor([[3.0, -1.0]])


def passed(**changed: Tensor) -> Passed:
    values = {
        "x": X,
        "out": OUT,
        "dense_in": DENSE_IN,
        "dense_out": DENSE_OUT,
        "output": DENSE_OUT,
        **changed,
    }
    return Passed(
        [("conv", "Conv2d"), ("dense", "Linear")],
        [values["x"], values["dense_in"]],
        [values["out"], values["dense_out"]],
        values["output"],
    )


@pytest.mark.parametrize(
    ("changed", "place", "titles"),
    [
        ({"x": X / 2}, "into conv (Conv2d)", ["image", "got: into conv (Conv2d)"]),
        ({"out": OUT + 1}, "out of conv (Conv2d)", ["into conv (Conv2d)", "got: out of conv (Conv2d)"]),
        (
            {"dense_in": DENSE_IN.flip(1)},
            "into dense (Linear)",
            ["out of conv (Conv2d)", "got: into dense (Linear)"],
        ),
        (
            {"output": DENSE_OUT.relu()},
            "the network's output",
            ["out of dense (Linear)", "got: the network's output"],
        ),
        (
            {"output": DENSE_OUT[0]},
            "the network's output",
            ["out of dense (Linear)", "got: the network's output"],
        ),
    ],
)
def test_the_first_place_that_differs(changed: dict[str, Tensor], place: str, titles: list[str]) -> None:
    found = first_difference(passed(**changed), passed(), X, "en")
    assert found is not None
    assert found[0] == place
    assert [grid.title("en") for grid in found[1]][:2] == titles
    assert [grid.role for grid in found[1]] == ["input", "got", "expected"]


def test_what_agrees_has_no_place() -> None:
    assert first_difference(passed(), passed(), X, "en") is None


def test_layers_that_cannot_be_told_apart_leave_the_output() -> None:
    unseen = Passed([], [], [], DENSE_OUT + 1)
    found = first_difference(unseen, passed(), X, "ru")
    assert found is not None
    assert found[0] == "выход сети"
    assert found[1][0].title("ru") == "картинка"


def test_the_place_before_is_the_one_that_corresponds() -> None:
    """The difference in channel 1, at row 8 of 12, is shown beside rows around 16 of 24."""
    before, after = torch.zeros(1, 2, 24, 24), torch.zeros(1, 2, 12, 12)
    wrong = after.clone()
    wrong[0, 1, 8, 8] = 1
    names = [("a", "Conv2d"), ("b", "Conv2d")]
    got, right = (Passed(names, [X, into], [before, after], X) for into in (wrong, after))
    found = first_difference(got, right, X, "en")
    assert found is not None
    assert [grid.heading(grid.parts[0]) for grid in found[1]] == [
        "[0, 1, 13:19, 13:19]",
        "[0, 1, 5:11, 5:11]",
        "[0, 1, 5:11, 5:11]",
    ]


def test_parameters_are_matched_by_name_else_by_shape_else_by_layer() -> None:
    one, two, bias = torch.ones(2, 3), torch.ones(2, 3), torch.ones(2)
    assert matched({"b": one, "a": two}, {"a": one, "b": two}, [], []) == {"a": "a", "b": "b"}
    assert matched({"a": one, "c": bias}, {"y": bias, "x": one}, [], []) == {"x": "a", "y": "c"}
    own = {"late.weight": one, "early.weight": two}
    right = {"1.weight": one, "2.weight": two}
    assert matched(own, right, ["early", "late"], ["1", "2"]) == {
        "1.weight": "early.weight",
        "2.weight": "late.weight",
    }


@pytest.mark.parametrize(
    ("own", "layers"),
    [
        ({"a.weight": (2, 3), "b.weight": (3, 2)}, ["a", "b"]),
        ({"a.weight": (2, 3), "b.weight": (2, 3)}, ["a"]),
        ({"a.weight": (2, 3), "b.kernel": (2, 3)}, ["a", "b"]),
        ({"a.weight": (2, 3)}, ["a"]),
        ({"a.weight": (2, 3), "b.weight": (2, 3), "c.weight": (1,)}, ["a", "b"]),
    ],
)
def test_what_leaves_a_doubt_is_not_matched(own: dict[str, tuple[int, ...]], layers: list[str]) -> None:
    right = {"1.weight": torch.ones(2, 3), "2.weight": torch.ones(2, 3)}
    student = {name: torch.ones(shape) for name, shape in own.items()}
    assert matched(student, right, layers, ["1", "2"]) is None


class Own(nn.Module):
    """A student's network for 28x28 pixels, whose pieces can be exchanged."""

    pool: Callable[[Tensor], Tensor] = staticmethod(nn.MaxPool2d(2))
    end: Callable[[Tensor], Tensor] = staticmethod(nn.Identity())
    padding = 0

    def __init__(self, num_classes: int = 10) -> None:
        super().__init__()
        self.one, self.two = nn.Conv2d(1, 6, 5, padding=self.padding), nn.Conv2d(6, 16, 5)
        size = 256 if self.padding == 0 else 400
        self.dense = nn.Sequential(
            nn.Linear(size, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, num_classes)
        )

    def forward(self, x: Tensor) -> Tensor:
        for layer in (self.one, self.two):
            x = self.pool(layer(x).relu())
        return self.end(self.dense(x.flatten(1)))


class MeanPooling(Own):
    pool = staticmethod(nn.AvgPool2d(2))


class Softmax(Own):
    end = staticmethod(nn.Softmax(dim=1))


class Padded(Own):
    padding = 2


def example(
    monkeypatch: pytest.MonkeyPatch, own: type[nn.Module], *args: int, seed: int = 1
) -> Example | None:
    """Of a student's network that stands in a module of its own."""
    module = ModuleType("own_network")
    monkeypatch.setattr(module, "SeminarCNN", own, raising=False)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    symbol = Symbol(module=module.__name__, name="SeminarCNN")
    student = Student(lambda: InProcess(Executor()), [symbol], MANIFEST.limits)
    student.begin_test()
    student.SeminarCNN(*args)
    (call,) = student.making_calls
    return Networks(MANIFEST, student, reference_student(MANIFEST), seed).example(call, "en")


def test_a_right_network_has_no_example(monkeypatch: pytest.MonkeyPatch) -> None:
    assert example(monkeypatch, Own) is None


@pytest.mark.parametrize(
    ("own", "place", "others"),
    [
        (MeanPooling, "into two (Conv2d)", ["out of one (Conv2d)"]),
        (Softmax, "the network's output", ["out of dense.4 (Linear)"]),
    ],
)
def test_a_wrong_one_has(
    monkeypatch: pytest.MonkeyPatch, own: type[nn.Module], place: str, others: list[str]
) -> None:
    found = example(monkeypatch, own)
    assert found is not None
    assert found.call == f"SeminarCNN()(image)\n# the first difference: {place}"
    assert [grid.title("en") for grid in found.arrays] == [*others, f"got: {place}", f"expected: {place}"]
    assert found.arrays[1].num_marked > 0
    assert found == example(monkeypatch, own), "the same on a resubmission"
    assert found != example(monkeypatch, own, seed=2)


def test_other_weights_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = example(monkeypatch, Padded)
    assert found is not None
    assert found.call.endswith("# shapes of the weights in their order")
    assert "(120, 400)" in found.got
    assert found.got.endswith("; 61706 parameters in all")
    assert "(120, 256)" in found.expected
    assert found.expected.endswith("; 44426 parameters in all")


def test_without_biases_all_parameters_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    class NoBias(Own):
        def __init__(self) -> None:
            super().__init__()
            self.two = nn.Conv2d(6, 16, 5, bias=False)

    found = example(monkeypatch, NoBias)
    assert found is not None
    assert "(16,)" not in found.got
    assert "(16,)" in found.expected


def test_a_network_without_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    found = example(monkeypatch, nn.Flatten)
    assert found is not None
    assert found.got == "none; 0 parameters in all"


def test_a_network_that_refuses_an_image_shows_its_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusing(Own):
        def forward(self, x: Tensor) -> Tensor:
            raise ValueError("no such image")

    found = example(monkeypatch, Refusing)
    assert found is not None
    assert found.call == "SeminarCNN()(image)"
    assert "ValueError: no such image" in found.error


def test_a_network_that_only_the_student_cannot_make_shows_its_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class GreyOnly(Own):
        def __init__(self, num_classes: int = 10) -> None:
            if num_classes != 10:
                raise ValueError("ten classes")
            super().__init__()

    module = ModuleType("own_network")
    monkeypatch.setattr(module, "SeminarCNN", GreyOnly, raising=False)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    student = Student(
        lambda: InProcess(Executor()), [Symbol(module=module.__name__, name="SeminarCNN")], MANIFEST.limits
    )
    student.begin_test()
    call = CallRecord("SeminarCNN", (), {"num_classes": 12}, {})
    found = Networks(MANIFEST, student, reference_student(MANIFEST), 1).example(call, "en")
    assert found is not None
    assert found.call == "SeminarCNN(num_classes=12)"
    assert "ValueError: ten classes" in found.error


def test_the_settings_of_the_test_are_taken() -> None:
    call = CallRecord("SeminarCNN", (), {"preset": "hse"}, {})
    student = reference_student(MANIFEST)
    assert Networks(MANIFEST, student, reference_student(MANIFEST), 1).example(call, "en") is None
