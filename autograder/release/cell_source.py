"""A task's definitions as the text of one cell that runs by itself: with the imports and helpers that they need."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Mapping, Sequence

from autograder.course.edition import PACKAGE, find_definition
from autograder.course.manifest import Task
from autograder.course.source_edit import bound_names, names_in, parse_module
from autograder.course.symbol import by_module

# What the project's own lint is told to ignore is no concern of a student's.
NOQA = re.compile(r"  # noqa.*$", re.MULTILINE)


def task_source(task: Task, files: Mapping[str, bytes], edition: Mapping[str, bytes]) -> str:
    """The task's definitions out of `files` as text that runs by itself beside the student edition.

    Each import is there once, on top, also where the definitions come from several modules.
    """
    imports: set[tuple[str, str]] = set()
    blocks: list[str] = []
    for module, symbols in by_module(task.tops).items():
        path, names = symbols[0].file, [symbol.name for symbol in symbols]
        needed, copied = _needed(files[path].decode(), module, names, edition[path].decode())
        imports |= needed
        blocks += copied
    return NOQA.sub("", _joined(imports, blocks))


def definition_source(module_source: str, name: str) -> str:
    """Text of the top-level definition `name`, decorators included. Raises: UsageError if it is absent."""
    node = find_definition(module_source, name)
    decorators = getattr(node, "decorator_list", [])
    start = min([node.lineno, *(decorator.lineno for decorator in decorators)])
    return "\n".join(module_source.split("\n")[start - 1 : node.end_lineno])


def runnable_source(module_source: str, module: str, names: Sequence[str], given: str | None = None) -> str:
    """The definitions `names` with the imports and helpers they need: a cell that runs by itself.

    given: the source of the same module in the student edition; what it holds is imported from there instead
    of copied.
    """
    return _joined(*_needed(module_source, module, names, given))


def _needed(
    module_source: str, module: str, names: Sequence[str], given: str | None
) -> tuple[set[tuple[str, str]], list[str]]:
    """Imports as (module, name), and the texts of the definitions in the order of their module."""
    tree = parse_module(module_source)
    available = bound_names(parse_module(given)) if given is not None else set()
    imports: set[tuple[str, str]] = set()
    copied: list[tuple[int, str]] = []
    pending, seen = list(names), set()
    while pending:
        name = pending.pop()
        if name in seen:
            continue
        seen.add(name)
        for node in tree.body:
            if name not in bound_names(ast.Module([node], [])):
                continue
            if isinstance(node, ast.Import | ast.ImportFrom):
                imports.add(_one_import(node, name, module))
            elif name in available and name not in names:
                imports.add((module, name))
            else:
                copied.append((node.lineno, definition_source(module_source, name)))
                pending += sorted(names_in(node) - {name})
    return imports, [text for _, text in sorted(set(copied))]


def _joined(imports: Collection[tuple[str, str]], blocks: Sequence[str]) -> str:
    header = _import_lines(imports)
    return "\n\n\n".join([header, *blocks] if header else blocks)


def _one_import(node: ast.Import | ast.ImportFrom, name: str, module: str) -> tuple[str, str]:
    """(module, name) of `from module import name`, ("", name) of `import name`; relative origins made
    absolute.
    """
    alias = next(item for item in node.names if (item.asname or item.name.split(".")[0]) == name)
    text = ast.unparse(alias)
    if isinstance(node, ast.Import):
        return "", text
    origin = node.module or ""
    if node.level:
        base = module.split(".")[: -node.level]
        origin = ".".join([*base, *([node.module] if node.module else [])])
    return origin, text


def _import_lines(imports: Collection[tuple[str, str]]) -> str:
    """Import statements, one for each module, the course's own after the others."""
    lines = [f"import {name}" for module, name in sorted(imports) if not module]
    for origin in sorted(
        {module for module, _ in imports if module}, key=lambda item: (item.startswith(PACKAGE), item)
    ):
        names = ", ".join(sorted(name for module, name in imports if module == origin))
        lines.append(f"from {origin} import {names}")
    return "\n".join(lines)
