"""Rows of a written task: what a student answers in words, and a person marks by a rubric.

A row has a cell of its own in the notebook, which begins with a placeholder. The sentence is public; rubric and model
answer are for staff, and never in a bundle.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field, StringConstraints

from autograder.text import Text, Value

RowId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
PLACEHOLDER = Text(ru="*Напишите здесь*", en="*Write here*")
# What `nbgrader generate_assignment` writes in its place, unless its settings say otherwise.
NBGRADERS = "YOUR ANSWER HERE"
# The check cell of task W is "W-test".
RESERVED = ("test",)


class PublicRow(Value):
    """What students may know of a row: what is asked, what full points need, and how many they are."""

    id: RowId
    points: float = Field(gt=0)
    sentence: Text


class Row(PublicRow):
    """A row with what staff mark it by: points for what, and an answer that earns them all."""

    rubric: Text
    answer: Text

    @property
    def public(self) -> PublicRow:
        """The row without what is for staff."""
        return PublicRow(id=self.id, points=self.points, sentence=self.sentence)


def cell_id(task: str, row: str) -> str:
    """The id of the notebook's cell for an answer: `W-filter`."""
    return f"{task}-{row}"


def without_placeholder(text: str) -> str:
    """What a student wrote into a cell: its text without the placeholder, whoever's it is; "" for nothing."""
    placeholders = {PLACEHOLDER.ru, PLACEHOLDER.en, NBGRADERS}
    return "\n".join(line for line in text.split("\n") if line.strip() not in placeholders).strip()


def points_of(rows: Iterable[PublicRow]) -> float:
    """The sum of their points."""
    return sum(row.points for row in rows)
