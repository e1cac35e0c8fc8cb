"""Which objects a piece of code may change, by the names that it reaches them by.

Read from the syntax alone, and rather too much than too little: a statement that may change something is tried before
it counts. Mentioning a module (`torch.relu(x)`) changes nothing of it; what is passed to it may be changed.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

Function = ast.FunctionDef | ast.AsyncFunctionDef
# Builtins that leave what they are given as it is.
PURE = frozenset(
    {
        "abs",
        "all",
        "any",
        "bool",
        "callable",
        "dir",
        "display",
        "divmod",
        "float",
        "format",
        "getattr",
        "globals",
    }
    | {
        "hasattr",
        "hash",
        "help",
        "id",
        "int",
        "isinstance",
        "issubclass",
        "len",
        "locals",
        "max",
        "min",
        "print",
    }
    | {"range", "repr", "round", "str", "sum", "super", "tuple", "type"}
)
# Methods that leave the object alone. Others may change it, whatever it is.
PURE_METHODS = frozenset(
    {
        "copy",
        "count",
        "endswith",
        "format",
        "get",
        "index",
        "items",
        "join",
        "keys",
        "lower",
        "numel",
        "replace",
    }
    | {"size", "split", "startswith", "strip", "upper", "values"}
)
# Methods that change the object. `Thread(target=items.append)` hands over more than a part of it.
CHANGING_METHODS = frozenset(
    {
        "__setitem__",
        "add",
        "append",
        "appendleft",
        "clear",
        "discard",
        "extend",
        "insert",
        "pop",
        "put",
        "register",
        "remove",
        "setdefault",
        "update",
    }
)
NAMESPACES = ("dict", "Namespace", "SimpleNamespace")
PARTS = (ast.Attribute, ast.Subscript)
# Of these, the value holds nothing of what they were given.
PURE_VALUES = PURE - {"abs", "getattr", "max", "min", "sum", "super"}
# Of a call with more arguments, none is thought to keep another.
MAX_KEEPERS = 8
IMMUTABLE_CALLS = frozenset(
    ["bool", "float", "frozenset", "int", "len", "range", "round", "str", "torch.device"]
)


@dataclass(frozen=True)
class Touches:
    """Names of which the object may be changed, and how.

    stores: by an assignment or `del` of an attribute or item, by `setattr`, by `vars(x).update`, by `x += ...`.
    receivers: by a method of it. passed: by a function that is given it; parts: by one that is given a part of it.
    called: what is called, used as a decorator or a base class, or mentioned where anything is called: its body may
    run. runs: whether anything is called at all.
    """

    stores: frozenset[str] = frozenset()
    receivers: frozenset[str] = frozenset()
    passed: frozenset[str] = frozenset()
    called: frozenset[str] = frozenset()
    runs: bool = False
    parts: frozenset[str] = frozenset()

    @property
    def all(self) -> frozenset[str]:
        """Names of which the object may be changed."""
        return self.stores | self.receivers | self.passed | self.parts

    def only(self, names: frozenset[str]) -> Touches:
        """The same for these names alone, such as the global ones of a function's body."""
        return Touches(
            self.stores & names,
            self.receivers & names,
            self.passed & names,
            self.called & names,
            self.runs,
            self.parts & names,
        )

    def __or__(self, other: Touches) -> Touches:
        return Touches(
            self.stores | other.stores,
            self.receivers | other.receivers,
            self.passed | other.passed,
            self.called | other.called,
            self.runs or other.runs,
            self.parts | other.parts,
        )


@dataclass
class _Collected:
    symbols: Collection[str]
    stores: set[str] = field(default_factory=set)
    receivers: set[str] = field(default_factory=set)
    passed: set[str] = field(default_factory=set)
    parts: set[str] = field(default_factory=set)
    called: set[str] = field(default_factory=set)


def touches(nodes: Iterable[ast.AST], symbols: Collection[str] = ()) -> Touches:
    """What `nodes` themselves (not what is below them) may change.

    symbols: names of tasks; what calls of them do to their arguments does not count.
    """
    found = _Collected(symbols)
    runs = False
    mentioned: set[str] = set()
    for node in nodes:
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                mentioned.add(name)
            case ast.Attribute(ctx=ast.Store() | ast.Del()) | ast.Subscript(ctx=ast.Store() | ast.Del()):
                found.stores |= set(roots(node))
            case ast.AugAssign(target=ast.Name(id=name)):
                found.stores.add(name)
            case ast.Call():
                runs = True
                _call(node, found)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                for decorator in node.decorator_list:
                    runs = True
                    _decorator(decorator, found)
                if isinstance(node, ast.ClassDef):
                    parts = [*node.bases, *(word.value for word in node.keywords)]
                    found.called |= {root for part in parts for root in roots(part)}
            case ast.With() | ast.AsyncWith():
                runs = True
    if runs:
        found.called |= mentioned
    return Touches(
        frozenset(found.stores),
        frozenset(found.receivers),
        frozenset(found.passed),
        frozenset(found.called - set(symbols)),
        runs,
        frozenset(found.parts),
    )


