"""A student's exception as text: whatever it does to be troublesome, the text is short and the worker goes on."""

from __future__ import annotations

import json
from types import FunctionType
from typing import Any

import pytest

from autograder.remote.records import CallResult, call_result
from autograder.remote.session import student_error
from autograder.sandbox.runner.tracebacks import describe, safe_text, type_name
from autograder.wire.errors import ProtocolError
from autograder.wire.frames import Caps, encode
from autograder.wire.safe_text import clean_text


def raised(function: Any) -> dict[str, str]:
    """What the worker would send."""
    try:
        function()
    except BaseException as error:
        return dict(describe(error, lambda name: name))
    raise AssertionError("nothing was raised")


class TroublesomeError(Exception):
    def __str__(self) -> str:
        raise SystemExit("no")


class NotTextError(Exception):
    def __str__(self) -> Any:
        return type("Fake", (str,), {"__len__": lambda self: 0})("x")


class NoTraceError(Exception):
    @property
    def __traceback__(self) -> Any:
        raise KeyboardInterrupt


def fails(error: BaseException) -> Any:
    def inner() -> None:
        raise error

    return inner


def long_name() -> None:
    def inner() -> None:
        raise ValueError

    FunctionType(inner.__code__.replace(co_name="n" * 10**7, co_filename="f" * 10**7), {})()


def long_line() -> None:
    exec(compile("x = '" + "a" * 10**6, "<cell F1>", "exec"))


@pytest.mark.parametrize(
    ("function", "kind"),
    [
        (fails(TroublesomeError()), "TroublesomeError"),
        (fails(NotTextError()), "NotTextError"),
        (fails(NoTraceError()), "NoTraceError"),
        (fails(ValueError("x" * 10**7)), "ValueError"),
        (fails(type("N" * 10**6, (Exception,), {})()), "N" * 100),
        (fails(SystemExit(0)), "SystemExit"),
        (long_name, "ValueError"),
        (long_line, "SyntaxError"),
    ],
)
def test_it_is_always_sent(function: Any, kind: str) -> None:
    sent = raised(function)
    assert sent["type"] == kind
    assert len(json.dumps(sent)) < 50_000
    encode({"reply": {"ok": False, "error": sent}}, {}, Caps(header=1 << 17))


@pytest.mark.parametrize("value", [TroublesomeError(), NotTextError()])
def test_safe_text_never_raises(value: object) -> None:
    assert type_name(value) in safe_text(value)


def test_the_judge_cleans_what_it_is_told() -> None:
    text = "\x1b[31mValueError: \u202e\ud800<b>\x00" + "y" * 10**6
    failure = student_error({"ok": False, "error": {"type": "\x1b]0;x\x07Value\nError" * 99, "text": text}})
    assert failure.text.startswith("ValueError: <b>yyy")
    assert len(failure.text) == 20_000
    assert len(failure.kind) == 100
    assert failure.text == clean_text(failure.text)
    assert failure.kind == clean_text(failure.kind)


@pytest.mark.parametrize("reply", [{}, {"error": "text"}, {"error": None}, {"error": []}])
def test_an_answer_without_an_error_makes_no_sense(reply: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError):
        student_error(reply)


@pytest.mark.parametrize("error", [{}, {"type": 3, "text": ["x"]}, {"type": None, "text": {}}])
def test_an_error_that_is_no_text_is_empty(error: dict[str, Any]) -> None:
    assert student_error({"error": error}).text == ""


@pytest.mark.parametrize(
    "name", ["_dynamo", "nn", "load", "__name__", "\ud800", "float32.__class__", "", 3, None, ["x"]]
)
def test_the_name_of_a_dtype_is_looked_up_in_a_table(name: object) -> None:
    assert call_result({"dtype": name}, 0.0) == CallResult()
