"""What one top-level statement binds, uses and changes: the facts that slicing works on.

Scopes come from the standard library's `symtable`, so they are the compiler's own; changes come from `ast`.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import re
import symtable
import warnings
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from autograder.intake.program.touches import (
    Function,
    Touches,
    constants,
    derived,
    flat,
    held_by_class,
    returned,
    touches,
)
from autograder.intake.program.written_files import written

EVALUATED_AT_ONCE = {"listcomp", "setcomp", "dictcomp", "genexpr"}
COMPOUND = (
    ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.TryStar, ast.With, ast.AsyncWith, ast.Match
)  # fmt: skip
FUTURE = "from __future__ import annotations"
BUILTINS = frozenset(dir(builtins))
# What IPython fills into the line of a magic: `$name` or `{name}`.
NAMED = re.compile(r"\$(\w+)|\{(\w+)\}")


@dataclass(frozen=True)
class Facts:
    """One top-level statement.

    binds: name -> whether it surely is bound (False inside if, for, try, with...).
    uses_now: names read when the statement runs; uses_later: names read when functions defined in it are
    called.
    fills: names that get an attribute or item, or are given to a decorator (`@add_to(Net)`).
    now: what the statement may change; later: what functions defined in it may change when they are called.
    derived: bound name -> names whose object it may be, or be a part of. constant: bound names that nothing can change.
    flat: those of which no part can be changed.
    writes_global: names that functions defined here write through `global`.
    called: functions and decorators that are called by a plain path ("torch.manual_seed").
    sets: (object, attribute, name of the value or "") of attribute assignments: `convolution.conv2d = fast` gives
    ("convolution", "conv2d", "fast").
    imports: name -> dotted path that it stands for, of imports anywhere in the statement.
    checks: tasks that are checked, casefolded (`hw_cnn.check("F1")`).
    star: whether it binds names that the text does not tell.
    writes: files that it may write; writes_later: those that functions defined in it may.
    """

    node: ast.stmt
    binds: Mapping[str, bool]
    uses_now: frozenset[str]
    uses_later: frozenset[str]
    fills: frozenset[str]
    now: Touches
    later: Touches
    derived: Mapping[str, frozenset[str]]
    constant: frozenset[str]
    flat: frozenset[str]
    writes_global: frozenset[str]
    called: frozenset[str]
    sets: frozenset[tuple[str, str, str]]
    star: bool
    imports: Mapping[str, str]
    checks: frozenset[str]
    writes: frozenset[str]
    writes_later: frozenset[str]


@dataclass
class _Scopes:
    assigned: set[str] = field(default_factory=set)
    now: set[str] = field(default_factory=set)
    later: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)


def parse(source: str) -> ast.Module:
    """Parse without warnings.

    Raises: SyntaxError for everything that is not Python, too deep nesting included.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(source)
        except (ValueError, RecursionError, MemoryError) as error:
            raise SyntaxError(str(error) or "nested too deeply") from error


def facts(
    node: ast.stmt, source: str, lazy_annotations: bool, symbols: Collection[str] = frozenset()
) -> Facts:
    """Facts about `node`, whose text is `source`. `symbols`: names of tasks.

    Raises: SyntaxError when it does not compile.
    """
    scopes = _scopes(node, source, lazy_annotations)
    inside = list(_evaluated(node))
    definite = not isinstance(node, COMPOUND)
    deleted = _deleted(inside)
    sure = dict.fromkeys(scopes.assigned - (deleted - BUILTINS) - _declared(inside), definite)
    for name in _walrus(inside) | _reflected(inside, scopes):
        sure[name] = False
    augmented = {
        item.target.id
        for item in inside
        if isinstance(item, ast.AugAssign) and isinstance(item.target, ast.Name)
    }
    running = [*inside, *_class_bodies(inside)]
    known = set(map(id, running))
    everything = list(ast.walk(node))
    inner = [item for item in everything if id(item) not in known]
    later = touches(inner, symbols).only(frozenset(scopes.later))
    now = touches(running, symbols)
    if now.runs and not (isinstance(node, Function | ast.ClassDef) and not node.decorator_list):
        now |= later  # a lambda may be called, a decorator may call what it is given
    return Facts(
        node=node,
        binds=sure,
        uses_now=frozenset(scopes.now | augmented | deleted),
        uses_later=frozenset(scopes.later),
        fills=now.stores | frozenset(_given_to_decorators(inside)),
        now=now,
        later=later,
        derived=derived(running, symbols) | _getter(node, scopes.later) | _holder(node, symbols),
        constant=constants(node),
        flat=flat(node),
        writes_global=frozenset(scopes.written),
        called=frozenset(filter(None, map(dotted, _called(running)))),
        sets=frozenset(_attribute_targets(inside)),
        star=any(map(_binds_anything, inside)),
        imports=dict(_imports(everything)),
        checks=frozenset(_checks(everything)),
        writes=written(running),
        writes_later=written(inner),
    )


