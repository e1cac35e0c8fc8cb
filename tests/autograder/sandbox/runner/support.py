"""Requests to an executor, in process."""

from __future__ import annotations

from typing import Any

import torch

from autograder.sandbox.runner.executor import Executor
from autograder.wire.frames import encode
from autograder.wire.values import decode_tree

MODULE = "homework_under_test"


def run(executor: Executor, source: str, first_line: int = 1) -> dict[str, Any]:
    message = {
        "op": "exec",
        "namespace": "notebook",
        "source": source,
        "filename": "<cell F1>",
        "first_line": first_line,
    }
    return executor.handle(message, {})[0]


def define(executor: Executor, source: str, name: str = "f") -> None:
    assert run(executor, source) == {"ok": True, "values": {}}
    message = {"op": "bind", "namespace": "notebook", "name": name, "module": MODULE}
    assert executor.handle(message, {})[0]["ok"]


def call(executor: Executor, *args: Any, name: str = "f", **options: Any) -> dict[str, Any]:
    """Values of the answer with arrays in place; raises AssertionError with the student's traceback."""
    arrays: dict[str, Any] = {}

    def enc(value: Any) -> Any:
        if isinstance(value, torch.Tensor):
            arrays[f"a{len(arrays)}"] = value.numpy().copy()
            return ["tensor", f"a{len(arrays) - 1}"]
        return ["tuple", [enc(item) for item in value]] if isinstance(value, tuple) else value

    message = {
        "op": "call",
        "target": f"{MODULE}:{name}",
        "args": [enc(arg) for arg in args],
        "kwargs": {},
        "options": {key: enc(value) for key, value in options.items()},
    }
    reply, out = executor.handle(message, arrays)
    encode({"reply": reply}, out)  # every answer can be sent
    if not reply["ok"]:
        return reply
    leaf = lambda tag, rest: torch.from_numpy(out[rest[0]]) if tag == "tensor" else [tag, *rest]  # noqa: E731 -- short, and used in the next line
    return {key: decode_tree(value, leaf) for key, value in reply["values"].items()}


def text_of(reply: dict[str, Any]) -> str:
    assert reply["ok"] is False, reply
    return str(reply["error"]["text"])
