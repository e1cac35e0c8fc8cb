"""What the checks of a manifest look at: values of `course.manifest`, which imports the checks and not the reverse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from autograder.course.hints import Hints
from autograder.course.rows import Row


class PricedTest(Protocol):
    """A hidden test."""

    @property
    def id(self) -> str: ...
    @property
    def points(self) -> float: ...
    @property
    def core(self) -> bool: ...
    @property
    def threshold(self) -> object | None: ...


class MultiplierShape(Protocol):
    """The test that multiplies others."""

    @property
    def test(self) -> str: ...
    @property
    def spares(self) -> Sequence[str]: ...


class TaskShape(Protocol):
    """A task."""

    @property
    def id(self) -> str: ...
    @property
    def symbols(self) -> Sequence[object]: ...
    @property
    def forbidden(self) -> Sequence[str]: ...
    @property
    def points(self) -> float: ...
    @property
    def minutes(self) -> int: ...
    @property
    def bonus(self) -> bool: ...
    @property
    def depends_on(self) -> Sequence[str]: ...
    @property
    def multiplier(self) -> MultiplierShape | None: ...
    @property
    def hints(self) -> Hints | None: ...
    @property
    def tests(self) -> Sequence[PricedTest]: ...
    @property
    def rows(self) -> Sequence[Row]: ...


class PresetShape(Protocol):
    """A part of an assignment with a name."""

    @property
    def id(self) -> str: ...
    @property
    def tasks(self) -> Sequence[str]: ...


class ManifestShape(Protocol):
    """A whole assignment."""

    @property
    def tasks(self) -> Sequence[TaskShape]: ...
    @property
    def presets(self) -> Sequence[PresetShape]: ...
    @property
    def budget_minutes(self) -> int: ...
    def closure(self, task_id: str) -> Sequence[str]: ...
    def ids(self, names: Sequence[str]) -> Sequence[str]: ...
