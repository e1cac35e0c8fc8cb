"""What reading a submission needs to know of an assignment, and says of each of its symbols."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from autograder.course.rows import PublicRow
from autograder.course.symbol import Symbol
from autograder.text import Text

NOT_WRITTEN = Text(ru="не написано", en="not written")
"""The place of a symbol that was found nowhere."""
NOT_READ = Text(ru="не читается", en="cannot be read")
"""The place of a symbol that stands only where it is no code: in a cell or file with a syntax error, in a text cell."""
Kind = Literal["cell", "notebook", "solution.py", "package", "missing"]


class TaskLike(Protocol):
    """What is needed of a task: `autograder.course.manifest.Task`, or the public part of it in a student bundle."""

    @property
    def id(self) -> str: ...
    @property
    def symbols(self) -> tuple[Symbol, ...]: ...
    @property
    def depends_on(self) -> tuple[str, ...]: ...
    @property
    def forbidden(self) -> tuple[str, ...]: ...
    @property
    def rows(self) -> Sequence[PublicRow]: ...


class LimitsLike(Protocol):
    @property
    def upload_mb(self) -> int: ...


class ManifestLike(Protocol):
    """What is needed of a manifest."""

    @property
    def name(self) -> str: ...
    @property
    def limits(self) -> LimitsLike: ...
    @property
    def tasks(self) -> Sequence[TaskLike]: ...


@dataclass(frozen=True)
class SymbolSource:
    """Where a task symbol was found.

    symbol: without its method. where: the place in English, `place`
    in both languages. problem: why nothing (or not what the student expects) was found, else None.
    """

    task: str
    symbol: Symbol
    kind: Kind
    where: str
    place: Text
    problem: Text | None = None


@dataclass(frozen=True)
class NamedCall:
    """A forbidden call that stands in a task's source: its name in the manifest, the cell or file, the line there."""

    task: str
    name: str
    place: Text
    line: int


@dataclass(frozen=True)
class Answer:
    """What a student wrote in words for a row of a task."""

    task: str
    row: str
    text: str
