"""Runs a student's code on request: the only code that does, in a worker and, for `hw-cnn check`, in process.

A request is `{"op": ...}`; the answer is `{"ok": true, "values": {...}}` or `{"ok": false, "error": {...}}`. Whatever
the student's code raises, SystemExit and KeyboardInterrupt included, is an answer and never the end of the worker.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import importlib
import inspect
import os
import random
import sys
import types
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from autograder.sandbox.runner import drivers, notebook_names
from autograder.sandbox.runner.alarm import alarm
from autograder.sandbox.runner.device import seed_torch
from autograder.sandbox.runner.tensors import (
    BackwardFailed,
    Handles,
    Unsendable,
    decode_value,
    encode_value,
    in_backward,
    to_plain,
)
from autograder.sandbox.runner.tracebacks import describe, remember_source, type_name
from autograder.sandbox.runner.watching import Watching
from autograder.wire.errors import ProtocolError
from autograder.wire.frames import Arrays, Message

# Below a worker's own temporary folder.
FILES = "files"
# Requests that run a task's code.
WATCHED = ("call", "driver")
Operation = Callable[[Message, Arrays], tuple[dict[str, Any], Arrays]]


class Executor:
    """State of one worker: namespaces of the submission, objects that tests hold.

    Args:
        device: "cpu" or "cuda", where tensors are put before a call.
        package_root: folder that holds `hw_cnn`, to shorten its paths in tracebacks.
        namespaces: existing namespaces, such as a notebook kernel's.
    """

    def __init__(
        self,
        device: str = "cpu",
        package_root: Path | None = None,
        namespaces: Mapping[str, dict[str, Any]] | None = None,
    ) -> None:
        self._device = torch.device(device)
        self._package_root = None if package_root is None else f"{package_root}/"
        self._namespaces: dict[str, dict[str, Any]] = dict(namespaces or {})
        self._filenames: set[str] = set()
        self._own_files: str | None = None
        self._bound: dict[tuple[str, str], Any] = {}
        self._handles = Handles()
        self._watching = Watching(device, self._shown_name)
        self._operations: dict[str, Operation] = {
            "files": self._files,
            "exec": self._exec,
            "bind": self._bind,
            "import": self._import,
            "call": self._call,
            "driver": self._driver,
            "free": self._free,
            "echo": self._echo,
        }

    def handle(self, message: Message, arrays: Arrays) -> tuple[Message, Arrays]:
        """Answer one request. Raises: ProtocolError for a request that makes no sense.

        Where it says what to `watch`, the answer has `seen`: the forbidden calls that ran (see `Watching.watch`).
        """
        operation = self._operations.get(message.get("op", ""))
        if operation is None:
            raise ProtocolError(f"there is no operation {message.get('op')!r}")
        if message["op"] not in WATCHED:
            return self._answer(operation, message, arrays)
        with self._watching.watch(message.get("watch")) as seen:
            reply, out = self._answer(operation, message, arrays)
            return ({**reply, "seen": seen()} if seen() else reply), out

    def unwatch(self) -> None:
        """Leave torch and numpy as they were before calls were watched."""
        self._watching.stop()

    def _answer(self, operation: Operation, message: Message, arrays: Arrays) -> tuple[Message, Arrays]:
        try:
            # A switch that the student's code has thrown stays thrown within one request only.
            with torch.enable_grad(), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                values, out = operation(message, arrays)
            return {"ok": True, "values": values}, out
        except ProtocolError:
            raise
        except Unsendable as error:
            return _failed({"type": "ReturnedValueError", "message": str(error), "text": str(error)})
        except BackwardFailed as error:
            return _failed({**describe(error.__cause__ or error, self._shown_name), "during": "backward"})
        except BaseException as error:
            return _failed(describe(error, self._shown_name))

    def _shown_name(self, filename: str) -> str | None:
        if filename in self._filenames:
            return filename
        for root in (self._package_root, self._own_files):
            if root is not None and filename.startswith(root):
                return filename.removeprefix(root)
        return None

    def _files(self, message: Message, arrays: Arrays) -> tuple[dict[str, Any], Arrays]:
        """Write own files below the current folder; once all are there, go to where the notebook stands."""
        root = Path.cwd() / FILES
        self._own_files = f"{root}/"
        for name, key in message["files"].items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(arrays[key].tobytes())
        if message["folder"] is None:
            return {}, {}
        folder = root / message["folder"]
        folder.mkdir(parents=True, exist_ok=True)
        os.chdir(folder)
        # The current folder: after the edition, so that nobody replaces it; before all else, as in Jupyter.
        sys.path.insert(1, "")
        importlib.invalidate_caches()
        return {}, {}

    def _exec(self, message: Message, _: Arrays) -> tuple[dict[str, Any], Arrays]:
        filename, source = message["filename"], message["source"]
        # Blank lines in front: then line numbers are those of the cell or file that the student knows.
        padded = "\n" * (message.get("first_line", 1) - 1) + source
        self._filenames.add(filename)
        remember_source(filename, padded)
        namespace = self._namespace(message["namespace"])
        if filename.endswith(".py"):  # a script, or what `%run` takes in
            namespace["__file__"] = str(Path(self._own_files or Path.cwd()) / filename)
        code = compile(padded, filename, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
        seconds = message.get("alarm_s")
        with alarm(seconds) if seconds is not None else contextlib.nullcontext():
            if code.co_flags & inspect.CO_COROUTINE:
                asyncio.run(eval(code, namespace))
            else:
                exec(code, namespace)
        return {}, {}

    def _namespace(self, name: str) -> dict[str, Any]:
        if name not in self._namespaces:
            # A real module: dataclasses look theirs up, and a notebook may say `from solution import helper`.
            known_as = name if name == "solution" else f"student_{name}"
            module = sys.modules[known_as] = types.ModuleType(known_as)
            self._namespaces[name] = vars(module)
            if name == "notebook":
                module.__name__ = "__main__"  # as in a kernel
        if name == "notebook":
            notebook_names.provide(self._namespaces[name])
        return self._namespaces[name]

    def _bind(self, message: Message, _: Arrays) -> tuple[dict[str, Any], Arrays]:
        name, module = message["name"], message["module"]
        namespace = self._namespace(message["namespace"])
        if name not in namespace:
            raise NameError(f"name {name!r} is not defined", name=name)
        self._bound[module, name] = namespace[name]
        setattr(importlib.import_module(module), name, namespace[name])
        return {}, {}

    def bind_again(self) -> None:
        """Set the symbols on their modules once more, after another executor in this process has set its own."""
        for (module, name), value in self._bound.items():
            setattr(importlib.import_module(module), name, value)

    def _import(self, message: Message, _: Arrays) -> tuple[dict[str, Any], Arrays]:
        importlib.import_module(message["module"])
        return {}, {}

    def _free(self, _: Message, __: Arrays) -> tuple[dict[str, Any], Arrays]:
        self._handles.clear()
        return {}, {}

    def _echo(self, _: Message, arrays: Arrays) -> tuple[dict[str, Any], Arrays]:
        return {"out": None}, arrays

    def _driver(self, message: Message, arrays: Arrays) -> tuple[dict[str, Any], Arrays]:
        driver = drivers.DRIVERS.get(message.get("name", ""))
        if driver is None:
            raise ProtocolError(f"there is no driver {message.get('name')!r}")
        arguments = {key: self._decode(tree, arrays) for key, tree in message["args"].items()}
        out: Arrays = {}
        value = driver(self._device, **arguments)
        return {"out": encode_value(value, out, self._handles)}, out

    def _call(self, message: Message, arrays: Arrays) -> tuple[dict[str, Any], Arrays]:
        options = {key: self._decode(tree, arrays) for key, tree in message.get("options", {}).items()}
        layout = options.get("layout", "contiguous")
        args = [self._decode(tree, arrays, layout) for tree in message["args"]]
        kwargs = {key: self._decode(tree, arrays, layout) for key, tree in message["kwargs"].items()}
        leaves = [args[index].requires_grad_() for index in options.get("requires_grad", ())]
        if options.get("seed") is not None:
            seed_all(options["seed"])
        result = self._target(message["target"])(*args, **kwargs)
        if isinstance(result, Tensor):
            result = to_plain(result)
        want = options.get("want", ("out",))
        values: dict[str, Any] = {}
        out: Arrays = {}
        if "out" in want:
            values["out"] = encode_value(result, out, self._handles)
        if "inputs_after" in want:
            values["inputs_after"] = ["list", [encode_value(arg, out, self._handles) for arg in args]]
        if "grads" in want:
            grads = _gradients(result, leaves, options["upstream"])
            values["grads"] = ["list", [encode_value(grad, out, self._handles) for grad in grads]]
        if isinstance(result, Tensor):
            values |= {"dtype": str(result.dtype).removeprefix("torch."), "device": result.device.type}
        return {key: value for key, value in values.items() if key in want}, out

    def _target(self, target: Any) -> Callable[..., Any]:
        if type(target) is str:
            module, _, name = target.partition(":")
            return getattr(importlib.import_module(module), name)  # type: ignore[no-any-return]  # it may hold anything
        if type(target) is not list or len(target) != 3:
            raise ProtocolError("a call has no target")
        owner = self._handles.get(target[1])
        return owner if target[2] is None else getattr(owner, target[2])  # type: ignore[no-any-return]  # it may hold anything

    def _decode(self, tree: Any, arrays: Arrays, layout: str = "contiguous") -> Any:
        def place(tensor: Tensor) -> Tensor:
            return lay_out(tensor.to(self._device), layout)

        return decode_value(tree, arrays, self._handles, place)


def lay_out(tensor: Tensor, layout: str) -> Tensor:
    """The same values in another order of memory. Only floating tensors of two or more dimensions change."""
    if layout == "contiguous" or tensor.ndim < 2 or not tensor.is_floating_point():
        return tensor
    if layout == "permuted":
        backwards = list(range(tensor.ndim))[::-1]
        return tensor.permute(backwards).contiguous().permute(backwards)
    if layout == "strided":
        wide = tensor.new_full((*tensor.shape, 2), float("nan"))  # whoever reads the gaps gets NaN
        wide[..., 0] = tensor
        return wide[..., 0]
    raise ProtocolError(f"there is no layout {layout!r}")


def _gradients(result: object, leaves: list[Tensor], upstream: Tensor) -> list[Tensor | None]:
    if not isinstance(result, Tensor):
        raise TypeError(f"the result is a {type_name(result)}, not a tensor, so it has no gradient")
    if result.shape != upstream.shape:
        wanted, given = tuple(upstream.shape), tuple(result.shape)
        raise ValueError(f"the result has shape {given}, a gradient was asked for shape {wanted}")
    if not result.requires_grad:
        return [None for _ in leaves]
    with in_backward():
        return list(torch.autograd.grad(result, leaves, upstream.to(result.dtype), allow_unused=True))


def seed_all(seed: int) -> None:
    """Seed every generator that code of this course uses."""
    random.seed(seed)
    np.random.seed(seed % (1 << 32))
    seed_torch(seed)


def _failed(error: Mapping[str, str | int]) -> tuple[Message, Arrays]:
    return {"ok": False, "error": dict(error)}, {}
