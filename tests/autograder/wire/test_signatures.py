"""What the positional arguments of a function are called."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from autograder.wire.signatures import MOST_STARRED, keywords_of, names_of


def plain(x: Any, k: int = 2, *, mode: str = "max", **more: Any) -> None: ...
def starred(x: Any, *rest: Any, mode: str = "max") -> None: ...
def before_a_slash(x: Any, /, k: int = 2) -> None: ...


@pytest.mark.parametrize(
    ("function", "keywords", "names"),
    [
        (plain, ["x", "k"], ["x", "k"]),
        (starred, ["x"], ["x", *(f"rest[{number}]" for number in range(MOST_STARRED))]),
        (before_a_slash, ["", "k"], ["x", "k"]),
        (lambda: None, [], []),
    ],
)
def test_names_and_those_of_them_that_can_be_used(
    function: Callable[..., None], keywords: list[str], names: list[str]
) -> None:
    signature = inspect.signature(function)
    assert (keywords_of(signature), names_of(signature)) == (keywords, names)
