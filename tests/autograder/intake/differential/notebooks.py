"""Notebooks as students write them: rebinding, shadowing, loops, changes in place, registries, decorators, classes that
are extended later, helper modules, conditional imports, magics, tasks in any order.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from hypothesis import strategies as st

RAN: dict[str, object] = {"outputs": [], "execution_count": None}
OWN_FILES = {
    "utils.py": "SCALE = 2\nKINDS = {}\ndef twice(v): return SCALE * v\n"
    "def keep(f):\n    KINDS['f'] = f\n    return f\n",
    "lib/extra.py": "OFFSET = 7\n\n\ndef shift(v):\n    return v + OFFSET\n",
    "config.json": '{"scale": 3}',
    "part.ipynb": json.dumps(
        {
            "cells": [
                {"cell_type": "code", "source": "def g(v): return v + 50", "metadata": {}, **RAN},
                {"cell_type": "code", "source": "%time a = 9", "metadata": {}, **RAN},
            ],
            "metadata": {},
            "nbformat": 4,
            "nbformat_minor": 4,
        }
    ),
    "piece.py": "def h(v): return v - 50\n\nb = 11\n",
}
# All names that later cells read are there from the beginning, as after an ordinary first cell.
PRELUDE = """
import sys, json, math, functools
a, b = 1, 2
L, M, T, KINDS = [], [1], {"k": 1}, {}
def g(v): return v + a
def h(v): return v * b
def g2(k, v): return k - v
def deco(f): return f
def make(k):
    def made(v): return v * k + b
    return made
def put(k, f): KINDS[k] = f
def keep(k):
    def inner(f):
        KINDS[k] = f
        return f
    return inner
def bump():
    global a
    a += 1
def fill(items, v): items.append(v)
@functools.singledispatch
def disp(v): return 0
class C:
    k = 1
    items = []
    @classmethod
    def add(cls, v): cls.items.append(v)
class Base:
    made = {}
    def __init_subclass__(cls): Base.made[cls.__name__] = cls
class Box:
    def __init__(self): self.values = {}
    def register(self, k):
        def inner(f):
            self.values[k] = f
            return f
        return inner
box = Box()
class Meta(type):
    table = []
    def __new__(mcs, name, bases, space):
        mcs.table.append(name)
        return super().__new__(mcs, name, bases, space)
class Metal(metaclass=Meta): pass
class Member:
    all = []
    def __init__(self, k): self.all.append(k)
class Register(dict):
    def __call__(self, k):
        def inner(f):
            self[k] = f
            return f
        return inner
reg = Register()
def counter():
    count = 0
    def tick():
        nonlocal count
        count += 1
        return count
    return tick
