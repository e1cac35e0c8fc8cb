"""A student's exception as text: whatever it does to be troublesome, the text is short and the worker goes on."""

from __future__ import annotations

import json
import linecache
from types import FunctionType
from typing import Any

import pytest

from autograder.sandbox.runner.executor import Executor
from autograder.sandbox.runner.tracebacks import describe, remember_source, safe_text, type_name
from autograder.wire.frames import Caps, encode


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


def test_the_statements_of_a_cell_are_remembered_together(executor: Executor) -> None:
    for source in ("a = 1", "\n\ndef f():\n    return a", "\nb = 2"):
        remember_source("<cell>", source)
    assert linecache.getlines("<cell>")[:4] == ["a = 1\n", "b = 2\n", "def f():\n", "    return a\n"]
    remember_source("<cell>", "a = 3")
    assert linecache.getlines("<cell>")[:3] == ["a = 3\n", "b = 2\n", "def f():\n"]


def test_code_can_read_the_code_of_its_cell(executor: Executor) -> None:
    statements = [
        "def f(x):\n    return x",
        "import inspect",
        "assert inspect.getsource(f) == 'def f(x):\\n    return x\\n'",
    ]
    for first_line, source in zip((1, 3, 4), statements, strict=True):
        message = {"op": "exec", "namespace": "notebook", "filename": "<cell>", "first_line": first_line}
        assert executor.handle({**message, "source": source}, {})[0] == {"ok": True, "values": {}}


@pytest.mark.parametrize(
    ("module", "name"), [("typing", "absent"), ("itertools", "absent"), ("json", "absent")]
)
def test_an_import_error_tells_no_path(module: str, name: str) -> None:
    said = raised(lambda: exec(f"from {module} import {name}"))
    assert said["message"] == f"cannot import name '{name}' from '{module}'"
    assert said["text"].endswith(f"ImportError: {said['message']}")
