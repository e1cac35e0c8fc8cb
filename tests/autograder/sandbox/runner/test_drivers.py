"""Drivers that a test may ask for: training steps, modules, checkpoints of both formats."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save

from autograder.sandbox.runner.executor import Executor
from autograder.wire.values import decode_tree
from tests.autograder.sandbox.runner.support import call, define, text_of


def drive(executor: Executor, name: str, arrays: dict[str, Any] | None = None, **arguments: Any) -> Any:
    reply, out = executor.handle({"op": "driver", "name": name, "args": arguments}, arrays or {})
    if not reply["ok"]:
        return reply
    leaf = lambda tag, rest: torch.from_numpy(out[rest[0]]) if tag == "tensor" else [tag, *rest]  # noqa: E731 -- short, and used in the next line
    return decode_tree(reply["values"]["out"], leaf)


NET = """
import torch
from torch import nn
class f(nn.Module):
    def __init__(self, returns="Adam"):
        super().__init__()
        self.returns = returns
        self.layer = nn.Linear(2, 2, dtype=torch.float64)
        nn.init.eye_(self.layer.weight); nn.init.zeros_(self.layer.bias)
        self.drop = nn.Dropout(.5)
    def forward(self, x): return self.drop(self.layer(x))
    def training_step(self, batch, i):
        x, y = batch
        return {"loss": (self.layer(x) - y).square().sum()}
    def configure_optimizers(self):
        o = torch.optim.SGD(self.parameters(), lr=.1)
        return {"plain": o, "dict": {"optimizer": o}, "pair": ([o], [])}.get(self.returns)
"""


@pytest.mark.parametrize("form", ["plain", "dict", "pair"])
def test_train_steps_are_gradient_descent(executor: Executor, form: str) -> None:
    define(executor, NET)
    net = call(executor, form)["out"][:2]
    x, y = np.ones((1, 2)), np.zeros((1, 2))
    batch = ["tuple", [["tensor", "x"], ["tensor", "y"]]]
    steps = {"x": x, "y": y}
    losses = drive(executor, "train_steps", steps, module=net, n=3, batch=batch, optimizer="own")["losses"]
    # By hand: out = w11 x1 + w12 x2 + b, each of three terms moves by -0.1 * 2 * out, so out shrinks by 1 - 0.6.
    assert losses.tolist() == pytest.approx([2.0 * 0.4 ** (2 * k) for k in range(3)])
    assert drive(executor, "mode", module=net) is True


def test_a_missing_optimizer_is_said(executor: Executor) -> None:
    define(executor, NET)
    net = call(executor, "nothing")["out"][:2]
    reply = drive(executor, "train_steps", module=net, n=1, batch=["tuple", []], optimizer="own")
    assert "configure_optimizers returned a NoneType" in text_of(reply)


NOISY = """
from torch import nn
import torch.nn.functional as F
class f(nn.Module):
    def forward(self, x): return F.dropout(x, .5)
