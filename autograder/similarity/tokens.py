"""Code as it is compared: what a disguise leaves in place, and on which line each part of it stands.

Read from the syntax tree, so layout, brackets, comments, docstrings and annotations are not there at all. Names that a
student may choose are all one name, and so are numbers and texts; what a library is asked to do (`.unfold`, `range`)
keeps its name. Each function and class is a sequence of its own, without its signature, which a task gives.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator
from typing import NamedTuple

BUILTINS = frozenset(dir(builtins))
Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef
SILENT = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)
NAME, TEXT, NUMBER = "name", "text", "number"


class Token(NamedTuple):
    """text: what is compared. line: from 1. begins: whether a statement begins with it."""

    text: str
    line: int
    begins: bool


Row = tuple[Token, ...]


def parsed(source: str) -> ast.Module | None:
    """None where the text is no Python, or nested too deeply to be read."""
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def rows(trees: Iterable[ast.Module]) -> list[list[Row]]:
    """Of each text the tokens of its functions and classes, and of what stands around them.

    What is named in one of the texts is the student's own name in all of them.
    """
    texts = list(trees)
    own = _Own(texts)
    return [list(_rows(text, own)) for text in texts]


def _rows(text: ast.Module, own: _Own) -> Iterator[Row]:
    waiting: list[ast.Module | Definition] = [text]
    while waiting:
        if row := tuple(_tokens(waiting.pop(), own, waiting)):
            yield row


class _Own:
    """Names that the code gives: plain ones, and those behind a dot."""

    def __init__(self, texts: Iterable[ast.Module]) -> None:
        self.plain: set[str] = set()
        self.behind_dot: set[str] = set()
        for node in (node for text in texts for node in ast.walk(text)):
            match node:
                case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                    self.plain.add(name)
                case ast.Attribute(attr=name, ctx=ast.Store()):
                    self.behind_dot.add(name)
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                    self.plain.add(name)
                case ast.ClassDef(name=name, body=body):
                    self.plain.add(name)
                    for part in body:
                        self.behind_dot |= set(_names_in_class(part))


def _names_in_class(part: ast.stmt) -> Iterator[str]:
    match part:
        case (
            ast.FunctionDef(name=name)
            | ast.AsyncFunctionDef(name=name)
            | ast.AnnAssign(target=ast.Name(id=name))
        ):
            yield name
        case ast.Assign(targets=targets):
            yield from (target.id for target in targets if isinstance(target, ast.Name))


def _tokens(
    root: ast.Module | Definition, own: _Own, waiting: list[ast.Module | Definition]
) -> Iterator[Token]:
    """In the order of the text. Definitions inside only say that they are there; they join `waiting`.

    Without recursion: what a student nests must not exhaust the stack.
    """
    bases = root.bases if isinstance(root, ast.ClassDef) else []
    stack: list[ast.AST] = [*bases, *root.body][::-1]
    line = 1
    while stack:
        node = stack.pop()
        line = getattr(node, "lineno", line)
        if isinstance(node, Definition):
            waiting.append(node)
        if (text := _text(node, own)) is not None:
            yield Token(text, line, isinstance(node, ast.stmt))
        stack += _children(node)[::-1]


def _text(node: ast.AST, own: _Own) -> str | None:
    """None of what says nothing."""
    match node:
        case ast.Name(id=name):
            return name if name in BUILTINS and name not in own.plain else NAME
        case ast.Attribute(attr=name):
            return f".{NAME if name in own.behind_dot else name}"
        case ast.Constant(value=bool() | None as value):
            return str(value)
        case ast.Constant(value=str() | bytes()) | ast.JoinedStr():
            return TEXT
        case ast.Constant() | ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=ast.Constant()):
            return NUMBER
        case ast.BinOp(op=op) | ast.UnaryOp(op=op) | ast.BoolOp(op=op):
            return type(op).__name__
        case ast.AugAssign(op=op):
            return f"{type(op).__name__}="
        case ast.Compare(ops=ops):
            return " ".join(type(op).__name__ for op in ops)
        case ast.AnnAssign():
            return None if node.value is None else "Assign"
        case ast.arguments() | ast.Expr() | ast.expr_context() | ast.operator() | ast.type_ignore():
            return None
        case ast.Import() | ast.ImportFrom() | ast.Pass() | ast.Global() | ast.Nonlocal():
            return None
    return type(node).__name__


def _children(node: ast.AST) -> list[ast.AST]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.JoinedStr() | ast.Constant():
            return []
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=ast.Constant()):
            return []
        case ast.Expr(value=ast.Constant()) | ast.Import() | ast.ImportFrom():
            return []
        case ast.AnnAssign(target=target, value=value):
            return [] if value is None else [target, value]
    return [child for child in ast.iter_child_nodes(node) if not isinstance(child, SILENT)]
