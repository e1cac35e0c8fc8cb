"""Where a task's symbol is defined in a program, which bindings of it do not count, and what must run for it."""

from __future__ import annotations

import pytest

from autograder.course.symbol import Symbol
from autograder.intake.program.lines import Chunk, Program
from autograder.intake.program.symbols import (
    Target,
    handed_over,
    hidden_bindings,
    imported_from,
    locate,
    targets_of,
)

CONV = Target("F1", Symbol("hw_cnn.one", "conv"), frozenset())
FIT = Target("K2", Symbol("hw_cnn.two", "Net"), frozenset({"fit"}))
WHOLE = Target("K2", Symbol("hw_cnn.two", "Net"), frozenset())
STUB = "def conv(x): raise NotImplementedError"
NET_STUB = "class Net:\n    def fit(self): raise NotImplementedError"


# (position, in_cell, later, direct) of a placement.
Where = tuple[int, bool, int | None, tuple[int, ...]]


def at(position: int, in_cell: bool = False, later: int | None = None, direct: tuple[int, ...] = ()) -> Where:
    return position, in_cell, later, direct


def where(program: Program, target: Target) -> Where | None:
    found = locate(program.lines, target)
    return None if found is None else (found.position, found.in_cell, found.later, found.direct)


def program_of(*cells: str | tuple[str, str]) -> Program:
    """A program of cells; a pair is a cell with an id."""
    program = Program()
    for number, cell in enumerate(cells):
        source, task = cell if isinstance(cell, tuple) else (cell, None)
        program.add(Chunk(source, f"<cell {number}>", frozenset([task] if task else []), number))
    return program


def test_one_target_for_each_name_at_the_top() -> None:
    symbols = [Symbol.parse(path) for path in ("m:f", "m:Net.fit", "m:Net.step", "m:Other")]
    assert targets_of("K2", symbols) == [
        Target("K2", Symbol("m", "f"), frozenset()),
        Target("K2", Symbol("m", "Net"), frozenset({"fit", "step"})),
        Target("K2", Symbol("m", "Other"), frozenset()),
    ]
    assert Target("K2", Symbol("m", "Net"), frozenset()).name == "Net"


OWN = ("def conv(x): return 1", "F1")


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([], None),
        (["def other(x): return 1"], None),
        ([STUB], None),
        (["from hw_cnn.one import conv"], None),
        (["def conv(x): return 1"], at(0)),
        (["def conv(x): return 1", STUB], at(0)),
        (["def conv(x): return 1", "def conv(x): return 2"], at(1)),
        (["def conv(x): return 1", "from hw_cnn.one import conv"], at(0)),
        ([("def conv(x): return 1", "G1")], at(0)),
        ([OWN], at(0, True)),
        ([OWN, OWN], at(1, True)),
        ([OWN, STUB], at(0, True)),
        (["def conv(x): return 1", OWN], at(1, True)),
        ([OWN, "def conv(x): return 2"], at(0, True, 1)),
        ([OWN, "def conv(x): return 2", "x = 1", "conv = None", "y = 1"], at(0, True, 3)),
        ([(STUB, "F1"), "def conv(x): return 2"], at(1)),
        (["import hw_cnn.one\nhw_cnn.one.conv = f"], at(1, False, None, (1,))),
        (["import hw_cnn.one", ("hw_cnn.one.conv = f", "F1")], at(1, True, None, (1,))),
        (["from hw_cnn import one", "one.conv = f", "x = 1", "one.conv = g"], at(3, False, None, (1, 3))),
        (["import hw_cnn.one as o", "o.conv = f"], at(1, False, None, (1,))),
        (["import hw_cnn as h", "h.one.conv = f"], at(1, False, None, (1,))),
        (["from hw_cnn import one as o", "o.conv = f"], at(1, False, None, (1,))),
        (["def go():\n    import hw_cnn.one as o", "o.conv = f"], at(1, False, None, (1,))),
        (["from . import one", "one.conv = f"], None),
        (["from .hw_cnn import one", "one.conv = f"], None),
        (["import hw_cnn.one", "hw_cnn.one.conv = conv"], None),  # handed over, not defined
        (["import hw_cnn.one", "hw_cnn.one.pool = f"], None),
        (["import hw_cnn.two", "hw_cnn.two.conv = f"], None),
        (["import other as hw_cnn", "hw_cnn.one.conv = f"], None),
        (["import other as hw_cnn", "import hw_cnn.one", "hw_cnn.one.conv = f"], at(2, False, None, (2,))),
        (["one.conv = f"], None),
        (["import hw_cnn.one", "def conv(x): return 1", "hw_cnn.one.conv = f"], at(1)),
    ],
)  # fmt: skip
def test_where_a_function_is_defined(cells: list[str | tuple[str, str]], expected: Where | None) -> None:
    assert where(program_of(*cells), CONV) == expected


