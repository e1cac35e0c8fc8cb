"""What a call through the proxy gave, and a bounded record of calls that can be repeated elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from autograder.remote.failures import StudentFailure
from autograder.text import Lang, in_one
from autograder.wire.errors import ProtocolError

# By name, from a table: `getattr(torch, name)` imports modules for some names, and the name is the worker's.
DTYPES = {name: value for name, value in vars(torch).items() if isinstance(value, torch.dtype)}
DECIMAL_POINT = re.compile(r"(?<=\d)\.(?=\d)")
MAX_RECORDS = 256
MAX_RECORD_BYTES = 1 << 25


@dataclass(frozen=True)
class CallResult:
    """What a call with options gave. Parts that were not wanted, or do not exist, are None.

    `inputs_after` follows the positional arguments, `grads` follows `requires_grad`. `seconds` is the judge's clock.
    """

    out: Any = None
    inputs_after: tuple[Any, ...] | None = None
    grads: tuple[Tensor | None, ...] | None = None
    dtype: torch.dtype | None = None
    device: str | None = None
    seconds: float = 0.0


def call_result(values: Mapping[str, Any], seconds: float) -> CallResult:
    """Check the parts of an answer. Raises: ProtocolError for a part of another type than asked for."""
    grads, after = values.get("grads"), values.get("inputs_after")
    dtype, device = values.get("dtype"), values.get("device")
    if not (
        grads is None or (type(grads) is list and all(g is None or isinstance(g, Tensor) for g in grads))
    ):
        raise ProtocolError("the gradients are no list of tensors")
    if not (after is None or type(after) is list):
        raise ProtocolError("the inputs are no list")
    return CallResult(
        out=values.get("out"),
        inputs_after=None if after is None else tuple(after),
        grads=None if grads is None else tuple(grads),
        dtype=DTYPES.get(dtype) if isinstance(dtype, str) else None,
        device=device if isinstance(device, str) else None,
        seconds=seconds,
    )


@dataclass(frozen=True)
class Made:
    """How an object in the worker was made without the student's code: a driver and its plain arguments.

    called: what it is, in one language or as "ru / en", for the call that a student reads; the test's own words.
    """

    driver: str
    arguments: Mapping[str, Any]
    called: str = ""

    def said(self, lang: Lang) -> str:
        """What stands for it in a call that people read: in quotation marks where it is words."""
        words = in_one(self.called, lang)
        if not words:
            return self.driver
        return f"«{DECIMAL_POINT.sub(',', words)}»" if lang == "ru" else f'"{words}"'


@dataclass(frozen=True)
class CallRecord:
    """A call of a top-level function with plain values. `args` are copies made before the call.

    An object that a driver made stands there as `Made`: whoever repeats the call makes it anew.
    """

    name: str
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    options: Mapping[str, Any]
    out: Any = None
    grads: tuple[Tensor | None, ...] | None = None
    failure: StudentFailure | None = None
    inputs_after: tuple[Any, ...] | None = None

    @property
    def without_gradient(self) -> int | None:
        """The position of the first argument that got no gradient though one was asked for."""
        asked = zip(self.options.get("requires_grad", ()), self.grads or (), strict=False)
        return next((position for position, gradient in asked if gradient is None), None)

    @property
    def changed_input(self) -> int | None:
        """The position of the first tensor that is another one after the call; None where that was not asked for."""
        for position, (before, after) in enumerate(zip(self.args, self.inputs_after or (), strict=False)):
            both = isinstance(before, Tensor) and isinstance(after, Tensor)
            if both and not (before.shape == after.shape and torch.allclose(before, after, equal_nan=True)):
                return position
        return None


def cut_off_argument(calls: Iterable[CallRecord], names_of: Callable[[str], Sequence[str]]) -> str:
    """Name of the first argument that got no gradient though another one of its call did; "" where there is none.

    names_of: the parameters of a function, by its name. Only these are named: nothing here is the student's word.
    """
    for record in calls:
        position = record.without_gradient
        if position is None:
            continue
        names = names_of(record.name)
        alone = any(gradient is not None for gradient in record.grads or ())
        return names[position] if alone and position < len(names) else ""
    return ""


@dataclass
class Recorder:
    """Keeps the calls of one test, at most `MAX_RECORDS` of them and `MAX_RECORD_BYTES` of tensors.

    making: calls that gave an object of the worker, such as a network; they have no output here.
    """

    records: list[CallRecord] = field(default_factory=list)
    making: list[CallRecord] = field(default_factory=list)
    num_bytes: int = 0

    def prepare(
        self, name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any], options: Mapping[str, Any]
    ) -> CallRecord | None:
        """Copy the inputs of a call; None if it cannot be repeated elsewhere or there is no room."""
        try:
            size = _size((args, dict(kwargs), dict(options)))
        except TypeError:
            return None
        if len(self.records) >= MAX_RECORDS or self.num_bytes + size > MAX_RECORD_BYTES:
            return None
        self.num_bytes += size
        return CallRecord(name, _copy(args), _copy(dict(kwargs)), _copy(dict(options)))

    def keep(self, record: CallRecord | None, result: CallResult, failure: StudentFailure | None) -> None:
        """Complete a prepared record, unless its output cannot be compared or does not fit."""
        if record is None:
            return
        after = None if result.inputs_after is None else tuple(map(_if_plain, result.inputs_after))
        try:
            size = _size((result.out, result.grads, after))
        except TypeError:
            self.making.append(record)
            return
        if self.num_bytes + size > MAX_RECORD_BYTES:
            return
        self.num_bytes += size
        done = CallRecord(
            record.name,
            record.args,
            record.kwargs,
            record.options,
            result.out,
            result.grads,
            failure,
            after,
        )
        self.records.append(done)

    def stop(self) -> None:
        """Keep nothing more."""
        self.num_bytes = MAX_RECORD_BYTES + 1


def _size(value: Any) -> int:
    """Bytes of the tensors in a value. Raises: TypeError for a value that lives in the worker."""
    if isinstance(value, Tensor):
        return value.numel() * value.element_size()
    if isinstance(value, tuple | list):
        return sum(map(_size, value))
    if isinstance(value, dict):
        return sum(map(_size, value.values()))
    if value is None or isinstance(value, bool | int | float | str):
        return 0
    if isinstance(value, Made):
        return _size(dict(value.arguments))
    if type(value).__module__ == "numpy" and hasattr(value, "nbytes"):
        return int(value.nbytes)
    raise TypeError(f"a {type(value).__name__} lives in the worker")


def _if_plain(value: Any) -> Any:
    """The value; None for an object of the worker, such as a network among the arguments."""
    try:
        _size(value)
    except TypeError:
        return None
    return value


def _copy(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.detach().clone()
    if isinstance(value, tuple | list):
        return type(value)(map(_copy, value))
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    if isinstance(value, Made):
        return Made(value.driver, _copy(dict(value.arguments)), value.called)
    return value.copy() if hasattr(value, "nbytes") else value
