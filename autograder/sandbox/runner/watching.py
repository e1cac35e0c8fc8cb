"""Which forbidden calls ran while a task's code was asked for something: what, and on which line of the student's.

Not proof: whoever wants to can undo it in his own process. What is claimed here is checked by the judge, which also
looks for the names in the source.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import struct
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from torch.autograd import graph
from torch.nn import modules

from autograder.sandbox.runner.interception import INTERCEPTION
from autograder.wire.errors import ProtocolError
from autograder.wire.forbidden_calls import CALLS, is_layer

# Where C++ computes gradients, Python's nearest frame is this one.
ENGINE = graph._engine_run_backward.__code__
LAYERS = f"{Path(modules.__file__).parent}{os.sep}"
MOST_NOTES = 64
_ENTRY = struct.Struct("=iii")
UNKNOWN = -1


class Notes:
    """(number of the name, number of the file, line), each once; processes forked from this one write here, too."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _ENTRY.size * (MOST_NOTES + 1))

    def clear(self) -> None:
        _ENTRY.pack_into(self._memory, 0, 0, 0, 0)

    def add(self, note: tuple[int, int, int]) -> None:
        found = self.all()
        if note not in found and len(found) < MOST_NOTES:
            _ENTRY.pack_into(self._memory, _ENTRY.size * (len(found) + 1), *note)
            _ENTRY.pack_into(self._memory, 0, len(found) + 1, 0, 0)

    def all(self) -> list[tuple[int, int, int]]:
        count, _, _ = _ENTRY.unpack_from(self._memory, 0)
        return [_ENTRY.unpack_from(self._memory, _ENTRY.size * (index + 1)) for index in range(count)]


class Watching:
    """The forbidden calls of one executor.

    Args:
        device: "cpu" or "cuda".
        shown_name: a frame's file -> the name that the student knows it by, or None if it is not theirs.
    """

    def __init__(self, device: str, shown_name: Callable[[str], str | None]) -> None:
        self._device, self._shown_name = device, shown_name
        self._notes: Notes | None = None

    @contextlib.contextmanager
    def watch(self, order: Any) -> Iterator[Callable[[], list[list[int]]]]:
        """In this block calls of `order["names"]` are noted; gives a function that tells them.

        order: names, and the files by whose number a line is told; None: nothing is watched, at no cost.
        A note is [number of the name, number of the file or -1, line or 0].

        Raises: ProtocolError for an order that makes no sense.
        """
        if order is None:
            self.stop(functions=False)
            yield list
            return
        names, files = _checked(order)
        if self._notes is None:
            self._notes = Notes()
        notes = self._notes
        notes.clear()
        listener = _Listener(names, files, self._shown_name, notes)
        packages = [CALLS[name].classes for name in names if CALLS[name].classes]
        INTERCEPTION.install(listener.operators, packages, self._device)
        INTERCEPTION.listener = listener
        try:
            yield lambda: [list(note) for note in notes.all()]
        finally:
            INTERCEPTION.listener = None

    def stop(self, *, functions: bool = True) -> None:
        """Whatever runs from now on runs as if nothing had been watched."""
        INTERCEPTION.remove(functions=functions)


class _Listener:
    def __init__(
        self,
        names: Sequence[str],
        files: Sequence[str],
        shown_name: Callable[[str], str | None],
        notes: Notes,
    ) -> None:
        self._layer = [is_layer(name) for name in names]
        self._files = {name: number for number, name in reversed(list(enumerate(files)))}
        self._shown_name, self._notes = shown_name, notes
        self._numbers: dict[str, list[int]] = {}
        self._as_gradient: set[str] = set()
        self._only_of_students: set[str] = set()
        for number, name in enumerate(names):
            call = CALLS[name]
            for used in (*call.operators, *call.functions, *([call.classes] if call.classes else [])):
                self._numbers.setdefault(used, []).append(number)
            self._as_gradient.update(call.not_as_gradient)
            if call.only_of_students:
                self._only_of_students.update(call.functions)
        self.operators = [used for used in self._numbers if "::" in used]

    def __call__(self, used: str, frame: FrameType | None) -> None:
        numbers = self._numbers.get(used)
        if numbers is None:
            return
        # A legal function's gradient: C++ asks for it, no code of a student does.
        if used in self._as_gradient and (frame is None or frame.f_code is ENGINE):
            return
        by_layer, file, line = False, UNKNOWN, 0
        while frame is not None:
            filename = frame.f_code.co_filename
            by_layer = by_layer or filename.startswith(LAYERS)
            shown = self._shown_name(filename)
            if shown is not None:
                file = self._files.get(shown, self._files.get(filename, UNKNOWN))
                line = frame.f_lineno or 0
                break
            frame = frame.f_back
        if frame is None and used in self._only_of_students:
            return
        number = next((number for number in numbers if self._layer[number] == by_layer), numbers[0])
        self._notes.add((number, file, line))


def _checked(order: Any) -> tuple[list[str], list[str]]:
    names, files = order["names"], order["files"]
    if unknown := [name for name in names if name not in CALLS]:
        raise ProtocolError(f"{', '.join(map(str, unknown))}: these calls are not known here")
    return names, files
