"""Named variables of a student's function, and the same function cut off behind one of them."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace

from autograder.course.symbol import Symbol
from autograder.intake.encodings import decode
from autograder.intake.load_plan import Statement
from autograder.intake.submission import Submission


@dataclass(frozen=True)
class Variable:
    """name: as the student calls it. lines: first and last of the statement that gives it its value, from 1.

    place: of that statement in the body, from 0.
    """

    name: str
    lines: tuple[int, int]
    place: int


def definition_of(submission: Submission, symbol: Symbol) -> str | None:
    """The text of the student's own function, with its comments; None where it is no plain `def`."""
    found = None
    for source in sources_of(submission, symbol):
        node = _function(source, symbol.name)
        found = ast.get_source_segment(source, node) if node is not None else found
    return found


def variables_of(definition: str) -> list[Variable]:
    """What a function assigns in its body, outside of loops and branches: there each has one value in a call."""
    (node,) = ast.parse(definition).body
    assert isinstance(node, ast.FunctionDef)
    found = []
    arguments = {argument.arg for argument in ast.walk(node.args) if isinstance(argument, ast.arg)}
    for place, statement in enumerate(node.body):
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id=name)])
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr())
            ):
                if name not in arguments:
                    found.append(
                        Variable(name, (statement.lineno, statement.end_lineno or statement.lineno), place)
                    )
    return found


def cut_off(submission: Submission, symbol: Symbol, place: int, name: str) -> Submission:
    """The same submission, but that the function returns `name` behind the statement `place` of its body."""
    worlds = tuple(
        replace(
            world, statements=tuple(_cut_statement(one, symbol.name, place, name) for one in world.statements)
        )
        for world in submission.worlds
    )
    package = dict(submission.package)
    if symbol.file in package:
        package[symbol.file] = _cut(decode(package[symbol.file]), symbol.name, place, name).encode()
    return replace(submission, worlds=worlds, package=package)


def sources_of(submission: Submission, symbol: Symbol) -> list[str]:
    """Where the function may stand, the last one counts: package file first, then what is executed."""
    package = [decode(submission.package[symbol.file])] if symbol.file in submission.package else []
    return package + [one.source for world in submission.worlds[:1] for one in world.statements]


def _function(source: str, name: str) -> ast.FunctionDef | None:
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return None
    return next(
        (node for node in body[::-1] if isinstance(node, ast.FunctionDef) and node.name == name), None
    )


def _cut_statement(statement: Statement, function: str, place: int, name: str) -> Statement:
    source = _cut(statement.source, function, place, name)
    return replace(statement, source=source)


def _cut(source: str, function: str, place: int, name: str) -> str:
    found = _function(source, function)
    if found is None or place >= len(found.body):
        return source
    tree = ast.parse(source)
    node = next(one for one in tree.body[::-1] if isinstance(one, ast.FunctionDef) and one.name == function)
    node.body[place + 1 :] = [ast.Return(ast.Name(name, ast.Load()))]
    return ast.unparse(ast.fix_missing_locations(tree))
