"""Operations of a worker, called in process: calls and options, and exceptions of every kind."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from autograder.sandbox.runner.executor import Executor, lay_out
from autograder.wire.errors import ProtocolError
from tests.autograder.sandbox.runner.support import MODULE, call, define, run, text_of


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


def test_a_failure_of_the_gradient_is_told_from_one_of_the_call(executor: Executor) -> None:
    define(
        executor,
        """
import torch
class Own(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x): return x.clone()
    @staticmethod
    def backward(ctx, upstream): raise ValueError("mine")
def f(x): return Own.apply(x)
def g(x): raise ValueError("mine")
""",
    )
    define(executor, "", "g")
    x = torch.ones(1)
    replies = [
        call(executor, x, name=name, requires_grad=(0,), upstream=x, want=("grads",)) for name in ("f", "g")
    ]
    errors = [reply["error"] for reply in replies]
    assert [error.get("during", "") for error in errors] == ["backward", ""]
    assert [error["type"] for error in errors] == ["ValueError", "ValueError"]
    assert "in backward" in errors[0]["text"]


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
    assert "/" not in text


def test_a_layer_that_stops_shows_the_students_line_and_no_line_of_torch(executor: Executor) -> None:
    define(executor, "import torch\ndef f(x):\n    return torch.nn.Linear(3, 1)(torch.ones(1, 2))")
    text = text_of(call(executor, torch.ones(1)))
    assert "return torch.nn.Linear(3, 1)(torch.ones(1, 2))" in text
    assert "_wrapped_call_impl" not in text
    assert "torch/" not in text


def test_the_border_to_another_library_is_shown(executor: Executor) -> None:
    define(executor, "import fractions\ndef f(x):\n    return fractions.Fraction('x')")
    assert 'File "fractions.py", line ' in text_of(call(executor, torch.ones(1)))


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


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import asyncio\nasync def g(): return 3\nv = await g()", 3),
        ("import asyncio\nawait asyncio.sleep(0)\nv = 4", 4),
        ("async def g():\n    for i in range(2): yield i\nv = [i async for i in g()]", [0, 1]),
        ("async def g():\n    for i in range(3): yield i\nasync for v in g(): pass", 2),
    ],
)
def test_a_cell_may_await_at_its_top(executor: Executor, source: str, expected: object) -> None:
    define(executor, f"{source}\ndef f(): return v")
    assert call(executor)["out"] == expected


def test_an_exception_behind_an_await_has_its_line(executor: Executor) -> None:
    reply = run(executor, "async def g():\n    return 1 / 0\nawait g()", first_line=4)
    assert (reply["error"]["type"], reply["error"]["line"]) == ("ZeroDivisionError", 6)
    assert '  File "<cell F1>", line 5, in g' in text_of(reply)
    assert run(executor, "v = 1")["ok"], "the worker lives on"


@pytest.mark.parametrize(
    "source", ["display(1)", "get_ipython().system('ls')", "In, Out, _", "assert __IPYTHON__"]
)
def test_names_of_a_notebook_are_there(executor: Executor, source: str) -> None:
    assert run(executor, source) == {"ok": True, "values": {}}


def test_a_script_has_no_names_of_a_notebook_of_its_own(executor: Executor) -> None:
    message = {"op": "exec", "namespace": "solution", "source": "Out", "filename": "solution.py"}
    assert text_of(executor.handle(message, {})[0]).endswith("NameError: name 'Out' is not defined")


@pytest.mark.parametrize(
    ("source", "name", "line"),
    [
        ("x = 1\nmissing", "missing", 4),
        ("import no_such_module.deep", "no_such_module", 3),
        ("open('absent.txt')", "absent.txt", 3),
        ("from math import nothing", "math", 3),
        ("1 / 0", "", 3),
        ("raise NameError('own words')", "", 3),
    ],
)
def test_an_answer_says_what_was_not_there_and_in_which_line(
    executor: Executor, source: str, name: str, line: int
) -> None:
    error = run(executor, source, first_line=3)["error"]
    assert (error["name"], error["line"]) == (name, line)


def test_a_symbol_that_was_not_bound_is_named(executor: Executor) -> None:
    bind = {"op": "bind", "namespace": "notebook", "name": "absent", "module": MODULE}
    assert executor.handle(bind, {})[0]["error"]["name"] == "absent"


def test_a_statement_with_an_alarm_is_ended_and_one_without_is_not(executor: Executor) -> None:
    busy = "import time\n_end = time.process_time() + 0.4\nwhile time.process_time() < _end: pass\nv = 1"
    message = {"op": "exec", "namespace": "notebook", "source": busy, "filename": "<cell F1>"}
    reply, _ = executor.handle({**message, "alarm_s": 0.1}, {})
    assert (reply["ok"], reply["error"]["type"]) == (False, "OverBudget")
    assert executor.handle(message, {})[0]["ok"]
    assert executor.handle({**message, "alarm_s": 30.0}, {})[0]["ok"]
