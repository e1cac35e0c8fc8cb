"""The code of one task as it was handed in, with the student's own helpers, and all that students were given."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from autograder.course.assignment import Assignment
from autograder.course.manifest import Task
from autograder.grading.again.code import Piece
from autograder.intake.encodings import decode
from autograder.intake.submission import Submission
from autograder.intake.uploads.names import printable
from autograder.similarity.tokens import parsed
from autograder.text import Lang

HANDOUT, PUBLIC = "handout.py", "public"
FENCED = re.compile(r"^# ```python\n(.*?)^# ```$", re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r"^# ?", re.MULTILINE)


@dataclass(frozen=True)
class Bound:
    """A top-level statement, the names that it binds, and all names that stand in it."""

    piece: Piece
    binds: frozenset[str]
    uses: frozenset[str]


def code_of(submission: Submission, task: Task, others: frozenset[str], lang: Lang) -> list[Piece]:
    """What gives the task's functions and classes their meaning, and the student's own functions that these use.

    others: names of what other tasks ask, which are compared there. Imports are left out: they say nothing.
    """
    everything = list(_pieces(submission, task, lang))
    found: dict[Piece, None] = {}
    waiting, seen = [symbol.name for symbol in task.tops], set(others)
    while waiting:
        name = waiting.pop(0)
        if name in seen:
            continue
        seen.add(name)
        for statement in everything:
            if name in statement.binds:
                found.setdefault(statement.piece)
                waiting += sorted(statement.uses)
    return list(found)


def _pieces(submission: Submission, task: Task, lang: Lang) -> Iterator[Bound]:
    """Top-level statements: what is executed for the task, own modules, the task's files of the package."""
    world = next((one for one in submission.worlds if task.id in one.tasks), None)
    for statement in world.statements if world is not None else ():
        yield from _statements(statement.source, statement.place.get(lang), statement.first_line)
    files = {symbol.file for symbol in task.tops}
    own = ((name, data) for name, data in submission.own.items() if name.endswith(".py"))
    package = ((name, data) for name, data in submission.package.items() if name in files)
    for name, data in chain(own, package):
        yield from _statements(decode(data), printable(name), 1)


@lru_cache(maxsize=4096)
def _statements(source: str, place: str, first_line: int) -> tuple[Bound, ...]:
    """Cached: the tasks of a submission meet the same statements."""
    tree, lines = parsed(source), source.split("\n")
    return tuple(
        _bound(node, lines, place, first_line)
        for node in (tree.body if tree is not None else ())
        if not isinstance(node, ast.Import | ast.ImportFrom)
    )


def _bound(node: ast.stmt, lines: Sequence[str], place: str, first_line: int) -> Bound:
    first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))])
    text = "\n".join(lines[first - 1 : node.end_lineno])
    names = [one for one in ast.walk(node) if isinstance(one, ast.Name)]
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        binds = {node.name}
    else:
        binds = {one.id for one in names if isinstance(one.ctx, ast.Store)}
    return Bound(
        Piece(place, first_line + first - 1, text), frozenset(binds), frozenset(one.id for one in names)
    )


def given(assignment: Assignment) -> list[str]:
    """Texts that every student has: the student edition, the code of the handout, the public tests.

    One for each top-level statement, so that names are read as in a student's text of the same statement.
    """
    handout = _text(assignment, HANDOUT)
    public = sorted((assignment.folder / PUBLIC).glob("*.py"))
    edition = (data for name, data in assignment.edition.items() if name.endswith(".py"))
    files = [*map(decode, edition), handout, *(decode(path.read_bytes()) for path in public)]
    files += [COMMENT.sub("", fenced) for fenced in FENCED.findall(handout)]
    return [statement.piece.text for text in files for statement in _statements(text, "", 1)]


def _text(assignment: Assignment, name: str) -> str:
    path = assignment.folder / name
    return decode(path.read_bytes()) if path.is_file() else ""
