"""Where a task's symbol is defined in a program, which bindings of it do not count, and what must run for it."""

from __future__ import annotations

import pytest

from autograder.course.symbol import Symbol
from autograder.intake.program.slices import Chunk, Program
from autograder.intake.program.symbols import (
    Part,
    Placement,
    Target,
    extract,
    handed_over,
    hidden_binders,
    imported_from,
    locate,
    targets_of,
)

CONV = Target("F1", Symbol("hw_cnn.one", "conv"), frozenset())
FIT = Target("K2", Symbol("hw_cnn.two", "Net"), frozenset({"fit"}))
WHOLE = Target("K2", Symbol("hw_cnn.two", "Net"), frozenset())
STUB = "def conv(x): raise NotImplementedError"
NET_STUB = "class Net:\n    def fit(self): raise NotImplementedError"


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
        (["def conv(x): return 1"], Placement(0)),
        (["def conv(x): return 1", STUB], Placement(0)),
        (["def conv(x): return 1", "def conv(x): return 2"], Placement(1)),
        (["def conv(x): return 1", "from hw_cnn.one import conv"], Placement(0)),
        ([("def conv(x): return 1", "G1")], Placement(0)),
        ([OWN], Placement(0, True)),
        ([OWN, OWN], Placement(1, True)),
        ([OWN, STUB], Placement(0, True)),
        (["def conv(x): return 1", OWN], Placement(1, True)),
        ([OWN, "def conv(x): return 2"], Placement(0, True, 1)),
        ([OWN, "def conv(x): return 2", "x = 1", "conv = None", "y = 1"], Placement(0, True, 3)),
        ([(STUB, "F1"), "def conv(x): return 2"], Placement(1)),
        (["import hw_cnn.one\nhw_cnn.one.conv = f"], Placement(1, False, None, (1,))),
        (["import hw_cnn.one", ("hw_cnn.one.conv = f", "F1")], Placement(1, True, None, (1,))),
        (["from hw_cnn import one", "one.conv = f", "x = 1", "one.conv = g"], Placement(3, False, None, (1, 3))),
        (["import hw_cnn.one as o", "o.conv = f"], Placement(1, False, None, (1,))),
        (["import hw_cnn as h", "h.one.conv = f"], Placement(1, False, None, (1,))),
        (["from hw_cnn import one as o", "o.conv = f"], Placement(1, False, None, (1,))),
        (["def go():\n    import hw_cnn.one as o", "o.conv = f"], Placement(1, False, None, (1,))),
        (["from . import one", "one.conv = f"], None),
        (["from .hw_cnn import one", "one.conv = f"], None),
        (["import hw_cnn.one", "hw_cnn.one.conv = conv"], None),  # handed over, not defined
        (["import hw_cnn.one", "hw_cnn.one.pool = f"], None),
        (["import hw_cnn.two", "hw_cnn.two.conv = f"], None),
        (["import other as hw_cnn", "hw_cnn.one.conv = f"], None),
        (["import other as hw_cnn", "import hw_cnn.one", "hw_cnn.one.conv = f"], Placement(2, False, None, (2,))),
        (["one.conv = f"], None),
        (["import hw_cnn.one", "def conv(x): return 1", "hw_cnn.one.conv = f"], Placement(1)),
    ],
)  # fmt: skip
def test_where_a_function_is_defined(cells: list[str | tuple[str, str]], expected: Placement | None) -> None:
    assert locate(program_of(*cells).lines, CONV) == expected


