"""The executor in the process of its caller: arrays are copied, and Ctrl-C stops it."""

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
