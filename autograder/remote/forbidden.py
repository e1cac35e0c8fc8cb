"""Forbidden calls as the side of the tests sees them: what a worker is asked to watch, and what it claims to have seen.

A worker's claim is three numbers; every word about it is chosen here.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograder.intake.submission import CodeFile
from autograder.text import Lang, Text
from autograder.wire.errors import ProtocolError
from autograder.wire.forbidden_calls import CALLS, shown

MOST_NOTES = 64
# Characters of the names of files.
MOST_NAMES = 10_000
# In one sentence.
MOST_SAID = 3
LINE = Text(ru="{place}, строка {line}", en="{place}, line {line}")
# An operator ran, and no line is known that names the call itself.
OR_THE_SAME = Text(ru="{call} или то, что считает то же самое", en="{call} or what computes the same")


@dataclass(frozen=True)
class SeenCall:
    """A forbidden call that ran: its name in the manifest, and where; None and 0 where that is not known.

    is_named: whether the line itself names it. Else something may have run that computes the same.
    """

    name: str
    place: Text | None
    line: int
    is_named: bool = False


@dataclass
class Watch:
    """What may not run in which task, and what has been seen of it.

    Args:
        forbidden: task -> the manifest's names.
        files: the student's cells and files with code, by the names that tracebacks show.
    """

    forbidden: Mapping[str, Sequence[str]]
    files: Mapping[str, CodeFile] = field(default_factory=dict)
    seen: dict[str, list[SeenCall]] = field(default_factory=dict)
    task: str = ""

    def __post_init__(self) -> None:
        """Names go with each request: of an upload with very many, those that come first (cells, then files)."""
        sizes = itertools.accumulate(len(name) for name in self.files)
        self.files = {
            name: self.files[name] for name, size in zip(self.files, sizes, strict=True) if size <= MOST_NAMES
        }

    @property
    def order(self) -> dict[str, Any] | None:
        """What goes with a request; None where the task forbids nothing."""
        names = list(self.forbidden.get(self.task, ()))
        return {"names": names, "files": list(self.files)} if names else None

    def take(self, notes: Any) -> None:
        """Check and keep what a worker tells. Raises: ProtocolError."""
        if type(notes) is not list or len(notes) > MOST_NOTES:
            raise ProtocolError("the forbidden calls are told wrongly")
        seen = self.seen.setdefault(self.task, [])
        for note in notes:
            if type(note) is not list or len(note) != 3 or any(type(part) is not int for part in note):
                raise ProtocolError("a forbidden call is told wrongly")
            call = self._call(*note)
            if call not in seen:
                seen.append(call)

    def _call(self, name: int, file: int, line: int) -> SeenCall:
        names, files = self.forbidden.get(self.task, ()), list(self.files.values())
        if not (0 <= name < len(names) and -1 <= file < len(files)):
            raise ProtocolError("a forbidden call is told of that nobody asked for")
        if file < 0:
            return SeenCall(names[name], None, 0)
        if not 0 < line <= files[file].last_line:
            raise ProtocolError("a forbidden call is told of in a line that there is not")
        last = names[name].rpartition(".")[2]
        is_named = re.search(rf"\b{re.escape(last)}\b", files[file].lines.get(line, "")) is not None
        return SeenCall(names[name], files[file].place, line, is_named)


def in_words(calls: Sequence[SeenCall], elsewhere: str, lang: Lang) -> str:
    """`F.conv2d (code cell 2, line 4), ...`; `elsewhere` stands for a place that is not known.

    Where no line names the call, `F.conv2d or what computes the same`.

    A gradient that torch computes has no line: it is left out where the call itself has one.
    """
    known = [CALLS[call.name] for call in calls if call.place is not None]
    said = []
    for call in calls:
        if call.place is None and CALLS[call.name] in known:
            continue
        place = elsewhere
        if call.place is not None:
            place = LINE.get(lang).format(place=call.place.get(lang), line=call.line)
        name = shown(call.name)
        if not call.is_named:
            name = OR_THE_SAME.get(lang).format(call=name)
        said.append(f"{name} ({place})" if place else name)
    said = list(dict.fromkeys(said))
    return ", ".join(said[:MOST_SAID]) + (", ..." if len(said) > MOST_SAID else "")
