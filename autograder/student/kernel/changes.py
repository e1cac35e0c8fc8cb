"""What a cell changes in place, and which own modules were changed after the kernel had imported them."""

from __future__ import annotations

import ast
import importlib.util
import sys
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType

# Of a compiled module: magic number, flags, then time and size of its source (PEP 552).
HEADER_BYTES = 16
FLAGS, TIME, SIZE = slice(4, 8), slice(8, 12), slice(12, 16)
WHOLE = 0xFFFFFFFF


def changed_names(text: str) -> set[str]:
    """Names whose objects the top level of a cell changes: `cfg["x"] = 1`, `Net.forward = f`, `del cfg["x"]`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            body = ast.parse(text).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return set()
    return {root for target in _targets(body) if (root := _root(target)) is not None}


def _targets(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    for node in body:
        if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
            yield node
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            yield from _targets(ast.iter_child_nodes(node))


def _root(target: ast.AST) -> str | None:
    while isinstance(target, ast.Attribute | ast.Subscript):
        target = target.value
    return target.id if isinstance(target, ast.Name) else None


def changed_file(value: object, folder: Path) -> str | None:
    """The file below `folder` that a value comes from, where it is no longer what the kernel has imported.

    value: a module, or a function or class of one.
    """
    module = (
        value if isinstance(value, ModuleType) else sys.modules.get(str(getattr(value, "__module__", "")))
    )
    name = getattr(module, "__file__", None)
    if not isinstance(name, str) or not name.endswith(".py"):
        return None
    file, root = Path(name).resolve(), folder.resolve()
    if not file.is_relative_to(root) or "site-packages" in file.parts or not _is_newer(file):
        return None
    return file.relative_to(root).as_posix()


def _is_newer(file: Path) -> bool:
    """Whether the source differs from what Python compiled when it was imported; no where nothing was kept of that."""
    try:
        header = Path(importlib.util.cache_from_source(str(file))).read_bytes()[:HEADER_BYTES]
        now = file.stat()
    except (OSError, NotImplementedError):
        return False
    if len(header) < HEADER_BYTES or any(header[FLAGS]):
        return False  # made from the text, not from its time
    recorded = [int.from_bytes(header[part], "little") for part in (TIME, SIZE)]
    return recorded != [int(now.st_mtime) & WHOLE, now.st_size & WHOLE]
