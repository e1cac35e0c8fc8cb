"""Operations of a worker, called in process: calls and options, drivers, and exceptions of every kind."""

from __future__ import annotations

import linecache
import math
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save
from torch import nn

from autograder.sandbox.runner.executor import Executor, lay_out
from autograder.sandbox.runner.in_process import InProcess
from autograder.wire.errors import ProtocolError
from autograder.wire.frames import encode
from autograder.wire.values import decode_tree

MODULE = "homework_under_test"


@pytest.fixture
def executor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Executor]:
    import sys

    monkeypatch.setitem(sys.modules, MODULE, ModuleType(MODULE))
    before = set(linecache.cache)
    yield Executor()
    for name in set(linecache.cache) - before:
        del linecache.cache[name]


def run(executor: Executor, source: str, first_line: int = 1) -> dict[str, Any]:
    message = {
        "op": "exec",
        "namespace": "notebook",
        "source": source,
        "filename": "<cell F1>",
        "first_line": first_line,
    }
    return executor.handle(message, {})[0]


def define(executor: Executor, source: str, name: str = "f") -> None:
    assert run(executor, source) == {"ok": True, "values": {}}
    message = {"op": "bind", "namespace": "notebook", "name": name, "module": MODULE}
    assert executor.handle(message, {})[0]["ok"]


def call(executor: Executor, *args: Any, name: str = "f", **options: Any) -> dict[str, Any]:
    """Values of the answer with arrays in place; raises AssertionError with the student's traceback."""
    arrays: dict[str, Any] = {}

    def enc(value: Any) -> Any:
        if isinstance(value, torch.Tensor):
            arrays[f"a{len(arrays)}"] = value.numpy().copy()
            return ["tensor", f"a{len(arrays) - 1}"]
        return ["tuple", [enc(item) for item in value]] if isinstance(value, tuple) else value

    message = {
        "op": "call",
        "target": f"{MODULE}:{name}",
        "args": [enc(arg) for arg in args],
        "kwargs": {},
        "options": {key: enc(value) for key, value in options.items()},
    }
    reply, out = executor.handle(message, arrays)
    encode({"reply": reply}, out)  # every answer can be sent
    if not reply["ok"]:
        return reply
    leaf = lambda tag, rest: torch.from_numpy(out[rest[0]]) if tag == "tensor" else [tag, *rest]  # noqa: E731 -- short, and used in the next line
    return {key: decode_tree(value, leaf) for key, value in reply["values"].items()}


def text_of(reply: dict[str, Any]) -> str:
    assert reply["ok"] is False, reply
    return str(reply["error"]["text"])


def test_plain_values_and_tensors_come_back(executor: Executor) -> None:
    define(executor, "def f(x): return {'y': (x * 2, [1, None, 'a', True, 2.5])}")
    x = torch.arange(3.0)
    out = call(executor, x)["out"]
    assert torch.equal(out["y"][0], 2 * x)
    assert out["y"][1] == [1, None, "a", True, 2.5]


def test_numbers_of_numpy_and_torch_sizes_are_plain_values(executor: Executor) -> None:
    define(
        executor,
        "import numpy as np, torch\ndef f(): return [np.float64(.5), np.int64(3), torch.Size([1, 2])]",
    )
    assert call(executor)["out"] == [0.5, 3, (1, 2)]


def test_everything_else_becomes_a_handle_until_it_is_freed(executor: Executor) -> None:
    define(executor, "class f:\n    def times(self, x): return 3 * x")
    tag, number, kind = call(executor)["out"]
    assert (tag, kind) == ("handle", "f")
    message = {"op": "call", "target": ["handle", number, "times"], "args": [5], "kwargs": {}}
    assert executor.handle(message, {})[0]["values"]["out"] == 15
    assert executor.handle({"op": "free"}, {})[0]["ok"]
    with pytest.raises(ProtocolError, match="no object"):
        executor.handle(message, {})


@pytest.mark.parametrize("layout", ["contiguous", "permuted", "strided"])
def test_gradients_and_layouts(executor: Executor, layout: str) -> None:
    define(executor, "seen = []\ndef f(x, w, b): seen.append(x.is_contiguous()); return x.sin() @ w + b")
    generator = torch.Generator().manual_seed(0)
    x, w, upstream = (torch.randn(3, 3, dtype=torch.float64, generator=generator) for _ in range(3))
    b = torch.zeros(3, dtype=torch.float64)
    want = ("out", "grads", "inputs_after", "dtype", "device")
    result = call(executor, x, w, b, requires_grad=(0, 2), layout=layout, upstream=upstream, want=want)
    torch.testing.assert_close(result["out"], x.sin() @ w + b)
    torch.testing.assert_close(result["grads"][0], (upstream @ w.T) * x.cos())  # closed form
    torch.testing.assert_close(result["grads"][1], upstream.sum(0))
    assert torch.equal(result["inputs_after"][0], x)
    assert (result["dtype"], result["device"]) == ("float64", "cpu")
    define(executor, "def g(): return seen[-1]", "g")
    assert call(executor, name="g")["out"] is (layout == "contiguous")


