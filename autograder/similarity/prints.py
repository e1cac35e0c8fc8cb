"""Fingerprints of code: every ten tokens in a row.

MOSS and its like keep one of several fingerprints (winnowing) to save room among thousands of files. The code of a task
is short, so all are kept: no choice among them has to be explained, and each shows where it stands. The library that
does this for Python, copydetect, takes text, too; but numbers and brackets count there, it knows no idioms of a class,
and it needs matplotlib for its own page. What is left for it to do are the forty lines below.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import cached_property

from autograder.grading.again.code import Piece
from autograder.similarity.tokens import Row, parsed, rows

LENGTH = 10
Print = tuple[str, ...]


def prints(row: Row) -> list[Print]:
    """Of a row shorter than that there are none: it is too short to be anybody's."""
    texts = tuple(token.text for token in row)
    return [texts[start : start + LENGTH] for start in range(len(texts) - LENGTH + 1)]


def template(texts: Iterable[str]) -> frozenset[Print]:
    """The fingerprints of what every student was given."""
    trees = [tree for tree in map(parsed, texts) if tree is not None]
    return frozenset(one for tree in trees for text in rows([tree]) for row in text for one in prints(row))


@dataclass(frozen=True, eq=False)
class Work:
    """One student's code of one task; each is its own value. Of pieces that are no Python there are no rows."""

    student: str
    pieces: tuple[Piece, ...]
    rows: tuple[tuple[Row, ...], ...] = field(repr=False)

    @classmethod
    def of(cls, student: str, pieces: Collection[Piece]) -> Work:
        trees = {piece: tree for piece in pieces if (tree := parsed(piece.text)) is not None}
        return cls(student, tuple(trees), tuple(map(tuple, rows(trees.values()))))

    @cached_property
    def prints(self) -> frozenset[Print]:
        return frozenset(one for text in self.rows for row in text for one in prints(row))

    @cached_property
    def whole(self) -> tuple[tuple[str, ...], ...]:
        """All tokens, whatever the order of functions: equal for two works that differ in nothing that is compared."""
        return tuple(sorted(tuple(token.text for token in row) for text in self.rows for row in text))

    def num_lines(self, given: frozenset[Print]) -> int:
        """Statements that the student wrote: one a line, whatever the layout, without those that were given."""
        return sum(
            token.begins and not covered
            for text in self.rows
            for row in text
            for token, covered in zip(row, _covered(row, given), strict=True)
        )

    def lines(self, piece: int, found: Collection[Print]) -> frozenset[int]:
        """The lines of a piece, from 1, on which these fingerprints stand."""
        return frozenset(
            token.line
            for row in self.rows[piece]
            for token, covered in zip(row, _covered(row, found), strict=True)
            if covered
        )


def _covered(row: Row, found: Collection[Print]) -> list[bool]:
    covered = [False] * len(row)
    for start, one in enumerate(prints(row)):
        if one in found:
            covered[start : start + LENGTH] = [True] * LENGTH
    return covered
