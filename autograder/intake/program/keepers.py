"""Classes and functions that keep what is made of them: a list of subclasses, of instances, of calls."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.intake.program.touches import CHANGING_METHODS, PURE_METHODS, Function, roots, touches

MAKERS = ("__init__", "__new__", "__post_init__")


def bases(node: ast.ClassDef) -> frozenset[str]:
    """Names of the base classes and of the metaclass."""
    parts = [*node.bases, *(word.value for word in node.keywords if word.arg == "metaclass")]
    return frozenset(root for part in parts for root in roots(part))


def hooks_subclasses(node: ast.ClassDef) -> bool:
    """Whether making a subclass of the class runs its code: `__init_subclass__`, or it is a metaclass."""
    return "type" in bases(node) or any(method.name == "__init_subclass__" for method in _methods(node))


def keeps_instances(node: ast.ClassDef) -> bool:
    """Whether making an instance may change the class: `self.all.append(...)` of a list that the class holds."""
    own = {
        target.id
        for item in node.body
        if isinstance(item, ast.Assign | ast.AnnAssign) and not isinstance(item.value, ast.Constant)
        for target in ast.walk(item)
        if isinstance(target, ast.Name) and isinstance(target.ctx, ast.Store)
    }
    for method in _methods(node):
        for item in ast.walk(method) if method.name in MAKERS else ():
            match item:
                case ast.Call(func=ast.Name(id="type")) | ast.Attribute(attr="__class__"):
                    return True
                case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name) if name in own:
                    return True
                case ast.Attribute(value=ast.Name(id="cls"), ctx=ast.Store()):
                    return True
    return False


def keeps_calls(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a call of what the class or function gives may change that: a counter, a registry."""
    if isinstance(node, ast.ClassDef):
        calls = [method for method in _methods(node) if method.name == "__call__"]
        found = [touches(ast.walk(method)) for method in calls]
        return any("self" in touched.stores | touched.receivers for touched in found)
    inner = [item for item in ast.walk(node) if isinstance(item, Function) and item is not node]
    local = {
        item.id for item in ast.walk(node) if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store)
    }
    called = {id(item.func) for item in ast.walk(node) if isinstance(item, ast.Call)}
    return (
        any(isinstance(item, ast.Nonlocal) for function in inner for item in ast.walk(function))
        or any(
            (found.stores | found.receivers) & local for found in (touches(ast.walk(item)) for item in inner)
        )
        # What changes an object of the function is given away: `return items.append`.
        or any(
            isinstance(item, ast.Attribute)
            and item.attr in CHANGING_METHODS
            and isinstance(item.value, ast.Name)
            and item.value.id in local
            and id(item) not in called
            for item in ast.walk(node)
        )
    )


def remembers(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a function gives again what it gave the first time: `@functools.lru_cache`."""
    parts = [item.func if isinstance(item, ast.Call) else item for item in node.decorator_list]
    return any(ast.unparse(part).split(".")[-1] in ("cache", "lru_cache") for part in parts)


def bound_calls(node: ast.stmt) -> frozenset[str]:
    """Names of what is called with an object of the program: `add = KINDS.append`, `add = partial(put, KINDS)`."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Attribute(attr=method)):
            return frozenset() if method in PURE_METHODS else frozenset([name])
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=function)):
            return frozenset([name]) if ast.unparse(function).split(".")[-1] == "partial" else frozenset()
    return frozenset()


def _methods(node: ast.ClassDef) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (item for item in node.body if isinstance(item, Function))
