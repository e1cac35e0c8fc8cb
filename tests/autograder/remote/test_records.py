"""Calls are kept within bounds for the diagnosis, with their inputs as they were, and answers are read strictly."""

from __future__ import annotations

import pytest
import torch

from autograder.remote.failures import StudentError
from autograder.remote.records import CallResult, call_result
from autograder.remote.student import Student
from tests.autograder.remote.support import tensors

pytest_plugins = ["tests.autograder.sandbox_support"]


def test_pure_calls_are_recorded_within_bounds(student: Student) -> None:
    x, w = tensors((3, 2), (2, 4))
    student.conv(x, w)
    x.zero_()
    with pytest.raises(StudentError):
        student.fail()
    net = student.Net()
    net(tensors((1, 2))[0])
    conv, fail = student.calls
    assert (conv.name, fail.name) == ("conv", "fail")
    torch.testing.assert_close(conv.out, conv.args[0] @ conv.args[1])  # inputs as they were
    assert fail.failure is not None
    assert [made.name for made in student.making_calls] == ["Net"]
    student.begin_test()
    assert student.calls == student.making_calls == []
    for _ in range(300):
        student.conv(x, w)
    assert len(student.calls) == 256


@pytest.mark.parametrize(
    "name", ["_dynamo", "nn", "load", "__name__", "\ud800", "float32.__class__", "", 3, None, ["x"]]
)
def test_the_name_of_a_dtype_is_looked_up_in_a_table(name: object) -> None:
    assert call_result({"dtype": name}, 0.0) == CallResult()


def test_of_inputs_after_a_call_what_lives_in_the_worker_is_left_out(student: Student) -> None:
    """A function that is given a network may change its image; that is kept."""
    x = tensors((2, 3))[0].float()
    net = student.make("network", "a layer / a layer", layers=[("one", "Linear", 3, 2)], seed=0)
    student.apply.options(want=("out", "inputs_after"))(net, x)
    (record,) = student.calls
    assert record.inputs_after is not None
    assert record.inputs_after[0] is None
    torch.testing.assert_close(record.inputs_after[1], x)
