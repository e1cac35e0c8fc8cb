"""Where the source of a task names calls that the task forbids, whether they run or not.

Only what the task is made of is looked at: functions, classes and values that it needs. An assertion beside them, or a
comparison that nothing needs, is the student's own affair.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from autograder.intake.program.lines import Line
from autograder.wire.forbidden_calls import number_of

MADE_OF = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign)
IMPORTERS = ("import_module", "__import__")
RUNNERS = ("exec", "eval", "compile")


@dataclass(frozen=True)
class Named:
    """A forbidden call in the text: its name in the manifest, and where it stands."""

    name: str
    filename: str
    line: int


def named_calls(lines: Sequence[Line], forbidden: Sequence[str]) -> list[Named]:
    """The first place of each of the `forbidden` names, however it is spelled there. lines: what the task needs."""
    if not forbidden:
        return []
    aliases: dict[str, str] = {}
    for line in lines:
        aliases |= _imported(line.facts.node)
    for line in lines:
        aliases |= _renamed(line.facts.node, aliases)
    found: dict[str, Named] = {}
    for line in lines:
        if not isinstance(line.facts.node, MADE_OF):
            continue
        for dotted, number in _mentions(line.facts.node, aliases):
            position = number_of(forbidden, dotted)
            if position is not None:
                name = forbidden[position]
                here = Named(name, line.chunk.filename, number + line.chunk.first_line - 1)
                found.setdefault(name, here)
    return list(found.values())


def _imported(node: ast.AST) -> dict[str, str]:
    """Local name -> what it stands for, of all imports in a statement, those inside of functions too."""
    names: dict[str, str] = {}
    for inner in ast.walk(node):
        if isinstance(inner, ast.Import):
            for alias in inner.names:
                known = alias.asname or alias.name.partition(".")[0]
                names[known] = alias.name if alias.asname else known
        elif isinstance(inner, ast.ImportFrom) and inner.module and not inner.level:
            for alias in inner.names:
                names[alias.asname or alias.name] = f"{inner.module}.{alias.name}"
    return names


def _renamed(node: ast.AST, aliases: dict[str, str]) -> dict[str, str]:
    """`f = torch.nn.functional` is another name of the same."""
    names: dict[str, str] = {}
    for inner in ast.walk(node):
        if isinstance(inner, ast.Assign) and (dotted := _dotted(inner.value, aliases)):
            names |= {target.id: dotted for target in inner.targets if isinstance(target, ast.Name)}
    return names


def _mentions(node: ast.AST, aliases: dict[str, str]) -> Iterator[tuple[str, int]]:
    """(dotted name, line) of everything that is read in a statement."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.expr) and (dotted := _dotted(inner, aliases)):
            yield dotted, inner.lineno
        if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name) and inner.func.id in RUNNERS:
            for text in _texts(inner.args):
                yield from ((dotted, inner.lineno) for dotted, _ in _of_text(text, aliases))


def _of_text(text: str, aliases: dict[str, str]) -> Iterable[tuple[str, int]]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return list(_mentions(tree, aliases | _imported(tree)))


def _texts(nodes: Iterable[ast.expr]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _dotted(node: ast.expr, aliases: dict[str, str]) -> str:
    """`F.conv2d`, `getattr(F, "conv2d")`, `import_module("torch").conv2d` -> its full name; "" for anything else."""
    match node:
        case ast.Name(id=name, ctx=ast.Load()):
            return aliases.get(name, "")
        case ast.Attribute(value=value, attr=attribute):
            owner = _dotted(value, aliases)
            return f"{owner}.{attribute}" if owner else ""
        case ast.Call(func=ast.Name(id="getattr"), args=[owner_node, ast.Constant(value=str(attribute)), *_]):
            owner = _dotted(owner_node, aliases)
            return f"{owner}.{attribute}" if owner else ""
        case ast.Call(
            func=ast.Name(id=name) | ast.Attribute(attr=name), args=[ast.Constant(value=str(module)), *_]
        ) if name in IMPORTERS:
            return module
    return ""
