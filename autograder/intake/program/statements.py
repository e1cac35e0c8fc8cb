"""What one top-level statement binds, uses and changes: the facts that slicing works on.

Scopes come from the standard library's `symtable`, so they are the compiler's own; changes come from `ast`.
"""

from __future__ import annotations

import ast
import symtable
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

# Methods that change a list, dict or set in place. Others (`trainer.fit`, `net.train`) are not followed: a
# training
# cell must cost nothing.
MUTATORS = frozenset(
    [
        "add",
        "append",
        "clear",
        "discard",
        "extend",
        "insert",
        "pop",
        "popitem",
        "remove",
        "reverse",
        "setdefault",
        "sort",
        "update",
    ]
)
EVALUATED_AT_ONCE = {"listcomp", "setcomp", "dictcomp", "genexpr"}
COMPOUND = (
    ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.TryStar, ast.With, ast.AsyncWith, ast.Match
)  # fmt: skip
FUTURE = "from __future__ import annotations"

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Facts:
    """One top-level statement.

    binds: name -> whether it surely is bound (False inside if, for, try, with...).
    uses_now: names read when the statement runs; uses_later: names read when functions defined in it are
    called.
    changes: names whose object is changed in place (`Net.forward = f`, `d[k] = v`, `items.append(1)`).
    writes_global: names that functions defined here write through `global`. calls: plain names called here.
    sets: (object, attribute, name of the value or "") of attribute assignments: `convolution.conv2d = fast` gives
    ("convolution", "conv2d", "fast").
    """

    node: ast.stmt
    binds: Mapping[str, bool]
    uses_now: frozenset[str]
    uses_later: frozenset[str]
    changes: frozenset[str]
    writes_global: frozenset[str]
    calls: frozenset[str]
    sets: frozenset[tuple[str, str, str]]
    star: bool


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


def facts(node: ast.stmt, source: str, lazy_annotations: bool) -> Facts:
    """Facts about `node`, whose text is `source`. Raises: SyntaxError when it does not compile."""
    scopes = _scopes(node, source, lazy_annotations)
    inside = list(_evaluated(node))
    definite = not isinstance(node, COMPOUND)
    sure = dict.fromkeys(scopes.assigned - _deleted(inside) - _declared(inside), definite)
    for name in _walrus(inside):
        sure[name] = False
    augmented = {
        item.target.id
        for item in inside
        if isinstance(item, ast.AugAssign) and isinstance(item.target, ast.Name)
    }
    return Facts(
        node=node,
        binds=sure,
        uses_now=frozenset(scopes.now | augmented),
        uses_later=frozenset(scopes.later),
        changes=frozenset(_changes(inside)),
        writes_global=frozenset(scopes.written),
        calls=frozenset(
            item.func.id for item in inside if isinstance(item, ast.Call) and isinstance(item.func, ast.Name)
        ),
        sets=frozenset(_attribute_targets(inside)),
        star=any(isinstance(item, ast.ImportFrom) and item.names[0].name == "*" for item in inside),
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
    """`del x` frees memory in a notebook; it is not followed."""
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


def _changes(inside: Sequence[ast.AST]) -> Iterator[str]:
    for item in inside:
        if isinstance(item, ast.Attribute | ast.Subscript) and isinstance(item.ctx, ast.Store | ast.Del):
            yield from _root(item)
        elif isinstance(item, ast.Call):
            if isinstance(item.func, ast.Attribute) and item.func.attr in MUTATORS:
                yield from _root(item.func.value)
            elif isinstance(item.func, ast.Name) and item.func.id in ("setattr", "delattr") and item.args:
                yield from _root(item.args[0])
        elif isinstance(item, Function | ast.ClassDef):
            # `@add_to(Net)`: a decorator that is given an object may change it.
            for decorator in item.decorator_list:
                if isinstance(decorator, ast.Call):
                    for argument in decorator.args:
                        yield from _root(argument)


def _root(node: ast.AST) -> Iterator[str]:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id


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