@pytest.mark.parametrize(
    ("cells", "target", "expected"),
    [
        ([NET_STUB], FIT, None),
        ([NET_STUB, "Net.fit = f"], FIT, at(1)),
        ([NET_STUB + "\n    def given(self): return 1"], FIT, None),
        (['if True:\n    from hw_cnn.two import Net\n    Net.fit = f'], FIT, at(0)),
        ([NET_STUB, "Net.fit = f", "x = 1", "Net.fit = g", "x = 2"], FIT, at(3)),
        ([NET_STUB, ("Net.fit = f", "K2")], FIT, at(1, True)),
        ([NET_STUB, ("Net.fit = f", "G1")], FIT, at(1)),
        ([NET_STUB, "setattr(Net, 'fit', f)"], FIT, at(1)),
        ([NET_STUB, "Net.other = f"], FIT, None),
        ([NET_STUB, "Net.other = f"], WHOLE, at(1)),
        ([NET_STUB, "Net.fit, Net.other = f, g"], FIT, at(1)),
        (["Net.fit = f"], FIT, None),  # of a class that is not there
        (["Net.fit = f", NET_STUB], FIT, None),
        (["from hw_cnn.two import Net", "Net.fit = f"], FIT, at(1)),
        (["x = 1", "from hw_cnn.two import Net", "Net.fit = f"], FIT, at(2)),
        (["import hw_cnn.two", "hw_cnn.two.Net.fit = f"], FIT, at(1, False, None, (1,))),
        (["import hw_cnn.two", "hw_cnn.two.Net.other = f"], FIT, None),
        (["import hw_cnn.two", "hw_cnn.two.Net.other = f"], WHOLE, at(1, False, None, (1,))),
        (["import hw_cnn.two", "hw_cnn.two.Net = f"], FIT, at(1, False, None, (1,))),
        (["import hw_cnn.two", "hw_cnn.two.Other.fit = f"], FIT, None),
    ],
)  # fmt: skip
def test_where_a_method_is_defined(
    cells: list[str | tuple[str, str]], target: Target, expected: Where | None
) -> None:
    assert where(program_of(*cells), target) == expected


def test_a_function_that_is_changed_is_still_the_stub() -> None:
    """`conv.cache = {}` says nothing about the function; of a class it is work."""
    assert where(program_of(STUB, "conv.cache = f"), CONV) is None


@pytest.mark.parametrize(
    ("cells", "target", "expected"),
    [
        (["def conv(x): return 1", "x = 1", STUB, "conv = None"], CONV, {2}),
        ([STUB, "def conv(x): return 1", STUB], CONV, {2}),
        ([STUB, "from hw_cnn.one import conv"], CONV, set()),
        (["def conv(x): return 1", "from hw_cnn.one import conv"], CONV, {1}),
        (["from hw_cnn import one", "def conv(x): return 1", "conv = one.conv"], CONV, {2}),
        (["class Own: conv = 1", "conv = Own.conv", STUB], CONV, {2}),
        ([NET_STUB, "Net.fit = f", "from hw_cnn.two import Net", NET_STUB], FIT, {2, 3}),
        (["from hw_cnn.two import Net", "Net.fit = f", "x = 1"], FIT, set()),
    ],
)  # fmt: skip
def test_bindings_that_bind_nothing(cells: list[str], target: Target, expected: set[int]) -> None:
    assert hidden_bindings(program_of(*cells).lines, [target]).get(target.name, set()) == expected


def test_what_only_hands_a_symbol_over_to_the_library() -> None:
    cells = [
        "from hw_cnn import one, two",
        "one.conv = conv",
        "one.conv, two.Net = conv, Net",
        "one.conv = other",
        "one.conv, one.extra = conv, extra",
        "one.pool = pool",
        "two.conv = conv",
        "x = 1",
        "import hw_cnn.one as o",
        "o.conv = conv",
        "hw_cnn.two.Net = Net",
    ]
    assert handed_over(program_of(*cells).lines, [CONV, FIT]) == {2, 3, 10, 11}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("from solution import helper, other as o", {"helper", "other"}),
        ("from solution import *", {"*"}),
        ("import solution", {"*"}),
        ("import math, solution as s", {"*"}),
        ("import math", set()),
        ("from math import floor", set()),
        ("from .solution import helper", set()),
        ("def f():\n    from solution import inner\n    import solution", {"inner", "*"}),
        ("import solution.part", set()),
        ("from solution import one\nfrom solution import two\nfrom math import floor", {"one", "two"}),
    ],
)
def test_names_that_are_imported_from_a_module(source: str, expected: set[str]) -> None:
    assert imported_from(program_of(source).lines, "solution") == expected
