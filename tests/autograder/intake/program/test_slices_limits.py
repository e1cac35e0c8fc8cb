"""What a slice is cut from: statements with their text and lines, how much there may be, and what does not count."""

from __future__ import annotations

import pytest

from autograder.intake.program import lines as lines_module
from autograder.intake.program import slices
from autograder.intake.program.index import Index
from autograder.intake.program.lines import MAX_CHARS, MAX_STATEMENTS, Chunk, Line, Program, check_size
from autograder.intake.program.slices import Slicer
from autograder.intake.uploads.rejection import Rejected
from tests.autograder.intake_support import one_sentence


def program_of(*sources: str, skip_main: bool = False) -> Program:
    program = Program()
    for number, source in enumerate(sources):
        program.add(Chunk(source, f"<cell {number}>", number=number), skip_main)
    return program


def texts(lines: list[Line]) -> list[tuple[str, int]]:
    return [(line.source, line.first_line) for line in lines]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("", []),
        ("# nothing\n\n", []),
        ("a = 1", [("a = 1", 1)]),
        ("\n\na = 1\n", [("a = 1", 3)]),
        ("a = 1; b = 2", [("a = 1", 1), ("b = 2", 1)]),
        ("a = 'яя'; b = 'я'; c = 3", [("a = 'яя'", 1), ("b = 'я'", 1), ("c = 3", 1)]),
        ("a = (1,\n     2); b = 3", [("a = (1,\n     2)", 1), ("b = 3", 2)]),
        ("if a:\n    b = 'я'\n\n\nd = 2", [("if a:\n    b = 'я'", 1), ("d = 2", 5)]),
        ("x = 1\n@a\n@b(1)\ndef f():\n    return 1", [("x = 1", 1), ("@a\n@b(1)\ndef f():\n    return 1", 2)]),
        ("@a\nclass f:\n    pass\nx = 1", [("@a\nclass f:\n    pass", 1), ("x = 1", 4)]),
        ("@a\nasync def f(): pass", [("@a\nasync def f(): pass", 1)]),
    ],
)  # fmt: skip
def test_a_statement_has_its_text_and_its_first_line(source: str, expected: list[tuple[str, int]]) -> None:
    assert texts(program_of(source).lines) == expected


def test_chunks_follow_one_another() -> None:
    program = program_of("a = 1\nb = 2", "c = 3")
    assert texts(program.lines) == [("a = 1", 1), ("b = 2", 2), ("c = 3", 1)]
    assert [line.chunk.filename for line in program.lines] == ["<cell 0>", "<cell 0>", "<cell 1>"]
    assert [line.chunk.number for line in program.lines] == [0, 0, 1]


def test_a_chunk_that_is_no_python_adds_nothing() -> None:
    program = program_of("a = 1")
    with pytest.raises(SyntaxError):
        program.add(Chunk("b = 2\nc = (", "<bad>"))
    assert texts(program.lines) == [("a = 1", 1)]
    assert not program.future


@pytest.mark.parametrize(
    ("source", "skipped"),
    [
        ("if __name__ == '__main__':\n    go()", True),
        ("if '__main__' == __name__:\n    go()", True),
        ("if __name__ == '__main__' and ready:\n    go()", True),
        ("if name == '__main__':\n    go()", False),
        ("if module.__name__ == '__main__':\n    go()", False),
        ("if ready:\n    print(__name__)", False),
        ("print(__name__)", False),
        ("while __name__:\n    go()", False),
    ],
)
def test_what_runs_only_as_a_program(source: str, skipped: bool) -> None:
    around = f"a = 1\n{source}\nb = 2"
    assert len(program_of(around, skip_main=True).lines) == 3 - skipped
    program = Program()
    program.add(Chunk(around, "<cell>"))
    assert len(program.lines) == len(program_of(around).lines) == 3


FUTURE = "from __future__ import annotations"


@pytest.mark.parametrize(
    ("first", "reaches"),
    [
        (FUTURE, True),
        ("from __future__ import division, annotations", True),
        ("from __future__ import division", False),
        ("from future import annotations", False),
        ("import __future__", False),
        ("x = 1", False),
    ],
)
def test_how_far_future_annotations_reach(first: str, reaches: bool) -> None:
    """Cells are compiled one after another, and a statement of each alone."""
    program = program_of(
        "before = 1", f"{first}\n\ndef f(x: Missing): return x", "def g(x: Missing): return x"
    )
    assert program.future is reaches
    before, future, f, g = program.lines
    assert ("Missing" in f.facts.uses_now) is ("Missing" in g.facts.uses_now) is not reaches
    if not reaches:
        assert program.statement_source(g) == (g.source, 1)
        return
    assert program.statement_source(future) == (first, 1)
    assert program.statement_source(f) == (f"{FUTURE}\n{f.source}", 2)
    assert program.statement_source(g) == (f"{FUTURE}\n{g.source}", 1), "there is no line 0"
    assert program.statement_source(before)[0].endswith("\nbefore = 1")


def refused(action: object, *args: object) -> str:
    with pytest.raises(Rejected) as caught:
        action(*args)
    return one_sentence(caught.value).en


def test_how_much_code_there_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (MAX_CHARS, MAX_STATEMENTS) == (1_000_000, 20_000)
    check_size(MAX_CHARS)
    assert "more than 1000000 characters or 20000 statements" in refused(check_size, MAX_CHARS + 1)
    monkeypatch.setattr(lines_module, "MAX_STATEMENTS", 5)
    program = program_of("a = 1\nb = 2")
    program.add(Chunk("c = 1\nd = 2\ne = 3", "<last>"))
    assert "too much code" in refused(program.add, Chunk("f = 1", "<more>"))
    assert "too much code" in refused(program_of, "a = 1\n" * 6)
    assert len(program.lines) == 5


def test_a_program_that_is_too_tangled_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = program_of("a = 1\nb = a\nc = b\nd = c").lines
    monkeypatch.setattr(slices, "MAX_STEPS", 4)
    assert sorted(Slicer(Index(lines)).slice(["d"]).positions) == [0, 1, 2, 3]
    monkeypatch.setattr(slices, "MAX_STEPS", 3)
    assert refused(Slicer(Index(lines)).slice, ["d"]) == (
        "the code is too tangled to single out the solutions; hand them in as solution.py"
    )
    with pytest.raises(Rejected) as caught:
        Slicer(Index(lines)).slice(["d"])
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
