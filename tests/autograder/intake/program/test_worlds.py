"""Which statements are executed together, and which tasks get fewer because a later one would disturb them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from autograder.course.symbol import Symbol
from autograder.intake.program.index import Index
from autograder.intake.program.slices import Slicer
from autograder.intake.program.symbols import Target, check_lines, hidden_bindings, locate
from autograder.intake.program.worlds import is_loop, wanted, worlds
from tests.autograder.intake.program.support import SYMBOLS, program_of, statement

TARGETS = [
    Target("F1", Symbol("hw_cnn.one", "conv"), frozenset()),
    Target("G1", Symbol("hw_cnn.two", "pool"), frozenset()),
    Target("K2", Symbol("hw_cnn.two", "Net"), frozenset()),
]
F1, G1, K2 = ((f'check("{task}")', f"{task}-test") for task in ("F1", "G1", "K2"))
Cells = list[str | tuple[str, str]]


def worlds_of(
    cells: Cells, others: tuple[str, ...] = (), needs: Mapping[str, frozenset[str]] | None = None
) -> dict[str, list[int]]:
    """Task -> positions of its statements."""
    lines = program_of(*cells).lines
    tasks = {target.task for target in TARGETS}
    index = Index(lines, SYMBOLS, hidden_bindings(lines, TARGETS), check_lines(lines, tasks))
    placed = [(target, locate(lines, target)) for target in TARGETS]
    items = [wanted(index, target, placement) for target, placement in placed if placement is not None]
    found = worlds(index, items, Slicer(index).slice(others), needs or {})
    return {task: sorted(positions) for task, positions in found.items()}


SAME: list[Cells] = [
    # 0: one helper for both.
    ["k = 1", "def conv(x): return k * x", F1, "def pool(x): return k + x", G1],
    # 1: a name of F1 bound again for nobody.
    ["k = 1", "def conv(x): return k * x", F1, "k = 2", "def pool(x): return x", G1],
    # 2: the same import, and the same function, in each cell.
    ["import math", "def conv(x): return math.floor(x)", F1, "import math", "def pool(x): return math.ceil(x)", G1],
    ["def h(x): return x", "def conv(x): return h(x)", F1, "def h(x): return x", "def pool(x): return h(x)", G1],
    # 4: a change of what F1 does not have.
    ["def conv(x): return x", F1, "a = []", "a.append(1)", "def pool(x): return a", G1],
    # 5: a seed disturbs nobody.
    [
        "import torch",
        "def conv(x): return torch.relu(x)",
        F1,
        "torch.manual_seed(0)",
        "w = torch.ones(1)\ndef pool(x): return w",
        G1,
    ],
    # 6: a default of a package that F1 does not import.
    ["def conv(x): return x", F1, "import torch\ntorch.set_default_dtype(d)", "def pool(x): return torch.ones(x)", G1],
]  # fmt: skip


@pytest.mark.parametrize("cells", SAME)
def test_tasks_that_do_not_disturb_each_other_share_a_worker(cells: Cells) -> None:
    found = worlds_of(cells)
    assert set(found) == {"F1", "G1"}
    assert found["F1"] == found["G1"]


@pytest.mark.parametrize(
    ("cells", "f1", "g1"),
    [
        # A name that F1 reads is bound anew for G1.
        (
            ["k = 1", "def conv(x): return k * x", F1, "k = 2", "def pool(x): return k + x", G1],
            [0, 1],
            [0, 1, 3, 4],
        ),
        (
            ["def h(x): return 1", "def conv(x): return h(x)", F1, "def h(x): return 2", "def pool(x): return h(x)"],
            [0, 1],
            [0, 1, 3, 4],
        ),
        # ... the same text, but not the same value.
        (
            ["a = []", "def conv(x): return a", F1, "a = []", "def pool(x): return a", G1],
            [0, 1],
            [0, 1, 3, 4],
        ),
        (
            ["def h(a=[]): return a", "def conv(x): return h", F1, "def h(a=[]): return a", "def pool(x): return h"],
            [0, 1],
            [0, 1, 3, 4],
        ),
        # Nobody knows what a star brings.
        (
            ["def conv(x): return abs(x)", F1, "from torch import *", "def pool(x): return relu(x)", G1],
            [0],
            [0, 2, 3],
        ),
        # An object of F1 is changed for G1.
        (
            ["a = []", "def conv(x): return a", F1, "a.append(1)", "def pool(x): return a", G1],
            [0, 1],
            [0, 1, 3, 4],
        ),
        (
            ["a = []", "def conv(x): return a", F1, "b = a", "b.append(1)", "def pool(x): return b", G1],
            [0, 1, 3],  # another name for it changes nothing
            [0, 1, 3, 4, 5],
        ),
        # Nobody knows what it binds: `int`, for instance.
        (
            ["def conv(x): return int(x)", F1, "from own import *", "def pool(x): return int(x)", G1],
            [0],
            [0, 2, 3],
        ),
        # The environment, which F1 reads when it is called.
        (
            [
                "import os",
                "def conv(x): return os.environ.get('A')",
                F1,
                "get_ipython().run_line_magic('env', 'A=1')",
                "def pool(x): return x",
                G1,
            ],
            [0, 1],
            [0, 1, 3, 4],
        ),
        # A default of a package that F1 imports.
        (
            [
                "import torch",
                "def conv(x): return torch.ones(x)",
                F1,
                "torch.set_default_dtype(torch.float64)",
                "def pool(x): return torch.ones(x)",
                G1,
            ],
            [0, 1],
            [0, 1, 3, 4],
        ),
    ],
)  # fmt: skip
def test_a_task_that_a_later_one_would_disturb_stops_at_its_check(
    cells: Cells, f1: list[int], g1: list[int]
) -> None:
    assert worlds_of(cells) == {"F1": f1, "G1": g1}


def test_a_task_of_its_own_has_what_others_need_before_its_check() -> None:
    """Their symbols are there as they were then."""
    cells: Cells = [
        "k = 1",
        "def pool(x): return x",
        "unused = 1",
        "def conv(x): return k * x",
        F1,
        "k = 2",
        "class Net: k = k",
        K2,
    ]
    assert worlds_of(cells) == {"F1": [0, 1, 3], "G1": [0, 1, 3, 5, 6], "K2": [0, 1, 3, 5, 6]}


def test_what_a_task_builds_on_comes_along() -> None:
    """But for what would disturb it: `k = 2` of the later one."""
    cells: Cells = [
        "k = 1",
        "def conv(x): return k * x",
        F1,
        "k = 2",
        "h = 3",
        "def pool(x): return k * h",
        G1,
    ]
    needs = {"F1": frozenset({"G1"})}
    assert worlds_of(cells)["F1"] == [0, 1]
    assert worlds_of(cells, needs=needs)["F1"] == [0, 1, 4, 5]


def test_what_else_is_wanted_of_a_program_is_in_every_world() -> None:
    cells: Cells = ["def helper(x): return x", "def conv(x): return x", "def pool(x): return x"]
    assert worlds_of(cells) == {"F1": [1, 2], "G1": [1, 2]}
    assert worlds_of(cells, others=("helper",)) == {"F1": [0, 1, 2], "G1": [0, 1, 2]}


def test_three_tasks_in_three_states() -> None:
    cells: Cells = [
        "k = 1",
        "def conv(x): return k",
        F1,
        "k = 2",
        "def pool(x): return k",
        G1,
        "k = 3",
        "class Net:\n    def f(self): return k",
        K2,
    ]
    assert worlds_of(cells) == {"F1": [0, 1], "G1": [0, 1, 3, 4], "K2": [0, 1, 3, 4, 6, 7]}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("for i in a: pass", True),
        ("while a: pass", True),
        ("async for i in a: pass", True),
        ("if a:\n    for i in b: pass", True),
        ("with a:\n    while b: pass", True),
        ("try: pass\nfinally:\n    for i in a: pass", True),
        ("class A:\n    while a: pass", True),
        ("a = 1", False),
        ("a = [i for i in b]", False),
        ("def f():\n    for i in a: pass", False),
        ("class A:\n    def f(self):\n        for i in a: pass", False),
        ("if a:\n    def f():\n        while b: pass", False),
    ],
)
def test_statements_that_loop(source: str, expected: bool) -> None:
    if source.startswith("async"):
        (node,) = statement(f"async def f():\n    {source}").body  # type: ignore[attr-defined]
    else:
        node = statement(source)
    assert is_loop(node) is expected
