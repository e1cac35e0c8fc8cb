"""Networks and loaders that are no student's: the same in judge and worker, and what a call leaves behind in them."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from autograder.course.manifest import Manifest
from autograder.course.symbol import Symbol
from autograder.course.variants import Variant
from autograder.grading.diagnosis import Diagnostician, Seen
from autograder.remote.failures import StudentCrashed, StudentError
from autograder.remote.records import Made
from autograder.remote.session import Remote
from autograder.remote.student import Handle, Student
from autograder.remote.transcript import Kept, Transcript, Turn
from autograder.sandbox.runner import drivers
from autograder.sandbox.runner.executor import Executor
from autograder.sandbox.runner.in_process import InProcess
from autograder.text import Text
from autograder.wire.frames import Arrays, Message
from tests.autograder.sandbox_support import LIMITS

MODULE = "a_module_that_looks_into_networks"
CPU = torch.device("cpu")
LAYERS = [
    ("features.conv", "Conv2d", 2, 3, (3, 2), {"padding": (1, 0), "stride": 2}),
    ("features.norm", "BatchNorm2d", 3),
    ("features.relu", "ReLU", {"inplace": True}),
    ("flat", "Flatten"),
    ("head.hidden", "Residual"),
    ("head.hidden.first", "Linear", 45, 45),
    ("head.last", "Linear", 45, 4),
]
SIZE = (5, 2, 5, 10)


def randn(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def leave_hook(model: nn.Module, images: Tensor) -> Tensor:
    model.get_submodule("head.last").register_forward_pre_hook(lambda *_: None)
    return model(images)


def leave_forward(model: nn.Module, images: Tensor) -> None:
    layer = model.get_submodule("flat")
    layer.forward = layer.forward


def leave_gradients(model: nn.Module, images: Tensor) -> None:
    model(images).sum().backward()


def leave_mode(model: nn.Module, images: Tensor) -> None:
    model.get_submodule("features.norm").eval()


def freeze(model: nn.Module, images: Tensor) -> None:
    model.requires_grad_(False)


def quiet(model: nn.Module, images: Tensor) -> Mapping[str, Any]:
    with torch.no_grad():
        return {"logits": (model(images), 3)}


def track(model: nn.Module, images: Tensor) -> Tensor:
    return model(images.requires_grad_()).detach()


def sum_of(model: nn.Module, batches: Any) -> Tensor:
    return torch.stack([model(images).detach().sum() for images, _ in batches]).sum()


def labels_of(batches: Any) -> Tensor:
    return torch.cat([labels for _, labels in batches])


FUNCTIONS = (leave_hook, leave_forward, leave_gradients, leave_mode, freeze, quiet, track, sum_of, labels_of)


@pytest.fixture
def student() -> Iterator[Student]:
    module = types.ModuleType(MODULE)
    vars(module).update({function.__name__: function for function in FUNCTIONS})
    sys.modules[MODULE] = module
    symbols = [Symbol(MODULE, function.__name__) for function in FUNCTIONS]
    symbols.append(Symbol(MODULE, "missing"))
    failures = {f"{MODULE}:missing": StudentError("not handed in", "NotImplementedError")}
    made = Student(lambda: InProcess(Executor()), symbols, LIMITS, failures)
    made.begin_test()
    yield made
    del sys.modules[MODULE]


def test_a_network_is_what_its_rows_say(student: Student) -> None:
    net = student.make("network", layers=LAYERS, seed=3)
    kinds = {name: kind for name, kind, _ in student.module_table(net)}
    assert kinds == {
        "": "Sequential", "features": "Sequential", "features.conv": "Conv2d", "features.norm": "BatchNorm2d",
        "features.relu": "ReLU", "flat": "Flatten", "head": "Sequential", "head.hidden": "Residual",
        "head.hidden.first": "Linear", "head.last": "Linear",
    }  # fmt: skip
    twin = drivers.network(CPU, LAYERS, 3)
    assert twin.training
    assert not drivers.network(CPU, LAYERS, 3, training=False).training
    mixed = drivers.network(CPU, LAYERS, 3, evaluating=["features.norm"])
    assert [name for name, part in mixed.named_modules() if not part.training] == ["features.norm"]
    state = student.state_dict(net)
    assert state.keys() == twin.state_dict().keys()
    assert all(torch.equal(value, state[name]) for name, value in twin.state_dict().items())
    other = drivers.network(CPU, LAYERS, 4).state_dict()
    assert not torch.equal(other["head.last.weight"], state["head.last.weight"])
    conv = twin.get_submodule("features.conv")
    assert (conv.kernel_size, conv.stride, conv.padding) == ((3, 2), (2, 2), (1, 0))
    torch.testing.assert_close(student.predict(net, randn(*SIZE)), twin.eval()(randn(*SIZE)).detach())


def test_a_network_may_bring_its_numbers(student: Student) -> None:
    state = {name: value + 1 for name, value in drivers.network(CPU, LAYERS, 1).state_dict().items()}
    net = student.make("network", layers=LAYERS, seed=0, state=state, training=False)
    assert all(torch.equal(value, state[name]) for name, value in student.state_dict(net).items())
    assert student.mode(net) is False


def test_what_passes_through_keeps_its_size() -> None:
    for seed in range(5):
        out = drivers.network(CPU, LAYERS, seed, training=False)(randn(500, *SIZE[1:]))
        assert 0.1 < float(out.detach().std()) < 20


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("Residual", lambda x, f: x + f(x)), ("Twice", lambda x, f: f(f(x))), ("Idle", lambda x, f: x)],
)
def test_containers(kind: str, expected: Any) -> None:
    net = drivers.network(CPU, [("block", kind), ("block.a", "Linear", 3, 3), ("block.b", "Tanh")], 0)
    block, x = net.get_submodule("block"), randn(4, 3)

    def inside(value: Tensor) -> Tensor:
        return torch.tanh(block.get_submodule("a")(value))

    torch.testing.assert_close(net(x), expected(x, inside))


@pytest.mark.parametrize("shuffle_seed", [None, 3])
def test_a_loader_gives_batches(student: Student, shuffle_seed: int | None) -> None:
    images = randn(10, 1, 2, 2)
    made = student.make(
        "loader", images=images, labels=torch.arange(10), batch_size=4, shuffle_seed=shuffle_seed
    )
    orders = [student.labels_of(made).tolist() for _ in range(2)]
    assert sorted(orders[0]) == list(range(10))
    assert (orders[0] == list(range(10))) is (shuffle_seed is None)
    assert (orders[0] == orders[1]) is (shuffle_seed is None)
    for batch, labels in drivers.loader(CPU, images, torch.arange(10), 4, shuffle_seed):
        assert len(batch) in (4, 2)
        assert torch.equal(batch, images[labels])


CLEAN = {"hooks": 0, "gradients": 0, "frozen": 0}


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("quiet", {}),
        ("leave_hook", {"hooks": 1}),
        ("leave_forward", {"hooks": 1}),
        ("leave_gradients", {"gradients": 8}),
        ("freeze", {"frozen": 8}),
        ("leave_mode", {"training": False}),
    ],
)
def test_what_a_call_leaves_behind_is_seen(student: Student, name: str, changed: dict[str, Any]) -> None:
    net = student.make("network", layers=LAYERS, seed=0)
    before = student.condition(net)
    assert {key: before[key] for key in CLEAN} == CLEAN
    assert len(before["training"]) == 10
    assert all(before["training"].values())
    getattr(student, name)(net, randn(*SIZE))
    expected = {**before, **changed}
    if name == "leave_mode":
        expected["training"] = {**before["training"], "features.norm": False}
    assert student.condition(net) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("quiet", (False, False)), ("leave_hook", (True, False)), ("track", (False, True))],
)
def test_traces_of_differentiation(student: Student, name: str, expected: tuple[bool, bool]) -> None:
    net = student.make("network", layers=LAYERS, seed=0)
    found = student.traces(name, net, randn(*SIZE))
    assert (found["output"], found["arguments"]) == expected


def test_what_is_not_handed_in_leaves_no_traces(student: Student) -> None:
    with pytest.raises(StudentError, match="not handed in"):
        student.traces("missing", 3)


def test_calls_with_made_objects_are_recorded(student: Student) -> None:
    net = student.make("network", layers=LAYERS, seed=6, training=False)
    made = student.make("loader", images=randn(*SIZE), labels=torch.arange(5), batch_size=2)
    out = student.sum_of(net, batches=made)
    (record,) = student.calls
    assert record.args == (Made("network", {"layers": LAYERS, "seed": 6, "training": False}),)
    assert record.kwargs["batches"].driver == "loader"
    torch.testing.assert_close(record.out, out)


def test_objects_of_the_students_code_are_not_recorded(student: Student) -> None:
    handle = student.make("network", layers=LAYERS, seed=6)
    handle.made = None
    student.quiet(handle, randn(*SIZE))
    assert student.calls == []


BUG = """
def accumulate(model, images):
    model.zero_grad()
    model(images).sum().backward()
    return model[0].weight.grad
