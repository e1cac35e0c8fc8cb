"""Cut top-level statements and imported names out of source text so that the rest keeps its layout."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Mapping

from autograder.errors import UsageError

Function = ast.FunctionDef | ast.AsyncFunctionDef
LINE_LENGTH = 110


def parse_module(source: str) -> ast.Module:
    """Parse trusted source. Raises: UsageError when it is not Python."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(source)
        except SyntaxError as error:
            raise UsageError(f"line {error.lineno} is not Python: {error.msg}") from error


def bound_names(tree: ast.Module) -> set[str]:
    """Names that the module's top-level statements bind (blocks of if and try included)."""
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, Function | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {item.id for target in targets for item in ast.walk(target)
                      if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store)}  # fmt: skip
    return names


def names_in(tree: ast.AST) -> set[str]:
    """Every name that is read."""
    return {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }


def cut_statement(source: str, node: ast.stmt) -> str:
    """Remove a statement, its decorators and the comment directly above it; the larger gap around it
    remains.
    """
    lines = source.split("\n")
    decorators = getattr(node, "decorator_list", [])
    start = min([node.lineno, *(item.lineno for item in decorators)]) - 1
    end = node.end_lineno or node.lineno
    indent = " " * node.col_offset
    while start > 0 and lines[start - 1].startswith(indent + "#"):
        start -= 1
    before, after = start, end
    while before > 0 and not lines[before - 1].strip():
        before -= 1
    while after < len(lines) and not lines[after].strip():
        after += 1
    if after == len(lines):
        return "\n".join([*lines[:before], ""])
    gap = max(start - before, after - end) if before else 0
    return "\n".join([*lines[:before], *[""] * gap, *lines[after:]])


def cut_alias(source: str, node: ast.Import | ast.ImportFrom, name: str) -> str:
    """Remove one imported name; the statement goes when it was the last."""
    rest = [alias for alias in node.names if (alias.asname or alias.name.split(".")[0]) != name]
    if not rest:
        return cut_statement(source, node)
    lines = source.split("\n")
    new = ast.unparse(
        ast.ImportFrom(node.module, rest, node.level)
        if isinstance(node, ast.ImportFrom)
        else ast.Import(rest)
    )
    if len(new) > LINE_LENGTH:
        head = new[: new.index(" import ")]
        new = "\n".join([f"{head} import (", *(f"    {ast.unparse(alias)}," for alias in rest), ")"])
    lines[node.lineno - 1 : node.end_lineno] = new.split("\n")
    return "\n".join(lines)


def rename(source: str, names: Mapping[str, str]) -> str:
    """Rename top-level definitions and every use of them; attributes, arguments and texts stay.

    Raises: UsageError for a use that cannot be found in the text (older Pythons misplace what stands in f-strings).
    """
    places: list[tuple[int, int, str]] = []
    lines = source.split("\n")
    for node in ast.walk(parse_module(source)):
        if isinstance(node, ast.Name) and node.id in names:
            before = lines[node.lineno - 1].encode()[: node.col_offset].decode()
            places.append((node.lineno, len(before), node.id))
        elif isinstance(node, Function | ast.ClassDef) and node.name in names and not node.col_offset:
            places.append((node.lineno, lines[node.lineno - 1].index(node.name), node.name))
    for number, column, name in sorted(places, reverse=True):
        line = lines[number - 1]
        if not line[column:].startswith(name):
            raise UsageError(
                f"line {number} uses {name} where it cannot be renamed; take it out of the f-string"
            )
        lines[number - 1] = line[:column] + names[name] + line[column + len(name) :]
    return "\n".join(lines)
