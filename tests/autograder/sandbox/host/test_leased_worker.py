"""The judge's line to a worker: large arrays pass both ways, and a closed worker answers no more."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.wire.errors import WorkerCrashed
from tests.autograder.sandbox_support import Lab

pytest_plugins = ["tests.autograder.sandbox_support"]


def test_arrays_of_many_megabytes_pass_both_ways(lab: Lab) -> None:
    values = {"a": np.random.default_rng(0).standard_normal(3_000_000), "b": np.array(1, np.int64)}
    reply, received = lab().worker.request({"op": "echo"}, values, timeout_s=20.0)
    assert reply["ok"]
    np.testing.assert_array_equal(received["a"], values["a"])


def test_an_answer_over_the_caps_is_an_error_of_the_call(lab: Lab) -> None:
    runner = lab()
    runner.run("class Big:\n    pass\nx = Big()")
    runner.run("def many():\n    return {str(i) * 1000: 1.0 for i in range(1000)}")
    with pytest.raises(AssertionError, match="too long"):
        runner.value("many()")
    assert runner.value("2") == 2


def test_a_closed_worker_answers_no_more(lab: Lab) -> None:
    runner = lab()
    assert runner.worker.close() == runner.worker.close()
    with pytest.raises(WorkerCrashed):
        runner.value("1")
