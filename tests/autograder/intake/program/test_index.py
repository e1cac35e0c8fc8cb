"""Who binds, changes and calls which name in a program."""

from __future__ import annotations

import gc
import weakref
from types import SimpleNamespace

import pytest

from autograder.intake.program.index import DEFAULTS, SEEDS, Index, module_aliases
from tests.autograder.intake.program.support import SYMBOLS, names, program_of


def index_of(*cells: str, **more: object) -> Index:
    return Index(program_of(*cells).lines, SYMBOLS, **more)


UTILS = SimpleNamespace(names={"utils"}, changers={"utils.register"}, imports={"plugins": {"utils"}})


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import a", {"a": "a"}),
        ("import a.b", {"a": "a"}),
        ("import a.b as c", {"c": "a.b"}),
        ("import a, b.c as d", {"a": "a", "d": "b.c"}),
        ("from a.b import c", {"c": "a.b.c"}),
        ("from a import b as c, d", {"c": "a.b", "d": "a.d"}),
        ("from . import a", {}),
        ("from .a import b", {}),
        ("a = 1", {}),
        ("try:\n    import a\nexcept ImportError:\n    a = None", {"a": "a"}),
        ("def f():\n    from a import b", {"b": "a.b"}),
    ],
)
def test_modules_behind_names(source: str, expected: dict[str, str]) -> None:
    assert module_aliases(program_of(source).lines) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("t.manual_seed", "torch.manual_seed"),
        ("F.relu", "torch.nn.functional.relu"),
        ("seed", "torch.manual_seed"),
        ("own.f", "own.f"),
        ("t", "torch"),
        ("", ""),
    ],
)
def test_the_full_name_of_a_path(path: str, expected: str) -> None:
    source = "import torch as t, torch.nn.functional as F\nfrom torch import manual_seed as seed"
    assert index_of(source).full_name(path) == expected


# Positions: 0, 1 (unsure), 2 (not a binding of a), 3, 4 (unsure).
BINDINGS = "a = 1\nif x:\n    a = 2\nb = 3\na = 4\nfor a in b: pass"


def test_which_bindings_count_where() -> None:
    index = index_of(BINDINGS)
    assert index.binders("a") == [0, 1, 3, 4]
    assert index.binders("nothing") == []
    before = {place: index.reaching("a", place) for place in range(6)}
    assert before == {0: [], 1: [0], 2: [1, 0], 3: [1, 0], 4: [3], 5: [4, 3]}
    after = {place: index.after("a", place) for place in range(6)}
    assert after == {0: [4, 3], 1: [4, 3], 2: [4, 3], 3: [4, 3], 4: [4], 5: []}


def test_a_hidden_binding_binds_nothing_and_covers_nothing() -> None:
    index = index_of(BINDINGS, hidden={"a": {3}, "b": {0}})
    assert index.binders("a") == [0, 1, 4]
    assert index.reaching("a", 5) == [4, 1, 0]
    assert index.binders("b") == [2]


CHANGE = "def change(c): c.x = 1"
REGISTRY = "kinds = {}\ndef add(name, f): kinds[name] = f"