@pytest.mark.parametrize(
    ("cells", "target", "expected"),
    [
        ([NET_STUB], FIT, None),
        ([NET_STUB, "Net.fit = f"], FIT, Placement(1)),
        ([NET_STUB + "\n    def given(self): return 1"], FIT, None),
        (['if True:\n    from hw_cnn.two import Net\n    Net.fit = f'], FIT, Placement(0)),
        ([NET_STUB, "Net.fit = f", "x = 1", "Net.fit = g", "x = 2"], FIT, Placement(3)),
        ([NET_STUB, ("Net.fit = f", "K2")], FIT, Placement(1, True)),
        ([NET_STUB, ("Net.fit = f", "G1")], FIT, Placement(1)),
        ([NET_STUB, "setattr(Net, 'fit', f)"], FIT, Placement(1)),
        ([NET_STUB, "Net.other = f"], FIT, None),
        ([NET_STUB, "Net.other = f"], WHOLE, Placement(1)),
        ([NET_STUB, "Net.fit, Net.other = f, g"], FIT, Placement(1)),
        (["Net.fit = f"], FIT, None),  # of a class that is not there
        (["Net.fit = f", NET_STUB], FIT, None),
        (["from hw_cnn.two import Net", "Net.fit = f"], FIT, Placement(1)),
        (["x = 1", "from hw_cnn.two import Net", "Net.fit = f"], FIT, Placement(2)),
        (["import hw_cnn.two", "hw_cnn.two.Net.fit = f"], FIT, Placement(1, False, None, (1,))),
        (["import hw_cnn.two", "hw_cnn.two.Net.other = f"], FIT, None),
        (["import hw_cnn.two", "hw_cnn.two.Net.other = f"], WHOLE, Placement(1, False, None, (1,))),
        (["import hw_cnn.two", "hw_cnn.two.Net = f"], FIT, Placement(1, False, None, (1,))),
        (["import hw_cnn.two", "hw_cnn.two.Other.fit = f"], FIT, None),
    ],
)  # fmt: skip
def test_where_a_method_is_defined(
    cells: list[str | tuple[str, str]], target: Target, expected: Placement | None
) -> None:
    assert locate(program_of(*cells).lines, target) == expected


def test_a_function_that_is_changed_is_still_the_stub() -> None:
    """`conv.cache = {}` says nothing about the function; of a class it is work."""
    assert locate(program_of(STUB, "conv.cache = f").lines, CONV) is None


@pytest.mark.parametrize(
    ("cells", "target", "placement", "expected"),
    [
        (["def conv(x): return 1", "x = 1", STUB, "conv = None"], CONV, Placement(0), {2, 3}),
        ([STUB, "def conv(x): return 1", STUB], CONV, Placement(1), {2}),
        (["def conv(x): return 1", "from hw_cnn.one import conv"], CONV, Placement(0), {1}),
        ([NET_STUB, "Net.fit = f", "from hw_cnn.two import Net", NET_STUB], FIT, Placement(1), {2}),
        (["from hw_cnn.two import Net", "Net.fit = f", "x = 1"], FIT, Placement(1), set()),
        (
            ["from hw_cnn.one import conv", "one.conv = f", "from hw_cnn.one import conv", STUB],
            CONV, Placement(1, False, None, (1,)), {2},
        ),
        (
            ["one.conv = f", "conv = one.conv", "conv = one.other", "conv = 1"],
            CONV, Placement(0, False, None, (0,)), {1},
        ),
        (["conv = one.conv = f", STUB], CONV, Placement(0, False, None, (0,)), set()),
    ],
)  # fmt: skip
def test_later_bindings_that_do_not_replace_the_definition(
    cells: list[str], target: Target, placement: Placement, expected: set[int]
) -> None:
    assert hidden_binders(program_of(*cells).lines, target, placement) == expected


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
    assert handed_over(program_of(*cells).lines, [CONV, FIT]) == {1, 2, 9, 10}


def parts_of(
    program: Program, targets: list[Target], helpers: tuple[str, ...] = ()
) -> list[tuple[str, tuple[str, ...]]]:
    found = [(target, placement) for target in targets if (placement := locate(program.lines, target))]
    return [(part.source, part.binds) for part in extract(program, found, targets, helpers)]