"""


def test_a_call_with_made_objects_is_repeated_as_it_was(tmp_path: Path) -> None:
    """A planted bug that leaves its network in another state, and one that needs gradients."""
    (tmp_path / "wrong").mkdir()
    (tmp_path / "wrong" / "planted.py").write_text(BUG)
    module = types.ModuleType(MODULE)
    module.accumulate = lambda model, images: torch.zeros(3, 3)
    sys.modules[MODULE] = module
    test = {
        "id": "test_x1.py::test_it",
        "points": 1,
        "core": True,
        "sentence": {"ru": "Что-то.", "en": "It."},
    }
    task = {"id": "X1", "title": {"ru": "а", "en": "a"}, "symbols": [f"{MODULE}:accumulate"], "points": 1, "minutes": 1,
            "tests": [test]}  # fmt: skip
    manifest = Manifest.model_validate(
        {
            "schema": 1,
            "name": "x",
            "version": "1",
            "title": {"ru": "а", "en": "a"},
            "budget_minutes": 9,
            "tasks": [task],
        }
    )
    variant = Variant(id="planted", task="X1", kind="bug", what=Text(ru="Ошибка.", en="A mistake."))
    diagnostician = Diagnostician(tmp_path, manifest, [variant])
    x, out = randn(4, 3), {"inputs_after": None, "grads": None}
    network = {"layers": [("layer", "Linear", 3, 3)], "seed": 2}
    transcript = Transcript([
        Turn("driver", "network", None, (), network, None, {"out": Kept(0)}),
        *2 * [Turn("symbol", "accumulate", None, (Kept(0), x), {}, None, {"out": x.sum(0).expand(3, 3), **out})],
    ])  # fmt: skip
    for _ in range(2):
        (found,) = diagnostician.explain("X1", [Seen(True, transcript)], "en")
        assert found.bug == "planted"
    del sys.modules[MODULE]


def test_an_answer_that_makes_no_sense_is_a_crash(student: Student) -> None:
    class Scripted:
        def request(self, *_: object, **__: object) -> tuple[Message, Arrays]:
            return {"ok": True, "values": {"out": "text"}}, {}

        def close(self) -> None: ...

    liar = Student(Scripted, student._symbols.values(), LIMITS)
    with pytest.raises(StudentCrashed):
        liar.make("network", layers=LAYERS, seed=0)
    with pytest.raises(StudentCrashed):
        liar.condition(Handle(liar, Remote(1, "Net", (1, 0))))
    with pytest.raises(StudentCrashed):
        liar.traces("quiet")


def test_what_passes_through_the_layers_with_parameters() -> None:
    layers = [("conv", "Conv2d", 1, 2, 3), ("relu", "ReLU", {"inplace": True}), ("flat", "Flatten"),
              ("twice", "Twice"), ("twice.dense", "Linear", 8, 8), ("idle", "Idle"),
              ("idle.aside", "Linear", 8, 3)]  # fmt: skip
    net = drivers.network(CPU, layers, seed=0)
    x = randn(1, 1, 4, 4)
    found = drivers.layer_calls(CPU, net, x)
    assert found["layers"] == [("conv", "Conv2d"), ("twice.dense", "Linear"), ("twice.dense", "Linear")]
    conv = net.get_submodule("conv")(x)
    torch.testing.assert_close(found["inputs"][0], x)
    # As it was before the ReLU changed it in place.
    torch.testing.assert_close(found["outputs"][0], conv)
    torch.testing.assert_close(found["inputs"][1], conv.relu().flatten(1))
    torch.testing.assert_close(found["output"], found["outputs"][2])
    assert drivers.condition(CPU, net)["hooks"] == 0
    assert net.training


def test_no_hook_is_left_where_the_network_fails() -> None:
    net = drivers.network(CPU, [("dense", "Linear", 8, 8)], seed=0)
    with pytest.raises(RuntimeError):
        drivers.layer_calls(CPU, net, randn(1, 3))
    assert drivers.condition(CPU, net)["hooks"] == 0