def _scopes(node: ast.stmt, source: str, lazy_annotations: bool) -> _Scopes:
    text = f"{FUTURE}\n{source}" if lazy_annotations else source
    scopes = _Scopes()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            table = symtable.symtable(text, "<submission>", "exec")
        except SyntaxError:
            # `await` at top level is legal in a notebook only: fall back on every name that occurs.
            return _names_only(parse(source))
        except (ValueError, RecursionError, MemoryError) as error:
            raise SyntaxError(str(error) or "nested too deeply") from error
    for symbol in table.get_symbols():
        if symbol.is_assigned() or symbol.is_imported():
            scopes.assigned.add(symbol.get_name())
        if symbol.is_referenced():
            scopes.now.add(symbol.get_name())
    for child in table.get_children():
        _descend(child, scopes, later=False)
    if lazy_annotations:
        scopes.assigned.discard("annotations")
        scopes.later |= _annotation_names(node)
    return scopes


def _descend(table: symtable.SymbolTable, scopes: _Scopes, later: bool) -> None:
    kind = str(getattr(table.get_type(), "value", table.get_type()))
    if kind == "function" and table.get_name() not in EVALUATED_AT_ONCE:
        later = True
    used = scopes.later if later else scopes.now
    for symbol in table.get_symbols():
        # A class body may read a global before it binds the same name itself (`size = size`).
        if symbol.is_global() or (kind == "class" and symbol.is_referenced()):
            used.add(symbol.get_name())
        if symbol.is_global() and symbol.is_assigned():
            scopes.written.add(symbol.get_name())
    for child in table.get_children():
        _descend(child, scopes, later)


def _names_only(tree: ast.Module) -> _Scopes:
    scopes = _Scopes()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (scopes.now if isinstance(node.ctx, ast.Load) else scopes.assigned).add(node.id)
    return scopes


def _annotation_names(tree: ast.stmt) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        parts: list[ast.expr | None] = []
        if isinstance(node, ast.arg | ast.AnnAssign):
            parts = [node.annotation]
        elif isinstance(node, Function):
            parts = [node.returns]
        for part in parts:
            if part is not None:
                names |= {item.id for item in ast.walk(part) if isinstance(item, ast.Name)}
    return names


def _evaluated(node: ast.AST) -> Iterator[ast.AST]:
    """The node and everything below it that runs with it: not the bodies of functions and classes."""
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        if isinstance(current, Function):
            pending.extend([*current.decorator_list, *current.args.defaults])
            pending.extend(default for default in current.args.kw_defaults if default is not None)
        elif isinstance(current, ast.ClassDef):
            pending.extend(
                [*current.decorator_list, *current.bases, *(word.value for word in current.keywords)]
            )
        elif not isinstance(current, ast.Lambda):
            pending.extend(ast.iter_child_nodes(current))


def _deleted(inside: Sequence[ast.AST]) -> set[str]:
    """`del x` frees memory in a notebook; it is followed where it gives a builtin its name back (`del list`)."""
    gone = {target.id for item in inside if isinstance(item, ast.Delete) for target in item.targets
            if isinstance(target, ast.Name)}  # fmt: skip
    stored = {item.id for item in inside if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store)}
    return gone - stored


def _declared(inside: Sequence[ast.AST]) -> set[str]:
    """`x: int` alone binds nothing."""
    stored = Counter(
        item.id for item in inside if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store)
    )
    bare = [item.target for item in inside if isinstance(item, ast.AnnAssign) and item.value is None]
    return {target.id for target in bare if isinstance(target, ast.Name) and stored[target.id] == 1}


def _walrus(inside: Sequence[ast.AST]) -> set[str]:
    return {item.target.id for item in inside if isinstance(item, ast.NamedExpr)}


def _class_bodies(inside: Sequence[ast.AST]) -> Iterator[ast.AST]:
    """What runs when the classes among `inside` are made, below them."""
    for item in inside:
        if isinstance(item, ast.ClassDef):
            for statement in item.body:
                nodes = list(_evaluated(statement))
                yield from nodes
                yield from _class_bodies(nodes)


