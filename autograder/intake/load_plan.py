"""What a worker must run, set and import to hold a submission, in this order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from autograder.text import Text

Namespace = Literal["notebook", "solution"]
UNKNOWN = Text(ru="код", en="the code")
NAMESPACES: tuple[Namespace, ...] = ("notebook", "solution")


@dataclass(frozen=True)
class Statement:
    """One top-level statement to execute, in order.

    namespace: "solution" (executed first) or "notebook".
    source: text to compile; its first line is line `first_line` of `filename` (as shown in tracebacks).
    binds: names of the task symbols to set on their modules right after this statement has run.
    names: all that it binds. place: the cell or file, for people.
    tried: it is given up when it takes long: it only changes what others have made, or it is a loop.
    """

    namespace: Namespace
    source: str
    filename: str
    first_line: int
    binds: tuple[str, ...]
    names: tuple[str, ...] = ()
    place: Text = UNKNOWN
    tried: bool = False


@dataclass(frozen=True)
class World:
    """Statements that are executed together, and the tasks whose tests meet them so."""

    tasks: tuple[str, ...]
    statements: tuple[Statement, ...]


@dataclass(frozen=True)
class LoadPlan:
    """What a worker takes in, in this order.

    Args:
        statements: run one after the other, each in its namespace.
        binds: (namespace, name, module): `name` of that namespace is set on `module`, at once after each statement
            that binds it, so that later statements that import the module see it.
        imports: modules of which the student handed in the file.
        files: the student's own modules and data, copied into the worker's temporary folder; path -> bytes.
        folder: the one among them in which the notebook stands ("" for the top).
        absent: name -> why nothing binds it: its cell is no Python, or no code.
        left_aside: paths of data files that were handed in and for which there was no room.
    """

    statements: Sequence[Statement]
    binds: Sequence[tuple[str, str, str]] = ()
    imports: Sequence[str] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
    folder: str = ""
    absent: Mapping[str, Text] = field(default_factory=dict)
    left_aside: Sequence[str] = ()
