"""Cells and files as a row of top-level statements, each with its facts."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from autograder.intake.program.statements import FUTURE, Facts, facts, parse
from autograder.intake.uploads.rejection import Rejected, refuse

MAX_STATEMENTS, MAX_CHARS = 20_000, 1_000_000


@dataclass(frozen=True)
class StarNames:
    """What `from module import *` brings. is_whole: that is all of it."""

    names: tuple[str, ...]
    is_whole: bool = True


# By the module's name, with a dot for each level; None where nothing is known of it.
FindStarNames = Callable[[str], StarNames | None]


@dataclass(frozen=True)
class Chunk:
    """A cell or a file: parsed Python text with line ends normalised.

    filename: shown in tracebacks. ids: those of a cell's ids that are task ids. checks: tasks of which this is the
    check cell. number: of the cell, from 1. first_line: the line of `filename` with which `source` begins. cell: the
    same for all that runs with one cell, 0 where a chunk is one by itself.
    """

    source: str
    filename: str
    ids: frozenset[str] = frozenset()
    number: int = 0
    checks: frozenset[str] = frozenset()
    first_line: int = 1
    cell: int = 0


@dataclass(frozen=True)
class Line:
    """One top-level statement of a chunk."""

    chunk: Chunk
    facts: Facts
    source: str
    first_line: int


@dataclass
class Program:
    """All top-level statements of a notebook or a file, in order.

    symbols: names of the tasks' functions and classes. star_names: what `from module import *` brings.
    """

    symbols: frozenset[str] = frozenset()
    star_names: FindStarNames = lambda module: None
    lines: list[Line] = field(default_factory=list)
    future: bool = False

    def add(self, chunk: Chunk, skip_main: bool = False) -> None:
        """Append the statements of a chunk. Raises: SyntaxError (and then appends nothing)."""
        tree = parse(chunk.source)
        future = self.future or any(
            isinstance(node, ast.ImportFrom) and node.module == "__future__"
            and any(alias.name == "annotations" for alias in node.names)
            for node in tree.body
        )  # fmt: skip
        if len(self.lines) + len(tree.body) > MAX_STATEMENTS:
            raise _too_long()
        encoded = chunk.source.encode().split(b"\n")
        new = []
        for node in tree.body:
            if skip_main and _is_main_guard(node):
                continue
            source, first_line = segment(node, encoded)
            first_line += chunk.first_line - 1
            for single, text in self._singles(node, source):
                new.append(Line(chunk, facts(single, text, future, self.symbols), text, first_line))
        self.lines += new
        self.future = future

    def _singles(self, node: ast.stmt, source: str) -> Iterator[tuple[ast.stmt, str]]:
        """One import a name: a module that the grader lacks hides nothing but its own names."""
        if not isinstance(node, ast.Import | ast.ImportFrom) or (
            isinstance(node, ast.ImportFrom) and node.module == "__future__"
        ):
            yield node, source
            return
        aliases = node.names
        if isinstance(node, ast.ImportFrom) and aliases[0].name == "*":
            found = self.star_names("." * node.level + (node.module or ""))
            if found is None or not found.is_whole:
                yield node, source
            aliases = [ast.alias(name) for name in found.names] if found is not None else []
        elif len(aliases) == 1:
            yield node, source
            return
        for alias in aliases:
            single: ast.Import | ast.ImportFrom = ast.Import([alias])
            if isinstance(node, ast.ImportFrom):
                single = ast.ImportFrom(node.module, [alias], node.level)
            yield ast.copy_location(single, node), ast.unparse(single)

    def statement_source(self, line: Line) -> tuple[str, int]:
        """Text to compile alone and the number of its first line: `from __future__` reaches later
        statements too.
        """
        node = line.facts.node
        if self.future and not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
            return f"{FUTURE}\n{line.source}", max(1, line.first_line - 1)
        return line.source, line.first_line


def check_size(chars: int) -> None:
    """Refuse programs that nobody wrote by hand: parsing them would take the grader's time.

    Raises: Rejected.
    """
    if chars > MAX_CHARS:
        raise _too_long()


def _too_long() -> Rejected:
    return refuse(
        f"в работе слишком много кода (больше {MAX_CHARS} знаков или {MAX_STATEMENTS} инструкций)",
        f"there is too much code (more than {MAX_CHARS} characters or {MAX_STATEMENTS} statements)",
    )


def segment(node: ast.stmt, encoded: Sequence[bytes]) -> tuple[str, int]:
    """The text of a statement (decorators included) and its first line.

    Columns of `ast` count UTF-8 bytes.
    """
    start, column = node.lineno, node.col_offset
    decorators = getattr(node, "decorator_list", [])
    if decorators:
        start, column = min(decorator.lineno for decorator in decorators), 0
    end = node.end_lineno or start
    lines = list(encoded[start - 1 : end])
    lines[-1] = lines[-1][: node.end_col_offset]
    lines[0] = lines[0][column:]
    return b"\n".join(lines).decode(), start


def _is_main_guard(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "__name__" in {
        item.id for item in ast.walk(node.test) if isinstance(item, ast.Name)
    }
