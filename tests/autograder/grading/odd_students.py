"""A student whose code is the reference, but for one answer, which is as odd as a worker's answer can be."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from autograder.course.manifest import Manifest
from autograder.remote.student import Student
from autograder.sandbox.runner.executor import Executor
from autograder.sandbox.runner.in_process import InProcess
from autograder.sandbox.runner.tensors import Handles, encode_value
from autograder.wire.frames import Arrays, Message

# n² numbers of 4 bytes are 360 GB.
MANY = 300_000
ASKED = ("call", "driver")
UNTRAINED: Message = {
    "op": "call", "target": "hw_cnn.models.seminar:SeminarCNN", "args": [], "kwargs": {}, "options": {},
}  # fmt: skip

# Values that depend on nothing.
ODD: dict[str, Any] = {
    "None": None,
    "True": True,
    "zero": 0,
    "minus one": -1,
    "huge whole number": 1 << 900,
    "nan": math.nan,
    "infinity": math.inf,
    "empty text": "",
    "text": "0.5",
    "empty list": [],
    "empty tuple": (),
    "empty dict": {},
    "nested": {"a": {"b": [None, {"c": ()}]}},
    "numbers as keys": {1: 2, 1.5: None, None: 1},
    "list of texts": ["a", "b"],
    "four things": (1, "b", None, [3.0]),
    "two tensors": (torch.zeros(3), torch.zeros(2, 2)),
    "state of texts": {"weight": "x", "model.1.weight": "y", "loss": "z", "val_loss": "w", "": 1},
    "object": object(),
    "0-d": torch.tensor(1.5),
    "0-d bool": torch.tensor(True),
    "no rows": torch.zeros(0),
    "no rows of many columns": torch.zeros(0, 1 << 30),
    "many rows of nothing": torch.zeros(1 << 30, 0),
    "column": torch.ones(MANY, 1),
    "row": torch.ones(1, MANY),
    "line": torch.arange(float(MANY)),
    "eight dimensions": torch.zeros([2] * 8),
    "array": np.zeros((2, 3), np.float16),
    "array of bools": np.zeros((), bool),
    "lists of numbers": [[1, 2], [3]],
    "long list": list(range(5000)),
}


def alike(right: Tensor) -> Iterator[tuple[str, Any]]:
    """Tensors that have much in common with the right one."""
    for dtype in (torch.bool, torch.uint8, torch.int64, torch.float16, torch.float32, torch.float64):
        yield f"as {dtype}", right.to(dtype)
    floating = right.double()
    for number in (math.nan, math.inf, -math.inf, 1e300, 0.0):
        yield f"full of {number}", torch.full_like(floating, number)
        yield f"full of {number}, same dtype", torch.full_like(floating, number).to(right.dtype)
    yield "negative", -floating
    yield "a list", right.tolist()
    yield "flat", right.reshape(-1)
    yield "as a column", right.reshape(-1, 1)
    yield "one dimension more", right[None]
    yield "doubled", torch.cat([right.reshape(-1), right.reshape(-1)])
    yield "expanded", right.reshape(-1)[:1].expand(right.numel())
    yield "overlapping", right.reshape(-1).as_strided((right.numel(), 3), (0, 0)) if right.numel() else right
    if right.ndim:
        yield "without its first row", right[1:]
        yield "turned", right.transpose(0, -1)


def odd_versions(right: Any) -> Iterator[tuple[str, Any]]:
    """Odd answers in the place of a right one; parts of it are replaced, too."""
    yield from ODD.items()
    if isinstance(right, Tensor):
        yield from alike(right)
    elif isinstance(right, dict) and right:
        first = next(iter(right))
        yield "renamed", {f"{key}?": value for key, value in right.items()}
        yield "numbered", dict(enumerate(right.values()))
        yield "without one", {key: value for key, value in right.items() if key != first}
        yield "with one more", {**right, "more": None}
        for name, value in [*ODD.items(), *(alike(right[first]) if isinstance(right[first], Tensor) else ())]:
            yield f"first is {name}", {**right, first: value}
            yield f"all are {name}", dict.fromkeys(right, value)
    elif isinstance(right, list | tuple) and right:
        yield "without one", right[1:]
        yield "twice", (*right, *right)
        for name, value in [*ODD.items(), *(alike(right[0]) if isinstance(right[0], Tensor) else ())]:
            yield f"first is {name}", (value, *right[1:])
            yield f"all are {name}", (value,) * len(right)


def errors() -> Iterator[tuple[str, Message]]:
    """Answers that say that it went wrong, in words that nobody checks."""
    said: list[dict[str, Any]] = [
        {"type": "ValueError", "text": "x" * 30_000, "line": 10**9, "file": "solution.py", "last_line": -3},
        {"type": "A" * 1000, "text": None, "name": 5},
        {"type": "NotImplementedError", "text": "text", "last_line": True},
        {"type": "KeyboardInterrupt", "text": ["text"]},
        {},
    ]
    for number, error in enumerate(said):
        yield f"error {number}", {"ok": False, "error": error}
    yield "no answer", {}
    yield "no values", {"ok": True, "values": {}}
    yield "values of another kind", {"ok": True, "values": [1]}


@dataclass
class OddWorker:
    """Answers like the reference; the answer to request `at` (from 0) is what `answer` makes of the right one.

    `untrained`: a network is handed back without training, which takes seconds.
    """

    at: int = -1
    answer: Callable[[Message, Arrays], tuple[Message, Arrays]] | None = None
    untrained: bool = False
    asked: int = 0
    inner: InProcess = field(default_factory=lambda: InProcess(Executor()))

    def request(self, message: Message, arrays: Arrays, **limits: Any) -> tuple[Message, Arrays]:
        if self.untrained and message.get("name") == "fit":
            message, arrays = UNTRAINED, {}
        reply, received = self.inner.request(message, arrays)
        if message["op"] not in ASKED or message.get("name") in ("network", "loader", "reader"):
            return reply, received
        self.asked += 1
        if self.asked - 1 == self.at and self.answer is not None:
            return self.answer(reply, received)
        return reply, received

    def close(self) -> None:
        self.inner.close()


def student_of(manifest: Manifest, worker: OddWorker, checkpoint: bytes | None = None) -> Student:
    symbols = [symbol for task in manifest.tasks for symbol in task.tops]
    return Student(lambda: worker, symbols, manifest.limits, checkpoint=checkpoint)


def with_out(value: Any) -> Callable[[Message, Arrays], tuple[Message, Arrays]]:
    """The answer with another output; its gradients and inputs become that, too."""

    def change(reply: Message, _: Arrays) -> tuple[Message, Arrays]:
        if reply.get("ok") is not True:
            reply = {"ok": True, "values": {"out": None}}
        arrays: Arrays = {}
        out = encode_value(value, arrays, Handles())
        values: dict[str, Any] = {key: ["list", [out, out]] for key in reply["values"]}
        values |= {"out": out, "dtype": "half", "device": "nowhere"}
        return {"ok": True, "values": {key: values[key] for key in reply["values"]}}, arrays

    return change


def decoded_out(reply: Message, arrays: Arrays) -> Any:
    """The right output as a value; None for one that stays in the worker."""
    from autograder.wire.values import decode_tree

    def leaf(tag: str, rest: list[Any]) -> Any:
        return torch.from_numpy(arrays[rest[0]]) if tag == "tensor" else None

    return decode_tree(reply.get("values", {}).get("out"), leaf)
