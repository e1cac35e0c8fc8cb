"""One question with a student's own numbers, and what an answer to it is worth."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from autograder.text import Text

FULL, HALF, NONE = 1.0, 0.5, 0.0
Numbers = tuple[Fraction, ...]
NUMBER = re.compile(r"([-−–]?)(\d+)(?:[.,](\d+)|/(\d+))?")
SPLIT = re.compile(r"[\s;|]+")


@dataclass(frozen=True)
class Table:
    """Numbers that a question shows. caption: what they are."""

    caption: Text
    rows: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Question:
    """A question on paper.

    Args:
        text: what is asked.
        answer: the numbers that are right, row by row.
        shape: rows and columns of the boxes to write them into.
        near: answers that show the idea and one slip, worth a half.
        tables: what the question shows.
    """

    text: Text
    answer: Numbers
    shape: tuple[int, int] = (1, 1)
    near: tuple[Numbers, ...] = ()
    tables: tuple[Table, ...] = ()

    def mark(self, given: str) -> float:
        """1 for the right numbers, .5 for a slip that is known or at least half of several numbers, 0 otherwise.

        Raises: ValueError for what holds no numbers; nothing at all is worth 0.
        """
        if not given.strip():
            return NONE
        found = parse(given)
        if found == self.answer:
            return FULL
        if found in self.near:
            return HALF
        right = sum(one == other for one, other in zip(found, self.answer, strict=False))
        is_half = len(self.answer) > 1 and len(found) == len(self.answer) and 2 * right >= len(self.answer)
        return HALF if is_half else NONE

    @property
    def as_rows(self) -> list[Sequence[Fraction]]:
        """The right answer as it is to be written."""
        width = self.shape[1]
        return [self.answer[start : start + width] for start in range(0, len(self.answer), width)]


def numbers(*values: int | Fraction) -> Numbers:
    """As an answer holds them."""
    return tuple(map(Fraction, values))


def parse(text: str) -> Numbers:
    """The numbers of an answer, separated by spaces, semicolons or lines: `7`, `-1,5 2`, `1/4`.

    Raises: ValueError naming what is no number.
    """
    found = []
    for word in SPLIT.split(text.strip(" \t\r\n;|")):
        match = NUMBER.fullmatch(word)
        if match is None or (match[4] is not None and int(match[4]) == 0):
            raise ValueError(f"{word!r} is no number; write 7, -1.5 or 1/4, and a space between several")
        sign, whole, decimals, below = match.groups()
        value = Fraction(f"{whole}.{decimals}") if decimals else Fraction(int(whole), int(below or 1))
        found.append(-value if sign else value)
    return tuple(found)
