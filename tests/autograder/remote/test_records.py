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
