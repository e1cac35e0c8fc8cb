"""What an example shows: the first call that the reference answers otherwise, in words and small grids."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from autograder.course.manifest import load_manifest
from autograder.grading.examples.example import MOST_CHARACTERS, References, example_of, shown
from autograder.remote.failures import StudentError
from autograder.remote.records import CallRecord
from autograder.results.grade import Example
from autograder.testing import Difference

SEMINAR = Path(__file__).parents[4] / "assignments" / "seminar_cnn"
REFERENCES = References(load_manifest(SEMINAR))
X = torch.arange(9.0).reshape(1, 1, 3, 3)
KERNEL = torch.tensor([[[[1.0, 0.0], [0.0, -1.0]]]])


def record(out: Any = None, **more: Any) -> CallRecord:
    values = {"name": "conv2d", "args": (X, KERNEL, None), "kwargs": {"stride": 1}, "options": {}, **more}
    return CallRecord(**values, out=out)


def right() -> Tensor:
    return F.conv2d(X, KERNEL)


def test_a_call_with_what_came_back_and_what_is_right() -> None:
    example = example_of(AssertionError(), [record(right()), record(-right())], REFERENCES, "en")
    assert example == Example(
        call=(
            "conv2d(x=[[[[0, 1, 2],\n   [3, 4, 5],\n   [6, 7, 8]]]] (float32), "
            "weight=[[[[1, 0],\n   [0, -1]]]] (float32), bias=None, stride=1)"
        ),
        got="[[[[4, 4],\n   [4, 4]]]] (float32)",
        expected="[[[[-4, -4],\n   [-4, -4]]]] (float32)",
    )


def test_an_error_with_its_text_and_what_is_right() -> None:
    failed = record(failure=StudentError("Traceback...\nValueError: mine", "ValueError"))
    example = example_of(failed.failure, [failed], REFERENCES, "en")
    assert example is not None
    assert (example.error, example.got) == ("Traceback...\nValueError: mine", "")
    assert example.expected.startswith("[[[[-4, -4]")


def test_an_error_that_is_asked_for() -> None:
    wrong = record(right(), args=(X, KERNEL.repeat(1, 2, 1, 1), None))
    example = example_of(AssertionError(), [wrong], REFERENCES, "ru")
    assert example is not None
    assert (example.got, example.expected) == ("исключения нет", "исключение ValueError")


def test_a_gradient() -> None:
    upstream = torch.ones(1, 1, 2, 2)
    options = {"requires_grad": (0,), "upstream": upstream}
    example = example_of(AssertionError(), [record(right(), options=options, grads=(X,))], REFERENCES, "en")
    assert example is not None
    assert example.got.startswith("gradient: [[[[0, 1, 2]")
    assert example.expected.startswith("gradient: [[[[1, 1, 0]")
    for grads in ((), (None,)):
        example_of(AssertionError(), [record(right(), options=options, grads=grads)], REFERENCES, "en")


def test_without_a_call_what_the_test_compared() -> None:
    pair = (torch.tensor([1.0, 2.0]), torch.tensor([1.0, 3.0]))
    example = example_of(Difference("values", "loss", pair=pair), [], REFERENCES, "en")
    assert example == Example(got="[1, 2] (float32)", expected="[1, 3] (float32)")
    error = StudentError("TypeError: mine", "TypeError")
    assert example_of(error, [], REFERENCES, "en") == Example(error="TypeError: mine")


@pytest.mark.parametrize(
    "failure", [None, AssertionError("text"), ValueError("text"), Difference("shape", "x")]
)
def test_where_there_is_nothing_to_show(failure: BaseException | None) -> None:
    assert example_of(failure, [record(right())], REFERENCES, "en") is None
    assert example_of(failure, [record(right(), name="SeminarCNN")], REFERENCES, "en") is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "None"),
        (True, "True"),
        (0.123456, "0.1235"),
        (math.nan, "nan"),
        ("a'b", '"a\'b"'),
        ({"a": 1, 2: (1.0,)}, "{'a': 1, 2: (1,)}"),
        ([1, "b"], "(1, 'b')"),
        (torch.tensor(1.25), "1.25 (float32)"),
        (torch.tensor([True, False]), "[True, False] (bool)"),
        (torch.zeros(0, 1 << 40), "tensor (0, 1099511627776) float32"),
        (torch.zeros(1 << 40, 0), "tensor (1099511627776, 0) float32"),
        (object(), "<object>"),
    ],
)
def test_values_as_text(value: Any, text: str) -> None:
    assert shown(value, "en") == text


def test_of_a_large_tensor_the_part_around_the_difference_is_shown() -> None:
    value = torch.arange(2 * 30 * 40.0).reshape(2, 30, 40)
    assert shown(value, "en", (1, 20, 39)) == (
        "part [1, 18:22, 34:40] of (2, 30, 40) float32:\n"
        "[[1954, 1955, 1956, 1957, 1958, 1959],\n [1994, 1995, 1996, 1997, 1998, 1999],\n"
        " [2034, 2035, 2036, 2037, 2038, 2039],\n [2074, 2075, 2076, 2077, 2078, 2079]]"
    )
    assert shown(value[0, 0], "ru", (1,)).startswith("часть [0:6] тензора (40,) float32:\n[0, 1, 2")
    assert "[0, 0:4, 0:6]" in shown(value, "en"), "the beginning where no place is known"


@pytest.mark.parametrize("value", ["x" * 10_000, ["x" * 100] * 1000, {str(n): "x" for n in range(1000)}])
def test_long_values_are_cut_in_their_middle(value: Any) -> None:
    text = shown(value, "en")
    assert len(text) <= MOST_CHARACTERS + 3
    assert " … " in text
