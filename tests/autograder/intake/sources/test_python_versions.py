"""Syntax that is newer than the grader's Python: both versions are named, and nothing else is taken for it."""

from __future__ import annotations

import ast
import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.intake.sources.python_versions import RUNNING, is_newer, newer_syntax
from autograder.intake.sources.templates import UnclosedError, tokens
from tests.autograder.intake.sources.support import read, said
from tests.autograder.intake_support import notebook

NEWER = [
    ((3, 12), 1, "type Pair = int | tuple[int, int]"),
    ((3, 12), 2, "x = 1\ntype Pair[T] = tuple[T, T]"),
    ((3, 12), 1, "def first[T](items: list[T]) -> T: return items[0]"),
    ((3, 12), 1, "async def first[T: (int, str), *Ts, **P](x): pass"),
    ((3, 12), 3, '"""type X = 1"""\n\nclass Stack[T]:\n    pass'),
    ((3, 12), 2, "d = {'k': 1}\ns = f'{d['k']}'"),
    ((3, 12), 1, 's = f"{d["k"]!r:>{w}} {{}} {x=}"'),
    ((3, 12), 1, 's = f"{chr(10)}{"\\n".join(x)}"'),
    ((3, 12), 1, 's = f"{f"{f"{1 + 1}"}"}"'),
    ((3, 12), 1, 's = rf"{d["k"]:%Y-%m}" "more"'),
    ((3, 12), 2, 'x = 1\ns = f"""{\n    d["""k"""]  # the key\n}"""'),
    ((3, 12), 2, "%matplotlib inline\ntype Pair = int\n!ls"),
    ((3, 13), 1, "class Box[T = int]: pass"),
    ((3, 14), 3, "try:\n    pass\nexcept ValueError, TypeError:\n    pass"),
    ((3, 14), 1, 's = t"hello {name}"'),
    ((3, 14), 2, 'type Pair = int\ns = t"{d["k"]}"'),
]


@pytest.mark.parametrize(("version", "line", "source"), NEWER)
def test_newer_syntax_is_named_or_read(version: tuple[int, int], line: int, source: str) -> None:
    found = newer_syntax(source)
    if version <= RUNNING:
        assert found is None
    else:
        assert found is not None
        assert (found.version, found.line) == (version, line)
        assert {"ru": found.what.ru, "en": found.what.en}.keys() == {"ru", "en"}


@pytest.mark.parametrize(
    "line", [item for version, _, item in NEWER if version > RUNNING and "%" not in item[:1]]
)
def test_this_python_cannot_read_it(line: str) -> None:
    with pytest.raises(SyntaxError):
        ast.parse(line)


@pytest.mark.parametrize(
    "source",
    [
        "type X = ",
        "type X = 1\ny = (",
        "def f[T(x): pass",
        "x = (",
        "print 'hello'",
        's = f"{a b}"',
        's = f"{}"',
        's = f"{x',
        's = "type X = 1" (',
        "# type X = 1\ny = )",
        "def f[" * 999,
        "try:\n    pass\nexcept A, e:\n    print e",
        "'abc",
        'f"' + "{f'" * 50,
    ],
)
def test_what_is_wrong_for_another_reason(source: str) -> None:
    assert newer_syntax(source) is None


pieces = [
    "f'",
    't"',
    "'''",
    '"',
    "'",
    "{",
    "}",
    "{{",
    "!r",
    ":",
    "=",
    "\\",
    "x",
    "[",
    "]",
    "#",
    "\n",
    "type X = ",
    "def f[",
]


@given(st.lists(st.sampled_from(pieces), max_size=14).map("".join))
def test_any_text_is_looked_at(source: str) -> None:
    found = newer_syntax(source)
    assert found is None or 1 <= found.line <= source.count("\n") + 1


@given(st.lists(st.sampled_from(pieces), max_size=14).map("".join))
def test_strings_end_where_pythons_own_do(source: str) -> None:
    """Of sources without braces: there the rules have not changed."""
    source = source.replace("{", "").replace("}", "").replace('t"', '"')
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return
    found = [source[token.start : token.end] for token in tokens(source) if source[token.start] != "#"]
    constants = [
        node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    joined = "".join(str(ast.literal_eval(text.lstrip("f"))) for text in found)
    assert sum(len(node.value) for node in constants) == len(joined)


@pytest.mark.parametrize("source", ["'abc", '"""abc"', 'f"{x', 'f"{x:', 'f"{x!r'])
def test_strings_without_an_end(source: str) -> None:
    with pytest.raises(UnclosedError):
        list(tokens(source))


@pytest.mark.parametrize(
    ("version", "newer"),
    [
        ("3.99.1", True),
        ("99.0", True),
        ("3.11.2", False),
        ("3.2", False),
        ("3", False),
        ("", False),
        ("3.x", False),
    ],
)
def test_versions_are_compared(version: str, newer: bool) -> None:
    assert is_newer(version) is newer


def test_the_version_of_the_notebook_is_told_with_an_error() -> None:
    def told(version: str) -> list[str]:
        made = json.loads(notebook("x = ("))
        made["metadata"] = {"language_info": {"name": "python", "version": version}}
        return said(read({"a.ipynb": json.dumps(made)}))

    running = ".".join(map(str, sys.version_info[:2]))
    assert told("3.99.0") == [
        "code cell 1: syntax error in line 1 ('(' was never closed); the notebook was run with Python 3.99.0, "
        f"the grader runs Python {running}"
    ]
    assert told("3.11.0") == ["code cell 1: syntax error in line 1 ('(' was never closed)"]


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this Python reads it")
def test_both_versions_are_named() -> None:
    assert said(read({"a.ipynb": notebook("%%time\n\ntype Pair = int")})) == [
        "code cell 1: line 3 needs Python 3.12, the grader runs Python 3.11 "
        "(the type statement; write Name = ... instead)"
    ]
