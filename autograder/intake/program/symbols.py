"""Where each task symbol is defined in a program (notebook, solution.py, package file)."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from autograder.course.symbol import Symbol
from autograder.intake.program.ends import end_of, end_of_chunk
from autograder.intake.program.index import module_aliases
from autograder.intake.program.lines import Line
from autograder.intake.program.stubs import defines
from autograder.intake.program.touches import roots


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

    position: the statement that counts. end: position after the last statement that counts at once; what is read later
    has the value that it has there. in_cell: the definition stands in the task's own cell. later: the position of a
    further definition that does not count. direct: statements that set the symbol on its module themselves.
    """

    position: int
    end: int
    in_cell: bool = False
    later: int | None = None
    direct: tuple[int, ...] = ()


def locate(lines: Sequence[Line], target: Target) -> Placement | None:
    """The definition that counts: the last at or before the task's check, else the last one after it.

    Stubs and re-imports of the package do not count.
    """
    aliases = module_aliases(lines)

    def is_work(line: Line) -> bool:
        return target.name in line.facts.binds and defines(
            line.facts.node, target.name, target.methods, aliases
        )

    def extends(line: Line) -> bool:
        return _extends_class(line, target) or _fills_class(line, target)

    end = end_of(lines, target.task, is_work, extends)
    found = [position for position, line in enumerate(lines) if is_work(line)]
    if not found:
        binders = [position for position, line in enumerate(lines) if target.name in line.facts.binds]
        changed = [p for p, line in enumerate(lines) if _fills_class(line, target)]
        found = [p for p in changed if binders and binders[0] <= p]
    direct: tuple[int, ...] = ()
    if not found:
        found = [p for p, line in enumerate(lines) if _sets_on_module(line, target, aliases)]
        direct = tuple(position for position in found if position < end) or tuple(found)
    if not found:
        return None
    before = [position for position in found if position < end]
    position = (before or found)[-1]
    later = found[-1] if found[-1] > position and not direct else None
    end = max(end, end_of_chunk(lines, position)) if position >= end else end
    return Placement(position, end, target.task in lines[position].chunk.ids, later, direct)


def hidden_bindings(lines: Sequence[Line], targets: Iterable[Target]) -> dict[str, set[int]]:
    """Name -> positions that bind nothing: stubs and re-imports of the package, below a definition that counts.

    One above all definitions stays: a class that is written later may have it as its base.
    """
    aliases = module_aliases(lines)
    methods: dict[str, set[str]] = defaultdict(set)
    for target in targets:
        methods[target.name] |= target.methods
    hidden: dict[str, set[int]] = defaultdict(set)
    written: set[str] = set()
    for position, line in enumerate(lines):
        for name in line.facts.binds:
            if name not in methods:
                continue
            if defines(line.facts.node, name, methods[name], aliases):
                written.add(name)
            elif name in written:
                hidden[name].add(position)
        written |= {name for name in line.facts.now.stores if name in methods and _is_class_name(name)}
    return hidden


def _fills_class(line: Line, target: Target) -> bool:
    """`Net.forward = f`, `setattr(Net, ...)`, `@add_to(Net)`: work, even when the class itself is the
    stub.
    """
    if not _is_class_name(target.name) or target.name not in line.facts.fills:
        return False
    attributes = {attribute for dotted, attribute, _ in line.facts.sets if dotted == target.name}
    return not attributes or not target.methods or bool(attributes & target.methods)


def _extends_class(line: Line, target: Target) -> bool:
    """`class Net(Net)`: what was written before and more."""
    node = line.facts.node
    return (
        isinstance(node, ast.ClassDef)
        and node.name == target.name
        and any(target.name in roots(base) for base in node.bases)
    )


def _is_class_name(name: str) -> bool:
    return name[:1].isupper()


def _sets_on_module(line: Line, target: Target, aliases: Mapping[str, str]) -> bool:
    for dotted, attribute, value in line.facts.sets:
        full = _full_name(dotted, aliases)
        is_symbol = full == target.symbol.module and attribute == target.name and value != target.name
        is_method = full == f"{target.symbol.module}.{target.name}" and (
            not target.methods or attribute in target.methods
        )
        if is_symbol or is_method:
            return True
    return False


def _full_name(dotted: str, aliases: Mapping[str, str]) -> str:
    root, dot, rest = dotted.partition(".")
    return aliases.get(root, root) + dot + rest


def handed_over(lines: Sequence[Line], targets: Sequence[Target]) -> set[int]:
    """Statements like `seminar.SeminarCNN = SeminarCNN`: they tell the library what the notebook holds.

    The handout does so for the cells that follow; a worker has its own way, and must not be given a stub.
    """
    aliases = module_aliases(lines)
    symbols = {(target.symbol.module, target.name) for target in targets}
    positions = set()
    for position, line in enumerate(lines):
        sets = line.facts.sets
        if sets and all(
            (_full_name(d, aliases), name) in symbols and name == value for d, name, value in sets
        ):
            positions.add(position)
    return positions


def check_lines(lines: Sequence[Line], task_ids: Collection[str]) -> set[int]:
    """Statements of check cells, and other calls of the check."""
    ids = {task.casefold() for task in task_ids}
    return {position for position, line in enumerate(lines) if line.chunk.checks or line.facts.checks & ids}


def imported_from(lines: Iterable[Line], module: str) -> set[str]:
    """Names that the statements import from `module` ("*" for all of it)."""
    names: set[str] = set()
    for line in lines:
        for node in ast.walk(line.facts.node):
            if isinstance(node, ast.ImportFrom) and node.module == module and not node.level:
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.Import) and any(alias.name == module for alias in node.names):
                names.add("*")
    return names
