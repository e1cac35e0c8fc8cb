"""Examples of functions of whole numbers are small, too, through the hidden tests of the seminar."""

from __future__ import annotations

import re
from typing import Any

import pytest

from autograder.grading.examples.small_numbers import SmallNumbers
from autograder.grading.verdicts.replays import replay
from autograder.remote.records import CallRecord
from hw_cnn.layers import conv_params, dense_params
from hw_cnn.shapes import out_size
from tests.autograder.grading.own_code import outcomes

WITHOUT_BIAS = """
def dense_params(sizes, bias=True):
    return sum(n * m for n, m in zip(sizes, sizes[1:]))
"""
WITHOUT_DILATION = """
def out_size(n, kernel, stride=1, padding=0, dilation=1):
    if dilation * (kernel - 1) + 1 > n + 2 * padding:
        raise ValueError("the window does not fit")
    return (n + 2 * padding - kernel) // stride + 1
"""


@pytest.mark.parametrize(
    ("source", "test", "call"),
    [
        (WITHOUT_BIAS, "test_b1.py::test_dense_bias", "dense_params(sizes=(2, 3), bias=True)"),
        (WITHOUT_DILATION, "test_d2.py::test_dilation", "out_size(n=4, kernel=2, dilation=3)"),
    ],
)
def test_the_example_has_one_digit_numbers(
    monkeypatch: pytest.MonkeyPatch, source: str, test: str, call: str
) -> None:
    example = outcomes(monkeypatch, source, [test])[test].example
    assert example is not None
    assert example.call == call
    assert max(map(int, re.findall(r"\d+", example.call))) < 10
    assert example.got != example.expected


def record(name: str, *args: Any, **kwargs: Any) -> CallRecord:
    return CallRecord(name, args, kwargs, {})


def answers(function: Any, found: CallRecord, **more: Any) -> SmallNumbers:
    right = replay(function, found)
    assert right is not None
    return SmallNumbers(function, found, right)


def test_what_does_not_show_it_is_not_taken() -> None:
    calls = answers(dense_params, record("dense_params", (38, 47, 7)))
    assert calls.smallest(lambda call: None) is None
    kept = calls.smallest(lambda call: call if call.record.args[0][0] == 38 else None)
    assert kept is not None
    assert kept.record.args == ((38, 2),)
    assert kept.right == (38 * 2 + 2, None)


def test_the_reference_must_answer_alike() -> None:
    """Groups still divide the channels, and a window that does not fit is asked for only where that was the test."""
    grouped = answers(conv_params, record("conv_params", 235, 75, 3, groups=5)).smallest(lambda call: call)
    assert grouped is not None
    assert grouped.record.args[0] % 5 == grouped.record.args[1] % 5 == 0
    assert isinstance(grouped.right, tuple)
    refused = answers(out_size, record("out_size", 10, 30)).smallest(lambda call: call)
    assert refused is not None
    assert refused.right == "ValueError"


def test_a_call_without_numbers_has_nothing_to_shrink() -> None:
    with pytest.raises(ValueError, match="no whole numbers"):
        answers(dense_params, record("dense_params", "ab", bias=True))