@pytest.mark.parametrize(
    ("source", "name", "expected"),
    [
        ("a = []\na.append(1)", "a", {1}),
        ("a = []\na[0] = 1", "a", {1}),
        ("a = []\na += [1]", "a", {1}),
        ("a = []\nf(a)", "a", {1}),
        ("a = []\nprint(a)\nlen(a)\na.copy()\na\nb = a", "a", set()),
        ("a = []\nb.append(1)", "a", set()),
        # By another name, or through what holds it.
        ("a = []\nb = a\nb.append(1)", "a", {2}),
        ("a = []\nb = a\nc = b\nc.append(1)", "a", {3}),
        ("a = []\nb = {1: a}\nb[1].append(2)", "a", {2}),
        ("a = []\nb = []\nb.append(a)\nb[0].append(1)", "a", {2, 3}),
        ("a = []\nb = []\nb += [a]\nb[0].append(1)", "a", {2, 3}),
        ("a = []\nb = len(a)\nc.append(b)", "a", set()),
        ("a = []\nfor b in a:\n    b.append(1)", "a", {1}),
        ("import torch\na = []\ntorch.stack(a)\ntorch.load(b)", "a", {2}),  # a module keeps nothing
        # Functions are changed by what sets their attributes, not by being called or passed.
        ("def a(): pass\nb = map(a, [])\na()", "a", set()),
        ("def a(): pass\na.x = 1", "a", {1}),
        ("def a(): pass\na.register(1)", "a", {1}),
        (f"def a(): pass\n{CHANGE}\nchange(a)", "a", {2}),
        # Through functions whose body changes something.
        (f"{REGISTRY}\nadd('a', 1)", "kinds", {2}),
        (f"{REGISTRY}\ndef twice(f): add(1, f)\ntwice(2)", "kinds", {3}),
        (f"{REGISTRY}\nalias = add\nalias('a', 1)", "kinds", {3}),
        (f"{REGISTRY}\n@add('a')\ndef f(): pass", "kinds", {2}),
        (f"{REGISTRY}\n[add(k, k) for k in 'ab']", "kinds", {2}),
        (f"{REGISTRY}\nrun(lambda: add(1, 2))", "kinds", {2}),
        (f"{REGISTRY}\nadd", "kinds", set()),
        ("a = []\nclass B:\n    def __init__(self): a.append(self)\nB()", "a", {2}),
        ("a = []\nclass B:\n    a.append(1)", "a", {1}),
        # Subclasses that register themselves.
        ("class A:\n    def __init_subclass__(cls): pass\nclass B(A): pass\nclass C: pass", "A", {1}),
        ("class A:\n    def __init_subclass__(cls): pass\nclass A(A): pass", "A", set()),  # another one
        ("class A: pass\nclass B(A): pass", "A", set()),
        # Tasks' symbols: calls of them change nothing, and they are not changed by being passed to strangers.
        ("a = []\nconv(a)", "a", set()),
        ("a = []\nb = conv(a)\nb.append(1)", "a", set()),
        ("a = []\ndef conv(x): a.append(x)\nconv(1)", "a", set()),
        ("class Net: pass\nfit(Net)\nNet().run()", "Net", set()),
        ("class Net: pass\nNet.x = 1", "Net", {1}),
        (f"class Net: pass\n{CHANGE}\nchange(Net)", "Net", {2}),
    ],
)  # fmt: skip
def test_what_may_change_an_object(source: str, name: str, expected: set[int]) -> None:
    assert set(index_of(source).changers(name)) == expected


def test_inert_statements_change_nothing() -> None:
    source = f"{REGISTRY}\nadd('a', 1)\nkinds['b'] = 2\nimport torch\ntorch.manual_seed(1)\ntorch.x = 2"
    index = index_of(source, inert={2, 3, 5, 6})
    assert index.changers("kinds") == []
    assert index.state_changes == []
    assert index_of(source).changers("kinds") == [2, 3]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f():\n    global a\n    a = 1\nf()", [1]),
        ("def f():\n    global a\n    a = 1\ndef g(): f()\ng()\nf()", [2, 3]),
        ("def f():\n    global b\n    b = 1\nf()", []),
        ("def f():\n    a = 1\nf()", []),
        ("class f:\n    def go(self):\n        global a\n        a = 1\nf().go()", [1]),
    ],
)
def test_what_may_write_a_global(source: str, expected: list[int]) -> None:
    assert index_of(source).writers("a") == expected


