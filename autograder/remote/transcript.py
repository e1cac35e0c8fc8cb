"""What a test asked of a student's code and what came back, request by request: other code can be asked the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import torch
from torch import Tensor
from torch.utils._pytree import tree_leaves

from autograder.remote.failures import StudentFailure

MAX_TURNS = 1024
MAX_BYTES = 1 << 25

Kind = Literal["symbol", "object", "driver"]
Answer = Mapping[str, Any] | StudentFailure
"""Parts of an answer by name ("out", "inputs_after", "grads"), or how there was none."""


@dataclass(frozen=True)
class Kept:
    """An object that stayed in the worker: the `number`-th that a test was given, from 0."""

    number: int


@dataclass(frozen=True)
class Turn:
    """One request and its answer. Tensors are copies, objects of the worker stand there as `Kept`.

    kind: a call of the task's symbol `name`; of the method `name` of the object `owner` ("": of the object itself); or
    the driver `name`, whose arguments are `kwargs`. options: those of a call, None where it had none.
    """

    kind: Kind
    name: str
    owner: Kept | None
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    options: Mapping[str, Any] | None
    answer: Answer

    @cached_property
    def is_in_double(self) -> bool:
        """Whether it was asked with tensors of float64."""
        given = tree_leaves((self.args, dict(self.kwargs)))
        return any(isinstance(value, Tensor) and value.dtype is torch.float64 for value in given)


@dataclass
class Transcript:
    """The turns of one test, from its first, at most `MAX_TURNS` of them and `MAX_BYTES` of tensors.

    Attributes:
        is_whole: whether nothing is missing. What follows a request that cannot be kept is not kept either: it may
            depend on that one.
    """

    turns: list[Turn] = field(default_factory=list)
    is_whole: bool = True
    _objects: dict[Any, Kept] = field(default_factory=dict)
    _num_bytes: int = 0

    @property
    def asks_for_objects(self) -> bool:
        """Whether there is more than calls of functions with plain values."""
        return any(turn.kind != "symbol" for turn in self.turns) or bool(self._objects)

    def ask(
        self,
        kind: Kind,
        name: str,
        owner: object,
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
        options: Mapping[str, Any] | None = None,
    ) -> Callable[[Answer], None]:
        """Note a request before it is sent. Returns: what to call with its answer."""
        if not self.is_whole:
            return _forget
        try:
            of, given, named = self._copy((owner, args, dict(kwargs)))
            chosen = None if options is None else self._copy(dict(options))
        except TypeError:
            self.stop()
            return _forget

        def keep(answer: Answer) -> None:
            if not self.is_whole:
                return
            try:
                kept = (
                    answer if isinstance(answer, StudentFailure) else self._copy(dict(answer), answers=True)
                )
            except TypeError:
                self.stop()
                return
            self.turns.append(Turn(kind, name, of, given, named, chosen, kept))

        return keep

    def stop(self) -> None:
        """Keep nothing from here on."""
        self.is_whole = False

    def _copy(self, value: Any, *, answers: bool = False) -> Any:
        """A copy with `Kept` for objects. Raises: TypeError for what cannot be kept, or where there is no room."""
        if isinstance(value, Tensor):
            self._num_bytes += value.numel() * value.element_size()
            if self._num_bytes > MAX_BYTES or len(self.turns) >= MAX_TURNS:
                raise TypeError("there is no room for more")
            return value.detach().clone()
        if isinstance(value, tuple | list):
            return type(value)([self._copy(item, answers=answers) for item in value])
        if isinstance(value, dict):
            return {key: self._copy(item, answers=answers) for key, item in value.items()}
        if value is None or isinstance(value, bool | int | float | str):
            return value
        if type(value).__module__ == "numpy" and hasattr(value, "nbytes"):
            return self._copy(torch.from_numpy(value.copy()), answers=answers).numpy()
        remote = getattr(value, "remote", None)
        if remote is None:
            raise TypeError(f"a {type(value).__name__} cannot be kept")
        if answers:
            return self._objects.setdefault(remote, Kept(len(self._objects)))
        if remote not in self._objects:
            raise TypeError("an object of the worker is of another test")
        return self._objects[remote]


def _forget(answer: Answer) -> None:
    """Of a request that was not kept."""