def test_what_must_run_and_what_is_bound_after_it() -> None:
    cells = [
        "import math\nK = 2",
        "def conv(x): return math.floor(K * x)",
        "y = 3",
        NET_STUB,
        "Net.fit = conv",
        "K = 4",
    ]
    assert parts_of(program_of(*cells), [CONV, FIT]) == [
        ("import math", ()),
        ("K = 2", ()),  # when `Net.fit = conv` runs
        ("def conv(x): return math.floor(K * x)", ("conv",)),
        (NET_STUB, ("Net",)),
        ("Net.fit = conv", ()),
        ("K = 4", ()),
    ]  # fmt: skip


def test_helpers_are_wanted_beside_the_targets() -> None:
    program = program_of("def helper(): return K", "K = 1", "def conv(x): return x", "y = 1")
    assert [source for source, _ in parts_of(program, [CONV])] == ["def conv(x): return x"]
    assert parts_of(program, [CONV], ("helper",)) == [
        ("def helper(): return K", ()), ("K = 1", ()), ("def conv(x): return x", ("conv",)),
    ]  # fmt: skip


def test_a_stub_that_comes_later_is_neither_run_nor_bound() -> None:
    program = program_of(OWN, STUB, "def use(): return conv")
    assert parts_of(program, [CONV], ("use",)) == [
        ("def conv(x): return 1", ("conv",)), ("def use(): return conv", ()),
    ]  # fmt: skip


def test_a_binding_of_another_target_is_bound_too() -> None:
    pool = Target("G1", Symbol("hw_cnn.two", "pool"), frozenset())
    assert parts_of(program_of("conv = pool = max"), [CONV, pool]) == [
        ("conv = pool = max", ("conv", "pool"))
    ]


def test_a_symbol_that_was_set_on_its_module_is_fetched_from_there() -> None:
    program = program_of("import hw_cnn.one", "x = 1", "f = len", "hw_cnn.one.conv = f")
    (parts,) = [extract(program, [(CONV, Placement(3, False, None, (3,)))], [CONV])]
    assert [(part.source, part.first_line, part.binds) for part in parts] == [
        ("import hw_cnn.one", 1, ()),
        ("f = len", 1, ()),
        ("hw_cnn.one.conv = f", 1, ()),
        ("from hw_cnn.one import conv", 1, ("conv",)),
    ]
    assert parts[-1].line is program.lines[3]


def test_each_part_knows_its_line() -> None:
    program = program_of("x = 1", "def conv(x): return 1")
    (part,) = extract(program, [(CONV, Placement(1))], [CONV])
    assert part.line is program.lines[1]


def test_several_targets_may_have_one_name_and_several_may_be_set_on_their_modules() -> None:
    step = Target("K3", Symbol("hw_cnn.two", "Net"), frozenset({"step"}))
    cells = [
        "class Net:\n    def fit(self): return 1",
        "Net.step = f",
        "from hw_cnn.two import Net",
        NET_STUB,
    ]
    program = program_of(*cells)
    for found in ([(FIT, Placement(0)), (step, Placement(1))], [(step, Placement(1)), (FIT, Placement(0))]):
        assert [part.source for part in extract(program, found, [FIT, step])] == cells[:2]
    pool = Target("G1", Symbol("hw_cnn.two", "pool"), frozenset())
    both = ["from hw_cnn import one, two", "one.conv = 1", "two.pool = 2"]
    assert [source for source, _ in parts_of(program_of(*both), [CONV, pool])] == [
        *both, "from hw_cnn.one import conv", "from hw_cnn.two import pool",
    ]  # fmt: skip


def test_handing_over_does_not_drag_the_library_in() -> None:
    cells = ["from hw_cnn import one", "def conv(x): return one", "one.conv = conv", "one.items = []"]
    sources = [source for source, _ in parts_of(program_of(*cells), [CONV])]
    assert sources == [cells[0], cells[1], cells[3]]


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
    parts = [Part(line, line.source, line.first_line, ()) for line in program_of(source).lines]
    assert imported_from(parts, "solution") == expected