def test_functions_and_classes_that_change_something_of_the_program() -> None:
    source = (
        f"{REGISTRY}\ndef twice(f): add(1, f)\ndef pure(x): return kinds\ndef elsewhere(x): x.y = 1; other.z = 2\n"
        "def write():\n    global total\n    total = 1\nclass A:\n    def f(self): kinds[1] = 2\ndef uses(): write()\n"
        "def conv(x): kinds[2] = x"
    )
    assert index_of(source).changing() == names("add twice write A uses")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import torch\ntorch.manual_seed(0)", [(1, "torch", True)]),
        ("import torch as t\nt.manual_seed(0)", [(1, "torch", True)]),
        ("from torch import manual_seed\nmanual_seed(0)", [(1, "torch", True)]),
        ("import numpy as np\nnp.random.seed(0)", [(1, "numpy", True)]),
        ("import random\nrandom.seed(0)", [(1, "random", True)]),
        ("import lightning as L\nL.seed_everything(0)", [(1, "lightning", True)]),
        ("import torch\ntorch.set_default_dtype(d)", [(1, "torch", False)]),
        ("import sys\nsys.path.append('src')", [(1, "sys", False)]),
        ("import os\nos.chdir('src')", [(1, "os", False)]),
        ("import os\nos.environ['A'] = 'b'", [(1, "os", False)]),
        ("import torch\ntorch.Tensor.f = f", [(1, "torch", False)]),
        ("import torch.nn as nn\nsetattr(nn, 'f', f)", [(1, "torch", False)]),
        ("get_ipython().run_line_magic('cd', 'src')", [(0, "", False)]),
        ("get_ipython().run_line_magic('time', 'src')", []),
        ("get_ipython().magic('cd src')", [(0, "", False)]),
        ("get_ipython().magic('%cd src')", [(0, "", False)]),
        ("get_ipython().magic('cdx src')", []),
        ("import torch\nx = torch.relu(y)\nF.f(torch)", []),
        ("import torch\ndef f(): torch.manual_seed(0)", []),
        ("import own as torch\ntorch.manual_seed(0)", []),
        ("torch.manual_seed(0)", [(0, "torch", True)]),  # `from somewhere import *` may have brought it
    ],
)
def test_what_changes_how_everything_behaves(source: str, expected: list[tuple[int, str, bool]]) -> None:
    assert index_of(source).state_changes == expected


def test_functions_of_own_modules_that_change_them() -> None:
    source = "import utils\nutils.register(1)\nutils.helper(1)\nfrom utils import register as r\nr(2)"
    index = index_of(source, own=UTILS)
    assert index.state_changes == [(1, "utils", False), (4, "utils", False)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import utils\nutils.KINDS.update(a=1)", [(1, "utils", False)]),
        ("import utils\nutils.KINDS.get('a')", []),
        ("import plugins", [(0, "utils", False)]),
        ("from plugins import f", [(0, "utils", False)]),
        ("from utils import KINDS\nput(KINDS)", [(1, "utils", False)]),
        ("def put(v): KINDS[v] = v\nfrom utils import KINDS\nput(1)", [(2, "utils", False)]),
        ("from utils import KINDS\nlen(KINDS)", []),
        ("from torch import KINDS\nput(KINDS)", []),
        ("import torch\ntorch.a.update(b=1)", []),
    ],
)
def test_objects_of_own_modules_that_are_changed(source: str, expected: list[tuple[int, str, bool]]) -> None:
    assert index_of(source, own=UTILS).state_changes == expected


def test_seeds_are_among_the_defaults() -> None:
    assert (
        names("torch.manual_seed numpy.random.seed random.seed lightning.seed_everything") <= SEEDS < DEFAULTS
    )
    assert not names("torch.set_default_dtype sys.path.append os.chdir") & SEEDS


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a = []", True),
        ("a = b", True),
        ("def a(): pass", True),
        ("class a: pass", True),
        ("a = 1", False),
        ("a = (1, 'b')", False),
        ("import a", False),
        ("from b import a", False),
    ],
)
def test_what_makes_an_object_that_can_be_changed(source: str, expected: bool) -> None:
    assert index_of(source).is_made("a", 0) is expected


def test_packages_that_a_statement_imports_from() -> None:
    index = index_of(
        "import torch.nn as nn\nfrom numpy.random import seed\na = 1\ndef f():\n    import random"
    )
    packages = [index.packages(position) for position in range(4)]
    assert packages == [{"torch"}, {"numpy"}, frozenset(), {"random"}]


def test_a_loop_of_names_ends() -> None:
    index = index_of("a = []\nb = [a]\na.append(b)\ndef f(): g()\ndef g(): f()\nf()\nb.append(1)")
    assert index.changers("a") == index.changers("b") == [2, 6]
    assert index.changing() == frozenset()


def test_nothing_outlives_an_index() -> None:
    """A process that reads one submission after another must not keep them all."""
    index = index_of("a = []\na.append(1)")
    assert index.changers("a") == [1]
    gone = weakref.ref(index)
    del index
    gc.collect()
    assert gone() is None
