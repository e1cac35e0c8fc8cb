"""Who binds, changes and calls which name in a program: looked up once, for the slices of all tasks."""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cache, cached_property
from typing import Protocol

from autograder.intake.program.keepers import (
    bases,
    bound_calls,
    hooks_subclasses,
    keeps_calls,
    keeps_instances,
    remembers,
)
from autograder.intake.program.lines import Line
from autograder.intake.program.touches import (
    PURE_METHODS,
    Function,
    Touches,
    changed_defaults,
    changes_parameters,
)
from autograder.intake.program.written_files import Files

# Calls that change how everything after them behaves, and the package that they belong to.
DEFAULTS = frozenset(
    [
        "lightning.fabric.utilities.seed.seed_everything",
        "lightning.pytorch.seed_everything",
        "lightning.seed_everything",
        "numpy.random.seed",
        "os.chdir",
        "os.environ.setdefault",
        "os.environ.update",
        "os.putenv",
        "random.seed",
        "sys.path.append",
        "sys.path.extend",
        "sys.path.insert",
        "sys.setrecursionlimit",
        "torch.manual_seed",
        "torch.random.manual_seed",
        "torch.set_default_device",
        "torch.set_default_dtype",
        "torch.set_default_tensor_type",
        "torch.set_flush_denormal",
        "torch.set_grad_enabled",
        "torch.use_deterministic_algorithms",
    ]
)
SEEDS = frozenset(name for name in DEFAULTS if name.endswith("seed") or name.endswith("seed_everything"))
CHANGING_MAGICS = frozenset(["cd", "env", "popd", "pushd", "set_env"])
# Where modules and files are looked for concerns every statement.
PLACES = frozenset(["sys", "os", ""])


class Own(Protocol):
    """What is known of the student's own modules."""

    @property
    def names(self) -> Collection[str]: ...
    @property
    def changers(self) -> Collection[str]: ...
    @property
    def imports(self) -> Mapping[str, Collection[str]]: ...