@pytest.mark.parametrize("layout", ["contiguous", "permuted", "strided"])
def test_a_layout_changes_memory_and_not_values(layout: str) -> None:
    x = torch.randn(2, 3, 4)
    assert torch.equal(lay_out(x, layout), x)
    labels = torch.zeros(2, 2, dtype=torch.int64)
    assert lay_out(labels, layout) is labels


def test_a_changed_input_is_seen_and_a_missing_gradient_is_none(executor: Executor) -> None:
    define(executor, "def f(x, y): x.add_(1); return (x * 2).detach()")
    x = torch.zeros(2)
    result = call(executor, x, x, want=("inputs_after",))
    assert result["inputs_after"][0].tolist() == [1, 1]
    assert result["inputs_after"][1].tolist() == [0, 0]
    define(executor, "def f(x, y): return (y * 2).detach()")
    result = call(executor, x, x, requires_grad=(0,), upstream=x, want=("grads",))
    assert result["grads"] == [None]


def test_a_seed_repeats_random_numbers(executor: Executor) -> None:
    define(executor, "import torch, random\ndef f(): return [float(torch.rand(())), random.random()]")
    first, second, other = (call(executor, seed=seed)["out"] for seed in (3, 3, 4))
    assert first == second != other


@pytest.mark.parametrize(
    ("source", "kind", "text"),
    [
        ("def f(): raise ValueError('two\\nlines')", "ValueError", "two\nlines"),
        ("def f(): import sys; sys.exit(0)", "SystemExit", "SystemExit: 0"),
        ("def f(): raise KeyboardInterrupt", "KeyboardInterrupt", "KeyboardInterrupt"),
        ("def f(): return f()", "RecursionError", "more calls"),
        ("class E(Exception):\n    def __str__(self): raise SystemExit\ndef f(): raise E", "E", "cannot be made"),
        ("class E(Exception):\n    def __str__(self): return 'x' * 10 ** 7\ndef f(): raise E", "E", "xxx…"),
        ("class E(Exception):\n    __traceback__ = property(lambda s: 1 / 0)\ndef f(): raise E('m')", "E", "E: m"),
        ("E = type('E' * 10 ** 6, (Exception,), {})\ndef f(): raise E", "E" * 100, "EEE"),
        ("class M(type):\n    __name__ = 3\nclass E(Exception, metaclass=M): pass\ndef f(): raise E('m')", "E", "E: m"),
        ("class E(BaseException): pass\ndef f(): raise E", "E", "E"),
        ("import torch\ndef f(): return torch.ones(2, device='meta')", "ReturnedValueError", "'meta' device"),
        ("import torch\ndef f(): return torch.ones(2).to_sparse()", "ReturnedValueError", "dense"),
        ("import torch\ndef f(): return torch.ones(2, dtype=torch.bfloat16)", "ReturnedValueError", "bfloat16"),
        ("import torch\ndef f(): return torch.ones(2, dtype=torch.complex64)", "ReturnedValueError", "complex64"),
        ("import torch\ndef f(): return torch.ones(1).expand(10 ** 10)", "ReturnedValueError", "too large"),
        ("import torch\ndef f(): return torch.ones([1] * 9)", "ReturnedValueError", "9 dimensions"),
        ("import numpy as np\ndef f(): return np.array(['a'])", "ReturnedValueError", "dtype <U1"),
        ("class L(list): pass\ndef f():\n    x = L(); x.append(x); return x", "RecursionError", "RecursionError"),
        ("f = 3", "TypeError", "not callable"),
    ],
)  # fmt: skip
def test_every_failure_is_an_answer(executor: Executor, source: str, kind: str, text: str) -> None:
    define(executor, source)
    reply = call(executor)
    assert text in text_of(reply)
    assert reply["error"]["type"] == kind
    assert len(text_of(reply)) < 5000


