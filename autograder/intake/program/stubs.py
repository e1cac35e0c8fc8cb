"""Whether a definition is work or still the stub that was handed out."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping

from autograder.intake.program.touches import Function, roots

HANDED_OUT = ("hw_cnn", "solution")
# Classes that write nothing for those that inherit from them alone.
EMPTY_BASES = frozenset(["ABC", "LightningModule", "Module", "object"])


def is_stub_body(body: list[ast.stmt]) -> bool:
    """Docstring, pass, ..., assert and `raise NotImplementedError` only."""
    return all(_is_empty(statement) for statement in body)


def _is_empty(node: ast.stmt) -> bool:
    match node:
        case ast.Pass() | ast.Assert() | ast.Expr(value=ast.Constant()):
            return True
        case ast.Raise(exc=ast.Name(id="NotImplementedError")):
            return True
        case ast.Raise(exc=ast.Call(func=ast.Name(id="NotImplementedError"))):
            return True
    return False


def is_stub(node: ast.stmt, methods: Collection[str]) -> bool:
    """Whether a function or class is unwritten.

    methods: the task's methods of the class; empty when the whole class is the task. Other statements are no
    stubs.
    """
    if isinstance(node, Function):
        return is_stub_body(node.body)
    if not isinstance(node, ast.ClassDef):
        return False
    own = [
        item for item in node.body if not methods or not isinstance(item, Function) or item.name in methods
    ]
    written = [
        item
        for item in own
        if not (is_stub_body(item.body) if isinstance(item, Function) else _is_empty(item))
    ]
    if methods:
        # Attributes that came with the class are not work, an assignment to a task's method is.
        return not any(isinstance(item, Function) or _assigns(item, methods) for item in written)
    has_functions = any(isinstance(item, Function) for item in own)
    return not any(isinstance(item, Function) for item in written) if has_functions else not written


def _assigns(node: ast.stmt, names: Collection[str]) -> bool:
    return any(
        isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store) and item.id in names
        for item in ast.walk(node)
    )


def defines(
    node: ast.stmt, name: str, methods: Collection[str], aliases: Mapping[str, str] | None = None
) -> bool:
    """Whether a statement that binds `name` really defines it: no stub, no import of what was handed out.

    aliases: name -> dotted module, of the program's imports.
    """
    return any(
        _defines_here(statement, name, methods, aliases or {})
        for statement in _statements(node)
        if not is_reimport(statement, name, aliases or {})
    )


def _defines_here(node: ast.stmt, name: str, methods: Collection[str], aliases: Mapping[str, str]) -> bool:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            if node.name != name:
                return False
            return not is_stub(node, methods) or _inherits(node, methods, aliases)
        case ast.Import() | ast.ImportFrom():
            return any((alias.asname or alias.name) == name for alias in node.names)
    return any(
        isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store) and item.id == name
        for item in ast.walk(node)
    )


def _inherits(node: ast.stmt, methods: Collection[str], aliases: Mapping[str, str]) -> bool:
    """Whether a class leaves the task to a base of its own: `class SeminarCNN(MyNet): pass`, without a stub."""
    if not isinstance(node, ast.ClassDef) or any(
        isinstance(item, Function) and (not methods or item.name in methods) for item in node.body
    ):
        return False
    bases = [ast.unparse(base) for base in node.bases]
    last = {aliases.get(base, base).split(".")[-1] for base in bases}
    return bool(last - EMPTY_BASES - {node.name})


def is_reimport(node: ast.stmt, name: str, aliases: Mapping[str, str]) -> bool:
    """`from hw_cnn.layers import conv2d`, `conv2d = convolution.conv2d`: the package's own value again."""
    match node:
        case ast.ImportFrom(module=module, level=level):
            return level > 0 or (module or "").split(".")[0] in HANDED_OUT
        case ast.Assign(value=ast.Attribute(attr=attribute) as value) if attribute == name:
            return any(aliases.get(root, "").split(".")[0] in HANDED_OUT for root in roots(value))
    return False


def _statements(node: ast.stmt) -> Iterator[ast.stmt]:
    """The simple statements and definitions inside a compound statement, or the statement itself."""
    inner = [
        child
        for field in ("body", "orelse", "finalbody", "handlers", "cases")
        for child in getattr(node, field, [])
        if not isinstance(node, Function | ast.ClassDef)
    ]
    if not inner:
        yield node
    for child in inner:
        if isinstance(child, ast.ExceptHandler | ast.match_case):
            for statement in child.body:
                yield from _statements(statement)
        else:
            yield from _statements(child)
