"""What a student writes, as a manifest names it."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from autograder.course.symbol import Symbol, SymbolField, by_module, tops

POOL, STEP, INIT = Symbol("a.b", "pool"), Symbol("a.c", "Net", "step"), Symbol("a.c", "Net", "__init__")


class Named(BaseModel):
    symbol: SymbolField


@pytest.mark.parametrize(
    ("path", "symbol", "local", "file"),
    [
        ("a.b:pool", POOL, "pool", "a/b.py"),
        ("a.c:Net.step", STEP, "Net.step", "a/c.py"),
        ("a:f", Symbol("a", "f"), "f", "a.py"),
    ],
)
def test_its_parts(path: str, symbol: Symbol, local: str, file: str) -> None:
    assert Symbol.parse(path) == symbol
    assert (str(symbol), symbol.local, symbol.file) == (path, local, file)


@pytest.mark.parametrize(
    "path", ["", "a.b", ":f", "a:", "a:f.", "a:.f", "a:f.g.h", "a b:f", "a:f:g", "A-b:f", "a:1"]
)
def test_other_text_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match=r"write it as module:Name or module:Class.method"):
        Symbol.parse(path)


def test_tops_are_named_once_and_in_order() -> None:
    assert tops([STEP, POOL, INIT]) == (Symbol("a.c", "Net"), POOL)
    assert tops([]) == ()


def test_symbols_of_a_module_stay_together() -> None:
    assert by_module([STEP, POOL, INIT]) == {"a.c": [STEP, INIT], "a.b": [POOL]}


def test_in_a_model_it_is_text_outside_and_a_symbol_inside() -> None:
    found = Named.model_validate({"symbol": "a.c:Net.step"})
    assert found.symbol == STEP
    assert found.model_dump() == {"symbol": "a.c:Net.step"}
    assert Named.model_validate_json(found.model_dump_json()) == found
    assert Named(symbol=STEP) == found


@pytest.mark.parametrize("value", [3, None, ["a:f"], "f"])
def test_a_model_refuses_everything_else(value: object) -> None:
    with pytest.raises(ValueError, match=r"module:Name or module:Class.method"):
        Named.model_validate({"symbol": value})
