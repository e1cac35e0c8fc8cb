"""Where each task symbol is defined in a program (notebook, solution.py, package file), and what must run
for it.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from autograder.course.symbol import Symbol
from autograder.intake.program.slices import Line, Program, Slicer
from autograder.intake.program.stubs import defines, is_reimport


@dataclass(frozen=True)
class Target:
    """The top-level part of a task's symbols.

    methods: the task's methods, empty when all of it is the task.
    """

    task: str
    symbol: Symbol
    methods: frozenset[str]

    @property
    def name(self) -> str:
        return self.symbol.name


def targets_of(task_id: str, symbols: Iterable[Symbol]) -> list[Target]:
    """One target for each top-level name of a task."""
    methods: dict[Symbol, set[str]] = {}
    for symbol in symbols:
        methods.setdefault(symbol.top, set()).update([symbol.method] if symbol.method else [])
    return [Target(task_id, symbol, frozenset(names)) for symbol, names in methods.items()]


@dataclass(frozen=True)
class Placement:
    """Where a target is defined.

    position: the statement that counts. in_cell: it stands in the task's own cell. later: the position of a
    further definition that does not count because of that. direct: statements that set the symbol on its
    module themselves.
    """

    position: int
    in_cell: bool = False
    later: int | None = None
    direct: tuple[int, ...] = ()


def locate(lines: Sequence[Line], target: Target) -> Placement | None:
    """The definition that counts: in the task's cell, else the last one.

    Stubs and re-imports do not count.
    """
    binders = [position for position, line in enumerate(lines) if target.name in line.facts.binds]
    real = [p for p in binders if defines(lines[p].facts.node, target.name, target.methods)]
    own = [p for p in real if target.task in lines[p].chunk.ids]
    if own:
        return Placement(own[-1], True, real[-1] if real[-1] > own[-1] else None)
    if real:
        return Placement(real[-1])
    changed = [p for p, line in enumerate(lines) if _fills_class(line, target)]
    if changed and binders and binders[0] <= changed[-1]:
        return Placement(changed[-1], target.task in lines[changed[-1]].chunk.ids)
    aliases = _module_aliases(lines)
    direct = tuple(p for p, line in enumerate(lines) if _sets_on_module(line, target, aliases))
    if direct:
        return Placement(direct[-1], target.task in lines[direct[-1]].chunk.ids, None, direct)
    return None


def hidden_binders(lines: Sequence[Line], target: Target, placement: Placement) -> set[int]:
    """Later bindings of the name that must not replace the definition that counts."""
    if placement.direct or target.name not in lines[placement.position].facts.binds:
        return {
            p for p, line in enumerate(lines)
            if p > placement.position and is_reimport(line.facts.node, target.name)
        }  # fmt: skip
    return {
        p for p, line in enumerate(lines)
        if p > placement.position and target.name in line.facts.binds
    }  # fmt: skip


def _fills_class(line: Line, target: Target) -> bool:
    """`Net.forward = f`, `setattr(Net, ...)`, `@add_to(Net)`: work, even when the class itself is the
    stub.
    """
    if not _is_class_name(target.name) or target.name not in line.facts.changes:
        return False
    attributes = {attribute for dotted, attribute, _ in line.facts.sets if dotted == target.name}
    return not attributes or not target.methods or bool(attributes & target.methods)


def _is_class_name(name: str) -> bool:
    return name[:1].isupper()


def _module_aliases(lines: Sequence[Line]) -> dict[str, str]:
    """Name -> dotted module of every import."""
    aliases: dict[str, str] = {}
    for line in lines:
        for node in ast.walk(line.facts.node):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    first = alias.name.split(".")[0]
                    aliases[alias.asname or first] = alias.name if alias.asname else first
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for alias in node.names:
                    aliases[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return aliases


def _sets_on_module(line: Line, target: Target, aliases: dict[str, str]) -> bool:
    for dotted, attribute, value in line.facts.sets:
        full = _full_name(dotted, aliases)
        is_symbol = full == target.symbol.module and attribute == target.name and value != target.name
        is_method = full == f"{target.symbol.module}.{target.name}" and (
            not target.methods or attribute in target.methods
        )
        if is_symbol or is_method:
            return True
    return False


def _full_name(dotted: str, aliases: dict[str, str]) -> str:
    root, dot, rest = dotted.partition(".")
    return aliases.get(root, root) + dot + rest


def handed_over(lines: Sequence[Line], targets: Sequence[Target]) -> set[int]:
    """Statements like `seminar.SeminarCNN = SeminarCNN`: they tell the library what the notebook holds.

    The handout does so for the cells that follow; a worker has its own way, and must not be given a stub.
    """
    aliases = _module_aliases(lines)
    symbols = {(target.symbol.module, target.name) for target in targets}
    positions = set()
    for position, line in enumerate(lines):
        sets = line.facts.sets
        if sets and all(
            (_full_name(d, aliases), name) in symbols and name == value for d, name, value in sets
        ):
            positions.add(position)
    return positions


@dataclass(frozen=True)
class Part:
    """One statement to execute: its line and the names of task symbols to bind after it."""

    line: Line
    source: str
    first_line: int
    binds: tuple[str, ...]


def extract(
    program: Program,
    placed: Sequence[tuple[Target, Placement]],
    targets: Sequence[Target],
    helpers: Collection[str] = (),
) -> list[Part]:
    """The statements that must run for the targets (and for `helpers`, names wanted elsewhere).

    Raises: Rejected.
    """
    lines = program.lines
    hidden: dict[str, set[int]] = defaultdict(set)
    extra: list[int] = []
    names: list[str] = list(helpers)
    for target, placement in placed:
        hidden[target.name] |= hidden_binders(lines, target, placement)
        if placement.direct:
            extra += placement.direct
        else:
            names.append(target.name)
    parts = []
    bindable = [target for target, placement in placed if not placement.direct]
    for position in Slicer(lines, hidden, handed_over(lines, targets)).slice(names, extra):
        line = lines[position]
        source, first_line = program.statement_source(line)
        binds = tuple(
            target.name
            for target in bindable
            if target.name in line.facts.binds and position not in hidden[target.name]
        )
        parts.append(Part(line, source, first_line, binds))
    return parts + [
        _direct_part(program, target, placement) for target, placement in placed if placement.direct
    ]


def _direct_part(program: Program, target: Target, placement: Placement) -> Part:
    """The symbol was set on its module: fetch it from there, so that it can be bound like any other."""
    line = program.lines[placement.position]
    source = f"from {target.symbol.module} import {target.name}"
    return Part(line, source, line.first_line, (target.name,))


def imported_from(parts: Sequence[Part], module: str) -> set[str]:
    """Names that the statements import from `module` ("*" for all of it)."""
    names: set[str] = set()
    for part in parts:
        for node in ast.walk(part.line.facts.node):
            if isinstance(node, ast.ImportFrom) and node.module == module and not node.level:
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.Import) and any(alias.name == module for alias in node.names):
                names.add("*")
    return names
