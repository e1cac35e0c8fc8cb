"""The student's own modules: what `import *` brings from them, and what imports and calls of them change."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from autograder.intake.encodings import decode
from autograder.intake.program.index import Index, module_aliases
from autograder.intake.program.lines import Chunk, Line, Program, StarNames

MAX_DEPTH = 20


@dataclass
class OwnModules:
    """`files`: path from the top of the upload -> bytes; those that are no modules do not matter."""

    files: Mapping[str, bytes]
    _programs: dict[str, Program | None] = field(default_factory=dict)

    def star_names(self, module: str, depth: int = 0) -> StarNames | None:
        """What `from module import *` brings; None for a module that is not the student's."""
        path = self._path(module)
        program = None if path is None else self._program(path)
        if program is None or depth > MAX_DEPTH:
            return None
        names: dict[str, None] = {}
        listed: list[str] | None = None
        is_whole = True
        for line in program.lines:
            node = line.facts.node
            listed = _listed(node) or listed
            if line.facts.star and isinstance(node, ast.ImportFrom):
                inner = self.star_names("." * node.level + (node.module or ""), depth + 1)
                names |= dict.fromkeys(inner.names if inner else ())
                is_whole = is_whole and inner is not None and inner.is_whole
            names |= dict.fromkeys(sorted(line.facts.binds))
            is_whole = is_whole and all(line.facts.binds.values())
        if listed is not None:
            return StarNames(tuple(listed))
        return StarNames(tuple(name for name in names if not name.startswith("_")), is_whole)

    @cached_property
    def names(self) -> frozenset[str]:
        """Names by which the modules, and the folders above them, can be imported."""
        return frozenset(part for path in self._paths for part in _parts(path))

    @cached_property
    def changers(self) -> frozenset[str]:
        """Functions that change something of their own module ("utils.register"), by every path to the module."""
        found: set[str] = set()
        for path in self._paths:
            program = self._program(path)
            if program is not None:
                changing = Index(program.lines).changing()
                found |= {f"{module}.{name}" for module in _modules(path) for name in changing}
        return frozenset(found)

    @cached_property
    def imports(self) -> Mapping[str, frozenset[str]]:
        """Module -> other own modules that it imports when it is imported: it may change them."""
        found: dict[str, frozenset[str]] = {}
        for path in self._paths:
            program = self._program(path)
            packages = (
                {name.split(".")[0] for name in module_aliases(program.lines).values()} if program else set()
            )
            others = frozenset(packages & self.names) - set(_parts(path))
            if others:
                found |= dict.fromkeys(_modules(path), others)
        return found

    def lines(self, module: str) -> tuple[Line, ...]:
        """The statements of an own module; () for any other."""
        path = self._path(module)
        program = None if path is None else self._program(path)
        return () if program is None else tuple(program.lines)

    @property
    def _paths(self) -> list[str]:
        return [path for path in self.files if path.endswith(".py")]

    def _path(self, module: str) -> str | None:
        wanted = module.lstrip(".").replace(".", "/")
        ends = (f"/{wanted}.py", f"/{wanted}/__init__.py")
        return next((path for path in self._paths if f"/{path}".endswith(ends)), None)

    def _program(self, path: str) -> Program | None:
        if path not in self._programs:
            program = Program()
            try:
                program.add(Chunk(decode(self.files[path]), path), skip_main=True)
            except (SyntaxError, RecursionError):
                self._programs[path] = None
            else:
                self._programs[path] = program
        return self._programs[path]


def _listed(node: ast.stmt) -> list[str] | None:
    """The names of `__all__ = [...]`."""
    match node:
        case ast.Assign(targets=[ast.Name(id="__all__")], value=ast.List(elts=items) | ast.Tuple(elts=items)):
            return [
                item.value for item in items if isinstance(item, ast.Constant) and isinstance(item.value, str)
            ]
    return None


def _parts(path: str) -> list[str]:
    return path.removesuffix(".py").removesuffix("/__init__").split("/")


def _modules(path: str) -> list[str]:
    """Names under which the module may be imported, from whatever folder."""
    parts = _parts(path)
    return [".".join(parts[start:]) for start in range(len(parts))]
