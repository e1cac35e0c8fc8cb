"""Who binds, changes and calls which name in a program: looked up once, for the slices of all tasks."""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from typing import Protocol

from autograder.intake.program.lines import Line
from autograder.intake.program.touches import PURE_METHODS, Function, changes_parameters, hooks_subclasses

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
        self._hook_subclasses: set[str] = set()
        for position, line in enumerate(lines):
            self._add(position, line, hidden or {})
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
        for name, others in facts.methods.items():
            for other in others:
                self._changed_by[other].add(name)
        if isinstance(node, Function | ast.ClassDef):
            self._add_definition(node)
        for name in facts.binds:
            for changed in facts.later.all:
                self._changed_by[changed].add(name)
            for called in facts.later.called:
                self._callers[called].add(name)
            for written in facts.writes_global:
                self._written_by[written].add(name)
        if position in self._inert:
            return
        for name in facts.now.stores:
            self._stores[name].append(position)
        for name in facts.now.receivers | facts.now.passed:
            self._reached[name].append(position)
        for name in facts.now.called:
            self._called[name].append(position)

    def _add_definition(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        if not isinstance(node, ast.ClassDef):
            self._functions.add(node.name)
        if changes_parameters(node):
            self._change_arguments.add(node.name)
        if hooks_subclasses(node):
            self._hook_subclasses.add(node.name)

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
            if _changes_folder(line.facts.node):
                yield position, "", False

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

    @cache  # noqa: B019
    def writers(self, name: str) -> list[int]:
        """Positions that call something which writes the global `name`."""
        return self._calls_of(self._closure(self._written_by.get(name, ()), self._callers))

    @cache  # noqa: B019 -- an index lives as long as one reading
    def changers(self, name: str) -> list[int]:
        """Positions that may change the object of `name`."""
        own = frozenset([name])
        names = own | self._closure(own, self._other_names)
        found = {position for other in names for position in self._stores.get(other, ())}
        for other in names:
            found.update(p for p in self._reached.get(other, ()) if self._may_reach(other, p))
        if name in self._hook_subclasses:
            found.update(p for p in self._called.get(name, ()) if self._subclasses(p, name))
        changing = {caller for other in names for caller in self._changed_by.get(other, ())}
        found.update(self._calls_of(self._closure(changing, self._callers)))
        return sorted(found)

    def _may_reach(self, name: str, position: int) -> bool:
        """A function, or a task's symbol, is changed by a method or by an own function that changes its arguments."""
        now = self.lines[position].facts.now
        if name in self._symbols:
            return name in now.passed and bool(now.called & self._change_arguments)
        if name in self._functions:
            return name in now.receivers or bool(now.called & self._change_arguments)
        return True

    def _subclasses(self, position: int, name: str) -> bool:
        node = self.lines[position].facts.node
        return isinstance(node, ast.ClassDef) and node.name != name

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

    @cache  # noqa: B019
    def packages(self, position: int) -> frozenset[str]:
        """Packages that a statement imports from."""
        return frozenset(path.split(".")[0] for path in self.lines[position].facts.imports.values())


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


def _changes_folder(node: ast.stmt) -> bool:
    """`%cd src`, as IPython writes it now and wrote it in older exports."""
    match node:
        case ast.Expr(
            value=ast.Call(func=ast.Attribute(attr="run_line_magic"), args=[ast.Constant(value="cd"), *_])
        ):
            return True
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="magic"), args=[ast.Constant(value=str(text))])):
            return text.strip().removeprefix("%").split(" ")[0] == "cd"
    return False
