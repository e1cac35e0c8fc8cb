"""The student edition of `hw_cnn`: task symbols emptied, their helpers gone, everything else byte for byte.

Works on source text with `ast` and line ranges, so comments and layout outside of emptied bodies survive.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import io
import tokenize
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.course.manifest import Manifest, UsageError
from autograder.course.source_edit import (
    Function,
    bound_names,
    cut_alias,
    cut_statement,
    names_in,
    parse_module,
)

PACKAGE = "hw_cnn"
INIT = f"{PACKAGE}/__init__.py"
SKIPPED_SUFFIXES = (".pyc", ".pyo", ".orig", ".rej", ".swp")


def edition(manifests: Sequence[Manifest], release: str, package_root: Path) -> dict[str, bytes]:
    """Files of the student edition ("hw_cnn/..." -> bytes), sorted by path.

    manifests: those whose symbols are emptied. release: name of the assignment, the first part of EDITION; tasks of
    other assignments say whose they are.
    package_root: the folder that holds the package `hw_cnn`.

    Raises: UsageError when a manifest names a symbol that does not exist.
    """
    files = read_package(package_root)
    sources = {name: data.decode() for name, data in files.items() if name.endswith(".py")}
    plans = plans_for(manifests, release)
    for module, plan in plans.items():
        name = module.replace(".", "/") + ".py"
        if name not in sources:
            raise UsageError(
                f"there is no module {module}; correct the symbol {plan.symbols[0][1]!r} in the manifest"
            )
        for _, symbol in plan.symbols:
            _find(sources[name], symbol, name)
    for module, plan in plans.items():
        name = module.replace(".", "/") + ".py"
        others = [text for other, text in sources.items() if other != name]
        sources[name] = empty_module(sources[name], plan, names_used_outside(others, module))
    files |= {name: text.encode() for name, text in sources.items()}
    files[INIT] = set_edition(files[INIT], f"{release}-{edition_digest(files)}")
    return dict(sorted(files.items()))


def read_package(package_root: Path) -> dict[str, bytes]:
    """All files of the package as they are, caches and editors' litter left out."""
    files = {}
    for path in sorted((package_root / PACKAGE).rglob("*")):
        relative = path.relative_to(package_root)
        hidden = any(part == "__pycache__" or part.startswith(".") for part in relative.parts)
        if path.is_file() and not hidden and path.suffix not in SKIPPED_SUFFIXES:
            files[relative.as_posix()] = path.read_bytes()
    if INIT not in files:
        raise UsageError(f"{package_root} does not hold the package {PACKAGE}")
    return files


def edition_digest(files: Mapping[str, bytes]) -> str:
    """Twelve hex digits over all paths and contents."""
    total = hashlib.sha256()
    for name in sorted(files):
        total.update(name.encode() + b"\0" + hashlib.sha256(files[name]).digest())
    return total.hexdigest()[:12]


def set_edition(source: bytes, value: str) -> bytes:
    """Rewrite the line `EDITION = ...`. Raises: UsageError when there is not exactly one."""
    lines = source.decode().split("\n")
    found = [number for number, line in enumerate(lines) if line.startswith("EDITION = ")]
    if len(found) != 1:
        raise UsageError(f'{INIT} must hold one line `EDITION = "..."`, it has {len(found)}')
    lines[found[0]] = f'EDITION = "{value}"'
    return "\n".join(lines).encode()


@dataclass(frozen=True)
class Plan:
    """What happens to one module: (task, symbol without module) to empty, names to remove."""

    symbols: tuple[tuple[str, str], ...]
    remove: tuple[str, ...]


def plans_for(manifests: Iterable[Manifest], release: str) -> dict[str, Plan]:
    """Module -> plan, over all tasks of all manifests, seen from the assignment `release`."""
    symbols: dict[str, list[tuple[str, str]]] = {}
    remove: dict[str, list[str]] = {}
    for manifest in manifests:
        # "task I2 is not written yet" would puzzle a student whose homework has no I2.
        whose = "" if manifest.name == release else f" of the assignment {manifest.name}"
        for task in manifest.tasks:
            for path in task.symbols:
                module, _, name = path.partition(":")
                symbols.setdefault(module, []).append((task.id + whose, name))
            for path in task.remove:
                module, _, name = path.partition(":")
                remove.setdefault(module, []).append(name)
    return {
        module: Plan(tuple(symbols.get(module, ())), tuple(remove.get(module, ())))
        for module in sorted({*symbols, *remove})
    }


def empty_module(source: str, plan: Plan, used_outside: Collection[str] = ()) -> str:
    """The module with the plan carried out, and names that only emptied bodies used removed.

    used_outside: names that other modules of the package use; they stay.
    """
    lost = names_of_emptied(source, plan)
    for task, symbol in plan.symbols:
        source = stub_source(source, symbol, task)
    for name in plan.remove:
        source = cut_name(source, name)
    keep = {symbol.split(".")[0] for _, symbol in plan.symbols} | set(used_outside)
    while True:
        tree = parse_module(source)
        used = names_in(tree) | _exported(tree)
        dead = sorted((lost - used - keep) & bound_names(tree))
        if not dead:
            break
        lost |= {
            name
            for node in tree.body
            if bound_names(ast.Module([node], [])) & set(dead)
            for name in names_in(node)
        }
        source = cut_name(source, dead[0])
    compile(source, "<student edition>", "exec", dont_inherit=True)
    return source


def names_of_emptied(source: str, plan: Plan) -> set[str]:
    """Every name that a body to be emptied, or a definition to be removed, uses."""
    names: set[str] = set()
    for _, symbol in plan.symbols:
        for function in _functions(_find(source, symbol)):
            for statement in function.body:
                names |= names_in(statement)
    for name in plan.remove:
        names |= names_in(_find(source, name))
    return names


