"""How tangled a program may be, and what of it does not count for a slice."""

from __future__ import annotations

import pytest

from autograder.intake.program import slices
from autograder.intake.program.index import Index
from autograder.intake.program.slices import Slicer
from autograder.intake.uploads.rejection import Rejected
from tests.autograder.intake.program.support import program_of
from tests.autograder.intake_support import one_sentence


def test_a_program_that_is_too_tangled_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = program_of("a = 1\nb = a\nc = b\nd = c").lines
    monkeypatch.setattr(slices, "MAX_STEPS", 8)
    assert sorted(Slicer(Index(lines)).slice(["d"]).positions) == [0, 1, 2, 3]
    monkeypatch.setattr(slices, "MAX_STEPS", 7)
    with pytest.raises(Rejected) as caught:
        Slicer(Index(lines)).slice(["d"])
    assert one_sentence(caught.value).en == (
        "the code is too tangled to single out the solutions; hand them in as solution.py"
    )
    assert caught.value.text.ru == (
        "код слишком запутан, чтобы выделить из него решения; сдайте его в solution.py"
    )


def cut(source: str, *names: str, **more: object) -> list[int]:
    extra = more.pop("extra", ())
    end = more.pop("end", None)
    index = Index(program_of(source).lines, **more)
    return sorted(Slicer(index, end).slice(names, extra).positions)


def test_bindings_that_are_hidden_do_not_count() -> None:
    source = "f = 1\nf = 2\ng = f"
    assert cut(source, "f") == [1]
    assert cut(source, "f", hidden={"f": {1}}) == [0]
    assert cut(source, "g", hidden={"f": {1}}) == [0, 2]
    assert cut(source, "f", hidden={"f": {0, 1}}) == []
    assert cut(source, "f", hidden={"g": {1}}) == [1]


def test_changes_by_inert_statements_do_not_count() -> None:
    source = "f = []\nf.append(1)\nf.append(2)\nf = f"
    assert cut(source, "f") == [0, 1, 2, 3]
    assert cut(source, "f", inert={1}) == [0, 2, 3]


def test_further_statements_can_be_wanted() -> None:
    source = "a = 1\nb = a\nc = 2\nprint(c)\ndef f(): return d\nd = 1"
    assert cut(source, "b", extra=[3]) == [0, 1, 2, 3]
    assert cut(source, extra=[4]) == [4, 5]
    assert cut(source) == []


def test_imports_of_everything_come_along_with_anything() -> None:
    source = "from math import *\na = 1\nb = 2\nfrom cmath import *"
    assert cut(source, "a") == [0, 1, 3]
    assert cut(source, "missing") == [0, 3], "it may be among them"


def test_a_changed_object_counts_from_its_last_sure_binding_on() -> None:
    assert cut("f = []\nf.append(1)\nf = []\nf.append(2)", "f") == [2, 3]
    assert cut("f = []\nf.append(1)\nif a:\n    f = []\nf.append(2)", "f") == [0, 1, 2, 3]
    assert cut("f.append(1)\nf = []", "f") == [1]
    assert cut("from m import *\nf.append(1)\nf.append(2)", "f") == [0, 1, 2], (
        "what `import *` may have bound"
    )
    assert cut("f = []\ng = f\nf.append(1)", "g") == [0, 1, 2], "g is the same list"
    assert cut("f = []\ng = f\ng.append(1)", "f") == [0, 1, 2]
    assert cut("f = []\ng = len(f)\nh.append(g)", "f") == [0]


def test_a_function_called_early_sees_what_was_bound_by_then() -> None:
    source = "k = 1\ndef h(): return k\nf = h()\nk = 2\ng = h()\nk = 3"
    assert cut(source, "f") == [0, 1, 2, 5]
    assert cut(source, "g") == [1, 3, 4, 5]
    assert cut(source, "h") == [1, 5]


def test_globals_that_only_a_call_binds() -> None:
    assert cut("def init():\n    global f\n    f = 1\ninit()\nx = 2", "f") == [0, 1]
    assert cut("def init():\n    global f\n    f = 1\nf = 0\ninit()", "f") == [0, 1, 2]
    assert cut("def init():\n    global f\n    f = 1\ninit()\nf = 0", "f") == [2]
    both = "def one():\n    global f\n    f = 1\ndef one():\n    global g\n    g = 1\none()"
    assert cut(both, "f") == cut(both, "g") == [1, 2]
    assert cut("class C:\n    def init(self):\n        global f\n        f = 1\ninit()", "f") == []
