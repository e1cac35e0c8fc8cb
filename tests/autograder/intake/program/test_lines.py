"""Cells and files as a row of top-level statements: their text, their lines, and how many there may be."""

from __future__ import annotations

import pytest

from autograder.intake.program import lines as lines_module
from autograder.intake.program.lines import (
    MAX_CHARS,
    MAX_STATEMENTS,
    Chunk,
    Line,
    Program,
    StarNames,
    check_size,
)
from autograder.intake.uploads.rejection import Rejected
from tests.autograder.intake.program.support import names, program_of
from tests.autograder.intake_support import one_sentence


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
    assert len(program_of(around).lines) == 3


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


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import a", ["import a"]),
        ("import a, b.c as d", ["import a", "import b.c as d"]),
        ("from a import b, c as d", ["from a import b", "from a import c as d"]),
        ("from ..a import (b,\n  c)", ["from ..a import b", "from ..a import c"]),
        ("from . import b, c", ["from . import b", "from . import c"]),
        ("from __future__ import division, annotations", ["from __future__ import division, annotations"]),
        ("if a:\n    import b, c", ["if a:\n    import b, c"]),
        ("from a import *", ["from a import *"]),
    ],
)
def test_a_joint_import_is_a_statement_for_each_name(source: str, expected: list[str]) -> None:
    lines = program_of(f"x = 1\n{source}").lines[1:]
    assert texts(lines) == [(text, 2) for text in expected]
    assert {line.facts.node.lineno for line in lines} == {2}


PART = StarNames(("d",), is_whole=False)


def test_what_all_of_a_module_brings_where_that_is_known() -> None:
    asked = []

    def brings(module: str) -> StarNames | None:
        asked.append(module)
        known = {"own": StarNames(("a", "b")), "..up": StarNames(("c",)), ".": StarNames(()), "part": PART}
        return known.get(module)

    program = Program(star_names=brings)
    source = "from own import *\nfrom ..up import *\nfrom . import *\nfrom math import *\nfrom part import *"
    program.add(Chunk(source, "<cell>"))
    assert texts(program.lines) == [
        ("from own import a", 1),
        ("from own import b", 1),
        ("from ..up import c", 2),
        ("from math import *", 4),
        ("from part import *", 5),
        ("from part import d", 5),
    ]
    assert asked == ["own", "..up", ".", "math", "part"]
    assert [line.facts.star for line in program.lines] == [False, False, False, True, True, False]


def test_a_chunk_may_begin_further_down_in_its_file() -> None:
    program = Program()
    program.add(Chunk("a = 1\n\nb = 2", "<cell>", first_line=10))
    assert texts(program.lines) == [("a = 1", 10), ("b = 2", 12)]


def test_what_calls_of_symbols_do_is_no_change() -> None:
    change = "pool(x)\nother(x)"
    assert [line.facts.now.passed for line in program_of(change).lines] == [frozenset(), names("x")]


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
