"""A grid: what people are shown of one array, and how its numbers, its caption and its parts are written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from autograder.text import Lang, Text, Value
from autograder.wire.safe_text import clean_line

Role = Literal["input", "got", "expected"]
Number = int | float | Annotated[str, Field(max_length=40)]
"""Text stands for what JSON has no number for: nan, inf, -inf, complex numbers."""
Said = Annotated[str, BeforeValidator(lambda text: clean_line(text) if isinstance(text, str) else text)]

ROLES: dict[Role, Text | None] = {
    "input": None,
    "got": Text(ru="получено", en="got"),
    "expected": Text(ru="ожидалось", en="expected"),
}
EMPTY = Text(ru="пусто", en="empty")


class Part(Value):
    """A piece of a matrix of the array: `rows` from row `row` and column `column` on.

    index: which matrix, one number for each axis before the last two. marked: [row, column] within the piece of the
    numbers that differ.
    """

    index: tuple[int, ...] = ()
    row: int = 0
    column: int = 0
    rows: tuple[tuple[Number, ...], ...]
    marked: tuple[tuple[int, int], ...] = ()


class Grid(Value):
    """What is shown of one array: all of a small one, of a large one the parts around what differs.

    name: of an argument, or what an answer is, "" for the output. type: `numpy.ndarray`, where an answer and what was
    expected are of different types, else "". labels: of the columns, where they have names.
    other_labels: numbers of the columns whose labels only this side has. other: the type, the shape or the dtype is not
    the one that was expected.
    """

    name: Said = ""
    role: Role = "input"
    shape: tuple[int, ...] = ()
    dtype: Said = ""
    type: Said = ""
    parts: tuple[Part, ...] = ()
    labels: tuple[Said, ...] = ()
    other_labels: tuple[int, ...] = ()
    other: bool = False

    @property
    def num_marked(self) -> int:
        """How many of the numbers and labels that are shown differ."""
        return sum(len(part.marked) for part in self.parts) + len(self.other_labels)

    def title(self, lang: Lang) -> str:
        """`x`, `got`, `got: gradient of x`."""
        role = ROLES[self.role]
        parts = [role.get(lang)] if role is not None else []
        return ": ".join([*parts, *([self.name] if self.name else [])])

    @property
    def kind(self) -> str:
        """Shape and dtype, and the type where that is told: `numpy.ndarray (3,) float32`; no shape without axes."""
        return " ".join(part for part in (self.type, str(self.shape or ""), self.dtype) if part)

    def heading(self, part: Part) -> str:
        """Where a part stands, as one would write it in Python: `[0, 1, :, :]`, `[18:22, 34:40]`; "" for all."""
        sizes = (1, 1, *self.shape)[-2:]
        lengths = (len(part.rows), len(part.rows[0]) if part.rows else 0)
        starts = (part.row, part.column)
        is_cut = [length < size for length, size in zip(lengths, sizes, strict=True)]
        pieces = [
            f"{start}:{start + length}" if cut else ":"
            for start, length, cut in zip(starts, lengths, is_cut, strict=True)
        ]
        is_one_of_several = any(size > 1 for size in self.shape[:-2])
        if not is_one_of_several and not any(is_cut):
            return ""
        return f"[{', '.join([*map(str, part.index), *pieces[-len(self.shape) :]])}]"


def written(value: Number) -> str:
    """A number as it is shown: with as many digits as it has, few where they are enough."""
    if not isinstance(value, float):
        return str(value)
    text = f"{value:.9g}"
    return text if float(text) == value else repr(value)


def cells(part: Part) -> list[list[tuple[str, bool]]]:
    """(text, whether it differs) of each number."""
    marked = set(part.marked)
    return [
        [(written(value), (i, j) in marked) for j, value in enumerate(row)] for i, row in enumerate(part.rows)
    ]


def is_marked(grids: Sequence[Grid]) -> bool:
    """Whether anything in these is marked."""
    return any(grid.num_marked or grid.other for grid in grids)
