"""A live function or class of a kernel: where its code was compiled, and which global names it reads."""

from __future__ import annotations

import dis
import inspect
from collections.abc import Iterator, Mapping
from types import CodeType, FunctionType
from typing import Any

READS = ("LOAD_GLOBAL", "LOAD_NAME")


def functions(value: object) -> Iterator[FunctionType]:
    """The function itself, what a decorator has wrapped, or the functions of a class."""
    if isinstance(value, type):
        for item in vars(value).values():
            inner = getattr(item, "__func__", item) if not isinstance(item, property) else item.fget
            if isinstance(inner, FunctionType):
                yield from functions(inner)
    elif isinstance(value, FunctionType):
        yield value
        unwrapped = inspect.unwrap(value)
        if unwrapped is not value and isinstance(unwrapped, FunctionType):
            yield unwrapped


def filename(value: object) -> str | None:
    """The name under which its code was compiled; that of what is inside where a decorator of a library wraps it."""
    found = list(functions(value))
    if isinstance(value, type):  # a method that was set from outside says nothing of the class
        inside = f"{value.__qualname__}."
        found = [function for function in found if function.__qualname__.startswith(inside)]
    return found[-1].__code__.co_filename if found else None


def names_read(value: object, namespace: Mapping[str, Any]) -> dict[str, None]:
    """Global names of the notebook that it reads, those of helpers included, nearest first."""
    found: dict[str, None] = {}
    pending = [value]
    seen: set[int] = set()
    while pending:
        current = pending.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        own = [item for item in functions(current) if item.__globals__ is namespace]
        names = [name for function in own for name in _global_names(function.__code__)]
        bases = list(current.__bases__) if isinstance(current, type) else []
        for base in bases:
            if namespace.get(base.__name__) is base:
                names.append(base.__name__)
        for name in names:
            if name in namespace:
                found.setdefault(name)
                pending.append(namespace[name])
    return found


def _global_names(code: CodeType) -> Iterator[str]:
    for instruction in dis.get_instructions(code):
        if instruction.opname in READS and isinstance(instruction.argval, str):
            yield instruction.argval
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _global_names(constant)
