"""Whose code a module of `hw_cnn` can run: what it imports, what those import, and so on. Nothing is imported here."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from functools import cache


class Reach:
    """The imports of a package, read from its files ("hw_cnn/models/vgg.py" -> bytes).

    A constant like "hw_cnn.models.vgg.VGG" counts as an import too: tables of names are how the package imports late.
    So do imports that only type checkers see; what is found may be too much, and is never too little, for code that
    does not put names of modules together.
    """

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._sources = {
            name.removesuffix(".py").removesuffix("/__init__").replace("/", "."): data.decode()
            for name, data in files.items()
            if name.endswith(".py")
        }
        self._imports = cache(lambda module: frozenset(self.named_in(self._sources[module])))

    def of(self, modules: Iterable[str]) -> frozenset[str]:
        """The modules themselves and everything behind them."""
        reached: set[str] = set()
        pending = [module for module in modules if module in self._sources]
        while pending:
            module = pending.pop()
            if module not in reached:
                reached.add(module)
                pending += self._imports(module)
        return frozenset(reached)

    def behind(self, modules: Iterable[str]) -> frozenset[str]:
        """What the modules import, and everything behind that."""
        return self.of(
            other for module in modules if module in self._sources for other in self._imports(module)
        )

    def used_by(self, module: str, names: Iterable[str]) -> frozenset[str]:
        """The names defined at the top of a module that code of `names` can use there; these are among them."""
        definitions: dict[str, list[ast.stmt]] = {}
        for statement in ast.parse(self._sources[module]).body:
            for name in _bound_by(statement):
                definitions.setdefault(name, []).append(statement)
        used: set[str] = set()
        pending = [name for name in names if name in definitions]
        while pending:
            name = pending.pop()
            if name not in used:
                used.add(name)
                inside = (node for statement in definitions[name] for node in ast.walk(statement))
                pending += [
                    node.id for node in inside if isinstance(node, ast.Name) and node.id in definitions
                ]
        return frozenset(used)

    def named_in(self, source: str) -> set[str]:
        """Modules of the package that a source imports or names."""
        named: set[str] = set()
        for node in ast.walk(ast.parse(source)):
            for name in _names(node):
                parts = name.split(".")
                # The longest part of it that is a module: "hw_cnn.models.vgg" of "hw_cnn.models.vgg.VGG".
                heads = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
                named |= {next((head for head in heads if head in self._sources), "")} - {""}
        return named


def _bound_by(statement: ast.stmt) -> set[str]:
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.Import() | ast.ImportFrom():
            return set()
    return {
        node.id
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def _names(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Import():
            yield from (alias.name for alias in node.names)
        case ast.ImportFrom(module=str(module), level=0):
            yield from (f"{module}.{alias.name}" for alias in node.names)
        case ast.Constant(value=str(text)):
            yield text.strip().partition(":")[0]