def names_used_outside(sources: Iterable[str], module: str) -> set[str]:
    """Names that these modules import from `module`, or read as an attribute of whatever object."""
    names: set[str] = set()
    for imported, attributes in map(_uses, sources):
        # A relative import may mean any module.
        names |= imported.get(module, frozenset()) | imported.get("", frozenset()) | attributes
    return names


@functools.lru_cache(maxsize=1024)
def _uses(source: str) -> tuple[Mapping[str, frozenset[str]], frozenset[str]]:
    """The names that a module imports, by where from ("" where that is relative), and the attributes that it reads.

    Remembered: each module of the package is asked about once for each module with a task.
    """
    imported: dict[str, set[str]] = {}
    attributes: set[str] = set()
    for node in ast.walk(parse_module(source)):
        if isinstance(node, ast.ImportFrom):
            whence = "" if node.level > 0 else node.module or ""
            imported.setdefault(whence, set()).update(alias.name for alias in node.names)
        elif isinstance(node, ast.Attribute):
            attributes.add(node.attr)
    return {whence: frozenset(names) for whence, names in imported.items()}, frozenset(attributes)


def _exported(tree: ast.Module) -> set[str]:
    """Strings in `__all__` and in tables of exports."""
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def stub_source(module_source: str, symbol: str, task: str) -> str:
    """The module with `symbol` ("Name", "Class.method", "module:Name") emptied.

    Signature, decorators and docstring stay, the body becomes `raise NotImplementedError("task F1")`. Of a
    class all methods are emptied. Raises: UsageError if the symbol is absent.
    """
    functions = _functions(_find(module_source, symbol))
    lines = module_source.split("\n")
    for function in sorted(functions, key=lambda item: item.lineno, reverse=True):
        start, end = body_range(function, lines)
        indent = " " * (function.col_offset + 4)
        lines[start:end] = [f'{indent}raise NotImplementedError("task {task}")']
    return "\n".join(lines)


def body_range(function: Function, lines: Sequence[str]) -> tuple[int, int]:
    """The lines (from, to; counted from 0) of a body after its docstring, comments around it included."""
    has_docstring = ast.get_docstring(function) is not None
    header = _header_end(function, lines)
    start = (function.body[0].end_lineno or 0) if has_docstring else header
    rest = function.body[1:] if has_docstring else []
    if function.body[0].lineno <= header or any(statement.lineno <= start for statement in rest):
        raise UsageError(f"put the body of {function.name} into lines of its own, so that it can be emptied")
    end = function.end_lineno or start
    for number in range(end, len(lines)):
        text = lines[number]
        if text.strip() and len(text) - len(text.lstrip()) <= function.col_offset:
            break
        if text.strip() and not text.lstrip().startswith("#"):
            break
        if text.strip():
            end = number + 1
    return start, end


def _header_end(function: Function, lines: Sequence[str]) -> int:
    """The number of the line after the colon of the signature, counted from 0."""
    text = "\n".join(lines[function.lineno - 1 :])
    depth = 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.string in ("(", "[", "{"):
            depth += 1
        elif token.string in (")", "]", "}"):
            depth -= 1
        elif token.string == ":" and depth == 0:
            return function.lineno - 1 + token.end[0]
    raise UsageError(f"the signature of {function.name} has no end")


def cut_name(source: str, name: str) -> str:
    """The module without `name`: a definition, an assignment, an imported name, or "Class.method"."""
    owner, _, method = name.partition(".")
    if method:
        return cut_statement(source, _find(source, name))
    for node in parse_module(source).body:
        if isinstance(node, ast.Import | ast.ImportFrom) and owner in bound_names(ast.Module([node], [])):
            return cut_alias(source, node, owner)
        if owner in bound_names(ast.Module([node], [])):
            return cut_statement(source, node)
    raise UsageError(f"there is no top-level name {owner!r} to remove; correct `remove` in the manifest")


def _functions(node: ast.stmt) -> list[Function]:
    """The functions that a symbol consists of: itself, or all methods of a class."""
    if isinstance(node, ast.ClassDef):
        return [item for item in node.body if isinstance(item, Function)]
    return [node] if isinstance(node, Function) else []


def _find(source: str, symbol: str, where: str = "the module") -> ast.stmt:
    """The definition of a symbol. Raises: UsageError."""
    first, _, second = symbol.split(":")[-1].partition(".")
    found: ast.stmt | None = None
    for node in parse_module(source).body:
        if first in bound_names(ast.Module([node], [])):
            found = node
    if second:
        body = found.body if isinstance(found, ast.ClassDef) else []
        methods = [item for item in body if isinstance(item, Function) and item.name == second]
        found = methods[-1] if methods else None
    if found is None:
        raise UsageError(f"there is no {symbol!r} in {where}; correct the symbol in the manifest")
    return found


def definition_source(module_source: str, name: str) -> str:
    """Text of the top-level definition `name`, decorators included. Raises: UsageError if it is absent."""
    node = _find(module_source, name)
    decorators = getattr(node, "decorator_list", [])
    start = min([node.lineno, *(decorator.lineno for decorator in decorators)])
    return "\n".join(module_source.split("\n")[start - 1 : node.end_lineno])


def runnable_source(module_source: str, module: str, names: Sequence[str], given: str | None = None) -> str:
    """The definitions `names` with the imports and helpers they need: a cell that runs by itself.

    given: the source of the same module in the student edition; what it holds is imported from there instead
    of copied.
    """
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
    blocks = [text for _, text in sorted(set(copied))]
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
