"""Executors in the process of their caller: arrays are copied, Ctrl-C stops them, several take turns."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.sandbox.runner.executor import Executor
from autograder.sandbox.runner.in_process import InProcess
from tests.autograder.sandbox.runner.support import MODULE, define


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


def define_in(transport: InProcess, source: str, *names: str) -> None:
    message = {"op": "exec", "namespace": "notebook", "source": source, "filename": "<cell>"}
    assert transport.request(message, {})[0]["ok"]
    for name in names:
        bind = {"op": "bind", "namespace": "notebook", "name": name, "module": MODULE}
        assert transport.request(bind, {})[0]["ok"]


def called(transport: InProcess, name: str = "f") -> object:
    message = {"op": "call", "target": f"{MODULE}:{name}", "args": [], "kwargs": {}}
    reply, _ = transport.request(message, {})
    return reply["values"]["out"] if reply["ok"] else reply["error"]["type"]


def test_executors_that_take_turns_find_their_own_symbols(executor: Executor) -> None:
    one, two = InProcess(executor), InProcess(Executor())
    define_in(one, "def f(): return 1\ndef g(): return 10", "f", "g")
    define_in(two, "def f(): return 2\ndef h(): return 20", "f", "h")
    assert [called(transport) for transport in (one, two, two, one, two)] == [1, 2, 2, 1, 2]
    assert called(one, "g") == 10
    assert called(two, "h") == 20
    define_in(one, "def f(): return 3", "f")
    assert [called(transport) for transport in (two, one)] == [2, 3], "the last value of each counts"


def test_code_of_the_library_sees_the_symbols_of_who_has_the_turn(executor: Executor) -> None:
    one, two = InProcess(executor), InProcess(Executor())
    uses = f"import {MODULE} as m\ndef g(): return m.f()"
    define_in(one, f"def f(): return 1\n{uses}", "f", "g")
    define_in(two, f"def f(): return 2\n{uses}", "f", "g")
    assert [called(transport, "g") for transport in (one, two, one)] == [1, 2, 1]


def test_what_came_back_stays_as_it_was(executor: Executor) -> None:
    define(executor, "import torch\nkept = torch.zeros(2)\ndef f(): kept.add_(1); return kept")
    transport = InProcess(executor)
    message = {"op": "call", "target": f"{MODULE}:f", "args": [], "kwargs": {}}
    (_, first), (_, second) = (transport.request(message, {}) for _ in range(2))
    assert first["a0"].tolist() == [1, 1]
    assert second["a0"].tolist() == [2, 2]
