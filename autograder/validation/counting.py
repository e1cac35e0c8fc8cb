"""How far a stage of `validate` has come, told to whoever shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")

Tick = Callable[[int, int], None]
"""Is told how many of how many are done."""
Tell = Callable[[str, int, int], None]
"""The same, behind the name of the stage."""


def tell_nobody(stage: str, done: int, total: int) -> None:
    """Where nothing is shown."""
    del stage, done, total


def tick_unseen(done: int, total: int) -> None:
    """The same for one stage."""
    del done, total


def counted(items: Iterable[Item], total: int, tick: Tick) -> Iterator[Item]:
    """The items as they come, each told before it is handed on."""
    for number, item in enumerate(items, start=1):
        tick(number, total)
        yield item
