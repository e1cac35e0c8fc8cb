"""What a worker must run, set and import to hold a submission, in this order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Namespace = Literal["notebook", "solution"]
NAMESPACES: tuple[Namespace, ...] = ("notebook", "solution")


@dataclass(frozen=True)
class Statement:
    """One top-level statement to execute, in order.

    namespace: "solution" (executed first) or "notebook".
    source: text to compile; its first line is line `first_line` of `filename` (as shown in tracebacks).
    binds: names of the task symbols to set on their modules right after this statement has run.
    """

    namespace: Namespace
    source: str
    filename: str
    first_line: int
    binds: tuple[str, ...]


@dataclass(frozen=True)
class LoadPlan:
    """What a worker takes in, in this order.

    Args:
        statements: run one after the other, each in its namespace.
        binds: (namespace, name, module): `name` of that namespace is set on `module`, at once after each statement
            that binds it, so that later statements that import the module see it.
        imports: modules of which the student handed in the file.
    """

    statements: Sequence[Statement]
    binds: Sequence[tuple[str, str, str]] = ()
    imports: Sequence[str] = ()
