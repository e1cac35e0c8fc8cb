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

from autograder.course.manifest import Manifest
from autograder.course.ownership import AssignmentSymbols
from autograder.course.source_edit import (
    Function,
    bound_names,
    cut_alias,
    cut_statement,
    names_in,
    parse_module,
)
from autograder.errors import UsageError

PACKAGE = "hw_cnn"
INIT = f"{PACKAGE}/__init__.py"
SKIPPED_SUFFIXES = (".pyc", ".pyo", ".orig", ".rej", ".swp")


def edition(
    manifests: Sequence[Manifest | AssignmentSymbols], release: str, package_root: Path
) -> dict[str, bytes]:
    """Files of the student edition ("hw_cnn/..." -> bytes), sorted by path.

    manifests: the assignments whose symbols are emptied. release: name of the assignment, the first part of EDITION;
    tasks of other assignments say whose they are.
    package_root: the folder that holds the package `hw_cnn`.

    Raises: UsageError when a manifest names a symbol that does not exist.
    """
    files = read_package(package_root)
    sources = {name: data.decode() for name, data in files.items() if name.endswith(".py")}
    plans = plans_for(manifests, release)
    for name, plan in plans.items():
        if name not in sources:
            raise UsageError(f"there is no file {name}; correct the symbols in the manifest")
        for _, symbol in plan.symbols:
            find_definition(sources[name], symbol, name)
    for name, plan in plans.items():
        module = name.removesuffix(".py").replace("/", ".")
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
    numbers = [number for number, line in enumerate(lines) if line.startswith("EDITION = ")]
    if len(numbers) != 1:
        raise UsageError(f'{INIT} must hold one line `EDITION = "..."`, it has {len(numbers)}')
    lines[numbers[0]] = f'EDITION = "{value}"'
    return "\n".join(lines).encode()


@dataclass(frozen=True)
class Plan:
    """What happens to one module: (task, symbol without module) to empty, names to remove."""

    symbols: tuple[tuple[str, str], ...]
    remove: tuple[str, ...]


def plans_for(manifests: Iterable[Manifest | AssignmentSymbols], release: str) -> dict[str, Plan]:
    """File -> plan, over all tasks of all manifests, seen from the assignment `release`."""
    symbols: dict[str, list[tuple[str, str]]] = {}
    remove: dict[str, list[str]] = {}
    for manifest in manifests:
        # "task I2 is not written yet" would puzzle a student whose homework has no I2.
        whose = "" if manifest.name == release else f" of the assignment {manifest.name}"
        if isinstance(manifest, AssignmentSymbols) and manifest.older:
            whose = f" of the package's own {manifest.name}"
        if isinstance(manifest, AssignmentSymbols) and manifest.unasked:
            whose = f" of the whole {manifest.name}, not asked in this homework,"
        for task in manifest.tasks:
            for symbol in task.symbols:
                symbols.setdefault(symbol.file, []).append((task.id + whose, symbol.local))
            for symbol in task.remove:
                remove.setdefault(symbol.file, []).append(symbol.local)
    return {
        file: Plan(tuple(symbols.get(file, ())), tuple(dict.fromkeys(remove.get(file, ()))))
        for file in sorted({*symbols, *remove})
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
        for function in functions_of(find_definition(source, symbol)):
            for statement in function.body:
                names |= names_in(statement)
    for name in plan.remove:
        names |= names_in(find_definition(source, name))
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
    functions = functions_of(find_definition(module_source, symbol))
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
        return cut_statement(source, find_definition(source, name))
    for node in parse_module(source).body:
        if isinstance(node, ast.Import | ast.ImportFrom) and owner in bound_names(ast.Module([node], [])):
            return cut_alias(source, node, owner)
        if owner in bound_names(ast.Module([node], [])):
            return cut_statement(source, node)
    raise UsageError(f"there is no top-level name {owner!r} to remove; correct `remove` in the manifest")


def functions_of(node: ast.stmt) -> list[Function]:
    """The functions that a symbol consists of: itself, or all methods of a class."""
    if isinstance(node, ast.ClassDef):
        return [item for item in node.body if isinstance(item, Function)]
    return [node] if isinstance(node, Function) else []


def find_definition(source: str, symbol: str, where: str = "the module") -> ast.stmt:
    """The definition of a symbol. Raises: UsageError."""
    first, _, second = symbol.split(":")[-1].partition(".")
    definition: ast.stmt | None = None
    for node in parse_module(source).body:
        if first in bound_names(ast.Module([node], [])):
            definition = node
    if second:
        body = definition.body if isinstance(definition, ast.ClassDef) else []
        methods = [item for item in body if isinstance(item, Function) and item.name == second]
        definition = methods[-1] if methods else None
    if definition is None:
        raise UsageError(f"there is no {symbol!r} in {where}; correct the symbol in the manifest")
    return definition
