"""Values between frames and torch, on the side where a student's code runs: whatever it returns must end as bytes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from autograder.sandbox.runner.tracebacks import type_name
from autograder.wire.errors import ProtocolError
from autograder.wire.frames import CODES, DEFAULT_CAPS, MAX_RANK, Array, Arrays
from autograder.wire.values import decode_tree, encode_tree


class Unsendable(Exception):  # noqa: N818 -- says what happened, no mistake of ours
    """A value cannot go back to the test. The text is for the student."""


class BackwardFailed(Exception):  # noqa: N818 -- says when something happened, no mistake of ours
    """The student's code had ended when the exception behind this one came: its gradient was computed."""


@contextlib.contextmanager
def in_backward() -> Iterator[None]:
    """Around what computes gradients of a student's result. Raises: BackwardFailed from what came of it."""
    try:
        yield
    except Exception as error:
        raise BackwardFailed from error


class Handles:
    """Objects that stay here, by number."""

    def __init__(self) -> None:
        self._objects: dict[int, object] = {}
        self._last = 0

    def keep(self, value: object) -> list[Any]:
        """The reference that stands for `value`."""
        self._last += 1
        self._objects[self._last] = value
        return ["handle", self._last, type_name(value)]

    def get(self, number: object) -> Any:
        """Raises: ProtocolError for a number that is not in use."""
        if type(number) is not int or number not in self._objects:
            raise ProtocolError(f"there is no object {number!r}")
        return self._objects[number]

    def clear(self) -> None:
        """Forget all objects."""
        self._objects.clear()


def to_plain(tensor: Tensor) -> Tensor:
    """The same tensor, its gradient included, without the methods of a subclass."""
    if type(tensor) is Tensor:
        return tensor
    with torch._C.DisableTorchFunctionSubclass():
        return Tensor.as_subclass(tensor, Tensor)


def to_array(tensor: Tensor) -> Array:
    """A tensor's values on the CPU. Raises: Unsendable."""
    with torch._C.DisableTorchFunctionSubclass():
        plain = Tensor.detach(to_plain(tensor))
        _check_kind(plain)
        plain = plain.resolve_conj().resolve_neg()
        try:
            array = plain.cpu().numpy()
        except (RuntimeError, TypeError):
            raise Unsendable(f"a tensor of dtype {plain.dtype} has no values that can be read") from None
    if array.dtype not in CODES:
        raise Unsendable(f"a tensor has dtype {plain.dtype}; return one with dtype {_ALLOWED}")
    return _checked(array)


_ALLOWED = "float64, float32, float16, int64, int32, int16, int8, uint8 or bool"


def _check_kind(plain: Tensor) -> None:
    if plain.is_meta:
        raise Unsendable(
            "a tensor is on the 'meta' device and has no values; make it on the device of the inputs"
        )
    if plain.is_nested or plain.layout is not torch.strided:
        raise Unsendable(f"a tensor has layout {plain.layout}; return a dense one (`.to_dense()`)")
    if plain.dtype is torch.bfloat16 or plain.is_quantized:
        raise Unsendable(f"a tensor has dtype {plain.dtype}, which cannot be compared; return {_ALLOWED}")
    if plain.ndim > MAX_RANK:
        raise Unsendable(f"a tensor has {plain.ndim} dimensions, at most {MAX_RANK} can be returned")
    # A view made with `expand` may stand for more than any memory holds.
    if plain.numel() * plain.element_size() > DEFAULT_CAPS.body:
        raise Unsendable(f"a tensor of shape {tuple(plain.shape)} is too large to be returned")


def _checked(array: Array) -> Array:
    if array.ndim > MAX_RANK or array.nbytes > DEFAULT_CAPS.body:
        raise Unsendable(f"an array of shape {array.shape} is too large to be returned")
    return np.array(array, order="C", copy=None)


def encode_value(value: object, arrays: Arrays, handles: Handles) -> Any:
    """Any value as JSON; tensors go to `arrays`, what is no plain value becomes a handle. Raises: Unsendable."""

    def add(kind: str, array: Array) -> list[Any]:
        name = f"a{len(arrays)}"
        arrays[name] = array
        return [kind, name]

    def leaf(item: object) -> Any:
        if isinstance(item, Tensor):
            return add("tensor", to_array(item))
        if isinstance(item, np.ndarray):
            plain = np.asarray(item)
            if plain.dtype not in CODES:
                raise Unsendable(f"an array has dtype {plain.dtype}; return one with dtype {_ALLOWED}")
            return add("ndarray", _checked(plain))
        if isinstance(item, np.generic) and item.dtype in CODES:
            return encode_tree(item.item(), handles.keep)
        for plain_type in (tuple, list, dict):  # torch.Size, named tuples, OrderedDict
            if isinstance(item, plain_type) and type(item) is not plain_type:
                return encode_tree(plain_type(item), leaf)
        return handles.keep(item)

    return encode_tree(value, leaf)


def decode_value(tree: Any, arrays: Arrays, handles: Handles, place: Callable[[Tensor], Tensor]) -> Any:
    """The inverse; `place` lays a tensor out and moves it to the device. Raises: ProtocolError."""

    def leaf(tag: str, rest: list[Any]) -> object:
        match tag, rest:
            case "tensor", [str(name)] if name in arrays:
                return place(torch.from_numpy(arrays[name]))
            case "ndarray", [str(name)] if name in arrays:
                return arrays[name]
            case "handle", [int(number)]:
                return handles.get(number)
        raise ProtocolError("a value is encoded wrongly")

    return decode_tree(tree, leaf)