@pytest.mark.parametrize(
    "expression",
    [
        "x.conj()", "torch.complex(x, x).imag", "x.t()", "x[::2]", "nn.Parameter(x)", "x.as_subclass(Odd)",
        "x.clone().requires_grad_()", "x.view(2, 2)[0, 1]", "x[:0]",
    ],
)  # fmt: skip
def test_unusual_tensors_are_coerced(executor: Executor, expression: str) -> None:
    source = f"""
import torch
from torch import nn
class Odd(torch.Tensor):
    @classmethod
    def __torch_function__(cls, *args, **kwargs): raise RuntimeError("never")
    def numpy(self): raise RuntimeError("never")
    def detach(self): raise RuntimeError("never")
def f(x): return {expression}
"""
    define(executor, source)
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    expected = eval(expression.replace(".as_subclass(Odd)", ""), {"x": x, "torch": torch, "nn": nn})
    out = call(executor, x)["out"]
    assert out.shape == expected.shape
    assert torch.equal(out, expected)


def test_a_traceback_shows_the_students_lines_and_the_border(executor: Executor) -> None:
    source = """import torch
def helper(x):
    return torch.nn.functional.conv2d(x, x)  # mine
def f(x):
    return helper(x)"""
    assert run(executor, source, first_line=10)["ok"]
    assert executor.handle({"op": "bind", "namespace": "notebook", "name": "f", "module": MODULE}, {})[0][
        "ok"
    ]
    text = text_of(call(executor, torch.ones(1)))
    lines = text.splitlines()
    assert lines[:5] == [
        "Traceback (most recent call last):",
        '  File "<cell F1>", line 14, in f',
        "    return helper(x)",
        '  File "<cell F1>", line 12, in helper',
        "    return torch.nn.functional.conv2d(x, x)  # mine",
    ]
    assert "executor.py" not in text
    assert "/" not in text.replace("torch/", "")


def test_a_syntax_error_shows_its_line(executor: Executor) -> None:
    text = text_of(run(executor, "x = 1\ndef f(:\n    pass", first_line=3))
    assert 'File "<cell F1>", line 4' in text
    assert "def f(:" in text
    assert text.splitlines()[-1].startswith("SyntaxError")


def test_a_name_that_does_not_exist_cannot_be_bound(executor: Executor) -> None:
    reply, _ = executor.handle({"op": "bind", "namespace": "notebook", "name": "g", "module": MODULE}, {})
    assert "name 'g' is not defined" in text_of(reply)


def test_gradients_disabled_by_a_student_stay_disabled_for_one_request(executor: Executor) -> None:
    define(executor, "import torch\ntorch.set_grad_enabled(False)\ndef f(x): return x * 2")
    x = torch.ones(2)
    assert call(executor, x, requires_grad=(0,), upstream=x, want=("grads",))["grads"][0].tolist() == [2, 2]


def test_echo_gives_the_arrays_back(executor: Executor) -> None:
    arrays = {"a": np.arange(3)}
    assert executor.handle({"op": "echo"}, arrays)[1] is arrays


@pytest.mark.parametrize(
    "message", [{}, {"op": "eval"}, {"op": "driver", "name": "os.system"}, {"op": "driver"}]
)
def test_a_request_without_sense_is_refused(executor: Executor, message: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError):
        executor.handle(message, {})


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


def test_in_process_the_tests_arrays_are_safe_and_ctrl_c_stops(executor: Executor) -> None:
    define(executor, "def f(x): x.zero_(); return x")
    transport = InProcess(executor)
    arrays = {"x": np.ones(2)}
    message = {"op": "call", "target": f"{MODULE}:f", "args": [["tensor", "x"]], "kwargs": {}}
    reply, out = transport.request(message, arrays, timeout_s=1.0)
    assert reply["ok"]
    assert out["a0"].tolist() == [0, 0]
    assert arrays["x"].tolist() == [1, 1]
    define(executor, "def f(x): raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        transport.request(message, arrays, timeout_s=1.0)
    transport.close()


def test_infinite_numbers_come_back(executor: Executor) -> None:
    define(executor, "def f(): return [float('inf'), float('nan'), 10 ** 400]")
    out = call(executor)["out"]
    assert out[0] == math.inf
    assert math.isnan(out[1])
    assert out[2][0] == "handle"


def test_a_namespace_is_a_module_that_can_be_imported_from() -> None:
    executor = Executor()
    for namespace, source in (
        ("solution", "def helper():\n    return 7\n"),
        ("notebook", "from solution import helper\n"),
        (
            "notebook",
            "from __future__ import annotations\nfrom dataclasses import dataclass\n"
            "@dataclass\nclass Point:\n    x: int = helper()\n",
        ),
    ):
        message = {"op": "exec", "namespace": namespace, "source": source, "filename": "<cell>"}
        reply, _ = executor.handle(message, {})
        assert reply["ok"] is True, reply