class Index:
    """Positions of statements by the names that they concern.

    Args:
        hidden: name -> positions whose binding of it does not count (stubs, re-imports of the package).
        inert: positions whose changes do not count (check cells, what hands a symbol to the library).
        own: what is known of the student's own modules.
    """

    def __init__(
        self,
        lines: Sequence[Line],
        symbols: Collection[str] = (),
        hidden: Mapping[str, Collection[int]] | None = None,
        inert: Collection[int] = (),
        own: Own | None = None,
    ) -> None:
        self.lines = lines
        self.stars = [position for position, line in enumerate(lines) if line.facts.star]
        self.aliases = module_aliases(lines)
        self._symbols = frozenset(symbols)
        self._inert = frozenset(inert)
        self._own = own
        self._binders: dict[str, list[int]] = defaultdict(list)
        self._sure: set[tuple[str, int]] = set()
        self._stores: dict[str, list[int]] = defaultdict(list)
        self._reached: dict[str, list[int]] = defaultdict(list)
        self._called: dict[str, list[int]] = defaultdict(list)
        self._other_names: dict[str, set[str]] = defaultdict(set)
        self._callers: dict[str, set[str]] = defaultdict(set)
        self._changed_by: dict[str, set[str]] = defaultdict(set)
        self._written_by: dict[str, set[str]] = defaultdict(set)
        self._functions: set[str] = set()
        self._change_arguments: set[str] = set()
        self._bases: dict[str, set[str]] = defaultdict(set)
        self._subclasses: dict[str, set[str]] = defaultdict(set)
        self._subclassed: dict[str, list[int]] = defaultdict(list)
        self._hooks: set[str] = set()
        self._keep_calls: set[str] = set()
        self._bound_calls: set[str] = set()
        self._applied: dict[str, list[int]] = defaultdict(list)
        self._lists_subclasses = any("__subclasses__" in line.source for line in lines)
        self._flat = _flat(lines)
        for position, line in enumerate(lines):
            self._add(position, line, hidden or {})
        self._files = Files(file for line in lines for file in line.facts.writes | line.facts.writes_later)
        # Asked again and again; each index remembers for itself, so that nothing outlives it.
        self.writers: Callable[[str], list[int]] = cache(self._find_writers)
        self.changers: Callable[[str], list[int]] = cache(self._find_changers)
        self.files: Callable[[int], frozenset[str]] = cache(self._find_files)
        self.state_changes = list(self._state_changes())

    def _add(self, position: int, line: Line, hidden: Mapping[str, Collection[int]]) -> None:
        facts, node = line.facts, line.facts.node
        for name, sure in facts.binds.items():
            if position not in hidden.get(name, ()):
                self._binders[name].append(position)
                if sure:
                    self._sure.add((name, position))
        for name, others in facts.derived.items():
            if name in self.aliases:
                continue  # a module does not keep what its functions are given
            for other in others:
                self._other_names[other].add(name)
                self._callers[other].add(name)
        if isinstance(node, Function | ast.ClassDef):
            self._add_definition(node)
        if isinstance(node, ast.ClassDef):
            self._add_class(position, node)
        for name in facts.binds:
            for changed in self._changed(facts.later):
                self._changed_by[changed].add(name)
            for called in facts.later.called:
                self._callers[called].add(name)
            for written in facts.writes_global:
                self._written_by[written].add(name)
            for file in facts.writes_later:
                self._changed_by[file].add(name)
        self._bound_calls |= bound_calls(node)
        if position in self._inert:
            return
        for name in facts.called:
            self._applied[name].append(position)
        for name in facts.now.stores | facts.writes:
            self._stores[name].append(position)
        for name in self._changed(facts.now) - facts.now.stores:
            self._reached[name].append(position)
        for name in facts.now.called:
            self._called[name].append(position)

    def _changed(self, found: Touches) -> frozenset[str]:
        """What may be changed: no part of an object that holds but numbers and texts."""
        return found.all - (found.parts & self._flat - found.passed - found.receivers - found.stores)

    def _add_definition(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        if not isinstance(node, ast.ClassDef):
            self._functions.add(node.name)
        for changed in changed_defaults(node):
            self._changed_by[changed].add(node.name)
        if remembers(node):
            self._changed_by[node.name].add(node.name)
        if changes_parameters(node):
            self._change_arguments.add(node.name)
        if keeps_calls(node):
            self._keep_calls.add(node.name)

    def _add_class(self, position: int, node: ast.ClassDef) -> None:
        if hooks_subclasses(node) or self._lists_subclasses:
            self._hooks.add(node.name)
        if keeps_instances(node):
            self._changed_by[node.name].add(node.name)
        for base in bases(node) - {node.name}:
            self._bases[node.name].add(base)
            self._subclasses[base].add(node.name)
            self._subclassed[base].append(position)
            self._callers[base].add(node.name)

    def _state_changes(self) -> Iterator[tuple[int, str, bool]]:
        """(position, package, whether it only seeds) of what changes a module or how all else behaves."""
        for position, line in enumerate(self.lines):
            if position in self._inert:
                continue
            for name in line.facts.now.stores:
                if name in self.aliases:
                    yield position, self.aliases[name].split(".")[0], False
            for path in line.facts.called:
                full = self.full_name(path)
                if full in DEFAULTS:
                    yield position, full.split(".")[0], full in SEEDS
            if self._own is not None:
                for package in self._changed_own(line, self._own):
                    yield position, package, False
            if _changes_surroundings(line.facts.node):
                yield position, "", False
        for name, path in self.aliases.items():
            # What changes an object by this name changes the module that it stands in.
            if self._is_own(path) and not self._is_own(path.split(".")[-1]):
                for position in self.changers(name):
                    yield position, path.split(".")[0], False

    def _changed_own(self, line: Line, own: Own) -> Iterator[str]:
        """Own modules that a statement may change: by a function of theirs, by a method of something that stands in
        them (`utils.KINDS.update`), by importing another one that uses them.
        """
        for path in line.facts.called:
            full, names = self.full_name(path), path.split(".")
            is_object = len(names) > 2 and names[-1] not in PURE_METHODS and self._is_own(full)
            if full in own.changers or is_object:
                yield full.split(".")[0]
        for module in _imported(line.facts.node):
            yield from own.imports.get(module, ())

    def _is_own(self, module: str) -> bool:
        return self._own is not None and module.split(".")[0] in self._own.names

    def full_name(self, path: str) -> str:
        """`F.relu` with the module that F stands for."""
        root, dot, rest = path.partition(".")
        return self.aliases.get(root, root) + dot + rest

    def binders(self, name: str) -> list[int]:
        """Positions that bind it, in order."""
        return self._binders.get(name, [])

    def reaching(self, name: str, place: int) -> list[int]:
        """The binders that can have given `name` the value that it has at `place`, the last first."""
        binders = self.binders(name)
        return self._until_sure(name, reversed(binders[: bisect_left(binders, place)]))

    def after(self, name: str, place: int) -> list[int]:
        """The same among the binders from `place` on, as the last of them leaves it."""
        binders = self.binders(name)
        return self._until_sure(name, reversed(binders[bisect_left(binders, place) :]))

    def _until_sure(self, name: str, positions: Iterator[int]) -> list[int]:
        found = []
        for position in positions:
            found.append(position)
            if (name, position) in self._sure:
                break
        return found

    def _find_writers(self, name: str) -> list[int]:
        """Positions that call something which writes the global `name`."""
        return self._calls_of(self._closure(self._written_by.get(name, ()), self._callers))

    def _find_changers(self, name: str) -> list[int]:
        """Positions that may change the object of `name`."""
        own = frozenset([name])
        # Who is given a function keeps it, at most.
        names = own if name in self._functions else own | self._closure(own, self._other_names)
        found = {position for other in names for position in self._stores.get(other, ())}
        for other in names:
            found.update(p for p in self._reached.get(other, ()) if self._may_reach(other, p))
        for other in names & self._bound_calls:
            found.update(self._applied[other])
        if self._closure([name], self._bases) & self._hooks:
            found.update(p for c in self._closure([name], self._subclasses) for p in self._subclassed[c])
        changing = {caller for other in names for caller in self._changed_by.get(other, ())}
        changing |= names & self._changed_by_calls
        found.update(self._calls_of(self._closure(changing, self._callers)))
        return sorted(found)

    def _find_files(self, position: int) -> frozenset[str]:
        """Files that the program writes and the statement at `position` may read; `changers` tells who writes them."""
        return frozenset(self._files.named(self.lines[position].facts.node))

    def _may_reach(self, name: str, position: int) -> bool:
        """A function, or a task's symbol, is changed by a method or by an own function that changes its arguments."""
        now = self.lines[position].facts.now
        if name in self._symbols:
            return name in now.passed and bool(now.called & self._change_arguments)
        if name in self._functions:
            return name in now.receivers or bool(now.called & self._change_arguments)
        return True

    @cached_property
    def _changed_by_calls(self) -> frozenset[str]:
        """Names of objects that a call of them may change."""
        return self._closure(self._keep_calls, self._other_names) - self._keep_calls

    def _calls_of(self, names: Collection[str]) -> list[int]:
        return sorted({position for name in names for position in self._called.get(name, ())})

    def _closure(self, names: Collection[str], edges: Mapping[str, Collection[str]]) -> frozenset[str]:
        """`names` and what follows from them; tasks' symbols lead nowhere."""
        found = set(names) - self._symbols
        pending = list(names)
        while pending:
            for other in edges.get(pending.pop(), ()):
                if other not in found and other not in self._symbols:
                    found.add(other)
                    pending.append(other)
        return frozenset(found)

    def changing(self) -> frozenset[str]:
        """Names of functions and classes that change something of this program when they are called."""
        changed = {
            caller for name, callers in self._changed_by.items() if self.binders(name) for caller in callers
        }
        written = {caller for callers in self._written_by.values() for caller in callers}
        return self._closure(changed | written, self._callers)

    def is_made(self, name: str, position: int) -> bool:
        """Whether a statement makes the object that it binds to `name`, one that can be changed."""
        facts = self.lines[position].facts
        match facts.node:
            case ast.Import():
                return False
            case ast.ImportFrom(module=module):
                return self._is_own(module or "")
        return name not in facts.constant

    def packages(self, position: int) -> frozenset[str]:
        """Packages that a statement imports from."""
        return frozenset(path.split(".")[0] for path in self.lines[position].facts.imports.values())


def _flat(lines: Sequence[Line]) -> frozenset[str]:
    """Names that are bound only to what holds numbers and texts, and gets no other values later."""
    flat = {name for line in lines for name in line.facts.flat}
    for line in lines:
        facts = line.facts
        flat -= (
            {name for name in facts.binds if name not in facts.flat} | facts.now.stores | facts.later.stores
        )
    return frozenset(flat)


def module_aliases(lines: Sequence[Line]) -> dict[str, str]:
    """Name -> dotted module of every import."""
    return {name: path for line in lines for name, path in line.facts.imports.items()}


def _imported(node: ast.stmt) -> list[str]:
    """Modules that a statement imports."""
    match node:
        case ast.Import(names=aliases):
            return [alias.name for alias in aliases]
        case ast.ImportFrom(module=str(module), names=aliases):
            return [module, *(f"{module}.{alias.name}" for alias in aliases)]
    return []


def _changes_surroundings(node: ast.stmt) -> bool:
    """`%cd src`, `%env NAME=1`, as IPython writes them now and wrote them in older exports."""
    match node:
        case ast.Expr(
            value=ast.Call(func=ast.Attribute(attr="run_line_magic"), args=[ast.Constant(value=name), *_])
        ):
            return name in CHANGING_MAGICS
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="magic"), args=[ast.Constant(value=str(text))])):
            return text.strip().removeprefix("%").split(" ")[0] in CHANGING_MAGICS
    return False