def _call(node: ast.Call, found: _Collected) -> None:
    arguments = [*node.args, *(word.value for word in node.keywords)]
    match node.func:
        case ast.Name(id="setattr" | "delattr"):
            found.stores |= set(roots(node.args[0])) if node.args else set()
            arguments = arguments[1:]
        case ast.Name(id=name) if name in PURE or name in found.symbols:
            return
        case ast.Attribute(value=ast.Call(func=ast.Name(id="vars"), args=[owner])):
            found.stores |= set(roots(owner))
        case ast.Attribute(value=owner, attr=method) if method not in PURE_METHODS:
            found.receivers |= set(roots(owner))
        case ast.Call() | ast.Subscript():  # `getattr(items, "append")(1)`, `handlers["add"](1)`
            found.receivers |= set(roots(node.func))
    for argument in arguments:
        places = found.parts if _is_part(argument) else found.passed
        places.update(held(argument, found.symbols))


def _decorator(node: ast.expr, found: _Collected) -> None:
    """`@kind("max")`, `@pair.register`, `@add_to(Net)`: each may keep, or change, what it is given."""
    if isinstance(node, ast.Attribute):
        found.receivers |= set(roots(node))
    found.called |= set(roots(node.func if isinstance(node, ast.Call) else node))


def roots(node: ast.AST) -> Iterator[str]:
    """The name that an expression like `a.b[0].c` starts from; of `f(a).b`, both `f` and `a`."""
    pending = [node]
    while pending:
        item: ast.AST = pending.pop()
        while isinstance(item, ast.Attribute | ast.Subscript | ast.Starred | ast.Await):
            item = item.value
        if isinstance(item, ast.Name):
            yield item.id
        elif isinstance(item, ast.Call):
            pending += [item.func, *item.args]
        elif isinstance(item, ast.IfExp):
            pending += [item.body, item.orelse]
        elif isinstance(item, ast.BoolOp):
            pending += item.values


def held(node: ast.AST, symbols: Collection[str] = ()) -> Iterator[str]:
    """Names of which the object may be reached through the value of an expression, calls of `symbols` aside.

    What a call is given a part of (`nn.Linear(784, config["classes"])`) it is thought to read.
    """
    pending = [node]
    while pending:
        node = pending.pop()
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in PURE_VALUES or name in symbols:
                continue
            case ast.Constant() | ast.JoinedStr() | ast.Compare():
                continue
            case ast.Name(id=name):
                yield name
            case ast.Lambda():
                pending += node.args.defaults
            case ast.Call():
                pending += [node.func, *_whole(node)]
            case _:
                pending += ast.iter_child_nodes(node)


def _whole(node: ast.Call) -> list[ast.expr]:
    """The arguments of a call, without those that are a part of something."""
    given = [*node.args, *(word.value for word in node.keywords)]
    return [item for item in given if not _is_part(item)]


def _is_part(node: ast.expr) -> bool:
    """Whether what is given is a part of an object, by which the object cannot be reached."""
    return isinstance(node, PARTS) and not (isinstance(node, ast.Attribute) and node.attr in CHANGING_METHODS)


def derived(nodes: Iterable[ast.AST], symbols: Collection[str] = ()) -> dict[str, frozenset[str]]:
    """Name -> names of which the object may be reached by it: another name for it, or a container that holds it."""
    found: dict[str, set[str]] = defaultdict(set)
    for node in nodes:
        for target, value in _given(node):
            names = set(held(value, symbols))
            for item in ast.walk(target):
                if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store):
                    found[item.id] |= names
                elif isinstance(item, ast.Attribute | ast.Subscript):
                    for root in roots(item):
                        found[root] |= names
        if isinstance(node, ast.Call):
            for keeper, kept in _kept(node, symbols):
                found[keeper] |= kept
    return {name: frozenset(names - {name}) for name, names in found.items() if names - {name}}


def _kept(node: ast.Call, symbols: Collection[str]) -> Iterator[tuple[str, set[str]]]:
    """What a call may leave in what: `items.append(x)` keeps x in items, `fill(items, x)` in either of them."""
    given = _whole(node)
    match node.func:
        case ast.Name(id=name) if name in PURE or name in symbols:
            return
        case ast.Attribute(value=owner, attr=method) if method not in PURE_METHODS:
            keepers = set(roots(owner))
        case _:
            keepers = set()
    kept = {name for argument in given for name in held(argument, symbols)}
    direct = {name for argument in given for name in roots(argument)} if len(given) <= MAX_KEEPERS else set()
    for keeper in keepers | direct:
        yield keeper, kept


