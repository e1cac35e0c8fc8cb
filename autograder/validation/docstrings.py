"""Docstrings that are released and hold a line of the body that they document."""

from __future__ import annotations

import ast
import itertools
import re
import textwrap
from collections.abc import Iterator, Mapping

from autograder.course.edition import find_definition, functions_of
from autograder.course.manifest import Manifest
from autograder.course.source_edit import Function, parse_module
from autograder.course.symbol import Symbol
from autograder.errors import UsageError

# Below this, whoever calls the function writes the same: `range(n)`, `super().__init__()`.
MIN_NAMES, MIN_OPERATIONS = 3, 2
# Lines of a doctest are indented lines.
PROMPT = re.compile(r"^( *)(?:>>>|\.\.\.)(?= |$)")
SPAN = re.compile(r"`+([^`]+)`+")
OPERATIONS = (ast.BinOp, ast.BoolOp, ast.Call, ast.Compare, ast.Subscript, ast.Attribute, ast.comprehension)


def telling_docstrings(manifest: Manifest, reference: Mapping[str, bytes]) -> list[str]:
    """One sentence for each line of code that a released docstring shares with a body of the same task.

    A function's body is compared with its own docstring and with those of its class and its module, which students get,
    too. A line of code is any line, doctest or text between backticks that is Python of some length; spaces, quotes
    and brackets make no difference, nor does what the value is assigned to.
    """
    return [
        f"task {task.id}: the docstring of {where} holds a line of the solution, which students get: {line!r}"
        for task in manifest.tasks
        for symbol in task.symbols
        for where, line in _shared(reference[symbol.file].decode(), symbol)
    ]


def _shared(source: str, symbol: Symbol) -> Iterator[tuple[str, str]]:
    tree = parse_module(source)
    around: list[tuple[str, ast.Module | ast.ClassDef]] = [(symbol.module, tree)]
    around += [
        (symbol.name, node)
        for node in tree.body
        if isinstance(node, ast.ClassDef) and node.name == symbol.name
    ]
    for function in functions_of(find_definition(source, symbol.local)):
        solution = {key for statement in _body(function) for key in _keys(statement)}
        for where, node in [*around, (function.name, function)]:
            for text in dict.fromkeys(_pieces(ast.get_docstring(node) or "")):
                if any(_whole(statement) in solution for statement in _parsed(text)):
                    yield where, text


def _body(function: Function) -> list[ast.stmt]:
    return function.body[1:] if ast.get_docstring(function) is not None else function.body


def _pieces(docstring: str) -> Iterator[str]:
    """What may be code: lines without prompts, text between backticks, and what goes over several indented lines."""
    lines = [PROMPT.sub(r"\1   ", line) for line in docstring.split("\n")]
    for line in lines:
        yield line.strip()
        yield from SPAN.findall(line)
    for indented, block in itertools.groupby(lines, key=lambda line: line.startswith(" ")):
        if indented:
            yield textwrap.dedent("\n".join(block))


def _parsed(text: str) -> list[ast.stmt]:
    """All statements of a text; none where it is no Python. Of a loop or condition its first line will do."""
    try:
        tree = parse_module(f"{text} pass" if text.endswith(":") else text)
    except (UsageError, ValueError):
        return []
    return [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]


def _keys(statement: ast.stmt) -> Iterator[str]:
    """What of a body would be telling: each expression of some length, and the heads of its loops."""
    for node in ast.walk(statement):
        if isinstance(node, ast.expr) and _is_long(node):
            yield ast.dump(node)
        elif isinstance(node, ast.For) and _is_long(node.iter):
            yield _head(node)


def _whole(statement: ast.stmt) -> str:
    """A line of a docstring as one of the keys; empty where it is too short to tell anything."""
    match statement:
        case ast.For() if _is_long(statement.iter):
            return _head(statement)
        case ast.If(test=value) | ast.While(test=value) | ast.Assert(test=value):
            return ast.dump(value) if _is_long(value) else ""
        case ast.Assign() | ast.AnnAssign() | ast.AugAssign() | ast.Return() | ast.Expr():
            value_or_none = statement.value
            return ast.dump(value_or_none) if value_or_none is not None and _is_long(value_or_none) else ""
    return ""


def _head(loop: ast.For) -> str:
    return f"for {ast.unparse(loop.target)} in {ast.unparse(loop.iter)}"


def _is_long(value: ast.expr) -> bool:
    nodes = list(ast.walk(value))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    names |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    return len(names) >= MIN_NAMES and sum(isinstance(node, OPERATIONS) for node in nodes) >= MIN_OPERATIONS
