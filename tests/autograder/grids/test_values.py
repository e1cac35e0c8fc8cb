"""Values and calls as text."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any

import pytest
import torch

from autograder.grids.values import MOST_CHARACTERS, Named, call_in_words, shown
from autograder.wire.signatures import keywords_of, names_of


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "None"),
        (True, "True"),
        (0.123456, "0.1235"),
        (math.nan, "nan"),
        ("a'b", '"a\'b"'),
        ({"a": 1, 2: (1.0,)}, "{'a': 1, 2: (1,)}"),
        ([1, "b"], "[1, 'b']"),
        ((1, [0.5]), "(1, [0.5])"),
        ([2], "[2]"),
        ((2,), "(2,)"),
        ([], "[]"),
        (torch.tensor(1.25), "1.25 (float32)"),
        (torch.tensor([True, False]), "[True, False] (bool)"),
        (torch.zeros(0, 1 << 40), "tensor (0, 1099511627776) float32"),
        (torch.zeros(1 << 40, 0), "tensor (1099511627776, 0) float32"),
        (object(), "<object>"),
    ],
)
def test_values_as_text(value: Any, text: str) -> None:
    assert shown(value, "en") == text


def test_of_a_large_tensor_the_part_around_the_difference_is_shown() -> None:
    value = torch.arange(2 * 30 * 40.0).reshape(2, 30, 40)
    assert shown(value, "en", (1, 20, 39)) == (
        "part [1, 18:22, 34:40] of (2, 30, 40) float32:\n"
        "[[1954, 1955, 1956, 1957, 1958, 1959],\n [1994, 1995, 1996, 1997, 1998, 1999],\n"
        " [2034, 2035, 2036, 2037, 2038, 2039],\n [2074, 2075, 2076, 2077, 2078, 2079]]"
    )
    assert shown(value[0, 0], "ru", (1,)).startswith("часть [0:6] тензора (40,) float32:\n[0, 1, 2")
    assert "[0, 0:4, 0:6]" in shown(value, "en"), "the beginning where no place is known"


@pytest.mark.parametrize("value", ["x" * 10_000, ["x" * 100] * 1000, {str(n): "x" for n in range(1000)}])
def test_long_values_are_cut_in_their_middle(value: Any) -> None:
    text = shown(value, "en")
    assert len(text) <= MOST_CHARACTERS + 3
    assert " … " in text


def test_a_call_names_its_tensors_and_shows_the_rest() -> None:
    x = torch.ones(2, 2)
    names = ["x", "k", "net", "y"]
    said = call_in_words("f", names, (x, 3, Named("«network»"), x), {"mode": "max", "w": x}, "en")
    assert said == "f(x, k=3, net=«network», y=y, mode='max', w=w)"


def plain(a: Any, b: Any = 2, *, c: Any = 3) -> Any: ...
def starred(*sizes: Any, bias: bool = True) -> Any: ...
def starred_late(a: Any, *rest: Any) -> Any: ...
def before_a_slash(a: Any, b: Any, /, c: Any = 0) -> Any: ...


@pytest.mark.parametrize(
    ("function", "args", "kwargs", "said"),
    [
        (plain, (1, 2), {"c": 4}, "f(a=1, b=2, c=4)"),
        (plain, (1, 2, 3), {}, "f(1, 2, 3)"),
        (plain, (1,), {"a": 2}, "f(1, a=2)"),
        (plain, (torch.ones(1), 5), {"c": torch.ones(1)}, "f(a, b=5, c=c)"),
        (plain, (5, torch.ones(1)), {}, "f(a=5, b=b)"),
        (starred, ((25, 10),), {"bias": False}, "f((25, 10), bias=False)"),
        (starred, (torch.ones(1), torch.ones(1)), {}, "f(sizes[0], sizes[1])"),
        (starred_late, (1, 2, 3), {}, "f(1, 2, 3)"),
        (starred_late, (1,), {}, "f(a=1)"),
        (before_a_slash, (1, 2, 3), {}, "f(1, 2, c=3)"),
    ],
)
def test_a_call_is_shown_as_it_was_made(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], said: str
) -> None:
    signature = inspect.signature(function)
    assert call_in_words("f", names_of(signature), args, kwargs, "en", keywords_of(signature)) == said
    tensors = {"sizes": args, **dict(zip("abc", [*args, *kwargs.values()], strict=False))}
    assert outcome(function, *args, **kwargs) == outcome(eval, said, {"f": function, **tensors}), "pasted"


def outcome(function: Callable[..., Any], *args: Any, **kwargs: Any) -> str:
    """The words of the exception that a call raises, "" where it raises none."""
    try:
        function(*args, **kwargs)
    except TypeError as error:
        return str(error)
    return ""


def test_an_argument_of_another_name_stands_without_one() -> None:
    said = call_in_words("f", ["sizes", "bias"], ((25, 10), True), {}, "en", ["layers", "bias"])
    assert said == "f((25, 10), bias=True)"
    assert call_in_words("f", ["sizes", "bias"], ((25, 10), True), {}, "en", []) == "f((25, 10), True)"