def _given(node: ast.AST) -> list[tuple[ast.expr, ast.expr]]:
    """Targets of a node with what each is given, or takes its items from."""
    match node:
        case ast.Assign():
            return [(target, node.value) for target in node.targets]
        case ast.AnnAssign(value=ast.expr() as value):
            return [(node.target, value)]
        case ast.NamedExpr() | ast.AugAssign():
            return [(node.target, node.value)]
        case ast.For() | ast.AsyncFor() | ast.comprehension():
            return [(node.target, node.iter)]
        case ast.withitem(optional_vars=ast.expr() as target):
            return [(target, node.context_expr)]
    return []


def returned(node: ast.stmt) -> frozenset[str]:
    """Names that a function gives as they are: `def config(): return CONFIG`, `yield CONFIG`."""
    if not isinstance(node, Function):
        return frozenset()
    return frozenset(
        item.value.id
        for item in ast.walk(node)
        if isinstance(item, ast.Return | ast.Yield) and isinstance(item.value, ast.Name)
    )


def held_by_class(node: ast.stmt, symbols: Collection[str] = ()) -> frozenset[str]:
    """Names of which the object is an attribute of a class: `class Model: items = ITEMS`."""
    if not isinstance(node, ast.ClassDef):
        return frozenset()
    values = [value for item in node.body for _, value in _given(item)]
    return frozenset(name for value in values for name in held(value, symbols))


def changed_defaults(node: ast.stmt) -> frozenset[str]:
    """Names of what a function changes by a parameter's default: `def remember(key, cache=CACHE)`.

    The function's own name where the default is made with it (`cache={}`).
    """
    if not isinstance(node, Function):
        return frozenset()
    given = [*node.args.posonlyargs, *node.args.args]
    pairs = [
        *zip(reversed(given), reversed(node.args.defaults), strict=False),
        *zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True),
    ]
    inside = [item for statement in node.body for item in ast.walk(statement)]
    changed = touches(inside).all if pairs else frozenset()
    found: set[str] = set()
    for parameter, default in pairs:
        if default is not None and parameter.arg in changed and not isinstance(default, ast.Constant):
            found |= set(held(default)) or {node.name}
    return frozenset(found)


def constants(node: ast.stmt) -> frozenset[str]:
    """Names that a statement binds to values that nothing can change: numbers, texts, tuples of them."""
    return frozenset(
        item.id
        for target, value in _given(node)
        if not isinstance(node, ast.For | ast.AsyncFor | ast.AugAssign) and _is_immutable(value)
        for item in ast.walk(target)
        if isinstance(item, ast.Name)
    )


def flat(node: ast.stmt) -> frozenset[str]:
    """Names that a statement binds to what holds values that nothing can change: `{"lr": 0.1}`, a class of settings."""
    if isinstance(node, ast.ClassDef):
        is_flat = all(
            isinstance(item, ast.Pass | ast.Expr)
            or (isinstance(item, ast.Assign | ast.AnnAssign) and item.value and _is_immutable(item.value))
            for item in node.body
        )
        return frozenset([node.name]) if is_flat else frozenset()
    return frozenset(
        target.id
        for target, value in _given(node)
        if isinstance(target, ast.Name) and _holds_immutable(value)
    )


def _holds_immutable(node: ast.expr) -> bool:
    match node:
        case ast.Dict(values=values) | ast.List(elts=values) | ast.Tuple(elts=values):
            return all(map(_is_immutable, values))
        case ast.Call(func=function, args=[], keywords=words):
            return (
                _is_plain(function)
                and ast.unparse(function).split(".")[-1] in NAMESPACES
                and all(word.arg is not None and _is_immutable(word.value) for word in words)
            )
    return False


def _is_immutable(node: ast.expr) -> bool:
    match node:
        case ast.Constant() | ast.JoinedStr() | ast.Compare():
            return True
        case ast.UnaryOp(operand=operand):
            return _is_immutable(operand)
        case ast.BinOp(left=left, right=right):
            return _is_immutable(left) and _is_immutable(right)
        case ast.Tuple(elts=elements):
            return all(map(_is_immutable, elements))
        case ast.Call(func=function):
            return ast.unparse(function) in IMMUTABLE_CALLS if _is_plain(function) else False
    return False


def _is_plain(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) or (
        isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    )


def changes_parameters(node: ast.stmt) -> bool:
    """Whether functions in a statement may change what they are given: `cls.forward = f`, `setattr(cls, ...)`."""
    parameters = {item.arg for item in ast.walk(node) if isinstance(item, ast.arg)} - {"self"}
    return bool(touches(ast.walk(node)).stores & parameters)