tick = counter()
def config(): return T
"""
STATEMENTS = [
    "{n} = {i}",
    "{n} += {m}",
    "{n}, {m} = {m}, {n}",
    "def {f}(v): return v + {n} * {i}",
    "def {f}(v, k={n}): return v - k",
    "old = {f}\ndef {f}(v, old=old): return old(v) + {i}",
    "{f} = lambda v: v * {n} + {i}",
    "{f} = make({n})",
    "{f} = functools.partial(g2, {n})",
    "L.append({n})",
    "L = [{n}, {m}]",
    "L += [{i}]",
    "del L[:1]",
    "M = L",
    "M.append({n})",
    "fill(L, {n})",
    "fill(M, {i})",
    "T['k'] = {n}",
    "T = {{'k': {i}}}",
    "T.update(k={n})",
    "T.setdefault('s', []).append({n})",
    "U = T\nU['k'] = {i}",
    "for {n} in range({i}):\n    pass",
    "for {n} in (3, 5):\n    L.append({n})",
    "for d in (T, KINDS):\n    d.pop('s', None)",
    "while len(L) < {i}:\n    L.append({n})",
    "for _k in ('p', 'q'):\n    KINDS[_k] = lambda v, _k=_k: v + len(_k)",
    "if {n} & 1:\n    {m} = {i}\nelse:\n    def {f}(v): return -v",
    "try:\n    import missing_module as mm\nexcept ImportError:\n    mm = {i}\n{n} = mm",
    "try:\n    {n} = 1 // ({n} - {n})\nexcept ZeroDivisionError as error:\n    {m} = len(error.args)",
    "with open('config.json') as stream:\n    {n} = json.load(stream)['scale']",
    "put('f', {f})",
    "put('g', lambda v: v + {n})",
    "@keep('d')\ndef kept(v): return v * {i}",
    "@box.register('r')\ndef boxed(v): return v + {n}",
    "@disp.register\ndef _(v: int): return v * {i}",
    "@disp.register(int)\ndef _other(v): return v - {n}",
    "list(map(lambda v: L.append(v), [{n}, {i}]))",
    "[T.update(k=v) for v in ({n}, {i})]",
    "bump()",
    "def bump():\n    global a\n    a += {i}",
    "def deco(f): return lambda v: f(v) + {i}",
    "C.k = {n}",
    "C.add({n})",
    "setattr(C, 'k', {i})",
    "class C(C):\n    j = {n}",
    "class Sub{i}(Base):\n    value = {n}",
    "vars(box).update(extra={n})",
    "box = Box()",
    "class Iron{i}(Metal): pass",
    "class Steel{i}(Metal): pass\nclass Knife{i}(Steel{i}): pass",
    "Member({n})",
    "class Guest(Member): pass\nGuest({i})",
    "@reg('k')\ndef kept2(v): return v + {n}",
    "again = reg\nagain({i})({f})",
    "tick()",
    "{n} = tick()",
    "config()['k'] = {n}",
    "globals()['{n}'] = {i}",
    "exec('{n} = {i}')",
    "abs = {n}",
    "abs = {n}\ndel abs",
    "%env SCALE={i}",
    "open('number.txt', 'w').write('{i}')\n{n} = int(open('number.txt').read())",
    "import os\nos.makedirs('out', exist_ok=True)\nwith open('out/t.json', 'w') as s: json.dump({{'k': {n}}}, s)",
    "import os\nif os.path.exists('out/t.json'):\n    T = json.load(open('out/t.json'))",
    "from utils import twice as {f}",
    "import utils\nutils.SCALE = {i}",
    "import utils as u\nu.keep({f})",
    "from utils import *\n{f} = twice",
    "import utils\nutils.KINDS['k'] = {n}",
    "import utils\nutils.KINDS.update(k={n}, j={i})",
    "from utils import KINDS as found\nfound[{i}] = {n}\nfound.setdefault('s', {m})",
    "sys.path.append('lib')\nfrom extra import shift as {f}",
    "from math import *\n{n} = int(floor({i}.5))",
    "from math import floor as {f}",
    "%time {n} = {i}",
    "%%time\n{n} = {i}\nL.append({m})",
    "%%capture out\nprint({n})\n{m} = {i}",
    "%%bash\n{n}=99",
    "%%writefile fresh.py\nVALUE = {i}\n\ndef f(v): return v + VALUE",
    "!true\n{n} = {i}",
    "%run part.ipynb",
    "%run piece.py",
    "x = [v for v in L if v > {n}]\n{m} = len(x)",
    "if ({n} := {i}) > 2:\n    pass",
    "match {n}:\n    case 1:\n        {m} = {i}\n    case _:\n        T['k'] = {m}",
    "def outer():\n    total = {n}\n    def inner():\n        nonlocal total\n        total += 1\n"
    "        return total\n    return inner\ncount = outer()\n{m} = count() + count()",
    "print(conv({i})) if 'conv' in globals() else None",
    "display({n})",
    "net = Net() if 'Net' in globals() else None",
    "results = [{f}(v) for v in range({i})]",
    "assert {f} is not None",
    "async def load():\n    return {i}\n{n} = await load()",
    "L2 = sorted(L); L2.append({n})",
    "box.values['s'] = L; box.values['s'].append({i})",
    "C.items.extend([{n}] * {i})",
    "functools.reduce(lambda d, k: d.update(k={n}) or d, [1], T)",
    "from utils import KINDS\nput({n}, {i})",
    "def note(v, into=L): into.append(v)\nnote({n})",
    "def once(v=0, kept={{}}):\n    kept[v] = {i}\n    return len(kept)\nonce({n}); {m} = once()",
    "list(map(L.append, [{n}, {i}]))",
    "getattr(L, 'append')({n})",
    "handlers = {{'add': L.append}}\nhandlers['add']({i})",
    "add = functools.partial(L.append, {n})\nadd()",
    "def made():\n    items = [{i}]\n    return items.append, lambda: len(items)\n"
    "more, size = made()\nmore({n}); {m} = size()",
    "class Held:\n    items = L\nHeld.items.append({n})",
    "class Counted:\n    n = 0\n    def __new__(cls):\n        cls.n += {i}\n        return super().__new__(cls)\n"
    "Counted(); {m} = Counted.n",
    "@functools.lru_cache\ndef memo(v): return v + len(L)\nmemo(1)\nL.append({n})\n{m} = memo(1)",
    "import contextlib\n@contextlib.contextmanager\ndef opened(): yield L\nwith opened() as got: got.append({i})",
    "%cd -q lib\n%cd ..",
    "where = 'lib'\n%pushd $where\n%popd",
]  # fmt: skip
TASKS = {
    "F1": [
        "def conv(x):\n    return g(x) + a",
        "def conv(x, k=a):\n    return k * x + len(L)",
        "def conv(x):\n    return T.get('k', 0) + h(x)",
        "conv = lambda x: h(x) + b",
        "conv = make(a)",
        "class Own:\n    @staticmethod\n    def conv(x): return x + a\nconv = Own.conv",
        "conv = functools.partial(g2, b)",
        "@deco\ndef conv(x):\n    return x + a",
        "def conv(x):\n    return sum(f(x) for f in KINDS.values()) + disp(x)",
        "def conv(x):\n    return len(Meta.table) * x + sum(Member.all) + sum(f(x) for f in reg.values())",
    "def conv(x):\n    return abs(x) + a",
    "def conv(x):\n    import os\n    return x + int(os.environ.get('SCALE', 0)) + len(Base.__subclasses__())",
    "def conv(x):\n    return C.k * x + sum(C.items) + len(Base.made)",
        "def conv(x):\n    return sum(f(x) for f in box.values.values() if callable(f)) + sum(M)",
        "def conv(x):\n    import utils\n    return utils.SCALE + x + len(utils.KINDS)",
        "def helper(x): return g(h(x))\ndef conv(x):\n    return helper(x)",
        "def conv(x):\n    return sorted(map(str, (a, b, L, T)))",
    ],
    "G1": [
        "def pool(x):\n    return g(x) - h(x)",
        "def pool(x):\n    return g(h(x)) - 1",
        "def h(v): return v + 1000\ndef pool(x):\n    return h(x)",
        "a = 40\ndef pool(x):\n    return a + x + sum(L)",
        "@keep('pool')\ndef pool(x):\n    return x + b + len(KINDS)",
        "T['k'] = 21\ndef pool(x):\n    return T['k'] * x",
        "L.clear()\ndef pool(x):\n    return len(L) + x",
    ],
    "K2": [
        "class Net:\n    size = a\n    def fit(self):\n        return self.size + g(1)",
        "class Net:\n    def __init__(self): self.k = b\n    def fit(self):\n        return h(self.k)",
        "class Net:\n    pass\nNet.fit = lambda self: a + sum(L)",
        "def _fit(self): return g(b)\nclass Net:\n    fit = _fit",
    ],
}  # fmt: skip
LATER = {
    "F1": ["def conv(x):\n    return -x", "conv = deco(conv)", "before = conv\ndef conv(x): return before(x) + 1"],
    "G1": ["pool = deco(pool)", "def pool(x, inner=pool):\n    return inner(x) * 2"],
    "K2": [
        "class Net(Net):\n    def fit(self): return super().fit() + b",
        "Net.fit = lambda self: b",
        "Net.size = 77",
        "setattr(Net, 'extra', a)",
    ],
}  # fmt: skip


@dataclass
class Notebook:
    """Cells (id, source) in order, and the files beside them."""

    cells: list[tuple[str | None, str]] = field(default_factory=list)

    def for_kernel(self) -> list[tuple[str, str | None]]:
        return [
            (source, cell.removesuffix("-test") if cell is not None and cell.endswith("-test") else None)
            for cell, source in self.cells
        ]

    def files(self) -> dict[str, bytes]:
        cells = [
            {"cell_type": "code", "source": source, "metadata": {}, **RAN, **({"id": cell} if cell else {})}
            for cell, source in self.cells
        ]
        notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        return {"small.ipynb": json.dumps(notebook).encode()} | {
            name: text.encode() for name, text in OWN_FILES.items()
        }


@st.composite
def statements(draw: st.DrawFn) -> str:
    """One cell that is no task."""
    template = draw(st.sampled_from(STATEMENTS))
    return template.format(
        n=draw(st.sampled_from("ab")),
        m=draw(st.sampled_from("ab")),
        f=draw(st.sampled_from("gh")),
        i=draw(st.integers(1, 5)),
    )


@st.composite
def notebooks(draw: st.DrawFn) -> Notebook:
    """A prelude, tasks in any order, each with its check cell, and other cells between all of them."""
    book = Notebook([(None, PRELUDE)])

    def others(most: int) -> None:
        for _ in range(draw(st.integers(0, most))):
            book.cells.append((None, draw(statements())))

    for task in draw(st.permutations(sorted(TASKS))):
        others(4)
        book.cells.append((task, draw(st.sampled_from(TASKS[task]))))
        others(2)
        if draw(st.booleans()):
            book.cells.append((None, draw(st.sampled_from(LATER[task]))))
        others(1)
        book.cells.append((f"{task}-test", f'import hw_cnn\n\nhw_cnn.check("{task}")'))
    others(3)
    return book


# Only Jupyter knows these.
OF_JUPYTER = ("%", "!", "await ", "display(")


@st.composite
def scripts(draw: st.DrawFn) -> dict[str, bytes]:
    """The files of a submission with a solution.py: the same cells one after another, without magics and checks."""
    book = draw(notebooks())
    sources = [
        source
        for cell, source in book.cells
        if not (cell or "").endswith("-test") and not any(word in source for word in OF_JUPYTER)
    ]
    own = {name: text.encode() for name, text in OWN_FILES.items() if not name.endswith(".ipynb")}
    return {"solution.py": "\n".join(sources).encode(), **own}
