"""The programs of a submission: where tasks were found, why names are absent, and what is executed with which marks."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from autograder.intake.files import choose
from autograder.intake.load_plan import Statement
from autograder.intake.reading import Reading
from autograder.intake.task_like import SymbolSource
from autograder.intake.written import written_finder
from tests.autograder.intake_support import EDITION, cell, manifest, notebook

CONV = cell("def conv(x): return x", "F1")


def check(task: str) -> dict[str, object]:
    return cell(f'hw_cnn.check("{task}")', f"{task}-test")


def reading(*cells: dict[str, object] | str, **files: str) -> tuple[Reading, dict[str, SymbolSource]]:
    """What is read of a notebook and files beside it ("utils__py" is utils.py), and the sources by task."""
    tree: dict[str, bytes] = {"small.ipynb": notebook(*cells)} if cells else {}
    tree |= {name.replace("__", "."): text.encode() for name, text in files.items()}
    return reading_of(tree)


def reading_of(tree: Mapping[str, bytes]) -> tuple[Reading, dict[str, SymbolSource]]:
    chosen = choose(tree, "small", EDITION, written_finder(manifest().tasks, tree))
    made = Reading(manifest(), chosen, EDITION)
    return made, {target.task: made.source(target) for target in made.targets}


def statements(*cells: dict[str, object] | str, **files: str) -> list[Statement]:
    """Those of the only world."""
    (world,) = reading(*cells, **files)[0].worlds()
    return list(world.statements)


def texts(*cells: dict[str, object] | str, **files: str) -> list[str]:
    return [statement.source for statement in statements(*cells, **files)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("K = (1\n", {"K"}),
        ("K == (1\n", set()),
        ("def helper(x:\n    y = 1", {"helper"}),
        ("async def helper(x:", {"helper"}),
        ("class A(:\n    b = 1", {"A"}),
        ("import torch\nfrom math import floor\nx = (", {"torch", "floor", "x"}),
        ("print(", set()),
    ],
)
def test_names_that_a_broken_cell_was_to_bind(source: str, expected: set[str]) -> None:
    made, _ = reading(source, CONV)
    assert set(made.absent) == expected
    for why in made.absent.values():
        assert why.en.startswith("code cell 1: ")
        assert why.ru.startswith("1-я ячейка с кодом: ")
        assert [note for note in made.notes if note == why]


def test_names_that_a_text_cell_was_to_bind() -> None:
    text = cell("HELP = 1\ndef pool(x): return HELP", "G1", cell_type="markdown")
    made, sources = reading(CONV, text)
    assert made.absent == dict.fromkeys(["HELP", "pool"], sources["G1"].problem)
    assert sources["G1"].problem is not None
    assert sources["G1"].problem.en == "cell G1 is a text cell; turn it back into a code cell"


def test_names_that_a_cell_for_another_process_was_to_bind() -> None:
    made, _ = reading("%%script python\nHELP = 1", CONV)
    assert made.absent["HELP"].en == (
        "code cell 1: with %%script at its top this cell defines nothing; delete that line"
    )
    assert made.notes == []


def test_of_two_reasons_the_first_is_said() -> None:
    made, _ = reading("K = (1", "K = [1", CONV)
    assert made.absent["K"].en.startswith("code cell 1: ")


def test_why_a_task_was_not_found() -> None:
    _, sources = reading(
        "def conv(x:\n    pass", "def pool(x): raise NotImplementedError", solution__py="K = ("
    )
    problems = {task: source.problem for task, source in sources.items()}
    assert {source.kind for source in sources.values()} == {"missing"}
    assert {task: text and text.en.split(":")[0] for task, text in problems.items()} == {
        "F1": "code cell 1",  # it was to define conv
        "G1": "solution.py",  # it may have been there
        "K2": "solution.py",
    }
    _, sources = reading(cell("def pool(x): raise NotImplementedError", "G1"), solution__py="K = (")
    assert sources["G1"].problem is not None
    assert sources["G1"].problem.en == "task G1 is not written yet: pool (cell G1 (code cell 1))"


@pytest.mark.parametrize(
    ("utils", "brought"),
    [
        ("def scale(x): return x\nB = 1\n_hidden = 2", ["scale", "B"]),
        ("__all__ = ['B', '_hidden']\ndef scale(x): return x\nB = C = 1", ["B", "_hidden"]),
        ("__all__ = ('scale', 'B')\nfrom other import scale, B", ["scale", "B"]),
        ("import A.x, c as d\nfrom e import scale as s\nB: int = 1", ["A", "d", "s", "B"]),
        ("'Doc.'\nclass scale: pass\nasync def B(): pass\nprint(1)", ["scale", "B"]),
        ("A, (B, *C) = 1, (2, 3)\nx.y = 1", ["A", "B", "C"]),
    ],
)
def test_what_an_own_module_brings_is_known(utils: str, brought: list[str]) -> None:
    uses = cell("from utils import *\ndef conv(x): return scale(A, B, C, c, d, e, s, _hidden)", "F1")
    assert texts(uses, utils__py=utils)[:-1] == [f"from utils import {name}" for name in brought]


USES = cell("from utils import *\n\ndef conv(x): return scale(x) + B", "F1")


@pytest.mark.parametrize(
    "utils",
    [
        "from other import *",
        "def f(",
    ],
)
def test_what_an_own_module_brings_is_not_known(utils: str) -> None:
    assert texts(USES, utils__py=utils)[0] == "from utils import *"


@pytest.mark.parametrize(
    "utils",
    [
        "if a:\n    B = 1",
        "for B in a: pass",
        "try:\n    import B\nexcept ImportError:\n    B = None",
        "from math import *\nB = 1",
    ],
)
def test_what_an_own_module_may_bring_is_asked_for_by_name_too(utils: str) -> None:
    assert texts(USES, utils__py=utils)[:2] == ["from utils import *", "from utils import B"]


@pytest.mark.parametrize(
    "more",
    [
        "if __name__ == '__main__':\n    print(conv(1))",
        "try:\n    import einops\nexcept ImportError:\n    einops = None",
        "for k in range(3):\n    pass",
        "from math import *",
        "from other import *",
    ],
)
def test_a_task_may_come_from_an_own_module_whatever_else_stands_there(more: str) -> None:
    files = {
        "small.ipynb": notebook(cell("from work import *", "F1")),
        "work.py": f"def conv(x): return 1\n{more}\n".encode(),
        "other.py": b"def pool(x): return 2\n",
    }
    _, found = reading_of(files)
    assert found["F1"].kind == "cell"
    assert found["G1"].kind == ("notebook" if "other" in more else "missing")


def test_the_module_may_lie_in_a_folder() -> None:
    tree = {
        "small.ipynb": notebook(
            cell("from pack.utils import *\nfrom pack import *\ndef conv(x): return B + C", "F1")
        ),
        "pack/utils.py": b"B = 1",
        "pack/__init__.py": b"C = 1\nD = 1",
    }
    (world,) = reading_of(tree)[0].worlds()
    assert [statement.source for statement in world.statements] == [
        "from pack.utils import B",
        "from pack import C",
        "def conv(x): return B + C",
    ]


UTILS = (
    "kinds = {}\ndef register(f): kinds[1] = f\ndef pure(f): return f\n"
    "class Registry:\n    def add(self): register(1)"
)


@pytest.mark.parametrize(
    ("call", "is_executed"),
    [
        ("utils.register(1)", True),
        ("utils.Registry()", True),
        ("utils.pure(1)", False),
        ("utils.kinds", False),
        ("utils.kinds[2] = 3", True),
        ("for k in range(3):\n    utils.register(k)", True),
        ("def f(): utils.register(1)", False),
    ],
)
def test_calls_that_change_an_own_module(call: str, is_executed: bool) -> None:
    cells = ["import utils", call, cell("def conv(x): return utils.kinds", "F1")]
    made = statements(*cells, utils__py=UTILS)
    assert [statement.source for statement in made] == [
        cells[0],
        *[call] * is_executed,
        "def conv(x): return utils.kinds",
    ]
    assert [statement.tried for statement in made] == [False, *[True] * is_executed, False]


@pytest.mark.parametrize(
    "source",
    [
        "from common import utils",
        "import src.common.utils as utils",
        "import utils",
        "from src import common",
    ],
)
def test_an_own_module_is_known_by_every_path_to_it(source: str) -> None:
    call = "common.utils.register(1)" if source.endswith("common") else "utils.register(1)"
    uses = cell("def conv(x): return utils, common", "F1")
    tree = {"small.ipynb": notebook(source, call, uses), "src/common/utils.py": UTILS.encode()}
    (world,) = reading_of(tree)[0].worlds()
    assert [statement.source for statement in world.statements[:2]] == [source, call]


def test_an_own_module_that_is_no_python_changes_nothing() -> None:
    assert texts(
        "import utils", "utils.register(1)", cell("def conv(x): return utils", "F1"), utils__py="def ("
    ) == [
        "import utils",
        "def conv(x): return utils",
    ]


@pytest.mark.parametrize(
    ("source", "tried"),
    [
        ("k = [1]", False),
        ("k = []\nk.append(1)", True),
        ("k = []\nfor i in range(3):\n    k.append(i)", True),
        ("for k in range(3): pass", True),  # needed, but it may never end
        ("if True:\n    while False: pass\n    k = 1", True),
        ("k = []\nk[:] = [1]", True),
        ("exec(open('utils.py').read())", True),
        ("from math import *", False),
    ],
)
def test_statements_that_are_only_tried(source: str, tried: bool) -> None:
    *_, last, function = statements(source, cell("def conv(x): return k", "F1"))
    assert (last.tried, function.tried) == (tried, False)


@pytest.mark.parametrize(("first", "second"), [("a", "b"), ("b", "a")])
def test_a_change_whose_result_one_task_needs_is_not_only_tried(first: str, second: str) -> None:
    cells = [cell(f"def conv(x): return {first}", "F1"), cell(f"def pool(x): return {second}", "G1")]
    _, change, *_ = statements("a = []", "b = a.append(1)", *cells)
    assert (change.source, change.tried) == ("b = a.append(1)", False)


def test_a_statement_says_what_it_is() -> None:
    cells = ["a, b = 1, 2\n\nunused = 3", cell("x = 1\n\ndef conv(x):\n    return a", "F1")]
    first, second = statements(*cells)
    assert (first.namespace, first.source, first.first_line) == ("notebook", "a, b = 1, 2", 1)
    assert (first.binds, first.names, first.place.en) == ((), ("a", "b"), "code cell 1")
    assert (second.source, second.first_line) == ("def conv(x):\n    return a", 3)
    assert (second.binds, second.names, second.place.en) == (("conv",), ("conv",), "cell F1 (code cell 2)")
    assert second.place.ru == "ячейка F1 (2-я ячейка с кодом)"


def test_each_binding_of_a_symbol_up_to_the_one_that_counts_is_set() -> None:
    """What is bound later, for another task, is no work of this one."""
    cells = [
        "class Net: pass",
        cell("class Net(Net):\n    def fit(self): return 1", "K2"),
        check("K2"),
        "class Net:\n    def fit(self): return 2",
        cell("def pool(x): return Net().fit()", "G1"),
    ]
    others, own = reading(*cells)[0].worlds()
    assert (others.tasks, own.tasks) == (("F1", "G1"), ("K2",))
    assert [statement.binds for statement in others.statements] == [("Net",), ("Net",), (), ("pool",)]
    assert [statement.binds for statement in own.statements] == [("Net",), ("Net",)]


def test_a_symbol_that_was_set_on_its_module_is_fetched_from_there() -> None:
    first, second, third = statements("import hw_cnn.one as o", "o.conv = max")
    assert [first.source, second.source] == ["import hw_cnn.one as o", "o.conv = max"]
    assert (third.source, third.binds, third.place.en) == (
        "from hw_cnn.one import conv",
        ("conv",),
        "code cell 2",
    )


def test_what_the_notebook_takes_of_solution_py_runs_first() -> None:
    solution = "K = 2\nunused = 3\ndef helper(x): return K * x\ndef pool(x): return x\nmore = 1"
    cells = ["from solution import helper", cell("def conv(x): return helper(x)", "F1")]
    made = statements(*cells, solution__py=solution)
    assert [(statement.namespace, statement.source) for statement in made] == [
        ("solution", "K = 2"),
        ("solution", "def helper(x): return K * x"),
        ("solution", "def pool(x): return x"),
        ("notebook", "from solution import helper"),
        ("notebook", "def conv(x): return helper(x)"),
    ]
    everything = texts(
        "import solution", cell("def conv(x): return solution.more", "F1"), solution__py=solution
    )
    assert everything[:5] == solution.split("\n")


def test_tasks_that_need_different_states_have_worlds_of_their_own() -> None:
    cells = [
        cell("k = 1\ndef conv(x): return k", "F1"),
        check("F1"),
        cell("k = 2\ndef pool(x): return k", "G1"),
        check("G1"),
        cell("class Net:\n    def fit(self): return 1", "K2"),
    ]
    first, second = reading(*cells)[0].worlds()
    assert (first.tasks, second.tasks) == (("G1", "K2"), ("F1",))
    assert [statement.source for statement in second.statements] == ["k = 1", "def conv(x): return k"]
    assert [statement.source for statement in first.statements] == [
        "k = 1",
        "def conv(x): return k",
        "k = 2",
        "def pool(x): return k",
        "class Net:\n    def fit(self): return 1",
    ]


def test_the_first_world_is_there_when_no_task_is_written() -> None:
    (world,) = reading("x = 1")[0].worlds()
    assert (world.tasks, world.statements) == (("F1", "G1", "K2"), ())


@pytest.mark.parametrize(
    ("one", "taken"),
    [
        ("def conv(x): return 1", True),
        ("def conv(x): return (", False),
        ("def other(x): return 1", False),  # a part of the edition would be gone
        ("conv = max", True),
    ],
)
def test_changed_files_of_the_edition(one: str, taken: bool) -> None:
    made, sources = reading_of({"hw_cnn/one.py": one.encode(), "small.ipynb": notebook("x = 1")})
    assert made.package_files() == ({"hw_cnn/one.py": one.encode()} if taken else {})
    assert sources["F1"].kind == ("package" if taken else "missing")


def test_a_file_that_the_notebook_writes_is_a_file_of_the_submission() -> None:
    made, sources = reading(
        "%%writefile solution.py\ndef pool(x): return 2", "%%writefile utils.py\nB = 1\ndef f(): pass", USES
    )
    assert sources["G1"].kind == "solution.py"
    (world,) = made.worlds()
    assert [statement.source for statement in world.statements] == [
        "def pool(x): return 2",
        "from utils import B",
        "def conv(x): return scale(x) + B",
    ]
