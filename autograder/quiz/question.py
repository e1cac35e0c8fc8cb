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


# What is typed for a box that holds nothing.
EMPTY_BOX = "?"


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

        Raises: ValueError for what holds no numbers, or not as many as there are boxes; nothing at all is worth 0.
        """
        if not given.strip():
            return NONE
        found = parse(given)
        if found == self.answer:
            return FULL
        if found in self.near:
            return HALF
        if len(found) != len(self.answer):
            raise ValueError(f"{len(found)} of {len(self.answer)} numbers; write ? for a box that is empty")
        right = sum(one == other for one, other in zip(found, self.answer, strict=True))
        return HALF if len(self.answer) > 1 and 2 * right >= len(self.answer) else NONE

    @property
    def as_rows(self) -> list[Sequence[Fraction]]:
        """The right answer as it is to be written."""
        width = self.shape[1]
        return [self.answer[start : start + width] for start in range(0, len(self.answer), width)]


def numbers(*values: int | Fraction) -> Numbers:
    """As an answer holds them."""
    return tuple(map(Fraction, values))


def parse(text: str) -> tuple[Fraction | None, ...]:
    """The numbers of an answer, separated by spaces, semicolons or lines: `7`, `-1,5 2`, `1/4`; None for a `?`.

    Raises: ValueError naming what is no number.
    """
    found: list[Fraction | None] = []
    for word in SPLIT.split(text.strip(" \t\r\n;|")):
        if word == EMPTY_BOX:
            found.append(None)
            continue
        match = NUMBER.fullmatch(word)
        if match is None or (match[4] is not None and int(match[4]) == 0):
            raise ValueError(f"{word!r} is no number; write 7, -1.5 or 1/4, and a space between several")
        sign, whole, decimals, below = match.groups()
        value = Fraction(f"{whole}.{decimals}") if decimals else Fraction(int(whole), int(below or 1))
        found.append(-value if sign else value)
    return tuple(found)
