"""The dependency slice gives the same values as running everything, and runs nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.intake.program.index import Index
from autograder.intake.program.lines import Chunk, Program
from autograder.intake.program.slices import Slicer


def slice_of(source: str, *names: str) -> str:
    """The statements of the slice, one after another."""
    program = Program()
    program.add(Chunk(source, "<test>"))
    chosen = sorted(Slicer(Index(program.lines)).slice(names).positions)
    return "\n".join(program.lines[position].source for position in chosen)


TRY = "try:\n    import a\nexcept ImportError:\n    a = 0"
TABLE = "class f:\n    def __init_subclass__(cls): f.x = cls"
KEPT = "class f:\n    all = []\n    def __init__(self): self.all.append(self)"
CALLED = "class A:\n    def __call__(self, x): self.x = x"
ADD = "def add(c): return lambda g: setattr(c, g.__name__, g)"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a = 1\nb = 2\nf = b", "b = 2\nf = b"),
        ("k = 1\ndef f(): return k\nk = 2", "def f(): return k\nk = 2"),
        ("k = 1\ndef f(x=k): return x\nk = 2", "k = 1\ndef f(x=k): return x"),
        ("def deco(g): return g\n@deco\ndef f(): pass", "def deco(g): return g\n@deco\ndef f(): pass"),
        ("import torch\nclass f(torch.nn.Module): pass", "import torch\nclass f(torch.nn.Module): pass"),
        ("import a, b\nf = b.x", "import b\nf = b.x"),
        ("class f: pass\ndef go(): pass\nf.go = go\nf().go()", "class f: pass\ndef go(): pass\nf.go = go\nf().go()"),
        ("f = {}\nf[1] = 2\nprint(f)", "f = {}\nf[1] = 2"),
        ("f = 1\nf += 1", "f = 1\nf += 1"),
        ("f = []\nf.append(1)\nf.fit(2)", "f = []\nf.append(1)\nf.fit(2)"),
        ("f = []\nf.copy()\nlen(f)\ng(1)", "f = []"),
        ("f = 3\ng(f)", "f = 3"),
        ("from math import *\nf = sin", "from math import *\nf = sin"),
        (f"{TRY}\nf = a", f"{TRY}\nf = a"),
        ("f = 0\nif True:\n    f = 1", "f = 0\nif True:\n    f = 1"),
        ("m = 1\nnet = train(m)\ndef f(): return m", "m = 1\ndef f(): return m"),
        ("s = 'я'; f = s; g = 1", "s = 'я'\nf = s"),
        (f"{ADD}\nclass f: pass\n@add(f)\ndef go(): pass", f"{ADD}\nclass f: pass\n@add(f)\ndef go(): pass"),
        ("k = 1\ndef h(): return k\nf = h()\nk = 2", "k = 1\ndef h(): return k\nf = h()\nk = 2"),
        ("def init():\n    global f\n    f = 1\ninit()", "def init():\n    global f\n    f = 1\ninit()"),
        ("f: int\nf = 1", "f = 1"),
        ("f = 1\ndel f", "f = 1"),
        ("if (f := 1): pass\nprint(f)", "if (f := 1): pass"),
        ("xs = [1]\nf = [x for x in xs]\nx = 5", "xs = [1]\nf = [x for x in xs]"),
        ("size = 3\nclass f:\n    size = size", "size = 3\nclass f:\n    size = size"),
        # A builtin has a value before it is bound, and again when that is deleted.
        ("max = 1\ndel max\ndef f(): return max", "max = 1\ndel max\ndef f(): return max"),
        ("if a: del max\ndef f(): return max", "if a: del max\ndef f(): return max"),
        ("with a:\n    f = 1\n    del b\nb = 2", "with a:\n    f = 1\n    del b"),
        # Names that are bound by their text.
        ("f = 1\nglobals()['f'] = 2", "f = 1\nglobals()['f'] = 2"),
        ("k = 1\nexec('f = k')", "k = 1\nexec('f = k')"),
        ("exec('g = 1')\nf = 1", "f = 1"),
        ("exec('f = (')\nf = 1", "f = 1"),
        ("globals()[name] = 1\nf = 1", "globals()[name] = 1\nf = 1"),
        ("globals().update(f=1)\nh = f", "globals().update(f=1)"),
        ("exec(text)\nh = 1", "exec(text)"),
        ("exec(text, {})\nf = 1", "f = 1"),
        # Who is made, subclassed or called is kept.
        (f"{TABLE}\nclass A(f): pass\nclass B(A): pass", f"{TABLE}\nclass A(f): pass\nclass B(A): pass"),
        ("class f(type): pass\nclass A(metaclass=f): pass", "class f(type): pass\nclass A(metaclass=f): pass"),
        ("class f: pass\nclass A(f): pass", "class f: pass"),
        ("class f: pass\nclass A(f): pass\nf.__subclasses__()", "class f: pass\nclass A(f): pass\nf.__subclasses__()"),
        (f"{KEPT}\nf()\ng()", f"{KEPT}\nf()"),
        (f"{CALLED}\nf = A()\nf(1)\ng(1)", f"{CALLED}\nf = A()\nf(1)"),
        (f"{CALLED}\nf = A()\n@f(2)\ndef h(): pass", f"{CALLED}\nf = A()\n@f(2)\ndef h(): pass"),
        ("f = []\nadd = f.append\nadd(1)\nsize = f.x", "f = []\nadd = f.append\nadd(1)"),
        ("f = []\nget = f.index\nget(1)", "f = []"),
        ("f = []\nadd = partial(put, f)\nadd(1)", "f = []\nadd = partial(put, f)\nadd(1)"),
        ("f = {}\ndef all(): return f\nall()[1] = 2", "f = {}\ndef all(): return f\nall()[1] = 2"),
        # A number out of settings is no handle on them, and who only reads changes nothing.
        ("f = {'lr': 1}\nnet = make(f['lr'])\nnet.fit()", "f = {'lr': 1}"),
        ("f = {'all': []}\nfill(f['all'])", "f = {'all': []}\nfill(f['all'])"),
        ("f = {'lr': 1}\nf['all'] = []\nfill(f['all'])", "f = {'lr': 1}\nf['all'] = []\nfill(f['all'])"),
        ("class f: lr = 1\nnet = make(f.lr)\nnet.fit()", "class f: lr = 1"),
        ("f = []\na = make(f)\nb = make(a)\nb.step()", "f = []\na = make(f)\nb = make(a)\nb.step()"),
        ("f = []\nother = see(f)\nother2 = [2]\nother2.go()", "f = []\nother = see(f)"),
        ("def f(): pass\nnet = make(f)\nnet.fit()", "def f(): pass"),
    ],
)  # fmt: skip
def test_slice(source: str, expected: str) -> None:
    assert slice_of(source, "f") == expected


def test_future_annotations_are_not_evaluated_but_reach_every_statement() -> None:
    program = Program()
    program.add(
        Chunk("from __future__ import annotations\ndef f(x: Missing) -> Missing: return x\n", "<test>")
    )
    (position,) = Slicer(Index(program.lines)).slice(["f"]).positions
    source, first_line = program.statement_source(program.lines[position])
    space: dict[str, object] = {}
    exec(compile("\n" * (first_line - 1) + source, "<test>", "exec", dont_inherit=True), space)
    assert space["f"](3) == 3
    assert space["f"].__code__.co_firstlineno == 2


def test_first_line_counts_decorators() -> None:
    program = Program()
    program.add(Chunk("\n\n@staticmethod\ndef f(): pass", "<test>"))
    assert program.lines[0].first_line == 3
    assert program.lines[0].source.startswith("@staticmethod")


NAMES = "abcd"


@st.composite
def programs(draw: st.DrawFn) -> str:
    """Statements over four names: every value is an int, a list, or a function that reads globals."""
    lines = [f"{name} = {position}" for position, name in enumerate(NAMES)]
    lines += [f"l{name} = []" for name in NAMES]
    lines += [f"def f{name}(): return {name}" for name in NAMES]
    name = st.sampled_from(NAMES)
    for _ in range(draw(st.integers(0, 14))):
        x, y, z, turns = draw(name), draw(name), draw(name), draw(st.integers(0, 2))
        lines.append(
            draw(
                st.sampled_from(
                    [
                        f"{x} = {y} + {z}",
                        f"{x} += {y}",
                        f"l{x}.append({y})",
                        f"l{x} = [{y}, f{z}()]",
                        f"l{x} += [len(l{y})]",
                        f"def f{x}(k={y}): return k + {z} + len(l{y})",
                        f"def f{x}(): return f{y}() + {z} if {x!r} < {y!r} else {z}",
                        f"class C:\n    k = {y}\n    def go(): return {z}\nC.e = f{y}()\n{x} = C.e + C.go()",
                        f"if {x} % 2:\n    {y} = {z}\nelse:\n    l{y} = [{z}]",
                        f"for {x} in range({turns}):\n    l{y}.append({z})",
                        f"{x}, {y} = {y}, {z}",
                        f"g{x} = lambda: {y}\n{z} = g{x}()",
                        f"{x} = sum({y} for _ in range(2))",
                        f"old = f{x}\ndef f{x}(old=old): return old() + {y}" if x < y else f"{x} = {y}",
                    ]
                )
            )
        )
    return "\n".join(lines)


def values(source: str, name: str) -> tuple[object, object, object]:
    """The number, the list and the function's answer of one name; an exception counts by its type."""
    space: dict[str, object] = {}
    exec(source, space)
    try:
        answer = space[f"f{name}"]()
    except RecursionError:
        answer = "recursion"
    return space[name], space[f"l{name}"], answer


@settings(max_examples=300, deadline=None)
@given(programs(), st.sampled_from(NAMES))
def test_the_slice_equals_the_whole_program(source: str, name: str) -> None:
    try:
        whole = values(source, name)
    except RecursionError:
        return
    part = slice_of(source, name, f"l{name}", f"f{name}")
    assert values(part, name) == whole