def _given_to_decorators(inside: Sequence[ast.AST]) -> Iterator[str]:
    for item in inside:
        if isinstance(item, Function | ast.ClassDef):
            for decorator in item.decorator_list:
                if isinstance(decorator, ast.Call):
                    yield from (argument.id for argument in decorator.args if isinstance(argument, ast.Name))


def _getter(node: ast.stmt, later: Collection[str]) -> dict[str, frozenset[str]]:
    names = returned(node) & frozenset(later)
    return {node.name: names} if isinstance(node, Function) and names else {}


def _holder(node: ast.stmt, symbols: Collection[str]) -> dict[str, frozenset[str]]:
    names = held_by_class(node, symbols)
    return {node.name: names} if isinstance(node, ast.ClassDef) and names else {}


def _reflected(inside: Sequence[ast.AST], scopes: _Scopes) -> set[str]:
    """Names that `globals()["name"] = value` and `exec("name = value")` bind; what the text reads joins `scopes`."""
    names: set[str] = set()
    for item in inside:
        match item:
            case ast.Subscript(
                value=ast.Call(func=ast.Name(id="globals")),
                slice=ast.Constant(value=str(name)),
                ctx=ast.Store(),
            ):
                names.add(name)
            case ast.Call(func=ast.Name(id="exec"), args=[ast.Constant(value=str(text))]):
                with contextlib.suppress(SyntaxError):
                    inner = _scopes(ast.Pass(), text, lazy_annotations=False)
                    names |= inner.assigned
                    scopes.now |= inner.now
                    scopes.later |= inner.later
            case ast.Call(func=ast.Attribute(attr="run_line_magic" | "magic"), args=arguments):
                texts = [part.value for part in arguments if isinstance(part, ast.Constant)]
                filled = NAMED.findall(" ".join(text for text in texts if isinstance(text, str)))
                scopes.now |= {name for pair in filled for name in pair if name}
    return names


def _binds_anything(node: ast.AST) -> bool:
    """`from module import *`, `exec(text)`, `globals()[name] = value`: what it binds is known when it has run."""
    match node:
        case ast.ImportFrom(names=[ast.alias(name="*")]):
            return True
        case ast.Call(func=ast.Name(id="exec"), args=[argument]):
            return not isinstance(argument, ast.Constant)
        case ast.Subscript(value=ast.Call(func=ast.Name(id="globals")), slice=key, ctx=ast.Store()):
            return not isinstance(key, ast.Constant)
        case ast.Attribute(value=ast.Call(func=ast.Name(id="globals")), attr="update" | "setdefault"):
            return True
    return False


def _imports(nodes: Sequence[ast.AST]) -> Iterator[tuple[str, str]]:
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.split(".")[0]
                yield alias.asname or first, alias.name if alias.asname else first
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            match node.targets, dotted(node.value.func), node.value.args:
                case (
                    [ast.Name(id=name)],
                    "__import__" | "import_module" | "importlib.import_module",
                    [ast.Constant(value=str(path))],
                ):
                    yield name, path


def _checks(nodes: Sequence[ast.AST]) -> Iterator[str]:
    for node in nodes:
        match node:
            case ast.Call(
                func=ast.Name(id="check") | ast.Attribute(attr="check"),
                args=[ast.Constant(value=str(task)), *_],
            ):
                yield task.casefold()


def _called(running: Sequence[ast.AST]) -> Iterator[ast.expr]:
    for item in running:
        if isinstance(item, ast.Call):
            yield item.func
        elif isinstance(item, Function | ast.ClassDef):
            yield from item.decorator_list


def dotted(node: ast.expr) -> str:
    """`torch.manual_seed` as text; "" for anything but names and dots."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def _attribute_targets(inside: Sequence[ast.AST]) -> Iterator[tuple[str, str, str]]:
    values = {
        id(target): value for item in inside if isinstance(item, ast.Assign) for target, value in _pairs(item)
    }
    for item in inside:
        if isinstance(item, ast.Attribute) and isinstance(item.ctx, ast.Store):
            yield ast.unparse(item.value), item.attr, values.get(id(item), "")


def _pairs(node: ast.Assign) -> Iterator[tuple[ast.expr, str]]:
    """Each target with the name that it is given; `a.x, b.y = p, q` is two pairs."""
    for target in node.targets:
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            couples = list(zip(target.elts, node.value.elts, strict=False))
        else:
            couples = [(target, node.value)]
        for place, value in couples:
            if isinstance(value, ast.Name):
                yield place, value.id