"""


def test_predictions_draw_the_same_each_time(executor: Executor) -> None:
    """Dropout that stays on in evaluation answers alike twice; what is drawn elsewhere is left alone."""
    define(executor, NOISY)
    net = call(executor)["out"][:2]
    x = {"x": np.ones((4, 50))}
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    one, other = (
        drive(executor, "predict", x, module=net, x=["tensor", "x"], batch_size=4) for _ in range(2)
    )
    assert 0 < int((one == 0).sum()) < one.numel()
    assert torch.equal(one, other)
    assert torch.equal(torch.rand(2), expected)


def test_drivers_of_a_module(executor: Executor) -> None:
    define(executor, NET)
    net = call(executor, "plain")["out"][:2]
    x = np.arange(14.0).reshape(7, 2)
    out = drive(executor, "predict", {"x": x}, module=net, x=["tensor", "x"], batch_size=3)
    np.testing.assert_allclose(out.numpy(), x)  # the layer is the identity and dropout is off
    assert drive(executor, "mode", module=net) is True
    drive(executor, "set_mode", module=net, training=False)
    assert drive(executor, "mode", module=net) is False
    assert drive(executor, "get", module=net, path="layer.weight").tolist() == [[1, 0], [0, 1]]
    table = drive(executor, "module_table", module=net)
    assert table == [("", "f", 6), ("layer", "Linear", 6), ("drop", "Dropout", 0)]
    assert list(drive(executor, "state_dict", module=net)) == ["layer.weight", "layer.bias"]
    state = ["dict", [["layer.weight", ["tensor", "w"]], ["layer.bias", ["tensor", "b"]]]]
    new = {"w": np.full((2, 2), 3.0), "b": np.zeros(2)}
    drive(executor, "load_state_dict", new, module=net, state=state)
    assert drive(executor, "get", module=net, path="layer.weight").tolist() == [[3, 3], [3, 3]]
    reply = drive(
        executor,
        "load_state_dict",
        {"w": np.ones((2, 2))},
        module=net,
        state=["dict", [["w", ["tensor", "w"]]]],
    )
    assert "Missing key" in text_of(reply)


def test_checkpoints_of_both_formats_are_read_and_code_in_them_is_not_run(
    executor: Executor, tmp_path: Path
) -> None:
    state = {"a.weight": torch.arange(4.0).reshape(2, 2)}
    torch.save({"state_dict": state, "epoch": 3}, tmp_path / "model.ckpt")

    class Payload:
        def __reduce__(self) -> Any:
            return (Path.touch, (tmp_path / "ran",))

    torch.save({"a": Payload()}, tmp_path / "bad.ckpt")
    for raw in (save(state), (tmp_path / "model.ckpt").read_bytes()):
        found = drive(executor, "checkpoint", {"d": np.frombuffer(raw, np.uint8)}, data=["ndarray", "d"])
        assert torch.equal(found["a.weight"], state["a.weight"])
    for raw in ((tmp_path / "bad.ckpt").read_bytes(), b"", b"not a checkpoint", save({})[:-1]):
        reply = drive(executor, "checkpoint", {"d": np.frombuffer(raw, np.uint8)}, data=["ndarray", "d"])
        assert reply["ok"] is False
    assert not (tmp_path / "ran").exists()


LISTED = """
import torch
from torch import nn
class f(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(2, 2)
        self.again = self.first
        self.register_buffer("steps", torch.zeros(3))
        self.layers = [nn.Linear(2, 1), {"deep": nn.ModuleList([nn.Linear(1, 1)])}]
        self.layers.append(self.layers)
    def forward(self, x):
        return self.layers[1]["deep"][0](self.layers[0](self.first(x)))
"""


def test_each_parameter_counts_once_and_buffers_do_not(executor: Executor) -> None:
    define(executor, LISTED)
    net = call(executor)["out"][:2]
    registered = drive(executor, "parameters", module=net, unregistered=False)
    assert list(registered) == ["first.weight", "first.bias"]
    found = drive(executor, "parameters", module=net, unregistered=True)
    hidden = ["layers.0.weight", "layers.0.bias", "layers.1.deep.0.weight", "layers.1.deep.0.bias"]
    assert list(found) == [*registered, *hidden]


def test_parameters_in_plain_lists_can_be_set(executor: Executor) -> None:
    define(executor, LISTED)
    net = call(executor)["out"][:2]
    found = drive(executor, "parameters", module=net, unregistered=True)
    arrays = {name: np.full(tuple(value.shape), 0.5, np.float32) for name, value in found.items()}
    values = ["dict", [[name, ["tensor", name]] for name in arrays]]
    assert drive(executor, "set_parameters", arrays, module=net, values=values) is None
    x = {"x": np.ones((1, 2), np.float32)}
    out = drive(executor, "predict", x, module=net, x=["tensor", "x"], batch_size=1)
    # 0.5 + 0.5 + 0.5 = 1.5 twice, then 0.5 · 1.5 · 2 + 0.5 = 2, then 0.5 · 2 + 0.5.
    assert out.tolist() == [[1.5]]


def test_the_optimizer_steps_on_given_gradients(executor: Executor) -> None:
    define(executor, NET)
    net = call(executor, "dict")["out"][:2]
    arrays = {"w": np.full((2, 2), 2.0), "b": np.full(2, -1.0)}
    gradient = ["dict", [["layer.weight", ["tensor", "w"]], ["layer.bias", ["tensor", "b"]]]]
    assert drive(executor, "optimizer_steps", arrays, module=net, gradients=["list", [gradient] * 3]) is None
    state = drive(executor, "state_dict", module=net)
    np.testing.assert_allclose(state["layer.weight"].numpy(), np.eye(2) - 3 * 0.1 * 2)
    np.testing.assert_allclose(state["layer.bias"].numpy(), [0.3, 0.3])


@pytest.mark.parametrize(("returned", "name"), [("None", "NoneType"), ("{}", "dict"), ("1.5", "float")])
def test_a_training_that_returns_no_network_is_told_so(
    executor: Executor, monkeypatch: pytest.MonkeyPatch, returned: str, name: str
) -> None:
    training = importlib.import_module("hw_cnn.training")
    monkeypatch.setattr(training, "train_seminar", eval(f"lambda *_, **__: {returned}"))
    reply = drive(executor, "fit", seed=0, parts=["dict", []])
    assert reply["error"]["type"] == "ReturnedValueError"
    assert text_of(reply) == f"train_seminar returned a {name}; return the network that was trained"
