"""Which names the text of a cell binds at its top level, and by which statement."""

from __future__ import annotations

import ast
import symtable
import warnings
from collections.abc import Collection, Mapping

from autograder.intake.program.stubs import defines


def bindings(text: str, methods: Mapping[str, Collection[str]]) -> dict[str, ast.stmt]:
    """Name -> the last statement that binds it; nothing for text that is no Python.

    methods: task symbol -> its methods that are the task. A stub of one, or the package's own value again, binds
    nothing, as for the grader.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            body = ast.parse(text).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return {}
        found: dict[str, ast.stmt] = {}
        for node in body:
            for name in _bound(node):
                if name not in methods or defines(node, name, methods[name]):
                    found[name] = node
    return found


def _bound(node: ast.stmt) -> set[str]:
    try:
        table = symtable.symtable(ast.unparse(node), "<cell>", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # `await` outside of a function is legal in a notebook only.
        return {
            item.id
            for item in ast.walk(node)
            if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store)
        }
    return {
        symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()
    }


def same_value(first: ast.stmt, second: ast.stmt, name: str) -> bool:
    """Whether two statements bind `name` alike: the same text, or imports of the same thing."""
    target = _imported(first, name)
    if target is not None and target == _imported(second, name):
        return True
    return ast.dump(first) == ast.dump(second)


def _imported(node: ast.stmt, name: str) -> str | None:
    """The dotted thing that an import statement calls `name`."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            first = alias.name.split(".")[0]
            if (alias.asname or first) == name:
                return alias.name if alias.asname else first
    if isinstance(node, ast.ImportFrom) and not node.level:
        for alias in node.names:
            if (alias.asname or alias.name) == name:
                return f"{node.module}.{alias.name}"
    return None
