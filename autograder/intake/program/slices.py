"""The dependency slice: which statements must run so that some names have the value that Jupyter would give.

Position-aware: what is read when a statement runs needs the last binding before it; what is read inside function
bodies needs the last binding of the whole file, and also the last one before each place from which the function may
already have been called.
"""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from autograder.intake.program.statements import FUTURE, Facts, facts, parse
from autograder.intake.uploads.rejection import Rejected, refuse

MAX_STEPS, MAX_STATEMENTS, MAX_CHARS = 200_000, 20_000, 1_000_000


@dataclass(frozen=True)
class Chunk:
    """A cell or a file: parsed Python text with line ends normalised.

    filename: shown in tracebacks. ids: those of a cell's ids that are task ids.
    """

    source: str
    filename: str
    ids: frozenset[str] = frozenset()
    number: int = 0


@dataclass(frozen=True)
class Line:
    """One top-level statement of a chunk."""

    chunk: Chunk
    facts: Facts
    source: str
    first_line: int


@dataclass
class Program:
    """All top-level statements of a notebook or a file, in order."""

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
            new.append(Line(chunk, facts(node, source, future), source, first_line))
        self.lines += new
        self.future = future

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


class Slicer:
    """Follows names to the statements they need."""

    def __init__(
        self, lines: Sequence[Line], hidden: Mapping[str, Collection[int]], inert: Collection[int] = ()
    ) -> None:
        """Index the statements.

        hidden: name -> positions whose binding of it does not count (stubs, re-imports of the package).
        inert: positions whose changes do not count.
        """
        self._lines = lines
        self._binders: dict[str, list[int]] = defaultdict(list)
        self._changers: dict[str, list[int]] = defaultdict(list)
        self._sure: set[tuple[str, int]] = set()
        self._stars = [position for position, line in enumerate(lines) if line.facts.star]
        self._included: set[int] = set()
        self._seen: set[tuple[str, int]] = set()
        self._pending: list[tuple[str, int]] = []
        writers = _global_writers(lines)
        for position, line in enumerate(lines):
            written = {name for call in line.facts.calls for name in writers.get(call, ())}
            for name in {**line.facts.binds, **dict.fromkeys(sorted(written))}:
                if position not in hidden.get(name, ()):
                    self._binders[name].append(position)
                    if line.facts.binds.get(name):
                        self._sure.add((name, position))
            for name in line.facts.changes if position not in inert else ():
                self._changers[name].append(position)

    def slice(self, names: Iterable[str], extra: Iterable[int] = ()) -> list[int]:
        """Positions, in order, of what must run for `names` and for the statements `extra`.

        Raises: Rejected.
        """
        end = len(self._lines)
        self._pending += [(name, end) for name in names]
        for position in extra:
            self._include(position, end)
        while self._pending:
            name, place = self._pending.pop()
            if (name, place) not in self._seen:
                self._seen.add((name, place))
                self._resolve(name, place)
            if len(self._seen) > MAX_STEPS:
                raise refuse(
                    "код слишком запутан, чтобы выделить из него решения; сдайте его в solution.py",
                    "the code is too tangled to single out the solutions; hand them in as solution.py",
                )
        if self._included:
            self._included.update(self._stars)
        return sorted(self._included)

    def _resolve(self, name: str, place: int) -> None:
        binders = self._binders.get(name, [])
        last = 0
        for position in reversed(binders[: bisect_left(binders, place)]):
            self._include(position, place)
            last = position
            if (name, position) in self._sure:
                break
        changers = self._changers.get(name, [])
        for position in changers[bisect_left(changers, last) : bisect_left(changers, place)]:
            self._include(position, place)

    def _include(self, position: int, place: int) -> None:
        """Take a statement whose effect is needed at `place`: functions it defines may be called from
        there.
        """
        self._included.add(position)
        facts = self._lines[position].facts
        self._pending += [(name, position) for name in facts.uses_now | facts.changes]
        self._pending += [(name, len(self._lines)) for name in facts.uses_later]
        if place < len(self._lines):
            self._pending += [(name, place) for name in facts.uses_later]


def _global_writers(lines: Sequence[Line]) -> dict[str, set[str]]:
    """Function name -> globals that only a call of it binds (`global x` in its body).

    A global that is bound elsewhere too is left alone: the call may be a training cell, which must cost
    nothing.
    """
    bound = {name for line in lines for name in line.facts.binds}
    writers: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        if isinstance(line.facts.node, ast.FunctionDef):
            writers[line.facts.node.name] |= line.facts.writes_global - bound
    return writers
