"""What somebody does to a copy so that it does not look like one. All of it leaves valid Python."""

from __future__ import annotations

import ast
import builtins
import random
from collections.abc import Callable

Disguise = Callable[[str, random.Random], str]


def renamed(source: str, rng: random.Random) -> str:
    """Every name that the code gives gets another one: variables, arguments, helpers, attributes of its own classes."""
    tree = ast.parse(source)
    tops = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    own = {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    own |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    new = {
        name: f"v{rng.randrange(10**6)}_{place}" for place, name in enumerate(sorted(own - tops - {"self"}))
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            node.id = new.get(node.id, node.id)
        elif isinstance(node, ast.arg) or (isinstance(node, ast.keyword) and node.arg):
            node.arg = new.get(node.arg, node.arg)
    return ast.unparse(tree)


def relaid(source: str, rng: random.Random) -> str:
    """Other line breaks, brackets, quotes, comments and blank lines, and a docstring."""
    lines = []
    for line in ast.unparse(ast.parse(source)).split("\n"):
        indent = line[: len(line) - len(line.lstrip())]
        if rng.random() < 0.3:
            lines += ["", f"{indent}# {rng.randrange(1000)}"]
        lines.append(line)
        if line.startswith("def ") and line.endswith(":"):
            lines.append('    """Mine."""')
    return "\n".join(lines)


def other_numbers(source: str, rng: random.Random) -> str:
    """Numbers and texts are other ones."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, int | float)
            and not isinstance(node.value, bool)
        ):
            node.value = rng.randrange(100)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = f"text {rng.randrange(100)}"
    return ast.unparse(tree)


def functions_moved(source: str, rng: random.Random) -> str:
    """Functions and classes stand in another order, methods, too."""
    tree = ast.parse(source)
    for node in [tree, *(one for one in ast.walk(tree) if isinstance(one, ast.ClassDef))]:
        moved = [one for one in node.body if isinstance(one, ast.FunctionDef | ast.ClassDef)]
        rest = [one for one in node.body if one not in moved]
        rng.shuffle(moved)
        node.body = [*rest, *moved]
    return ast.unparse(tree)


def statements_moved(source: str, rng: random.Random) -> str:
    """Two neighbours that need nothing of each other change places, in each function once where there are any."""
    tree = ast.parse(source)
    for node in (one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)):
        places = [
            place
            for place, (one, other) in enumerate(zip(node.body, node.body[1:], strict=False))
            if _binds(one)
            and _binds(other)
            and not _binds(one) & _names(other)
            and not _binds(other) & _names(one)
        ]
        if places:
            place = rng.choice(places)
            node.body[place : place + 2] = node.body[place : place + 2][::-1]
    return ast.unparse(tree)


def talkative(source: str, rng: random.Random) -> str:
    """A line that does nothing stands somewhere in each function."""
    tree = ast.parse(source)
    for node in (one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)):
        node.body.insert(rng.randrange(len(node.body)), ast.parse("print('here')").body[0])
    return ast.unparse(ast.fix_missing_locations(tree))


def all_at_once(source: str, rng: random.Random) -> str:
    """One after the other."""
    for disguise in (statements_moved, functions_moved, other_numbers, talkative, renamed, relaid):
        source = disguise(source, rng)
    return source


def _binds(node: ast.stmt) -> set[str]:
    if not isinstance(node, ast.Assign):
        return set()
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}


def _names(node: ast.stmt) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)} - set(dir(builtins))


LEAVE_NOTHING: tuple[Disguise, ...] = (renamed, relaid, other_numbers, functions_moved)
"""After these everything is compared as equal."""
ALL: tuple[Disguise, ...] = (*LEAVE_NOTHING, statements_moved, talkative, all_at_once)
